"""A sender outside recalls, updates or replaces what it sent: the earlier arrival says so, whoever
acted on it is told, and what is recalled is frozen. The same over a folder and over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import db
from eoffice.documents.issue import corrections
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.model import Document
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import directory
from eoffice.documents.recipients.directory import Entry
from eoffice.documents.recipients.model import Correction, IssuanceOutside
from eoffice.documents.recipients.rules import Channel, Purpose
from eoffice.exchange import edxml, http, peers
from eoffice.exchange.http_gateway import ORGAN_HEADER, TOKEN_HEADER
from eoffice.exchange.message import (
    Business,
    BusinessType,
    DocumentMessage,
    DocumentUpdate,
    Receiver,
    StatusMessage,
)
from eoffice.exchange.states import Direction, State
from eoffice.people.authentication import Authentication
from eoffice.routing import actions as routing
from eoffice.routing import change_queries, handling, queries
from eoffice.routing.change_model import DeliveryChange
from eoffice.routing.model import Arrival, Delivery, Notice
from eoffice.routing.rules import Assignee, NoticeKind, Role
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.web import application
from tests.exchange.house import NEIGHBOUR, House, business, entry, sent_document, status_for
from tests.exchange.test_outgoing import send

Bring = Callable[[DocumentMessage | StatusMessage, str], None]
EARLIER = "000.00.00.H41,2018/08/01,12/SGDĐT"
TOKEN = "token-of-the-neighbour"


@pytest.fixture(params=["folder", "http"])
def bring(
    house: House, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bring]:
    """The neighbour sends, by one of the ways, and everything that follows is done."""
    if request.param == "folder":

        def by_folder(message: DocumentMessage | StatusMessage, name: str) -> None:
            house.leave(message, name)
            house.fetch()

        yield by_folder
        return
    monkeypatch.setenv("EOFFICE_SECRET_NEIGHBOUR", TOKEN)
    with db.system_transaction() as session:
        changed = replace(entry(house.directory), incoming_secret="NEIGHBOUR")
        peers.change(session, house.peer_id, changed, by=house.cast.operator, at=house.at)
    app = application.make(
        [http.router],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app) as client:

        def by_http(message: DocumentMessage | StatusMessage, name: str) -> None:
            answer = client.put(
                f"/api/v1/exchange/messages/{name}",
                content=edxml.build(message),
                headers={ORGAN_HEADER: NEIGHBOUR.organ_id, TOKEN_HEADER: TOKEN},
            )
            assert answer.status_code == 202, answer.text
            house.keep_promises()

        yield by_http


def put_to_work(house: House, delivery_id: UUID) -> UUID:
    """Registered, submitted and given to the specialist: the arrival."""
    clerk, director, specialist = house.cast.clerk, house.cast.director, house.cast.specialist
    with db.transaction(clerk.acting) as session:
        routing.open_delivery(session, delivery_id, by=clerk, at=house.at)
        arrival = routing.register_arrival(session, delivery_id, by=clerk, at=house.at)
        session.flush()
        handling.submit_to_head(session, arrival.id, by=clerk, at=house.at)
        arrival_id = arrival.id
    with db.transaction(director.acting) as session:
        lead = Assignee(Role.LEAD, specialist.unit_id, specialist.person_id)
        handling.assign(
            session,
            arrival_id,
            [lead],
            instruction="Nghiên cứu, tham mưu.",
            due_on=None,
            by=director,
            at=house.at,
        )
    return arrival_id


def told(house: House, kind: NoticeKind) -> set[UUID | None]:
    with db.system_transaction() as session:
        return set(session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


@pytest.mark.parametrize(
    ("kind", "said", "back"),
    [
        (BusinessType.REPLACE, "Được thay thế bởi", "Thay thế"),
        (BusinessType.UPDATE, "Được cập nhật bởi", "Cập nhật"),
    ],
)
def test_a_change_is_linked_to_the_earlier_arrival_and_told_to_who_works_on_it(
    house: House, bring: Bring, kind: BusinessType, said: str, back: str
) -> None:
    bring(sent_document(house), "n-1")
    (old,) = house.deliveries()
    put_to_work(house, old.id)
    new = sent_document(
        house,
        document_id="000.00.00.H41,2018/08/02,13/SGDĐT",
        number="13",
        business=business(kind, EARLIER),
    )

    for _ in range(2):
        bring(new, "n-2")

    clerk = house.cast.clerk
    newer = next(each for each in house.deliveries() if each.id != old.id)
    with db.transaction(clerk.acting) as session:
        (ahead,) = change_queries.of_delivery(session, old.id).related
        (behind,) = change_queries.of_delivery(session, newer.id).related
        words = [each.text for each in queries.notices(session, who=clerk)]
    assert (ahead.said, ahead.code, ahead.is_newer) == (said, "13/SGDĐT-VP", True)
    assert ahead.words == "Sai nơi nhận"
    assert (behind.said, behind.arrival_number, behind.is_newer) == (back, 1, False)
    cast = house.cast
    assert told(house, NoticeKind.CHANGED) == {
        None,
        cast.clerk.person_id,
        cast.director.person_id,
        cast.specialist.person_id,
    }
    assert any(NEIGHBOUR.name in each and "12/SGDĐT-VP" in each for each in words)
    assert [row.state for row in house.rows(Direction.IN)] == [State.DONE, State.ASKING]


def test_a_recall_freezes_the_arrival_says_why_and_tells_who_works_on_it(
    house: House, bring: Bring
) -> None:
    bring(sent_document(house), "n-1")
    (delivery,) = house.deliveries()
    arrival_id = put_to_work(house, delivery.id)
    recall = business(BusinessType.RECALL, EARLIER)

    bring(sent_document(house, business=recall, attachments=(), references=()), "n-2")

    with db.transaction(house.cast.clerk.acting) as session:
        found = change_queries.of_delivery(session, delivery.id)
        state = session.get_one(Arrival, arrival_id).state
    assert found.recalled is not None
    assert found.recalled.words == "Sai nơi nhận"
    assert state is ArrivalState.RECALLED
    assert house.cast.specialist.person_id in told(house, NoticeKind.RECALLED)


def test_an_update_that_takes_us_off_its_list_takes_the_copy_back(
    house: House, bring: Bring
) -> None:
    bring(sent_document(house), "n-1")
    update = Business(
        type=BusinessType.UPDATE,
        document_id=EARLIER,
        reason="Gửi nhầm nơi nhận",
        update=DocumentUpdate("0", "1", (Receiver(house.ours, is_added=False),)),
    )

    bring(sent_document(house, business=update, attachments=(), references=()), "n-2")

    assert [each.state for each in house.deliveries()] == [DeliveryState.RECALLED]
    assert [row.state for row in house.rows(Direction.IN)] == [State.DONE, State.ASKING]


def test_an_update_of_something_that_never_came_is_taken_as_it_is(
    house: House, bring: Bring
) -> None:
    bring(sent_document(house, business=business(BusinessType.UPDATE, "H41,lạ")), "n-1")

    (delivery,) = house.deliveries()
    with db.system_transaction() as session:
        assert change_queries.of_delivery(session, delivery.id).related == ()
    assert [row.state for row in house.rows(Direction.IN)] == [State.DONE]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("02", NoticeKind.OUTSIDE_REFUSED),
        ("15", NoticeKind.OUTSIDE_ANSWERED),
        ("16", NoticeKind.OUTSIDE_ANSWERED),
    ],
)
def test_what_an_agency_outside_refuses_or_answers_is_told_to_who_wrote_and_signed(
    house: House, bring: Bring, code: str, kind: NoticeKind
) -> None:
    document_id = house.issued()
    send(house, document_id)
    (message,) = house.collected()
    assert isinstance(message, DocumentMessage)

    bring(status_for(message, code, "Gửi nhầm nơi nhận"), "s-1")
    with db.system_transaction() as session:
        for notice in session.scalars(select(Notice)):
            notice.read_at = house.at
    bring(status_for(message, code, "Lần nữa"), "s-2")

    with db.system_transaction() as session:
        document = session.get_one(Document, document_id)
        assert {document.created_by, document.signer_id} <= told(house, kind)
        assert all(each.read_at is None for each in session.scalars(select(Notice)))
    with db.transaction(house.cast.specialist.acting) as session:
        notices = queries.notices(session, who=house.cast.specialist)
    assert [each.path for each in notices] == [f"/documents/{document_id}/exchange"]


def test_other_agencies_see_nothing_of_a_change(house: House, bring: Bring) -> None:
    bring(sent_document(house), "n-1")
    bring(
        sent_document(
            house,
            document_id="000.00.00.H41,2018/08/02,13/SGDĐT",
            number="13",
            business=business(BusinessType.REPLACE, EARLIER),
        ),
        "n-2",
    )

    with db.transaction(house.cast.school_clerk.acting) as session:
        assert session.scalars(select(Delivery)).all() == []
        assert session.scalars(select(DeliveryChange)).all() == []


# --- What we change is told in the same way -------------------------------------------------------


def correcting(house: House, corrected: UUID, kind: CorrectionKind) -> UUID:
    """A second document, issued, that changes the first."""
    document_id = house.issued(number=961)
    with db.system_transaction() as session:
        session.add(
            Correction(
                document_id=document_id,
                corrected_id=corrected,
                agency_id=house.cast.department.id,
                kind=kind,
                noted_by=house.cast.specialist.person_id,
                noted_at=house.at,
            )
        )
    return document_id


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (CorrectionKind.REPLACES, BusinessType.REPLACE),
        (CorrectionKind.AMENDS, BusinessType.UPDATE),
        (CorrectionKind.CORRECTS, BusinessType.UPDATE),
    ],
)
def test_what_changes_an_earlier_document_of_ours_goes_out_as_a_change_of_it(
    house: House, kind: CorrectionKind, expected: BusinessType
) -> None:
    original = house.issued()
    send(house, original)
    (first,) = house.collected()
    assert isinstance(first, DocumentMessage)

    send(house, correcting(house, original, kind))

    found = {
        each.business.type: each
        for each in house.collected()
        if isinstance(each, DocumentMessage) and each.business is not None
    }
    change = found[expected]
    assert change.business is not None
    assert change.document_id != first.document_id
    if expected is BusinessType.REPLACE:
        (replaced,) = change.business.replacements
        assert (replaced.document_id, replaced.organ_ids) == (
            first.document_id,
            (NEIGHBOUR.organ_id,),
        )
    else:
        assert change.business.document_id == first.document_id
    assert len(change.attachments) == 2


def test_who_never_had_the_earlier_document_gets_the_new_one_as_new(house: House) -> None:
    send(house, correcting(house, house.issued(), CorrectionKind.REPLACES))

    (message,) = house.collected()
    assert isinstance(message, DocumentMessage)
    assert message.business is not None
    assert message.business.type is BusinessType.NEW


def test_agencies_outside_that_had_the_earlier_document_are_offered_again(house: House) -> None:
    original = house.issued()
    cast = house.cast
    with db.system_transaction() as session:
        entered = Entry(NEIGHBOUR.name, Channel.EXCHANGE, NEIGHBOUR.organ_id)
        organisation = directory.enter(session, entered, by=cast.clerk, at=house.at)
        session.add(
            IssuanceOutside(
                document_id=original,
                organisation_id=organisation,
                agency_id=cast.department.id,
                name=NEIGHBOUR.name,
                organ_id=NEIGHBOUR.organ_id,
                channel=Channel.EXCHANGE,
                address=NEIGHBOUR.organ_id,
                purpose=Purpose.ACTION,
            )
        )
    new = correcting(house, original, CorrectionKind.REPLACES)

    with db.system_transaction() as session:
        offered = corrections.recipients_of_corrected(session, new)
        document = session.get_one(Document, new)
        meant = recipients.of_document(session, document, at=house.at)
        left_out = corrections.left_out(session, new, meant)

    assert {each.organisation_id for each in offered} == {None, organisation}
    assert organisation in left_out
