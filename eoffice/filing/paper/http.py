"""The books of paper for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.filing.paper import actions, queries, rules
from eoffice.filing.paper.queries import LoanSeen, PostSeen
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class NewPost(msgspec.Struct, frozen=True, kw_only=True):
    sent_on: date
    code: str
    recipients: list[str]
    envelopes: int = 1
    note: str = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    receipt: str
    receipted_on: date


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    why: str


class NewLoan(msgspec.Struct, frozen=True, kw_only=True):
    lent_on: date
    borrower: str
    #: Number and notation of an own document.
    code: str
    allowed_by: UUID
    due_on: date | None = None
    note: str = ""


class Return(msgspec.Struct, frozen=True, kw_only=True):
    returned_on: date


class PostOut(msgspec.Struct, frozen=True, kw_only=True):
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


class LoanOut(msgspec.Struct, frozen=True, kw_only=True):
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


@get("/post-lines", sync_to_thread=True)
def post_lines(request: Request, year: FromQuery[int | None] = None) -> list[PostOut]:
    """The book of what was posted in a year, in its order."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _post(session, _year(year), who)


@post("/post-lines", sync_to_thread=True)
def record_post(
    request: Request, data: JSONBody[NewPost], once: NamedDependency[Once]
) -> Response[list[PostOut]]:
    """Enter what was handed to the post, a line for each recipient."""
    who = principal(request)

    def work(session: Session) -> list[PostOut]:
        at = clock.now()
        checked = rules.checked_post(
            data.sent_on,
            data.code,
            "\n".join(data.recipients),
            data.envelopes,
            data.note,
            today=clock.civil_date(at),
        )
        made = actions.post(session, checked, by=who, at=at)
        session.flush()
        return [each for each in _post(session, checked.sent_on.year, who) if each.id in made]

    return once.answer(work, status=201)


@post("/post-lines/{line_id:uuid}/receipt", sync_to_thread=True)
def receipt(
    request: Request,
    line_id: FromPath[UUID],
    data: JSONBody[Receipt],
    once: NamedDependency[Once],
) -> Response[None]:
    """Say who signed for it."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.receipted(session, line_id, data.receipt, data.receipted_on, by=who, at=clock.now())

    return once.answer(work, status=200)


@post("/post-lines/{line_id:uuid}/strike", sync_to_thread=True)
def strike_post(
    request: Request, line_id: FromPath[UUID], data: JSONBody[Strike], once: NamedDependency[Once]
) -> Response[None]:
    """Strike a line out, with a reason."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.strike_post(session, line_id, data.why, by=who, at=clock.now())

    return once.answer(work, status=200)


@get("/copy-loans", sync_to_thread=True)
def loans(
    request: Request, year: FromQuery[int | None] = None, out: FromQuery[bool] = False
) -> list[LoanOut]:
    """The book of loans of file copies; `out`: those of every year that did not come back."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_loan(each) for each in queries.loans(session, _year(year), who=who, out=out)]


@post("/copy-loans", sync_to_thread=True)
def lend(
    request: Request, data: JSONBody[NewLoan], once: NamedDependency[Once]
) -> Response[LoanOut]:
    """Lend a file copy, as somebody in charge allowed."""
    who = principal(request)

    def work(session: Session) -> LoanOut:
        at = clock.now()
        checked = rules.checked_loan(
            data.lent_on,
            data.borrower,
            data.code,
            data.due_on,
            data.note,
            today=clock.civil_date(at),
        )
        made = actions.lend(session, checked, data.allowed_by, by=who, at=at)
        session.flush()
        found = queries.loans(session, checked.lent_on.year, who=who)
        return next(_loan(each) for each in found if each.id == made)

    return once.answer(work, status=201)


@post("/copy-loans/{line_id:uuid}/return", sync_to_thread=True)
def give_back(
    request: Request, line_id: FromPath[UUID], data: JSONBody[Return], once: NamedDependency[Once]
) -> Response[None]:
    """The copy came back."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.give_back(session, line_id, data.returned_on, by=who, at=clock.now())

    return once.answer(work, status=200)


@post("/copy-loans/{line_id:uuid}/strike", sync_to_thread=True)
def strike_loan(
    request: Request, line_id: FromPath[UUID], data: JSONBody[Strike], once: NamedDependency[Once]
) -> Response[None]:
    """Strike a line out, with a reason."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.strike_loan(session, line_id, data.why, by=who, at=clock.now())

    return once.answer(work, status=200)


def _year(year: int | None) -> int:
    return year or clock.civil_date(clock.now()).year


def _post(session: Session, year: int, who: Principal) -> list[PostOut]:
    return [_post_out(each) for each in queries.post_lines(session, year, who=who)]


def _post_out(line: PostSeen) -> PostOut:
    return PostOut(**{name: getattr(line, name) for name in PostOut.__struct_fields__})


def _loan(line: LoanSeen) -> LoanOut:
    return LoanOut(**{name: getattr(line, name) for name in LoanOut.__struct_fields__})


router = Router(
    "/api/v1",
    route_handlers=[
        post_lines,
        record_post,
        receipt,
        strike_post,
        loans,
        lend,
        give_back,
        strike_loan,
    ],
    tags=["books"],
)
