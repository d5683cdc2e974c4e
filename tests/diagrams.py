"""The life cycles of the office as diagrams, made from the tables that the program runs by.

`docs/cycles.md` holds one diagram behind each marker `<!-- cycle: name -->`; a test compares.
`python -m tests.diagrams` writes them anew.

Promises have no table in the program: their steps are single SQL statements that two processes may
run at once. Their table stands here, and `tests/test_docs.py` walks every pair of state and step
through the real functions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from eoffice.documents import states as documents
from eoffice.extracts import states as copies
from eoffice.filing import closing_states as closing
from eoffice.outbox import PromiseState
from eoffice.registers import correction_states as corrections
from eoffice.registers import states as registers
from eoffice.reports import states as reports
from eoffice.rolls import certificate_states as certificates
from eoffice.routing import states as routing
from eoffice.signing.batches import rules as batches
from eoffice.signing.images import states as images
from eoffice.signing.requests import states as requests
from eoffice.transfers import states as transfers

PAGE: Final = Path(__file__).parent.parent / "docs" / "cycles.md"


class PromiseStep(StrEnum):
    """What relay and worker do with a promise; the names are those of the functions."""

    HAND_OVER = "hand_over"
    CLAIM = "claim"
    KEEP = "keep"
    PUT_OFF = "put_off"
    #: `put_off` after the last attempt.
    GIVE_UP = "give_up"


_P = PromiseState

#: Of a promise that is due and whose lease, if it has one, ran out.
PROMISES: Final[dict[tuple[PromiseState, PromiseStep], PromiseState]] = {
    (_P.WAITING, PromiseStep.HAND_OVER): _P.SENT,
    (_P.SENT, PromiseStep.HAND_OVER): _P.SENT,
    (_P.CLAIMED, PromiseStep.HAND_OVER): _P.SENT,
    (_P.WAITING, PromiseStep.CLAIM): _P.CLAIMED,
    (_P.SENT, PromiseStep.CLAIM): _P.CLAIMED,
    (_P.CLAIMED, PromiseStep.CLAIM): _P.CLAIMED,
    # Whoever has done the work may say so, even where others meanwhile gave the promise up.
    (_P.WAITING, PromiseStep.KEEP): _P.KEPT,
    (_P.SENT, PromiseStep.KEEP): _P.KEPT,
    (_P.CLAIMED, PromiseStep.KEEP): _P.KEPT,
    (_P.FAILED, PromiseStep.KEEP): _P.KEPT,
    # A claim that was rolled back leaves the row as it was before.
    (_P.WAITING, PromiseStep.PUT_OFF): _P.WAITING,
    (_P.SENT, PromiseStep.PUT_OFF): _P.WAITING,
    (_P.CLAIMED, PromiseStep.PUT_OFF): _P.WAITING,
    (_P.WAITING, PromiseStep.GIVE_UP): _P.FAILED,
    (_P.SENT, PromiseStep.GIVE_UP): _P.FAILED,
    (_P.CLAIMED, PromiseStep.GIVE_UP): _P.FAILED,
}


@dataclass(frozen=True, slots=True)
class Cycle:
    """One life: where it begins, and where each step leads."""

    begins: StrEnum
    table: Mapping[tuple[Any, Any], StrEnum]
    #: State -> how people call it.
    names: Mapping[Any, str] = field(default_factory=dict)

    def mermaid(self) -> str:
        """The diagram, in the order of the states and of the table."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {state}: {self.names[state]}" for state in self._states() if self.names]
        lines.append(f"    [*] --> {self.begins}")
        steps: dict[tuple[str, str], list[str]] = {}
        for (state, step), following in self.table.items():
            steps.setdefault((state, following), []).append(step)
        lines += [f"    {a} --> {b}: {', '.join(how)}" for (a, b), how in steps.items()]
        lines += [f"    {state} --> [*]" for state in self.ends()]
        return "\n".join(lines)

    def ends(self) -> list[StrEnum]:
        """States from which no step leads on."""
        leads_on = {state for state, _ in self.table}
        return [state for state in self._states() if state not in leads_on]

    def _states(self) -> list[StrEnum]:
        return list(type(self.begins))


CYCLES: Final = {
    "documents": Cycle(documents.State.DRAFT, documents.TABLE, documents.NAMES),
    "deliveries": Cycle(
        routing.DeliveryState.DELIVERED, routing.DELIVERIES, routing.DELIVERY_NAMES
    ),
    "arrivals": Cycle(routing.ArrivalState.REGISTERED, routing.ARRIVALS, routing.ARRIVAL_NAMES),
    "gradebooks": Cycle(registers.State.RENDERING, registers.TABLE, registers.NAMES),
    "report books": Cycle(reports.PartState.PREPARING, reports.TABLE, reports.NAMES),
    "corrections": Cycle(corrections.State.REQUESTED, corrections.TABLE, corrections.NAMES),
    "packages of pupils": Cycle(transfers.TransferState.MADE, transfers.TABLE, transfers.NAMES),
    "certified copies": Cycle(copies.CopyState.AWAITING_SIGNATURE, copies.TABLE, copies.NAMES),
    "certificates": Cycle(
        certificates.CertificateState.ENTERED,
        certificates.CERTIFICATES,
        certificates.CERTIFICATE_NAMES,
    ),
    "blank forms": Cycle(
        certificates.BlankState.LEFT, certificates.BLANKS, certificates.BLANK_NAMES
    ),
    "closed books": Cycle(closing.State.BEGUN, closing.TABLE, closing.NAMES),
    "signature requests": Cycle(requests.RequestState.REQUESTED, requests.TABLE, requests.NAMES),
    "pictures of signatures": Cycle(images.ImageState.OFFERED, images.TABLE, images.NAMES),
    "things signed in a batch": Cycle(batches.ItemState.WAITING, batches.TABLE, batches.NAMES),
    "promises": Cycle(PromiseState.WAITING, PROMISES),
}

_BLOCK = re.compile(r"(<!-- cycle: ([a-z ]+) -->\n)(?:\n*```mermaid\n.*?\n```\n)?", re.DOTALL)


def written_into(page: str) -> str:
    """The page with each diagram as it has to be."""

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}\n```mermaid\n{CYCLES[found[2]].mermaid()}\n```\n"

    return _BLOCK.sub(block, page)


def shown_on(page: str) -> list[str]:
    """Names of the cycles that the page has a place for."""
    return [found[2] for found in _BLOCK.finditer(page)]


if __name__ == "__main__":
    PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
