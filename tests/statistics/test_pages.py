"""An agency sees how far the registers of its schools are, each number with its list; nobody sees
more than row-level security lets them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.objects.memory import MemoryStore
from eoffice.statistics import http, pages
from tests import browser
from tests.cast import Cast
from tests.conftest import Office
from tests.families.test_pages import tab_of
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.conftest import store
from tests.registers.desk import Desk

__all__ = ["store"]


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router, pages.pages) as made:
        with db.system_transaction() as session:
            _books(session, made.cast, at)
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def _books(session: Session, cast: Cast, at: datetime) -> None:
    """One class whose book is signed, one whose book is not made."""
    signed = stage.open_class(session, cast, at)
    book = stage.rendered_book(session, signed, cast, at)
    stage.sign_all(session, book, cast, at)
    stage.open_class(session, cast, at, name="7A2")


def test_the_department_sees_shares_of_schools_and_the_classes_behind_them(desk: Desk) -> None:
    by_level = desk.get("specialist", "/statistics/coverage").json()
    by_school = desk.get("specialist", "/statistics/coverage", by="school").json()

    (lower,) = [each for each in by_level["lines"] if each["key"] == "lower_secondary"]
    assert lower["keeping"] == 1
    assert lower["through"] == 0
    assert by_level["total"]["classes"] == {"none": 1, "signing": 0, "sealed": 1, "archived": 0}
    assert by_school["total"] == by_level["total"]
    (behind,) = desk.get("specialist", "/statistics/coverage/classes", keeping="none").json()
    assert behind["name"] == "7A2"


def test_each_number_of_the_page_leads_to_its_classes(desk: Desk) -> None:
    page = desk.page("director", "/registers/coverage").text
    assert "1/" in page
    path = "/registers/coverage/classes?year=2024-2025&amp;level=lower_secondary&amp;keeping=none"
    assert path in page

    classes = desk.page("director", path.replace("&amp;", "&")).text

    assert "Lớp 7A2" in classes
    assert "Lớp 7A1" not in classes


def test_the_report_goes_out_as_a_workbook(desk: Desk) -> None:
    answer = desk.page("specialist", "/registers/coverage?by=school&format=xlsx")

    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    texts = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert "Trường THCS Nguyễn Thị Minh Khai" in texts


def test_a_school_sees_itself_and_a_stranger_nothing(desk: Desk) -> None:
    own = desk.get("school_clerk", "/statistics/coverage", by="school").json()
    other = desk.get("high_school_principal", "/statistics/coverage", by="school").json()

    assert [each["name"] for each in own["lines"]] == ["Trường THCS Nguyễn Thị Minh Khai"]
    assert own["total"]["classes"]["sealed"] == 1
    assert sum(other["total"]["classes"].values()) == 0
    assert desk.get("homeroom_teacher", "/statistics/coverage").status_code == 403


def test_an_address_that_was_cut_short_still_shows_the_whole(desk: Desk) -> None:
    answer = desk.page("director", "/registers/coverage?year=nie&by=x&level=y&school=z&keeping=q")
    assert answer.status_code == 200


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_can_be_used_by_everybody(desk: Desk, chromium: Browser, width: int) -> None:
    for name, path in (
        ("coverage", "/registers/coverage"),
        ("coverage-superior", "/registers/coverage?by=superior"),
        ("classes", "/registers/coverage/classes"),
    ):
        tab = tab_of(desk, chromium, "director", width)
        assert (shown := tab.goto(path)) is not None
        assert shown.ok
        browser.screenshot(tab, f"statistics-{name}-{width}")
        browser.assert_no_serious(tab)
        browser.assert_fits(tab)
        tab.close()
