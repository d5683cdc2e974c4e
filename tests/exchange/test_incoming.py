"""What comes in becomes deliveries once; what cannot be processed waits in sight."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from eoffice import db
from eoffice.exchange import actions, edxml, incoming, peers, tasks
from eoffice.exchange.gateway import Parcel
from eoffice.exchange.incoming import MessageTwice
from eoffice.exchange.message import BusinessType, Organ, ResponseFor, StatusMessage
from eoffice.exchange.states import Direction, State
from eoffice.objects.sha256 import Sha256
from eoffice.routing import actions as routing
from eoffice.routing.states import DeliveryState
from tests.exchange.house import (
    NEIGHBOUR,
    House,
    business,
    entry,
    sent_document,
    status_for,
)


def test_a_document_becomes_a_delivery_with_its_fields_and_files(house: House) -> None:
    house.leave(sent_document(house))

    house.fetch()

    (delivery,) = house.deliveries()
    assert delivery.recipient_agency_id == house.cast.department.id
    assert (delivery.number, delivery.notation) == ("12", "SGDĐT-VP")
    assert delivery.sender_name == NEIGHBOUR.name
    assert delivery.sender_organ_id == NEIGHBOUR.organ_id
    assert delivery.issued_on == date(2018, 8, 1)
    assert delivery.content_sha256 is not None
    assert delivery.page_count == 2
    assert house.store.get(Sha256.parse(delivery.content_sha256)).startswith(b"%PDF")
    assert [row.state for row in house.rows(Direction.IN)] == [State.DONE]


def test_the_sender_is_told_that_it_arrived(house: House) -> None:
    house.leave(sent_document(house))

    house.fetch()

    (told,) = house.collected()
    assert isinstance(told, StatusMessage)
    assert told.status == "01"
    assert told.response_for.document_id == "000.00.00.H41,2018/08/01,12/SGDĐT"
    assert told.sender.organ_id == house.ours


def test_each_step_here_is_told_once(house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()
    (delivery,) = house.deliveries()
    clerk = house.cast.clerk

    with db.transaction(clerk.acting) as session:
        routing.open_delivery(session, delivery.id, by=clerk, at=house.at)
        routing.register_arrival(session, delivery.id, by=clerk, at=house.at)
    house.keep_promises()
    house.keep_promises()

    assert house.statuses() == ["01", "03"]


def test_a_refusal_is_told_with_its_reason(house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()
    (delivery,) = house.deliveries()
    clerk = house.cast.clerk

    with db.transaction(clerk.acting) as session:
        routing.open_delivery(session, delivery.id, by=clerk, at=house.at)
        routing.refuse(session, delivery.id, "Gửi nhầm nơi nhận.", by=clerk, at=house.at)
    house.keep_promises()

    told = [each for each in house.collected() if isinstance(each, StatusMessage)]
    assert {each.status: each.description for each in told}["02"] == "Gửi nhầm nơi nhận."


def test_a_message_that_comes_twice_is_one_delivery(house: House) -> None:
    message = sent_document(house)
    house.leave(message, "n-1")
    house.fetch()
    peer = house.peer()
    content = house.rows(Direction.IN)[0].content_sha256
    assert content is not None

    tasks.take(peer, Parcel("n-1", house.store.get(Sha256.parse(content))))
    house.leave(message, "n-2")
    house.fetch()

    assert len(house.deliveries()) == 1
    assert [row.message_id for row in house.rows(Direction.IN)] == ["n-1", "n-2"]


def test_an_identifier_for_another_content_is_refused(house: House) -> None:
    peer = house.peer()
    tasks.take(peer, Parcel("n-1", b"<one/>"))

    with pytest.raises(MessageTwice):
        tasks.take(peer, Parcel("n-1", b"<two/>"))


def test_one_message_for_two_units_is_a_delivery_for_each(house: House) -> None:
    assert house.cast.high_school.organ_id is not None
    both = (Organ(house.ours), Organ(house.cast.high_school.organ_id), Organ("khác"))
    house.leave(sent_document(house, recipients=both))

    house.fetch()

    assert len(house.deliveries()) == 2
    assert house.statuses() == ["01", "01"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"recipients": (Organ("H99"),)}, "Không cơ quan nào ở đây"),
        ({"recipients": ()}, "Không cơ quan nào ở đây"),
        ({"promulgated_on": None}, "ngày ban hành"),
        ({"sender": Organ("H77", "Kẻ khác")}, "không phải mã của"),
        ({"promulgated_on": date(2030, 1, 1)}, "sau hôm nay"),
    ],
)
def test_what_cannot_be_processed_waits_with_the_reason(
    house: House, changed: dict[str, object], why: str
) -> None:
    house.leave(sent_document(house, **changed))

    house.fetch()

    (row,) = house.rows(Direction.IN)
    assert row.state is State.HELD
    assert row.failure is not None
    assert why in row.failure
    assert house.deliveries() == []


@pytest.mark.parametrize("content", [b"not xml", b"<edXML/>", b"12<edXML><a></edXML>"])
def test_what_cannot_be_read_waits_with_the_reason(house: House, content: bytes) -> None:
    house.partner.send(Parcel("n-1", content))

    house.fetch()

    (row,) = house.rows(Direction.IN)
    assert row.state is State.HELD
    assert row.failure is not None
    assert "Không đọc được" in row.failure


def test_a_damaged_attachment_holds_the_whole_message(house: House) -> None:
    message = sent_document(house)
    broken = replace(message.attachments[0], encoded=message.attachments[0].encoded[:101])
    house.leave(replace(message, attachments=(broken,)))

    house.fetch()

    assert [row.state for row in house.rows(Direction.IN)] == [State.HELD]


def test_what_was_held_is_processed_once_its_cause_is_gone(house: House) -> None:
    house.leave(sent_document(house, sender=Organ("H77", NEIGHBOUR.name)))
    house.fetch()
    (row,) = house.rows(Direction.IN)
    operator = house.cast.operator
    with db.transaction(operator.acting) as session:
        changed = replace(entry(house.directory), aliases=("H77",))
        peers.change(session, house.peer_id, changed, by=operator, at=house.at)

    with db.transaction(operator.acting) as session:
        actions.retry(session, row.id, by=operator, at=house.at)
    house.keep_promises()

    assert [each.state for each in house.rows(Direction.IN)] == [State.DONE]
    assert len(house.deliveries()) == 1


def test_a_partner_that_must_sign_is_not_believed_without(house: House) -> None:
    operator = house.cast.operator
    with db.transaction(operator.acting) as session:
        strict = replace(entry(house.directory), requires_signature=True)
        peers.change(session, house.peer_id, strict, by=operator, at=house.at)
    house.leave(sent_document(house))

    house.fetch()

    (row,) = house.rows(Direction.IN)
    assert row.state is State.HELD
    assert row.signature_words == "Thông điệp không có chữ ký số."


def test_a_status_about_nothing_of_ours_waits(house: House) -> None:
    house.leave(status_for(sent_document(house), "03"))

    house.fetch()

    assert [row.state for row in house.rows(Direction.IN)] == [State.HELD]


# --- Recall, update, replacement -------------------------------------------------------------


def take_back(house: House, way: str) -> None:
    document = sent_document(house)
    if way == "13":
        about = ResponseFor("", document.code, None, document.document_id)
        house.leave(StatusMessage(NEIGHBOUR, about, "13", "Sai nơi nhận"), "n-2")
    else:
        recall = business(BusinessType.RECALL, document.document_id)
        house.leave(sent_document(house, business=recall, attachments=(), references=()), "n-2")
    house.fetch()


@pytest.mark.parametrize("way", ["13", "recall"])
@pytest.mark.parametrize(("agrees", "code"), [(True, "15"), (False, "16")])
def test_a_recall_takes_the_copy_back_and_the_clerk_answers(
    house: House, way: str, agrees: bool, code: str
) -> None:
    house.leave(sent_document(house))
    house.fetch()
    take_back(house, way)
    (_, asking) = house.rows(Direction.IN)
    clerk = house.cast.clerk

    with db.transaction(clerk.acting) as session:
        actions.answer(session, asking.id, agrees=agrees, words="Đã vào sổ.", by=clerk, at=house.at)
    house.keep_promises()

    assert asking.state is State.ASKING
    assert [each.state for each in house.deliveries()] == [DeliveryState.RECALLED]
    assert house.statuses() == ["01", code]


def test_a_refusal_of_a_recall_needs_a_reason(house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()
    take_back(house, "13")
    (_, asking) = house.rows(Direction.IN)
    clerk = house.cast.clerk

    with pytest.raises(actions.ReasonNeeded), db.transaction(clerk.acting) as session:
        actions.answer(session, asking.id, agrees=False, words=" ", by=clerk, at=house.at)


def test_a_replacement_arrives_beside_the_old_one_and_says_so(house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()
    new = sent_document(
        house,
        document_id="000.00.00.H41,2018/08/02,13/SGDĐT",
        number="13",
        business=business(BusinessType.REPLACE, "000.00.00.H41,2018/08/01,12/SGDĐT"),
    )
    house.leave(new, "n-2")

    house.fetch()

    old, replacing = house.deliveries()
    assert old.state is DeliveryState.DELIVERED
    assert replacing.description is not None
    assert replacing.description.startswith("Thay thế văn bản 000.00.00.H41,2018/08/01,12/SGDĐT")
    assert [row.state for row in house.rows(Direction.IN)] == [State.DONE, State.ASKING]


def test_a_stranger_cannot_recall_what_another_sent(house: House) -> None:
    """The identifier counts together with who sent it."""
    house.leave(sent_document(house))
    house.fetch()
    operator = house.cast.operator
    with db.transaction(operator.acting) as session:
        other = replace(entry(house.directory), organ_id="H77", aliases=(), system_id="us2")
        peer = peers.add(session, other, by=operator, at=house.at)
    about = ResponseFor("", "", None, "000.00.00.H41,2018/08/01,12/SGDĐT")
    content = StatusMessage(Organ("H77", "Kẻ khác"), about, "13")

    tasks.take(peer, Parcel("x-1", edxml.build(content)))
    house.keep_promises()

    assert [each.state for each in house.deliveries()] == [DeliveryState.DELIVERED]
    assert incoming.RECEIVER
