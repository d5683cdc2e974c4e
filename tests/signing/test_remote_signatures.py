"""A signature that the signer confirms on the telephone: asked for, waited for, taken, or not.

The service is a small server in the shape of the real ones; database, store, PDF and signatures
are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select, update

from eoffice import clock, db
from eoffice.desk import tasks
from eoffice.documents.states import State
from eoffice.embedded.pki import Pki
from eoffice.outbox import Promise
from eoffice.settings import settings
from eoffice.signing import remote_signatures
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.model import KeyStoreKind, SigningKey
from eoffice.signing.requests import actions as requests
from eoffice.signing.requests import queries
from eoffice.signing.requests.states import Channel, RequestState
from tests.signing import phone_services, test_ceremony
from tests.signing.phone_services import Phone
from tests.signing.test_ceremony import Desk, document, sign
from tests.signing.test_faults import Killed, is_intact, later, moved, rows
from tests.signing.test_remote_keys import LOCATORS, declared, phone_of

pki = test_ceremony.pki
desk_here = test_ceremony.desk
SOON = timedelta(seconds=5)


@pytest.fixture
def phone(pki: Pki) -> Phone:
    return phone_of(pki)


@pytest.fixture(params=["mysign", "smartca"])
def desk(
    request: pytest.FixtureRequest,
    desk_here: Desk,
    phone: Phone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """The director's key is with a service that asks by telephone."""
    monkeypatch.setenv("EOFFICE_SECRET_PHONE", phone_services.SECRET)
    with phone_services.served(phone) as address:
        file = tmp_path / "services.json"
        file.write_text(json.dumps({"services": [declared(address, request.param)]}))
        monkeypatch.setenv("EOFFICE_SIGNING_SERVICES", str(file))
        settings.cache_clear()
        with db.system_transaction() as session:
            session.execute(
                update(SigningKey)
                .where(SigningKey.holder_person_id == desk_here.cast.director.person_id)
                .values(
                    store=KeyStoreKind(request.param),
                    locator=LOCATORS[request.param],
                    chain=list(phone.certificates[1:]),
                    compatibility=True,
                )
            )
        yield desk_here
    settings.cache_clear()


def asked(desk: Desk) -> UUID:
    """The director presses "sign", with no PIN."""
    with pytest.raises(SignatureAwaited, match="điện thoại") as raised:
        sign(desk, "")
    return raised.value.of


def work() -> None:
    """The worker does what is promised to be concluded, as far as it is due."""
    with db.system_transaction() as session:
        promises = session.scalars(
            select(Promise).where(
                Promise.task == requests.CONCLUDE,
                Promise.kept_at.is_(None),
                Promise.due_at <= clock.now(),
            )
        ).all()
        due = [UUID(each.payload["request_id"]) for each in promises]
        for each in promises:
            each.kept_at = clock.now()
    for request_id in due:
        tasks.go_on(request_id)


def test_confirmed_on_the_telephone_it_is_as_good_as_signed_here(desk: Desk, phone: Phone) -> None:
    request_id = asked(desk)
    (row,) = rows()
    assert (row.state, row.channel) == (RequestState.REQUESTED, Channel.REMOTE)
    assert phone.questions == []  # Nobody at a page waits for a service.

    work()
    assert len(phone.questions) == 1
    (row,) = rows()
    assert row.ticket is not None
    later(SOON)
    assert rows()[0].state is RequestState.REQUESTED

    phone.answers = "signed"
    later(SOON)
    assert rows()[0].state is RequestState.SIGNED
    assert document(desk).state is State.SIGNED
    assert is_intact(desk)
    assert rows()[0].id == request_id
    assert len(phone.questions) == 1


def test_the_page_says_who_is_awaited(desk: Desk) -> None:
    request_id = asked(desk)
    with db.transaction(desk.cast.director.acting) as session:
        read = queries.request(session, request_id, who=desk.cast.director)
    assert read.awaited is not None
    assert "xác nhận trên điện thoại" in read.awaited.who


