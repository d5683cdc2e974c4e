"""What the API of documents takes and answers, and how answers are made; nothing is decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec

from eoffice.documents import queries, types
from eoffice.documents.flows import comment_actions
from eoffice.documents.form import text as texts
from eoffice.documents.form.findings import Finding, Severity
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Secrecy, Urgency

T = TypeVar("T")


class NewDocument(msgspec.Struct, frozen=True, kw_only=True):
    type: DocumentType = DocumentType.DISPATCH
    #: The parts of the text, as in the answer's `versions[].text`.
    text: dict[str, Any] = {}
    urgency: Urgency = Urgency.ORDINARY
    #: For an urgency by the hour: until when it has to be with the recipients.
    express_at: datetime | None = None
    secrecy: Secrecy = Secrecy.NONE
    #: Words of box 11: "LƯU HÀNH NỘI BỘ".
    circulation: str = ""
    due_on: date | None = None


class DraftIn(msgspec.Struct, frozen=True, kw_only=True):
    text: dict[str, Any]
    #: The revision that the writer saw.
    expected_revision: int
    #: These four stay as they are where they are left out.
    urgency: Urgency | None = None
    express_at: datetime | None = None
    secrecy: Secrecy | None = None
    circulation: str | None = None
    due_on: date | None = None


class RevisionOut(msgspec.Struct, frozen=True, kw_only=True):
    revision: int


class RecipientIn(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of the two."""

    unit_id: UUID | None = None
    group_code: str | None = None

    def __post_init__(self) -> None:
        if (self.unit_id is None) == (self.group_code is None):
            raise ValueError("Mỗi nơi nhận là một đơn vị hoặc một nhóm đơn vị.")


class RecipientsIn(msgspec.Struct, frozen=True, kw_only=True):
    recipients: Annotated[list[RecipientIn], msgspec.Meta(max_length=1000)]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=comment_actions.LONGEST_COMMENT)]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=comment_actions.LONGEST_COMMENT)]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


class DocumentLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str | None
    issued_on: date | None
    type: DocumentType
    type_name: str
    subject: str
    urgency: Urgency
    state: State
    state_since: datetime
    created_at: datetime
    drafting_unit: str
    drafted_by: str


class VersionOut(msgspec.Struct, frozen=True, kw_only=True):
    ordinal: int
    kind: str
    text: dict[str, Any] | None
    revision: int
    content_sha256: str | None
    size_bytes: int | None
    page_count: int | None
    created_by: str
    created_at: datetime
    saved_at: datetime
    frozen_at: datetime | None


class CommentOut(msgspec.Struct, frozen=True, kw_only=True):
    version_ordinal: int
    text: str
    is_return_reason: bool
    written_by: str
    written_at: datetime


class AttachmentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    media_type: str
    content_sha256: str
    size_bytes: int


class RecipientOut(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID | None
    group_code: str | None
    name: str


class IssuanceOut(msgspec.Struct, frozen=True, kw_only=True):
    issued_at: datetime
    issued_by: str
    content_sha256: str
    recipients: int


class DocumentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    type: DocumentType
    subject: str
    urgency: Urgency
    express_at: datetime | None
    secrecy: Secrecy
    circulation: str
    state: State
    state_since: datetime
    due_on: date | None
    agency_id: UUID
    drafting_unit: str
    created_by: str
    created_at: datetime
    code: str | None
    number: int | None
    notation: str | None
    issued_on: date | None
    signer: str | None
    signer_capacity: str | None
    versions: list[VersionOut]
    comments: list[CommentOut]
    attachments: list[AttachmentOut]
    recipients: list[RecipientOut]
    issuance: IssuanceOut | None
    withdrawn_because: str | None


class FindingOut(msgspec.Struct, frozen=True, kw_only=True):
    rule: str
    source: str
    severity: Severity
    message: str
    field: str


class FormCheckOut(msgspec.Struct, frozen=True, kw_only=True):
    passes: bool
    findings: list[FindingOut]


class ComparisonOut(msgspec.Struct, frozen=True, kw_only=True):
    #: Names of the parts that differ.
    fields: list[str]
    #: Pairs of the paragraphs taken out and put in, either may be null.
    paragraphs: list[tuple[str | None, str | None]]


class UnitNamed(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID
    name: str


class BookOpening(msgspec.Struct, frozen=True, kw_only=True):
    #: The last number that the paper book gave; 0 when there was none.
    opening_number: Annotated[int, msgspec.Meta(ge=0, le=999_999)]


def line(row: queries.DocumentLine) -> DocumentLineOut:
    return DocumentLineOut(
        id=row.id,
        code=row.code,
        issued_on=row.issued_on,
        type=row.type,
        type_name=types.name(row.type),
        subject=row.subject,
        urgency=row.urgency,
        state=row.state,
        state_since=row.state_since,
        created_at=row.created_at,
        drafting_unit=row.drafting_unit,
        drafted_by=row.drafted_by,
    )


def document(found: queries.DocumentRead) -> DocumentOut:
    return DocumentOut(
        id=found.id,
        type=found.type,
        subject=found.subject,
        urgency=found.urgency,
        express_at=found.express_at,
        secrecy=found.secrecy,
        circulation=found.circulation,
        state=found.state,
        state_since=found.state_since,
        due_on=found.due_on,
        agency_id=found.agency_id,
        drafting_unit=found.drafting_unit,
        created_by=found.created_by,
        created_at=found.created_at,
        code=found.code,
        number=found.number,
        notation=found.notation,
        issued_on=found.issued_on,
        signer=found.signer,
        signer_capacity=found.signer_capacity,
        versions=[version(each) for each in found.versions],
        comments=_all(found.comments, CommentOut),
        attachments=_all(found.attachments, AttachmentOut),
        recipients=_all(found.recipients, RecipientOut),
        issuance=None
        if found.issuance is None
        else msgspec.convert(found.issuance, IssuanceOut, from_attributes=True),
        withdrawn_because=found.withdrawn_because,
    )


def version(found: queries.Version) -> VersionOut:
    return VersionOut(
        ordinal=found.ordinal,
        kind=found.kind.value,
        text=None if found.text is None else texts.serialise(found.text),
        revision=found.revision,
        content_sha256=found.content_sha256,
        size_bytes=found.size_bytes,
        page_count=found.page_count,
        created_by=found.created_by,
        created_at=found.created_at,
        saved_at=found.saved_at,
        frozen_at=found.frozen_at,
    )


def finding(found: Finding) -> FindingOut:
    return msgspec.convert(found, FindingOut, from_attributes=True)


def _all(found: tuple[Any, ...], kind: type[T]) -> list[T]:
    return [msgspec.convert(each, kind, from_attributes=True) for each in found]
