"""Pages of handing case files over to the agency's archive: days, lists, minutes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.filing import (
    case_queries,
    case_rules,
    transfer_actions,
    transfer_queries,
    transfer_rules,
    transfer_tables,
)
from eoffice.filing.transfer_states import NAMES, TransferState
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE: Final = "/case-files/transfers"
TONES: Final = {
    TransferState.OFFERED: "waiting",
    TransferState.TAKEN_BACK: "quiet",
    TransferState.RETURNED: "wrong",
    TransferState.ACCEPTED: "done",
}
_Year = Annotated[int, msgspec.Meta(ge=1900, le=2999)]


class DayForm(msgspec.Struct, frozen=True, kw_only=True):
    unit: UUID
    year: _Year
    due_on: date


class OfferForm(msgspec.Struct, frozen=True, kw_only=True):
    unit: UUID
    year: _Year
    note: str = ""


class ReturnForm(msgspec.Struct, frozen=True, kw_only=True):
    answer: str = ""


@get(HERE, sync_to_thread=True)
def transfers(request: Request, year: FromQuery[int | None] = None) -> Response[bytes]:
    """Nộp lưu hồ sơ: what each unit has to hand over, and what was handed over."""
    return _list_page(request, year, FormState())


@post(f"{HERE}/days", sync_to_thread=True)
def set_day(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Định ngày nộp lưu của một đơn vị."""
    who = principal(request)
    try:
        entered = form.parse(DayForm)

        def work(session: Session) -> See:
            transfer_actions.set_day(
                session, entered.unit, entered.year, entered.due_on, by=who, at=clock.now()
            )
            return See(f"{HERE}?year={entered.year}", said="Đã định ngày nộp lưu.")

        return once.see(work)
    except Refusal as refusal:
        return _list_page(request, _year_in(form), form.refused(refusal), status=refusal.status)


@post(HERE, sync_to_thread=True)
def offer(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Giao nộp hồ sơ của đơn vị."""
    who = principal(request)
    try:
        entered = form.parse(OfferForm)

        def work(session: Session) -> See:
            transfer_id = transfer_actions.offer(
                session, entered.unit, entered.year, entered.note, by=who, at=clock.now()
            )
            return See(f"{HERE}/{transfer_id}", said="Đã giao danh sách cho lưu trữ cơ quan.")

        return once.see(work)
    except Refusal as refusal:
        return _list_page(request, _year_in(form), form.refused(refusal), status=refusal.status)


@get(f"{HERE}/{{transfer_id:uuid}}", sync_to_thread=True)
def transfer(
    request: Request,
    transfer_id: FromPath[UUID],
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
    minutes: FromQuery[bool] = False,
) -> Response[bytes]:
    """One hand-over; with `format` its list, with `minutes` its minutes."""
    if format is None:
        return _page(request, transfer_id, FormState())
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = transfer_queries.transfer(session, transfer_id, who=who)
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    table = (
        transfer_tables.minutes(found, agency=letterhead.own, place=letterhead.place)
        if minutes
        else transfer_tables.of_cases(found)
    )
    return table_files.answer(
        table,
        letterhead,
        format,
        name="bien-ban-giao-nhan" if minutes else "muc-luc-ho-so-nop-luu",
        printed_by=who.full_name,
        at=at,
    )


@post(f"{HERE}/{{transfer_id:uuid}}/withdrawal", sync_to_thread=True)
def take_back(
    request: Request, transfer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Rút lại danh sách."""
    who = principal(request)

    def work(session: Session) -> See:
        transfer_actions.take_back(session, transfer_id, by=who, at=clock.now())
        return See(f"{HERE}/{transfer_id}", said="Đã rút lại danh sách.")

    return once.see(work)


@post(f"{HERE}/{{transfer_id:uuid}}/return", sync_to_thread=True)
def send_back(
    request: Request,
    transfer_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Trả lại danh sách kèm lý do."""
    who = principal(request)
    try:
        entered = form.parse(ReturnForm)

        def work(session: Session) -> See:
            transfer_actions.send_back(session, transfer_id, entered.answer, by=who, at=clock.now())
            return See(f"{HERE}/{transfer_id}", said="Đã trả lại danh sách cho đơn vị.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, transfer_id, form.refused(refusal), status=refusal.status)


@post(f"{HERE}/{{transfer_id:uuid}}/acceptance", sync_to_thread=True)
def accept(
    request: Request, transfer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Nhận hồ sơ vào lưu trữ cơ quan."""
    who = principal(request)

    def work(session: Session) -> See:
        transfer_actions.accept(session, transfer_id, by=who, at=clock.now())
        return See(f"{HERE}/{transfer_id}", said="Lưu trữ cơ quan đã nhận hồ sơ.")

    return once.see(work)


def _year_in(form: Form) -> int | None:
    return int(form["year"]) if form["year"].isdecimal() and len(form["year"]) == 4 else None


def _list_page(
    request: Request, year: int | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        # Art. 30: within a year of the end of the work, so mostly what was formed last year.
        chosen = year or today.year - 1
        units = transfer_queries.due(session, chosen, who=who)
        lines = transfer_queries.listing(session, who=who)
        years = case_queries.years(session, who=who)
    position = PositionKind(who.position_kind)
    return page(
        request,
        "filing/transfers.html",
        section="case-files",
        status=status,
        form=form,
        year=chosen,
        years=sorted({*years, chosen}, reverse=True),
        units=units,
        lines=lines,
        may_set=case_rules.may_plan(position),
        notice_days=transfer_rules.NOTICE.days,
        least_years=transfer_rules.LEAST_YEARS,
        state_names=NAMES,
        tones=TONES,
    )


def _page(
    request: Request, transfer_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = transfer_queries.transfer(session, transfer_id, who=who)
    return page(
        request,
        "filing/transfer.html",
        section="case-files",
        status=status,
        form=form,
        transfer=found,
        state_names=NAMES,
        tones=TONES,
    )


HANDLERS = (transfers, set_day, offer, transfer, take_back, send_back, accept)
