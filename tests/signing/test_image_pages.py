"""The pictures in a browser and by programs: what is wrong is listed at once, nobody sees another's
picture, and approval is another person's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from litestar.testing import TestClient

from eoffice import clock, db
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people import accounts
from eoffice.people.authentication import Authentication
from eoffice.people.kinds import Scope
from eoffice.signing.images import http, pages, queries
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast, sign_in
from tests.conftest import Office
from tests.signing import pictures

HERE = "/signature-images"


@pytest.fixture
def cast(office: Office) -> Iterator[Cast]:
    configured.use(MemoryStore(clock.now))
    with db.system_transaction() as session:
        cast = load_cast(session, clock.now())
    yield cast
    configured.use(None)


@pytest.fixture
def client(cast: Cast) -> Iterator[TestClient[Application]]:
    app = application.make(
        [http.router, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield client


class Somebody:
    """One person at a browser."""

    def __init__(self, client: TestClient[Application], who: Principal, at: datetime) -> None:
        self._client = client
        with db.system_transaction() as session:
            self._headers = {"cookie": f"session={sign_in(session, who, at)}"}

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path, headers=self._headers)

    def send(
        self, page: str, action: str, png: bytes | None = None, **fields: str
    ) -> httpx.Response:
        form = re.search(
            rf'action="{re.escape(action)}".*?name="_token" value="([^"]+)".*?name="_key" '
            r'value="([^"]+)"',
            self.get(page).text,
            re.DOTALL,
        )
        assert form, f"no form for {action}"
        return self._client.post(
            action,
            data={"_token": form[1], "_key": form[2], **fields},
            files=None if png is None else {"file": ("chu-ky.png", png, "image/png")},
            headers=self._headers,
        )


def somebody(client: TestClient[Application], who: Principal) -> Somebody:
    return Somebody(client, who, clock.now())


def test_a_signature_is_sent_looked_at_and_approved_by_the_clerk(
    client: TestClient[Application], cast: Cast
) -> None:
    director, clerk = somebody(client, cast.director), somebody(client, cast.clerk)
    sent = director.send(HERE, HERE, pictures.as_png(pictures.signature()))
    assert sent.status_code == 303
    path = sent.headers["location"]
    assert "Chờ duyệt" in director.get(path).text
    assert "approval" not in director.get(path).text
    shown = director.get(f"{path}/picture")
    assert shown.content.startswith(b"\x89PNG")
    assert shown.headers["cache-control"] == "private, no-store"
    for other in (somebody(client, cast.specialist), somebody(client, cast.district_clerk)):
        assert other.get(f"{path}/picture").status_code == 404
        assert other.get(path).status_code == 404

    assert path in clerk.get(HERE).text
    empty = clerk.send(path, f"{path}/refusal", reason=" ")
    assert empty.status_code == 422
    assert "Ghi một câu" in empty.text
    assert clerk.send(path, f"{path}/approval").status_code == 303
    assert "Đang dùng" in director.get(HERE).text
    assert path not in clerk.get(HERE).text
    with db.transaction(cast.director.acting) as session:
        assert queries.in_use(
            session, agency_id=cast.director.agency_id, person_id=cast.director.person_id
        )
    assert director.send(path, f"{path}/retirement").status_code == 303
    assert "Thôi dùng" in director.get(path).text


def test_all_faults_of_a_picture_are_listed_on_the_page_it_was_sent_from(
    client: TestClient[Application], cast: Cast
) -> None:
    director = somebody(client, cast.director)
    black = pictures.signature(ink=pictures.BLACK, ground=pictures.WHITE, width=200, height=80)
    page = director.send(HERE, HERE, pictures.as_png(black))
    assert page.status_code == 422
    assert page.text.count("<li>Nền chưa trong suốt") == 1
    assert page.text.count("<li>Chữ ký phải màu xanh") == 1
    assert page.text.count("<li>Chữ ký chỉ rộng") == 1
    assert "Chưa chọn tệp" in director.send(HERE, HERE, b"").text
    assert director.send(HERE, HERE, bytes(1_000_001)).status_code == 413


def test_the_pages_of_the_seal_are_for_those_who_keep_it(
    client: TestClient[Application], cast: Cast
) -> None:
    clerk, operator = somebody(client, cast.clerk), somebody(client, cast.operator)
    there = f"{HERE}/seal"
    assert f'action="{there}"' not in somebody(client, cast.specialist).get(there).text
    path = clerk.send(there, there, pictures.as_png(pictures.seal())).headers["location"]
    assert "/approval" not in clerk.get(path).text
    assert operator.send(path, f"{path}/approval").status_code == 303
    assert path in operator.get(there).text


def test_a_program_with_the_right_to_sign_does_the_same(
    client: TestClient[Application], cast: Cast
) -> None:
    path = "/api/v1/signature-images"
    png = {"file": ("dau.png", pictures.as_png(pictures.seal()), "image/png")}
    writes = _token(cast.clerk, Scope.READ, Scope.WRITE)
    assert client.post(path, files=png, headers=writes, data={"kind": "seal"}).status_code == 403
    clerk = _token(cast.clerk, Scope.READ, Scope.SIGN)
    made = client.post(path, files=png, data={"kind": "seal"}, headers=clerk)
    assert made.status_code == 201
    image = f"{path}/{made.json()['id']}"
    director = _token(cast.director, Scope.READ, Scope.SIGN)
    (waits,) = client.get(path, headers=director).json()["waiting"]
    assert (waits["kind"], waits["offered_by"]) == ("seal", cast.clerk.full_name)
    assert client.post(f"{image}/approval", headers=clerk).status_code == 403
    assert client.post(f"{image}/approval", headers=director).status_code == 204
    assert client.get(f"{image}/picture", headers=clerk).content.startswith(b"\x89PNG")
    refused = client.post(f"{image}/refusal", json={"reason": "Mờ."}, headers=director)
    assert refused.status_code == 409
    assert client.post(f"{image}/retirement", headers=clerk).status_code == 204
    black = {"file": ("a.png", pictures.as_png(pictures.signature(ink=pictures.BLACK)))}
    problem = client.post(path, files=black, headers=director)
    assert problem.status_code == 422
    assert "màu xanh" in problem.json()["detail"]


def _token(who: Principal, *scopes: Scope) -> dict[str, str]:
    with db.transaction(who.acting) as session:
        token = accounts.create_token(
            session, name="Phần mềm", scopes=scopes, life=timedelta(days=1), by=who, at=clock.now()
        )
    return {"authorization": f"Bearer {token}"}
