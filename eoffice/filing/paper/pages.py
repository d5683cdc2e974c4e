"""Pages of the books of paper: what was posted, which file copies are lent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.filing.paper import actions, queries, rules, tables
from eoffice.filing.paper.model import CopyLoan, PostLine
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import table_files
from eoffice.printing.printed_table import Table
from eoffice.printing.table_files import Format
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

POST: Final = "/post-book"
LOANS: Final = "/copy-loans"


class PostForm(msgspec.Struct, frozen=True, kw_only=True):
    sent_on: date
    code: str = ""
    recipients: str = ""
    envelopes: int = 1
    note: str = ""


class ReceiptForm(msgspec.Struct, frozen=True, kw_only=True):
    receipt: str = ""
    receipted_on: date


class LoanForm(msgspec.Struct, frozen=True, kw_only=True):
    lent_on: date
    borrower: str = ""
    code: str = ""
    allowed_by: UUID
    due_on: date | None = None
    note: str = ""


class ReturnForm(msgspec.Struct, frozen=True, kw_only=True):
    returned_on: date


class StrikeForm(msgspec.Struct, frozen=True, kw_only=True):
    why: str = ""


@get(POST, sync_to_thread=True)
def post_book(
    request: Request,
    year: FromQuery[int | None] = None,
    code: FromQuery[str] = "",
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Sổ gửi văn bản đi bưu điện of a year; with `format` the printed book."""
    who, at = principal(request), clock.now()
    wanted = _year(year, at)
    if format is not None:
        with db.transaction(who.acting) as session:
            table = tables.of_post(queries.post_lines(session, wanted, who=who), wanted)
        return _printed(who, table, format, name=f"so-gui-van-ban-di-buu-dien-{wanted}", at=at)
    today = clock.civil_date(at).isoformat()
    return _post_page(request, wanted, FormState.of(sent_on=today, envelopes="1", code=code))


@post(POST, sync_to_thread=True)
def record_post(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Ghi văn bản gửi bưu điện."""
    who, at = principal(request), clock.now()
    try:
        entered = form.parse(PostForm)

        def work(session: Session) -> See:
            checked = rules.checked_post(
                entered.sent_on,
                entered.code,
                entered.recipients,
                entered.envelopes,
                entered.note,
                today=clock.civil_date(at),
            )
            made = actions.post(session, checked, by=who, at=at)
            return See(f"{POST}?year={checked.sent_on.year}", said=f"Đã ghi {len(made)} dòng.")

        return once.see(work)
    except Refusal as refusal:
        return _post_page(request, _year(None, at), form.refused(refusal), status=refusal.status)


@post(f"{POST}/{{line_id:uuid}}/receipt", sync_to_thread=True)
def receipt(
    request: Request,
    line_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi ký nhận."""
    who, at = principal(request), clock.now()
    entered = form.parse(ReceiptForm)

    def work(session: Session) -> See:
        actions.receipted(session, line_id, entered.receipt, entered.receipted_on, by=who, at=at)
        return See(POST, said="Đã ghi ký nhận.")

    return once.see(work)


@post(f"{POST}/{{line_id:uuid}}/strike", sync_to_thread=True)
def strike_post(
    request: Request,
    line_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Gạch bỏ một dòng."""
    who, entered = principal(request), form.parse(StrikeForm)

    def work(session: Session) -> See:
        actions.strike_post(session, line_id, entered.why, by=who, at=clock.now())
        return See(POST, said="Đã gạch bỏ.")

    return once.see(work)


@get(LOANS, sync_to_thread=True)
def loan_book(
    request: Request,
    year: FromQuery[int | None] = None,
    out: FromQuery[bool] = False,
    code: FromQuery[str] = "",
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Sổ sử dụng bản lưu of a year, or what is out; with `format` the printed book."""
    who, at = principal(request), clock.now()
    wanted = _year(year, at)
    if format is not None:
        with db.transaction(who.acting) as session:
            table = tables.of_loans(queries.loans(session, wanted, who=who, out=out), wanted)
        return _printed(who, table, format, name=f"so-su-dung-ban-luu-{wanted}", at=at)
    today = clock.civil_date(at).isoformat()
    return _loan_page(request, wanted, FormState.of(lent_on=today, code=code), out=out)


@post(LOANS, sync_to_thread=True)
def lend(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Cho sử dụng bản lưu."""
    who, at = principal(request), clock.now()
    try:
        entered = form.parse(LoanForm)

        def work(session: Session) -> See:
            checked = rules.checked_loan(
                entered.lent_on,
                entered.borrower,
                entered.code,
                entered.due_on,
                entered.note,
                today=clock.civil_date(at),
            )
            actions.lend(session, checked, entered.allowed_by, by=who, at=at)
            return See(f"{LOANS}?year={checked.lent_on.year}", said="Đã ghi sổ sử dụng bản lưu.")

        return once.see(work)
    except Refusal as refusal:
        return _loan_page(request, _year(None, at), form.refused(refusal), status=refusal.status)


@post(f"{LOANS}/{{line_id:uuid}}/return", sync_to_thread=True)
def give_back(
    request: Request,
    line_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Nhận lại bản lưu."""
    who, entered = principal(request), form.parse(ReturnForm)

    def work(session: Session) -> See:
        actions.give_back(session, line_id, entered.returned_on, by=who, at=clock.now())
        return See(LOANS, said="Đã nhận lại bản lưu.")

    return once.see(work)


@post(f"{LOANS}/{{line_id:uuid}}/strike", sync_to_thread=True)
def strike_loan(
    request: Request,
    line_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Gạch bỏ một dòng."""
    who, entered = principal(request), form.parse(StrikeForm)

    def work(session: Session) -> See:
        actions.strike_loan(session, line_id, entered.why, by=who, at=clock.now())
        return See(LOANS, said="Đã gạch bỏ.")

    return once.see(work)


def _year(year: int | None, at: datetime) -> int:
    return year or clock.civil_date(at).year


def _printed(
    who: Principal, table: Table, wanted: Format, *, name: str, at: datetime
) -> Response[bytes]:
    with db.transaction(who.acting) as session:
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    return table_files.answer(table, letterhead, wanted, name=name, printed_by=who.full_name, at=at)


def _post_page(
    request: Request, year: int, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        lines = queries.post_lines(session, year, who=who)
        known = queries.years(session, PostLine, who=who)
    return page(
        request,
        "filing/post_book.html",
        section="documents",
        status=status,
        form=form,
        year=year,
        years=sorted({year, *known}, reverse=True),
        lines=lines,
        keeps=who.position_kind == PositionKind.CLERK,
        longest=rules.LONGEST,
    )


def _loan_page(
    request: Request, year: int, form: FormState, *, out: bool = False, status: int = 200
) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        lines = queries.loans(session, year, who=who, out=out)
        known = queries.years(session, CopyLoan, who=who)
        allowing = queries.allowing(session, who=who, at=at)
    return page(
        request,
        "filing/copy_loans.html",
        section="documents",
        status=status,
        form=form,
        year=year,
        years=sorted({year, *known}, reverse=True),
        out=out,
        lines=lines,
        today=clock.civil_date(at),
        allowing=[(str(person_id), name) for person_id, name in allowing],
        keeps=who.position_kind == PositionKind.CLERK,
        longest=rules.LONGEST,
    )


HANDLERS = (
    post_book,
    record_post,
    receipt,
    strike_post,
    loan_book,
    lend,
    give_back,
    strike_loan,
)
