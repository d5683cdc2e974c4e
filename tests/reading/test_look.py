"""The reader in a real browser: fits at both widths, reads without a script, goes on with one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from eoffice import clock, db
from eoffice.documents import pages as documents_pages
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.authentication import Authentication
from eoffice.reading import pages
from eoffice.web import application
from tests import browser
from tests.cast import Cast, load_cast, sign_in
from tests.conftest import Office
from tests.reading.conftest import lay_out, long_document, pictures_only

FILES = "reading-look"


def app() -> application.Application:
    """For the server: the pages, over the database and the files of the test."""
    store = MemoryStore(clock.now)
    for file in Path(os.environ["EOFFICE_VAR"], FILES).iterdir():
        store.put(file.read_bytes(), "application/pdf")
    configured.use(store)
    return application.make(
        [pages.pages, documents_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def things(office: Office, at: datetime) -> tuple[Cast, tuple[UUID, UUID, UUID, UUID], str, str]:
    """What there is to read, and the tokens of the two clerks."""
    kept = office.var / FILES
    kept.mkdir()
    for name, content in (("long", long_document()), ("picture", pictures_only())):
        (kept / name).write_bytes(content)
    with db.system_transaction() as session:
        cast = load_cast(session, at)
    laid = lay_out(cast, MemoryStore(clock.now), at)
    with db.system_transaction() as session:
        own = sign_in(session, cast.clerk, at)
        theirs = sign_in(session, cast.high_school_clerk, at)
    return cast, laid, own, theirs


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


def opened(
    chromium: Browser,
    address: str,
    token: str,
    path: str,
    *,
    width: int = 1280,
    script: bool = True,
) -> Page:
    page = browser.tab(chromium, width=width, base_url=address, script=script)
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])
    answered = page.goto(path)
    assert answered is not None
    assert answered.status == 200, path
    return page


def test_the_reader_in_a_browser(
    chromium: Browser, things: tuple[Cast, tuple[UUID, UUID, UUID, UUID], str, str]
) -> None:
    """One server for all: it takes long to start."""
    _, (document, delivery, scan, _entry), own, theirs = things
    reader = f"/reading/documents/{document}"
    with browser.served("tests.reading.test_look:app") as address:
        for width in (1280, 360):
            for name, token, path in (
                ("reader", own, reader),
                ("found", own, f"{reader}?q=bao+cao"),
                ("delivery", theirs, f"/reading/deliveries/{delivery}"),
                ("scan", theirs, f"/reading/scans/{scan}?q=hạn+nộp"),
                ("accesses", own, f"{reader}/accesses"),
                ("related", theirs, f"/reading/deliveries/{delivery}/related"),
                ("document", own, f"/documents/{document}"),
            ):
                page = opened(chromium, address, token, path, width=width)
                page.wait_for_load_state("networkidle")
                browser.assert_fits(page)
                browser.assert_no_serious(page)
                browser.screenshot(page, f"reading-{name}-{width}")
                page.context.close()

        _reads_without_a_script(chromium, address, own, reader)
        _goes_on_with_a_script(chromium, address, own, reader)


def _reads_without_a_script(chromium: Browser, address: str, token: str, reader: str) -> None:
    page = opened(chromium, address, token, reader, script=False)
    assert page.locator("[data-leaf]").count() == 10
    page.get_by_label("Tìm trong văn bản", exact=True).fill("báo cáo")
    page.get_by_role("button", name="Tìm", exact=True).click()
    page.get_by_role("heading", name="Tìm thấy 2 chỗ").wait_for()
    page.locator(".hits a").first.click()
    assert page.url.endswith("#trang-14")
    page.get_by_label("Trang", exact=True).fill("25")
    page.get_by_role("button", name="Đến").click()
    assert page.locator("#trang-25").count() == 1
    page.context.close()


def _goes_on_with_a_script(chromium: Browser, address: str, token: str, reader: str) -> None:
    page = opened(chromium, address, token, reader)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('[data-page]').value === '2'")
    assert page.locator('[data-strip="2"]').get_attribute("aria-current") == "true"
    # The place of every page is known before its picture is there: nothing jumps.
    before = page.locator("#trang-5").evaluate("leaf => leaf.offsetTop")
    page.wait_for_load_state("networkidle")
    assert page.locator("#trang-5").evaluate("leaf => leaf.offsetTop") == before
    page.locator("[data-next]").scroll_into_view_if_needed()
    page.locator("#trang-11").wait_for(state="attached")
    page.locator("[data-next]").scroll_into_view_if_needed()
    page.locator("#trang-25").wait_for(state="attached")
    assert page.locator("[data-leaf]").count() == 25
    page.context.close()
