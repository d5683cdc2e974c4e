"""Who asks: what the tokens of sessions and of programs say. Read only; frozen answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.people import rules
from eoffice.people.kinds import PositionKind, Scope
from eoffice.people.model import ApiToken, Appointment, Person, Position, SignedIn, Unit
from eoffice.people.queries import AppointmentUnknown, both_in_force
from eoffice.web.principal import Principal

ALL_SCOPES = frozenset(scope.value for scope in Scope)
_AGENCY = aliased(Unit)


@dataclass(frozen=True, slots=True)
class Known:
    """The answer to a session's or a program's token."""

    principal: Principal
    #: When the token was last seen in use; None for a token that never was.
    last_seen_at: datetime | None
    #: The password was chosen by somebody else and has to be changed first.
    password_is_foreign: bool


@dataclass(frozen=True, slots=True)
class ApiTokenView:
    id: UUID
    name: str
    scopes: tuple[Scope, ...]
    title: str
    unit_name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionView:
    id: UUID
    created_at: datetime
    last_seen_at: datetime


def principal_of_session(session: Session, token: str, *, at: datetime) -> Known | None:
    """Who is signed in with this token; None when it is over or unknown. One statement."""
    query = (
        _principals(SignedIn.id, SignedIn.last_seen_at, Person.password_is_foreign)
        .join(SignedIn, SignedIn.appointment_id == Appointment.id)
        .where(
            SignedIn.token_sha256 == token_hash(token),
            SignedIn.expires_at > at,
            SignedIn.last_seen_at > at - rules.IDLE_LIFE,
            both_in_force(clock.civil_date(at)),
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    *who, session_id, last_seen_at, is_foreign = row
    return Known(_principal(who, ALL_SCOPES, session_id), last_seen_at, is_foreign)


def principal_of_token(session: Session, token: str, *, at: datetime) -> Known | None:
    """On whose behalf a program works with this token; None when it is over or unknown."""
    query = (
        _principals(ApiToken.scopes, ApiToken.last_used_at, Person.password_is_foreign)
        .join(ApiToken, ApiToken.appointment_id == Appointment.id)
        .where(
            ApiToken.token_sha256 == token_hash(token),
            ApiToken.expires_at > at,
            ApiToken.revoked_at.is_(None),
            both_in_force(clock.civil_date(at)),
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    *who, scopes, last_used_at, is_foreign = row
    return Known(_principal(who, frozenset(scopes), None), last_used_at, is_foreign)


def principal_of_appointment(session: Session, appointment_id: UUID, *, at: datetime) -> Principal:
    """Somebody in a position, without signing in: for commands. Raises AppointmentUnknown."""
    row = session.execute(
        _principals().where(Appointment.id == appointment_id, both_in_force(clock.civil_date(at)))
    ).one_or_none()
    if row is None:
        raise AppointmentUnknown(
            "Quyết định bổ nhiệm, phân công này không có hoặc đã hết hiệu lực."
        )
    return _principal(list(row), ALL_SCOPES, None)


def api_tokens_of(session: Session, person_id: UUID) -> tuple[ApiTokenView, ...]:
    """A person's tokens for programs, the newest first; revoked ones too."""
    rows = session.execute(
        select(ApiToken, Position.title, Unit.name)
        .join(Appointment, Appointment.id == ApiToken.appointment_id)
        .join(Position, Position.id == Appointment.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(Appointment.person_id == person_id)
        .order_by(ApiToken.created_at.desc())
    )
    return tuple(
        ApiTokenView(
            id=row.id,
            name=row.name,
            scopes=tuple(Scope(scope) for scope in row.scopes),
            title=title,
            unit_name=unit_name,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row, title, unit_name in rows
    )


def sessions_of(session: Session, person_id: UUID, *, at: datetime) -> tuple[SessionView, ...]:
    """Where a person is signed in now, the latest used first."""
    rows = session.scalars(
        select(SignedIn)
        .where(
            SignedIn.person_id == person_id,
            SignedIn.expires_at > at,
            SignedIn.last_seen_at > at - rules.IDLE_LIFE,
        )
        .order_by(SignedIn.last_seen_at.desc())
    )
    return tuple(SessionView(row.id, row.created_at, row.last_seen_at) for row in rows)


def token_hash(token: str) -> bytes:
    """Under which a token is kept. Unsalted: tokens have 256 random bits."""
    return sha256(token.encode()).digest()


def _principals(*more: Any) -> Select[Any]:
    query: Select[Any] = (
        select(
            Person.id,
            Person.full_name,
            Appointment.id,
            Position.title,
            Position.kind,
            Unit.id,
            Unit.name,
            _AGENCY.id,
            _AGENCY.name,
            *more,
        )
        .select_from(Appointment)
        .join(Person, Person.id == Appointment.person_id)
        .join(Position, Position.id == Appointment.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .join(_AGENCY, _AGENCY.id == Unit.agency_id)
    )
    return query


def _principal(who: Sequence[Any], scopes: frozenset[str], session_id: UUID | None) -> Principal:
    return Principal(
        person_id=who[0],
        full_name=who[1],
        appointment_id=who[2],
        position_title=who[3],
        position_kind=PositionKind(who[4]).value,
        unit_id=who[5],
        unit_name=who[6],
        agency_id=who[7],
        agency_name=who[8],
        scopes=scopes,
        session_id=session_id,
    )
