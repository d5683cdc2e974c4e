"""A school year opened from the classes of the one before: who moves up, who stays, who waits.

Whoever moves up by the rules goes to the class that follows; everybody else is listed with the
reason, and a person says where they sit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.year import Outcome
from eoffice.classes import actions, curricula, opening_queries, opening_rules, year_names
from eoffice.classes.actions import NewPupil, NewSubject
from eoffice.classes.lists.reading import grade_of
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.classes.terms import TermsMissing
from eoffice.errors import Invalid
from eoffice.marks import years
from eoffice.people import queries as people
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pupil who does not move up by the rules, and why."""

    pupil_id: UUID
    code: str
    name: str
    from_class: str
    grade: int
    #: None while the year of the pupil is not decided.
    outcome: Outcome | None
    why: str
    #: What the year still waits for; "" where it is decided.
    missing: str


@dataclass(frozen=True, slots=True)
class MovingUp:
    pupil_id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Following:
    """A class of the old year with the one that follows it."""

    from_class_id: UUID
    from_name: str
    grade: int
    #: What it will be called; "" after the last grade of a school.
    name: str
    homeroom_teacher_id: UUID
    is_open: bool
    #: Who moves up.
    leaving: tuple[MovingUp, ...]
    waiting: tuple[Waiting, ...]
    #: How many have completed the school.
    completed: int

    @property
    def moving_up(self) -> tuple[tuple[UUID, str], ...]:
        return tuple((one.pupil_id, one.name) for one in self.leaving)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A class to be opened, as a person confirmed it."""

    from_class_id: UUID
    name: str
    homeroom_teacher_id: UUID


def followings(session: Session, from_year: str, who: Principal) -> tuple[Following, ...]:
    """Every class of the old year, by grade and name; who sits in the new year is left out.

    Raises NotAllowed.
    """
    opening_queries.require_office(who)
    new_year = year_names.next_year(from_year)
    classes = session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == who.agency_id, SchoolClass.school_year == from_year)
        .order_by(SchoolClass.grade, SchoolClass.name)
    ).all()
    seated = set(
        session.scalars(
            select(Enrolment.pupil_id)
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
            .where(
                SchoolClass.school_id == who.agency_id,
                SchoolClass.school_year == new_year,
                Enrolment.to_on.is_(None),
            )
        )
    )
    open_now = set(
        session.scalars(
            select(SchoolClass.name).where(
                SchoolClass.school_id == who.agency_id, SchoolClass.school_year == new_year
            )
        )
    )
    return tuple(_following(session, row, seated, open_now) for row in classes)


def open_year(
    session: Session,
    from_year: str,
    chosen: Sequence[Chosen],
    placed: Mapping[UUID, str],
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Open the chosen classes with who moves up, and seat others as `placed` says by class name.

    A subject that goes on stays with its teacher, with the settings that the school's plan made;
    for others the homeroom teacher stands in until they are assigned. All classes or none.
    Raises NotAllowed, Invalid and what `actions.open_class` raises.
    """
    known = {one.from_class_id: one for one in followings(session, from_year, by)}
    names = [actions.cleaned_text(one.name) for one in chosen]
    if len(set(names)) < len(names):
        raise Invalid("Có hai lớp mới trùng tên.")
    if not set(placed.values()) <= set(names):
        raise Invalid("Có học sinh được xếp vào lớp không mở trong lần này.")
    waiting = {one.pupil_id for following in known.values() for one in following.waiting}
    if not placed.keys() <= waiting:
        raise Invalid("Có học sinh đã được xếp lớp. Hãy tải lại trang.")
    for one, name in zip(chosen, names, strict=True):
        following = known.get(one.from_class_id)
        if following is None or not following.name or following.is_open:
            raise Invalid("Có lớp đã mở hoặc không mở được từ năm trước. Hãy tải lại trang.")
        seats = [pupil_id for pupil_id, _ in following.moving_up]
        seats += [pupil_id for pupil_id, target in placed.items() if target == name]
        _open(session, one, name, following, seats, year_names.next_year(from_year), by, at)
    return len(chosen)


