"""Pages of case files: the plan of a year, one case file, putting documents in."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.filing import (
    case_actions,
    case_export,
    case_queries,
    case_rules,
    case_tables,
    transfer_pages,
)
from eoffice.filing.case_queries import Wanted
from eoffice.filing.case_rules import (
    KIND_NAMES,
    STATE_NAMES,
    CaseState,
    Heading,
    RecordKind,
)
from eoffice.filing.holds import queries as holds
from eoffice.filing.holds import rules as hold_rules
from eoffice.objects import configured
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import printed_table, table_files
from eoffice.printing.table_files import Format
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

PLAN: Final = "/case-files"
STATES: Final = tuple((state.value, name) for state, name in STATE_NAMES.items())
TONES: Final = {
    CaseState.OPEN: "waiting",
    CaseState.CLOSED: "done",
    CaseState.TRANSFERRED: "quiet",
}


class PlanForm(msgspec.Struct, frozen=True, kw_only=True):
    year: Annotated[int, msgspec.Meta(ge=1900, le=2999)]
    notation: str
    title: str
    maintenance: str
    rights: str = ""
    description: str = ""
    maker: UUID | None = None


class RepeatForm(msgspec.Struct, frozen=True, kw_only=True):
    year: Annotated[int, msgspec.Meta(ge=1900, le=2999)]


class FilingForm(msgspec.Struct, frozen=True, kw_only=True):
    case_file: UUID
    kind: RecordKind
    record: UUID


class RemovalForm(msgspec.Struct, frozen=True, kw_only=True):
    item: UUID
    why: str


class RightsForm(msgspec.Struct, frozen=True, kw_only=True):
    access: str
    readers: list[UUID] = msgspec.field(default_factory=list)


@get(PLAN, sync_to_thread=True)
def plan(
    request: Request,
    year: FromQuery[int | None] = None,
    stage: FromQuery[CaseState | None] = None,
    q: FromQuery[str] = "",
    mine: FromQuery[bool] = False,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Danh mục hồ sơ of a year; with `format` the printed list (mục lục hồ sơ)."""
    who = principal(request)
    wanted = Wanted(year, None, stage, q, mine)
    if format is not None:
        return _printed_plan(who, wanted, format)
    return _plan_page(request, wanted, FormState.of(year=str(_this_year())))


