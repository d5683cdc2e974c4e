"""Issued documents reach agencies outside once, as edXML, and their statuses come back."""

from __future__ import annotations

import shutil
from uuid import UUID

import pytest

from eoffice import db
from eoffice.documents.model import Document
from eoffice.documents.recipients import directory
from eoffice.documents.recipients.model import IssuanceOutside, OutsideOrganisation
from eoffice.documents.recipients.rules import Channel, Purpose
from eoffice.documents.types import Secrecy
from eoffice.exchange import actions, files, outgoing, queries
from eoffice.exchange.composing import NoWayThere
from eoffice.exchange.message import BusinessType, DocumentMessage
from eoffice.exchange.outgoing import SecretStaysInside
from eoffice.exchange.states import Direction, State
from eoffice.outbox import promise
from tests.exchange.house import NEIGHBOUR, OTHER_STYLE, House, status_for
from tests.routing import stage


def send(house: House, document_id: UUID, organ_id: str = NEIGHBOUR.organ_id) -> None:
    """As the issue promises it."""
    with db.system_transaction() as session:
        promise(
            session,
            "exchange.send_issued",
            at=house.at,
            document_id=document_id,
            organ_id=organ_id,
            organ_name=NEIGHBOUR.name,
        )
    house.keep_promises()


def test_an_issued_document_arrives_with_its_fields_and_files(house: House) -> None:
    send(house, house.issued())

    (message,) = house.collected()
    assert isinstance(message, DocumentMessage)
    assert message.sender.organ_id == house.ours
    assert message.recipients[0].organ_id == NEIGHBOUR.organ_id
    assert message.document_id == f"{house.ours},2018/08/13,960/SGDĐT-CNTTTBTV"
    assert (message.number, message.notation) == ("960", "SGDĐT-CNTTTBTV")
    assert (message.type.type, message.type.name) == ("18", "Công văn")
    assert message.subject == stage.SUBJECT
    assert message.other.priority == "1"
    assert message.business is not None
    assert message.business.type is BusinessType.NEW
    assert [files.content(each) for each in message.attachments] == [
        stage.CONTENT_BYTES,
        stage.ATTACHMENT_BYTES,
    ]
    assert [row.state for row in house.rows()] == [State.SENT]


def test_an_agency_is_found_by_any_of_its_identifiers(house: House) -> None:
    send(house, house.issued(), OTHER_STYLE)

    assert len(house.collected()) == 1


def test_a_promise_that_is_kept_twice_sends_once(house: House) -> None:
    document_id = house.issued()
    send(house, document_id)
    send(house, document_id)

    assert len(house.collected()) == 1
    assert len(house.rows()) == 1


def test_a_document_with_a_degree_of_secrecy_never_leaves(house: House) -> None:
    document_id = house.issued()
    with db.system_transaction() as session:
        session.get_one(Document, document_id).secrecy = Secrecy.CONFIDENTIAL

    with pytest.raises(SecretStaysInside), db.system_transaction() as session:
        outgoing.queue_issued(
            session,
            document_id,
            organ_id=NEIGHBOUR.organ_id,
            organ_name=NEIGHBOUR.name,
            at=house.at,
        )

    assert house.rows() == []


def test_an_agency_that_nobody_entered_is_not_reached(house: House) -> None:
    document_id = house.issued()

    with pytest.raises(NoWayThere, match="H99"), db.system_transaction() as session:
        outgoing.queue_issued(
            session, document_id, organ_id="H99", organ_name="Không rõ", at=house.at
        )


def test_a_failed_attempt_is_in_sight_and_the_next_sends_the_same_bytes(house: House) -> None:
    house.directory.write_text("not a directory")
    send(house, house.issued())
    (failed,) = house.rows()
    house.directory.unlink()

    with db.system_transaction() as session:
        promise(session, "exchange.send", at=house.at, message_id=failed.id)
    house.keep_promises()

    (sent,) = house.rows()
    assert failed.state is State.WAITING
    assert failed.failure is not None
    assert failed.attempts >= 1
    assert failed.next_try_at is not None
    assert sent.state is State.SENT
    assert sent.content_sha256 == failed.content_sha256
    assert len(house.collected()) == 1


def test_what_was_given_up_is_sent_again_by_an_operator(house: House) -> None:
    house.directory.write_text("not a directory")
    send(house, house.issued())
    (row,) = house.rows()
    with db.system_transaction() as session:
        outgoing.give_up(session, session.merge(row), why="Không có thư mục.", at=house.at)
    house.directory.unlink()
    operator = house.cast.operator

    with db.transaction(operator.acting) as session:
        actions.retry(session, row.id, by=operator, at=house.at)
    house.keep_promises()

    assert [each.state for each in house.rows()] == [State.SENT]


def test_statuses_of_the_recipient_are_shown_to_the_sender(house: House) -> None:
    document_id = house.issued()
    send(house, document_id)
    (message,) = house.collected()
    assert isinstance(message, DocumentMessage)
    for number, (code, words) in enumerate((("01", ""), ("03", "Số đến 7"), ("06", "Xong"))):
        house.leave(status_for(message, code, words), f"s-{number}")

    house.fetch()

    clerk = house.cast.clerk
    with db.transaction(clerk.acting) as session:
        (abroad,) = queries.abroad(session, document_id, who=clerk)
    assert [(each.name, each.words) for each in abroad.statuses] == [
        ("Đã đến", ""),
        ("Đã tiếp nhận", "Số đến 7"),
        ("Hoàn thành", "Xong"),
    ]
    assert all(row.state is State.DONE for row in house.rows(Direction.IN))


def test_a_withdrawn_document_is_recalled_where_it_was_sent(house: House) -> None:
    document_id = house.issued()
    send(house, document_id)
    for parcel in house.partner.fetch():
        house.partner.acknowledge(parcel.message_id)

    with db.system_transaction() as session:
        promise(session, "exchange.recall_issued", at=house.at, document_id=document_id)
    house.keep_promises()

    (recall,) = house.collected()
    assert isinstance(recall, DocumentMessage)
    assert recall.business is not None
    assert recall.business.type is BusinessType.RECALL
    assert recall.attachments == ()


def test_what_went_into_the_folder_and_was_lost_there_is_still_on_record(house: House) -> None:
    send(house, house.issued())
    shutil.rmtree(house.directory)

    (row,) = house.rows()
    assert row.content_sha256 is not None
    assert row.state is State.SENT


def test_the_list_of_agencies_outside_says_when_its_copy_was_sent(house: House) -> None:
    document_id = house.issued()
    with db.system_transaction() as session:
        organisation = OutsideOrganisation(
            id=db.new_id(),
            agency_id=house.cast.department.id,
            name=NEIGHBOUR.name,
            organ_id=NEIGHBOUR.organ_id,
            channel=Channel.EXCHANGE,
            entered_by=house.cast.clerk.person_id,
            entered_at=house.at,
        )
        session.add(organisation)
        session.flush()
        session.add(
            IssuanceOutside(
                document_id=document_id,
                organisation_id=organisation.id,
                agency_id=house.cast.department.id,
                name=NEIGHBOUR.name,
                organ_id=NEIGHBOUR.organ_id,
                channel=Channel.EXCHANGE,
                address=NEIGHBOUR.organ_id,
                purpose=Purpose.ACTION,
            )
        )

    send(house, document_id)

    with db.system_transaction() as session:
        (row,) = directory.sent_of(session, document_id)
    assert row.sent_at is not None
    assert row.sent_note == "Đã gửi qua liên thông"
