"""The editor of the body in a real browser: what it shows and what it keeps are the same lines.

Nothing that was typed is lost on a broken line, and nothing that somebody else saved is replaced
unseen. The browser's requests are answered by the application in this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from eoffice.documents.form import body
from tests import browser
from tests.documents.conftest import Desk
from tests.documents.test_body import EVERYTHING
from tests.documents.test_http import DOCUMENTS, begun
from tests.documents.test_look import at_desk

BODY = "#f-paragraphs"
LINES = "#f-paragraphs-lines"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def opened_draft(
    desk: Desk, chromium: Browser, paragraphs: list[Any] | None = None, *, width: int = 1280
) -> tuple[Page, str]:
    draft = begun(desk)
    if paragraphs is not None:
        saved = desk.put(
            "specialist",
            f"{DOCUMENTS}/{draft}/draft",
            {"text": {"subject": "thử", "paragraphs": paragraphs}, "expected_revision": 1},
        )
        assert saved.status_code == 200, saved.text
    page = at_desk(desk, chromium, "specialist", width=width)
    page.goto(f"/documents/{draft}/draft")
    page.wait_for_selector(BODY)
    return page, draft


def written(page: Page) -> str:
    return str(page.evaluate(f"() => document.querySelector('{LINES}').value"))


def kept(desk: Desk, draft: str) -> list[str]:
    found: list[str] = desk.get("specialist", f"{DOCUMENTS}/{draft}").json()["versions"][-1][
        "text"
    ]["paragraphs"]
    return found


def paste(page: Page, html: str = "", plain: str = "") -> None:
    page.evaluate(
        """([selector, html, plain]) => {
            const data = new DataTransfer();
            if (html) data.setData("text/html", html);
            data.setData("text/plain", plain);
            const event = { clipboardData: data, bubbles: true, cancelable: true };
            document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", event));
        }""",
        [BODY, html, plain],
    )


def test_the_editor_writes_the_lines_that_it_was_shown(desk: Desk, chromium: Browser) -> None:
    lines = [
        *body.lines(EVERYTHING),
        "**đậm _cả nghiêng_** rồi _nghiêng_ và so_gd@example.vn",
        "một dấu ** lẻ",
    ]
    page, _ = opened_draft(desk, chromium, lines)

    before = written(page)
    page.locator(f"{BODY} > p").last.click()
    page.keyboard.press("End")
    page.keyboard.type("x")
    page.keyboard.press("Backspace")

    assert written(page) == before
    assert body.tidy(before.split("\n")) == body.tidy(lines)
    page.context.close()


def test_a_whole_body_is_written_with_the_keyboard(desk: Desk, chromium: Browser) -> None:
    page, draft = opened_draft(desk, chromium, [])
    page.focus(BODY)
    keys = page.keyboard
    keys.type("Điều 1. Phạm vi")
    keys.press("Alt+F10")
    page.get_by_role("combobox", name="Loại dòng").select_option("3")
    keys.press("End")
    keys.press("Enter")
    keys.type("1. Các trường ")
    keys.press("Control+b")
    keys.type("báo cáo")
    keys.press("Control+b")
    keys.press("Enter")
    keys.type("Phòng")
    keys.press("Enter")
    keys.press("Enter")
    page.get_by_role("button", name="Chèn bảng").press("Enter")
    for words in ("STT", "Tên", "Số", "1", "THPT"):
        keys.type(words)
        keys.press("Tab")
    page.get_by_role("button", name="Căn giữa cột").click()

    assert written(page).split("\n\n") == [
        "### Điều 1. Phạm vi",
        "1. Các trường **báo cáo**",
        "2. Phòng",
        "| STT | Tên | Số |\n|---|---|:---:|\n| 1 | THPT |  |",
    ]
    page.wait_for_function(
        "() => document.querySelector('[data-saved]').textContent.startsWith('Đã lưu lúc')"
    )
    assert kept(desk, draft)[0] == "### Điều 1. Phạm vi"
    page.context.close()


def test_rows_and_columns_come_and_go_and_every_step_can_be_taken_back(
    desk: Desk, chromium: Browser
) -> None:
    page, _ = opened_draft(desk, chromium, ["| a | b |", "|---|---|", "| 1 | 2 |", "cuối"])
    first = written(page)
    page.locator(f"{BODY} td").first.click()

    def press(name: str) -> str:
        page.get_by_role("button", name=name).click()
        return written(page).split("\n\n")[0]

    assert press("Thêm hàng bên dưới").count("\n") == 3
    assert press("Bỏ hàng này").count("\n") == 2
    assert press("Thêm cột bên phải").startswith("| a |  | b |")
    assert press("Bỏ cột này").startswith("| a | b |")
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert written(page) == first
    page.keyboard.press("Control+y")
    assert written(page).split("\n\n")[0].count("\n") == 3
    page.context.close()


def test_a_page_of_word_becomes_blocks_and_loses_everything_else(
    desk: Desk, chromium: Browser
) -> None:
    page, _ = opened_draft(desk, chromium, ["Đầu."])
    page.locator(f"{BODY} > p").click()
    page.keyboard.press("End")
    paste(
        page,
        """<html><head><style>p { color: red }</style></head><body>
        <h2 style='color:red'>Chương I</h2>
        <p class=MsoNormal style='margin:0'>Chữ <b style='mso-bidi:normal'>đậm</b>
        <span style='font-style:italic'>nghiêng</span><o:p>&nbsp;</o:p></p>
        <p class=MsoListParagraph><![if !supportLists]><span style='mso-list:Ignore'>a)<span>&nbsp;
        &nbsp; </span></span><![endif]>điểm a</p>
        <ul><li>gạch</li></ul><ol start=3><li>ba</li></ol>
        <table><tr><td><p><b>STT</b></p></td><td>Số | lớp</td></tr>
        <tr><td align=center>1</td><td style='text-align:right'>24</td></tr></table>
        <script>window.evil = 1</script><img src=x onerror="window.evil = 1"></body></html>""",
    )

    assert written(page).split("\n\n") == [
        "Đầu.",
        "## Chương I",
        "Chữ **đậm** _nghiêng_",
        "a) điểm a",
        "- gạch",
        "3. ba",
        "| STT | Số \\| lớp |\n|:---:|---:|\n| 1 | 24 |",
    ]
    assert page.evaluate("() => window.evil") is None
    assert page.locator(f"{BODY} [style], {BODY} img, {BODY} span").count() == 0
    page.context.close()


def test_cells_of_excel_become_a_table(desk: Desk, chromium: Browser) -> None:
    page, _ = opened_draft(desk, chromium, [])
    page.focus(BODY)
    paste(page, plain="STT\tTên\n1\tTHPT Lấp Vò\n")
    assert written(page) == "| STT | Tên |\n|---|---|\n| 1 | THPT Lấp Vò |"
    page.context.close()


def test_a_broken_line_loses_nothing_and_is_made_up_for(desk: Desk, chromium: Browser) -> None:
    page, draft = opened_draft(desk, chromium, ["Đầu."])
    page.locator(f"{BODY} > p").click()
    page.keyboard.press("End")
    page.route("**/draft", lambda route: route.abort("internetdisconnected"))
    page.keyboard.type(" Gõ khi mất mạng.")
    page.wait_for_function(
        "() => document.querySelector('[data-saved]').textContent"
        ".startsWith('Chưa lưu, đang chờ mạng')"
    )
    assert kept(desk, draft) == ["Đầu."]
    copies = page.evaluate("() => Object.values(localStorage).join()")
    assert "_token" not in copies
    assert "paragraphs=" in copies

    page.unroute("**/draft")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.evaluate("() => window.dispatchEvent(new Event('online'))")
    page.wait_for_function(
        "() => document.querySelector('[data-saved]').textContent.startsWith('Đã lưu lúc')"
    )
    assert kept(desk, draft) == ["Đầu. Gõ khi mất mạng."]
    assert page.evaluate("() => localStorage.length") == 0
    page.context.close()


def test_what_could_not_be_sent_is_offered_when_the_page_is_opened_again(
    desk: Desk, chromium: Browser
) -> None:
    page, draft = opened_draft(desk, chromium, ["Đầu."])
    page.locator(f"{BODY} > p").click()
    page.keyboard.press("End")
    page.route("**/draft", lambda route: route.abort("internetdisconnected"))
    page.keyboard.type(" Rồi máy tắt.")
    page.wait_for_function("() => localStorage.length === 1")
    page.unroute("**/draft")

    page.reload()
    assert page.locator(BODY).inner_text().strip() == "Đầu."
    page.get_by_role("button", name="Lấy lại bản đó").click()
    page.wait_for_function(
        "() => document.querySelector('[data-saved]').textContent.startsWith('Đã lưu lúc')"
    )
    assert page.locator(BODY).inner_text().strip() == "Đầu. Rồi máy tắt."
    assert kept(desk, draft) == ["Đầu. Rồi máy tắt."]
    page.context.close()


def test_what_somebody_else_saved_is_replaced_by_decision_only(
    desk: Desk, chromium: Browser
) -> None:
    page, draft = opened_draft(desk, chromium, ["Đầu."])
    desk.put(
        "specialist",
        f"{DOCUMENTS}/{draft}/draft",
        {"text": {"subject": "thử", "paragraphs": ["Của người khác."]}, "expected_revision": 2},
    )
    page.locator(f"{BODY} > p").click()
    page.keyboard.press("End")
    page.keyboard.type(" Của tôi.")
    take = page.get_by_role("button", name="Thay bản đó bằng nội dung đang gõ")
    take.wait_for()
    assert kept(desk, draft) == ["Của người khác."]
    assert page.get_by_role("link", name="Xem bản đã lưu").get_attribute("href") == (
        f"/documents/{draft}/draft"
    )
    take.click()
    page.wait_for_function(
        "() => document.querySelector('[data-saved]').textContent.startsWith('Đã lưu lúc')"
    )
    assert kept(desk, draft) == ["Đầu. Của tôi."]
    page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_editor_can_be_used_by_everybody(desk: Desk, chromium: Browser, width: int) -> None:
    page, _ = opened_draft(desk, chromium, list(body.lines(EVERYTHING)), width=width)
    page.locator(f"{BODY} td").first.click()
    said = page.locator(BODY).evaluate(
        "it => document.getElementById(it.getAttribute('aria-labelledby')).textContent"
    )
    assert said == "Nội dung"
    browser.screenshot(page, f"documents-editor-{width}")
    browser.assert_no_serious(page)
    browser.assert_fits(page)
    page.context.close()


def test_without_script_the_lines_are_written_by_hand(desk: Desk, chromium: Browser) -> None:
    draft = begun(desk)
    shown = desk.page("specialist", f"/documents/{draft}/draft").text
    assert '<textarea id="f-paragraphs" name="paragraphs"' in shown
    assert "|:---:|---|---:|" in shown
