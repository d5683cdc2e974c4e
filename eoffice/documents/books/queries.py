"""The books of outgoing documents, line by line, in the columns of Decree 30/2020, Annex IV.

Whoever reads the agency's documents reads its book; that a line opens its document is another
matter: `is_readable` says whether this person may (`queries.may_see`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import queries, types
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.model import Book, BookEntry, Document, Issuance, IssuanceRecipient
from eoffice.documents.recipients import said as recipients_said
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.people.model import Person, Unit
from eoffice.web.principal import Principal


class EntryState(StrEnum):
    """What became of a number."""

    ISSUED = "issued"
    #: numbered or sealed, and with nobody yet
    NUMBERED = "numbered"
    #: issued and taken back
    WITHDRAWN = "withdrawn"
    PAPER = "paper"
    RESERVED = "reserved"
    ANNULLED = "annulled"


STATE_NAMES: Final[dict[EntryState, str]] = {
    EntryState.ISSUED: "Đã phát hành",
    EntryState.NUMBERED: "Đã cấp số, chưa phát hành",
    EntryState.WITHDRAWN: "Đã thu hồi",
    EntryState.PAPER: "Văn bản giấy",
    EntryState.RESERVED: "Đang giữ số",
    EntryState.ANNULLED: "Đã hủy số",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines; every part that is None is not asked for. Days are those of the document."""

    year: int
    kind: BookKind = BookKind.OUTGOING
    first_day: date | None = None
    last_day: date | None = None
    unit_id: UUID | None = None
    type: DocumentType | None = None
    state: EntryState | None = None


@dataclass(frozen=True, slots=True)
class BookLine:
    """A line of a book of outgoing documents."""

    number: int
    document_id: UUID | None
    #: Số, ký hiệu; of a reserved number the number alone
    code: str
    #: Ngày tháng văn bản
    issued_on: date | None
    #: Tên loại và trích yếu
    type_and_subject: str
    #: Người ký
    signer: str
    #: Nơi nhận
    recipients: str
    #: Đơn vị, người nhận bản lưu
    filed_by: str
    #: Số lượng bản
    copies: int | None
    #: Ngày chuyển: when it went out
    sent_on: date | None
    #: Ký nhận: by the system, or by hand in the printed book
    receipt: str
    #: Ghi chú
    note: str
    state: EntryState
    annulled_because: str | None
    reserved_until: date | None
    #: Whether this reader may open the document.
    is_readable: bool


@dataclass(frozen=True, slots=True)
class BookRead:
    """A book as a whole."""

    kind: BookKind
    year: int
    opening_number: int
    last_number: int
    closed_at: datetime | None


def lines(
    session: Session,
    wanted: Wanted,
    *,
    who: Principal,
    before: int | None = None,
    limit: int | None = None,
    oldest_first: bool = False,
) -> list[BookLine]:
    """Lines of a book of the acting agency, the highest number first, below `before`."""
    copies = (
        select(func.count())
        .select_from(IssuanceRecipient)
        .where(IssuanceRecipient.document_id == Document.id)
        .scalar_subquery()
    )
    query = (
        _entries(
            select(
                BookEntry,
                Document,
                Person.full_name,
                Unit.name,
                copies,
                Issuance.issued_at,
                queries.may_see(who),
            ),
            wanted,
            who,
        )
        .outerjoin(Unit, Unit.id == Document.drafting_unit_id)
        .outerjoin(Person, Person.id == Document.signer_id)
        .order_by(BookEntry.number if oldest_first else BookEntry.number.desc())
    )
    if before is not None:
        query = query.where(BookEntry.number < before)
    if limit is not None:
        query = query.limit(limit)
    return [
        _of_document(session, entry, document, signer or "", unit, count, issued_at, bool(seen))
        if document is not None
        else _of_paper(entry)
        for entry, document, signer, unit, count, issued_at, seen in session.execute(query)
    ]


def count(session: Session, wanted: Wanted, *, who: Principal) -> int:
    found: int = session.execute(_entries(select(func.count()), wanted, who)).scalar_one()
    return found


def book(session: Session, *, who: Principal, kind: BookKind, year: int) -> BookRead:
    """The book itself; one that is not there yet has given no number."""
    found = session.scalars(
        select(Book).where(Book.agency_id == who.agency_id, Book.kind == kind, Book.year == year)
    ).one_or_none()
    if found is None:
        return BookRead(kind, year, 0, 0, None)
    return BookRead(kind, year, found.opening_number, found.last_number, found.closed_at)


def years(session: Session, *, who: Principal) -> tuple[int, ...]:
    """Years for which the agency has a book, latest first."""
    return tuple(
        session.scalars(
            select(Book.year)
            .where(Book.agency_id == who.agency_id)
            .distinct()
            .order_by(Book.year.desc())
        )
    )


def to_number(session: Session, *, kind: BookKind, who: Principal) -> list[tuple[UUID, str]]:
    """Signed documents that wait for a number in this book: id, and type with subject."""
    found = session.execute(
        select(Document.id, Document.type, Document.subject, Document.secrecy)
        .where(
            Document.agency_id == who.agency_id,
            Document.state == State.SIGNED,
            _goes_into(kind),
        )
        .order_by(Document.state_since)
        .limit(200)
    )
    return [(row.id, f"{types.name(row.type)} {row.subject}") for row in found]