@post(PLAN, sync_to_thread=True)
def add(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thêm hồ sơ."""
    who = principal(request)
    try:
        entered = form.parse(PlanForm)

        def work(session: Session) -> See:
            case_file_id = case_actions.plan(
                session,
                Heading(
                    notation=entered.notation,
                    title=entered.title,
                    maintenance=entered.maintenance,
                    rights=entered.rights,
                    description=entered.description,
                ),
                year=entered.year,
                maker_id=entered.maker,
                by=who,
                at=clock.now(),
            )
            return See(f"{PLAN}/{case_file_id}", said="Đã thêm hồ sơ vào danh mục.")

        return once.see(work)
    except Refusal as refusal:
        return _plan_page(request, Wanted(), form.refused(refusal), status=refusal.status)


@post(f"{PLAN}/repetition", sync_to_thread=True)
def repeat(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Lập danh mục từ năm trước."""
    who = principal(request)
    entered = form.parse(RepeatForm)

    def work(session: Session) -> See:
        count = case_actions.repeat_plan(session, year=entered.year, by=who, at=clock.now())
        return See(f"{PLAN}?year={entered.year}", said=f"Đã thêm {count} hồ sơ từ năm trước.")

    return once.see(work)


@get(f"{PLAN}/filing", sync_to_thread=True)
def choose(
    request: Request, kind: FromQuery[RecordKind], record: FromQuery[UUID], q: FromQuery[str] = ""
) -> Response[bytes]:
    """Chọn hồ sơ cho một văn bản."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        lines = case_queries.listing(
            session, Wanted(state=CaseState.OPEN, words=q), who=who, limit=100
        )
        holding = case_queries.holding(session, kind, record, who=who)
    return page(
        request,
        "filing/choose.html",
        section="case-files",
        lines=lines,
        holding=holding,
        kind=kind,
        record=record,
        q=q,
        back=f"/documents/{record}" if kind is RecordKind.OUTGOING else f"/incoming/{record}",
    )


@post(f"{PLAN}/filing", sync_to_thread=True)
def file(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Đưa văn bản vào hồ sơ."""
    who = principal(request)
    entered = form.parse(FilingForm)

    def work(session: Session) -> See:
        ordinal = case_actions.file_record(
            session, entered.case_file, entered.kind, entered.record, by=who, at=clock.now()
        )
        return See(f"{PLAN}/{entered.case_file}", said=f"Đã đưa vào hồ sơ, số thứ tự {ordinal}.")

    return once.see(work)


@get(f"{PLAN}/{{case_file_id:uuid}}", sync_to_thread=True)
def show(
    request: Request,
    case_file_id: FromPath[UUID],
    format: FromQuery[str | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Một hồ sơ; with `format` its list (pdf, xlsx), all of it (whole) or its metadata (xml)."""
    who = principal(request)
    if format is not None:
        return _exported(who, case_file_id, format)
    return _case_page(request, case_file_id, FormState())


@post(f"{PLAN}/{{case_file_id:uuid}}/removal", sync_to_thread=True)
def take_out(
    request: Request,
    case_file_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Đưa một văn bản ra khỏi hồ sơ."""
    who = principal(request)
    try:
        entered = form.parse(RemovalForm)

        def work(session: Session) -> See:
            case_actions.take_out(
                session, case_file_id, entered.item, entered.why, by=who, at=clock.now()
            )
            return See(f"{PLAN}/{case_file_id}", said="Đã đưa văn bản ra khỏi hồ sơ.")

        return once.see(work)
    except Refusal as refusal:
        return _case_page(request, case_file_id, form.refused(refusal), status=refusal.status)


@post(f"{PLAN}/{{case_file_id:uuid}}/closing", sync_to_thread=True)
def close(
    request: Request, case_file_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Kết thúc hồ sơ."""
    who = principal(request)

    def work(session: Session) -> See:
        case_actions.close(session, case_file_id, by=who, at=clock.now())
        return See(f"{PLAN}/{case_file_id}", said="Hồ sơ đã kết thúc.")

    return once.see(work)


@post(f"{PLAN}/{{case_file_id:uuid}}/rights", sync_to_thread=True)
def set_rights(
    request: Request,
    case_file_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ai được mở hồ sơ."""
    who = principal(request)
    try:
        entered = form.parse(RightsForm)

        def work(session: Session) -> See:
            case_actions.restrict(
                session,
                case_file_id,
                entered.readers if entered.access == "named" else None,
                by=who,
                at=clock.now(),
            )
            return See(
                f"{PLAN}/{case_file_id}",
                said="Đã đổi quyền; thay đổi chờ văn thư hoặc người đứng đầu xác nhận.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _case_page(request, case_file_id, form.refused(refusal), status=refusal.status)


@post(f"{PLAN}/{{case_file_id:uuid}}/rights/confirmation", sync_to_thread=True)
def confirm_rights(
    request: Request, case_file_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Xác nhận thay đổi quyền."""
    who = principal(request)

    def work(session: Session) -> See:
        case_actions.confirm_rights(session, case_file_id, by=who, at=clock.now())
        return See(f"{PLAN}/{case_file_id}", said="Đã xác nhận thay đổi quyền.")

    return once.see(work)


def _plan_page(
    request: Request, wanted: Wanted, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        lines = case_queries.listing(session, wanted, who=who)
        years = case_queries.years(session, who=who)
        staff = _staff(session, who)
    may_plan = case_rules.may_plan(PositionKind(who.position_kind))
    return page(
        request,
        "filing/plan.html",
        section="case-files",
        status=status,
        form=form,
        lines=lines,
        years=sorted({*years, clock.civil_date(at).year}, reverse=True),
        wanted=wanted,
        states=STATES,
        state_names=STATE_NAMES,
        tones=TONES,
        staff=staff,
        may_plan=may_plan,
        this_year=_this_year(),
        lengths=case_rules.LENGTHS,
    )


def _case_page(
    request: Request, case_file_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = case_queries.case_file(session, case_file_id, who=who)
        staff = _staff(session, who) if found.may_change else ()
        held_since = holds.since(session, case_file_id)
    return page(
        request,
        "filing/case_file.html",
        section="case-files",
        status=status,
        form=form,
        case=found,
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
        tones=TONES,
        staff=staff,
        held_since=held_since,
        may_hold=hold_rules.may_hold(PositionKind(who.position_kind)),
    )


def _printed_plan(who: Principal, wanted: Wanted, wanted_format: Format) -> Response[bytes]:
    at = clock.now()
    with db.transaction(who.acting) as session:
        lines = case_queries.listing(session, wanted, who=who)
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    notes = (f"Năm {wanted.year}",) if wanted.year else ()
    return table_files.answer(
        case_tables.of_cases(lines, notes=notes),
        letterhead,
        wanted_format,
        name="muc-luc-ho-so",
        printed_by=who.full_name,
        at=at,
    )


def _exported(who: Principal, case_file_id: UUID, wanted: str) -> Response[bytes]:
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = case_queries.case_file(session, case_file_id, who=who)
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    name = f"ho-so-{found.line.year}-{found.line.notation}"
    if wanted == "xml":
        return files.download(case_tables.xml(found), "application/xml", f"{name}.xml")
    table = case_tables.of_items(found)
    if wanted == "whole":
        contents = printed_table.pdf(table, letterhead, printed_by=who.full_name, at=at)
        whole = case_export.joined(contents, case_export.documents(found, configured.store()))
        return files.download(whole, "application/pdf", f"{name}.pdf")
    kind = Format.XLSX if wanted == "xlsx" else Format.PDF
    return table_files.answer(
        table, letterhead, kind, name=f"muc-luc-{name}", printed_by=who.full_name, at=at
    )


def _staff(session: Session, who: Principal) -> tuple[tuple[str, str], ...]:
    """Who can make a case file or be let in, by name, for a choice."""
    found = people.persons_in(session, who.agency_id, at=clock.now())
    named = {str(each.person_id): f"{each.full_name}, {each.title}" for each in found}
    return tuple(sorted(named.items(), key=lambda each: each[1]))


def _this_year() -> int:
    return clock.civil_date(clock.now()).year


HANDLERS = (
    plan,
    add,
    repeat,
    choose,
    file,
    show,
    take_out,
    close,
    set_rights,
    confirm_rights,
    *transfer_pages.HANDLERS,
)
