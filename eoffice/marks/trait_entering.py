"""Qualities and competences as they are typed: each cell is taken or refused for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.assessment.year import TraitLevel, TraitTime
from eoffice.classes import actions
from eoffice.errors import Invalid, Refusal
from eoffice.files.tables.words import folded
from eoffice.marks import year_actions, year_queries
from eoffice.marks.entry import CellChanged
from eoffice.web.principal import Principal

#: As the books print them.
LETTERS: Final[dict[TraitLevel, str]] = {
    TraitLevel.GOOD: "T",
    TraitLevel.ACHIEVED: "Đ",
    TraitLevel.NEEDS_EFFORT: "C",
}
_WORDS: Final = {
    "t": TraitLevel.GOOD,
    "tot": TraitLevel.GOOD,
    "d": TraitLevel.ACHIEVED,
    "dat": TraitLevel.ACHIEVED,
    "c": TraitLevel.NEEDS_EFFORT,
    "can co gang": TraitLevel.NEEDS_EFFORT,
    "ccg": TraitLevel.NEEDS_EFFORT,
}


class NotALevel(Invalid):
    """What was typed is no level of a quality or competence."""


@dataclass(frozen=True, slots=True)
class TypedTrait:
    """One cell; `seen` is the tag of what stood there."""

    pupil_id: UUID
    trait: str
    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class TraitOutcome:
    """What the cell holds now, and why it is not what was typed; None where it is."""

    typed: TypedTrait
    now: TraitLevel | None
    refused: Refusal | None = None


def understood(text: str) -> TraitLevel:
    """The level that a person typed. Raises NotALevel.

    Who was judged once has a level; so an emptied cell is refused.
    """
    found = _WORDS.get(folded(text))
    if found is None:
        said = f"Ô ghi “{text.strip()[:30]}”" if text.strip() else "Ô để trống"
        raise NotALevel(f"{said}; mức chỉ ghi T (Tốt), Đ (Đạt) hoặc C (Cần cố gắng).")
    return found


def tag(level: TraitLevel | None) -> str:
    """By which a cell is known that somebody changed meanwhile."""
    return f'"{level or ""}"'


def enter(
    session: Session,
    class_id: UUID,
    time: TraitTime,
    typed: Sequence[TypedTrait],
    *,
    by: Principal,
    at: datetime,
) -> tuple[TraitOutcome, ...]:
    """Write cells of one time; the outcomes in the order of `typed`.

    Raises NoClass, BookBinds, NotAllowed, NotOfTheCircular.
    """
    actions.locked(session, class_id)
    standing = year_queries.traits(session, class_id, time)
    codes = {pupil_id: code for code, pupil_id in actions.pupil_ids(session, class_id).items()}
    outcomes: list[TraitOutcome] = []
    levels: dict[tuple[str, str], TraitLevel] = {}
    for one in typed:
        now = standing.get((one.pupil_id, one.trait))
        try:
            if one.pupil_id not in codes:
                raise Invalid("Lớp không có học sinh này. Hãy tải lại trang.")
            if now is None and not one.text.strip():
                outcomes.append(TraitOutcome(one, None))
                continue
            level = understood(one.text)
            if level is not now and one.seen != tag(now):
                holds = "đang trống" if now is None else f"đang ghi {LETTERS[now]}"
                raise CellChanged(f"Ô này vừa được người khác sửa, hiện {holds}.")
        except Refusal as refusal:
            outcomes.append(TraitOutcome(one, now, refusal))
            continue
        if level is not now:
            levels[codes[one.pupil_id], one.trait] = level
        outcomes.append(TraitOutcome(one, level))
    if levels:
        year_actions.record_traits(session, class_id, time, levels, by=by, at=at)
    return tuple(outcomes)
