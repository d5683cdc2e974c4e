"""Pages for an absence with its substitute, and for the hand-over of work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.people import (
    handover,
    queries,
    substitution,
    substitution_actions,
    substitution_queries,
)
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal
from eoffice.web.words import day

#: How long after the end of an appointment its work can still be handed over.
_REMEMBERED: Final = timedelta(days=366)


class Away(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID
    substitute_id: UUID
    first_day: date
    last_day: date
    reason: Annotated[str, msgspec.Meta(max_length=substitution.LONGEST_REASON)] = ""


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    successor: UUID


@get("/account/absences", sync_to_thread=True)
def absences(request: Request, of: FromQuery[UUID | None] = None) -> Response[bytes]:
    """Vắng mặt: one's own; the head and operators choose whose."""
    return _absences(request, of, FormState())


@post("/account/absences", sync_to_thread=True)
def state_absence(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """State one."""
    who = principal(request)
    try:
        entered = form.parse(Away)

        def work(session: Session) -> See:
            substitution_actions.state_absence(
                session,
                appointment_id=entered.appointment_id,
                substitute_id=entered.substitute_id,
                first_day=entered.first_day,
                last_day=entered.last_day,
                reason=entered.reason,
                by=who,
                at=clock.now(),
            )
            return See(
                "/account/absences",
                said=f"Đã khai vắng mặt từ {day(entered.first_day)} đến {day(entered.last_day)}.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _absences(request, _chosen(form), form.refused(refusal), status=refusal.status)


@post("/account/absences/{absence_id:uuid}/ending", sync_to_thread=True)
def take_back(
    request: Request, absence_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """There after all."""
    who = principal(request)

    def work(session: Session) -> See:
        substitution_actions.take_back(session, absence_id, by=who, at=clock.now())
        return See("/account/absences", said="Đã bỏ khai vắng mặt.")

    return once.see(work)


@get("/handover", sync_to_thread=True)
def choose_leaver(request: Request) -> Response[bytes]:
    """Bàn giao: whose work."""
    who = principal(request)
    handover.require_authority(who)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        people = substitution_queries.appointments_in(
            session, who.agency_id, since=today - _REMEMBERED
        )
    return page(
        request,
        "people/handover_choice.html",
        section="admin",
        people=[each for each in people if each.kind is not PositionKind.OPERATOR],
        today=today,
    )


@get("/handover/{appointment_id:uuid}", sync_to_thread=True)
def before(request: Request, appointment_id: FromPath[UUID]) -> Response[bytes]:
    """What waits on this person, and to whom it can go."""
    return _handover(request, appointment_id, FormState())


@post("/handover/{appointment_id:uuid}", sync_to_thread=True)
def hand_over(
    request: Request,
    appointment_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """All of it in one action."""
    who = principal(request)
    try:
        entered = form.parse(HandedOver)

        def work(session: Session) -> See:
            count = handover.hand_over(
                session, appointment_id, entered.successor, by=who, at=clock.now()
            )
            return See(f"/handover/{appointment_id}", said=f"Đã bàn giao {count} việc.")

        return once.see(work)
    except Refusal as refusal:
        return _handover(request, appointment_id, form.refused(refusal), status=refusal.status)


def _chosen(form: Form) -> UUID | None:
    try:
        return UUID(form["appointment_id"])
    except ValueError:
        return None


def _absences(
    request: Request, of: UUID | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    at = clock.now()
    sees_all = handover.may_hand_over(who)
    with db.transaction(who.acting) as session:
        absent = queries.appointment(
            session, of if of is not None and sees_all else who.appointment_id
        )
        listed = substitution_queries.absences(
            session,
            who.agency_id,
            on=clock.civil_date(at),
            person_id=None if sees_all else who.person_id,
        )
        fit = substitution_queries.candidates(session, absent, at=at)
        held = queries.persons_in(session, who.agency_id, at=at) if sees_all else ()
    return page(
        request,
        "people/absences.html",
        status=status,
        section="",
        form=form,
        absent=absent,
        absences=listed,
        substitutes=[(str(each.person_id), f"{each.full_name}, {each.title}") for each in fit],
        others=[
            (str(each.id), f"{each.full_name}, {each.title}")
            for each in held
            if each.id != absent.id and each.kind is not PositionKind.OPERATOR
        ],
    )


def _handover(
    request: Request, appointment_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    handover.require_authority(who)
    at = clock.now()
    with db.transaction(who.acting) as session:
        leaver = queries.appointment(session, appointment_id)
        if leaver.agency_id != who.agency_id:
            raise queries.AppointmentUnknown("Không có chức danh này trong cơ quan.")
        waiting = handover.waiting_on(session, leaver)
        fit = handover.successors(session, leaver, at=at)
    return page(
        request,
        "people/handover.html",
        status=status,
        section="admin",
        form=form,
        leaver=leaver,
        waiting=waiting,
        total=sum(each.count for each in waiting),
        successors=[(str(each.id), f"{each.full_name}, {each.title}") for each in fit],
    )


HANDLERS = (absences, state_absence, take_back, choose_leaver, before, hand_over)
