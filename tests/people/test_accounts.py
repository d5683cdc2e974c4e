"""Passwords, sessions, one-time codes and tokens, as far as the pages do not show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.errors import Invalid, NotAllowed
from eoffice.people import accounts, code_actions, credentials, one_time_codes, passwords
from eoffice.people.accounts import NoPosition, SignInRefused, TokenUnknown
from eoffice.people.code_actions import CodesEnrolled, CodesNotEnrolled
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
from eoffice.people.operators import OnlyOperators
from eoffice.people.passwords import PasswordReused
from eoffice.people.rules import TooManyAttempts
from eoffice.people.sign_in import source_of
from tests.cast import PASSWORD, Cast, sign_in
from tests.conftest import web_role

KEY = "a secret of the tests, at least 32 characters"


def fail(session: Session, at: datetime, *, login: str = "clerk", source: str = "10.0.0.1") -> None:
    accounts.begin_attempt(session, login, source, secret_key=KEY, at=at)
    session.flush()


def open_session(session: Session, cast: Cast, at: datetime) -> accounts.Opened:
    opened = accounts.open_session(session, cast.clerk.person_id, "10.0.0.1", secret_key=KEY, at=at)
    session.flush()
    return opened


def enrol(session: Session, cast: Cast, at: datetime) -> tuple[str, tuple[str, ...]]:
    """Key and recovery codes of the clerk."""
    key = code_actions.begin_codes(session, secret_key=KEY, by=cast.clerk)
    session.flush()
    recovery = code_actions.confirm_codes(
        session, one_time_codes.code_at(key, at), secret_key=KEY, by=cast.clerk, at=at
    )
    session.flush()
    return key, recovery


# --- Attempts --------------------------------------------------------------------------------


def test_attempts_are_counted_by_login_however_it_is_written(
    session: Session, cast: Cast, at: datetime
) -> None:
    for login in ("clerk", "CLERK", " clerk", "Clerk ", "clerk"):
        fail(session, at, login=login)

    with pytest.raises(TooManyAttempts):
        fail(session, at, source="10.0.0.2")
    fail(session, at, login="director")


def test_a_success_forgives_the_failures_before_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    for _ in range(4):
        fail(session, at)
    fail(session, at + timedelta(seconds=1))
    open_session(session, cast, at + timedelta(seconds=1))

    for second in range(2, 6):
        fail(session, at + timedelta(seconds=second))


def test_a_source_that_tries_many_logins_has_to_wait(
    session: Session, cast: Cast, at: datetime
) -> None:
    for number in range(100):
        fail(session, at, login=f"login{number}")

    with pytest.raises(TooManyAttempts):
        fail(session, at, login="director")
    fail(session, at, login="director", source="10.0.0.2")


def test_neither_login_nor_address_can_be_read_from_the_attempts(
    session: Session, cast: Cast, at: datetime
) -> None:
    fail(session, at)

    row = session.scalars(select(SignInAttempt)).one()
    assert len(row.login_hash) == len(row.source_hash) == 32
    assert b"clerk" not in row.login_hash


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("113.160.1.7", None, "113.160.1.7"),
        ("113.160.1.7", "198.51.100.1", "113.160.1.7"),
        ("10.0.0.2", "113.160.1.7", "113.160.1.7"),
        ("127.0.0.1", "6.6.6.6, 113.160.1.7", "113.160.1.7"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("::ffff:113.160.1.7", None, "113.160.1.7"),
        ("testclient", None, "testclient"),
    ],
)
def test_a_source_is_the_address_that_the_own_proxy_names(
    peer: str, forwarded: str | None, source: str
) -> None:
    assert source_of(peer, forwarded) == source


# --- Sessions --------------------------------------------------------------------------------


def test_a_session_is_known_by_its_token_only(session: Session, cast: Cast, at: datetime) -> None:
    opened = open_session(session, cast, at)

    known = credentials.principal_of_session(session, opened.token, at=at)
    assert known is not None
    assert known.principal == opened.principal
    assert known.principal == replace(cast.clerk, session_id=opened.principal.session_id)
    assert credentials.principal_of_session(session, opened.token + "x", at=at) is None
    stored = session.scalars(select(SignedIn.token_sha256)).one()
    assert opened.token.encode() not in stored


def test_a_session_is_over_after_a_day_and_with_its_appointment(
    session: Session, cast: Cast, at: datetime
) -> None:
    token = open_session(session, cast, at).token
    session.scalars(select(SignedIn)).one().last_seen_at = at + timedelta(hours=23)
    session.flush()
    last = at + timedelta(hours=24) - timedelta(seconds=1)

    assert credentials.principal_of_session(session, token, at=last) is not None
    assert credentials.principal_of_session(session, token, at=at + timedelta(hours=24)) is None

    session.get_one(Appointment, cast.clerk.appointment_id).valid_to = at.date()
    session.flush()
    assert credentials.principal_of_session(session, token, at=last) is None


def test_who_holds_no_position_cannot_sign_in(session: Session, cast: Cast, at: datetime) -> None:
    session.get_one(Appointment, cast.clerk.appointment_id).valid_to = (
        at - timedelta(days=1)
    ).date()
    session.flush()

    with pytest.raises(NoPosition):
        open_session(session, cast, at)


def test_nobody_signs_in_with_somebody_elses_appointment(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NoPosition):
        accounts.open_session(
            session,
            cast.clerk.person_id,
            "10.0.0.1",
            secret_key=KEY,
            at=at,
            appointment_id=cast.director.appointment_id,
        )


def test_only_oneself_or_an_operator_ends_all_sessions(
    session: Session, cast: Cast, at: datetime
) -> None:
    open_session(session, cast, at)
    person_id = cast.clerk.person_id

    with pytest.raises(OnlyOperators):
        accounts.close_all_sessions(session, person_id, by=cast.director, at=at)
    assert accounts.close_all_sessions(session, person_id, by=cast.operator, at=at) == 1
    kept = open_session(session, cast, at).principal
    assert accounts.close_all_sessions(session, person_id, by=kept, at=at, but=kept.session_id) == 0


def test_the_position_changes_only_within_a_session_of_ones_own(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NoPosition):
        accounts.act_as(session, "no such token", cast.clerk.appointment_id, by=cast.clerk, at=at)


def test_sessions_and_attempts_that_are_over_are_swept_away(
    session: Session, cast: Cast, at: datetime
) -> None:
    fail(session, at)
    sign_in(session, cast.clerk, at)

    accounts.sweep(session, at=at + timedelta(hours=7))
    assert session.scalar(select(func.count()).select_from(SignedIn)) == 1

    accounts.sweep(session, at=at + timedelta(hours=49))
    assert session.scalar(select(func.count()).select_from(SignedIn)) == 0
    assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


# --- Passwords -------------------------------------------------------------------------------


def test_a_password_that_an_operator_sets_is_foreign(
    session: Session, cast: Cast, at: datetime
) -> None:
    sign_in(session, cast.clerk, at)
    accounts.set_password(
        session, cast.clerk.person_id, "mưa nguồn chớp bể", by=cast.operator, at=at
    )
    session.flush()

    person = session.get_one(Person, cast.clerk.person_id)
    assert person.password_is_foreign
    assert passwords.verify(person.password_hash, "mưa nguồn chớp bể")
    assert session.scalar(select(func.count()).select_from(SignedIn)) == 0


def test_a_password_that_a_process_sets_is_for_good(
    session: Session, cast: Cast, at: datetime
) -> None:
    accounts.set_password(
        session, cast.clerk.person_id, "mưa nguồn chớp bể", by="system:demo", at=at
    )

    assert not session.get_one(Person, cast.clerk.person_id).password_is_foreign


def test_the_last_passwords_are_not_used_again(session: Session, cast: Cast, at: datetime) -> None:
    history = [PASSWORD, "mưa nguồn một chớp bể", "mưa nguồn hai chớp bể", "mưa nguồn ba chớp bể"]
    for hours, (present, new) in enumerate(pairwise(history)):
        accounts.change_password(
            session, present=present, new=new, by=cast.clerk, at=at + timedelta(hours=hours)
        )
        session.flush()

    with pytest.raises(PasswordReused):
        accounts.change_password(
            session,
            present=history[-1],
            new=history[1],
            by=cast.clerk,
            at=at + timedelta(hours=5),
        )
    accounts.change_password(
        session,
        present=history[-1],
        new="mưa nguồn bốn chớp bể",
        by=cast.clerk,
        at=at + timedelta(hours=6),
    )
    session.flush()
    assert session.scalar(select(func.count()).select_from(FormerPassword)) == 3


def test_changing_a_password_asks_for_the_present_one(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(Invalid):
        accounts.change_password(
            session, present="wrong", new="mưa nguồn chớp bể", by=cast.clerk, at=at
        )


def test_a_hash_is_refreshed_unless_the_password_was_changed(
    session: Session, cast: Cast, at: datetime
) -> None:
    person_id = cast.clerk.person_id
    old = session.get_one(Person, person_id).password_hash or ""

    accounts.refresh_hash(session, person_id, old, "fresh")
    accounts.refresh_hash(session, person_id, old, "too late")

    session.expire_all()
    assert session.get_one(Person, person_id).password_hash == "fresh"


# --- One-time codes --------------------------------------------------------------------------


def test_the_key_is_the_same_until_it_is_confirmed_and_then_hidden(
    session: Session, cast: Cast, at: datetime
) -> None:
    first = code_actions.begin_codes(session, secret_key=KEY, by=cast.clerk)
    session.flush()
    assert code_actions.begin_codes(session, secret_key=KEY, by=cast.clerk) == first
    assert first.encode() not in session.scalars(select(Totp.secret_encrypted)).one()
    assert code_actions.recovery_codes_left(session, cast.clerk.person_id) is None

    enrol(session, cast, at)

    with pytest.raises(CodesEnrolled):
        code_actions.begin_codes(session, secret_key=KEY, by=cast.clerk)
    with pytest.raises(CodesEnrolled):
        code_actions.confirm_codes(session, "000000", secret_key=KEY, by=cast.clerk, at=at)
    assert code_actions.recovery_codes_left(session, cast.clerk.person_id) == 10


def test_without_a_key_nothing_can_be_confirmed(session: Session, cast: Cast, at: datetime) -> None:
    with pytest.raises(CodesNotEnrolled):
        code_actions.confirm_codes(session, "000000", secret_key=KEY, by=cast.clerk, at=at)
    with pytest.raises(SignInRefused):
        code_actions.check_code(session, cast.clerk.person_id, "000000", secret_key=KEY, at=at)


def test_the_code_that_confirmed_is_spent(session: Session, cast: Cast, at: datetime) -> None:
    key, _ = enrol(session, cast, at)

    with pytest.raises(SignInRefused):
        code_actions.check_code(
            session,
            cast.clerk.person_id,
            one_time_codes.code_at(key, at),
            secret_key=KEY,
            at=at,
        )
    later = at + timedelta(minutes=1)
    code_actions.check_code(
        session,
        cast.clerk.person_id,
        one_time_codes.code_at(key, later),
        secret_key=KEY,
        at=later,
    )


def test_a_recovery_code_works_once_and_for_its_person_only(
    session: Session, cast: Cast, at: datetime
) -> None:
    _, recovery = enrol(session, cast, at)
    clerk, director = cast.clerk.person_id, cast.director.person_id

    with pytest.raises(SignInRefused):
        code_actions.check_code(session, director, recovery[0], secret_key=KEY, at=at)
    code_actions.check_code(session, clerk, recovery[0].upper(), secret_key=KEY, at=at)
    with pytest.raises(SignInRefused):
        code_actions.check_code(session, clerk, recovery[0], secret_key=KEY, at=at)
    assert code_actions.recovery_codes_left(session, clerk) == 9


def test_new_recovery_codes_replace_the_old_ones(
    session: Session, cast: Cast, at: datetime
) -> None:
    key, old = enrol(session, cast, at)
    later = at + timedelta(minutes=1)

    new = code_actions.renew_recovery_codes(
        session,
        one_time_codes.code_at(key, later),
        secret_key=KEY,
        by=cast.clerk,
        at=later,
    )
    session.flush()

    assert not set(old) & set(new)
    with pytest.raises(SignInRefused):
        code_actions.check_code(session, cast.clerk.person_id, old[0], secret_key=KEY, at=later)


def test_codes_are_removed_with_a_code_or_by_an_operator(
    session: Session, cast: Cast, at: datetime
) -> None:
    _, recovery = enrol(session, cast, at)
    code_actions.remove_codes(session, recovery[0], secret_key=KEY, by=cast.clerk, at=at)
    session.flush()
    assert code_actions.recovery_codes_left(session, cast.clerk.person_id) is None

    enrol(session, cast, at)
    with pytest.raises(OnlyOperators):
        code_actions.reset_codes(session, cast.clerk.person_id, by=cast.director, at=at)
    code_actions.reset_codes(session, cast.clerk.person_id, by=cast.operator, at=at)
    assert code_actions.recovery_codes_left(session, cast.clerk.person_id) is None


# --- Tokens ----------------------------------------------------------------------------------


def test_a_token_acts_in_the_position_in_which_it_was_made_with_its_scopes(
    session: Session, cast: Cast, at: datetime
) -> None:
    token = accounts.create_token(
        session, name="x", scopes=[Scope.READ], life=timedelta(days=30), by=cast.clerk, at=at
    )
    session.flush()

    known = credentials.principal_of_token(session, token, at=at)
    assert known is not None
    assert known.principal == replace(cast.clerk, scopes=frozenset({"read"}))
    over = at + timedelta(days=30)
    assert credentials.principal_of_token(session, token, at=over) is None
    assert credentials.principal_of_token(session, "eot_x", at=at) is None


@pytest.mark.parametrize(
    ("name", "scopes", "life"),
    [
        ("", [Scope.READ], timedelta(days=1)),
        ("x", [], timedelta(days=1)),
        ("x", [Scope.READ], timedelta()),
        ("x", [Scope.READ], timedelta(days=367)),
    ],
)
def test_a_token_without_name_scope_or_sensible_life_is_refused(
    session: Session,
    cast: Cast,
    at: datetime,
    name: str,
    scopes: list[Scope],
    life: timedelta,
) -> None:
    with pytest.raises(Invalid):
        accounts.create_token(session, name=name, scopes=scopes, life=life, by=cast.clerk, at=at)


def test_a_program_cannot_give_itself_more_than_it_has(
    session: Session, cast: Cast, at: datetime
) -> None:
    program = replace(cast.clerk, scopes=frozenset({"read", "write"}))

    with pytest.raises(NotAllowed):
        accounts.create_token(
            session, name="x", scopes=[Scope.SIGN], life=timedelta(days=1), by=program, at=at
        )


def test_a_token_is_revoked_by_its_owner_only(session: Session, cast: Cast, at: datetime) -> None:
    token = accounts.create_token(
        session, name="x", scopes=[Scope.READ], life=timedelta(days=1), by=cast.clerk, at=at
    )
    session.flush()
    (listed,) = credentials.api_tokens_of(session, cast.clerk.person_id)

    with pytest.raises(TokenUnknown):
        accounts.revoke_token(session, listed.id, by=cast.director, at=at)
    for _ in range(2):
        accounts.revoke_token(session, listed.id, by=cast.clerk, at=at)
    session.flush()
    assert credentials.principal_of_token(session, token, at=at) is None


def test_use_is_noted_for_sessions_and_tokens(session: Session, cast: Cast, at: datetime) -> None:
    later = at + timedelta(minutes=5)
    for_program = accounts.create_token(
        session, name="x", scopes=[Scope.READ], life=timedelta(days=1), by=cast.clerk, at=at
    )
    for_person = sign_in(session, cast.clerk, at)
    session.flush()

    for token in (for_program, for_person):
        accounts.note_use(session, token, at=later)

    session.expire_all()
    assert session.scalars(select(ApiToken.last_used_at)).one() == later
    assert session.scalars(select(SignedIn.last_seen_at)).one() == later


def test_the_web_process_may_do_all_that_signing_in_needs(
    session: Session, cast: Cast, at: datetime
) -> None:
    with web_role(session, None):
        fail(session, at)
        assert accounts.secrets_of(session, "clerk").person_id == cast.clerk.person_id
        token = open_session(session, cast, at).token
        assert credentials.principal_of_session(session, token, at=at) is not None
        accounts.note_use(session, token, at=at)
        _, recovery = enrol(session, cast, at)
        code_actions.check_code(session, cast.clerk.person_id, recovery[0], secret_key=KEY, at=at)
        accounts.change_password(
            session, present=PASSWORD, new="mưa nguồn chớp bể", by=cast.clerk, at=at
        )
        session.flush()
