"""Lines of the books of paper as pages show and print them. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.filing.paper import rules
from eoffice.filing.paper.model import CopyLoan, PostLine
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import printed_table
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class PostSeen:
    id: UUID
    ordinal: int
    sent_on: date
    document_id: UUID | None
    code: str
    recipient: str
    envelopes: int
    receipt: str | None
    receipted_on: date | None
    note: str
    struck_because: str | None


@dataclass(frozen=True, slots=True)
class LoanSeen:
    id: UUID
    ordinal: int
    lent_on: date
    borrower: str
    document_id: UUID
    code: str
    issued_on: date
    subject: str
    case_notation: str
    allowed_name: str
    due_on: date | None
    returned_on: date | None
    note: str
    struck_because: str | None

    @property
    def is_out(self) -> bool:
        return self.returned_on is None and self.struck_because is None


def post_lines(session: Session, year: int, *, who: Principal) -> tuple[PostSeen, ...]:
    """In the order of the book. Raises PaperNotYours."""
    rules.require_reader(PositionKind(who.position_kind))
    rows = session.scalars(
        select(PostLine)
        .where(PostLine.agency_id == who.agency_id, PostLine.year == year)
        .order_by(PostLine.ordinal)
        .limit(printed_table.MOST_ROWS)
    )
    return tuple(
        PostSeen(**{name: getattr(row, name) for name in PostSeen.__slots__}) for row in rows
    )


def loans(
    session: Session, year: int, *, who: Principal, out: bool = False
) -> tuple[LoanSeen, ...]:
    """In the order of the book; `out`: those of every year that did not come back."""
    rules.require_reader(PositionKind(who.position_kind))
    query = (
        select(CopyLoan)
        .where(CopyLoan.agency_id == who.agency_id)
        .order_by(CopyLoan.year, CopyLoan.ordinal)
        .limit(printed_table.MOST_ROWS)
    )
    if out:
        query = query.where(CopyLoan.returned_on.is_(None), CopyLoan.struck_at.is_(None))
    else:
        query = query.where(CopyLoan.year == year)
    rows = session.scalars(query)
    return tuple(
        LoanSeen(**{name: getattr(row, name) for name in LoanSeen.__slots__}) for row in rows
    )


def years(session: Session, book: type[PostLine | CopyLoan], *, who: Principal) -> tuple[int, ...]:
    """Those with a line, the newest first."""
    return tuple(
        session.scalars(
            select(book.year)
            .where(book.agency_id == who.agency_id)
            .distinct()
            .order_by(book.year.desc())
        )
    )


def allowing(session: Session, *, who: Principal, at: datetime) -> tuple[tuple[UUID, str], ...]:
    """Who of the agency may allow the use of a file copy, by name."""
    named = {
        each.person_id: f"{each.full_name}, {each.title}"
        for each in people.persons_in(session, who.agency_id, at=at)
        if each.kind in rules.ALLOWING
    }
    return tuple(sorted(named.items(), key=lambda each: each[1]))
