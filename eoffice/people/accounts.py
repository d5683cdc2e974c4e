"""What is done to accounts: passwords, sessions and tokens. Actions.

Slow hashing is done by the callers in `sign_in` outside of a transaction; a change of the password
does it inside, because it happens rarely.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from eoffice.people import credentials, passwords, queries, rules
from eoffice.people.credentials import token_hash
from eoffice.people.kinds import Scope
from eoffice.people.model import (
    ApiToken,
    Appointment,
    FormerPassword,
    Person,
    SignedIn,
    SignInAttempt,
    Totp,
)
from eoffice.people.operators import operators_only
from eoffice.people.person_actions import locked_person
from eoffice.web.principal import Principal

SESSION_PREFIX = "eos_"
API_TOKEN_PREFIX = "eot_"  # noqa: S105  (begins every token, says nothing)


class SignInRefused(NotSignedIn):
    """Login and password, or the one-time code, do not fit."""


class NoPosition(NotAllowed):
    """The person holds no position in which to act."""


class TokenUnknown(NotFound):
    """There is no such token of this person."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signing in needs to know of a login; the same shape where there is no such login."""

    person_id: UUID | None
    password_hash: str | None
    has_codes: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun; the token is shown to nobody else and kept nowhere."""

    token: str
    principal: Principal
    expires_at: datetime
    password_is_foreign: bool


# --- Attempts --------------------------------------------------------------------------------


def begin_attempt(
    session: Session, login: str, source: str, *, secret_key: str, at: datetime
) -> None:
    """Count an attempt, as failed until `open_session` says otherwise. Raises TooManyAttempts.

    Commit before checking the password, so that attempts at the same time count each other.
    """
    login_hash = _keyed(secret_key, "login", login)
    source_hash = _keyed(secret_key, "source", source)
    # One attempt of a login at a time, or many at once would all find few failures before them.
    session.execute(
        select(func.pg_advisory_xact_lock(int.from_bytes(login_hash[:8], "big", signed=True)))
    )
    last_success = session.scalar(
        select(func.max(SignInAttempt.attempted_at)).where(
            SignInAttempt.login_hash == login_hash,
            SignInAttempt.succeeded,
            SignInAttempt.attempted_at > at - rules.MEMORY,
        )
    )
    of_login = session.scalars(
        select(SignInAttempt.attempted_at)
        .where(
            SignInAttempt.login_hash == login_hash,
            SignInAttempt.attempted_at > (last_success or at - rules.MEMORY),
        )
        .order_by(SignInAttempt.attempted_at.desc())
        .limit(rules.FREE_PER_LOGIN * 4)
    ).all()
    of_source = session.scalars(
        select(SignInAttempt.attempted_at)
        .where(
            SignInAttempt.source_hash == source_hash,
            SignInAttempt.attempted_at > at - rules.SOURCE_MEMORY,
            ~SignInAttempt.succeeded,
        )
        .order_by(SignInAttempt.attempted_at.desc())
        .limit(rules.FREE_PER_SOURCE * 2)
    ).all()
    rules.check_attempt(at=at, failures_of_login=of_login, failures_of_source=of_source)
    session.add(
        SignInAttempt(
            login_hash=login_hash, source_hash=source_hash, attempted_at=at, succeeded=False
        )
    )


def forgive(session: Session, login: str, source: str, *, secret_key: str, at: datetime) -> None:
    """The attempts of the last minutes, from this source, were the person's own."""
    session.execute(
        update(SignInAttempt)
        .where(
            SignInAttempt.login_hash == _keyed(secret_key, "login", login),
            SignInAttempt.source_hash == _keyed(secret_key, "source", source),
            SignInAttempt.attempted_at > at - rules.SECOND_STEP_LIFE,
            ~SignInAttempt.succeeded,
        )
        .values(succeeded=True)
    )


def secrets_of(session: Session, login: str) -> Secrets:
    """One statement, whether or not there is such a login."""
    row = session.execute(
        select(Person.id, Person.password_hash, Totp.confirmed_at)
        .outerjoin(Totp, Totp.person_id == Person.id)
        .where(Person.login == login.strip().lower())
    ).one_or_none()
    if row is None:
        return Secrets(None, None, has_codes=False)
    return Secrets(row[0], row[1], has_codes=row[2] is not None)


# --- Sessions --------------------------------------------------------------------------------


