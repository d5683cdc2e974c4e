"""The page of the book of pupils who came and went."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.rolls import move_actions, move_queries, rules, tables
from eoffice.rolls.rules import DIRECTION_NAMES
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

MOVES: Final = "/registers/moves"


class PapersForm(msgspec.Struct, frozen=True, kw_only=True):
    papers: str = ""
    papers_on: date | None = None
    papers_with: str = ""
    note: str = ""


@get(MOVES, sync_to_thread=True)
def show_moves(
    request: Request,
    year: FromQuery[str] = "",
    school: FromQuery[UUID | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Sổ theo dõi chuyển đi, chuyển đến of a school year; with `format` the printed list."""
    if format is None:
        return _moves(request, FormState(), year=year, school=school)
    who, at = principal(request), clock.now()
    school_id, wanted = school or who.agency_id, year or _today_year()
    with db.transaction(who.acting) as session:
        laid_out = tables.of_moves if format is Format.XLSX else tables.moves_on_paper
        table = laid_out(move_queries.moves(session, who, school_id, wanted), wanted)
        letterhead = people.letterhead(session, school_id, on=clock.civil_date(at))
    name = f"so-chuyen-di-chuyen-den-{wanted}"
    return table_files.answer(table, letterhead, format, name=name, printed_by=who.full_name, at=at)


@post(MOVES + "/entries", sync_to_thread=True)
def enter(request: Request, once: NamedDependency[Once]) -> Response[bytes]:
    """Vào sổ các lượt chuyển trường chưa có số."""
    who = principal(request)

    def work(session: Session) -> See:
        count = move_actions.enter_missing(session, by=who, at=clock.now())
        return See(MOVES, said=f"Đã vào sổ {count} lượt.")

    return once.see(work)


@post(MOVES + "/{movement_id:uuid}/papers", sync_to_thread=True)
def set_papers(
    request: Request,
    movement_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi hồ sơ giao, nhận."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(PapersForm)
        move_actions.papers(
            session,
            movement_id,
            what=entered.papers,
            on=entered.papers_on if entered.papers.strip() else None,
            with_whom=entered.papers_with,
            note=entered.note,
            by=who,
            at=clock.now(),
        )
        return See(MOVES, said="Đã ghi hồ sơ giao, nhận.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _moves(request, form.refused(refusal), status=refusal.status)


def _today_year() -> str:
    return rules.school_year_of(clock.civil_date(clock.now()))


def _moves(
    request: Request,
    form: FormState,
    *,
    year: str = "",
    school: UUID | None = None,
    status: int = 200,
) -> Response[bytes]:
    who, today = principal(request), clock.civil_date(clock.now())
    school_id = school or who.agency_id
    with db.transaction(who.acting) as session:
        rules.require_reader(staff_queries.actor(who), school_id)
        years = move_queries.years(session, school_id)
        wanted = year or (years[0] if years else rules.school_year_of(today))
        rows = move_queries.moves(session, who, school_id, wanted)
        waiting = move_queries.waiting(session, school_id)
        name = people.unit(session, school_id).name
    return page(
        request,
        "rolls/moves.html",
        section="registers",
        status=status,
        form=form,
        school=name,
        school_id=school_id,
        is_own=school_id == who.agency_id,
        year=wanted,
        years=years,
        moves=rows,
        parts=[
            (one.value, words, [row for row in rows if row.direction is one])
            for one, words in DIRECTION_NAMES.items()
        ],
        waiting=waiting,
        today=today,
        may_keep=rules.may_keep(staff_queries.actor(who), school_id),
    )


HANDLERS = (show_moves, enter, set_papers)
