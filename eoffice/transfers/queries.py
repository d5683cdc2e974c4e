"""Packages of a school: those it makes, those that wait for it, and those it has checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes.model import SchoolClass
from eoffice.clock import civil_date
from eoffice.people import queries as people
from eoffice.people.kinds import UnitKind
from eoffice.people.model import Person
from eoffice.transfers.actions import TransferUnknown, require_office
from eoffice.transfers.intake_actions import IntakeUnknown
from eoffice.transfers.model import PupilTransfer, TransferIntake
from eoffice.transfers.states import IntakeState, TransferState
from eoffice.transfers.verification import Finding
from eoffice.web.principal import Principal

#: Lists are of a school's own, a few dozen a year.
MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class TransferView:
    id: UUID
    school_id: UUID
    #: None where the acting school is the receiver: the pupil's page there is not for it.
    pupil_id: UUID | None
    pupil_name: str
    pupil_code: str
    born_on: date
    class_name: str
    school_year: str
    from_school: str
    to_school_id: UUID | None
    to_school: str
    state: TransferState
    state_since: datetime
    manifest: str
    cover_sha256: str
    page_count: int
    because: str | None
    #: Another office said by a receipt what became of it.
    has_receipt: bool
    made_by: str
    made_at: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True)
class IntakeView:
    id: UUID
    transfer_id: UUID | None
    is_of_office: bool
    content_sha256: str
    from_school: str
    pupil_name: str
    findings: tuple[Finding, ...]
    is_sound: bool
    state: IntakeState
    received_by: str
    received_at: datetime
    decided_at: datetime | None
    refused_because: str | None
    pupil_id: UUID | None


def transfer(session: Session, transfer_id: UUID, who: Principal) -> TransferView:
    """Of the acting school, or handed over to it. Raises TransferUnknown, NotAllowed."""
    require_office(who, who.agency_id)
    found = _transfers(session, who, PupilTransfer.id == transfer_id)
    if not found:
        raise TransferUnknown
    return found[0]


def sent(session: Session, who: Principal, pupil_id: UUID | None) -> tuple[TransferView, ...]:
    """Of the acting school, the newest first. Raises NotAllowed."""
    require_office(who, who.agency_id)
    conditions = [PupilTransfer.school_id == who.agency_id]
    if pupil_id is not None:
        conditions.append(PupilTransfer.pupil_id == pupil_id)
    return _transfers(session, who, *conditions)


def waiting(session: Session, who: Principal) -> tuple[TransferView, ...]:
    """Handed over to the acting school and not decided. Raises NotAllowed."""
    require_office(who, who.agency_id)
    return _transfers(
        session,
        who,
        PupilTransfer.to_school_id == who.agency_id,
        PupilTransfer.state == TransferState.HANDED_OVER,
    )


def intake(session: Session, intake_id: UUID, who: Principal) -> IntakeView:
    """Raises IntakeUnknown, NotAllowed."""
    require_office(who, who.agency_id)
    found = _intakes(session, who, TransferIntake.id == intake_id)
    if not found:
        raise IntakeUnknown
    return found[0]


def intakes(session: Session, who: Principal, pupil_id: UUID | None) -> tuple[IntakeView, ...]:
    """Of the acting school, the newest first. Raises NotAllowed."""
    require_office(who, who.agency_id)
    if pupil_id is not None:
        return _intakes(session, who, TransferIntake.pupil_id == pupil_id)
    return _intakes(session, who)


def schools(session: Session, who: Principal, *, at: datetime) -> tuple[tuple[UUID, str], ...]:
    """Other schools of the office today, by name."""
    found = people.unit_tree(session, on=civil_date(at))
    named = [
        (one.unit.id, one.unit.name)
        for one in found
        if one.unit.kind is UnitKind.SCHOOL and one.unit.id != who.agency_id
    ]
    return tuple(sorted(named, key=lambda one: one[1]))


def classes(
    session: Session, who: Principal, grade: int | None
) -> tuple[tuple[UUID, str, str], ...]:
    """Classes that a pupil of this grade can enter, the newest year first: id, name, year."""
    query = select(SchoolClass.id, SchoolClass.name, SchoolClass.school_year).where(
        SchoolClass.school_id == who.agency_id
    )
    if grade is not None:
        query = query.where(SchoolClass.grade.in_([grade, grade + 1]))
    rows = session.execute(query.order_by(SchoolClass.school_year.desc(), SchoolClass.name))
    return tuple((class_id, name, year) for class_id, name, year in rows)


def _transfers(session: Session, who: Principal, *conditions: object) -> tuple[TransferView, ...]:
    rows = session.execute(
        select(PupilTransfer, Person.full_name)
        .join(Person, Person.id == PupilTransfer.made_by)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(PupilTransfer.made_at.desc(), PupilTransfer.id)
        .limit(MOST_LISTED)
    ).all()
    return tuple(
        TransferView(
            id=row.id,
            school_id=row.school_id,
            pupil_id=row.pupil_id if row.school_id == who.agency_id else None,
            pupil_name=row.pupil_name,
            pupil_code=row.pupil_code,
            born_on=row.born_on,
            class_name=row.class_name,
            school_year=row.school_year,
            from_school=row.from_school,
            to_school_id=row.to_school_id,
            to_school=row.to_school,
            state=row.state,
            state_since=row.state_since,
            manifest=row.manifest,
            cover_sha256=row.cover_sha256,
            page_count=row.page_count,
            because=row.because,
            has_receipt=row.receipt is not None,
            made_by=name,
            made_at=row.made_at,
            is_mine=row.school_id == who.agency_id,
        )
        for row, name in rows
    )


def _intakes(session: Session, who: Principal, *conditions: object) -> tuple[IntakeView, ...]:
    rows = session.execute(
        select(TransferIntake, Person.full_name)
        .join(Person, Person.id == TransferIntake.received_by)
        .where(TransferIntake.school_id == who.agency_id, *conditions)  # type: ignore[arg-type]
        .order_by(TransferIntake.received_at.desc(), TransferIntake.id)
        .limit(MOST_LISTED)
    ).all()
    return tuple(
        IntakeView(
            id=row.id,
            transfer_id=row.transfer_id,
            is_of_office=row.is_of_office,
            content_sha256=row.content_sha256,
            from_school=row.from_school,
            pupil_name=row.pupil_name,
            findings=tuple(Finding.from_json(one) for one in row.findings),
            is_sound=row.is_sound,
            state=row.state,
            received_by=name,
            received_at=row.received_at,
            decided_at=row.decided_at,
            refused_because=row.refused_because,
            pupil_id=row.pupil_id,
        )
        for row, name in rows
    )
