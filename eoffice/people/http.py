"""Units, people and sign-in for programs: `/api/v1/session`, `/me`, `/units`, `/persons`…"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Invalid, NotAllowed
from eoffice.people import (
    accounts,
    appointment_actions,
    authentication,
    credentials,
    operators,
    person_actions,
    queries,
    sign_in,
    unit_actions,
)
from eoffice.people.accounts import SignInRefused
from eoffice.people.groups import GROUPS
from eoffice.people.kinds import (
    GrantKind,
    Manner,
    PositionKind,
    SchoolLevel,
    Scope,
    UnitKind,
)
from eoffice.people.queries import AppointmentView, UnitView
from eoffice.people.sign_in import CodeDue
from eoffice.settings import settings
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import IN_PERSON, Principal, Request, principal

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
#: Of routes that change who can sign in, and who may sign.
OF_THE_ACCOUNT = {"scope": IN_PERSON}


class CodeNeeded(SignInRefused):
    """Login and password fit; the one-time code has to be sent with them."""


# --- What goes in and out --------------------------------------------------------------------


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    login: Annotated[str, msgspec.Meta(max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=1024)]
    #: One-time or recovery code, where the person uses them.
    code: Annotated[str, msgspec.Meta(max_length=64)] = ""
    #: In which position to act; the strongest where absent.
    appointment_id: UUID | None = None


class AppointmentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    person_id: UUID
    full_name: str
    title: str
    kind: PositionKind
    manner: Manner
    unit_id: UUID
    unit_name: str
    agency_id: UUID
    valid_from: date
    valid_to: date | None


class Me(msgspec.Struct, frozen=True, kw_only=True):
    person_id: UUID
    full_name: str
    appointment_id: UUID
    title: str
    kind: PositionKind
    unit_id: UUID
    unit_name: str
    agency_id: UUID
    agency_name: str
    scopes: list[str]
    #: All positions in which the person may act.
    appointments: list[AppointmentOut]


class SessionOut(msgspec.Struct, frozen=True, kw_only=True):
    #: For `Authorization: Bearer`.
    token: str
    expires_at: datetime
    #: The password was set by somebody else; until it is changed nothing else is allowed.
    password_is_due: bool
    me: Me


class ActingIn(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    password: Annotated[str, msgspec.Meta(max_length=1024)]
    new_password: Annotated[str, msgspec.Meta(max_length=1024)]


class PasswordIn(msgspec.Struct, frozen=True, kw_only=True):
    new_password: Annotated[str, msgspec.Meta(max_length=1024)]


class UnitOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    organ_id: str | None
    code: str
    name: str
    notation: str
    kind: UnitKind
    level: SchoolLevel | None
    parent_id: UUID | None
    agency_id: UUID
    place: str
    valid_from: date
    valid_to: date | None


class NewUnit(msgspec.Struct, frozen=True, kw_only=True):
    code: Short
    name: Line
    kind: UnitKind
    place: Line
    valid_from: date
    level: SchoolLevel | None = None
    parent_id: UUID | None = None
    notation: Annotated[str, msgspec.Meta(max_length=64)] = ""
    organ_id: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    letterhead_name: Line | None = None
    superior_name: Line | None = None


class NewName(msgspec.Struct, frozen=True, kw_only=True):
    name: Line
    since: date
    letterhead_name: Line | None = None
    superior_name: Line | None = None
    notation: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    place: Line | None = None


class NewParent(msgspec.Struct, frozen=True, kw_only=True):
    parent_id: UUID
    since: date


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date
    successor_ids: list[UUID] = []


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


class GroupOut(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    name: Line
    scopes: list[Scope]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]


class TokenMade(msgspec.Struct, frozen=True, kw_only=True):
    #: Shown this once.
    token: str


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    scopes: list[Scope]
    title: str
    unit_name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Made(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


# --- Session ---------------------------------------------------------------------------------


@post("/session", sync_to_thread=True, opt={"public": True}, tags=["session"])
def open_session(request: Request, data: JSONBody[SignIn]) -> SessionOut:
    """Sign in and receive a token for `Authorization: Bearer`."""
    at = clock.now()
    opened = sign_in.with_password(
        data.login,
        data.password,
        source=source(request),
        secret_key=settings().secret_key,
        at=at,
        code=data.code,
        appointment_id=data.appointment_id,
    )
    if isinstance(opened, CodeDue):
        raise CodeNeeded(
            "Tài khoản này dùng xác thực hai bước: hãy gửi kèm mã trên điện thoại.",
            fields={"code": "Cần nhập mã."},
        )
    return SessionOut(
        token=opened.token,
        expires_at=opened.expires_at,
        password_is_due=opened.password_is_foreign,
        me=_me(opened.principal, at),
    )


@delete("/session", sync_to_thread=True, tags=["session"])
def close_session(request: Request) -> None:
    """Sign out. Idempotent."""
    who = principal(request)
    token = authentication.token_of(request)
    if token is not None:
        with db.transaction(who.acting) as session:
            accounts.close_session(session, token, by=who, at=clock.now())


@put("/session/appointment", sync_to_thread=True, opt=OF_THE_ACCOUNT, tags=["session"])
def act_as(request: Request, data: JSONBody[ActingIn]) -> Me:
    """Go on in another of one's positions."""
    who, at = principal(request), clock.now()
    token = authentication.token_of(request) or ""
    with db.transaction(who.acting) as session:
        acting = accounts.act_as(session, token, data.appointment_id, by=who, at=at)
    return _me(acting, at)


