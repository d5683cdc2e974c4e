"""Pages and API offer again what no way led to; programs of clerks answer a recall."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from litestar.testing import TestClient
from structlog.testing import capture_logs

from eoffice.exchange import http, office_http, pages
from eoffice.exchange.http_gateway import ORGAN_HEADER, TOKEN_HEADER
from eoffice.exchange.message import Organ
from eoffice.exchange.states import Direction, State
from eoffice.people.authentication import Authentication
from eoffice.web import application
from tests.exchange.house import House, sent_document
from tests.exchange.test_incoming import take_back
from tests.exchange.test_outgoing import send
from tests.exchange.test_undelivered import STRANGER, add_peer
from tests.routing.test_http import Program
from tests.routing.test_pages import Browser


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:  # type: ignore[type-arg]
    app = application.make(
        [pages.pages, office_http.router, http.router],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as made:
        made.follow_redirects = False
        yield made


@pytest.fixture
def operator(client: TestClient, house: House) -> Browser:  # type: ignore[type-arg]
    return Browser(client, house.cast.operator, house.at)


@pytest.fixture
def clerk(client: TestClient, house: House) -> Program:  # type: ignore[type-arg]
    return Program(client, house.cast.clerk, house.at)


@pytest.fixture
def stranded(house: House) -> UUID:
    document_id = house.issued()
    send(house, document_id, STRANGER)
    return document_id


def test_the_page_of_a_partner_offers_what_waits_for_it(
    operator: Browser, house: House, stranded: UUID
) -> None:
    operator.get("/admin/exchange")
    assert "1 văn bản chưa có đường gửi" in operator.page
    peer_id = add_peer(house)
    operator.get("/admin/exchange")
    assert "Nay đã có đường" in operator.page
    operator.get(f"/admin/exchange/{peer_id}")
    assert "1 văn bản chờ gửi cho cơ quan này" in operator.page

    answer = operator.send(f"/admin/exchange/{peer_id}/undelivered")
    house.keep_promises()

    assert answer.status_code == 303
    assert [row.state for row in house.rows(Direction.OUT)] == [State.SENT]
    operator.get(f"/admin/exchange/{peer_id}")
    assert "chờ gửi cho" not in operator.page


def test_the_clerk_sends_it_from_the_page_of_the_document(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
    stranded: UUID,
) -> None:
    browser = Browser(client, house.cast.clerk, house.at)
    browser.get(f"/documents/{stranded}/exchange")
    assert "Chưa có đường liên thông đến 1 nơi nhận" in browser.page
    assert "Gửi lại qua liên thông" not in browser.page
    add_peer(house)
    browser.get(f"/documents/{stranded}/exchange")

    answer = browser.send(f"/documents/{stranded}/exchange")
    house.keep_promises()

    assert answer.status_code == 303
    assert [row.state for row in house.rows(Direction.OUT)] == [State.SENT]


def test_a_program_lists_what_waits_and_sends_it_again(
    clerk: Program, house: House, stranded: UUID
) -> None:
    (before,) = clerk.get("/exchange/undelivered").json()
    refused = clerk.post("/exchange/undelivered/attempts", {"document_id": str(stranded)})
    add_peer(house)
    (after,) = clerk.get(f"/exchange/undelivered?document_id={stranded}").json()

    answers = [
        clerk.post(
            "/exchange/undelivered/attempts", {"document_id": str(stranded)}, key="again-0001"
        )
        for _ in range(2)
    ]
    house.keep_promises()

    assert (before["organ_id"], before["can_go"]) == (STRANGER, False)
    assert refused.status_code == 409
    assert STRANGER in refused.json()["detail"]
    assert after["can_go"]
    assert [each.json() for each in answers] == [{"sent": 1}, {"sent": 1}]
    assert len(house.rows()) == 1


def test_who_does_not_keep_books_sees_neither_list_nor_log(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
    stranded: UUID,
) -> None:
    teacher = Program(client, house.cast.homeroom_teacher, house.at)

    assert teacher.get("/exchange/undelivered").status_code == 403
    assert teacher.get("/exchange/log").status_code == 403


def test_a_program_reads_the_log_and_answers_a_recall(clerk: Program, house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()
    take_back(house, "13")
    (asking,) = clerk.get("/exchange/log?needing=true").json()["items"]

    without = clerk.post(f"/exchange/log/{asking['id']}/answer", {"agrees": False})
    answer = clerk.post(f"/exchange/log/{asking['id']}/answer", {"agrees": True})
    house.keep_promises()

    assert asking["state"] == "asking"
    assert without.status_code == 422
    assert answer.json()["state"] == "done"
    assert house.statuses() == ["01", "15"]


# --- Senders and recipients that nobody knows --------------------------------------------------


def test_a_stranger_is_turned_away_and_the_log_says_who_and_why(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
) -> None:
    with capture_logs() as lines:
        answer = client.put(
            "/api/v1/exchange/messages/m-1",
            content=b"<one/>",
            headers={ORGAN_HEADER: "H77", TOKEN_HEADER: "guessed"},
        )

    assert answer.status_code == 401
    (line,) = [each for each in lines if each["event"] == "exchange.stranger"]
    assert (line["organ_id"], line["why"]) == ("H77", "no partner that may come")
    assert "guessed" not in str(lines)


@pytest.mark.parametrize(
    ("sender", "recipient", "why"),
    [("H77", "", "SenderUnknown"), ("", "H99.99", "RecipientUnknown")],
)
def test_a_message_of_or_for_nobody_known_is_held_with_its_bytes_and_logged(
    house: House, sender: str, recipient: str, why: str
) -> None:
    changed: dict[str, object] = {}
    if sender:
        changed["sender"] = Organ(sender, "Không rõ")
    if recipient:
        changed["recipients"] = (Organ(recipient, "Không rõ"),)
    house.leave(sent_document(house, **changed))

    with capture_logs() as lines:
        house.fetch()

    (row,) = house.rows(Direction.IN)
    assert row.state is State.HELD
    assert (sender or recipient) in (row.failure or "")
    assert row.content_sha256 is not None
    (line,) = [each for each in lines if each["event"] == "exchange.held"]
    assert line["why"] == why
    assert house.deliveries() == []
