"""Positions given and ended, and grants to sign, on the pages of their unit."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.people import (
    appointment_actions,
    queries,
    unit_pages,
)
from eoffice.people.account_http import OF_THE_ACCOUNT
from eoffice.people.kinds import (
    GrantKind,
    Manner,
    PositionKind,
)
from eoffice.people.queries import PersonUnknown
from eoffice.people.unit_pages import Line
from eoffice.people.views import PersonView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request
from eoffice.web.words import day


class AppointmentForm(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    title: Line
    kind: PositionKind
    valid_from: date
    valid_to: date | None = None
    manner: Manner = Manner.APPOINTED


class EndingForm(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date


class DelegationForm(msgspec.Struct, frozen=True, kw_only=True):
    from_position_id: UUID
    to_login: str
    grant_kind: GrantKind
    granted_from: date
    subject: Line
    document_reference: Line
    granted_to: date | None = None


@post("/admin/units/{unit_id:uuid}/appointments", sync_to_thread=True)
def appoint(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = unit_pages.operator(request)
    try:
        entered = form.parse(AppointmentForm)

        def work(session: Session) -> See:
            person = _person_by_login(session, entered.login, "login")
            appointment_actions.appoint(
                session,
                person_id=person.id,
                unit_id=unit_id,
                title=entered.title,
                kind=entered.kind,
                valid_from=entered.valid_from,
                valid_to=entered.valid_to,
                manner=entered.manner,
                by=who,
                at=clock.now(),
            )
            said = f"Đã giao chức danh {entered.title} cho {person.full_name}."
            return See(f"/admin/units/{unit_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return unit_pages.unit_page(
            request, unit_id, form.refused(refusal), opened="appointments", status=refusal.status
        )


@get("/admin/appointments/{appointment_id:uuid}/ending", sync_to_thread=True)
def show_ending(request: Request, appointment_id: FromPath[UUID]) -> Response[bytes]:
    """What ending an appointment does, before it is done."""
    unit_pages.operator(request)
    form = FormState.of(last_day=clock.civil_date(clock.now()))
    return _ending_page(request, appointment_id, form)


@post("/admin/appointments/{appointment_id:uuid}/ending", sync_to_thread=True)
def end_appointment(
    request: Request,
    appointment_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The person leaves the position after a day."""
    who = unit_pages.operator(request)
    try:
        last_day = form.parse(EndingForm).last_day

        def work(session: Session) -> See:
            held = queries.appointment(session, appointment_id)
            appointment_actions.end_appointment(
                session, appointment_id, last_day=last_day, by=who, at=clock.now()
            )
            said = f"{held.full_name} thôi giữ chức danh {held.title} sau ngày {day(last_day)}."
            return See(f"/admin/people/{held.person_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _ending_page(request, appointment_id, form.refused(refusal), status=refusal.status)


@post("/admin/units/{unit_id:uuid}/delegations", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def delegate(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = unit_pages.operator(request)
    try:
        entered = form.parse(DelegationForm)

        def work(session: Session) -> See:
            person = _person_by_login(session, entered.to_login, "to_login")
            appointment_actions.delegate(
                session,
                from_position_id=entered.from_position_id,
                to_person_id=person.id,
                kind=entered.grant_kind,
                valid_from=entered.granted_from,
                valid_to=entered.granted_to,
                subject=entered.subject,
                document_reference=entered.document_reference,
                by=who,
                at=clock.now(),
            )
            said = f"Đã ghi việc giao ký cho {person.full_name}."
            return See(f"/admin/units/{unit_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        shown = form.refused(
            unit_pages.renamed(refusal, valid_to="granted_to", to_person_id="to_login")
        )
        return unit_pages.unit_page(
            request, unit_id, shown, opened="delegations", status=refusal.status
        )


def _ending_page(
    request: Request, appointment_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    with db.transaction(unit_pages.operator(request).acting) as session:
        held = queries.appointment(session, appointment_id)
    return page(request, "people/ending.html", status=status, form=form, held=held)


def _person_by_login(session: Session, login: str, field: str) -> PersonView:
    found = queries.person_by_login(session, login.strip())
    if found is None:
        raise PersonUnknown(
            f"Không có người nào có tên đăng nhập {login}. Hãy thêm người đó trước.",
            fields={field: "Không có người này."},
        )
    return found
