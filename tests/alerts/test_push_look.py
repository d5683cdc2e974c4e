"""The browser takes the script of the office under its strict policy, and says what it lacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from eoffice.alerts import pages, push
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from tests import browser
from tests.people.conftest import Desk, desk

__all__ = ["desk"]

REGISTERED = """async () => {
  await navigator.serviceWorker.register("/push-worker.js");
  const worker = await navigator.serviceWorker.ready;
  return [worker.scope, worker.active.scriptURL];
}"""


def app() -> application.Application:
    """What this page needs, by the settings of this process."""
    return application.make(
        [pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    with browser.served("tests.alerts.test_push_look:app") as made:
        yield made


def test_the_service_worker_is_taken_and_a_refusal_is_said(
    desk: Desk, chromium: Browser, address: str
) -> None:
    push.ensure_key(settings().var)
    page = browser.tab(chromium, width=1280, base_url=address)
    token = desk.token_of(desk.cast.specialist)
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto("/account/alerts")

    scope, script = page.evaluate(REGISTERED)
    assert (scope, script) == (f"{address}/", f"{address}/push-worker.js")
    assert not [each for each in faults if "Content Security Policy" in each]

    # Nobody answers the question in a headless browser: it says no.
    page.get_by_role("button", name="Nhận thông báo trên thiết bị này").click()
    page.get_by_text("Trình duyệt chưa cho phép thông báo").wait_for()
    assert page.url == f"{address}/account/alerts"
    page.context.close()
