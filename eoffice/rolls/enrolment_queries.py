"""The enrolment register as pages show and print it. Read only.

A line says what was known on the day of entry; beside it stand what changed since and how the
pupil left or finished, as corrections, movements and decisions have it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.movement_rules import KIND_NAMES, MovementKind
from eoffice.classes.pupil_model import Movement, ParticularsChange
from eoffice.clock import civil_date
from eoffice.people.model import Person
from eoffice.rolls import admissions, enrolment_actions, rules
from eoffice.rolls.model import (
    Book,
    EnrolmentChange,
    EnrolmentLine,
    EnrolmentRoll,
    Graduation,
    RollCounter,
)
from eoffice.rolls.rules import STAGE_NAMES, LineUnknown
from eoffice.web.principal import Principal

#: What a corrected particular is called in the book.
FIELD_NAMES = {
    "name": "Họ và tên",
    "born_on": "Ngày sinh",
    "sex": "Giới tính",
    "birthplace": "Nơi sinh",
    "ethnicity": "Dân tộc",
    "policy_group": "Đối tượng ưu tiên",
    "address": "Nơi ở hiện nay",
    "permanent_address": "Nơi thường trú",
    "father": "Cha",
    "mother": "Mẹ",
    "personal_id": "Số định danh cá nhân",
    **enrolment_actions.SUPPLEMENTED,
}


@dataclass(frozen=True, slots=True)
class Roll:
    first_number: int
    suffix: str
    next_number: int
    #: Pupils of the school who have no number yet.
    waiting: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a pupil left or finished: "Chuyển đi: Trường THCS Nguyễn Du"."""

    on: date
    what: str
    decision: str

    @property
    def text(self) -> str:
        paper = f" ({self.decision})" if self.decision else ""
        return f"{self.on:%d/%m/%Y}: {self.what}{paper}"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that was written anew after the line had been entered."""

    field: str
    old: str
    new: str
    reason: str
    by: str
    at: datetime

    @property
    def text(self) -> str:
        return f"{civil_date(self.at):%d/%m/%Y}: {self.field} “{self.old}” sửa thành “{self.new}”"


@dataclass(frozen=True, slots=True)
class Line:
    id: UUID
    school_id: UUID
    number: int
    #: The number as it is printed.
    shown: str
    pupil_id: UUID | None
    is_from_paper: bool
    admitted_on: date | None
    class_name: str
    code: str
    personal_id: str
    name: str
    born_on: date | None
    sex: str
    birthplace: str
    hometown: str
    ethnicity: str
    religion: str
    nationality: str
    address: str
    permanent_address: str
    father: str
    mother: str
    came_from: str
    note: str
    annulled_because: str | None
    annulled_on: date | None
    #: In order of time.
    changes: tuple[Change, ...]
    endings: tuple[Ending, ...]


def roll(session: Session, who: Principal, school_id: UUID) -> Roll | None:
    """None until the school has opened its register. Raises RollsNotYours."""
    rules.require_reader(staff_queries.actor(who), school_id)
    row = session.get(EnrolmentRoll, school_id)
    if row is None:
        return None
    last = session.get(RollCounter, (school_id, Book.ENROLMENT, ""))
    assert last is not None
    waiting = len(admissions.without_number(session, school_id))
    return Roll(row.first_number, row.suffix, last.last + 1, waiting)


def lines(
    session: Session,
    who: Principal,
    school_id: UUID,
    *,
    text: str = "",
    school_year: str = "",
    after: int = 0,
    limit: int | None = None,
) -> tuple[Line, ...]:
    """In order of their numbers; `text` searches names, numbers and codes. Raises RollsNotYours."""
    rules.require_reader(staff_queries.actor(who), school_id)
    query = (
        select(EnrolmentLine)
        .where(EnrolmentLine.school_id == school_id, EnrolmentLine.number > after)
        .order_by(EnrolmentLine.number)
        .limit(limit)
    )
    if school_year:
        query = query.where(EnrolmentLine.admitted_on.between(*rules.days_of(school_year)))
    return seen(session, session.scalars(_found(query, text)).all())


def line(session: Session, who: Principal, line_id: UUID) -> Line:
    """Raises LineUnknown, RollsNotYours."""
    row = session.get(EnrolmentLine, line_id)
    if row is None:
        raise LineUnknown("Sổ đăng bộ của trường không có dòng này.")
    rules.require_reader(staff_queries.actor(who), row.school_id)
    return seen(session, [row])[0]


def seen(session: Session, rows: Sequence[EnrolmentLine]) -> tuple[Line, ...]:
    """The lines with what happened after they were entered. Asks nobody."""
    if not rows:
        return ()
    suffix = session.scalar(
        select(EnrolmentRoll.suffix).where(EnrolmentRoll.school_id == rows[0].school_id)
    )
    pupils = {row.pupil_id for row in rows if row.pupil_id is not None}
    ended = endings(session, pupils)
    corrected = _corrections(session, pupils)
    supplemented = _supplements(session, [row.id for row in rows])
    return tuple(
        _line(
            row,
            suffix or "",
            (
                *supplemented.get(row.id, ()),
                *(c for c in corrected.get(row.pupil_id, ()) if c.at >= row.entered_at),
            ),
            ended.get(row.pupil_id, ()),
        )
        for row in rows
    )


def years(session: Session, school_id: UUID) -> tuple[str, ...]:
    """School years in which somebody was admitted, the newest first. Asks nobody."""
    days = session.scalars(
        select(EnrolmentLine.admitted_on)
        .where(EnrolmentLine.school_id == school_id, EnrolmentLine.admitted_on.is_not(None))
        .distinct()
    )
    return tuple(sorted({rules.school_year_of(day) for day in days if day}, reverse=True))


def endings(session: Session, pupil_ids: Collection[UUID]) -> dict[UUID | None, tuple[Ending, ...]]:
    """How pupils left, returned and finished, in order of time. Asks nobody."""
    found: dict[UUID | None, list[Ending]] = {}
    for moved in session.scalars(
        select(Movement)
        .where(
            Movement.pupil_id.in_(pupil_ids),
            Movement.kind.in_([MovementKind.OUT, MovementKind.LEAVE, MovementKind.RETURN]),
        )
        .order_by(Movement.on_day, Movement.id)
    ):
        where = moved.other_school or moved.reason
        what = f"{KIND_NAMES[moved.kind]}: {where}" if where else KIND_NAMES[moved.kind]
        found.setdefault(moved.pupil_id, []).append(Ending(moved.on_day, what, moved.decision))
    for done in session.scalars(
        select(Graduation)
        .where(Graduation.pupil_id.in_(pupil_ids), Graduation.annulled_at.is_(None))
        .order_by(Graduation.on_day)
    ):
        grading = f", xếp loại {done.grading}" if done.grading else ""
        found.setdefault(done.pupil_id, []).append(
            Ending(done.on_day, STAGE_NAMES[done.stage] + grading, done.decision)
        )
    return {pupil: tuple(sorted(each, key=lambda e: e.on)) for pupil, each in found.items()}


def _corrections(
    session: Session, pupil_ids: Collection[UUID]
) -> dict[UUID | None, tuple[Change, ...]]:
    found: dict[UUID | None, tuple[Change, ...]] = {}
    for row, person in session.execute(
        select(ParticularsChange, Person.full_name)
        .join(Person, Person.id == ParticularsChange.recorded_by)
        .where(ParticularsChange.pupil_id.in_(pupil_ids))
        .order_by(ParticularsChange.recorded_at, ParticularsChange.id)
    ):
        one = Change(
            FIELD_NAMES.get(row.field, row.field), row.old, row.new, row.reason, person,
            row.recorded_at,
        )  # fmt: skip
        found[row.pupil_id] = (*found.get(row.pupil_id, ()), one)
    return found


def _supplements(session: Session, line_ids: Collection[UUID]) -> dict[UUID, tuple[Change, ...]]:
    found: dict[UUID, tuple[Change, ...]] = {}
    for row, person in session.execute(
        select(EnrolmentChange, Person.full_name)
        .join(Person, Person.id == EnrolmentChange.recorded_by)
        # What was empty was filled in, not changed.
        .where(EnrolmentChange.line_id.in_(line_ids), EnrolmentChange.old != "")
        .order_by(EnrolmentChange.recorded_at, EnrolmentChange.id)
    ):
        one = Change(FIELD_NAMES[row.field], row.old, row.new, row.reason, person, row.recorded_at)
        found[row.line_id] = (*found.get(row.line_id, ()), one)
    return found


def _line(
    row: EnrolmentLine, suffix: str, changes: Sequence[Change], ended: Sequence[Ending]
) -> Line:
    if row.ended_on is not None:
        ended = (*ended, Ending(row.ended_on, row.ended_as, ""))
    is_annulled = row.annulled_at is not None
    kept = {
        name: getattr(row, name)
        for name in Line.__slots__
        if name not in ("shown", "annulled_on", "changes", "endings")
    }
    return Line(
        **kept,
        shown=f"{row.number}{suffix}",
        annulled_on=civil_date(row.annulled_at) if row.annulled_at else None,
        changes=() if is_annulled else tuple(sorted(changes, key=lambda c: c.at)),
        endings=() if is_annulled else tuple(ended),
    )


def _found(query: Select[EnrolmentLine], text: str) -> Select[EnrolmentLine]:
    for word in rules.tidy(text).split():
        query = query.where(
            or_(
                func.vn_fold(EnrolmentLine.name).contains(func.vn_fold(word), autoescape=False),
                cast(EnrolmentLine.number, String) == word.partition("/")[0],
                EnrolmentLine.code == word,
                EnrolmentLine.personal_id == word,
            )
        )
    return query
