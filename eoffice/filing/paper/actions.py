"""Lines of the books of paper: written, answered for, struck out. Actions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.filing import case_queries, case_records
from eoffice.filing.case_rules import RecordKind
from eoffice.filing.holds import naming
from eoffice.filing.holds.rules import HeldKind
from eoffice.filing.paper import rules
from eoffice.filing.paper.model import CopyLoan, PostLine
from eoffice.filing.paper.rules import CopyIsBack, CopyIsOut, LineStruck, LineUnknown, PaperWrong
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

L = TypeVar("L", PostLine, CopyLoan)


def post(session: Session, entered: rules.Post, *, by: Principal, at: datetime) -> list[UUID]:
    """Enter what was handed to the post, a line for each recipient. Raises PaperNotYours."""
    rules.require_keeper(PositionKind(by.position_kind))
    year = entered.sent_on.year
    first = _next(session, PostLine, year, by)
    document_id = _document(session, entered.code, by)
    rows = [
        PostLine(
            id=new_id(),
            agency_id=by.agency_id,
            year=year,
            ordinal=ordinal,
            sent_on=entered.sent_on,
            document_id=document_id,
            code=entered.code,
            recipient=recipient,
            envelopes=entered.envelopes,
            note=entered.note,
            recorded_by=by.person_id,
            recorded_at=at,
        )
        for ordinal, recipient in enumerate(entered.recipients, start=first)
    ]
    session.add_all(rows)
    for row in rows:
        _record(session, "post_line.recorded", row, by, at)
    return [row.id for row in rows]


def receipted(
    session: Session, line_id: UUID, receipt: str, on: date, *, by: Principal, at: datetime
) -> None:
    """Somebody signed for it, or the post stamped it.

    Raises PaperNotYours, LineUnknown, LineStruck, PaperWrong.
    """
    row = _locked(session, PostLine, line_id, by)
    words = rules.checked_receipt(receipt, on, row.sent_on, today=clock.civil_date(at))
    row.receipt, row.receipted_on = words, on
    _record(session, "post_line.receipted", row, by, at)


def strike_post(session: Session, line_id: UUID, why: str, *, by: Principal, at: datetime) -> None:
    """Raises PaperNotYours, LineUnknown, LineStruck, PaperWrong."""
    _strike(session, _locked(session, PostLine, line_id, by), why, by, at)


def lend(
    session: Session, entered: rules.Loan, allowed_by: UUID, *, by: Principal, at: datetime
) -> UUID:
    """A file copy leaves its case file for a while, as somebody in charge allowed.

    Raises PaperNotYours, PaperWrong, CopyIsOut.
    """
    rules.require_keeper(PositionKind(by.position_kind))
    document_id = _document(session, entered.code, by)
    if document_id is None:
        words = f"Cơ quan không có bản lưu của văn bản {entered.code}."
        raise PaperWrong(words, fields={"code": words})
    found = case_records.of(session, RecordKind.OUTGOING, document_id, who=by, at=at)
    assert found.issued_on is not None, "what has a number has a day"
    allowed = next(
        (
            each
            for each in people.appointments_of(session, allowed_by, at=at)
            if each.agency_id == by.agency_id and each.kind in rules.ALLOWING
        ),
        None,
    )
    if allowed is None:
        words = "Chọn người có thẩm quyền cho phép sử dụng bản lưu."
        raise PaperWrong(words, fields={"allowed_by": words})
    ordinal = _next(session, CopyLoan, entered.lent_on.year, by)
    out = session.scalars(
        select(CopyLoan).where(
            CopyLoan.document_id == document_id,
            CopyLoan.returned_on.is_(None),
            CopyLoan.struck_at.is_(None),
        )
    ).first()
    if out is not None:
        raise CopyIsOut(
            f"Bản lưu {out.code} đang do {out.borrower} sử dụng từ ngày {out.lent_on:%d/%m/%Y}."
        )
    kept_in = case_queries.holding(session, RecordKind.OUTGOING, document_id, who=by)
    row = CopyLoan(
        id=new_id(),
        agency_id=by.agency_id,
        year=entered.lent_on.year,
        ordinal=ordinal,
        lent_on=entered.lent_on,
        borrower=entered.borrower,
        document_id=document_id,
        code=found.code,
        issued_on=found.issued_on,
        subject=f"{found.type_name}: {found.subject}",
        case_notation=kept_in[0].code if kept_in else "",
        allowed_by=allowed_by,
        allowed_name=people.person(session, allowed_by).full_name,
        due_on=entered.due_on,
        note=entered.note,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    session.add(row)
    _record(session, "copy_loan.lent", row, by, at)
    return row.id


def give_back(session: Session, line_id: UUID, on: date, *, by: Principal, at: datetime) -> None:
    """The copy is in its place again. Raises PaperNotYours, LineUnknown, LineStruck, CopyIsBack."""
    row = _locked(session, CopyLoan, line_id, by)
    if row.returned_on is not None:
        raise CopyIsBack(f"Bản lưu này đã trả ngày {row.returned_on:%d/%m/%Y}.")
    row.returned_on = rules.checked_return(on, row.lent_on, today=clock.civil_date(at))
    row.returned_to = by.person_id
    _record(session, "copy_loan.returned", row, by, at)


def strike_loan(session: Session, line_id: UUID, why: str, *, by: Principal, at: datetime) -> None:
    """Raises PaperNotYours, LineUnknown, LineStruck, PaperWrong."""
    _strike(session, _locked(session, CopyLoan, line_id, by), why, by, at)


def _document(session: Session, code: str, by: Principal) -> UUID | None:
    ids = naming.called(session, HeldKind.OUTGOING, code, by)
    return ids[0] if len(ids) == 1 else None


def _next(session: Session, book: type[L], year: int, by: Principal) -> int:
    """The next line of the year; who writes at the same time waits."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtext(f"{book.__tablename__}:{by.agency_id}")))
    )
    last = session.scalar(
        select(func.max(book.ordinal)).where(book.agency_id == by.agency_id, book.year == year)
    )
    return (last or 0) + 1


def _locked(session: Session, book: type[L], line_id: UUID, by: Principal) -> L:
    rules.require_keeper(PositionKind(by.position_kind))
    row = session.scalars(
        select(book).where(book.id == line_id, book.agency_id == by.agency_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise LineUnknown("Sổ của cơ quan không có dòng này.")
    if row.struck_at is not None:
        raise LineStruck("Dòng này đã được gạch bỏ.")
    return row


def _strike(
    session: Session, row: PostLine | CopyLoan, why: str, by: Principal, at: datetime
) -> None:
    row.struck_because = rules.checked_reason(why)
    row.struck_at, row.struck_by = at, by.person_id
    _record(session, f"{_kind(row)}.struck", row, by, at)


def _kind(row: PostLine | CopyLoan) -> str:
    return "post_line" if isinstance(row, PostLine) else "copy_loan"


def _record(
    session: Session, action: str, row: PostLine | CopyLoan, by: Principal, at: datetime
) -> None:
    record(
        session,
        action,
        object_kind=_kind(row),
        object_id=row.id,
        by=by,
        at=at,
        details={"year": row.year, "ordinal": row.ordinal},
    )