def units(session: Session, *, who: Principal) -> list[tuple[UUID, str]]:
    """Units of the agency that drafted something with a number."""
    rows = session.execute(
        select(Unit.id, Unit.name)
        .where(
            Unit.id.in_(
                select(Document.drafting_unit_id).where(
                    Document.agency_id == who.agency_id, Document.number.is_not(None)
                )
            )
        )
        .order_by(Unit.name)
    )
    return [(row[0], row[1]) for row in rows]


def _goes_into(kind: BookKind) -> ColumnElement[bool]:
    is_copy = Document.type.in_(types.COPIES)
    is_open = Document.secrecy == types.Secrecy.NONE
    return {
        BookKind.SECRET: ~is_open,
        BookKind.COPY: and_(is_copy, is_open),
        BookKind.OUTGOING: and_(~is_copy, is_open),
    }[kind]


def _entries(query: Select[*tuple[object, ...]], wanted: Wanted, who: Principal) -> Select:  # type: ignore[type-arg]
    day = func.coalesce(
        BookEntry.issued_on,
        Document.issued_on,
        func.date(func.timezone("Asia/Ho_Chi_Minh", BookEntry.taken_at)),
    )
    return (
        query.select_from(BookEntry)
        .join(Book, Book.id == BookEntry.book_id)
        .outerjoin(Document, Document.id == BookEntry.document_id)
        .outerjoin(Issuance, Issuance.document_id == Document.id)
        .where(
            Book.agency_id == who.agency_id,
            Book.kind == wanted.kind,
            Book.year == wanted.year,
            true() if wanted.first_day is None else day >= wanted.first_day,
            true() if wanted.last_day is None else day <= wanted.last_day,
            true() if wanted.unit_id is None else Document.drafting_unit_id == wanted.unit_id,
            true()
            if wanted.type is None
            else or_(Document.type == wanted.type, BookEntry.type == wanted.type),
            true() if wanted.state is None else _state() == wanted.state.value,
        )
    )


def _state() -> ColumnElement[str]:
    return case(
        (BookEntry.annulled_at.is_not(None), EntryState.ANNULLED.value),
        (BookEntry.subject.is_not(None), EntryState.PAPER.value),
        (BookEntry.document_id.is_(None), EntryState.RESERVED.value),
        (Document.state == State.WITHDRAWN, EntryState.WITHDRAWN.value),
        (Issuance.document_id.is_not(None), EntryState.ISSUED.value),
        else_=EntryState.NUMBERED.value,
    )


def _of_document(
    session: Session,
    entry: BookEntry,
    document: Document,
    signer: str,
    unit: str,
    copies: int,
    issued_at: datetime | None,
    is_readable: bool,
) -> BookLine:
    state = EntryState.NUMBERED
    note = ""
    if entry.annulled_because is not None:
        state, note = EntryState.ANNULLED, f"Hủy số: {entry.annulled_because}"
    elif document.state is State.WITHDRAWN:
        state, note = EntryState.WITHDRAWN, "Đã thu hồi"
    elif issued_at is not None:
        state = EntryState.ISSUED
    named = recipients_said.said(session, document.id)
    return BookLine(
        number=entry.number,
        document_id=document.id,
        code=types.code(entry.number, entry.notation or document.notation or ""),
        issued_on=document.issued_on,
        type_and_subject=f"{types.name(document.type)} {document.subject}",
        signer=signer,
        recipients="; ".join(each.name for each in named),
        filed_by=unit,
        copies=document.issued_amount or copies,
        sent_on=None if issued_at is None else clock.civil_date(issued_at),
        receipt="" if issued_at is None else "Điện tử",
        note=note,
        state=state,
        annulled_because=entry.annulled_because,
        reserved_until=entry.reserved_until,
        is_readable=is_readable,
    )


def _of_paper(entry: BookEntry) -> BookLine:
    """A paper, or a number that is held or was given up before anything took it."""
    annulled = entry.annulled_because
    paper = entry.subject is not None
    if annulled is not None:
        state, note = EntryState.ANNULLED, f"Hủy số: {annulled}"
    elif paper:
        state, note = EntryState.PAPER, entry.note or ""
    else:
        assert entry.reserved_until is not None
        state, note = EntryState.RESERVED, f"Giữ số đến hết ngày {entry.reserved_until:%d/%m/%Y}"
    return BookLine(
        number=entry.number,
        document_id=None,
        code=types.code(entry.number, entry.notation)
        if entry.notation
        else types.printed_number(entry.number),
        issued_on=entry.issued_on,
        type_and_subject=f"{types.name(entry.type)} {entry.subject}"
        if entry.type is not None
        else entry.reserved_for or "",
        signer=entry.signer_name or "",
        recipients=entry.recipients or "",
        filed_by=entry.filed_with or "",
        copies=entry.copies,
        sent_on=entry.sent_on,
        receipt="",
        note=note,
        state=state,
        annulled_because=annulled,
        reserved_until=entry.reserved_until,
        is_readable=False,
    )
