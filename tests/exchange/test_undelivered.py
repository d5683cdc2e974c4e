"""A document to which no way leads waits in sight and is sent again when there is one; nothing
is sent behind anybody's back, and what was recalled meanwhile goes nowhere."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from eoffice import db
from eoffice.documents.model import Document
from eoffice.documents.states import State as DocumentState
from eoffice.exchange import outgoing, peers, undelivered
from eoffice.exchange.message import BusinessType, DocumentMessage
from eoffice.exchange.states import Direction, State
from eoffice.exchange.undelivered import StillNoWay
from eoffice.outbox import Promise, PromiseState, promise
from eoffice.people import unit_actions
from eoffice.people.operators import OnlyOperators
from eoffice.web.principal import Principal
from tests.exchange.house import House, entry
from tests.exchange.test_outgoing import send

STRANGER = "H99.01"


@pytest.fixture
def stranded(house: House) -> UUID:
    """A document for an agency that nobody reaches."""
    document_id = house.issued()
    send(house, document_id, STRANGER)
    return document_id


def add_peer(house: House) -> UUID:
    with db.transaction(house.cast.operator.acting) as session:
        new = replace(entry(house.directory), organ_id=STRANGER, aliases=(), name="Sở mới")
        return peers.add(session, new, by=house.cast.operator, at=house.at).id


def waiting(house: House, who: Principal) -> list[undelivered.Waiting]:
    with db.transaction(who.acting) as session:
        return undelivered.waiting(session, who=who)


def send_again(house: House, who: Principal, **which: UUID) -> int:
    with db.transaction(who.acting) as session:
        sent = undelivered.send_again(session, by=who, at=house.at, **which)
    house.keep_promises()
    return sent


def test_it_waits_in_sight_and_its_promise_is_kept(house: House, stranded: UUID) -> None:
    for who in (house.cast.operator, house.cast.clerk):
        (row,) = waiting(house, who)
        assert (row.document_id, row.organ_id, row.can_go) == (stranded, STRANGER, False)
        assert STRANGER in row.why
    assert house.rows() == []
    with db.system_transaction() as session:
        open_promises = select(Promise.task).where(
            Promise.state != PromiseState.KEPT, Promise.task == "exchange.send_issued"
        )
        assert session.scalars(open_promises).all() == []


def test_the_log_names_who_is_not_reached(house: House) -> None:
    with capture_logs() as lines:
        send(house, house.issued(), STRANGER)

    assert [each["organ_id"] for each in lines if each["event"] == "exchange.undelivered"] == [
        STRANGER
    ]


def test_a_new_partner_does_not_send_it_by_itself_but_offers_it(
    house: House, stranded: UUID
) -> None:
    peer_id = add_peer(house)
    house.keep_promises()

    (row,) = waiting(house, house.cast.operator)

    assert (row.peer_id, row.can_go) == (peer_id, True)
    assert house.rows() == []


@pytest.mark.parametrize("who", ["operator", "clerk"])
def test_it_is_sent_once_however_often_it_is_asked_for(
    house: House, stranded: UUID, who: str
) -> None:
    peer_id = add_peer(house)
    by: Principal = getattr(house.cast, who)

    counts = [send_again(house, by, peer_id=peer_id) for _ in range(2)]

    assert counts == [1, 0]
    assert [row.state for row in house.rows(Direction.OUT)] == [State.SENT]
    assert waiting(house, by) == []


def test_nothing_goes_while_no_way_leads_there(house: House, stranded: UUID) -> None:
    with pytest.raises(StillNoWay, match=STRANGER):
        send_again(house, house.cast.clerk, document_id=stranded)

    assert len(waiting(house, house.cast.clerk)) == 1


def test_others_neither_see_nor_send_it(house: House, stranded: UUID) -> None:
    add_peer(house)
    cast = house.cast

    assert waiting(house, cast.school_clerk) == []
    assert send_again(house, cast.school_clerk, document_id=stranded) == 0
    with pytest.raises(OnlyOperators):
        send_again(house, cast.specialist, document_id=stranded)
    assert len(waiting(house, cast.clerk)) == 1


def test_an_identifier_of_our_own_that_comes_later_opens_the_way(house: House) -> None:
    operator, ours = house.cast.operator, house.ours

    def name(organ_id: str) -> None:
        with db.transaction(operator.acting) as session:
            unit_actions.set_organ_id(
                session, house.cast.department.id, organ_id, by=operator, at=house.at
            )

    name("")
    document_id = house.issued()
    send(house, document_id)
    (row,) = waiting(house, operator)
    assert (row.is_named, row.can_go) == (False, False)

    name(ours)

    assert send_again(house, operator, document_id=document_id) == 1
    assert len(house.collected()) == 1


# --- Recall of what is not there yet -----------------------------------------------------------


def recall(house: House, document_id: UUID) -> None:
    with db.system_transaction() as session:
        session.get_one(Document, document_id).state = DocumentState.WITHDRAWN
        promise(session, "exchange.recall_issued", at=house.at, document_id=document_id)
    house.keep_promises()


def test_what_was_recalled_meanwhile_goes_nowhere(house: House, stranded: UUID) -> None:
    recall(house, stranded)
    peer_id = add_peer(house)

    assert waiting(house, house.cast.operator) == []
    assert send_again(house, house.cast.operator, peer_id=peer_id) == 0
    send(house, stranded, STRANGER)
    assert house.rows() == []


def test_a_message_that_nobody_began_to_send_is_called_off(house: House) -> None:
    document_id = house.issued()
    with db.system_transaction() as session:
        outgoing.queue_issued(
            session, document_id, organ_id="000.00.00.H41", organ_name="Sở", at=house.at
        )
        outgoing.queue_recall(session, document_id, at=house.at)
    house.keep_promises()

    assert [row.state for row in house.rows()] == [State.DISCARDED]
    assert house.collected() == []


def test_a_recall_does_not_overtake_what_it_recalls(house: House) -> None:
    house.directory.write_text("not a directory")
    document_id = house.issued()
    send(house, document_id)

    recall(house, document_id)
    house.directory.unlink()
    for _ in range(2):
        for row in house.rows():
            with db.system_transaction() as session:
                promise(session, "exchange.send", at=house.at, message_id=row.id)
        house.keep_promises()

    sent = sorted(house.rows(), key=lambda row: (row.ended_at is None, row.ended_at))
    assert [row.business_type for row in sent] == [BusinessType.NEW, BusinessType.RECALL]
    assert [row.state for row in sent] == [State.SENT, State.SENT]
    kinds = {
        each.business.type
        for each in house.collected()
        if isinstance(each, DocumentMessage) and each.business is not None
    }
    assert kinds == {BusinessType.NEW, BusinessType.RECALL}
