"""Signing in, step by step, each in its own transaction: count, look up, compare, open.

Called by the edges (pages and API). The slow comparison of the password happens with no
transaction open, and just as slowly where there is no such login.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from eoffice import db
from eoffice.people import accounts, code_actions, passwords, rules
from eoffice.people.accounts import Opened, SignInRefused
from eoffice.people.passwords import PasswordReused, PasswordWeak
from eoffice.web import seals
from eoffice.web.principal import Principal

_PURPOSE = "second step of signing in"


@dataclass(frozen=True, slots=True)
class CodeDue:
    """The password fits and a code has to follow; `proof` comes back with it."""

    proof: str


class _Proof(msgspec.Struct, frozen=True, array_like=True):
    person_id: UUID
    login: str
    #: Seconds since 1970.
    until: float


def with_password(
    login: str,
    password: str,
    *,
    source: str,
    secret_key: str,
    at: datetime,
    code: str = "",
    appointment_id: UUID | None = None,
) -> Opened | CodeDue:
    """The first step; a `code` that is known already is used at once, as programs do.

    Raises TooManyAttempts, SignInRefused, NoPosition.
    """
    with db.transaction(None) as session:
        accounts.begin_attempt(session, login, source, secret_key=secret_key, at=at)
    with db.transaction(None) as session:
        known = accounts.secrets_of(session, login)
    if not passwords.verify(known.password_hash, password) or known.person_id is None:
        raise SignInRefused("Tên đăng nhập hoặc mật khẩu không đúng.")
    if known.password_hash is not None and passwords.is_outdated(known.password_hash):
        fresh = passwords.hash_of(password)
        with db.transaction(None) as session:
            accounts.refresh_hash(session, known.person_id, known.password_hash, fresh)
    if known.has_codes and not code:
        return CodeDue(_prove(known.person_id, login, secret_key=secret_key, at=at))
    with db.transaction(None) as session:
        if known.has_codes:
            code_actions.check_code(session, known.person_id, code, secret_key=secret_key, at=at)
        return accounts.open_session(
            session,
            known.person_id,
            source,
            secret_key=secret_key,
            at=at,
            appointment_id=appointment_id,
        )


def with_code(proof: str, code: str, *, source: str, secret_key: str, at: datetime) -> Opened:
    """The second step, within five minutes of the first.

    Raises SignInRefused, TooManyAttempts, NoPosition.
    """
    payload = seals.unsign(secret_key.encode(), _PURPOSE, proof)
    proven = None if payload is None else msgspec.json.decode(payload, type=_Proof)
    if proven is None or at.timestamp() > proven.until:
        raise SignInRefused("Đã quá thời gian nhập mã. Hãy đăng nhập lại từ đầu.")
    with db.transaction(None) as session:
        accounts.begin_attempt(session, proven.login, source, secret_key=secret_key, at=at)
    with db.transaction(None) as session:
        code_actions.check_code(session, proven.person_id, code, secret_key=secret_key, at=at)
        return accounts.open_session(
            session, proven.person_id, source, secret_key=secret_key, at=at
        )


@contextmanager
def asked_again(who: Principal, *, source: str, secret_key: str, at: datetime) -> Iterator[None]:
    """Around asking somebody who is signed in for their password or a code once more.

    Wrong answers are counted as those of signing in, apart from them: whoever found a screen open
    may not guess without end, and cannot shut the person out either. Raises TooManyAttempts.
    """
    name = f"again:{who.person_id}"

    def was_right() -> None:
        with db.transaction(None) as session:
            accounts.forgive(session, name, source, secret_key=secret_key, at=at)

    with db.transaction(None) as session:
        accounts.begin_attempt(session, name, source, secret_key=secret_key, at=at)
    try:
        yield
    except (PasswordWeak, PasswordReused):
        # The present password was right, or the new one would not have been looked at.
        was_right()
        raise
    was_right()


def source_of(peer: str, forwarded_for: str | None) -> str:
    """From where a request comes, as far as attempts are counted by it.

    Behind a proxy of our own network, what the proxy says (the last entry of `X-Forwarded-For`);
    of an IPv6 address the /64, because one line has all of it.
    """
    address = _address(peer)
    if forwarded_for and address is not None and address.is_private:
        address = _address(forwarded_for.rpartition(",")[2].strip()) or address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return peer if address is None else str(address)


def _prove(person_id: UUID, login: str, *, secret_key: str, at: datetime) -> str:
    until = (at + rules.SECOND_STEP_LIFE).timestamp()
    payload = msgspec.json.encode(_Proof(person_id, login, until))
    return seals.sign(secret_key.encode(), _PURPOSE, payload)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
