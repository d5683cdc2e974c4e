"""Class diary and homeroom book for programs: the same steps as on the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.diaries import (
    actions,
    deleting_actions,
    homeroom_actions,
    homeroom_queries,
    queries,
    rules,
    timetable_actions,
)
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.homeroom_actions import NewNote
from eoffice.diaries.homeroom_queries import NoteSeen
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.queries import LessonSeen
from eoffice.diaries.rules import HalfDay, Place, WeekState
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

Text = Annotated[str, msgspec.Meta(max_length=rules.LONGEST_REMARK)]
Line = Annotated[str, msgspec.Meta(max_length=rules.LONGEST_TITLE)]
Number = Annotated[int, msgspec.Meta(ge=1, le=rules.MOST_PERIODS)]


class LessonIn(msgspec.Struct, frozen=True, kw_only=True):
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    title: Line = ""
    #: tiết PPCT
    plan_number: Annotated[int, msgspec.Meta(ge=1, le=999)] | None = None
    remark: Text = ""
    rating: Line = ""
    #: Code of the pupil -> whether with leave.
    absent: dict[str, bool] = msgspec.field(default_factory=dict)
    as_substitute: bool = False
    #: false: the words are kept, the lesson is not signed off.
    is_confirmed: bool = True


class WeekClosing(msgspec.Struct, frozen=True, kw_only=True):
    #: Any day of the week.
    day: date
    remark: Text = ""
    despite_missing: bool = False


class LessonDeleting(msgspec.Struct, frozen=True, kw_only=True):
    because: Annotated[str, msgspec.Meta(min_length=1, max_length=rules.LONGEST_TITLE)]


class WeekReopening(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    because: Text
    #: true for a week that stands in a sealed book: opened only to correct that book.
    as_correction: bool = False
    days: Annotated[int, msgspec.Meta(ge=1, le=rules.LONGEST_REOPENING_DAYS)]


class MonthInspection(msgspec.Struct, frozen=True, kw_only=True):
    #: Any day of the month.
    day: date
    text: Text


class TimetableIn(msgspec.Struct, frozen=True, kw_only=True):
    from_on: date
    #: Lines with tabs between cells, as spreadsheets copy them.
    grid: Annotated[str, msgspec.Meta(max_length=20_000)]


class TimetableOut(msgspec.Struct, frozen=True, kw_only=True):
    lessons_per_week: int


class WeekClosed(msgspec.Struct, frozen=True, kw_only=True):
    #: Lessons that nobody signed off.
    missing: int


class HomeroomNoteIn(msgspec.Struct, frozen=True, kw_only=True):
    part: Part
    about: Line
    text: Text
    on: date | None = None
    pupil: str = ""
    outcome: Text = ""
    is_struck: bool = False
    #: The note of which this is a further version.
    note_id: UUID | None = None


class HomeroomNoteOut(msgspec.Struct, frozen=True, kw_only=True):
    note_id: UUID
    version: int
    part: Part
    on: date | None
    about: str
    #: Code of the pupil; empty where the note is of none.
    pupil: str
    text: str
    outcome: str
    is_struck: bool
    written_at: datetime


class DiaryLessonOut(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    on: date
    half: HalfDay
    number: int
    subject: str
    teacher_id: UUID
    teacher: str
    is_substitute: bool
    plan_number: int | None
    title: str
    remark: str
    rating: str
    absent: dict[str, bool]
    is_written: bool
    confirmed_at: datetime | None


class DeletedLessonOut(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    half: HalfDay
    number: int
    subject: str
    title: str
    teacher: str
    because: str
    deleted_by: str
    deleted_at: datetime


class DiaryWeekOut(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    monday: date
    state: WeekState
    remark: str
    closed_by: str
    closed_at: datetime | None
    reopened_because: str
    reopened_until: datetime | None
    missing: int
    lessons: list[DiaryLessonOut]
    #: Lines that were written by mistake and taken out.
    deleted: list[DeletedLessonOut]
    #: The signed book that has the week; empty for none.
    book: str


@get("/{class_id:uuid}/diary", sync_to_thread=True)
def show_week(
    request: Request, class_id: FromPath[UUID], week: FromQuery[date | None] = None
) -> DiaryWeekOut:
    """The week that has the day `week`; this week without it."""
    at = clock.now()
    who = principal(request)
    with db.transaction(who.acting) as session:
        seen = queries.week(session, who, class_id, week or clock.civil_date(at), at=at)
    return DiaryWeekOut(
        class_id=seen.class_id,
        monday=seen.monday,
        state=seen.state,
        remark=seen.remark,
        closed_by=seen.closed_by,
        closed_at=seen.closed_at,
        reopened_because=seen.reopened_because,
        reopened_until=seen.reopened_until,
        missing=seen.missing,
        lessons=[_lesson(one) for one in seen.lessons],
        deleted=[
            DeletedLessonOut(
                on=one.on,
                half=one.place.half,
                number=one.place.number,
                subject=one.subject,
                title=one.title,
                teacher=one.teacher,
                because=one.because,
                deleted_by=one.deleted_by,
                deleted_at=one.deleted_at,
            )
            for one in seen.deleted
        ],
        book=seen.book.name if seen.book else "",
    )


@put(
    "/{class_id:uuid}/diary/lessons/{on:date}/{half:str}/{number:int}",
    sync_to_thread=True,
    status_code=204,
)
def write_lesson(
    request: Request,
    class_id: FromPath[UUID],
    on: FromPath[date],
    half: FromPath[HalfDay],
    number: FromPath[Number],
    data: JSONBody[LessonIn],
) -> None:
    """Write a line, or write it anew."""
    who = principal(request)
    new = NewLesson(
        on=on,
        place=Place(half, number),
        subject=data.subject,
        title=data.title,
        plan_number=data.plan_number,
        remark=data.remark,
        rating=data.rating,
        absent=data.absent,
        as_substitute=data.as_substitute,
        is_confirmed=data.is_confirmed,
    )
    with db.transaction(who.acting) as session:
        actions.write_lesson(session, class_id, new, by=who, at=clock.now())


@delete(
    "/{class_id:uuid}/diary/lessons/{on:date}/{half:str}/{number:int}",
    sync_to_thread=True,
    status_code=204,
)
def delete_lesson(
    request: Request,
    class_id: FromPath[UUID],
    on: FromPath[date],
    half: FromPath[HalfDay],
    number: FromPath[Number],
    data: JSONBody[LessonDeleting],
) -> None:
    """Take out a line that was written by mistake, before its week is closed."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        deleting_actions.delete_lesson(
            session, class_id, on, Place(half, number), data.because, by=who, at=clock.now()
        )


