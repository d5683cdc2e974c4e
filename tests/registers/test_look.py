"""Pages of registers in a real browser: nothing serious for those who cannot see well, nothing too
wide on a phone.

The browser's requests are answered by the application in this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route

from eoffice import clock
from eoffice.objects.memory import MemoryStore
from tests import browser
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_http import sheet
from tests.registers.test_tasks import run


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def at_desk(desk: Desk, chromium: Browser, login: str, *, width: int) -> Page:
    """A tab of this person, answered by the application of the test."""
    page = browser.tab(chromium, width=width, base_url="http://testserver.local")

    def answer(route: Route) -> None:
        asked = route.request
        own = {k: v for k, v in asked.headers.items() if k not in ("host", "content-length")}
        got = desk.client.request(
            asked.method,
            asked.url,
            headers={**own, "x-login": login, "x-page": "1"},
            content=asked.post_data_buffer,
        )
        # The body comes unpacked from the client.
        kept = {k: v for k, v in got.headers.items() if k != "content-encoding"}
        route.fulfill(status=got.status_code, headers=kept, body=got.content)

    page.route("**/*", answer)
    return page


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_registers_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    api = desks.with_class(desk, at, finished=True)
    path = f"/registers{api}"
    faulty = desk.upload("homeroom_teacher", f"{api}/imports", sheet(api, "7,5")).json()["id"]
    good = desk.upload("homeroom_teacher", f"{api}/imports", sheet(api, Decimal(9))).json()["id"]
    book = desk.post("homeroom_teacher", f"{api}/gradebooks").json()["id"]
    run(UUID(book))
    for login, address, name in (
        ("TOAN", "/registers", "list"),
        ("high_school_teacher", "/registers", "list-empty"),
        ("homeroom_teacher", path, "class"),
        ("school_principal", path, "class-principal"),
        ("homeroom_teacher", f"/registers/imports/{faulty}", "import-faulty"),
        ("homeroom_teacher", f"/registers/imports/{good}", "import-ready"),
        ("homeroom_teacher", f"{path}/results", "results"),
        ("homeroom_teacher", f"{path}/conduct", "conduct"),
        ("homeroom_teacher", f"{path}/attendance", "attendance"),
        ("TOAN", f"/registers/gradebooks/{book}", "gradebook"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"registers-{name}-{width}", whole=name != "gradebook")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
