"""A key that is at its holder's own computer: prepared here, signed there, concluded here.

Hours and restarts may lie between; only the holder's own signature over exactly the prepared bytes
is taken, once, and what is not answered in time ends and says so.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy import select, update

from eoffice import clock, db
from eoffice.desk import tasks
from eoffice.documents.states import State
from eoffice.embedded.pki import Pki
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.signing import ceremony, pades
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.keys.contract import WrongKey
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.model import KeyStoreKind, SignatureRequest, SigningKey
from eoffice.signing.requests import actions as requests
from eoffice.signing.requests import queries
from eoffice.signing.requests.states import Channel, RequestState, RequestStepRefused
from tests import pki as test_pki
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk, document, sign
from tests.signing.test_faults import is_intact, later, rows

pki = test_ceremony.pki


@pytest.fixture
def desk(desk_here: Desk, pki: Pki) -> Desk:
    """The director's key is on a token at home; the office knows its certificate and chain."""
    _, _, chain = pkcs12.load_key_and_certificates(
        pki.key_file("director").read_bytes(), test_pki.PIN.encode()
    )
    with db.system_transaction() as session:
        session.execute(
            update(SigningKey)
            .where(SigningKey.holder_person_id == desk_here.cast.director.person_id)
            .values(
                store=KeyStoreKind.AGENT,
                locator="laptop",
                chain=[each.public_bytes(Encoding.DER) for each in chain],
            )
        )
    return desk_here


desk_here = test_ceremony.desk


def asked(desk: Desk) -> UUID:
    """The director presses "sign"; what waits for the token."""
    with pytest.raises(SignatureAwaited, match="eoffice-agent") as raised:
        sign(desk, "")
    return raised.value.of


def made_at_home(desk: Desk, request_id: UUID, label: str = "director") -> bytes:
    """What the token signs, over the prepared file that the store keeps."""
    with db.transaction(desk.cast.director.acting) as session:
        state = requests.prepared(session, request_id, by=desk.cast.director)
    prepared = pades.Prepared.from_state(state)
    with Pkcs12KeyStore(desk.pki.key_file(label)).open(test_pki.PIN) as token:
        return token.sign(prepared.signed_attributes, prepared.mechanism)


def promised() -> list[str]:
    with db.system_transaction() as session:
        return list(session.scalars(select(Promise.task)))


def test_signed_at_home_it_is_as_good_as_signed_here(desk: Desk) -> None:
    request_id = asked(desk)
    (row,) = rows()
    assert (row.state, row.channel) == (RequestState.REQUESTED, Channel.AGENT)
    assert row.expires_at == row.requested_at + timedelta(hours=24)
    assert document(desk).state is State.AWAITING_SIGNATURE

    value = made_at_home(desk, request_id)
    ceremony.take_value(request_id, value, by=desk.cast.director)
    assert requests.CONCLUDE in promised()
    tasks.go_on_with_signatures()

    assert [each.state for each in rows()] == [RequestState.SIGNED]
    assert document(desk).state is State.SIGNED
    assert is_intact(desk)


def test_what_waits_is_listed_for_its_signer_and_nobody_else(desk: Desk) -> None:
    request_id = asked(desk)
    director, clerk = desk.cast.director, desk.cast.clerk
    with db.transaction(director.acting) as session:
        (found,) = queries.awaiting_device(session, director.person_id)
        assert not queries.awaiting_device(session, clerk.person_id)
    assert found.id == request_id
    assert found.awaited is not None
    assert "trên máy của mình" in found.awaited.who

    with pytest.raises(requests.RequestUnknown):
        ceremony.take_value(request_id, b"", by=clerk)


def test_the_value_of_another_key_is_not_kept(desk: Desk) -> None:
    request_id = asked(desk)
    with pytest.raises(WrongKey):
        ceremony.take_value(
            request_id, made_at_home(desk, request_id, "seal"), by=desk.cast.director
        )
    (row,) = rows()
    assert (row.state, row.value) == (RequestState.REQUESTED, None)


def test_the_value_of_an_earlier_request_does_not_fit_a_later_one(desk: Desk) -> None:
    first = asked(desk)
    value = made_at_home(desk, first)
    second = asked(desk)
    assert [each.state for each in rows()] == [RequestState.ABANDONED, RequestState.REQUESTED]

    with pytest.raises(RequestStepRefused):
        ceremony.take_value(first, value, by=desk.cast.director)
    with pytest.raises(WrongKey):
        ceremony.take_value(second, value, by=desk.cast.director)


def test_a_value_is_taken_once(desk: Desk) -> None:
    request_id = asked(desk)
    value = made_at_home(desk, request_id)
    ceremony.take_value(request_id, value, by=desk.cast.director)
    # The answer to the first may have been lost: the same again changes nothing.
    ceremony.take_value(request_id, value, by=desk.cast.director)
    with pytest.raises(RequestStepRefused):
        ceremony.take_value(request_id, made_at_home(desk, request_id), by=desk.cast.director)


def test_after_a_day_it_has_expired_and_a_value_comes_too_late(desk: Desk) -> None:
    request_id = asked(desk)
    value = made_at_home(desk, request_id)
    later(timedelta(hours=24))
    (row,) = rows()
    assert (row.state, row.failure) == (RequestState.EXPIRED, requests.EXPIRED)
    with pytest.raises(RequestStepRefused, match="Quá hạn"):
        ceremony.take_value(request_id, value, by=desk.cast.director)


def test_the_signer_says_no(desk: Desk) -> None:
    request_id = asked(desk)
    director = desk.cast.director
    with db.transaction(director.acting) as session:
        requests.decline(session, request_id, why="Sai thể thức.", by=director, at=clock.now())
    (row,) = rows()
    assert (row.state, row.failure) == (RequestState.DECLINED, "Sai thể thức.")


def test_the_prepared_file_is_what_the_row_says(desk: Desk) -> None:
    asked(desk)
    with db.system_transaction() as session:
        row = session.scalars(select(SignatureRequest)).one()
    assert Sha256.of(desk.store.get(Sha256.parse(row.prepared_sha256))) == Sha256.parse(
        row.prepared_sha256
    )
