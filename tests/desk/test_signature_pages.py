"""Signing several things in a browser and by a program: looked at, authorised once, watched.

A wrong PIN begins nothing, a press that comes twice is one press, and nobody sees or moves the
batch of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar.testing import TestClient
from sqlalchemy import func, select

from eoffice import clock, db
from eoffice.desk import http, pages
from eoffice.documents import pages as documents_pages
from eoffice.documents import queries as documents
from eoffice.documents.books import numbering
from eoffice.embedded.pki import Pki
from eoffice.people import accounts
from eoffice.people.authentication import Authentication
from eoffice.people.kinds import Scope
from eoffice.signing.batches import rules
from eoffice.signing.batches.model import SignatureBatch
from eoffice.signing.batches.rules import ItemState
from eoffice.web import application
from eoffice.web.application import Application
from tests import pki as test_pki
from tests.desk.signing_stage import begun, offered, states, work
from tests.routing.test_pages import Browser
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk, awaiting_signature, in_transaction

desk = test_ceremony.desk


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with test_pki.trust_services(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient[Application]]:
    """An office in which two letters wait for the director."""
    awaiting_signature(desk.cast)
    app = application.make(
        [http.router, pages.pages, documents_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield client


@pytest.fixture
def director(desk: Desk, client: TestClient[Application]) -> Browser:
    return Browser(client, desk.cast.director, clock.now())


def ticked(page: str) -> list[str]:
    """What the boxes of a page stand for."""
    return re.findall(r'name="item"[^>]* value="([^"]+)"', page)


def batches() -> int:
    with db.system_transaction() as session:
        return session.scalar(select(func.count()).select_from(SignatureBatch)) or 0


def asked(browser: Browser, items: list[str]) -> str:
    return browser.get("/desk/signatures/new?" + "&".join(f"item={each}" for each in items)).text


def test_from_the_desk_to_the_last_signature(desk: Desk, director: Browser) -> None:
    boxes = ticked(director.get("/").text)
    assert len(boxes) == 2
    assert "Ký các mục đã chọn" in director.page

    page = asked(director, boxes)
    assert "Ký 2 mục trong một lượt" in page
    assert page.count("Trang đầu của Thực hiện chương trình Vnedu") == 2
    assert ticked(page) == boxes

    answer = director.send("/desk/signatures", item=boxes, pin=test_pki.PIN)
    assert answer.status_code == 303
    here = answer.headers["location"]
    page = director.get(here).text
    assert "Đã ký 0 trên 2 mục." in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert test_pki.PIN not in page
    told = director.get(f"{here}/progress").json()
    assert (told["done"], told["total"], told["finished"]) == (0, 2, False)
    assert "Đang ký, còn 2 mục" in director.get("/").text

    work()

    told = director.get(f"{here}/progress").json()
    assert (told["done"], told["failed"], told["finished"]) == (2, 0, True)
    page = director.get(here).text
    assert "Đã ký 2 trên 2 mục." in page
    assert "http-equiv" not in page
    assert "Ký lại" not in page
    assert ticked(director.get("/").text) == []


def test_one_alone_has_no_box(desk: Desk, director: Browser) -> None:
    begun(desk.cast.director, offered(desk.cast.director)[:1])
    work()
    assert "Văn bản đi chờ tôi" in director.get("/").text
    assert ticked(director.page) == []
    assert "Ký các mục đã chọn" not in director.page


def test_every_box_is_ticked_by_one_link(desk: Desk, director: Browser) -> None:
    page = director.get("/?ticked=sign-documents-person").text
    assert page.count(" checked>") == 2
    assert "Bỏ chọn tất cả" in page


def test_a_wrong_pin_begins_nothing_and_the_page_comes_back_ticked(
    desk: Desk, director: Browser
) -> None:
    boxes = ticked(director.get("/").text)
    asked(director, boxes)
    answer = director.send("/desk/signatures", item=boxes[:1], pin="000000")
    assert answer.status_code == 403
    assert "Còn 4 lần thử" in answer.text
    assert ticked(answer.text) == boxes[:1]
    assert "000000" not in answer.text
    assert batches() == 0


def test_sent_twice_it_is_one_batch(desk: Desk, director: Browser) -> None:
    boxes = ticked(director.get("/").text)
    asked(director, boxes)
    first = director.send("/desk/signatures", item=boxes, pin=test_pki.PIN)
    second = director.send("/desk/signatures", item=boxes, pin=test_pki.PIN)
    assert first.headers["location"] == second.headers["location"]
    assert batches() == 1


def test_nothing_chosen_and_what_waits_no_more_are_said(desk: Desk, director: Browser) -> None:
    assert "Chưa chọn mục nào để ký" in asked(director, [])
    boxes = ticked(director.get("/").text)
    begun(desk.cast.director, offered(desk.cast.director)[:1])
    work()
    page = asked(director, boxes)
    assert "1 mục đã chọn không còn chờ bạn ký" in page
    assert len(ticked(page)) == 1
    assert director.get("/desk/signatures/new?item=letter:1").status_code == 422
    assert director.get(f"/desk/signatures/new?item=letter:{uuid4()}:").status_code == 422


def test_from_the_list_of_documents_several_are_signed_as_from_the_desk(
    desk: Desk, client: TestClient[Application], director: Browser
) -> None:
    page = director.get("/documents?show=signing").text
    boxes = ticked(page)
    assert [each.partition(":")[0] for each in boxes] == ["document"] * 2
    assert 'formaction="/desk/signatures/new"' in page
    assert director.get("/documents?show=signing&ticked=true").text.count(" checked>") == 2

    page = asked(director, [*boxes, f"document:{uuid4()}"])
    assert "Ký 2 mục trong một lượt" in page
    assert "1 mục đã chọn không còn chờ bạn ký" in page
    assert [each.kind for each in map(rules.read, ticked(page))] == ["document-signature"] * 2
    assert all(each.seen for each in map(rules.read, ticked(page)))

    specialist = Browser(client, desk.cast.specialist, clock.now())
    assert ticked(specialist.get("/documents").text) == []


def test_stopped_and_tried_again(desk: Desk, director: Browser) -> None:
    batch_id = begun(desk.cast.director, offered(desk.cast.director))
    here = f"/desk/signatures/{batch_id}"
    director.get(here)
    assert director.send(f"{here}/stop").status_code == 303
    assert "2 mục đã dừng" in director.get(here).text

    wrong = director.send(f"{here}/retry", pin="000000")
    assert wrong.status_code == 403
    assert "Mã PIN không đúng" in wrong.text
    assert director.send(f"{here}/retry", pin=test_pki.PIN).status_code == 303
    work()
    assert states(desk.cast.director, batch_id) == [ItemState.SIGNED] * 2


def test_the_clerk_is_offered_the_seal_for_what_has_its_number(
    desk: Desk, client: TestClient[Application]
) -> None:
    begun(desk.cast.director, offered(desk.cast.director))
    work()
    clerk = Browser(client, desk.cast.clerk, clock.now())
    assert ticked(clerk.get("/").text) == []
    with db.transaction(desk.cast.clerk.acting) as session:
        signed = [each.id for each in documents.awaiting(session, desk.cast.clerk)]
    for document_id in signed:
        numbering.take_number(
            document_id, by=desk.cast.clerk, within=in_transaction(desk.cast.clerk)
        )
    boxes = ticked(clerk.get("/").text)
    assert len(boxes) == 2
    assert "Đóng dấu các mục đã chọn" in clerk.page
    page = asked(clerk, boxes)
    assert "Mã PIN của con dấu số" in page


def test_a_batch_of_somebody_else_is_not_found(
    desk: Desk, client: TestClient[Application], director: Browser
) -> None:
    batch_id = begun(desk.cast.director, offered(desk.cast.director))
    other = Browser(client, desk.cast.deputy_director, clock.now())
    for path in (f"/desk/signatures/{batch_id}", f"/desk/signatures/{batch_id}/progress"):
        assert other.get(path).status_code == 404
    assert other.get(f"/api/v1/desk/signatures/{batch_id}").status_code == 404


def test_a_program_signs_several_with_a_token_that_may(
    desk: Desk, client: TestClient[Application]
) -> None:
    def bearer(*scopes: Scope) -> dict[str, str]:
        with db.transaction(desk.cast.director.acting) as session:
            token = accounts.create_token(
                session,
                name="Phần mềm ký",
                scopes=scopes,
                life=timedelta(days=1),
                by=desk.cast.director,
                at=clock.now(),
            )
        return {"authorization": f"Bearer {token}"}

    reads = bearer(Scope.READ, Scope.WRITE)
    listed = client.get("/api/v1/desk/signables", headers=reads).json()
    assert [each["kind"] for each in listed] == ["document-signature"] * 2
    body = {
        "items": [{name: each[name] for name in ("kind", "id", "seen")} for each in listed],
        "pin": test_pki.PIN,
    }
    assert client.post("/api/v1/desk/signatures", json=body, headers=reads).status_code == 403

    signs = bearer(Scope.READ, Scope.SIGN) | {"idempotency-key": "signing-two"}
    begun_ = client.post("/api/v1/desk/signatures", json=body, headers=signs)
    assert begun_.status_code == 202, begun_.text
    again = client.post("/api/v1/desk/signatures", json=body, headers=signs)
    assert again.json()["id"] == begun_.json()["id"]
    here = f"/api/v1/desk/signatures/{begun_.json()['id']}"
    assert begun_.headers["location"] == here
    stopped = client.post(f"{here}/stop", headers=bearer(Scope.SIGN)).json()
    assert [each["state"] for each in stopped["items"]] == ["stopped"] * 2
    again = client.post(f"{here}/retry", json={"pin": test_pki.PIN}, headers=bearer(Scope.SIGN))
    assert again.status_code == 202
    work()
    assert [each["state"] for each in client.get(here, headers=reads).json()["items"]] == [
        "signed"
    ] * 2
