"""Programs find what the page finds, with the same rights, kind by kind and page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pytest
from httpx import Response
from litestar.testing import TestClient

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people.authentication import Authentication
from eoffice.search import http
from eoffice.settings import settings
from eoffice.web import application
from eoffice.web.principal import Principal
from tests.cast import load_cast
from tests.conftest import AT, Office
from tests.people.conftest import Desk
from tests.routing import stage


@pytest.fixture
def desk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock_file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(clock_file))
    clock.set_office_clock(clock_file, AT)
    with system_transaction() as session:
        cast = load_cast(session, AT)
    app = application.make(
        [http.router],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as client:
        yield Desk(client, cast, clock_file)


@pytest.fixture
def dispatch(desk: Desk) -> UUID:
    with system_transaction() as session:
        return stage.issued_by_the_department(session, desk.cast, [desk.cast.high_school], at=AT)


class Asking(Protocol):
    def __call__(self, who: Principal, kind: str, **params: Any) -> Response: ...


@pytest.fixture
def ask(desk: Desk) -> Asking:
    """Asks for results as somebody, who signs in once."""
    tokens: dict[Principal, str] = {}

    def asked(who: Principal, kind: str, **params: Any) -> Response:
        if who not in tokens:
            tokens[who] = desk.token_of(who)
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        return desk.client.get(f"/api/v1/search/{kind}", params=params, headers=headers)

    return asked


def test_a_result_says_what_a_line_of_the_page_says(
    desk: Desk, ask: Asking, dispatch: UUID
) -> None:
    found = ask(desk.cast.clerk, "outgoing", q='"chuong trinh vnedu"').json()
    (item,) = found["items"]
    assert item["id"] == str(dispatch)
    assert item["path"] == f"/documents/{dispatch}"
    assert item["code"] == "960/SGDĐT-CNTTTBTV"
    assert item["day"] == "2018-08-13"
    assert item["language"] == "Tiếng Việt"
    assert (found["count"], found["count_is_exact"], found["next_cursor"]) == (1, True, None)


@pytest.mark.parametrize(
    ("params", "is_found"),
    [
        ({"document_type": "dispatch", "urgency": "urgent", "stage": "issued"}, True),
        ({"from_day": "2018-08-13", "to_day": "2018-08-13", "signer": "thanh liem"}, True),
        ({"recipient": "truong thpt", "language": "viet", "pages_from": 1}, True),
        ({"document_type": "plan"}, False),
        ({"recipient": "nobody"}, False),
        ({"pages_to": 0}, False),
        ({"pages_from": 10**30}, False),
        ({"school_year": "2017-2018"}, False),
        ({"sender": "a\x00b", "stage": "\x00"}, False),
    ],
)
def test_every_field_narrows(
    desk: Desk, ask: Asking, dispatch: UUID, params: dict[str, Any], is_found: bool
) -> None:
    found = ask(desk.cast.clerk, "outgoing", **params).json()
    assert [each["id"] for each in found["items"]] == [str(dispatch)] * is_found


def test_nobody_finds_more_than_on_the_page(desk: Desk, ask: Asking, dispatch: UUID) -> None:
    assert ask(desk.cast.district_clerk, "outgoing", q="vnedu").json()["items"] == []
    assert ask(desk.cast.high_school_clerk, "outgoing", q="vnedu").json()["items"] == []
    with system_transaction() as session:
        delivery = stage.delivered(session, dispatch, desk.cast.high_school, at=AT)
    (item,) = ask(desk.cast.high_school_clerk, "incoming", q="960").json()["items"]
    assert item["id"] == str(delivery)
    assert ask(desk.cast.high_school_clerk, "case_file", q="960").json()["items"] == []
    assert ask(desk.cast.high_school_clerk, "archive", q="960").json()["items"] == []
    assert desk.client.get("/api/v1/search/outgoing?q=vnedu").status_code == 401


def test_pages_follow_one_another_to_the_end(desk: Desk, ask: Asking) -> None:
    with system_transaction() as session:
        for number in range(1, 6):
            stage.issued_by_the_department(
                session, desk.cast, [desk.cast.high_school], at=AT, number=number
            )
    params: dict[str, Any] = {"q": "vnedu", "limit": 2, "order": "number"}
    codes: list[str] = []
    counts = []
    while True:
        found = ask(desk.cast.clerk, "outgoing", **params).json()
        codes += [each["code"] for each in found["items"]]
        counts.append(found["count"])
        if found["next_cursor"] is None:
            break
        params["cursor"] = found["next_cursor"]
    assert codes == [f"{number:02}/SGDĐT-CNTTTBTV" for number in range(1, 6)]
    assert counts[0] == 5


@pytest.mark.parametrize(
    "query", ["order=sideways", "from_day=never", "urgency=x", "cursor=forged", "limit=a"]
)
def test_what_cannot_be_understood_is_a_problem(desk: Desk, ask: Asking, query: str) -> None:
    name, _, value = query.partition("=")
    answer = ask(desk.cast.clerk, "outgoing", **{name: value})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_kind_that_there_is_not_is_a_problem(desk: Desk, ask: Asking) -> None:
    answer = ask(desk.cast.clerk, "everything")
    assert answer.status_code in (400, 404, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_cursor_of_one_order_is_refused_by_another(
    desk: Desk, ask: Asking, dispatch: UUID
) -> None:
    with system_transaction() as session:
        stage.issued_by_the_department(session, desk.cast, [desk.cast.high_school], at=AT, number=7)
    first = ask(desk.cast.clerk, "outgoing", q="vnedu", limit=1).json()
    cursor = first["next_cursor"]
    again = ask(desk.cast.clerk, "outgoing", q="vnedu", cursor=cursor)
    other = ask(desk.cast.clerk, "outgoing", q="vnedu", cursor=cursor, order="deadline")
    assert (again.status_code, other.status_code) == (200, 422)
