"""Pages of blank forms, and of the kinds of certificates that the department sets."""

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
from eoffice.rolls import (
    blank_actions,
    certificate_kind_actions,
    certificate_queries,
    rules,
    tables,
)
from eoffice.rolls.blank_actions import NewBatch
from eoffice.rolls.certificate_kind_actions import NewKind
from eoffice.rolls.certificate_states import BLANK_NAMES, BLANK_STEP_NAMES, BY_SERIAL, BlankStep
from eoffice.rolls.rules import STAGE_NAMES, Stage
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

BLANKS: Final = "/registers/certificates/blanks"
KINDS: Final = "/registers/certificates/kinds"


class BatchForm(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    received_on: date
    received_from: str
    decision: str = ""
    first: str
    last: str
    note: str = ""


class HappeningForm(msgspec.Struct, frozen=True, kw_only=True):
    kind_code: str
    step: BlankStep
    first: str
    last: str = ""
    ended_on: date
    minutes: str


class KindForm(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    stage: Stage | None = None
    has_blanks: bool = False
    gradings: str = ""
    is_offered: bool = False
    source: str
    reason: str = ""


@get(BLANKS, sync_to_thread=True)
def show_blanks(
    request: Request,
    school: FromQuery[UUID | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Phôi đã nhận, đã cấp, hư hỏng, còn lại; with `format` the sums as a file."""
    if format is None:
        return _blanks(request, FormState(), school=school)
    who, at = principal(request), clock.now()
    school_id = school or who.agency_id
    with db.transaction(who.acting) as session:
        names = {one.code: one.name for one in certificate_queries.kinds(session)}
        table = tables.of_blanks(certificate_queries.tallies(session, who, school_id), names)
        letterhead = people.letterhead(session, school_id, on=clock.civil_date(at))
    return table_files.answer(
        table, letterhead, format, name="phoi-van-bang", printed_by=who.full_name, at=at
    )


@post(BLANKS, sync_to_thread=True)
def receive(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Nhận phôi."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = NewBatch(**msgspec.structs.asdict(form.parse(BatchForm)))
        blank_actions.receive(session, entered, by=who, at=clock.now())
        return See(BLANKS, said=f"Đã nhận phôi từ {entered.first} đến {entered.last}.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _blanks(request, form.refused(refusal), status=refusal.status)


@post(BLANKS + "/{batch_id:uuid}/strike", sync_to_thread=True)
def strike(
    request: Request,
    batch_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bỏ lần nhận phôi ghi nhầm."""
    who = principal(request)

    def work(session: Session) -> See:
        blank_actions.strike(session, batch_id, form["why"], by=who, at=clock.now())
        return See(BLANKS, said="Đã bỏ lần nhận phôi ghi nhầm.")

    return once.see(work)


@post(BLANKS + "/happenings", sync_to_thread=True)
def happened(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Phôi hư hỏng, mất, hủy, nộp trả."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(HappeningForm)
        count = blank_actions.happened(
            session,
            entered.kind_code,
            entered.step,
            entered.first,
            entered.last,
            on=entered.ended_on,
            minutes=entered.minutes,
            by=who,
            at=clock.now(),
        )
        return See(BLANKS, said=f"{BLANK_STEP_NAMES[entered.step]}: {count} phôi.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _blanks(request, form.refused(refusal), status=refusal.status)


@get(KINDS, sync_to_thread=True)
def show_kinds(request: Request, code: FromQuery[str] = "") -> Response[bytes]:
    """Loại văn bằng, chứng chỉ."""
    return _kinds(request, None, code=code)


@post(KINDS, sync_to_thread=True)
def set_kind(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Quy định hoặc xác nhận một loại văn bằng, chứng chỉ."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = NewKind(**msgspec.structs.asdict(form.parse(KindForm)))
        certificate_kind_actions.set_kind(session, entered, by=who, at=clock.now())
        return See(KINDS, said=f"Đã ghi loại {entered.name}.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _kinds(request, form.refused(refusal), status=refusal.status)


def _blanks(
    request: Request, form: FormState, *, school: UUID | None = None, status: int = 200
) -> Response[bytes]:
    who, today = principal(request), clock.civil_date(clock.now())
    school_id = school or who.agency_id
    with db.transaction(who.acting) as session:
        kinds = certificate_queries.kinds(session)
        tallies = certificate_queries.tallies(session, who, school_id)
        batches = certificate_queries.batches(session, who, school_id)
        ended = certificate_queries.ended_blanks(session, who, school_id)
        name = people.unit(session, school_id).name
    if not form.detail:
        form = FormState.of(received_on=today.isoformat(), ended_on=today.isoformat())
    return page(
        request,
        "rolls/blanks.html",
        section="registers",
        status=status,
        form=form,
        school=name,
        school_id=school_id,
        is_own=school_id == who.agency_id,
        kinds=[(one.code, one.name) for one in kinds if one.has_blanks and one.is_offered],
        kind_names={one.code: one.name for one in kinds},
        tallies=tallies,
        batches=batches,
        ended=ended,
        blank_names=BLANK_NAMES,
        steps=[(step.value, BLANK_STEP_NAMES[step]) for step in BY_SERIAL],
        today=today,
        may_keep=rules.may_keep(staff_queries.actor(who), school_id),
    )


def _kinds(
    request: Request, form: FormState | None, *, code: str = "", status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        kinds = certificate_queries.kinds(session)
        may_set = certificate_kind_actions.may_set(session, who)
    chosen = next((one for one in kinds if one.code == code), None)
    if form is None and chosen is not None:
        form = FormState.of(
            code=chosen.code,
            name=chosen.name,
            stage=chosen.stage,
            has_blanks="on" if chosen.has_blanks else None,
            is_offered="on" if chosen.is_offered else None,
            gradings="; ".join(chosen.gradings),
        )
    return page(
        request,
        "rolls/kinds.html",
        section="registers",
        status=status,
        form=form or FormState.of(is_offered="on"),
        kinds=kinds,
        stages=[(stage.value, words) for stage, words in STAGE_NAMES.items()],
        stage_names=STAGE_NAMES,
        may_set=may_set,
    )


HANDLERS = (show_blanks, receive, strike, happened, show_kinds, set_kind)
