"""What is written in sổ ghi đầu bài: lessons, closes of weeks, remarks of the head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.actions import PupilUnknown, cleaned_text, locked, pupil_ids
from eoffice.classes.model import SchoolClass
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.diaries import binding, keeping, rules
from eoffice.diaries.model import DiaryMonth, DiaryWeek, Lesson
from eoffice.diaries.rules import DiaryInvalid, Place, WeekClosed, WeekStep
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class NewLesson:
    on: date
    place: Place
    subject: str
    title: str
    #: tiết PPCT; None where the subject has no numbers.
    plan_number: int | None = None
    remark: str = ""
    #: Name of a rating of the school; "" for none.
    rating: str = ""
    #: Code of the pupil -> whether with leave.
    absent: Mapping[str, bool] = field(default_factory=dict)
    as_substitute: bool = False
    #: The teacher signs the lesson off; without it the words are only kept.
    is_confirmed: bool = True


def write_lesson(
    session: Session, class_id: UUID, new: NewLesson, *, by: Principal, at: datetime
) -> UUID:
    """Write a line of the diary, or write it anew; what stood before is in the log.

    A lesson that was signed off stays so, with the time of the last change. Raises WeekClosed,
    DiaryNotYours, DiaryInvalid, PupilUnknown.
    """
    school_class = locked(session, class_id)
    week = session.get(DiaryWeek, (class_id, rules.monday_of(new.on)))
    rules.after(keeping.week_state(week, at), WeekStep.WRITE)
    row = _standing(session, class_id, new)
    planned = next(
        (
            due.slot
            for due in keeping.lessons_due(session, school_class, new.on, new.on)
            if due.slot.place == new.place
        ),
        None,
    )
    team = staff_queries.staff(session, class_id)
    is_substitute = rules.writes_as(
        staff_queries.actor(by),
        team,
        new.subject,
        planned_for=planned.teacher_id if planned and planned.subject == new.subject else None,
        written_by=row.teacher_id if row is not None else None,
        as_substitute=new.as_substitute,
    )
    if new.subject not in team.subject_teachers:
        raise DiaryInvalid("Lớp không học môn này.")
    title, remark = _checked(session, school_class, new, civil_date(at))
    absent = _absent(session, class_id, new.absent)
    before = None if row is None else keeping.told(row)
    if row is None:
        row = Lesson(
            id=new_id(),
            class_id=class_id,
            school_id=school_class.school_id,
            on_day=new.on,
            half=new.place.half,
            number=new.place.number,
        )
        session.add(row)
    row.subject_code, row.teacher_id, row.is_substitute = new.subject, by.person_id, is_substitute
    row.plan_number, row.title, row.remark, row.rating = new.plan_number, title, remark, new.rating
    row.absent, row.written_at = absent, at
    if new.is_confirmed or row.confirmed_at is not None:
        row.confirmed_at = at
    keeping.record(
        session, "lesson.confirmed" if row.confirmed_at else "lesson.written", school_class,
        by=by, at=at, lesson=str(row.id), on=new.on, half=new.place.half.value,
        number=new.place.number, before=before, now=keeping.told(row),
    )  # fmt: skip
    session.flush()
    return row.id


def close_week(
    session: Session,
    class_id: UUID,
    day: date,
    remark: str,
    *,
    despite_missing: bool = False,
    by: Principal,
    at: datetime,
) -> int:
    """The homeroom teacher's weekly close; how many lessons are not signed off.

    `day` is any day of the week. Raises WeekClosed, DiaryNotYours, DiaryInvalid while lessons of
    the week are still to come, or are missing and nobody says that it closes nevertheless.
    """
    school_class = locked(session, class_id)
    rules.require_homeroom(
        staff_queries.actor(by), staff_queries.staff(session, class_id), "chốt tuần"
    )
    monday = rules.monday_of(day)
    week = session.get(DiaryWeek, (class_id, monday))
    rules.after(keeping.week_state(week, at), WeekStep.CLOSE)
    wanted = keeping.lessons_due(session, school_class, monday, monday + timedelta(days=6))
    if max((one.on for one in wanted), default=monday) > civil_date(at):
        raise DiaryInvalid("Tuần chưa học hết nên chưa chốt được.")
    missing = len(rules.missing(wanted, _confirmed(session, class_id, monday)))
    if missing and not despite_missing:
        raise DiaryInvalid(
            f"Còn {missing} tiết chưa được giáo viên xác nhận. Nhắc giáo viên, hoặc đánh dấu vẫn "
            "chốt tuần."
        )
    written = cleaned_text(remark)
    if len(written) > rules.LONGEST_REMARK:
        raise DiaryInvalid(f"Nhận xét dài nhất {rules.LONGEST_REMARK} ký tự.")
    if week is None:
        week = DiaryWeek(class_id=class_id, monday=monday, school_id=school_class.school_id)
        session.add(week)
    week.remark, week.closed_by, week.closed_at = written, by.person_id, at
    week.reopened_by = week.reopened_because = week.reopened_until = None
    keeping.record(
        session, "diary_week.closed", school_class, by=by, at=at, monday=monday, missing=missing,
        remark=written,
    )  # fmt: skip
    session.flush()
    return missing


def reopen_week(
    session: Session,
    class_id: UUID,
    day: date,
    because: str,
    *,
    days: int,
    as_correction: bool = False,
    by: Principal,
    at: datetime,
) -> None:
    """Let a closed week be written again for some days.

    A week that stands in a sealed book is opened only to correct that book: `as_correction`; the
    corrected week goes into the version that replaces it. Raises WeekClosed, WeekSigned,
    DiaryNotYours, DiaryInvalid.
    """
    school_class = locked(session, class_id)
    rules.require_leader(staff_queries.actor(by), school_class.school_id, "mở lại tuần đã chốt")
    week = session.get(DiaryWeek, (class_id, rules.monday_of(day)))
    rules.after(keeping.week_state(week, at), WeekStep.REOPEN)
    book = binding.book_with(session, class_id, week.closed_at if week else None)
    if book is not None:
        rules.require_unsigned(book.name, is_sealed=book.is_sealed, as_correction=as_correction)
    elif as_correction:
        raise WeekClosed("Tuần này chưa nằm trong sổ nào đã ký; mở lại tuần như thường.")
    reason = cleaned_text(because)
    if not 10 <= len(reason) <= rules.LONGEST_REMARK:
        raise DiaryInvalid("Lý do mở lại có từ 10 ký tự.")
    if not 1 <= days <= rules.LONGEST_REOPENING_DAYS:
        raise DiaryInvalid(f"Mở lại từ 1 đến {rules.LONGEST_REOPENING_DAYS} ngày.")
    if week is None:
        raise WeekClosed("Tuần này chưa chốt.")
    week.reopened_by, week.reopened_because = by.person_id, reason
    week.reopened_until = at + timedelta(days=days)
    keeping.record(
        session, "diary_week.reopened" if book is None else "diary_week.correcting", school_class,
        by=by, at=at, monday=week.monday, because=reason, until=week.reopened_until,
        book=None if book is None else book.name,
    )  # fmt: skip
    session.flush()


def inspect_month(
    session: Session, class_id: UUID, month: date, text: str, *, by: Principal, at: datetime
) -> None:
    """The head's remark at the inspection of a month; `month` is any day of it."""
    school_class = locked(session, class_id)
    rules.require_leader(staff_queries.actor(by), school_class.school_id, "ghi kiểm tra sổ")
    written = cleaned_text(text)
    if not 1 <= len(written) <= rules.LONGEST_REMARK:
        raise DiaryInvalid(f"Nhận xét có từ 1 đến {rules.LONGEST_REMARK} ký tự.")
    values = {"text": written, "written_by": by.person_id, "written_at": at}
    first = month.replace(day=1)
    session.execute(
        insert(DiaryMonth)
        .values(class_id=class_id, month=first, school_id=school_class.school_id, **values)
        .on_conflict_do_update(index_elements=["class_id", "month"], set_=values)
    )
    keeping.record(
        session, "diary_month.inspected", school_class, by=by, at=at, month=first, text=written
    )


