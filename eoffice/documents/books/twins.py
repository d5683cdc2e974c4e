"""A document that seems to be there already: the same file, or the same words to the same people.

A warning, never a refusal: a document that goes out twice is sometimes meant to. Decree 30/2020,
Annex VI: the system warns of duplicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents import queries, types
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.reservations import Paper
from eoffice.documents.model import Book, BookEntry, Document, DocumentVersion
from eoffice.documents.recipients import said as recipients_said
from eoffice.documents.states import State
from eoffice.errors import Conflict
from eoffice.web.principal import Principal

#: So far back the same words count as the same matter; a monthly report differs by its month.
WITHIN: Final = timedelta(days=15)
_MOST: Final = 5


class SameContent(Conflict):
    """The agency seems to have this document already."""

    def __init__(self, twins: list[Twin]) -> None:
        super().__init__(
            "Có văn bản giống văn bản này. Hãy mở xem; nếu vẫn cần, chọn tiếp tục để cấp số."
        )
        self.twins = twins


@dataclass(frozen=True, slots=True)
class Twin:
    """The other one; without an address where it is on paper."""

    document_id: UUID | None
    name: str
    why: str


def of_document(session: Session, document_id: UUID, *, who: Principal, at: datetime) -> list[Twin]:
    """Other documents that bear the same file, or subject and recipients of the last 15 days.

    Only numbered ones and those that this person may read.
    """
    this = session.get(Document, document_id)
    if this is None:
        return []
    mine, theirs = aliased(DocumentVersion), aliased(DocumentVersion)
    same_file = (
        select(theirs.document_id)
        .join(mine, mine.content_sha256 == theirs.content_sha256)
        .where(mine.document_id == document_id, theirs.document_id != document_id)
    )
    found = session.scalars(
        select(Document)
        .where(
            Document.id != document_id,
            Document.number.is_not(None),
            Document.state != State.WITHDRAWN,
            queries.may_see(who),
            or_(
                Document.id.in_(same_file),
                (func.lower(Document.subject) == this.subject.lower())
                & (Document.type == this.type)
                & (Document.issued_on >= clock.civil_date(at - WITHIN)),
            ),
        )
        .order_by(Document.issued_on.desc())
        .limit(_MOST)
    ).all()
    same = set(session.scalars(same_file))
    said = _recipients(session, document_id)
    return [
        _twin(each, "cùng tệp" if each.id in same else "cùng trích yếu và nơi nhận")
        for each in found
        if each.id in same or _recipients(session, each.id) == said
    ]


def of_paper(
    session: Session, paper: Paper, *, kind: BookKind, who: Principal, at: datetime
) -> list[Twin]:
    """Lines of the same kind of book with the same type and subject, of the last 15 days."""
    subject = " ".join(paper.subject.split()).lower()
    rows = session.execute(
        select(BookEntry, Document)
        .join(Book, Book.id == BookEntry.book_id)
        .outerjoin(Document, (Document.id == BookEntry.document_id) & queries.may_see(who))
        .where(
            Book.agency_id == who.agency_id,
            Book.kind == kind,
            BookEntry.annulled_at.is_(None),
            func.coalesce(BookEntry.type, Document.type) == paper.type.value,
            func.lower(func.coalesce(BookEntry.subject, Document.subject)) == subject,
            func.coalesce(BookEntry.issued_on, Document.issued_on) >= clock.civil_date(at - WITHIN),
        )
        .order_by(BookEntry.number.desc())
        .limit(_MOST)
    )
    return [
        _twin(document, "cùng trích yếu")
        if document is not None
        else Twin(
            None,
            f"{types.code(entry.number, entry.notation or '')}, văn bản giấy",
            "cùng trích yếu",
        )
        for entry, document in rows
    ]


def _twin(found: Document, why: str) -> Twin:
    assert found.number is not None
    assert found.notation is not None
    assert found.issued_on is not None
    return Twin(
        found.id,
        f"{types.name(found.type)} số {types.code(found.number, found.notation)} "
        f"ngày {found.issued_on:%d/%m/%Y}",
        why,
    )


def _recipients(session: Session, document_id: UUID) -> tuple[str, ...]:
    return tuple(sorted(each.name for each in recipients_said.said(session, document_id)))
