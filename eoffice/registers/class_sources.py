"""What the register of a class of any circular is made of, read from the tables.

Nobody is asked for here: whoever answers a person asks `classes.staff_queries` first.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment import tt27
from eoffice.assessment.marks import Part, Semester, Value, Verdict
from eoffice.assessment.year import Cell, PupilYear, TraitLevel, TraitTime
from eoffice.classes import model as classes
from eoffice.classes import staff_queries, subjects, terms
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.pupil_model import Movement
from eoffice.classes.queries import subjects_with_teachers
from eoffice.clock import civil_date
from eoffice.marks import record_queries, years
from eoffice.marks.model import Mark
from eoffice.marks.years import ClassYear
from eoffice.people import queries as people
from eoffice.registers.kinds.class_register import (
    ClassOfYear,
    ClassPupil,
    ClassRegister,
    ClassSubject,
    Marks,
    Trait,
)
from eoffice.registers.kinds.parts import Absence, Leaving, Pupil, School


def register(session: Session, class_id: UUID, *, version: int, made_at: datetime) -> ClassRegister:
    """The class as it stands in the tables; the head of the school is the one of `made_at`.

    Raises ClassUnknown, TermsMissing.
    """
    row = staff_queries.class_row(session, class_id)
    year = years.of_class(session, class_id)
    kept = terms.of_year(session, row.rule_set, row.school_year)
    traits = year.rules.traits(row.grade)
    return ClassRegister(
        rule_set=row.rule_set,
        terms=json.dumps(kept, ensure_ascii=False, sort_keys=True),
        version=version,
        school=school(session, row.school_id, made_at),
        of_class=_class(session, row, made_at),
        subjects=_subjects(session, class_id),
        qualities=_traits(traits, tuple(tt27.QUALITIES)),
        # The three general competences stand first, those of particular fields behind.
        general_competences=_traits(traits, tuple(tt27.COMPETENCES)[:3]),
        special_competences=_traits(traits, tuple(tt27.COMPETENCES)[3:]),
        pupils=_pupils(session, row, year),
        absences=tuple(
            Absence(one.pupil_code, one.on, one.session, one.excused)
            for one in record_queries.absences(session, class_id)
        ),
    )


def marks_of(cells: Mapping[Cell, Value]) -> dict[str, dict[Semester, Marks]]:
    """Marks by subject, semester and part, each in its place; null where nothing stands."""
    places: dict[tuple[str, Semester, Part], dict[int, str]] = defaultdict(dict)
    for (subject, semester, part, place), value in cells.items():
        text = value.value if isinstance(value, Verdict) else str(value)
        places[subject, semester, part][place] = text
    found: dict[str, dict[Semester, dict[Part, tuple[str | None, ...]]]] = {}
    for (subject, semester, part), values in sorted(places.items()):
        row = tuple(values.get(place) for place in range(1, max(values) + 1))
        found.setdefault(subject, {}).setdefault(semester, {})[part] = row
    return {subject: dict(by) for subject, by in found.items()}


def _pupils(session: Session, row: classes.SchoolClass, year: ClassYear) -> tuple[ClassPupil, ...]:
    """Everybody on the list, in its order: who left keeps the place, the number and the marks."""
    listed = session.execute(
        select(classes.Pupil, classes.Enrolment.to_on)
        .join(classes.Enrolment, classes.Enrolment.pupil_id == classes.Pupil.id)
        .where(classes.Enrolment.class_id == row.id)
        .order_by(classes.Enrolment.ordinal)
    ).all()
    marks = cells_of_all(session, row.id)
    conduct = record_queries.conduct(session, row.id)
    found = []
    for pupil, to_on in listed:
        entered = year.entered.get(pupil.code) or PupilYear(
            row.grade,
            year.subjects,
            marks.get(pupil.code, {}),
            {time: by[pupil.code] for time, by in conduct.items() if pupil.code in by},
        )
        left = None if to_on is None else Leaving(to_on, why_left(session, row.id, pupil.id))
        found.append(_pupil(pupil, entered, left))
    return tuple(found)


def cells_of_all(session: Session, class_id: UUID) -> dict[str, dict[Cell, Value]]:
    """The marks of everybody who is or was in the class, by code of the pupil."""
    found: dict[str, dict[Cell, Value]] = defaultdict(dict)
    for code, mark in session.execute(
        select(classes.Pupil.code, Mark)
        .join(Mark, Mark.pupil_id == classes.Pupil.id)
        .where(Mark.class_id == class_id)
    ):
        cell = (mark.subject_code, mark.semester, mark.part, mark.place)
        found[code][cell] = record_queries.value_of(mark)
    return dict(found)


def why_left(session: Session, class_id: UUID, pupil_id: UUID) -> str:
    """What the register notes of a pupil who left the class."""
    moved = session.scalars(
        select(Movement)
        .where(Movement.pupil_id == pupil_id, Movement.from_class_id == class_id)
        .order_by(Movement.recorded_at.desc())
        .limit(1)
    ).one_or_none()
    if moved is None:
        return "Không còn học ở lớp"
    if moved.kind is MovementKind.OUT:
        return f"Chuyển đến {moved.other_school}" if moved.other_school else "Chuyển đi"
    if moved.kind is MovementKind.CLASS_CHANGE and moved.to_class_id is not None:
        return f"Chuyển sang lớp {session.get_one(classes.SchoolClass, moved.to_class_id).name}"
    return "Nghỉ học, thôi học"


def _pupil(row: classes.Pupil, year: PupilYear, left: Leaving | None) -> ClassPupil:
    traits: dict[str, dict[TraitTime, TraitLevel]] = defaultdict(dict)
    for (code, time), level in year.traits.items():
        traits[code][time] = level
    return ClassPupil(
        pupil=Pupil(
            code=row.code,
            name=row.name,
            born_on=row.born_on,
            sex=row.sex,
            birthplace=row.birthplace,
            ethnicity=row.ethnicity,
            policy_group=row.policy_group,
            address=row.address,
            father=row.father,
            mother=row.mother,
            left=left,
        ),
        marks=marks_of(year.marks),
        conduct=dict(year.conduct),
        traits=dict(traits),
        is_chosen=year.is_chosen,
        decided=year.decided,
        is_summer_over=year.is_summer_over,
    )


def school(session: Session, school_id: UUID, made_at: datetime) -> School:
    """The school as it wrote itself on the day."""
    on = civil_date(made_at)
    letterhead = people.letterhead(session, school_id, on=on)
    where = people.places_of(session, school_id, on=on)
    return School(
        name=letterhead.own,
        superior=letterhead.superior,
        commune=where.commune,
        district=where.district,
        province=where.province,
        place=letterhead.place,
        organ_id=people.unit(session, school_id).organ_id,
    )


def _class(session: Session, row: classes.SchoolClass, made_at: datetime) -> ClassOfYear:
    head = people.head_of(session, row.school_id, at=made_at)
    return ClassOfYear(
        name=row.name,
        grade=row.grade,
        school_year=row.school_year,
        homeroom_teacher=people.person(session, row.homeroom_teacher_id).full_name,
        principal="" if head is None else head.full_name,
        specialised=row.specialised,
    )


def _subjects(session: Session, class_id: UUID) -> tuple[ClassSubject, ...]:
    return tuple(
        ClassSubject(
            code=row.code,
            name=row.name,
            short_name=_short(row),
            kind=row.kind,
            periods_per_year=row.periods_per_year,
            teacher=teacher,
            has_topics=row.has_topics,
            regular_marks=row.regular_marks,
        )
        for row, teacher in session.execute(subjects_with_teachers(class_id))
    )


def _short(row: classes.ClassSubject) -> str:
    known = subjects.BY_CODE.get(row.code)
    return row.name if known is None else known.short_name


def _traits(judged: Collection[str], wanted: Sequence[str]) -> tuple[Trait, ...]:
    names = {**tt27.QUALITIES, **tt27.COMPETENCES}
    return tuple(Trait(code, names[code]) for code in wanted if code in judged)
