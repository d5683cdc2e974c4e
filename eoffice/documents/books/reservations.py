"""Numbers that are not taken by a document of the office: reserved ones, and papers by hand.

A reservation holds a number for a document on paper or still to come. It ends on its last day:
then the number is annulled with its reason, stays in the book and is never given again. Papers are
entered in the same sequence as electronic documents (Decree 30/2020, art. 15).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import types
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books import numbers as books
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.model import Book, BookEntry, Document
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Secrecy
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

#: Longer than a document takes from its number to its issue; the clerk may reserve anew.
LONGEST_DAYS: Final = 60
LONGEST_REASON: Final = 500


class EntryUnknown(NotFound):
    """The book has no such number."""


class NotReserved(Conflict):
    """The number is not reserved, or its reservation is over."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on paper in the columns of the book."""

    type: DocumentType
    notation: str
    subject: str
    issued_on: date
    signer_name: str
    recipients: str
    filed_with: str
    copies: int
    sent_on: date | None = None
    note: str | None = None


def reserve(
    session: Session,
    *,
    kind: BookKind,
    until: date,
    purpose: str,
    by: Principal,
    at: datetime,
) -> int:
    """Hold the next number of this year's book until the end of that day; returns it."""
    _require_keeper(by)
    today = clock.civil_date(at)
    if not purpose.strip():
        raise Invalid("Hãy ghi giữ số cho việc gì.", fields={"purpose": "Chưa ghi."})
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        raise Invalid(
            f"Hạn giữ số phải từ hôm nay đến nhiều nhất {LONGEST_DAYS} ngày nữa.",
            fields={"until": f"Chọn ngày trước {today + timedelta(days=LONGEST_DAYS):%d/%m/%Y}."},
        )
    if until.year != today.year:
        raise Invalid(
            "Số chỉ giữ được trong năm của sổ.",
            fields={"until": f"Chọn ngày không sau 31/12/{today.year}."},
        )
    book = books.locked(session, by.agency_id, kind=kind, year=today.year, at=at)
    entry = books.add(session, book, by=by, at=at)
    entry.reserved_until = until
    entry.reserved_for = purpose.strip()[:LONGEST_REASON]
    books.record(
        session, "book.reserved", book, by=by, at=at, number=entry.number, until=until.isoformat()
    )
    return entry.number


def assign(
    session: Session,
    document_id: UUID,
    *,
    kind: BookKind,
    year: int,
    number: int,
    by: Principal,
    at: datetime,
) -> None:
    """The document takes this reserved number when it is numbered. Raises NotReserved, Invalid."""
    _require_keeper(by)
    book, entry = _reserved(session, kind, year, number, by=by, at=at)
    document = session.scalars(
        select(Document).where(Document.id == document_id, Document.agency_id == by.agency_id)
    ).one_or_none()
    if document is None or document.number is not None or document.state is State.WITHDRAWN:
        raise Invalid(
            "Hãy chọn một văn bản của cơ quan chưa được cấp số.",
            fields={"document_id": "Chọn văn bản chưa có số."},
        )
    if book_kinds.kind_of(document.type, document.secrecy) is not kind:
        raise Invalid(
            "Văn bản này lấy số ở sổ khác.",
            fields={"document_id": "Chọn văn bản thuộc sổ này."},
        )
    earlier = session.scalars(
        select(BookEntry).where(BookEntry.for_document_id == document_id).with_for_update()
    ).one_or_none()
    if earlier is not None:
        earlier.for_document_id = None
        session.flush()  # Before the other number names it: one number for a document.
    entry.for_document_id = document_id
    books.record(
        session, "book.assigned", book, by=by, at=at, number=number, document_id=str(document_id)
    )


def enter_paper(
    session: Session,
    paper: Paper,
    *,
    kind: BookKind,
    number: int | None = None,
    by: Principal,
    at: datetime,
) -> int:
    """Enter a paper under the reserved `number`, or under the next one where None; returns it.

    Raises NotReserved, BookEnded, NumberTaken.
    """
    _require_keeper(by)
    today = clock.civil_date(at)
    _check(paper, kind, today)
    if number is None:
        book = books.locked(session, by.agency_id, kind=kind, year=today.year, at=at)
        books.require_free(session, book, book.last_number + 1, paper.notation)
        entry = books.add(session, book, by=by, at=at)
    else:
        book, entry = _reserved(session, kind, today.year, number, by=by, at=at)
        books.require_free(session, book, number, paper.notation)
        entry.for_document_id = None
    for name in Paper.__dataclass_fields__:
        setattr(entry, name, getattr(paper, name))
    entry.taken_at, entry.taken_by = at, by.person_id
    books.record(session, "book.entered", book, by=by, at=at, number=entry.number)
    return entry.number


