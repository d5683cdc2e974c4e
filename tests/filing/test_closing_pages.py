"""The end of a book, for browsers and for programs: what is in the way, then its seal.

The clerk sees what is to be done first, each with its page; after the closing everybody who may
read the book sees how far it is, and whose signature it waits for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from litestar.testing import TestClient

from eoffice.db import system_transaction
from eoffice.documents.books import reservations
from eoffice.documents.books.kinds import BookKind
from eoffice.filing import closing_actions, closing_http, pages
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from tests.conftest import Office
from tests.filing import year_end
from tests.filing.year_end import LAST_DAY, Registry
from tests.people.conftest import Desk
from tests.pki import PIN

BOOK = "/books/outgoing/2018"
API = "/api/v1/book-closings"


@pytest.fixture
def desk(office: Office, registry: Registry) -> Iterator[Desk]:
    app = application.make(
        [closing_http.router, pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as client:
        client.follow_redirects = False
        yield Desk(client, registry.cast, office.var / "clock.json")


def test_the_clerk_sees_what_is_in_the_way_and_where_it_is_dealt_with(desk: Desk) -> None:
    with system_transaction() as session:
        number = reservations.reserve(
            session,
            kind=BookKind.OUTGOING,
            until=date(2018, 12, 31),
            purpose="quyết định khen thưởng",
            by=desk.cast.clerk,
            at=LAST_DAY,
        )
    desk.enter(desk.cast.clerk)
    shown = desk.client.get(BOOK).text
    assert "Chưa khóa được sổ" in shown
    assert f'href="/documents/books/outgoing/2018/numbers/{number}"' in shown
    assert "hoặc hủy số kèm lý do" in shown
    assert f'action="{BOOK}/closing"' not in shown


def test_a_book_is_closed_printed_signed_and_sealed_on_its_page(desk: Desk) -> None:
    clerk, director = desk.token_of(desk.cast.clerk), desk.token_of(desk.cast.director)
    desk.client.cookies.set("session", clerk)
    refused = desk.post(f"{BOOK}/closing", {"retention_years": "500"}, on=BOOK)
    assert refused.status_code == 422
    assert 'value="500"' in refused.text

    closed = desk.post(f"{BOOK}/closing", {"retention_years": "20"}, on=BOOK)
    assert (closed.status_code, closed.headers["location"]) == (303, BOOK)
    assert "Đang lập bản in, 3 số…" in desk.client.get(BOOK).text
    going = desk.client.get(f"{BOOK}/progress").json()
    assert (going["finished"], going["next"]) == (False, BOOK)
    desk.post(f"{BOOK}/printing", {}, on=BOOK)
    year_end.keep_promises(closing_actions.PRINT)
    assert desk.client.get(f"{BOOK}/progress").json()["finished"] is True

    wrong = desk.post(f"{BOOK}/signature", {"pin": "000000"}, on=BOOK)
    assert "Mã PIN không đúng" in wrong.text
    assert desk.post(f"{BOOK}/signature", {"pin": PIN}, on=BOOK).status_code == 303
    desk.client.cookies.set("session", director)
    assert "Chờ tôi ký" in desk.client.get("/books?year=2018").text
    assert desk.post(f"{BOOK}/signature", {"pin": PIN}, on=BOOK).status_code == 303
    desk.client.cookies.set("session", clerk)
    assert "Đóng con dấu số của cơ quan vào sổ." in desk.client.get(BOOK).text
    assert desk.post(f"{BOOK}/signature", {"pin": PIN}, on=BOOK).status_code == 303

    shown = desk.client.get(BOOK).text
    assert "Đã khóa, ký và đóng dấu" in shown
    assert "GIÁM ĐỐC" in shown
    assert "20 năm" in shown
    file = desk.client.get(f"{BOOK}/content")
    assert file.content.startswith(b"%PDF")
    assert "so-dang-ky-van-ban-di-2018.pdf" in file.headers["content-disposition"]
    assert desk.client.get(f"{BOOK}/pages/2?width=400").content.startswith(b"\x89PNG")
    assert desk.client.get(f"{BOOK}/pages/9").status_code == 404


def test_who_does_not_keep_the_book_sees_how_far_it_is_and_no_button(desk: Desk) -> None:
    desk.enter(desk.cast.specialist)
    shown = desk.client.get(BOOK).text
    assert "Hết năm, văn thư cơ quan khóa sổ" in shown
    assert f"{BOOK}/closing" not in shown
    listed = desk.client.get("/books?year=2018").text
    assert "Sổ đăng ký văn bản đi năm 2018" in listed
    assert "văn bản mật" not in listed


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("operator", "/books", 403),
        ("operator", BOOK, 403),
        ("specialist", "/books/secret/2018", 403),
        ("specialist", "/books/incoming_secret/2018", 403),
        ("clerk", "/books/postal/2018", 404),
        ("clerk", "/books/outgoing/2019", 404),
        ("clerk", f"{BOOK}/content", 404),
        ("clerk", f"{BOOK}/progress", 404),
    ],
)
def test_what_is_not_there_or_not_theirs_is_refused(
    desk: Desk, who: str, path: str, status: int
) -> None:
    desk.enter(getattr(desk.cast, who))
    assert desk.client.get(path).status_code == status


def test_programs_do_the_same(desk: Desk) -> None:
    clerk, director = desk.api(desk.cast.clerk), desk.api(desk.cast.director)
    books = desk.client.get(f"{API}?year=2018", headers=clerk).json()
    assert [each["kind"] for each in books] == [
        "outgoing", "secret", "copy", "incoming", "incoming_secret", "handling",
    ]  # fmt: skip
    early = desk.client.post(f"{API}/handling/2018", json={}, headers=clerk)
    assert early.status_code == 409
    assert early.headers["content-type"] == "application/problem+json"
    assert "Khóa sổ đăng ký văn bản đến trước" in early.json()["detail"]
    open_ = desk.client.get(f"{API}/handling/2018", headers=clerk).json()
    assert [each["hindrance"] for each in open_["obstacles"]] == ["incoming_open"]

    not_theirs = desk.client.post(f"{API}/outgoing/2018", json={}, headers=director)
    assert not_theirs.status_code == 403
    keyed = {**clerk, "idempotency-key": "close-2018"}
    made = desk.client.post(f"{API}/outgoing/2018", json={"retention_years": 20}, headers=keyed)
    assert (made.status_code, made.headers["location"]) == (201, f"{API}/outgoing/2018")
    again = desk.client.post(f"{API}/outgoing/2018", json={"retention_years": 20}, headers=keyed)
    assert again.json() == made.json()
    assert desk.client.post(f"{API}/outgoing/2018", json={}, headers=clerk).status_code == 409
    unprinted = desk.client.get(f"{API}/outgoing/2018/content", headers=clerk)
    assert (unprinted.status_code, unprinted.json()["type"].rpartition("/")[2]) == (
        409,
        "not-printed",
    )
    assert desk.client.post(f"{API}/outgoing/2018/printing", headers=clerk).status_code == 200
    year_end.keep_promises(closing_actions.PRINT)

    sign = f"{API}/outgoing/2018/signature"
    assert desk.client.post(sign, json={"pin": PIN}, headers=director).status_code == 403
    for who in (clerk, director, clerk):
        signed = desk.client.post(sign, json={"pin": PIN}, headers=who)
        assert signed.status_code == 200, signed.text
    closing = signed.json()["closing"]
    assert (closing["state"], closing["retain_until"]) == ("sealed", "2038-12-31")
    assert desk.client.get(f"{API}/awaiting", headers=clerk).json() == []
    assert desk.client.get(f"{API}/outgoing/2018/content", headers=clerk).content[:4] == b"%PDF"
