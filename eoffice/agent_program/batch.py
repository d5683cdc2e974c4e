"""One batch: everything that waits is fetched, examined, shown, signed with one PIN, and sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eoffice.agent_program import examining, made, tokens
from eoffice.agent_program.examining import NotWhatItSays
from eoffice.agent_program.keeping import Pairing
from eoffice.agent_program.made import Made
from eoffice.agent_program.office import (
    RETIRED,
    Office,
    OfficeRefuses,
    OfficeUnreachable,
    ToSign,
)


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
    #: Signed and kept here, because the office was not reached; sent before the next batch.
    unsent: int = 0


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

    Interrupted, nothing is lost: what was sent is with the office, what was made and not sent lies
    here (`made`), what was not made still waits. Where the office is not reached the rest is signed
    all the same, for the PIN is there now. A device that was retired meanwhile signs no further.
    Each file is examined once more right before it is signed: it has lain on a disk meanwhile.
    Raises tokens.TokenTrouble.
    """
    sending = _Sending(office)
    with tokens.opened(
        Path(pairing.library), pairing.token_label, pairing.certificate, pin
    ) as token:
        for number, each in enumerate(chosen, start=1):
            one = each.request
            try:
                require(one, each.file.read_bytes(), pairing.certificate)
                value = token.sign(one.signed_attributes, one.mechanism)
                made.keep(Made(one.id, one.title, value))
                sending.send(Made(one.id, one.title, value))
            except NotWhatItSays as failure:
                sending.failed.append((one.title, str(failure)))
            except OfficeRefuses as retired:
                sending.failed.append((one.title, str(retired)))
                break
            told(number, len(chosen))
    return sending.done


def send_made(office: Office) -> Done:
    """What was signed earlier and not sent, without a PIN.

    Idempotent: the office takes the same signature once. Raises OfficeRefuses where this device is
    not paired any more.
    """
    sending = _Sending(office)
    for each in made.kept():
        sending.send(each)
    return sending.done


class _Sending:
    """Signatures on their way; what is not answered for stays on this disk."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._taken = 0
        self._unsent = 0
        self.failed: list[tuple[str, str]] = []

    @property
    def done(self) -> Done:
        return Done(self._taken, tuple(self.failed), self._unsent)

    def send(self, value: Made) -> None:
        """After the line was lost once, the rest is not tried. Raises OfficeRefuses: not paired."""
        if self._unsent:
            self._unsent += 1
            return
        try:
            (answer,) = self._office.bring({value.request_id: value.value})
        except OfficeUnreachable:
            self._unsent += 1
            return
        except OfficeRefuses as refusal:
            made.forget(value.request_id)
            if refusal.status == RETIRED:
                raise
            self.failed.append((value.title, str(refusal)))
            return
        made.forget(value.request_id)
        if answer.taken:
            self._taken += 1
        else:
            self.failed.append((value.title, answer.detail))
