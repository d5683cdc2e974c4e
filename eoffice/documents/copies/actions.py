"""Sao y, trích sao, sao lục: copies of documents that were issued or received, and their numbers.

Decree 30/2020, art. 25 to 27 and Annex I, part II. A copy is a document of its own: it is begun
with its pages, approved, signed, numbered in the book of copies, sealed and issued as others are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.documents import actions, queries, rules, types
from eoffice.documents.actions import Content
from eoffice.documents.form.stamping import Marks
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import CopyMedium, Document, DocumentCopy
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Secrecy
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

MEDIUM_NAMES = {
    CopyMedium.ELECTRONIC: "Định dạng điện tử",
    CopyMedium.PAPER: "Định dạng giấy",
}


class NotCopied(Conflict):
    """Of this document no copy can be made now."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is copied; exactly one of the two identifiers."""

    code: str
    agency: str
    issued_on: date | None
    subject: str
    content_sha256: Sha256
    page_count: int
    secrecy: Secrecy = Secrecy.NONE
    document_id: UUID | None = None
    delivery_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy, as the lists of the original and its own page show it."""

    document_id: UUID
    type: DocumentType
    medium: CopyMedium
    code: str | None
    state: State
    created_at: datetime
    pages: str
    source_document_id: UUID | None
    source_delivery_id: UUID | None
    source_code: str
    source_agency: str
    source_date: date | None


def require_copier(position: PositionKind) -> None:
    """Raises NotAllowed for all but the clerk, who keeps the book of copies."""
    if position is not PositionKind.CLERK:
        raise NotAllowed("Việc lập bản sao dành cho văn thư cơ quan.")


def require_pages(kind: DocumentType, pages: str) -> None:
    """An extract names its pages, the others are of the whole. Raises Invalid."""
    if kind not in types.COPIES:
        raise Invalid("Hình thức sao không có trong Nghị định 30/2020/NĐ-CP.")
    if (kind is DocumentType.EXTRACT) != bool(pages.strip()):
        raise Invalid(
            "Trích sao phải ghi các trang được sao; sao y và sao lục sao toàn bộ văn bản.",
            fields={"pages": "Ghi trang khi trích sao, ví dụ: 1, 3-5; để trống khi sao toàn bộ."},
        )


def own_source(session: Session, document_id: UUID, *, who: Principal) -> Source:
    """An issued document of the agency. Raises NoDocument, NotCopied."""
    found = queries.document(session, document_id, who=who)
    if found.state is not State.ISSUED or found.code is None or found.issuance is None:
        raise NotCopied("Chỉ sao văn bản đã phát hành và chưa thu hồi.")
    return Source(
        code=found.code,
        agency=queries.issued(session, document_id).agency_name,
        issued_on=found.issued_on,
        subject=found.subject,
        content_sha256=Sha256.parse(found.issuance.content_sha256),
        page_count=found.latest.page_count or 1,
        secrecy=found.secrecy,
        document_id=document_id,
    )


def begin(
    session: Session,
    kind: DocumentType,
    medium: CopyMedium,
    source: Source,
    text: DispatchText,
    content: Content,
    *,
    pages: str,
    by: Principal,
    at: datetime,
) -> UUID:
    """Begin a copy with its finished pages. Raises NotAllowed, Invalid."""
    require_copier(PositionKind(by.position_kind))
    require_pages(kind, pages)
    document_id = actions.begin(
        session, kind, text, marks=Marks(secrecy=source.secrecy), by=by, at=at
    )
    session.flush()  # The pages are laid upon the draft that was just begun.
    actions.upload_draft(session, document_id, content, by=by, at=at)
    session.add(
        DocumentCopy(
            document_id=document_id,
            agency_id=by.agency_id,
            medium=medium,
            source_document_id=source.document_id,
            source_delivery_id=source.delivery_id,
            source_code=source.code,
            source_agency=source.agency,
            source_date=source.issued_on,
            source_subject=source.subject,
            source_sha256=str(source.content_sha256),
            pages=pages.strip(),
        )
    )
    audit.record(
        session,
        "document.copied",
        object_kind="document",
        object_id=source.document_id or document_id,
        by=by,
        at=at,
        details={"copy_id": str(document_id), "type": kind.value, "medium": medium.value},
    )
    return document_id


def of_source(session: Session, source_id: UUID, *, who: Principal) -> tuple[Copy, ...]:
    """Copies that the agency made of a document or of a delivery, the newest first."""
    if not rules.may_write(PositionKind(who.position_kind)):
        return ()
    return _found(
        session,
        or_(
            DocumentCopy.source_document_id == source_id,
            DocumentCopy.source_delivery_id == source_id,
        ),
    )


def copied(session: Session, document_id: UUID) -> Copy | None:
    """Of what this document is a copy; None where it is none."""
    return next(iter(_found(session, DocumentCopy.document_id == document_id)), None)


def said_on_it(session: Session, document_id: UUID, agency: str) -> str:
    """ "SAO Y; Sở Giáo dục và Đào tạo" for the signature on an electronic copy; else empty."""
    found = copied(session, document_id)
    if found is None or found.medium is not CopyMedium.ELECTRONIC:
        return ""
    return f"{types.name(found.type).upper()}; {agency}"


def _found(session: Session, condition: object) -> tuple[Copy, ...]:
    rows = session.execute(
        select(DocumentCopy, Document)
        .join(Document, Document.id == DocumentCopy.document_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(Document.created_at.desc(), Document.id)
    )
    return tuple(
        Copy(
            document_id=document.id,
            type=document.type,
            medium=row.medium,
            code=None
            if document.number is None or document.notation is None
            else types.code(document.number, document.notation),
            state=document.state,
            created_at=document.created_at,
            pages=row.pages,
            source_document_id=row.source_document_id,
            source_delivery_id=row.source_delivery_id,
            source_code=row.source_code,
            source_agency=row.source_agency,
            source_date=row.source_date,
        )
        for row, document in rows
    )
