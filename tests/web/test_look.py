"""Sample pages in a real browser: complete by keyboard, readable for all, at 1280 and 360 px."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from tests import browser
from tests.web.conftest import HEAD

PAGES = {
    "desk": "/",
    "list-of-none": "/documents?count=0",
    "list-of-one": "/documents?count=1",
    "list-of-500": "/documents?count=500",
    "document": "/documents/7",
    "form": "/documents/new",
    "not-found": "/nowhere",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with browser.served("tests.web.sample:sample_app") as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


@pytest.fixture
def tab(chromium: Browser, address: str) -> Iterator[Page]:
    page = browser.tab(chromium, headers=HEAD, base_url=address)
    yield page
    page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_have_no_serious_fault_and_fit(chromium: Browser, address: str, width: int) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        faults: list[str] = []
        page = browser.tab(chromium, width=width, scheme=scheme, headers=HEAD, base_url=address)
        page.on("pageerror", _into(faults))
        for name, path in PAGES.items():
            if scheme == "dark" and name not in ("desk", "document", "form"):
                continue
            page.goto(path)
            browser.assert_fits(page)
            if name != "list-of-500":
                browser.assert_no_serious(page)
                browser.screenshot(page, f"web-{name}-{width}-{scheme}")
        assert faults == []
        page.context.close()


def test_at_twice_the_text_size_nothing_is_cut(tab: Page) -> None:
    tab.set_viewport_size({"width": 640, "height": 400})
    for path in PAGES.values():
        tab.goto(path)
        browser.assert_fits(tab)


def test_what_one_can_press_is_large_enough(tab: Page) -> None:
    tab.set_viewport_size({"width": 360, "height": 740})
    tab.goto("/documents/new")
    small = tab.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, summary")]
          .filter((e) => e.type != "hidden" && e.offsetParent)
          .filter((e) => !e.closest(".unseen") && !e.matches(".skip"))
          .map((e) => [e.outerHTML.slice(0, 80), e.matches(".tick input")
            ? e.parentElement.getBoundingClientRect()
            : e.getBoundingClientRect()])
          .filter(([, box]) => box.height < 24 || box.width < 20)
          .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    )
    assert small == []


def test_the_keys_go_where_the_help_says(tab: Page) -> None:
    tab.goto("/documents?count=3")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    expect(tab.get_by_role("link", name="959/SGDĐT-CNTTTBTV")).to_be_focused()
    tab.keyboard.press("k")
    expect(tab.get_by_role("link", name="960/SGDĐT-CNTTTBTV")).to_be_focused()
    tab.keyboard.press("/")
    expect(tab.get_by_role("searchbox")).to_be_focused()
    tab.keyboard.press("j")
    expect(tab.get_by_role("searchbox")).to_have_value("j")
    tab.keyboard.press("Escape")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    tab.keyboard.press("Escape")
    tab.keyboard.press("g")
    tab.keyboard.press("b")
    tab.wait_for_url("**/")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Bàn làm việc")


def test_one_letter_keys_can_be_turned_off(tab: Page) -> None:
    tab.goto("/documents?count=3")
    tab.keyboard.press("?")
    tab.get_by_label("Dùng phím tắt một chữ").uncheck()
    tab.keyboard.press("Escape")
    tab.keyboard.press("/")
    expect(tab.get_by_role("searchbox")).not_to_be_focused()


def test_the_first_stop_of_the_keyboard_leads_past_the_frame(tab: Page) -> None:
    tab.goto("/documents")
    tab.keyboard.press("Tab")
    skip = tab.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    tab.keyboard.press("Enter")
    expect(tab.locator("main")).to_be_focused()


def test_a_step_that_asks_first_does_nothing_when_declined(tab: Page) -> None:
    tab.goto("/documents/7")
    tab.get_by_role("button", name="Trả lại").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("Trả lại dự thảo cho người soạn?")
    browser.assert_no_serious(tab)
    dialog.get_by_role("button", name="Thôi").click()
    expect(tab.get_by_role("button", name="Trả lại")).to_be_focused()
    assert tab.url.endswith("/documents/7")


def test_a_draft_on_a_bad_line_is_kept_here_and_offered_again(tab: Page) -> None:
    tab.route("**/documents/7/draft", lambda route: route.abort())
    tab.goto("/documents/new")
    tab.get_by_label("Trích yếu").fill("Về sổ điểm điện tử")
    expect(tab.locator("[data-saved]")).to_contain_text("đã giữ trên máy này")

    tab.reload()
    tab.get_by_role("button", name="Lấy lại bản đó").click()

    expect(tab.get_by_label("Trích yếu")).to_have_value("Về sổ điểm điện tử")


def test_a_draft_is_saved_as_it_is_typed(tab: Page) -> None:
    sent: list[str] = []

    def keep(route: Route) -> None:
        sent.append(route.request.post_data or "")
        route.fulfill(status=204)

    tab.route("**/documents/7/draft", keep)
    tab.goto("/documents/new")
    tab.get_by_label("Trích yếu").fill("Về sổ điểm điện tử")

    expect(tab.locator("[data-saved]")).to_contain_text("Đã lưu lúc")
    assert "_token=" in sent[0]
    assert "_key=" not in sent[0]


def test_an_upload_that_is_refused_shows_the_form_again_without_losing_the_page(tab: Page) -> None:
    tab.goto("/documents/new")
    tab.get_by_label("Trích yếu").fill("aa")
    tab.get_by_label("Đơn vị soạn").select_option(label="Văn phòng")
    tab.get_by_label("Tệp kèm theo").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" * 1000}
    )
    tab.get_by_role("button", name="Tạo dự thảo").click()

    expect(tab.get_by_role("alert")).to_be_focused()
    expect(tab.get_by_label("Trích yếu")).to_have_value("aa")


def test_progress_is_told_while_it_goes_on(tab: Page) -> None:
    tab.goto("/")
    expect(tab.get_by_text("40 trên 55 đơn vị")).to_be_visible()


def test_a_lost_line_is_said(tab: Page) -> None:
    tab.goto("/documents")
    tab.context.set_offline(True)
    expect(tab.locator("[data-offline]")).to_contain_text("Mất kết nối")
    tab.context.set_offline(False)
    expect(tab.get_by_role("link", name="Tải lại trang")).to_be_visible()


def test_everything_is_there_without_script(chromium: Browser, address: str) -> None:
    page = browser.tab(chromium, headers=HEAD, base_url=address, script=False)
    page.goto("/documents/7")
    page.get_by_role("button", name="Ký văn bản").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chưa làm được lúc này")
    page.context.close()


def test_a_list_prints_without_the_frame(tab: Page) -> None:
    tab.goto("/documents?count=12")
    tab.emulate_media(media="print")
    expect(tab.locator(".rail")).to_be_hidden()
    expect(tab.get_by_role("table")).to_be_visible()


def _into(faults: list[str]) -> Callable[[Error], None]:
    return lambda error: faults.append(str(error))