@post("/{class_id:uuid}/diary/closing", sync_to_thread=True)
def close(
    request: Request,
    class_id: FromPath[UUID],
    data: JSONBody[WeekClosing],
    once: NamedDependency[Once],
) -> Response[WeekClosed]:
    """The weekly close by the homeroom teacher."""

    def work(session: Session) -> WeekClosed:
        missing = actions.close_week(
            session, class_id, data.day, data.remark, despite_missing=data.despite_missing,
            by=principal(request), at=clock.now(),
        )  # fmt: skip
        return WeekClosed(missing=missing)

    return once.answer(work, status=200)


@post("/{class_id:uuid}/diary/reopening", sync_to_thread=True, status_code=204)
def reopen(
    request: Request,
    class_id: FromPath[UUID],
    data: JSONBody[WeekReopening],
    once: NamedDependency[Once],
) -> Response[None]:
    """Let a closed week be written again for some days."""

    def work(session: Session) -> None:
        actions.reopen_week(
            session, class_id, data.day, data.because, days=data.days,
            as_correction=data.as_correction, by=principal(request), at=clock.now(),
        )  # fmt: skip

    return once.answer(work, status=204)


@put("/{class_id:uuid}/diary/inspection", sync_to_thread=True, status_code=204)
def inspect(request: Request, class_id: FromPath[UUID], data: JSONBody[MonthInspection]) -> None:
    """The head's remark at the inspection of a month."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.inspect_month(session, class_id, data.day, data.text, by=who, at=clock.now())


@put("/{class_id:uuid}/timetable", sync_to_thread=True)
def set_timetable(
    request: Request, class_id: FromPath[UUID], data: JSONBody[TimetableIn]
) -> TimetableOut:
    """The timetable of a class from a day."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        count = timetable_actions.set_timetable(
            session, class_id, data.from_on, data.grid, by=who, at=clock.now()
        )
    return TimetableOut(lessons_per_week=count)


@get("/{class_id:uuid}/homeroom-notes", sync_to_thread=True)
def notes(request: Request, class_id: FromPath[UUID]) -> list[HomeroomNoteOut]:
    """Every note in its last version, for the homeroom teacher and the head."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_note(one) for one in homeroom_queries.notes(session, who, class_id)]


@post("/{class_id:uuid}/homeroom-notes", sync_to_thread=True)
def write_note(
    request: Request,
    class_id: FromPath[UUID],
    data: JSONBody[HomeroomNoteIn],
    once: NamedDependency[Once],
) -> Response[HomeroomNoteOut]:
    """A new note, or a further version of one."""
    who = principal(request)

    def work(session: Session) -> HomeroomNoteOut:
        made = homeroom_actions.write_note(
            session,
            class_id,
            NewNote(
                data.part, data.about, data.text, data.on, data.pupil, data.outcome, data.is_struck
            ),
            note_id=data.note_id,
            by=who,
            at=clock.now(),
        )
        return _note(homeroom_queries.versions(session, who, class_id, made)[-1])

    return once.answer(work, status=201)


def _lesson(one: LessonSeen) -> DiaryLessonOut:
    return DiaryLessonOut(
        class_id=one.class_id,
        on=one.on,
        half=one.place.half,
        number=one.place.number,
        subject=one.subject,
        teacher_id=one.teacher_id,
        teacher=one.teacher,
        is_substitute=one.is_substitute,
        plan_number=one.plan_number,
        title=one.title,
        remark=one.remark,
        rating=one.rating,
        absent={code: with_leave for code, _, with_leave in one.absent},
        is_written=one.is_written,
        confirmed_at=one.confirmed_at,
    )


def _note(one: NoteSeen) -> HomeroomNoteOut:
    return HomeroomNoteOut(
        note_id=one.note_id,
        version=one.version,
        part=one.part,
        on=one.on,
        about=one.about,
        pupil=one.pupil_code,
        text=one.text,
        outcome=one.outcome,
        is_struck=one.is_struck,
        written_at=one.written_at,
    )


router = Router(
    "/api/v1/classes",
    route_handlers=[
        show_week,
        write_lesson,
        delete_lesson,
        close,
        reopen,
        inspect,
        set_timetable,
        notes,
        write_note,
    ],
)
