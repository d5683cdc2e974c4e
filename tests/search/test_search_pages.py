"""The page of results: words and chips in its address, columns, files to keep, saved searches."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from litestar.testing import TestClient

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people.authentication import Authentication
from eoffice.search import asking, pages, period_pages
from eoffice.settings import settings
from eoffice.web import application
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
        [pages.pages, period_pages.pages],
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


def test_the_empty_page_says_what_can_be_typed(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    shown = desk.client.get("/search")
    assert shown.status_code == 200
    assert "Gõ từ cần tìm" in shown.text


def test_a_document_is_found_by_whom_its_agency_lets_see_it(desk: Desk, dispatch: UUID) -> None:
    desk.enter(desk.cast.clerk)
    shown = desk.client.get("/search?q=960/sgddt").text
    assert f"/documents/{dispatch}" in shown
    assert "Văn bản đi (1)" in shown
    desk.enter(desk.cast.district_clerk)
    other = desk.client.get("/search?q=960/sgddt").text
    assert str(dispatch) not in other
    assert "Không tìm thấy gì." in other


def test_each_condition_is_a_chip_that_can_be_taken_away(desk: Desk, dispatch: UUID) -> None:
    desk.enter(desk.cast.clerk)
    shown = desk.client.get("/search?q=vnedu&urgency=urgent&from_day=2018-08-13&state=issued").text
    assert str(dispatch) in shown
    assert "Từ ngày: 13/08/2018" in shown
    without = re.findall(r'<a href="([^"]+)"><span class="unseen">Bỏ điều kiện', shown)
    assert len(without) == 3
    for href in without:
        again = desk.client.get(href.replace("&amp;", "&")).text
        assert str(dispatch) in again
        assert again.count("Bỏ điều kiện") == 2


def test_typed_fields_become_chips_and_leave_the_words(desk: Desk, dispatch: UUID) -> None:
    desk.enter(desk.cast.clerk)
    shown = desk.client.get('/search?q=vnedu ký:"Thanh Liêm" từ:01/08/2018').text
    assert str(dispatch) in shown
    assert "Người ký: Thanh Liêm" in shown
    assert 'value="vnedu"' in shown


def test_the_result_is_kept_as_a_file_in_the_chosen_columns(desk: Desk, dispatch: UUID) -> None:
    desk.enter(desk.cast.clerk)
    address = "/search?q=vnedu&kind=outgoing&columns=signer"
    assert "Người ký" in desk.client.get(address).text
    assert desk.client.get(f"{address}&format=pdf").content.startswith(b"%PDF")
    written = desk.client.get(f"{address}&format=docx")
    assert written.headers["content-disposition"].endswith(".docx")
    assert written.content[:2].decode() == "PK"
    kept = desk.client.get(f"{address}&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(kept.content)).active
    assert sheet is not None
    said = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "960/SGDĐT-CNTTTBTV" in said
    assert desk.cast.director.full_name in said
    assert "Tình trạng" not in said
    foot = str(sheet.oddFooter.left.text)  # type: ignore[union-attr]
    assert foot.startswith(f"In bởi {desk.cast.clerk.full_name} lúc ")


def test_more_than_a_page_goes_on_behind_a_cursor(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_ON_A_PAGE", 2)
    monkeypatch.setattr(pages, "COUNTED", 3)
    with system_transaction() as session:
        made = {
            str(
                stage.issued_by_the_department(
                    session, desk.cast, [desk.cast.high_school], at=AT, number=number
                )
            )
            for number in range(1, 6)
        }
    desk.enter(desk.cast.clerk)
    seen: set[str] = set()
    address: str | None = "/search?q=vnedu&kind=outgoing"
    assert "hơn 3" in desk.client.get("/search?q=vnedu").text
    while address:
        shown = desk.client.get(address).text
        here = set(re.findall(r"/documents/([0-9a-f-]{36})", shown))
        assert len(here) <= 2
        assert not here & seen
        seen |= here
        following = re.search(r'rel="next" href="([^"]+)"', shown)
        address = following and following[1].replace("&amp;", "&")
    assert seen == made


def test_a_search_is_saved_found_again_and_given_up(desk: Desk) -> None:
    clerk = desk.token_of(desk.cast.clerk)
    desk.client.cookies.set("session", clerk)
    saved = desk.post(
        "/search/saved",
        {"name": "Văn bản Vnedu", "query": "q=vnedu&urgency=urgent&evil=x"},
        on="/search?q=vnedu&urgency=urgent",
    )
    assert saved.status_code == 303
    assert saved.headers["location"] == "/search?q=vnedu&urgency=urgent"
    shown = desk.client.get("/search").text
    assert "Văn bản Vnedu" in shown
    assert 'href="/search?q=vnedu&amp;urgency=urgent"' in shown
    removal = re.search(r'action="(/search/saved/[^"]+/removal)"', shown)
    assert removal
    desk.enter(desk.cast.director)
    assert "Văn bản Vnedu" not in desk.client.get("/search").text
    assert desk.post(removal[1], {}, on="/search?q=x").status_code == 404
    desk.client.cookies.set("session", clerk)
    assert desk.post(removal[1], {}, on="/search").status_code == 303
    assert "Văn bản Vnedu" not in desk.client.get("/search").text


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=%00",
        "/search?kind=x&type=y&state=z&urgency=u&unit_id=1&from_day=never&columns=none",
        "/search?q=%22&format=exe",
        "/search?format=pdf",
    ],
)
def test_what_is_unknown_in_the_address_is_passed_over(desk: Desk, address: str) -> None:
    desk.enter(desk.cast.clerk)
    assert desk.client.get(address).status_code == 200


def test_a_forged_cursor_is_refused(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    assert desk.client.get("/search?q=x&cursor=forged").status_code == 422


def test_a_cursor_goes_on_in_its_own_order_alone(
    desk: Desk, dispatch: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_ON_A_PAGE", 1)
    with system_transaction() as session:
        stage.issued_by_the_department(session, desk.cast, [desk.cast.high_school], at=AT, number=7)
    desk.enter(desk.cast.clerk)
    shown = desk.client.get("/search?q=vnedu&kind=outgoing&order=number").text
    following = re.search(r'rel="next" href="([^"]+)"', shown)
    assert following
    address = following[1].replace("&amp;", "&")
    assert str(dispatch) in desk.client.get(address).text
    for other in ("newest", "oldest", "deadline"):
        assert desk.client.get(address.replace("=number", f"={other}")).status_code == 422


def test_results_stand_in_the_order_that_was_chosen(desk: Desk, dispatch: UUID) -> None:
    with system_transaction() as session:
        lower = stage.issued_by_the_department(
            session, desk.cast, [desk.cast.high_school], at=AT, number=7
        )
    desk.enter(desk.cast.clerk)
    shown = desk.client.get("/search?q=vnedu&order=number").text
    assert shown.index(str(lower)) < shown.index(str(dispatch))
    assert 'aria-current="true">Theo số' in shown
    kept = desk.client.get("/search?q=vnedu&order=number&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(kept.content)).active
    assert sheet is not None
    said = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert said.index("07/SGDĐT-CNTTTBTV") < said.index("960/SGDĐT-CNTTTBTV")


def test_columns_are_kept_for_their_person(desk: Desk, dispatch: UUID) -> None:
    address = "/search?q=vnedu&columns=signer&columns=pages"
    clerk = desk.token_of(desk.cast.clerk)
    desk.client.cookies.set("session", clerk)
    assert ">Số trang</th>" not in desk.client.get("/search?q=vnedu").text
    kept = desk.post(
        "/search/columns",
        {"columns": ["signer", "pages", "evil"], "query": "q=vnedu&columns=signer&columns=pages"},
        on=address,
    )
    assert kept.status_code == 303
    assert kept.headers["location"] == "/search?q=vnedu"
    shown = desk.client.get("/search?q=vnedu").text
    assert ">Số trang</th>" in shown
    assert ">Tình trạng</th>" not in shown
    assert "Nhớ các cột này" not in desk.client.get(address).text
    desk.enter(desk.cast.director)
    assert ">Số trang</th>" not in desk.client.get("/search?q=vnedu").text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=vnedu",
        "q=%22chuy%E1%BB%83n+%C4%91%E1%BB%95i%22+-x&kind=incoming&from_day=2018-08-01",
        "q=x&columns=code&columns=subject&columns=signer",
        "q=x&order=deadline",
        "recipient=Sa+%C4%90%C3%A9c&language=Anh&due_to=2018-08-31&pages_from=0&pages_to=12",
        "kind=archive&archive_kind=gradebook&school_year=2017-2018",
    ],
)
def test_an_address_that_was_written_is_read_as_the_same_search(query: str) -> None:
    assert asking.query(asking.read_query(query)) == query