def _standing(session: Session, class_id: UUID, new: NewLesson) -> Lesson | None:
    return session.scalar(
        select(Lesson).where(
            Lesson.class_id == class_id,
            Lesson.on_day == new.on,
            Lesson.half == new.place.half,
            Lesson.number == new.place.number,
        )
    )


def _checked(
    session: Session, school_class: SchoolClass, new: NewLesson, today: date
) -> tuple[str, str]:
    title, remark = cleaned_text(new.title), cleaned_text(new.remark)
    if new.on > today:
        raise DiaryInvalid("Tiết này chưa đến ngày dạy.")
    if new.is_confirmed and not title:
        raise DiaryInvalid("Tên bài, nội dung tiết học là bắt buộc khi xác nhận.")
    if len(title) > rules.LONGEST_TITLE or len(remark) > rules.LONGEST_REMARK:
        raise DiaryInvalid(
            f"Tên bài dài nhất {rules.LONGEST_TITLE}, nhận xét {rules.LONGEST_REMARK} ký tự."
        )
    if not 1 <= new.place.number <= rules.MOST_PERIODS:
        raise DiaryInvalid(f"Tiết học từ 1 đến {rules.MOST_PERIODS}.")
    if new.plan_number is not None and not 1 <= new.plan_number <= 999:
        raise DiaryInvalid("Tiết PPCT từ 1 đến 999.")
    settings = keeping.settings_on(session, school_class.school_id, new.on)
    known = {one["name"] for one in settings.ratings} if settings else set()
    if new.rating and new.rating not in known:
        raise DiaryInvalid("Trường không dùng mức xếp loại tiết học này.")
    return title, remark


def _absent(session: Session, class_id: UUID, absent: Mapping[str, bool]) -> dict[str, bool]:
    known = pupil_ids(session, class_id)
    unknown = absent.keys() - known.keys()
    if unknown:
        raise PupilUnknown(f"Lớp không có học sinh mang mã {min(unknown)}.")
    return {str(known[code]): with_leave for code, with_leave in sorted(absent.items())}


def _confirmed(session: Session, class_id: UUID, monday: date) -> list[tuple[date, Place]]:
    rows = session.scalars(
        select(Lesson).where(
            Lesson.class_id == class_id,
            Lesson.on_day.between(monday, monday + timedelta(days=6)),
            Lesson.confirmed_at.is_not(None),
        )
    )
    return [(row.on_day, Place(row.half, row.number)) for row in rows]
