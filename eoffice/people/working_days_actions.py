"""What operators do to the calendar of working days: enter a decision's days, take one out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.people import operators, working_days
from eoffice.people.model import CalendarDay
from eoffice.people.working_days import DayKind, DayTaken
from eoffice.web.principal import Principal


class DayUnknown(NotFound):
    """The calendar says nothing about this day."""

    def __init__(self) -> None:
        super().__init__("Lịch làm việc không ghi gì về ngày này.")


def set_days(
    session: Session,
    first: date,
    last: date | None,
    *,
    kind: DayKind,
    name: str,
    decision: str,
    by: Principal,
    at: datetime,
) -> tuple[date, ...]:
    """Enter the days from `first` to `last` as one decision sets them; the days.

    All or none: where the calendar already says something about one of them, that has to be taken
    out first. Deadlines that run are counted by the calendar as it is when they are looked at.
    Raises OnlyOperators, DayUnfit, DayTaken.
    """
    operators.operators_only(by)
    days = working_days.checked_span(first, last, kind)
    wanted = working_days.checked_words(name, field="name", what="tên ngày nghỉ hoặc ngày làm bù")
    source = working_days.checked_words(decision, field="decision", what="văn bản quy định")
    taken = session.scalars(
        select(CalendarDay.day).where(CalendarDay.day.in_(days)).order_by(CalendarDay.day)
    ).all()
    if not taken:
        made = session.scalars(
            insert(CalendarDay)
            .values(
                [
                    {
                        "id": new_id(),
                        "day": day,
                        "kind": kind,
                        "name": wanted,
                        "decision": source,
                        "recorded_by": by.person_id,
                        "recorded_at": at,
                    }
                    for day in days
                ]
            )
            .on_conflict_do_nothing(index_elements=["day"])
            .returning(CalendarDay.day)
        ).all()
        taken = sorted(set(days) - set(made))
    if taken:
        detail = f"Lịch đã ghi ngày {taken[0]:%d/%m/%Y}. Hãy bỏ ngày đó trước khi ghi lại."
        raise DayTaken(detail, fields={"first_day": detail})
    record(
        session,
        "calendar.set",
        object_kind="calendar",
        object_id=new_id(),
        by=by,
        at=at,
        details={
            "first_day": days[0],
            "last_day": days[-1],
            "kind": kind.value,
            "decision": source,
        },
    )
    return days


def take_out(session: Session, day: date, *, by: Principal, at: datetime) -> None:
    """The calendar no longer says anything about this day. Raises OnlyOperators, DayUnknown."""
    operators.operators_only(by)
    row = session.scalars(
        delete(CalendarDay).where(CalendarDay.day == day).returning(CalendarDay)
    ).one_or_none()
    if row is None:
        raise DayUnknown
    record(
        session,
        "calendar.taken_out",
        object_kind="calendar",
        object_id=row.id,
        by=by,
        at=at,
        details={"day": day, "kind": row.kind.value, "decision": row.decision},
    )
