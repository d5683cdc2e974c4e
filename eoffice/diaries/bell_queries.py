"""Bells and ratings of a school as they were set: what is in force, what was, what comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.diaries.model import DiarySettings
from eoffice.diaries.rules import HalfDay, Place
from eoffice.people.model import Person
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class BellsSeen:
    from_on: date
    #: The day before the next ones begin; None where none do.
    until: date | None
    #: Period, "07:00", "07:45".
    periods: tuple[tuple[Place, str, str], ...]
    #: Name and points.
    ratings: tuple[tuple[str, str], ...]
    set_by: str
    set_at: datetime

    def holds_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until is None or day <= self.until)


def bells(session: Session, who: Principal) -> list[BellsSeen]:
    """Of the acting person's school, the latest first; of one day only what was set last."""
    rows = session.execute(
        select(DiarySettings, Person.full_name)
        .join(Person, Person.id == DiarySettings.set_by)
        .where(DiarySettings.school_id == who.agency_id)
        .order_by(DiarySettings.from_on.desc(), DiarySettings.set_at.desc())
    )
    found: list[BellsSeen] = []
    for row, name in rows:
        later = found[-1].from_on if found else None
        if later == row.from_on:
            continue
        found.append(
            BellsSeen(
                from_on=row.from_on,
                until=date.fromordinal(later.toordinal() - 1) if later else None,
                periods=tuple(
                    (Place(HalfDay(one["half"]), one["number"]), one["from"], one["to"])
                    for one in row.periods
                ),
                ratings=tuple((one["name"], one["points"]) for one in row.ratings),
                set_by=name,
                set_at=row.set_at,
            )
        )
    return found


def times_on(session: Session, who: Principal, day: date) -> dict[Place, str]:
    """When each period begins and ends on a day: "07:00–07:45"."""
    held = next((one for one in bells(session, who) if one.holds_on(day)), None)
    return {place: f"{begins}–{ends}" for place, begins, ends in held.periods} if held else {}
