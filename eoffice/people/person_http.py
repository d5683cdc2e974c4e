"""Persons, their appointments and grants for programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.people import (
    account_http,
    accounts,
    appointment_actions,
    operators,
    person_actions,
    queries,
    unit_http,
)
from eoffice.people.account_http import OF_THE_ACCOUNT, AppointmentOut, Line
from eoffice.people.kinds import (
    GrantKind,
    Manner,
    PositionKind,
)
from eoffice.people.unit_http import Made, Short
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal


class PasswordIn(msgspec.Struct, frozen=True, kw_only=True):
    new_password: Annotated[str, msgspec.Meta(max_length=1024)]


class PersonOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    login: str
    full_name: str
    can_sign_in: bool


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    login: Short
    full_name: Line


class NewAppointment(msgspec.Struct, frozen=True, kw_only=True):
    person_id: UUID
    unit_id: UUID
    title: Line
    kind: PositionKind
    valid_from: date
    valid_to: date | None = None
    manner: Manner = Manner.APPOINTED


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date


class NewDelegation(msgspec.Struct, frozen=True, kw_only=True):
    from_position_id: UUID
    to_person_id: UUID
    kind: GrantKind
    valid_from: date
    valid_to: date | None = None
    subject: Line
    document_reference: Line


@get("/persons", sync_to_thread=True, tags=["people"])
def persons(
    request: Request,
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[PersonOut]:
    """All persons, by login; operators."""
    who = principal(request)
    operators.operators_only(who)
    after = Cursor.read(request, cursor)
    limit = bounded(limit)
    with db.transaction(who.acting) as session:
        rows = queries.search_persons(session, q, after=unit_http.pair(after), limit=limit + 1)
    found = Page.of(request, rows, limit=limit, key=lambda row: (row.login, str(row.id)))
    return Page(
        items=[msgspec.convert(row, PersonOut, from_attributes=True) for row in found.items],
        next_cursor=found.next_cursor,
    )


@post("/persons", sync_to_thread=True, tags=["people"])
def create_person(
    request: Request, data: JSONBody[NewPerson], once: NamedDependency[Once]
) -> Response[Made]:
    """Enter a person; operators."""
    who = principal(request)

    def work(session: Session) -> Made:
        return Made(
            id=person_actions.create_person(
                session, login=data.login, full_name=data.full_name, by=who, at=clock.now()
            )
        )

    return once.answer(work, status=201)


@put(
    "/persons/{person_id:uuid}/password",
    sync_to_thread=True,
    status_code=204,
    opt=OF_THE_ACCOUNT,
    tags=["people"],
)
def set_password(request: Request, person_id: FromPath[UUID], data: JSONBody[PasswordIn]) -> None:
    """A first password, which the person has to change; operators."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        accounts.set_password(session, person_id, data.new_password, by=who, at=clock.now())


@post("/appointments", sync_to_thread=True, tags=["people"])
def appoint(
    request: Request, data: JSONBody[NewAppointment], once: NamedDependency[Once]
) -> Response[Made]:
    """Give a person a position; operators."""
    who = principal(request)

    def work(session: Session) -> Made:
        appointment_id = appointment_actions.appoint(
            session, **msgspec.structs.asdict(data), by=who, at=clock.now()
        )
        return Made(id=appointment_id)

    return once.answer(work, status=201)


@post("/appointments/{appointment_id:uuid}/ending", sync_to_thread=True, tags=["people"])
def end_appointment(
    request: Request,
    appointment_id: FromPath[UUID],
    data: JSONBody[Ending],
    once: NamedDependency[Once],
) -> Response[AppointmentOut]:
    """The person leaves the position after a day; operators."""
    who = principal(request)

    def work(session: Session) -> AppointmentOut:
        appointment_actions.end_appointment(
            session, appointment_id, last_day=data.last_day, by=who, at=clock.now()
        )
        return account_http.appointment_out(queries.appointment(session, appointment_id))

    return once.answer(work, status=201)


@post("/delegations", sync_to_thread=True, opt=OF_THE_ACCOUNT, tags=["people"])
def delegate(
    request: Request, data: JSONBody[NewDelegation], once: NamedDependency[Once]
) -> Response[Made]:
    """Let somebody sign by order (TL.) or by delegation (TUQ.); the head or an operator."""
    who = principal(request)

    def work(session: Session) -> Made:
        delegation_id = appointment_actions.delegate(
            session, **msgspec.structs.asdict(data), by=who, at=clock.now()
        )
        return Made(id=delegation_id)

    return once.answer(work, status=201)
