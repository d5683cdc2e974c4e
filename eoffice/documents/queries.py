"""What may be read of documents.

Every function filters by the acting agency itself, and within it by unit and position
(`rules.readable`); row-level security of the agency stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from eoffice.documents import rules, types
from eoffice.documents.flows import sql as flow_sql
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import (
    Attachment,
    Document,
    DocumentComment,
    DocumentVersion,
    Issuance,
    IssuanceRecipient,
    VersionKind,
    Withdrawal,
)
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import said as recipients_said
from eoffice.documents.states import State
from eoffice.documents.steps import NoDocument
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person, Unit
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of a list, as a clerk's book has it."""

    id: UUID
    code: str | None
    issued_on: date | None
    type: DocumentType
    subject: str
    urgency: Urgency
    state: State
    state_since: datetime
    created_at: datetime
    drafting_unit: str
    drafted_by: str


@dataclass(frozen=True, slots=True)
class Version:
    ordinal: int
    kind: VersionKind
    text: DispatchText | None
    revision: int
    content_sha256: str | None
    size_bytes: int | None
    page_count: int | None
    created_by: str
    created_at: datetime
    saved_at: datetime
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Remark:
    version_ordinal: int
    text: str
    is_return_reason: bool
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class AttachedFile:
    id: UUID
    name: str
    media_type: str
    #: With the agency's signature on it, where it has one.
    content_sha256: str
    size_bytes: int
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChosenRecipient:
    unit_id: UUID | None
    group_code: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Issued:
    issued_at: datetime
    issued_by: str
    content_sha256: str
    recipients: int


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document with everything that its page shows."""

    id: UUID
    agency_id: UUID
    drafting_unit_id: UUID
    drafting_unit: str
    type: DocumentType
    subject: str
    urgency: Urgency
    #: Until when an express document by the hour has to be with its recipients.
    express_at: datetime | None
    secrecy: Secrecy
    #: Words of box 11, "LƯU HÀNH NỘI BỘ"; empty where there are none.
    circulation: str
    state: State
    state_since: datetime
    due_on: date | None
    created_by: str
    created_at: datetime
    number: int | None
    notation: str | None
    issued_on: date | None
    signer: str | None
    signer_capacity: str | None
    versions: tuple[Version, ...]
    comments: tuple[Remark, ...]
    attachments: tuple[AttachedFile, ...]
    recipients: tuple[ChosenRecipient, ...]
    issuance: Issued | None
    withdrawn_because: str | None

    @property
    def latest(self) -> Version:
        return self.versions[-1]

    @property
    def code(self) -> str | None:
        """ "960/SGDĐT-CNTTTBTV", or None before it has a number."""
        if self.number is None or self.notation is None:
            return None
        return types.code(self.number, self.notation)


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """What recipients are told of an issued document, without its rows being shown to them."""

    id: UUID
    agency_id: UUID
    agency_name: str
    type: DocumentType
    number: int
    notation: str
    code: str
    issued_on: date
    issued_at: datetime
    subject: str
    signer_name: str
    signer_capacity: str
    urgency: Urgency
    due_on: date | None
    content_sha256: str
    attachments: tuple[AttachedFile, ...]


def document(session: Session, document_id: UUID, *, who: Principal) -> DocumentRead:
    """One document of the agency, if the person may read it. Raises NoDocument."""
    creator, signer = aliased(Person), aliased(Person)
    found = session.execute(
        select(Document, Unit.name, creator.full_name, signer.full_name)
        .join(Unit, Unit.id == Document.drafting_unit_id)
        .join(creator, creator.id == Document.created_by)
        .outerjoin(signer, signer.id == Document.signer_id)
        .where(Document.id == document_id, _may_see(who))
    ).one_or_none()
    if found is None:
        raise NoDocument(
            "Không tìm thấy văn bản này trong cơ quan bạn đang làm việc. Có thể văn bản thuộc cơ "
            "quan hoặc đơn vị khác, hoặc bạn đang chọn chức vụ khác."
        )
    row, unit_name, creator_name, signer_name = found
    return DocumentRead(
        id=row.id,
        agency_id=row.agency_id,
        drafting_unit_id=row.drafting_unit_id,
        drafting_unit=unit_name,
        type=row.type,
        subject=row.subject,
        urgency=row.urgency,
        express_at=row.express_at,
        secrecy=row.secrecy,
        circulation=row.circulation,
        state=row.state,
        state_since=row.state_since,
        due_on=row.due_on,
        created_by=creator_name,
        created_at=row.created_at,
        number=row.number,
        notation=row.notation,
        issued_on=row.issued_on,
        signer=signer_name,
        signer_capacity=row.signer_capacity,
        versions=_versions(session, row.id),
        comments=_comments(session, row.id),
        attachments=_attachments(session, row.id),
        recipients=_recipients(session, row.id),
        issuance=_issuance(session, row.id),
        withdrawn_because=session.scalar(
            select(Withdrawal.reason).where(Withdrawal.document_id == row.id)
        ),
    )


def listing(
    session: Session,
    *,
    who: Principal,
    states: Sequence[State] = (),
    words: str = "",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[DocumentLine]:
    """The agency's outgoing documents that `who` may read, newest first, from behind `after`."""
    query = _lines().where(_may_see(who))
    if states:
        query = query.where(Document.state.in_(states))
    if words.strip():
        query = query.where(
            func.vn_tsv(
                func.concat_ws(" ", Document.subject, Document.number, Document.notation)
            ).op("@@")(func.vn_q(words))
        )
    if after is not None:
        query = query.where(tuple_(Document.created_at, Document.id) < after)
    query = query.order_by(Document.created_at.desc(), Document.id.desc()).limit(limit)
    return [_line(row) for row in session.execute(query)]


