"""One's own session, account and tokens for programs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from eoffice import clock, db
from eoffice.people import (
    accounts,
    authentication,
    credentials,
    queries,
    sign_in,
)
from eoffice.people.accounts import SignInRefused
from eoffice.people.kinds import (
    Manner,
    PositionKind,
    Scope,
)
from eoffice.people.sign_in import CodeDue
from eoffice.people.views import AppointmentView
from eoffice.settings import settings
from eoffice.web.principal import IN_PERSON, Principal, Request, principal

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
#: Of routes that change who can sign in, and who may sign.
OF_THE_ACCOUNT = {"scope": IN_PERSON}


class CodeNeeded(SignInRefused):
    """Login and password fit; the one-time code has to be sent with them."""


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
    who, at = principal(request), clock.now()
    with asked_again(request, who), db.transaction(who.acting) as session:
        accounts.change_password(
            session, present=data.password, new=data.new_password, by=who, at=at
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


def asked_again(request: Request, who: Principal) -> AbstractContextManager[None]:
    """Around whatever asks for password or code of somebody who is signed in."""
    return sign_in.asked_again(
        who, source=source(request), secret_key=settings().secret_key, at=clock.now()
    )


def source(request: Request) -> str:
    """From where the request comes, as far as attempts to sign in are counted by it."""
    peer = request.client.host if request.client is not None else "unknown"
    return sign_in.source_of(peer, request.headers.get("x-forwarded-for"))


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
