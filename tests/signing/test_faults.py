"""Whatever fails while something is signed: what is left, and how it goes on.

A table of faults. Nothing is signed twice, nobody is asked for a PIN twice, nothing sticks.
Database, keys and time-stamp authorities are real; a process that is killed is one that raises and
leaves everything that it had committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from eoffice import clock, db
from eoffice.desk import tasks
from eoffice.desk.signature_steps import STEPS
from eoffice.documents import actions as documents
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.states import State
from eoffice.settings import settings
from eoffice.signing import ceremony, pades
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.keys.contract import KeyUnavailable, WrongKey
from eoffice.signing.keys.pkcs12 import Pkcs12Session
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests import actions as requests
from eoffice.signing.requests import states
from eoffice.signing.requests.states import RequestState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk, content, document, sign

pki = test_ceremony.pki
desk = test_ceremony.desk
NOWHERE = "http://127.0.0.1:9/tsa"


class Killed(Exception):
    """Stands for `kill -9`: nothing behind it is done, and nothing before it is undone."""


@pytest.fixture
def no_authority(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """No time-stamp authority answers, until the test calls what this gives."""
    before = settings().timestamp_url
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", NOWHERE)
    settings.cache_clear()

    def answers_again() -> None:
        monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", before)
        settings.cache_clear()

    yield answers_again
    answers_again()


def rows() -> list[SignatureRequest]:
    with db.system_transaction() as session:
        found = session.scalars(select(SignatureRequest).order_by(SignatureRequest.requested_at))
        return list(found)


def later(by: timedelta) -> datetime:
    """The office's clock goes on; the worker looks around."""
    at = clock.now() + by
    moved(at)
    tasks.go_on_with_signatures()
    return at


def moved(at: datetime) -> None:
    clock.set_office_clock(Path(os.environ[clock.CLOCK_FILE]), at)


def is_intact(desk: Desk) -> bool:
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    found = verify_pdf(content(desk), trust=trust, at=clock.now(), online=True)
    return found.verdict is Finding.INTACT


def test_no_authority_the_signature_is_kept_says_so_and_is_concluded_without_a_pin(
    desk: Desk, no_authority: Callable[[], None]
) -> None:
    with pytest.raises(SignatureAwaited, match="tự hoàn tất"):
        sign(desk)
    (row,) = rows()
    assert row.state is RequestState.VALUED
    assert row.trouble
    assert document(desk).state is State.AWAITING_SIGNATURE

    later(timedelta(hours=2))
    (row,) = rows()
    assert (row.state, row.tries) == (RequestState.VALUED, 2)

    no_authority()
    later(timedelta(minutes=10))
    (row,) = rows()
    assert row.state is RequestState.SIGNED
    assert row.trouble == ""
    assert document(desk).state is State.SIGNED
    assert is_intact(desk)


def test_who_signs_again_meanwhile_is_not_asked_for_the_key_and_concludes_it(
    desk: Desk, no_authority: Callable[[], None]
) -> None:
    with pytest.raises(SignatureAwaited):
        sign(desk)
    no_authority()
    sign(desk, "any word: the key is not opened")

    (row,) = rows()
    assert row.state is RequestState.SIGNED
    assert document(desk).state is State.SIGNED


def test_content_that_was_taken_back_meanwhile_ends_the_request_in_words(
    desk: Desk, no_authority: Callable[[], None]
) -> None:
    with pytest.raises(SignatureAwaited):
        sign(desk)
    director = desk.cast.director
    with db.transaction(director.acting) as session:
        flow_actions.send_back(
            session, desk.document_id, "Sửa lại căn cứ.", by=director, at=clock.now()
        )
    no_authority()
    later(timedelta(minutes=10))

    (row,) = rows()
    assert row.state is RequestState.FAILED
    assert row.failure is not None
    assert row.failure.endswith(".")
    assert document(desk).state is State.DRAFT


def test_a_key_that_is_away_leaves_nothing_but_its_reason(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EOFFICE_KEYS", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(KeyUnavailable):
        sign(desk)
    assert rows() == []


#: What the dying process was about to do -> what it leaves, and what is there once the next
#: process has looked around and, where nothing was signed, the signer has signed again.
KILLED_BEFORE: dict[str, tuple[list[RequestState], int]] = {
    "prepare": ([], 1),
    "request": ([], 1),
    "sign": ([RequestState.REQUESTED], 2),
    "take_value": ([RequestState.REQUESTED], 2),
    "finish": ([RequestState.VALUED], 1),
    "conclude": ([RequestState.VALUED], 1),
    "complete": ([RequestState.VALUED], 1),
}


@pytest.mark.parametrize("step", KILLED_BEFORE)
def test_a_process_that_is_killed_leaves_what_the_next_one_goes_on_with(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    left, in_the_end = KILLED_BEFORE[step]
    with monkeypatch.context() as patched:
        owner, name = {
            "prepare": (pades, "prepare"),
            "request": (requests, "request"),
            "sign": (Pkcs12Session, "sign"),
            "take_value": (requests, "take_value"),
            "finish": (pades, "finish"),
            "conclude": (documents, "record_signed"),
            "complete": (requests, "complete"),
        }[step]
        patched.setattr(owner, name, die)
        with pytest.raises(Killed):
            sign(desk)
    assert [row.state for row in rows()] == left
    assert document(desk).state is State.AWAITING_SIGNATURE

    later(states.LEASE)
    if document(desk).state is State.AWAITING_SIGNATURE:
        sign(desk)
    found = [row.state for row in rows()]
    assert found.count(RequestState.SIGNED) == 1
    assert len(found) == in_the_end
    assert set(found) <= {RequestState.SIGNED, RequestState.ABANDONED}
    assert document(desk).state is State.SIGNED
    assert is_intact(desk)


def test_what_nobody_signs_expires_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(requests, "take_value", die)
        with pytest.raises(Killed):
            sign(desk)
    later(timedelta(minutes=10))

    (row,) = rows()
    assert row.state is RequestState.EXPIRED
    assert row.failure == requests.EXPIRED


def test_a_value_of_another_key_is_never_put_into_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a token returns whose key is not that of its certificate."""
    with monkeypatch.context() as patched:
        patched.setattr(Pkcs12Session, "sign", lambda *_: bytes(256))
        with pytest.raises(WrongKey):
            sign(desk)
    (row,) = rows()
    assert row.state is RequestState.FAILED
    assert document(desk).state is State.AWAITING_SIGNATURE


def test_two_workers_conclude_one_signature_once(
    desk: Desk, no_authority: Callable[[], None]
) -> None:
    with pytest.raises(SignatureAwaited):
        sign(desk)
    no_authority()
    moved(clock.now() + timedelta(minutes=1))
    (row,) = rows()
    ceremony.conclude_waiting(row.id, STEPS)
    ceremony.conclude_waiting(row.id, STEPS)
    assert [each.state for each in rows()] == [RequestState.SIGNED]


def test_the_calendar_survives_a_step_that_breaks(
    desk: Desk, no_authority: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SignatureAwaited):
        sign(desk)
    no_authority()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(documents, "record_signed", broken)
        later(timedelta(minutes=1))
    (row,) = rows()
    assert row.state is RequestState.VALUED
    assert "quản trị" in row.trouble

    later(timedelta(minutes=10))
    assert [each.state for each in rows()] == [RequestState.SIGNED]