@get("/me", sync_to_thread=True, tags=["session"])
def me(request: Request) -> Me:
    """Who is asking, and in which position."""
    return _me(principal(request), clock.now())


@put("/me/password", sync_to_thread=True, status_code=204, opt=OF_THE_ACCOUNT, tags=["session"])
def change_password(request: Request, data: JSONBody[PasswordChange]) -> None:
    """Change the own password; all other sessions end."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        accounts.change_password(
            session, present=data.password, new=data.new_password, by=who, at=clock.now()
        )


@get("/tokens", sync_to_thread=True, tags=["session"])
def tokens(request: Request) -> list[TokenOut]:
    """The tokens that one has given to programs."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        views = credentials.api_tokens_of(session, who.person_id)
    return [msgspec.convert(view, TokenOut, from_attributes=True) for view in views]


@post("/tokens", sync_to_thread=True, opt=OF_THE_ACCOUNT, tags=["session"])
def create_token(request: Request, data: JSONBody[NewToken]) -> TokenMade:
    """A token for a program, shown this once; not repeatable by idempotency key."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        token = accounts.create_token(
            session,
            name=data.name,
            scopes=data.scopes,
            life=timedelta(days=data.days),
            by=who,
            at=clock.now(),
        )
    return TokenMade(token=token)


@delete("/tokens/{token_id:uuid}", sync_to_thread=True, opt=OF_THE_ACCOUNT, tags=["session"])
def revoke_token(request: Request, token_id: FromPath[UUID]) -> None:
    """The token stops working at once."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        accounts.revoke_token(session, token_id, by=who, at=clock.now())


# --- Units -----------------------------------------------------------------------------------