def open_session(
    session: Session,
    person_id: UUID,
    source: str,
    *,
    secret_key: str,
    at: datetime,
    appointment_id: UUID | None = None,
) -> Opened:
    """Sign the person in, in their strongest position or the one that they name.

    Raises NoPosition. All attempts of the login up to now are forgiven.
    """
    person = session.get_one(Person, person_id)
    held = queries.appointments_of(session, person_id, at=at)
    chosen = [a for a in held if appointment_id in (None, a.id)]
    if not chosen:
        raise NoPosition(
            "Tài khoản này hiện không có chức danh nào còn hiệu lực. "
            "Hãy liên hệ quản trị hệ thống của Sở."
        )
    token = SESSION_PREFIX + secrets.token_urlsafe(32)
    row = SignedIn(
        id=new_id(),
        token_sha256=token_hash(token),
        person_id=person_id,
        appointment_id=chosen[0].id,
        created_at=at,
        last_seen_at=at,
        expires_at=at + rules.WHOLE_LIFE,
    )
    session.add(row)
    forgive(session, person.login, source, secret_key=secret_key, at=at)
    who = replace(
        credentials.principal_of_appointment(session, chosen[0].id, at=at), session_id=row.id
    )
    record(session, "session.opened", object_kind="session", object_id=row.id, by=who, at=at)
    return Opened(token, who, row.expires_at, person.password_is_foreign)


def close_session(session: Session, token: str, *, by: Principal, at: datetime) -> None:
    """Sign out. Idempotent."""
    closed = session.scalars(
        delete(SignedIn).where(SignedIn.token_sha256 == token_hash(token)).returning(SignedIn.id)
    ).one_or_none()
    if closed is not None:
        record(session, "session.closed", object_kind="session", object_id=closed, by=by, at=at)


def close_all_sessions(
    session: Session,
    person_id: UUID,
    *,
    by: Principal | str,
    at: datetime,
    but: UUID | None = None,
) -> int:
    """Sign a person out everywhere, except in session `but`; how many. Tokens of programs stay.

    The person does it, or an operator.
    """
    if not isinstance(by, str) and by.person_id != person_id:
        operators_only(by)
    closing = delete(SignedIn).where(SignedIn.person_id == person_id)
    if but is not None:
        closing = closing.where(SignedIn.id != but)
    closed = session.scalars(closing.returning(SignedIn.id)).all()
    record(
        session,
        "session.closed_everywhere",
        object_kind="person",
        object_id=person_id,
        by=by,
        at=at,
        details={"sessions": len(closed)},
    )
    return len(closed)


def act_as(
    session: Session, token: str, appointment_id: UUID, *, by: Principal, at: datetime
) -> Principal:
    """Go on in another of one's positions. Raises NoPosition."""
    mine = {held.id for held in queries.appointments_of(session, by.person_id, at=at)}
    if appointment_id not in mine:
        raise NoPosition("Anh/chị không giữ chức danh này vào hôm nay.")
    session_id = session.scalars(
        update(SignedIn)
        .where(SignedIn.token_sha256 == token_hash(token), SignedIn.person_id == by.person_id)
        .values(appointment_id=appointment_id)
        .returning(SignedIn.id)
    ).one_or_none()
    if session_id is None:
        raise NoPosition("Chỉ đổi chức danh được trong phiên đã đăng nhập.")
    who = replace(
        credentials.principal_of_appointment(session, appointment_id, at=at),
        session_id=by.session_id,
    )
    record(
        session,
        "session.acting_changed",
        object_kind="session",
        object_id=session_id,
        by=who,
        at=at,
        details={"from_appointment_id": by.appointment_id},
    )
    return who


def note_use(session: Session, token: str, *, at: datetime) -> None:
    """The token was used just now. The caller asks at most once a minute for one token."""
    model = ApiToken if token.startswith(API_TOKEN_PREFIX) else SignedIn
    column = "last_used_at" if model is ApiToken else "last_seen_at"
    session.execute(
        update(model).where(model.token_sha256 == token_hash(token)).values({column: at})
    )


# --- Passwords -------------------------------------------------------------------------------


def set_password(
    session: Session, person_id: UUID, password: str, *, by: Principal | str, at: datetime
) -> None:
    """Give somebody a password that has to be changed at the first sign-in; signs them out.

    An operator does it. A process of the office sets it for good (demo, first operator).
    Raises OnlyOperators, PersonUnknown, PasswordWeak.
    """
    operators_only(by)
    person = locked_person(session, person_id)
    passwords.check(password, login=person.login, full_name=person.full_name)
    _replace_password(session, person, password, is_foreign=not isinstance(by, str), at=at)
    session.execute(delete(SignedIn).where(SignedIn.person_id == person_id))
    record(session, "password.set", object_kind="person", object_id=person_id, by=by, at=at)


def set_common_password(
    session: Session, person_ids: Iterable[UUID], password: str, *, by: str, at: datetime
) -> None:
    """Give new accounts of a demo or a training room one password for all; hashed once.

    For a process of the office only, and for accounts that have no password yet: a common hash
    shows who has the same password, which is no secret there. Raises PasswordWeak.
    """
    kept = passwords.hash_of(password)
    for person_id in person_ids:
        person = locked_person(session, person_id)
        assert person.password_hash is None, "a common password replaces nobody's own"
        passwords.check(password, login=person.login, full_name=person.full_name)
        person.password_hash = kept
        person.password_set_at = at
        record(session, "password.set", object_kind="person", object_id=person_id, by=by, at=at)