def annul_number(
    session: Session,
    *,
    kind: BookKind,
    year: int,
    number: int,
    because: str,
    by: Principal,
    at: datetime,
) -> None:
    """Strike out a reserved number or a paper's. A document of the office is withdrawn instead."""
    _require_keeper(by)
    because = because.strip()
    if not because:
        raise Invalid("Hãy ghi lý do hủy số.", fields={"because": "Chưa có lý do."})
    book = books.locked(session, by.agency_id, kind=kind, year=year, at=at)
    entry = session.get(BookEntry, (book.id, number))
    if entry is None:
        raise EntryUnknown(f"Sổ năm {year} không có số {number}.")
    if entry.document_id is not None:
        raise Conflict(
            "Số này của văn bản trong hệ thống. Hãy thu hồi văn bản, số sẽ được hủy theo."
        )
    if entry.annulled_at is None:
        entry.annulled_at, entry.annulled_because = at, because[:LONGEST_REASON]
        entry.for_document_id = None
        books.record(session, "book.annulled", book, by=by, at=at, number=number, because=because)


def expire(session: Session, *, by: str, at: datetime) -> int:
    """Annul every reservation whose last day is over; returns how many. Idempotent.

    For the calendar's task, which passes row-level security.
    """
    over = session.execute(
        select(BookEntry.book_id, BookEntry.number)
        .where(
            BookEntry.document_id.is_(None),
            BookEntry.subject.is_(None),
            BookEntry.annulled_at.is_(None),
            BookEntry.reserved_until < clock.civil_date(at),
        )
        .order_by(BookEntry.book_id, BookEntry.number)
    ).all()
    for book_id, number in over:
        book = session.scalars(select(Book).where(Book.id == book_id).with_for_update()).one()
        entry = session.get_one(BookEntry, (book_id, number), populate_existing=True)
        if entry.document_id or entry.subject or entry.annulled_at:
            continue
        assert entry.reserved_until is not None
        entry.annulled_at = at
        entry.annulled_because = f"Hết hạn giữ số ngày {entry.reserved_until:%d/%m/%Y}"
        entry.for_document_id = None
        books.record(session, "book.expired", book, by=by, at=at, number=number)
    return len(over)


def _reserved(
    session: Session, kind: BookKind, year: int, number: int, *, by: Principal, at: datetime
) -> tuple[Book, BookEntry]:
    book = books.locked(session, by.agency_id, kind=kind, year=year, at=at)
    entry = session.get(BookEntry, (book.id, number), populate_existing=True)
    if entry is None:
        raise EntryUnknown(
            f"Sổ năm {year} chưa cấp đến số {types.printed_number(max(number, 1))}; "
            f"số tiếp theo là {types.printed_number(book.last_number + 1)}."
        )
    if entry.document_id is not None or entry.subject is not None:
        raise books.NumberTaken(
            f"Số {types.printed_number(number)} đã được cấp cho văn bản khác ngày "
            f"{clock.civil_date(entry.taken_at):%d/%m/%Y}."
        )
    if entry.annulled_at is not None:
        raise NotReserved(
            f"Số {types.printed_number(number)} đã hủy: {entry.annulled_because}. "
            "Số đã hủy không cấp lại."
        )
    assert entry.reserved_until is not None
    if entry.reserved_until < clock.civil_date(at):
        raise NotReserved(
            f"Số {types.printed_number(number)} hết hạn giữ từ ngày "
            f"{entry.reserved_until:%d/%m/%Y}. Hãy lấy số tiếp theo."
        )
    return book, entry


def _check(paper: Paper, kind: BookKind, today: date) -> None:
    faults = {
        name: "Chưa ghi."
        for name in ("notation", "subject", "signer_name", "recipients", "filed_with")
        if not getattr(paper, name).strip()
    }
    if any(blank.isspace() for blank in paper.notation) or paper.notation[:1].isdigit():
        faults["notation"] = "Ghi ký hiệu không kèm số và không có dấu cách, ví dụ QĐ-SGDĐT."
    if paper.issued_on > today or paper.issued_on.year != today.year:
        faults["issued_on"] = f"Ngày của văn bản thuộc năm {today.year} và không sau hôm nay."
    if paper.copies < 0:
        faults["copies"] = "Số lượng bản không nhỏ hơn 0."
    copies = book_kinds.kind_of(paper.type, Secrecy.NONE) is BookKind.COPY
    if kind is not BookKind.SECRET and copies is not (kind is BookKind.COPY):
        faults["type"] = "Loại văn bản này lấy số ở sổ khác."
    if faults:
        raise Invalid("Một số mục chưa đúng.", fields=faults)


def _require_keeper(by: Principal) -> None:
    book_kinds.require_keeper(PositionKind(by.position_kind))