def _open(
    session: Session,
    one: Chosen,
    name: str,
    following: Following,
    seats: Sequence[UUID],
    school_year: str,
    by: Principal,
    at: datetime,
) -> None:
    grade = grade_of(name)
    if grade is None:
        raise actions.ClassInvalid(f"Tên lớp “{name}” không bắt đầu bằng số của khối.")
    before = {
        row.code: row
        for row in session.scalars(
            select(ClassSubject).where(ClassSubject.class_id == following.from_class_id)
        )
    }
    employed = {one.person_id for one in people.persons_in(session, by.agency_id, at=at)}
    goes_on = {
        code: row.teacher_id
        for code, row in before.items()
        if row.is_assigned and row.teacher_id in employed
    }
    taught = [
        NewSubject(subject.code, goes_on[subject.code])
        if subject.code in goes_on
        else NewSubject(subject.code, one.homeroom_teacher_id, is_assigned=False)
        for subject in curricula.of_grade(session, grade, school_year, by.agency_id)
    ]
    rows = session.scalars(select(Pupil).where(Pupil.id.in_(seats))).all()
    class_id = actions.open_class(
        session,
        name=name,
        grade=grade,
        school_year=school_year,
        homeroom_teacher_id=one.homeroom_teacher_id,
        taught=taught,
        pupils=[NewPupil(row.code, row.name, row.born_on, row.sex) for row in rows],
        may_be_empty=True,
        by=by,
        at=at,
    )
    session.flush()  # The settings are written to the rows of the subjects.
    if grade not in opening_rules.UPPER_SECONDARY or following.grade + 1 != grade:
        return
    old = session.get_one(SchoolClass, following.from_class_id)
    new = session.get_one(SchoolClass, class_id)
    subjects = session.scalars(select(ClassSubject).where(ClassSubject.class_id == class_id)).all()
    codes = {row.code for row in subjects}
    new.specialised = old.specialised if old.specialised in codes else None
    for row in subjects:
        if row.code in before:
            row.has_topics = before[row.code].has_topics


def _following(
    session: Session, row: SchoolClass, seated: set[UUID], open_now: set[str]
) -> Following:
    is_last = row.grade in opening_rules.LAST_GRADES
    name = "" if is_last else opening_rules.name_next_year(row.name, row.grade)
    pupils = session.scalars(
        select(Pupil)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == row.id, Enrolment.to_on.is_(None))
        .order_by(Enrolment.ordinal)
    ).all()
    outcomes = _outcomes(session, row.id)
    leaving: list[MovingUp] = []
    waiting: list[Waiting] = []
    completed = 0
    for pupil in pupils:
        if pupil.id in seated:
            continue
        outcome, why, missing = outcomes.get(pupil.code, (None, "Chưa có kết quả", ""))
        if outcome is Outcome.PROMOTED and is_last:
            completed += 1
        elif outcome is Outcome.PROMOTED:
            leaving.append(MovingUp(pupil.id, pupil.code, pupil.name))
        else:
            waiting.append(
                Waiting(
                    pupil.id, pupil.code, pupil.name, row.name, row.grade, outcome, why, missing
                )
            )
    return Following(
        row.id, row.name, row.grade, name, row.homeroom_teacher_id, name in open_now,
        tuple(leaving), tuple(waiting), completed,
    )  # fmt: skip


def _outcomes(session: Session, class_id: UUID) -> dict[str, tuple[Outcome | None, str, str]]:
    """By code of the pupil: what the year comes to, with its word or what is missing."""
    try:
        year = years.of_class(session, class_id)
    except TermsMissing as refusal:
        unknown = (None, "Chưa tính được", refusal.detail)
        return dict.fromkeys(actions.pupil_ids(session, class_id), unknown)
    found = {}
    for code, one in year.outcomes.items():
        word = one.outcome_after_word or one.outcome_word
        gaps = year.gaps(code)
        missing = f"{gaps[0]}; còn {len(gaps) - 1} mục khác" if len(gaps) > 1 else "".join(gaps)
        found[code] = (
            (one.final, word.text, "")
            if word is not None
            else (one.final, "Chưa đủ kết quả", missing)
        )
    return found
