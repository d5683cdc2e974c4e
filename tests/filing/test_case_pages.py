"""Case files through the browser's door and the programs': planned, filled, exported, closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from litestar.testing import TestClient

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.filing import http, pages
from eoffice.filing.holds import http as hold_http
from eoffice.filing.paper import http as paper_http
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from tests.cast import load_cast
from tests.conftest import AT, Office
from tests.people.conftest import Desk
from tests.routing import stage

PLAN = "/case-files"


@pytest.fixture
def desk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock_file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(clock_file))
    clock.set_office_clock(clock_file, AT)
    with system_transaction() as session:
        cast = load_cast(session, AT)
    app = application.make(
        [http.router, hold_http.router, paper_http.router, pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as client:
        client.follow_redirects = False
        yield Desk(client, cast, clock_file)


@pytest.fixture
def dispatch(desk: Desk) -> UUID:
    with system_transaction() as session:
        return stage.issued_by_the_department(session, desk.cast, [desk.cast.high_school], at=AT)


def planned(desk: Desk, **more: str) -> str:
    """The address of a new case file."""
    fields = {
        "year": "2018",
        "notation": "01.CNTT",
        "title": "Hồ sơ VNEDU",
        "maintenance": "10 năm",
    }
    made = desk.post(PLAN, {**fields, **more})
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def test_a_document_is_put_into_a_case_file_and_the_list_is_printed(
    desk: Desk, dispatch: UUID
) -> None:
    desk.enter(desk.cast.specialist)
    address = planned(desk)
    chooser = f"{PLAN}/filing?kind=outgoing&record={dispatch}"
    shown = desk.client.get(chooser).text
    assert "Đưa vào hồ sơ 01.CNTT" in shown

    filed = desk.post(
        f"{PLAN}/filing",
        {"case_file": address.rpartition("/")[2], "kind": "outgoing", "record": str(dispatch)},
        on=chooser,
    )

    assert filed.headers["location"] == address
    assert "SGDĐT-CNTTTBTV" in desk.client.get(address).text
    assert "đang có trong" in desk.client.get(chooser).text
    assert desk.client.get(f"{address}?format=pdf").content.startswith(b"%PDF")
    assert desk.client.get(f"{address}?format=xlsx").content.startswith(b"PK")
    assert b"<FileNotation>01.CNTT" in desk.client.get(f"{address}?format=xml").content
    assert desk.client.get(f"{PLAN}?format=pdf&year=2018").content.startswith(b"%PDF")


def test_what_was_typed_comes_back_with_every_fault(desk: Desk) -> None:
    desk.enter(desk.cast.specialist)
    shown = desk.post(
        PLAN,
        {"year": "2018", "notation": "01/TCCB", "title": "Hồ sơ lương", "maintenance": "x" * 31},
    )
    assert shown.status_code == 422
    assert "Hồ sơ lương" in shown.text
    assert 'value="01/TCCB"' in shown.text
    assert shown.text.count("dài nhất 30 ký tự") >= 1


def test_rights_change_and_wait_for_the_clerk(desk: Desk) -> None:
    desk.enter(desk.cast.specialist)
    address = planned(desk)
    named = str(desk.cast.office_head.person_id)
    desk.post(f"{address}/rights", {"access": "named", "readers": named}, on=address)
    assert "Xác nhận thay đổi" not in desk.client.get(address).text

    desk.enter(desk.cast.secondary_office_head)
    assert desk.client.get(address).status_code == 404
    desk.enter(desk.cast.clerk)
    assert "Quyền chờ xác nhận" in desk.client.get(PLAN).text
    desk.post(f"{address}/rights/confirmation", {}, on=address)
    assert "Xác nhận thay đổi" not in desk.client.get(address).text


def test_an_empty_case_file_is_not_closed_and_the_page_says_why(desk: Desk) -> None:
    desk.enter(desk.cast.specialist)
    address = planned(desk)
    refused = desk.post(f"{address}/closing", {}, on=address)
    assert refused.status_code == 409
    assert "chưa có văn bản nào" in refused.text


def test_the_plan_of_last_year_is_taken_over_by_the_clerk(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    planned(desk, year="2017")
    repeated = desk.post(f"{PLAN}/repetition", {"year": "2018"}, on=PLAN)
    assert repeated.headers["location"] == f"{PLAN}?year=2018"
    assert re.search(r"01\.CNTT", desk.client.get(f"{PLAN}?year=2018").text)


@pytest.mark.parametrize("who", ["operator", "inspector"])
def test_who_does_not_work_with_documents_sees_no_plan(desk: Desk, who: str) -> None:
    desk.enter(getattr(desk.cast, who))
    assert desk.client.get(PLAN).status_code == 403


def test_programs_do_the_same(desk: Desk, dispatch: UUID) -> None:
    headers = desk.api(desk.cast.clerk)
    made = desk.client.post(
        "/api/v1/case-files",
        json={"year": 2018, "notation": "02.VP", "title": "Hồ sơ", "maintenance": "Vĩnh viễn"},
        headers={**headers, "idempotency-key": "case-file-1"},
    )
    assert made.status_code == 201, made.text
    address = made.headers["location"]
    filed = desk.client.post(
        f"{address}/items",
        json={"kind": "outgoing", "record_id": str(dispatch)},
        headers=headers,
    ).json()
    (item,) = filed["items"]
    assert (item["ordinal"], item["kind"]) == (1, "outgoing")
    again = desk.client.post(
        f"{address}/items",
        json={"kind": "outgoing", "record_id": str(dispatch)},
        headers=headers,
    )
    assert (again.status_code, again.headers["content-type"]) == (409, "application/problem+json")
    closed = desk.client.post(f"{address}/closing", headers=headers)
    assert closed.json()["case_file"]["state"] == "closed"
    (line,) = desk.client.get("/api/v1/case-files?stage=closed", headers=headers).json()
    assert (line["code"].endswith("2018.02.VP"), line["documents"]) == (True, 1)
