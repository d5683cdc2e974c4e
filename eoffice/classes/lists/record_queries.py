"""What the school has on record, as far as a list asks for it; how lists are kept as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from eoffice.classes.actions import NewPupil
from eoffice.classes.lists import planning
from eoffice.classes.lists.columns import Columns, from_json
from eoffice.classes.lists.model import ListImport, ListImportClass, ListLayout
from eoffice.classes.lists.planning import ClassPlan, OnRecord, Record
from eoffice.classes.lists.reading import Fault, Listed, Severity
from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.particulars import NewGuardian
from eoffice.classes.pupil_model import Guardian, Movement

_GONE = frozenset({MovementKind.OUT, MovementKind.LEAVE})


def classes_of(session: Session, school_id: UUID, school_year: str) -> dict[UUID, str]:
    """The classes of a school year by name."""
    return dict(
        session.execute(
            select(SchoolClass.id, SchoolClass.name).where(
                SchoolClass.school_id == school_id, SchoolClass.school_year == school_year
            )
        ).all()
    )


def record_of(
    session: Session, school_id: UUID, school_year: str, listed: Sequence[Listed]
) -> Record:
    """The pupils whom these rows may mean, and those who sit in a class of the school year."""
    sitting = (
        select(Enrolment.pupil_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.school_year == school_year,
            Enrolment.to_on.is_(None),
        )
    )
    rows = session.scalars(
        select(Pupil).where(
            Pupil.school_id == school_id,
            or_(
                Pupil.id.in_(sitting),
                Pupil.code.in_({one.code for one in listed if one.code}),
                Pupil.personal_id.in_({one.personal_id for one in listed if one.personal_id}),
                Pupil.born_on.in_(
                    {one.born_on for one in listed if not (one.code or one.personal_id)}
                ),
            ),
        )
    ).all()
    ids = [row.id for row in rows]
    guardians: dict[UUID, list[NewGuardian]] = defaultdict(list)
    for one in session.scalars(
        select(Guardian).where(Guardian.pupil_id.in_(ids)).order_by(Guardian.ordinal)
    ):
        guardians[one.pupil_id].append(NewGuardian(one.relation, one.name, one.phone, one.email))
    places: dict[UUID, tuple[UUID, str]] = {
        pupil_id: (class_id, name)
        for pupil_id, class_id, name in session.execute(
            select(Enrolment.pupil_id, SchoolClass.id, SchoolClass.name)
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
            .where(
                Enrolment.pupil_id.in_(ids),
                Enrolment.to_on.is_(None),
                SchoolClass.school_year == school_year,
            )
        )
    }
    gone = {
        pupil_id
        for pupil_id, kind in session.execute(
            select(Movement.pupil_id, Movement.kind)
            .where(Movement.pupil_id.in_(ids))
            .ext(distinct_on(Movement.pupil_id))
            .order_by(Movement.pupil_id, Movement.on_day.desc(), Movement.recorded_at.desc())
        )
        if kind in _GONE
    }
    return Record(
        OnRecord(
            row.id,
            _as_new(row, tuple(guardians[row.id])),
            places[row.id][0] if row.id in places else None,
            places[row.id][1] if row.id in places else "",
            row.id in gone,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """A class of a file with what taking it would do now, and all faults of it."""

    row: ListImportClass
    pupils: int
    plan: ClassPlan
    faults: tuple[Fault, ...]

    @property
    def has_errors(self) -> bool:
        return any(one.severity is Severity.ERROR for one in self.faults)


def planned_of(session: Session, row: ListImport) -> tuple[Planned, ...]:
    """Every class of the file against what is on record now, in the order of the classes."""
    parts = session.scalars(
        select(ListImportClass)
        .where(ListImportClass.import_id == row.id)
        .order_by(ListImportClass.ordinal)
    ).all()
    listed = {part.ordinal: listed_of(part.listed) for part in parts}
    every = [one for group in listed.values() for one in group]
    open_now = planning.by_bare_name(classes_of(session, row.school_id, row.school_year))
    record = record_of(session, row.school_id, row.school_year, every)
    found = []
    for part in parts:
        plan = planning.planned(
            listed[part.ordinal],
            record,
            class_id=open_now.get(planning.bare(part.name)),
            class_name=part.name,
        )
        own = faults_of(part.faults)
        # A row whose cells cannot be read is not blamed again for what it then lacks.
        unread = {(one.sheet, one.row) for one in own if one.severity is Severity.ERROR}
        faults = (*own, *(one for one in plan.faults if (one.sheet, one.row) not in unread))
        found.append(Planned(part, len(listed[part.ordinal]), plan, faults))
    return tuple(found)


def known_layouts(session: Session, school_id: UUID) -> dict[str, Columns]:
    """The layouts that the school explained, by signature."""
    return {
        row.signature: from_json(row.columns)
        for row in session.scalars(select(ListLayout).where(ListLayout.school_id == school_id))
    }


def listed_of(kept: Sequence[Any]) -> tuple[Listed, ...]:
    """Rows as they are kept."""
    return msgspec.convert(kept, tuple[Listed, ...])


def faults_of(kept: Sequence[Any]) -> tuple[Fault, ...]:
    """Faults as they are kept."""
    return msgspec.convert(kept, tuple[Fault, ...])


def _as_new(row: Pupil, guardians: tuple[NewGuardian, ...]) -> NewPupil:
    return NewPupil(
        code=row.code,
        name=row.name,
        born_on=row.born_on,
        sex=row.sex,
        birthplace=row.birthplace,
        ethnicity=row.ethnicity,
        policy_group=row.policy_group,
        address=row.address,
        permanent_address=row.permanent_address,
        father=row.father,
        mother=row.mother,
        personal_id=row.personal_id or "",
        guardians=guardians,
    )
