"""Which document corrects, amends or replaces which: noted on the draft, in force when issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.documents import rules, states, types
from eoffice.documents.issue import corrections_rules
from eoffice.documents.issue.corrections_rules import CorrectionKind, Force
from eoffice.documents.model import Document, Issuance, IssuanceRecipient
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients.model import Correction, IssuanceOutside, OutsideOrganisation
from eoffice.documents.recipients.rules import Target
from eoffice.documents.states import State, Step
from eoffice.documents.steps import Frozen, NoDocument
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Linked:
    """The other document of a link, seen from one of both."""

    document_id: UUID
    kind: CorrectionKind
    #: "Đính chính", or "Được đính chính bởi" from the other side.
    said: str
    code: str | None
    issued_on: date | None
    subject: str
    state: State


@dataclass(frozen=True, slots=True)
class Links:
    """What a document corrects, and by what it is corrected."""

    corrects: tuple[Linked, ...]
    #: Issued ones first in the order of their issue, then drafts.
    corrected_by: tuple[Linked, ...]
    force: Force


@dataclass(frozen=True, slots=True)
class Candidate:
    document_id: UUID
    code: str
    issued_on: date
    subject: str


def note(
    session: Session,
    document_id: UUID,
    corrected_id: UUID,
    kind: CorrectionKind,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The draft says which issued document of its agency it changes. Repeated, the last counts.

    Raises NotToBeCorrected, WrongForm, Frozen, StepNotYours, NoDocument.
    """
    draft = _draft_of(session, document_id, by=by)
    old = _own(session, corrected_id, by=by)
    corrections_rules.check(
        kind,
        new_type=draft.type,
        old_type=old.type,
        old_state=old.state,
        old_force=force_of(session, corrected_id),
    )
    _drop(session, document_id, corrected_id)
    session.add(
        Correction(
            document_id=document_id,
            corrected_id=corrected_id,
            agency_id=draft.agency_id,
            kind=kind,
            noted_by=by.person_id,
            noted_at=at,
        )
    )
    _record(session, "document.correction_noted", document_id, corrected_id, by=by, at=at)


def drop(
    session: Session, document_id: UUID, corrected_id: UUID, *, by: Principal, at: datetime
) -> None:
    """The draft does not change that document after all. Idempotent."""
    _draft_of(session, document_id, by=by)
    _drop(session, document_id, corrected_id)
    _record(session, "document.correction_dropped", document_id, corrected_id, by=by, at=at)


def links(session: Session, document_id: UUID, *, who: Principal) -> Links:
    """Both directions, for the page of the document."""
    rows = session.execute(
        select(Correction, Document)
        .join(
            Document,
            or_(
                (Document.id == Correction.corrected_id) & (Correction.document_id == document_id),
                (Document.id == Correction.document_id) & (Correction.corrected_id == document_id),
            ),
        )
        .where(Correction.agency_id == who.agency_id)
        .order_by(Document.issued_on.nulls_last(), Correction.noted_at)
    ).all()
    ahead = tuple(
        _linked(row, other, corrections_rules.VERBS[row.kind])
        for row, other in rows
        if row.document_id == document_id
    )
    back = tuple(
        _linked(row, other, corrections_rules.PASSIVE[row.kind])
        for row, other in rows
        if row.corrected_id == document_id
    )
    return Links(ahead, back, force_of(session, document_id))


def force_of(session: Session, document_id: UUID) -> Force:
    """How the document stands after all issued ones that refer to it and were not recalled."""
    kinds = session.scalars(
        select(Correction.kind)
        .join(Document, Document.id == Correction.document_id)
        .where(Correction.corrected_id == document_id, Document.state == State.ISSUED)
    ).all()
    return corrections_rules.force_of(kinds)


def candidates(session: Session, *, who: Principal, words: str, limit: int) -> list[Candidate]:
    """Issued documents of the agency by number or subject, latest first."""
    query = (
        select(Document)
        .where(Document.agency_id == who.agency_id, Document.state == State.ISSUED)
        .order_by(Document.issued_on.desc(), Document.number.desc())
        .limit(limit)
    )
    for word in words.split():
        pattern = f"%{word.replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(
                Document.subject.ilike(pattern),
                func.concat(Document.number, "/", Document.notation).ilike(pattern),
            )
        )
    return [
        Candidate(
            row.id, types.code(row.number or 0, row.notation or ""), row.issued_on, row.subject
        )
        for row in session.scalars(query)
        if row.issued_on is not None
    ]


def recipients_of_corrected(session: Session, document_id: UUID) -> tuple[Target, ...]:
    """Every unit and agency outside that got a document which this one changes, to be chosen again.

    An agency that was taken off the directory meanwhile cannot be chosen.
    """
    units = session.scalars(
        select(IssuanceRecipient.unit_id)
        .join(Correction, Correction.corrected_id == IssuanceRecipient.document_id)
        .join(Issuance, Issuance.document_id == IssuanceRecipient.document_id)
        .where(Correction.document_id == document_id)
        .distinct()
    )
    outside = session.scalars(
        select(IssuanceOutside.organisation_id)
        .join(Correction, Correction.corrected_id == IssuanceOutside.document_id)
        .join(OutsideOrganisation, OutsideOrganisation.id == IssuanceOutside.organisation_id)
        .where(Correction.document_id == document_id, OutsideOrganisation.ended_at.is_(None))
        .distinct()
    )
    return (
        *(Target(unit_id=unit_id) for unit_id in units),
        *(Target(organisation_id=each) for each in outside),
    )


def left_out(session: Session, document_id: UUID, meant: recipients.Resolution) -> tuple[UUID, ...]:
    """Units and agencies outside that got what this document changes and would not get this one."""
    reached = {
        *(unit.unit_id for unit in meant.units),
        *(each.organisation_id for each in meant.outside),
    }
    before = recipients_of_corrected(session, document_id)
    named = (each.unit_id or each.organisation_id for each in before)
    return tuple(each for each in named if each is not None and each not in reached)


def _draft_of(session: Session, document_id: UUID, *, by: Principal) -> Document:
    draft = _own(session, document_id, by=by)
    rules.require(
        Step.SUBMIT,
        draft.state,
        PositionKind(by.position_kind),
        in_drafting_unit=rules.works_in_drafting_unit(
            PositionKind(by.position_kind),
            in_unit=draft.drafting_unit_id == by.unit_id,
            began_it=draft.created_by == by.person_id,
        ),
    )
    if not states.may_be_edited(draft.state):
        raise Frozen("Văn bản đã trình nên không đổi được văn bản liên quan.")
    return draft


def _own(session: Session, document_id: UUID, *, by: Principal) -> Document:
    found = session.scalars(
        select(Document)
        .where(Document.id == document_id, Document.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NoDocument("Không tìm thấy văn bản này trong cơ quan bạn đang làm việc.")
    return found


def _drop(session: Session, document_id: UUID, corrected_id: UUID) -> None:
    session.execute(
        delete(Correction).where(
            Correction.document_id == document_id, Correction.corrected_id == corrected_id
        )
    )


def _linked(row: Correction, other: Document, said: str) -> Linked:
    code = None if other.number is None else types.code(other.number, other.notation or "")
    return Linked(other.id, row.kind, said, code, other.issued_on, other.subject, other.state)


def _record(
    session: Session,
    action: str,
    document_id: UUID,
    corrected_id: UUID,
    *,
    by: Principal,
    at: datetime,
) -> None:
    audit.record(
        session,
        action,
        object_kind="document",
        object_id=document_id,
        by=by,
        at=at,
        details={"corrected_id": str(corrected_id)},
    )