def change_password(
    session: Session, *, present: str, new: str, by: Principal, at: datetime
) -> None:
    """A person changes the own password; other sessions of theirs end.

    Raises Invalid, PasswordWeak, PasswordReused.
    """
    person = locked_person(session, by.person_id)
    if not passwords.verify(person.password_hash, present):
        raise Invalid(
            "Mật khẩu hiện tại không đúng.", fields={"password": "Mật khẩu hiện tại không đúng."}
        )
    passwords.check(new, login=person.login, full_name=person.full_name)
    former = session.scalars(
        select(FormerPassword.password_hash).where(FormerPassword.person_id == person.id)
    ).all()
    passwords.check_not_reused(new, [person.password_hash or "", *former])
    _replace_password(session, person, new, is_foreign=False, at=at)
    session.execute(
        delete(SignedIn).where(
            SignedIn.person_id == person.id,
            SignedIn.id.is_distinct_from(by.session_id),
        )
    )
    record(session, "password.changed", object_kind="person", object_id=person.id, by=by, at=at)


def refresh_hash(session: Session, person_id: UUID, outdated: str, fresh: str) -> None:
    """Keep the same password under today's parameters, unless it was changed meanwhile."""
    session.execute(
        update(Person)
        .where(Person.id == person_id, Person.password_hash == outdated)
        .values(password_hash=fresh)
    )


# --- Tokens of programs ----------------------------------------------------------------------


def create_token(
    session: Session,
    *,
    name: str,
    scopes: Iterable[Scope],
    life: timedelta,
    by: Principal,
    at: datetime,
) -> str:
    """A token with which a program works in the present position of `by`; shown this once.

    Raises Invalid, and NotAllowed for a program that wants more than it may itself.
    """
    wanted = sorted({scope.value for scope in scopes})
    if not wanted:
        raise Invalid("Hãy chọn ít nhất một quyền.", fields={"scopes": "Chọn ít nhất một quyền."})
    if not name.strip():
        raise Invalid("Hãy đặt tên cho mã.", fields={"name": "Cần điền mục này."})
    if not timedelta() < life <= rules.LONGEST_TOKEN_LIFE:
        raise Invalid("Thời hạn từ 1 đến 366 ngày.", fields={"days": "Thời hạn từ 1 đến 366 ngày."})
    if not by.scopes >= set(wanted):
        raise NotAllowed("Mã đang dùng không có các quyền này nên không cấp tiếp được.")
    token = API_TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        id=new_id(),
        token_sha256=token_hash(token),
        name=name.strip(),
        appointment_id=by.appointment_id,
        scopes=wanted,
        created_at=at,
        expires_at=at + life,
    )
    session.add(row)
    record(
        session,
        "token.created",
        object_kind="api_token",
        object_id=row.id,
        by=by,
        at=at,
        details={"scopes": wanted, "expires_at": row.expires_at},
    )
    return token


def revoke_token(session: Session, token_id: UUID, *, by: Principal, at: datetime) -> None:
    """The token stops working at once. Idempotent. Raises TokenUnknown."""
    row = session.scalars(
        select(ApiToken)
        .join(Appointment, Appointment.id == ApiToken.appointment_id)
        .where(ApiToken.id == token_id, Appointment.person_id == by.person_id)
        .with_for_update(of=ApiToken)
    ).one_or_none()
    if row is None:
        raise TokenUnknown("Không có mã truy cập này trong tài khoản của bạn.")
    if row.revoked_at is None:
        row.revoked_at = at
        record(session, "token.revoked", object_kind="api_token", object_id=token_id, by=by, at=at)


# --- Tidying ---------------------------------------------------------------------------------


def sweep(session: Session, *, at: datetime) -> None:
    """Delete sessions that are over and attempts that no longer count. Idempotent."""
    session.execute(
        delete(SignedIn).where(
            or_(SignedIn.expires_at <= at, SignedIn.last_seen_at <= at - rules.IDLE_LIFE)
        )
    )
    session.execute(
        delete(SignInAttempt).where(SignInAttempt.attempted_at <= at - 2 * rules.MEMORY)
    )


# --- Parts -----------------------------------------------------------------------------------


def _replace_password(
    session: Session, person: Person, password: str, *, is_foreign: bool, at: datetime
) -> None:
    if person.password_hash is not None:
        session.merge(
            FormerPassword(person_id=person.id, replaced_at=at, password_hash=person.password_hash)
        )
        session.flush()  # The deletion below counts it.
        kept = (
            select(FormerPassword.replaced_at)
            .where(FormerPassword.person_id == person.id)
            .order_by(FormerPassword.replaced_at.desc())
            .limit(passwords.REMEMBERED)
        )
        session.execute(
            delete(FormerPassword).where(
                FormerPassword.person_id == person.id, FormerPassword.replaced_at.not_in(kept)
            )
        )
    person.password_hash = passwords.hash_of(password)
    person.password_set_at = at
    person.password_is_foreign = is_foreign


def _keyed(secret_key: str, purpose: str, text: str) -> bytes:
    message = f"{purpose}:{text.strip().lower()}".encode()
    return hmac.new(secret_key.encode(), message, sha256).digest()