def awaiting(session: Session, who: Principal, *, limit: int = 50) -> list[DocumentLine]:
    """Documents in which the next step is this person's, the longest waiting first."""
    mine = _awaits(who)
    if mine is None:
        return []
    query = (
        _lines()
        .where(Document.agency_id == who.agency_id, mine)
        .order_by(Document.state_since, Document.id)
        .limit(limit)
    )
    return [_line(row) for row in session.execute(query)]


def count_awaiting(session: Session, who: Principal) -> int:
    mine = _awaits(who)
    if mine is None:
        return 0
    return session.execute(
        select(func.count()).select_from(Document).where(Document.agency_id == who.agency_id, mine)
    ).scalar_one()


def issued(session: Session, document_id: UUID) -> IssuedDocument:
    """What a delivery tells. For the task that delivers, which passes row-level security."""
    row, agency_name, signer_name, issuance = session.execute(
        select(Document, Unit.name, Person.full_name, Issuance)
        .join(Unit, Unit.id == Document.agency_id)
        .join(Person, Person.id == Document.signer_id)
        .join(Issuance, Issuance.document_id == Document.id)
        .where(Document.id == document_id)
    ).one()
    assert row.number is not None
    assert row.notation is not None
    assert row.issued_on is not None
    return IssuedDocument(
        id=row.id,
        agency_id=row.agency_id,
        agency_name=agency_name,
        type=row.type,
        number=row.number,
        notation=row.notation,
        code=types.code(row.number, row.notation),
        issued_on=row.issued_on,
        issued_at=issuance.issued_at,
        subject=row.subject,
        signer_name=signer_name,
        signer_capacity=row.signer_capacity or "",
        urgency=row.urgency,
        due_on=row.due_on,
        content_sha256=issuance.content_sha256,
        attachments=_attachments(session, row.id),
    )


def recipients_preview(
    session: Session, document_id: UUID, *, who: Principal, at: datetime
) -> list[tuple[UUID, str]]:
    """Units to which the document would go if it were issued now: id and name."""
    meant = resolution(session, document_id, who=who, at=at)
    return [(unit.unit_id, unit.name) for unit in meant.units]


def resolution(
    session: Session, document_id: UUID, *, who: Principal, at: datetime
) -> recipients.Resolution:
    """Whom the document would reach if it were issued now. Raises NoDocument."""
    row = session.scalars(
        select(Document).where(Document.id == document_id, _may_see(who))
    ).one_or_none()
    if row is None:
        raise NoDocument("Không tìm thấy văn bản này trong cơ quan bạn đang làm việc.")
    return recipients.of_document(session, row, at=at)


def may_see(who: Principal) -> ColumnElement[bool]:
    """Which documents the person may read, for queries of lines that lead to them."""
    return _may_see(who)


def _lines() -> Select[Document, str, str]:
    return (
        select(Document, Unit.name, Person.full_name)
        .join(Unit, Unit.id == Document.drafting_unit_id)
        .join(Person, Person.id == Document.created_by)
    )


def _line(row: Any) -> DocumentLine:
    found, unit, person = row
    return DocumentLine(
        id=found.id,
        code=None if found.number is None else types.code(found.number, found.notation),
        issued_on=found.issued_on,
        type=found.type,
        subject=found.subject,
        urgency=found.urgency,
        state=found.state,
        state_since=found.state_since,
        created_at=found.created_at,
        drafting_unit=unit,
        drafted_by=person,
    )


