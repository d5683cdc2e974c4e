"""A transfer between two schools of one office in a real browser, on a wide and a narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page

from eoffice.registers import pages as register_pages
from eoffice.transfers import pages
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests import pki as test_pki
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk
from tests.transfers.conftest import Schools


@pytest.fixture
def desk(schools: Schools) -> Iterator[Desk]:
    cast = schools.cast
    desks._everybody.clear()
    desks._everybody.update(
        {
            name: replace(who, session_id=desks.SESSION)
            for name in cast.__dataclass_fields__
            if isinstance(who := getattr(cast, name), Principal)
        }
    )
    app = application.make(
        [register_pages.pages, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[desks.SignInByHeader],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Desk(client, cast)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def tab(desk: Desk, chromium: Browser, login: str, *, width: int) -> Page:
    """A tab that may send forms: the answering test hides where its requests come from."""
    page = at_desk(desk, chromium, login, width=width)
    page.set_extra_http_headers({"sec-fetch-site": "same-origin"})
    return page


def test_a_package_is_made_sealed_handed_over_checked_and_taken_in(
    desk: Desk, schools: Schools, chromium: Browser
) -> None:
    sender = tab(desk, chromium, "school_clerk", width=1280)
    sender.goto(f"/registers/pupils/{schools.pupil_id}")
    sender.get_by_role("link", name="Lập hồ sơ chuyển trường").click()
    sender.get_by_role("button", name="Lập hồ sơ").click()
    sender.get_by_label("Mã PIN của con dấu số").fill(test_pki.PIN)
    sender.get_by_role("button", name="Đóng dấu").click()
    sender.get_by_role("button", name="Giao cho").click()
    sender.get_by_text("Đã giao hồ sơ").wait_for()
    handed = sender.url

    receiver = tab(desk, chromium, "high_school_clerk", width=360)
    receiver.goto("/registers/transfers")
    receiver.get_by_role("link", name="Trần Mỹ Chi").click()
    receiver.get_by_role("button", name="Kiểm tra hồ sơ").click()
    receiver.get_by_text("Đã kiểm tra hồ sơ.").wait_for()
    checked = receiver.url
    for width in (1280, 360):
        for login, address, name in (
            ("school_clerk", handed, "sent"),
            ("school_clerk", "/registers/transfers", "list"),
            ("high_school_clerk", checked, "intake"),
        ):
            page = at_desk(desk, chromium, login, width=width)
            page.goto(address)
            page.wait_for_load_state("networkidle")
            browser.screenshot(page, f"transfer-{name}-{width}", whole=True)
            browser.assert_no_serious(page)
            browser.assert_fits(page)
            page.context.close()
    receiver.get_by_label("Vào lớp").select_option(str(schools.next_class_id))
    receiver.get_by_label("Ngày tiếp nhận").fill("2025-06-02")
    receiver.get_by_label("Lý do", exact=True).fill("Chuyển theo gia đình")
    receiver.get_by_role("button", name="Tiếp nhận", exact=True).click()
    receiver.get_by_text("Đã tiếp nhận học sinh.").wait_for()
    sender.reload()
    assert "Đã tiếp nhận" in sender.content()
