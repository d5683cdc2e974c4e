"""Pupils who have no seat in the new year yet: those who were left for later, seated one by one.

Whoever was to be decided when the year was opened waits here until a result is there, or until the
clerk knows the class; nobody who attends the school is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.year import Outcome
from eoffice.classes import opening_actions, opening_queries, opening_rules, year_names
from eoffice.classes.model import SchoolClass
from eoffice.errors import Invalid
from eoffice.marks import next_year
from eoffice.web.principal import Principal

_MOVES_UP: Final = "Được lên lớp"


class SeatRefused(Invalid):
    """The pupil sits already, or the class is not one in which they can."""


@dataclass(frozen=True, slots=True)
class Target:
    """An open class of the new year."""

    class_id: UUID
    name: str
    grade: int


@dataclass(frozen=True, slots=True)
class Unseated:
    """A pupil of the old year without a class in the new one."""

    pupil_id: UUID
    code: str
    name: str
    from_class: str
    grade: int
    outcome: Outcome | None
    why: str
    missing: str
    #: The classes in which they can sit.
    targets: tuple[Target, ...]


def grades(grade: int, outcome: Outcome | None) -> tuple[int, ...]:
    """In which grade a pupil of this one can sit next: the same, the following, or either.

    Before there is a result, the school may seat the pupil in either.
    """
    above = () if grade in opening_rules.LAST_GRADES else (grade + 1,)
    if outcome is Outcome.PROMOTED:
        return above
    return (grade,) if outcome is Outcome.HELD_BACK else (grade, *above)


def unseated(session: Session, from_year: str, who: Principal) -> tuple[Unseated, ...]:
    """By old class and place in its list. Raises NotAllowed."""
    opening_queries.require_office(who)
    targets = [
        Target(row.id, row.name, row.grade)
        for row in session.scalars(
            select(SchoolClass)
            .where(
                SchoolClass.school_id == who.agency_id,
                SchoolClass.school_year == year_names.next_year(from_year),
            )
            .order_by(SchoolClass.grade, SchoolClass.name)
        )
    ]

    def among(grade: int, outcome: Outcome | None) -> tuple[Target, ...]:
        allowed = grades(grade, outcome)
        return tuple(one for one in targets if one.grade in allowed)

    found: list[Unseated] = []
    for row in next_year.followings(session, from_year, who):
        found += [
            Unseated(
                one.pupil_id, one.code, one.name, row.from_name, row.grade, Outcome.PROMOTED,
                _MOVES_UP, "", among(row.grade, Outcome.PROMOTED),
            )
            for one in row.leaving
        ]  # fmt: skip
        found += [
            Unseated(
                one.pupil_id, one.code, one.name, row.from_name, row.grade, one.outcome,
                one.why, one.missing, among(row.grade, one.outcome),
            )
            for one in row.waiting
        ]  # fmt: skip
    return tuple(found)


def seat(
    session: Session,
    from_year: str,
    placed: Mapping[UUID, UUID],
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Seat pupils in classes of the new year, pupil -> class; how many. All or none.

    Raises SeatRefused and what `opening_actions.seat` raises.
    """
    known = {one.pupil_id: one for one in unseated(session, from_year, by)}
    chosen: dict[UUID, list[UUID]] = {}
    for pupil_id, class_id in placed.items():
        one = known.get(pupil_id)
        if one is None:
            raise SeatRefused("Có học sinh đã được xếp lớp. Hãy tải lại trang.")
        if class_id not in {target.class_id for target in one.targets}:
            raise SeatRefused(
                f"{one.name} ({one.why.lower()}) không xếp được vào lớp đã chọn.",
                fields={f"place-{pupil_id}": "Hãy chọn lớp khác."},
            )
        chosen.setdefault(class_id, []).append(pupil_id)
    for class_id in sorted(chosen):
        opening_actions.seat(session, class_id, chosen[class_id], by=by, at=at)
    return len(placed)
