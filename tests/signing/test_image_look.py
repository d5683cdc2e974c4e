"""The pictures in a real browser at 1280 and 360 px: what is wrong, what waits, what is in use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from eoffice import clock, db
from eoffice.objects import configured
from eoffice.people.authentication import Authentication
from eoffice.signing.images import pages
from eoffice.web import application
from tests import browser
from tests.cast import load_cast
from tests.conftest import Office
from tests.desk.signing_stage import OnDisk
from tests.routing.test_look import sign_in_once
from tests.signing import pictures

HERE = "/signature-images"


def app() -> application.Application:
    configured.use(OnDisk(Path(os.environ["TESTS_OBJECTS"])))
    return application.make(
        [pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


def test_a_seal_is_refused_sent_and_approved(
    chromium: Browser, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTS_OBJECTS", str(tmp_path))
    with db.system_transaction() as session:
        cast = load_cast(session, clock.now())
        tokens = {
            who: sign_in_once(session, who, clock.now()) for who in (cast.clerk, cast.operator)
        }
    wrong = pictures.seal(ink=pictures.BLACK, ground=pictures.WHITE, size=200)
    with browser.served("tests.signing.test_image_look:app") as address:
        narrow, wide = (
            browser.tab(chromium, width=width, base_url=address) for width in (360, 1280)
        )
        for page, who in ((narrow, cast.clerk), (wide, cast.operator)):
            page.context.add_cookies([{"name": "session", "value": tokens[who], "url": address}])
        for content, said in (
            (pictures.as_png(wrong), "Ảnh chưa dùng được"),
            (pictures.as_png(pictures.seal(size=850)), "đang chờ người khác"),
        ):
            narrow.goto(f"{HERE}/seal")
            given = FilePayload(name="dau.png", mimeType="image/png", buffer=content)
            narrow.get_by_label("Tệp ảnh").set_input_files(given)
            narrow.get_by_role("button", name="Tải lên và gửi duyệt").click()
            expect(narrow.get_by_text(said).first).to_be_visible()
            browser.screenshot(narrow, f"signature-image-{said.split()[0]}-360")
            browser.assert_fits(narrow)
            browser.assert_no_serious(narrow)
        wide.goto(f"{HERE}/seal")
        wide.get_by_role("link", name="Con dấu", exact=True).click()
        expect(wide.get_by_role("img")).to_be_visible()
        browser.screenshot(wide, "signature-image-decide-1280")
        browser.assert_fits(wide)
        browser.assert_no_serious(wide)
        wide.once("dialog", lambda dialog: dialog.accept())
        wide.get_by_role("button", name="Duyệt ảnh này").click()
        if (sure := wide.get_by_role("dialog").get_by_role("button").first).is_visible():
            sure.click()
        expect(wide.get_by_text("Đã duyệt")).to_be_visible()
        wide.goto(f"{HERE}/seal")
        browser.screenshot(wide, "signature-image-list-1280")
        browser.assert_no_serious(wide)