@get("/units", sync_to_thread=True, tags=["units"])
def units(
    request: Request,
    q: FromQuery[str] = "",
    kind: FromQuery[UnitKind | None] = None,
    below: FromQuery[UUID | None] = None,
    on: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[UnitOut]:
    """Units that exist on a day (today), by name; `q` without regard to diacritics."""
    who = principal(request)
    after = Cursor.read(request, cursor)
    limit = bounded(limit)
    with db.transaction(who.acting) as session:
        rows = queries.search_units(
            session,
            q,
            on=on or clock.civil_date(clock.now()),
            kinds=() if kind is None else (kind,),
            below_id=below,
            after=_pair(after),
            limit=limit + 1,
        )
        keys = {row.id: queries.name_key(session, row) for row in rows[limit - 1 : limit]}
    found = Page.of(request, rows, limit=limit, key=lambda row: keys[row.id])
    return Page(items=[unit_out(row) for row in found.items], next_cursor=found.next_cursor)


@get("/units/{unit_id:uuid}", sync_to_thread=True, tags=["units"])
def unit(request: Request, unit_id: FromPath[UUID]) -> UnitOut:
    with db.transaction(principal(request).acting) as session:
        return unit_out(queries.unit(session, unit_id))


@get("/units/{unit_id:uuid}/persons", sync_to_thread=True, tags=["units"])
def persons_in(request: Request, unit_id: FromPath[UUID]) -> list[AppointmentOut]:
    """Who holds a position in a unit of one's own agency now."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        if (
            who.position_kind != PositionKind.OPERATOR
            and queries.unit(session, unit_id).agency_id != who.agency_id
        ):
            raise NotAllowed("Chỉ xem được danh sách cán bộ của cơ quan mình.")
        holders = queries.persons_in(session, unit_id, at=at)
    return [appointment_out(holder) for holder in holders]


@post("/units", sync_to_thread=True, tags=["units"])
def create_unit(
    request: Request, data: JSONBody[NewUnit], once: NamedDependency[Once]
) -> Response[Made]:
    """Enter a unit; operators."""
    who = principal(request)

    def work(session: Session) -> Made:
        unit_id = unit_actions.create_unit(
            session, **msgspec.structs.asdict(data), by=who, at=clock.now()
        )
        return Made(id=unit_id)

    return once.answer(work, status=201, location=lambda made: f"/api/v1/units/{made.id}")


@post("/units/{unit_id:uuid}/names", sync_to_thread=True, tags=["units"])
def rename_unit(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[NewName],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The unit is called otherwise from a day on; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.rename_unit(
            session, unit_id, **msgspec.structs.asdict(data), by=who, at=clock.now()
        )
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work, status=201)


@post("/units/{unit_id:uuid}/parents", sync_to_thread=True, tags=["units"])
def move_unit(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[NewParent],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The unit stands below another one from a day on; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.move_unit(
            session, unit_id, parent_id=data.parent_id, since=data.since, by=who, at=clock.now()
        )
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work, status=201)


@post("/units/{unit_id:uuid}/closure", sync_to_thread=True, tags=["units"])
def close_unit(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[Closure],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The unit ends, and its successors take over; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.close_unit(
            session,
            unit_id,
            last_day=data.last_day,
            successor_ids=data.successor_ids,
            by=who,
            at=clock.now(),
        )
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work, status=201)


@get("/groups", sync_to_thread=True, tags=["units"])
def groups() -> list[GroupOut]:
    """Groups of recipients: each means the units below one's own agency."""
    return [GroupOut(code=group.code, name=group.name) for group in GROUPS]


@get("/groups/{code:str}/units", sync_to_thread=True, tags=["units"])
def units_of_group(
    request: Request, code: FromPath[str], on: FromQuery[date | None] = None
) -> list[UnitOut]:
    """The units that a group means on a day (today)."""
    who = principal(request)
    day = on or clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = queries.units_of_group(session, code, sender_agency_id=who.agency_id, on=day)
    return [unit_out(view) for view in found]


# --- Persons ---------------------------------------------------------------------------------


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
        rows = queries.search_persons(session, q, after=_pair(after), limit=limit + 1)
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
        return appointment_out(queries.appointment(session, appointment_id))

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


router = Router(
    "/api/v1",
    route_handlers=[
        open_session,
        close_session,
        act_as,
        me,
        change_password,
        tokens,
        create_token,
        revoke_token,
        units,
        unit,
        persons_in,
        create_unit,
        rename_unit,
        move_unit,
        close_unit,
        groups,
        units_of_group,
        persons,
        create_person,
        set_password,
        appoint,
        end_appointment,
        delegate,
    ],
)


def source(request: Request) -> str:
    """From where the request comes, as far as attempts to sign in are counted by it."""
    peer = request.client.host if request.client is not None else "unknown"
    return sign_in.source_of(peer, request.headers.get("x-forwarded-for"))


def unit_out(view: UnitView) -> UnitOut:
    return msgspec.convert(view, UnitOut, from_attributes=True)


def appointment_out(view: AppointmentView) -> AppointmentOut:
    return msgspec.convert(view, AppointmentOut, from_attributes=True)


def _me(who: Principal, at: datetime) -> Me:
    with db.transaction(who.acting) as session:
        held = queries.appointments_of(session, who.person_id, at=at)
    return Me(
        person_id=who.person_id,
        full_name=who.full_name,
        appointment_id=who.appointment_id,
        title=who.position_title,
        kind=PositionKind(who.position_kind),
        unit_id=who.unit_id,
        unit_name=who.unit_name,
        agency_id=who.agency_id,
        agency_name=who.agency_name,
        scopes=sorted(who.scopes & credentials.ALL_SCOPES),
        appointments=[appointment_out(view) for view in held],
    )


def _pair(key: tuple[str, ...] | None) -> tuple[str, str] | None:
    if key is None:
        return None
    if len(key) != 2:
        raise Invalid("Trang tiếp theo không còn dùng được. Hãy mở lại danh sách từ đầu.")
    return key[0], key[1]
