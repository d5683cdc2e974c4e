"""Signing several things in a real browser, at 1280 and 360 px: ticked on the desk, looked at,
authorised by keyboard alone, watched until it is through, tried again; and watched without script.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from eoffice import clock, db
from eoffice.desk import pages
from eoffice.documents import pages as documents_pages
from eoffice.documents.model import DocumentVersion
from eoffice.embedded.pki import Pki
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people.authentication import Authentication
from eoffice.signing.batches.rules import Chosen
from eoffice.web import application
from tests import browser
from tests import pki as test_pki
from tests.desk.signing_stage import OnDisk, begun, offered, work
from tests.routing.test_look import sign_in_once
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk, awaiting_signature

desk = test_ceremony.desk


def app() -> application.Application:
    """For the server: the desk and the documents that it leads to."""
    configured.use(OnDisk(Path(os.environ["TESTS_OBJECTS"])))
    return application.make(
        [pages.pages, documents_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with test_pki.trust_services(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


@pytest.fixture
def waiting(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Chosen]:
    """Four letters; the objects lie where the server finds them."""
    for _ in range(3):
        awaiting_signature(desk.cast)
    objects = tmp_path / "objects"
    objects.mkdir()
    monkeypatch.setenv("TESTS_OBJECTS", str(objects))
    with db.system_transaction() as session:
        for sha256 in session.scalars(select(DocumentVersion.content_sha256)):
            assert sha256 is not None
            (objects / sha256).write_bytes(desk.store.get(Sha256.parse(sha256)))
    configured.use(OnDisk(objects))
    return offered(desk.cast.director)


def tab(chromium: Browser, address: str, desk: Desk, width: int, *, script: bool = True) -> Page:
    with db.system_transaction() as session:
        token = sign_in_once(session, desk.cast.director, clock.now())
    page = browser.tab(chromium, width=width, base_url=address, script=script)
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])
    return page


def worker() -> None:
    """In a thread of its own: the browser keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def looked_at(page: Page, name: str, width: int) -> None:
    page.wait_for_load_state("networkidle")
    browser.screenshot(page, f"desk-{name}-{width}")
    browser.assert_fits(page)
    browser.assert_no_serious(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_ticked_looked_at_authorised_and_watched_by_keyboard(
    chromium: Browser, desk: Desk, waiting: list[Chosen], width: int
) -> None:
    with browser.served("tests.desk.test_signing_look:app") as address:
        page = tab(chromium, address, desk, width)
        page.goto("/")
        for box in page.get_by_role("checkbox").all()[:3]:
            box.focus()
            page.keyboard.press("Space")
        beside = page.get_by_role("checkbox").first.bounding_box()
        link = page.locator(".with-choice a").first.bounding_box()
        assert beside
        assert link
        assert beside["x"] + beside["width"] <= link["x"]
        assert abs(beside["y"] - link["y"]) < beside["height"]
        looked_at(page, "to-sign", width)
        page.get_by_role("button", name="Ký các mục đã chọn").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ký 3 mục trong một lượt")
        pictures = page.locator(".first-page img")
        expect(pictures).to_have_count(3)
        for picture in pictures.all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("image => image.naturalWidth") > 0
        looked_at(page, "signing", width)

        page.get_by_label("Mã PIN").fill("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Còn 4 lần thử").first).to_be_visible()
        looked_at(page, "signing-refused", width)
        page.get_by_label("Mã PIN").fill(test_pki.PIN)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/signatures/*-*")
        expect(page.get_by_role("main").get_by_role("status").first).to_have_text(
            "Đã ký 0 trên 3 mục."
        )
        looked_at(page, "signatures-waiting", width)

        worker()

        expect(page.get_by_role("main").get_by_role("status").first).to_contain_text(
            "Đã ký 3 trên 3 mục."
        )
        expect(page.get_by_role("progressbar")).to_have_count(0)
        looked_at(page, "signatures-signed", width)
        page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_what_failed_says_why_and_asks_for_the_pin(
    chromium: Browser, desk: Desk, waiting: list[Chosen], width: int
) -> None:
    unseen = Chosen(waiting[1].kind, waiting[1].id, "")
    batch_id = begun(desk.cast.director, [waiting[0], unseen, *waiting[2:]])
    worker()
    with browser.served("tests.desk.test_signing_look:app") as address:
        page = tab(chromium, address, desk, width)
        page.goto("/")
        looked_at(page, "signatures-on-desk", width)
        page.get_by_role("link", name="1 mục không ký được").click()
        page.wait_for_url(f"**/desk/signatures/{batch_id}")
        expect(page.get_by_text("đọc bản mới rồi ký riêng")).to_be_visible()
        expect(page.get_by_label("Mã PIN")).to_be_visible()
        looked_at(page, "signatures-failed", width)
        page.context.close()


def test_without_script_the_page_comes_again_by_itself(
    chromium: Browser, desk: Desk, waiting: list[Chosen]
) -> None:
    batch_id = begun(desk.cast.director, waiting)
    with browser.served("tests.desk.test_signing_look:app") as address:
        page = tab(chromium, address, desk, 360, script=False)
        page.goto(f"/desk/signatures/{batch_id}")
        expect(page.get_by_text("Đã ký 0 trên 4 mục.")).to_be_visible()
        worker()
        expect(page.get_by_text("Đã ký 4 trên 4 mục.")).to_be_visible()
        page.context.close()
