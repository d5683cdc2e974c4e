"""Copies of a school: the book of copies, and those of one original. Row-level security bounds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from eoffice.classes.model import Enrolment, Pupil
from eoffice.extracts.actions import CopyUnknown, require_office
from eoffice.extracts.model import RegisterCopy
from eoffice.extracts.states import CopyKind, CopyState, SourceKind
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers.model import Gradebook
from eoffice.web.principal import Principal

MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class CopyView:
    id: UUID
    kind: CopyKind
    source_kind: SourceKind
    source_id: UUID
    source_title: str
    source_sha256: str
    archive_entry_id: UUID | None
    pupil_id: UUID | None
    pupil_name: str
    #: "03/TrS-THCSNTMK"
    code: str
    requester: str
    purpose: str
    signer: str
    state: CopyState
    state_since: datetime
    content_sha256: str
    page_count: int
    cancelled_because: str | None
    made_at: datetime
    is_my_turn: bool


def copy(session: Session, copy_id: UUID, who: Principal) -> CopyView:
    """Raises CopyUnknown, NotAllowed."""
    found = _found(session, who, RegisterCopy.id == copy_id)
    if not found:
        raise CopyUnknown
    if not found[0].is_my_turn:
        require_office(who)
    return found[0]


def listed(
    session: Session, who: Principal, source_id: UUID | None, pupil_id: UUID | None = None
) -> tuple[CopyView, ...]:
    """The book of copies, the newest first; only of one original or of one pupil, if named.

    Raises NotAllowed.
    """
    require_office(who)
    conditions = []
    if source_id is not None:
        conditions.append(RegisterCopy.source_id == source_id)
    if pupil_id is not None:
        conditions.append(RegisterCopy.pupil_id == pupil_id)
    return _found(session, who, *conditions)


def awaiting(
    session: Session, who: Principal, ids: Collection[UUID] | None = None
) -> tuple[CopyView, ...]:
    """Copies that this person can sign or seal now, of these only if they are named."""
    turns = [
        and_(
            RegisterCopy.state == CopyState.AWAITING_SIGNATURE,
            RegisterCopy.signer_id == who.person_id,
        )
    ]
    if PositionKind(who.position_kind) is PositionKind.CLERK:
        turns.append(RegisterCopy.state == CopyState.AWAITING_SEAL)
    conditions = [or_(*turns)]
    if ids is not None:
        conditions.append(RegisterCopy.id.in_(ids))
    return _found(session, who, *conditions)


def pupils(session: Session, gradebook_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """Whose lines a class's book can be asked for."""
    rows = session.execute(
        select(Pupil.id, Pupil.name)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .join(Gradebook, Gradebook.class_id == Enrolment.class_id)
        .where(Gradebook.id == gradebook_id)
        .order_by(Enrolment.ordinal)
    )
    return tuple((pupil_id, name) for pupil_id, name in rows)


def _found(session: Session, who: Principal, *conditions: object) -> tuple[CopyView, ...]:
    rows = session.execute(
        select(RegisterCopy, Person.full_name)
        .join(Person, Person.id == RegisterCopy.signer_id)
        .where(RegisterCopy.school_id == who.agency_id, *conditions)  # type: ignore[arg-type]
        .order_by(RegisterCopy.year.desc(), RegisterCopy.number.desc())
        .limit(MOST_LISTED)
    ).all()
    is_clerk = PositionKind(who.position_kind) is PositionKind.CLERK
    return tuple(
        CopyView(
            id=row.id,
            kind=row.kind,
            source_kind=row.source_kind,
            source_id=row.source_id,
            source_title=row.source_title,
            source_sha256=row.source_sha256,
            archive_entry_id=row.archive_entry_id,
            pupil_id=row.pupil_id,
            pupil_name=row.pupil_name,
            code=f"{row.number:02}/{row.notation}",
            requester=row.requester,
            purpose=row.purpose,
            signer=name,
            state=row.state,
            state_since=row.state_since,
            content_sha256=row.content_sha256,
            page_count=row.page_count,
            cancelled_because=row.cancelled_because,
            made_at=row.made_at,
            is_my_turn=(
                row.state is CopyState.AWAITING_SIGNATURE and row.signer_id == who.person_id
            )
            or (row.state is CopyState.AWAITING_SEAL and is_clerk),
        )
        for row, name in rows
    )