@pytest.mark.parametrize(
    ("said", "state", "why"),
    [
        ("declined", RequestState.DECLINED, "từ chối trên điện thoại"),
        ("lapsed", RequestState.EXPIRED, "Quá thời hạn xác nhận"),
    ],
)
def test_what_the_signer_does_not_confirm_ends_and_says_so(
    desk: Desk, phone: Phone, said: str, state: RequestState, why: str
) -> None:
    asked(desk)
    work()
    phone.answers = said
    later(SOON)
    (row,) = rows()
    assert row.state is state
    assert why in str(row.failure)
    assert document(desk).state is not State.SIGNED
    asked(desk)  # And can be asked for again.


def test_a_service_that_says_nothing_to_the_end_does_not_keep_it_open(desk: Desk) -> None:
    asked(desk)
    work()
    later(timedelta(minutes=6))
    assert rows()[0].state is RequestState.EXPIRED


def test_a_silent_service_is_asked_again_and_the_trouble_is_said(desk: Desk, phone: Phone) -> None:
    asked(desk)
    phone.silent = True
    work()
    (row,) = rows()
    assert (row.state, row.tries) == (RequestState.REQUESTED, 1)
    assert "không trả lời" in row.trouble

    phone.silent = False
    later(timedelta(seconds=16))
    assert len(phone.questions) == 1
    assert rows()[0].trouble == ""
    phone.silent = True
    later(SOON)
    assert "không trả lời" in rows()[0].trouble
    phone.silent, phone.answers = False, "signed"
    later(timedelta(seconds=31))
    assert rows()[0].state is RequestState.SIGNED


def test_a_value_of_another_key_is_kept_nowhere(desk: Desk, phone: Phone) -> None:
    asked(desk)
    work()
    phone.other_key = rsa.generate_private_key(65537, 2048)
    phone.answers = "signed"
    later(SOON)
    (row,) = rows()
    assert row.state is RequestState.FAILED
    assert row.value is None
    assert "không khớp với chứng thư số" in str(row.failure)


def test_killed_between_question_and_ticket_the_telephone_asks_twice_and_one_answer_counts(
    desk: Desk, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(desk)
    with monkeypatch.context() as broken:

        def killed(*_args: object, **_named: object) -> None:
            raise Killed

        broken.setattr(requests, "keep_ticket", killed)
        with pytest.raises(Killed):
            work()
    assert len(phone.questions) == 1
    assert rows()[0].ticket is None

    later(timedelta(minutes=3))
    assert len(phone.questions) == 2
    phone.answers = "signed"
    later(SOON)
    assert rows()[0].state is RequestState.SIGNED
    assert is_intact(desk)


def test_killed_between_value_and_conclusion_another_concludes(
    desk: Desk, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(desk)
    work()
    phone.answers = "signed"
    moved(clock.now() + SOON)
    remote_signatures.go_on(rows()[0].id)
    assert rows()[0].state is RequestState.VALUED
    later(SOON)
    assert rows()[0].state is RequestState.SIGNED


def test_what_waits_at_the_same_time_goes_into_one_question(desk: Desk, phone: Phone) -> None:
    asked(desk)
    other = replace(desk, document_id=test_ceremony.awaiting_signature(desk.cast))
    asked(other)
    work()
    assert [len(each) for each in phone.questions] == [2]

    phone.answers = "signed"
    later(SOON)
    work()
    assert [each.state for each in rows()] == [RequestState.SIGNED] * 2
    assert is_intact(desk)
    assert is_intact(other)


def test_two_workers_ask_once(desk: Desk, phone: Phone) -> None:
    request_id = asked(desk)
    with db.system_transaction() as session:
        assert requests.lease_question(session, request_id, at=clock.now()) is not None
        tasks.go_on(request_id)  # Another process, while this one holds it.
    assert phone.questions == []
    tasks.go_on(request_id)
    assert phone.questions == []
