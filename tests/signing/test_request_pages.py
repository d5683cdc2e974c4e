"""What a signer sees while a signature is awaited, in a browser and by a program.

Nothing is called signed that is not on record; who waits is told for whom, since when, and what
comes next; nobody sees the requests of somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from litestar.testing import TestClient

from eoffice import clock, db
from eoffice.desk import pages as desk_pages
from eoffice.documents import http as documents_http
from eoffice.documents import pages as documents_pages
from eoffice.embedded.pki import Pki
from eoffice.people import accounts
from eoffice.people.authentication import Authentication
from eoffice.people.kinds import Scope
from eoffice.settings import settings
from eoffice.signing import http as signing_http
from eoffice.signing import pages as signing_pages
from eoffice.signing.requests import http, pages
from eoffice.web import application
from eoffice.web.application import Application
from tests import pki as test_pki
from tests.routing.test_pages import Browser
from tests.signing import test_ceremony, test_faults
from tests.signing.test_ceremony import Desk

pki = test_ceremony.pki
desk = test_ceremony.desk
LIST = "/signature-requests"


@pytest.fixture
def client(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Application]]:
    """An office in which no time-stamp authority answers."""
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", test_faults.NOWHERE)
    settings.cache_clear()
    app = application.make(
        [
            http.router,
            pages.pages,
            signing_http.router,
            signing_pages.pages,
            documents_http.router,
            documents_pages.pages,
            desk_pages.pages,
        ],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield client


def signed(desk: Desk, client: TestClient[Application]) -> tuple[Browser, str]:
    """The director signs on the page; where that leads."""
    director = Browser(client, desk.cast.director, clock.now())
    here = f"/documents/{desk.document_id}/signature"
    director.get(here)
    answer = director.send(here, pin=test_pki.PIN)
    assert answer.status_code == 303
    path: str = answer.headers["location"]
    return director, path


def test_without_a_time_stamp_the_page_says_what_is_awaited_and_what_comes_next(
    desk: Desk,
    client: TestClient[Application],
    pki: Pki,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    director, path = signed(desk, client)
    assert path.startswith(LIST + "/")
    page = director.get(path).text
    assert "Đã ký, chờ dấu thời gian" in page
    assert "Máy chủ dấu thời gian" in page
    assert "không phải nhập lại mã PIN" in page
    assert "Thực hiện chương trình Vnedu" in page
    assert "Bỏ yêu cầu" not in page
    assert director.get(f"{path}/progress").json()["finished"] is False
    assert path in director.get(LIST).text
    assert path in director.get("/").text

    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    settings.cache_clear()
    test_faults.later(timedelta(minutes=10))

    assert director.get(f"{path}/progress").json()["finished"] is True
    assert "có dấu thời gian" in director.get(path).text
    assert path not in director.get(LIST).text
    assert path not in director.get("/").text


def test_a_program_is_told_202_and_where_to_ask(
    desk: Desk, client: TestClient[Application]
) -> None:
    with db.transaction(desk.cast.director.acting) as session:
        token = accounts.create_token(
            session,
            name="Phần mềm ký",
            scopes=(Scope.READ, Scope.SIGN),
            life=timedelta(days=1),
            by=desk.cast.director,
            at=clock.now(),
        )
    headers = {"authorization": f"Bearer {token}"}
    path = f"/api/v1/documents/{desk.document_id}/signature"
    answer = client.post(path, json={"pin": test_pki.PIN}, headers=headers)
    assert answer.status_code == 202
    assert "tự hoàn tất" in answer.json()["detail"]
    found = client.get(answer.headers["location"], headers=headers).json()
    assert found["id"] == answer.json()["id"]
    assert found["state"] == "valued"
    assert found["awaited"]["who"] == "Máy chủ dấu thời gian"
    assert found["awaited"]["trouble"]
    mine = client.get("/api/v1/signature-requests", headers=headers).json()
    assert [each["id"] for each in mine] == [found["id"]]
    refused = client.post(
        f"/api/v1/signature-requests/{found['id']}/refusal",
        json={"reason": "Thôi."},
        headers=headers,
    )
    assert refused.status_code == 409


def test_nobody_else_sees_a_request(desk: Desk, client: TestClient[Application]) -> None:
    _, path = signed(desk, client)
    other = Browser(client, desk.cast.deputy_director, clock.now())
    assert other.get(path).status_code == 404
    assert other.get(f"/api/v1{path}").status_code == 404
    assert path not in other.get(LIST).text
