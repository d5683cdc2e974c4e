"""Pages of marks in a real browser: keys, paste and a broken line; nothing serious for anybody.

The browser's requests are answered by the application in this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from eoffice import clock
from eoffice.marks import http as marks_http
from eoffice.marks import pages as marks_pages
from eoffice.objects.memory import MemoryStore
from tests import browser
from tests.conftest import Office
from tests.marks.desk import work
from tests.marks.test_pages import bring
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_http import sheet
from tests.registers.test_look import at_desk, chromium

__all__ = ["chromium"]
PASTED = "Phòng\tSố hiệu\tHết kì\n7A1\tHS001\t8,5\n7A1\tHS002\t7\n7A1\tHS003\t9"


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_http.router, marks_pages.pages) as made:
        yield made


def cell(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_marks_are_typed_by_keyboard_pasted_and_saved_at_once(
    desk: Desk, chromium: Browser, at: datetime
) -> None:
    path = f"/registers{desks.with_class(desk, at)}/marks?subject=TOAN"
    page = at_desk(desk, chromium, "homeroom_teacher", width=1280)
    page.goto(path)
    first, below = cell(page, "Đặng Văn An, ĐĐGtx1"), cell(page, "Lê Thị Bình, ĐĐGtx1")
    first.focus()
    page.keyboard.type("8,5")
    page.keyboard.press("Enter")
    expect(below).to_be_focused()
    page.keyboard.type("12")
    expect(below).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-faults]")).to_contain_text("không phải điểm từ 0 đến 10")
    page.keyboard.press("ArrowRight")
    expect(cell(page, "Trần Mỹ Chi, ĐĐGtx2")).to_be_focused()
    cell(page, "Đặng Văn An, ĐĐGtx2").focus()
    paste(page, "7\t8\t9\t6,5\t7\n")
    expect(page.locator("[data-saved]")).to_contain_text("1 ô chưa được ghi")
    expect(page.locator("output").first).to_have_text("7,4")
    expect(cell(page, "Đặng Văn An, ĐĐGck")).to_have_value("7,0")
    browser.screenshot(page, "marks-grid-typing-1280")
    page.reload()
    expect(first).to_have_value("8,5")
    expect(below).to_have_value("")


def test_what_is_typed_while_the_line_is_broken_goes_when_it_is_back(
    desk: Desk, chromium: Browser, at: datetime
) -> None:
    path = f"/registers{desks.with_class(desk, at)}/marks?subject=TOAN"
    page = at_desk(desk, chromium, "homeroom_teacher", width=360)
    page.goto(path)
    first = cell(page, "Đặng Văn An, ĐĐGtx1")
    page.route("**/cells", lambda route: route.abort())
    first.fill("8,5")
    first.press("Tab")
    expect(page.locator("[data-saved]")).to_contain_text("1 ô chờ gửi")
    browser.screenshot(page, "marks-grid-broken-line-360")

    page.reload()  # What waits outlives the page.
    expect(first).to_have_value("8,5")
    page.unroute("**/cells")
    page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu lúc")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('marks')).length") == 0


def test_a_cell_that_somebody_else_changed_is_chosen_by_the_person(
    desk: Desk, chromium: Browser, at: datetime
) -> None:
    api = desks.with_class(desk, at)
    path = f"/registers{api}/marks?subject=TOAN"
    page = at_desk(desk, chromium, "homeroom_teacher", width=1280)
    page.goto(path)
    row = desk.get("homeroom_teacher", f"{api}/marks", subject="TOAN", semester="1").json()[0]
    desk.put("TOAN", f"{api}/marks", {
        "pupil_id": row["pupil_id"], "subject": "TOAN", "semester": "1", "part": "regular",
        "mark": "6",
    })  # fmt: skip

    first = cell(page, "Đặng Văn An, ĐĐGtx1")
    first.fill("9")
    first.press("Tab")
    expect(page.locator("[data-faults]")).to_contain_text("hiện đang ghi 6,0")
    browser.screenshot(page, "marks-grid-conflict-1280")
    page.get_by_role("button", name="Giữ 9,0").click()
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu lúc")
    page.reload()
    expect(first).to_have_value("9,0")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_marks_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    api = desks.with_class(desk, at)
    good = bring(desk, "school_clerk", file=sheet(api, Decimal("7.5")))
    faulty = bring(desk, "school_clerk", file=sheet(api, Decimal(11)))
    unclear = bring(desk, "school_clerk", pasted=PASTED)
    work(at)
    going = bring(desk, "school_clerk", file=sheet(api, Decimal(9)))
    locked = {"school_year": "2024-2025", "semester": "2", "reason": "Đã tổng kết học kì II"}
    desk.send("school_principal", "/registers/locks", locked, seen_on="/registers/locks")
    for login, address, name in (
        ("homeroom_teacher", f"/registers{api}/marks", "grid"),
        ("homeroom_teacher", f"/registers{api}/marks?semester=2", "grid-locked"),
        ("school_clerk", "/registers/school-imports", "imports"),
        ("school_clerk", "/registers/school-imports/new", "import-new"),
        ("school_clerk", good, "school-import-ready"),
        ("school_clerk", faulty, "school-import-faulty"),
        ("school_clerk", unclear, "school-import-unclear"),
        ("school_clerk", f"{unclear}/sheets/1", "columns"),
        ("school_clerk", going, "school-import-reading"),
        ("school_principal", "/registers/locks", "locks"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("domcontentloaded")
        browser.screenshot(page, f"marks-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
