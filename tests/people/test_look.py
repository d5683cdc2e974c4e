"""Signing in and administration in a real browser: by keyboard, at 1280 and at 360 px."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people import code_actions, one_time_codes
from eoffice.settings import settings
from tests import browser
from tests.cast import PASSWORD
from tests.people.conftest import Desk


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """The same office, served by the real server."""
    with browser.served("tests.people.conftest:people_app") as made:
        yield made


def sign_in(page: Page, login: str, target: str) -> None:
    """By keyboard alone, as somebody does it every morning."""
    page.goto(target)
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_people_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, address: str, width: int
) -> None:
    page = browser.tab(chromium, width=width, base_url=address)

    def look(name: str) -> None:
        browser.assert_fits(page)
        browser.assert_no_serious(page)
        browser.screenshot(page, f"people-{name}-{width}")

    page.goto("/sign-in")
    look("sign-in")
    page.get_by_label("Tên đăng nhập").fill("clerk")
    page.get_by_label("Mật khẩu").fill("wrong password")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_text("Tên đăng nhập hoặc mật khẩu không đúng.")).to_be_visible()
    look("sign-in-refused")
    sign_in(page, "operator", "/account")
    look("account")
    for path, name in (
        ("/account/password", "password"),
        ("/account/codes", "codes"),
        ("/account/tokens", "tokens"),
        ("/admin/units", "units"),
        ("/admin/units?q=truong", "units-found"),
        ("/admin/units?q=khong+co", "units-none"),
        ("/admin/units/new", "unit-new"),
        (f"/admin/units/{desk.cast.department.id}", "unit"),
        ("/admin/people", "people"),
        (f"/admin/people/{desk.cast.clerk.person_id}", "person"),
        (f"/admin/appointments/{desk.cast.clerk.appointment_id}/ending", "ending"),
    ):
        page.goto(path)
        look(name)
    page.context.close()


def test_the_second_step_is_asked_on_the_same_page(
    desk: Desk, chromium: Browser, address: str
) -> None:
    with system_transaction() as session:
        key = code_actions.begin_codes(
            session, secret_key=settings().secret_key, by=desk.cast.clerk
        )
        session.flush()
        code_actions.confirm_codes(
            session,
            one_time_codes.code_at(key, clock.now()),
            secret_key=settings().secret_key,
            by=desk.cast.clerk,
            at=clock.now(),
        )
        recovery = code_actions.renew_recovery_codes(
            session,
            one_time_codes.code_at(key, clock.now() + one_time_codes.ONE_STEP),
            secret_key=settings().secret_key,
            by=desk.cast.clerk,
            at=clock.now(),
        )
    page = browser.tab(chromium, base_url=address)
    page.goto("/sign-in?next=/account")
    page.keyboard.type("clerk")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Xác thực bước hai")).to_be_visible()
    browser.assert_no_serious(page)
    browser.screenshot(page, "people-second-step-1280")
    expect(page.get_by_label("Mã xác thực")).to_be_focused()
    page.keyboard.type(recovery[0])
    page.keyboard.press("Enter")

    page.wait_for_url("**/account")
    page.context.close()