def _may_see(who: Principal) -> ColumnElement[bool]:
    """Which documents of the acting agency the person may read."""
    position = PositionKind(who.position_kind)
    elsewhere = Document.state.in_(rules.readable(position, in_drafting_unit=False))
    here = and_(
        Document.state.in_(rules.readable(position, in_drafting_unit=True)),
        Document.drafting_unit_id == who.unit_id,
        or_(Document.created_by == who.person_id, literal(position is not PositionKind.TEACHER)),
    )
    asked = and_(
        literal(rules.may_write(position)), or_(flow_sql.waits_for(who), flow_sql.took_part(who))
    )
    return and_(Document.agency_id == who.agency_id, or_(elsewhere, here, asked))


def _awaits(who: Principal) -> ColumnElement[bool] | None:
    """Which documents wait for somebody in this position; None where none ever does."""
    position = PositionKind(who.position_kind)
    if not rules.may_write(position):
        return None
    own_draft = and_(
        Document.state == State.DRAFT,
        or_(
            and_(Document.created_by == who.person_id, not_(flow_sql.handed_on())),
            flow_sql.writes(who),
        ),
    )
    in_flow = and_(Document.state.in_((State.SUBMITTED, State.CHECKING)), flow_sql.waits_for(who))
    to_sign = and_(Document.state == State.AWAITING_SIGNATURE, _leaves_signing_to(who))
    if position is PositionKind.CLERK:
        clerical = (State.SIGNED, State.NUMBERED, State.SEALED)
        return or_(Document.state.in_(clerical), in_flow, own_draft)
    if position in (PositionKind.OFFICE_HEAD, PositionKind.HEAD, PositionKind.DEPUTY_HEAD):
        return or_(to_sign, in_flow, own_draft)
    return or_(in_flow, own_draft)


def _leaves_signing_to(who: Principal) -> ColumnElement[bool]:
    """The newest version names this person as its signer, or came finished and names nobody."""
    every = aliased(DocumentVersion)
    newest = (
        select(func.max(every.ordinal))
        .where(every.document_id == Document.id)
        .correlate(Document)
        .scalar_subquery()
    )
    signer = DocumentVersion.text["signer_name"].astext
    return (
        select(DocumentVersion.document_id)
        .where(
            DocumentVersion.document_id == Document.id,
            DocumentVersion.ordinal == newest,
            or_(signer.is_(None), signer == who.full_name),
        )
        .correlate(Document)
        .exists()
    )


def _versions(session: Session, document_id: UUID) -> tuple[Version, ...]:
    rows = session.execute(
        select(DocumentVersion, Person.full_name)
        .join(Person, Person.id == DocumentVersion.created_by)
        .where(DocumentVersion.document_id == document_id)
        .order_by(DocumentVersion.ordinal)
    )
    return tuple(
        Version(
            ordinal=row.ordinal,
            kind=row.kind,
            text=None if row.text is None else texts.parse(row.text),
            revision=row.revision,
            content_sha256=row.content_sha256,
            size_bytes=row.size_bytes,
            page_count=row.page_count,
            created_by=name,
            created_at=row.created_at,
            saved_at=row.saved_at,
            frozen_at=row.frozen_at,
        )
        for row, name in rows
    )


def _comments(session: Session, document_id: UUID) -> tuple[Remark, ...]:
    rows = session.execute(
        select(DocumentComment, Person.full_name)
        .join(Person, Person.id == DocumentComment.written_by)
        .where(DocumentComment.document_id == document_id)
        .order_by(DocumentComment.written_at, DocumentComment.id)
    )
    return tuple(
        Remark(row.version_ordinal, row.text, row.is_return_reason, name, row.written_at)
        for row, name in rows
    )


def _attachments(session: Session, document_id: UUID) -> tuple[AttachedFile, ...]:
    rows = session.scalars(
        select(Attachment)
        .where(Attachment.document_id == document_id)
        .order_by(Attachment.added_at)
    )
    return tuple(
        AttachedFile(
            row.id,
            row.name,
            row.media_type,
            row.signed_sha256 or row.content_sha256,
            row.signed_size_bytes or row.size_bytes,
            row.signed_at,
        )
        for row in rows
    )


def _recipients(session: Session, document_id: UUID) -> tuple[ChosenRecipient, ...]:
    return tuple(
        ChosenRecipient(each.unit_id, each.group_code, each.name)
        for each in recipients_said.said(session, document_id)
    )


def _issuance(session: Session, document_id: UUID) -> Issued | None:
    found = session.execute(
        select(Issuance, Person.full_name)
        .join(Person, Person.id == Issuance.issued_by)
        .where(Issuance.document_id == document_id)
    ).one_or_none()
    if found is None:
        return None
    row, name = found
    recipients = session.execute(
        select(func.count())
        .select_from(IssuanceRecipient)
        .where(IssuanceRecipient.document_id == document_id)
    ).scalar_one()
    return Issued(row.issued_at, name, row.content_sha256, recipients)
