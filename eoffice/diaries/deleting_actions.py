"""A line of the diary that was written by mistake is taken out while its week is open."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.actions import cleaned_text, locked
from eoffice.db import new_id
from eoffice.diaries import keeping, rules
from eoffice.diaries.model import DiaryWeek, Lesson, LessonDeletion
from eoffice.diaries.rules import DiaryInvalid, LessonUnknown, Place, WeekStep
from eoffice.web.principal import Principal


def delete_lesson(
    session: Session,
    class_id: UUID,
    on: date,
    place: Place,
    because: str,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Its writer or the homeroom teacher takes a line out; the diary keeps who, when and why.

    Raises LessonUnknown, WeekClosed, DiaryNotYours, DiaryInvalid without a reason.
    """
    school_class = locked(session, class_id)
    row = session.scalar(
        select(Lesson).where(
            Lesson.class_id == class_id,
            Lesson.on_day == on,
            Lesson.half == place.half,
            Lesson.number == place.number,
        )
    )
    if row is None:
        raise LessonUnknown("Sổ ghi đầu bài của lớp không có tiết này.")
    rules.require_deleter(
        staff_queries.actor(by), staff_queries.staff(session, class_id), row.teacher_id
    )
    week = session.get(DiaryWeek, (class_id, rules.monday_of(on)))
    rules.after(keeping.week_state(week, at), WeekStep.DELETE)
    reason = cleaned_text(because)
    if not 1 <= len(reason) <= rules.LONGEST_TITLE:
        raise DiaryInvalid(
            f"Lý do xóa có từ 1 đến {rules.LONGEST_TITLE} ký tự.",
            fields={"because": f"Ghi lý do, dài nhất {rules.LONGEST_TITLE} ký tự."},
        )
    session.add(
        LessonDeletion(
            id=new_id(),
            class_id=class_id,
            school_id=row.school_id,
            on_day=on,
            half=place.half,
            number=place.number,
            subject_code=row.subject_code,
            teacher_id=row.teacher_id,
            title=row.title,
            because=reason,
            deleted_by=by.person_id,
            deleted_at=at,
        )
    )
    keeping.record(
        session, "lesson.deleted", school_class, by=by, at=at, lesson=str(row.id), on=on,
        half=place.half.value, number=place.number, before=keeping.told(row), because=reason,
    )  # fmt: skip
    session.delete(row)
    session.flush()
