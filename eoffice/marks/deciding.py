"""Decisions of the principal as they are typed: each cell is taken or refused for itself.

The cells of one pupil that are sent together are one decision: a reason and what it is about stand
or fall together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.assessment.year import Outcome
from eoffice.classes.actions import cleaned_text, locked
from eoffice.errors import Invalid, Refusal
from eoffice.files.tables.words import folded
from eoffice.marks import year_actions, year_queries
from eoffice.marks.entry import CellChanged
from eoffice.marks.year_queries import DecisionRow
from eoffice.web.principal import Principal


class Kind(StrEnum):
    """The cells that a pupil has."""

    CHOSEN = "chosen"
    REASON = "reason"
    OUTCOME = "outcome"


#: As the grid shows them.
CHOSEN: Final = "x"
LETTERS: Final[dict[Outcome, str]] = {Outcome.PROMOTED: "L", Outcome.HELD_BACK: "Ở"}
_WORDS: Final = {
    "l": Outcome.PROMOTED,
    "len lop": Outcome.PROMOTED,
    "len": Outcome.PROMOTED,
    "o": Outcome.HELD_BACK,
    "o lai": Outcome.HELD_BACK,
    "o lai lop": Outcome.HELD_BACK,
}
_YES: Final = frozenset({"x", "co", "v"})


class NotADecision(Invalid):
    """What was typed says neither yes nor no, or neither up nor back."""


@dataclass(frozen=True, slots=True)
class TypedDecision:
    """One cell; `seen` is the tag of what stood there."""

    pupil_id: UUID
    kind: Kind
    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class DecisionOutcome:
    """What the cell shows now, and why it is not what was typed; None where it is."""

    typed: TypedDecision
    now: str
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What is on record of a pupil, or would be."""

    is_chosen: bool
    outcome: Outcome | None
    reason: str

    def shown(self, kind: Kind) -> str:
        match kind:
            case Kind.CHOSEN:
                return CHOSEN if self.is_chosen else ""
            case Kind.OUTCOME:
                return "" if self.outcome is None else LETTERS[self.outcome]
            case Kind.REASON:
                return self.reason

    def with_cell(self, kind: Kind, text: str) -> Decided:
        """As it is once this was typed. Raises NotADecision."""
        match kind:
            case Kind.CHOSEN:
                return replace(self, is_chosen=_chosen(text))
            case Kind.OUTCOME:
                return replace(self, outcome=_outcome(text))
            case Kind.REASON:
                return replace(self, reason=cleaned_text(text))


def of_row(row: DecisionRow) -> Decided:
    return Decided(row.is_chosen, row.decided, row.reason)


def cells(row: DecisionRow) -> tuple[Kind, ...]:
    """What can be said of the pupil."""
    found = [Kind.CHOSEN] if row.may_be_chosen else []
    if row.may_be_chosen or row.is_open:
        found.append(Kind.REASON)
    return (*found, Kind.OUTCOME) if row.is_open else tuple(found)


def tag(shown: str) -> str:
    """By which a cell is known that somebody changed meanwhile; short for reasons of any length."""
    return f'"{hashlib.sha256(shown.encode()).hexdigest()[:16] if shown else ""}"'


def enter(
    session: Session,
    class_id: UUID,
    typed: Sequence[TypedDecision],
    *,
    by: Principal,
    at: datetime,
) -> tuple[DecisionOutcome, ...]:
    """Write cells of a class; the outcomes in the order of `typed`.

    Raises NoClass, NotOfTheClass, NoTraits; what `year_actions.decide` raises is the outcome of
    every cell of that pupil.
    """
    locked(session, class_id)
    rows = {row.pupil.id: row for row in year_queries.decisions(session, class_id, who=by).rows}
    found: dict[int, DecisionOutcome] = {}
    by_pupil: dict[UUID, list[tuple[int, TypedDecision]]] = {}
    for place, one in enumerate(typed):
        by_pupil.setdefault(one.pupil_id, []).append((place, one))
    for pupil_id, sent in by_pupil.items():
        row = rows.get(pupil_id)
        if row is None:
            gone = Invalid("Lớp không có học sinh này. Hãy tải lại trang.")
            found |= {place: DecisionOutcome(one, "", gone) for place, one in sent}
        else:
            found |= _pupil(session, class_id, row, sent, by, at)
    return tuple(found[place] for place in range(len(typed)))


def _pupil(
    session: Session,
    class_id: UUID,
    row: DecisionRow,
    sent: Sequence[tuple[int, TypedDecision]],
    by: Principal,
    at: datetime,
) -> dict[int, DecisionOutcome]:
    before = becomes = of_row(row)
    found: dict[int, DecisionOutcome] = {}
    taken: list[tuple[int, TypedDecision]] = []
    for place, one in sent:
        now = before.shown(one.kind)
        try:
            if one.kind not in cells(row):
                raise Invalid(f"Không quyết định điều này về {row.pupil.name}. Hãy tải lại trang.")
            wanted = becomes.with_cell(one.kind, one.text)
            if wanted.shown(one.kind) != now and one.seen != tag(now):
                holds = f"đang ghi “{now}”" if now else "đang trống"
                raise CellChanged(f"Ô này vừa được người khác sửa, hiện {holds}.")
        except Refusal as refusal:
            found[place] = DecisionOutcome(one, now, refusal)
            continue
        becomes = wanted
        taken.append((place, one))
    refused: Refusal | None = None
    if becomes != before:
        try:
            year_actions.decide(
                session, class_id, row.pupil.code, is_chosen=becomes.is_chosen,
                outcome=becomes.outcome, reason=becomes.reason, by=by, at=at,
            )  # fmt: skip
        except Refusal as refusal:
            refused = refusal
    stands = before if refused is not None else becomes
    return found | {
        place: DecisionOutcome(one, stands.shown(one.kind), refused) for place, one in taken
    }


def _chosen(text: str) -> bool:
    word = folded(text)
    if word and word not in _YES:
        raise NotADecision(f"Ô ghi “{text.strip()[:30]}”; ghi x nếu tập thể lớp công nhận.")
    return bool(word)


def _outcome(text: str) -> Outcome | None:
    word = folded(text)
    if word and word not in _WORDS:
        raise NotADecision(
            f"Ô ghi “{text.strip()[:30]}”; quyết định chỉ ghi L (lên lớp) hoặc Ở (ở lại lớp)."
        )
    return _WORDS.get(word)
