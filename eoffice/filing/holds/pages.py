"""Pages of holds: the list, a new one, one with all that it holds."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.errors import Refusal
from eoffice.filing import case_queries, case_records
from eoffice.filing.case_rules import RecordKind
from eoffice.filing.holds import actions, naming, queries, rules
from eoffice.filing.holds.actions import Named
from eoffice.filing.holds.rules import COPY_NAMES, KIND_NAMES, LENGTHS, CopyState, HeldKind
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

HERE: Final = "/holds"
_KINDS: Final = [(kind.value, KIND_NAMES[kind]) for kind in HeldKind]
_TONES: Final = {
    CopyState.ASKED: "waiting",
    CopyState.HELD: "done",
    CopyState.RELEASING: "waiting",
    CopyState.RELEASED: "quiet",
}


class HoldForm(msgspec.Struct, frozen=True, kw_only=True):
    title: str = ""
    reason: str = ""
    legal_basis: str = ""
    kind: HeldKind
    #: One record from its own page; else codes, a line each.
    record: UUID | None = None
    codes: str = ""


class RecordsForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: HeldKind
    codes: str = ""


class LiftingForm(msgspec.Struct, frozen=True, kw_only=True):
    why: str = ""


@get(HERE, sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """Giữ, khóa hồ sơ và văn bản."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        lines = queries.listing(session, who=who)
    return page(request, "filing/holds.html", section="case-files", lines=lines)


@get(f"{HERE}/new", sync_to_thread=True)
def new(
    request: Request,
    kind: FromQuery[HeldKind] = HeldKind.OUTGOING,
    record: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """Giữ, khóa thêm."""
    return _new_page(request, kind, record, FormState.of(kind=kind.value))


@post(HERE, sync_to_thread=True)
def place(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Giữ, khóa."""
    who = principal(request)
    kind, record = HeldKind.OUTGOING, None
    try:
        entered = form.parse(HoldForm)
        kind, record = entered.kind, entered.record

        def work(session: Session) -> See:
            rules.require_keeper(PositionKind(who.position_kind))
            wording = rules.checked(entered.title, entered.reason, entered.legal_basis)
            records = (
                [Named(entered.kind, entered.record)]
                if entered.record
                else naming.by_codes(session, entered.kind, rules.codes(entered.codes), who=who)
            )
            hold_id = actions.place(session, wording, records, by=who, at=clock.now())
            return See(f"{HERE}/{hold_id}", said="Đã giữ, khóa.")

        return once.see(work)
    except Refusal as refusal:
        return _new_page(request, kind, record, form.refused(refusal), status=refusal.status)


@get(f"{HERE}/{{hold_id:uuid}}", sync_to_thread=True)
def show(request: Request, hold_id: FromPath[UUID]) -> Response[bytes]:
    """Một lần giữ, khóa."""
    return _page(request, hold_id, FormState())


@post(f"{HERE}/{{hold_id:uuid}}/records", sync_to_thread=True)
def add(
    request: Request,
    hold_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Giữ thêm hồ sơ, văn bản."""
    who = principal(request)
    try:
        entered = form.parse(RecordsForm)

        def work(session: Session) -> See:
            rules.require_keeper(PositionKind(who.position_kind))
            records = naming.by_codes(session, entered.kind, rules.codes(entered.codes), who=who)
            count = actions.add(session, hold_id, records, by=who, at=clock.now())
            return See(f"{HERE}/{hold_id}", said=f"Đã giữ thêm {count} hồ sơ, văn bản.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, hold_id, form.refused(refusal), status=refusal.status)


@post(f"{HERE}/{{hold_id:uuid}}/lifting", sync_to_thread=True)
def lift(
    request: Request,
    hold_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Gỡ khóa, kèm lý do."""
    who = principal(request)
    try:
        entered = form.parse(LiftingForm)

        def work(session: Session) -> See:
            actions.lift(session, hold_id, entered.why, by=who, at=clock.now())
            return See(f"{HERE}/{hold_id}", said="Đã gỡ khóa.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, hold_id, form.refused(refusal), status=refusal.status)


def _new_page(
    request: Request, kind: HeldKind, record: UUID | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    rules.require_keeper(PositionKind(who.position_kind))
    named = ""
    if record is not None:
        with db.transaction(who.acting) as session:
            named = _called(session, kind, record, who)
            held_since = queries.since(session, record)
    else:
        held_since = None
    return page(
        request,
        "filing/hold_new.html",
        section="case-files",
        status=status,
        form=form,
        kind=kind,
        kind_name=KIND_NAMES[kind],
        record=record,
        named=named,
        held_since=held_since,
        kinds=_KINDS,
        hints=[(KIND_NAMES[each], naming.HINTS[each]) for each in HeldKind],
        lengths=LENGTHS,
    )


def _called(session: Session, kind: HeldKind, record: UUID, who: Principal) -> str:
    if kind is HeldKind.CASE_FILE:
        line = case_queries.case_file(session, record, who=who).line
        return f"{line.code}: {line.title}"
    found = case_records.of(session, RecordKind(kind), record, who=who, at=clock.now())
    return f"{found.code}: {found.subject}"


def _page(
    request: Request, hold_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.hold(session, hold_id, who=who)
        history = audit.history(session, "hold", hold_id)
    return page(
        request,
        "filing/hold.html",
        section="case-files",
        status=status,
        form=form,
        hold=found,
        line=found.line,
        history=history,
        kinds=_KINDS,
        kind_names=KIND_NAMES,
        copy_names=COPY_NAMES,
        copy_tones=_TONES,
        hints=[(KIND_NAMES[each], naming.HINTS[each]) for each in HeldKind],
        lengths=LENGTHS,
    )


HANDLERS = (listing, new, place, show, add, lift)
