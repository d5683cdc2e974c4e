"""The pages of the exchange, used by an operator and a clerk, and looked at in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Page, Route

from eoffice import db
from eoffice.exchange import pages, peers
from eoffice.exchange.gateway import Parcel
from eoffice.exchange.mapping import CodeList
from eoffice.exchange.message import BusinessType, DocumentMessage
from eoffice.exchange.states import Direction, State
from eoffice.people.authentication import Authentication
from eoffice.routing import pages as routing_pages
from eoffice.web import application
from tests import browser
from tests.exchange.house import House, business, sent_document, status_for
from tests.exchange.test_changes import put_to_work
from tests.exchange.test_incoming import take_back
from tests.exchange.test_outgoing import send
from tests.exchange.test_undelivered import STRANGER, add_peer
from tests.routing.test_pages import Browser


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:  # type: ignore[type-arg]
    app = application.make(
        [pages.pages, routing_pages.pages],
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
def clerk(client: TestClient, house: House) -> Browser:  # type: ignore[type-arg]
    return Browser(client, house.cast.clerk, house.at)


SCHOOL = {
    "organ_id": "000.77.00.H41",
    "name": "Trường ngoài tỉnh",
    "gateway": "http",
    "address": "https://truong.example",
    "outgoing_secret": "SCHOOL_OUT",
    "is_active": "on",
}


def test_an_operator_enters_a_partner(operator: Browser, house: House) -> None:
    operator.get("/admin/exchange")

    answer = operator.send("/admin/exchange", **SCHOOL)

    assert answer.status_code == 303
    operator.get(answer.headers["location"])
    assert "Trường ngoài tỉnh" in operator.page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("organ_id", "000.00.00.H41", "Mã này đã khai cho"),
        ("organ_id", "x" * 36, "từ 1 đến 35 ký tự"),
        ("address", "ftp://somewhere", "https://"),
        ("address", "https://user:password@somewhere", "không kèm mật khẩu"),
        ("outgoing_secret", "p4ssw0rd!", "không nhập chính khóa"),
        ("gateway", "axis", "mã hệ thống"),
    ],
)
def test_a_wrong_entry_comes_back_filled(
    operator: Browser, house: House, field: str, value: str, words: str
) -> None:
    operator.get("/admin/exchange")

    answer = operator.send("/admin/exchange", **{**SCHOOL, field: value})

    assert answer.status_code in (409, 422)
    assert words in operator.page
    assert 'value="Trường ngoài tỉnh"' in operator.page


def test_an_operator_changes_a_code_list(operator: Browser, house: House) -> None:
    address = f"/admin/exchange/{house.peer_id}/codes/priority"
    operator.get(address)
    rows = re.findall(r'name="theirs-(\d+)" value="([^"]+)"', operator.page)
    urgent = next(number for number, code in rows if code == "1")
    fields = {f"theirs-{number}": code for number, code in rows}
    fields |= {
        f"ours-{number}": value
        for number, value in re.findall(
            r'name="ours-(\d+)".*?<option value="(\w+)" selected>', operator.page, re.DOTALL
        )
    }
    fields |= {f"written-{number}": "on" for number, code in rows if code != "4"}

    answer = operator.send(address, **{**fields, f"theirs-{urgent}": "K1"})

    assert answer.status_code == 303, operator.page
    with db.system_transaction() as session:
        assert peers.codes(session, house.peer_id).theirs(CodeList.PRIORITY, "urgent") == "K1"


def test_only_operators_keep_partners(clerk: Browser, house: House) -> None:
    assert clerk.get("/admin/exchange").status_code == 403
    assert clerk.get(f"/admin/exchange/{house.peer_id}").status_code == 403


def test_an_operator_sees_what_waits_has_it_tried_again_and_takes_the_file(
    operator: Browser, house: House
) -> None:
    house.partner.send(Parcel("n-1", b"not xml"))
    house.fetch()
    (row,) = house.rows()
    operator.get("/exchange/messages?needing=true")
    assert "Không xử lý được" in operator.page
    operator.get(f"/exchange/messages/{row.id}")

    answer = operator.send(f"/exchange/messages/{row.id}/attempt")

    assert answer.status_code == 303
    file = operator.get(f"/exchange/messages/{row.id}/file")
    assert file.content == b"not xml"
    assert file.headers["content-disposition"].startswith("attachment")
    assert [each.state for each in house.rows()] == [State.RECEIVED]


def test_a_message_is_put_aside_only_with_a_reason(operator: Browser, house: House) -> None:
    house.partner.send(Parcel("n-1", b"not xml"))
    house.fetch()
    (row,) = house.rows()
    operator.get(f"/exchange/messages/{row.id}")

    without = operator.send(f"/exchange/messages/{row.id}/disposal", reason=" ")
    given = operator.send(f"/exchange/messages/{row.id}/disposal", reason="Tệp rác.")

    assert without.status_code == 422
    assert given.status_code == 303
    assert [each.state for each in house.rows()] == [State.DISCARDED]


def test_a_clerk_answers_a_recall_on_the_page_of_its_message(clerk: Browser, house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()
    take_back(house, "13")
    (_, asking) = house.rows(Direction.IN)
    clerk.get(f"/exchange/messages/{asking.id}")
    assert "Trả lời bên gửi" in clerk.page

    answer = clerk.send(f"/exchange/messages/{asking.id}/answer", answer="agree", reason="")
    house.keep_promises()

    assert answer.status_code == 303
    assert house.statuses() == ["01", "15"]


def test_a_clerk_sees_neither_the_file_nor_messages_of_others(
    client: TestClient,  # type: ignore[type-arg]
    clerk: Browser,
    house: House,
) -> None:
    house.leave(sent_document(house))
    house.fetch()
    row = house.rows(Direction.IN)[0]
    stranger = Browser(client, house.cast.high_school_clerk, house.at)

    assert clerk.get(f"/exchange/messages/{row.id}").status_code == 200
    assert clerk.get(f"/exchange/messages/{row.id}/file").status_code == 403
    assert stranger.get(f"/exchange/messages/{row.id}").status_code == 404
    assert row.code not in stranger.get("/exchange/messages").text


def _answered_by(visitor: Browser, page: Page) -> None:
    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        got = visitor.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        left_out = {"content-encoding", "content-length"}
        headers = {name: v for name, v in got.headers.items() if name.lower() not in left_out}
        route.fulfill(status=got.status_code, headers=headers, body=got.content)

    page.route("**/*", answer)


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_have_no_serious_fault_and_fit(
    operator: Browser, clerk: Browser, house: House, width: int
) -> None:
    document_id = house.issued()
    send(house, document_id)
    (ours,) = house.collected()
    assert isinstance(ours, DocumentMessage)
    for number, code in enumerate(("01", "03", "05")):
        house.leave(status_for(ours, code), f"s-{number}")
    house.leave(sent_document(house))
    house.leave(sent_document(house, document_id="H41,cũ", number="11"), "n-3")
    house.partner.send(Parcel("n-9", b"not xml"))
    house.fetch()
    replaced = next(each for each in house.deliveries() if each.number == "11")
    arrival = put_to_work(house, replaced.id)
    change = business(BusinessType.REPLACE, "H41,cũ")
    house.leave(sent_document(house, document_id="H41,mới", number="14", business=change), "n-4")
    house.fetch()
    take_back(house, "13")
    stranded = house.issued(number=961)
    send(house, stranded, STRANGER)
    waited_for = add_peer(house)
    asking = next(row for row in house.rows() if row.state is State.ASKING)
    held = next(row for row in house.rows() if row.state is State.HELD)
    seen = (
        (operator, "peers", "/admin/exchange"),
        (operator, "peer", f"/admin/exchange/{house.peer_id}"),
        (operator, "codes", f"/admin/exchange/{house.peer_id}/codes/priority"),
        (operator, "log", "/exchange/messages"),
        (operator, "held", f"/exchange/messages/{held.id}"),
        (clerk, "asking", f"/exchange/messages/{asking.id}"),
        (clerk, "abroad", f"/documents/{document_id}/exchange"),
        (clerk, "stranded", f"/documents/{stranded}/exchange"),
        (operator, "offered", f"/admin/exchange/{waited_for}"),
        (clerk, "replaced", f"/incoming/{arrival}"),
    )
    with browser.opened() as chromium:
        for visitor, name, path in seen:
            page = browser.tab(chromium, width=width, base_url="http://testserver.local")
            _answered_by(visitor, page)
            page.goto(path)
            browser.assert_fits(page)
            browser.assert_no_serious(page)
            browser.screenshot(page, f"exchange-{name}-{width}")
            page.context.close()


def test_the_file_of_a_message_whose_document_was_taken_back_is_closed(
    operator: Browser, house: House
) -> None:
    house.leave(sent_document(house))
    house.fetch()
    (row,) = house.rows(Direction.IN)
    address = f"/exchange/messages/{row.id}/file"
    assert operator.get(address).status_code == 200

    take_back(house, "recall")

    assert operator.get(address).status_code == 409
    assert "thu hồi" in operator.page
    assert operator.get(f"/exchange/messages/{row.id}").status_code == 200
    (_, asking) = house.rows(Direction.IN)
    assert operator.get(f"/exchange/messages/{asking.id}/file").status_code == 200, "no content"
