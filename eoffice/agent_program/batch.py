"""One batch: everything that waits is fetched, examined, shown, signed with one PIN, and sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eoffice.agent_program import examining, tokens
from eoffice.agent_program.examining import NotWhatItSays
from eoffice.agent_program.keeping import Pairing
from eoffice.agent_program.office import Office, OfficeRefuses, ToSign


@dataclass(frozen=True, slots=True)
class Examined:
    """A request that is what it says, with its file on this disk."""

    request: ToSign
    file: Path


@dataclass(slots=True)
class Fetched:
    """What waits: what can be signed, and what must not be, with the reason."""

    good: list[Examined] = field(default_factory=list)
    refused: list[tuple[ToSign, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch."""

    taken: int
    #: Title and reason of each that was not taken.
    failed: tuple[tuple[str, str], ...]


@contextmanager
def fetched(office: Office, pairing: Pairing) -> Iterator[Fetched]:
    """Everything that waits, examined; the files are gone behind it."""
    with tempfile.TemporaryDirectory(prefix="eoffice-agent-") as folder:
        found = Fetched()
        for request in office.to_sign():
            try:
                content = office.file(request.id)
                require(request, content, pairing.certificate)
            except (NotWhatItSays, OfficeRefuses) as failure:
                found.refused.append((request, str(failure)))
                continue
            file = Path(folder) / f"{request.id}.pdf"
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
            found.good.append(Examined(request, file))
        yield found


def require(request: ToSign, content: bytes, own_certificate: bytes) -> None:
    """Raises NotWhatItSays."""
    examining.require_same(
        file=content,
        sha256=request.sha256,
        place=request.place,
        mechanism=request.mechanism,
        document_digest=request.document_digest,
        signed_attributes=request.signed_attributes,
        certificate=request.certificate,
        own_certificate=own_certificate,
    )


def sign(
    office: Office,
    pairing: Pairing,
    chosen: Sequence[Examined],
    pin: str,
    *,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Done:
    """Sign what was chosen with one opening of the token, and send each as it is made.

    Interrupted, nothing is lost: what was sent is with the office, what was not still waits.
    Each file is examined once more right before it is signed: it has lain on a disk meanwhile.
    Raises tokens.TokenTrouble, OfficeUnreachable.
    """
    taken, failed = 0, []
    with tokens.opened(
        Path(pairing.library), pairing.token_label, pairing.certificate, pin
    ) as token:
        for number, each in enumerate(chosen, start=1):
            try:
                require(each.request, each.file.read_bytes(), pairing.certificate)
                value = token.sign(each.request.signed_attributes, each.request.mechanism)
                (answer,) = office.bring({each.request.id: value})
            except (NotWhatItSays, OfficeRefuses) as failure:
                failed.append((each.request.title, str(failure)))
            else:
                if answer.taken:
                    taken += 1
                else:
                    failed.append((each.request.title, answer.detail))
            told(number, len(chosen))
    return Done(taken, tuple(failed))
