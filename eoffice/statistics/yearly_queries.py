"""The yearly figures as the tables have them. Read only; row-level security narrows the schools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, Date, cast, distinct, func, select
from sqlalchemy.orm import Session

from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.pupil_model import Movement
from eoffice.classes.year_model import SchoolYear
from eoffice.clock import VIETNAM
from eoffice.people.model import Appointment, Position
from eoffice.statistics import yearly_rules as rules
from eoffice.statistics.model import CountedBook, ResultCount
from eoffice.statistics.yearly_rules import Figure, Group

#: The majority; an empty field says nothing.
_NOT_A_MINORITY = ("", "Kinh")


def figures(session: Session, school_year: str, *, on: date) -> tuple[Figure, ...]:
    """Classes of the year, pupils and staff on a day, movements of the year, results of its books.

    A pupil who changes class is counted in the class of that day.
    """
    return tuple(
        figure
        for part in (
            _classes(session, school_year),
            _pupils(session, school_year, on),
            _staff(session, school_year, on),
            _movements(session, school_year),
            _results(session, school_year),
        )
        for figure in part
    )


def day_of(session: Session, school_year: str, *, today: date) -> date:
    """The day on which a year is counted unless another is asked for: today, or its last day."""
    first, last = days(session, school_year)
    return min(max(today, first), last)


def days(session: Session, school_year: str) -> tuple[date, date]:
    """The first and last day of a school year; by the usual calendar where nobody recorded them.

    Usual are 1 August and 31 July: every enrolment of the year lies within.
    """
    row = session.get(SchoolYear, school_year)
    if row is not None:
        return row.begins_on, row.ends_on
    first, last = (int(part) for part in school_year.split("-"))
    return date(first, 8, 1), date(last, 7, 31)


def _classes(session: Session, school_year: str) -> Iterator[Figure]:
    counted = set()
    for school_id, grade, count in session.execute(
        select(SchoolClass.school_id, SchoolClass.grade, func.count())
        .where(SchoolClass.school_year == school_year)
        .group_by(SchoolClass.school_id, SchoolClass.grade)
    ):
        counted.add(school_id)
        yield Figure(school_id, rules.CLASSES, grade, count)
    for school_id in counted:
        yield Figure(school_id, rules.SCHOOLS, None, 1)


def _pupils(session: Session, school_year: str, on: date) -> Iterator[Figure]:
    kinds: tuple[tuple[rules.Indicator, ColumnElement[int]], ...] = (
        (rules.PUPILS, func.count()),
        (rules.FEMALE, func.count().filter(Pupil.sex == "Nữ")),
        (rules.MINORITY, func.count().filter(Pupil.ethnicity.not_in(_NOT_A_MINORITY))),
        (rules.POLICY, func.count().filter(Pupil.policy_group != "")),
    )
    entered_on = cast(func.timezone(VIETNAM.key, SchoolClass.created_at), Date)
    rows = session.execute(
        select(SchoolClass.school_id, SchoolClass.grade, *(count for _, count in kinds))
        .join(Enrolment, Enrolment.class_id == SchoolClass.id)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(
            SchoolClass.school_year == school_year,
            # Who stood in the list when the class was entered here was in it from the beginning.
            Enrolment.from_on <= func.greatest(on, entered_on),
            (Enrolment.to_on.is_(None)) | (Enrolment.to_on >= on),
        )
        .group_by(SchoolClass.school_id, SchoolClass.grade)
    )
    for school_id, grade, *counts in rows:
        for (indicator, _), count in zip(kinds, counts, strict=True):
            yield Figure(school_id, indicator, grade, count)


def _staff(session: Session, school_year: str, on: date) -> Iterator[Figure]:
    """Of schools that have classes in the year: a person with two positions counts in both."""
    with_classes = select(SchoolClass.school_id).where(SchoolClass.school_year == school_year)
    rows = session.execute(
        select(Position.unit_id, Position.kind, func.count(distinct(Appointment.person_id)))
        .join(Appointment, Appointment.position_id == Position.id)
        .where(
            Position.unit_id.in_(with_classes),
            Position.kind.in_(rules.STAFF),
            Appointment.valid_from <= on,
            (Appointment.valid_to.is_(None)) | (Appointment.valid_to >= on),
        )
        .group_by(Position.unit_id, Position.kind)
    )
    for school_id, kind, count in rows:
        yield Figure(school_id, rules.STAFF[kind], None, count)


def _movements(session: Session, school_year: str) -> Iterator[Figure]:
    first, last = days(session, school_year)
    rows = session.execute(
        select(Movement.school_id, Movement.kind, func.count())
        .where(Movement.on_day.between(first, last), Movement.kind.in_(rules.MOVEMENTS))
        .group_by(Movement.school_id, Movement.kind)
    )
    for school_id, kind, count in rows:
        yield Figure(school_id, rules.MOVEMENTS[kind], None, count)


def _results(session: Session, school_year: str) -> Iterator[Figure]:
    for group, column in (
        (Group.LEARNING, ResultCount.learning),
        (Group.CONDUCT, ResultCount.conduct),
        (Group.OUTCOME, ResultCount.outcome),
        (Group.TITLE, ResultCount.title),
    ):
        rows = session.execute(
            select(CountedBook.school_id, CountedBook.grade, column, func.sum(ResultCount.pupils))
            .join(CountedBook, CountedBook.class_id == ResultCount.class_id)
            .where(CountedBook.school_year == school_year, column != "")
            .group_by(CountedBook.school_id, CountedBook.grade, column)
            .order_by(column)
        )
        for school_id, grade, word, count in rows:
            yield Figure(school_id, rules.of_word(group, word), grade, int(count))
