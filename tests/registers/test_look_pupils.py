"""Pages of pupils, teaching and rules in a real browser: nothing serious, nothing too wide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from eoffice import clock
from eoffice.objects.memory import MemoryStore
from tests import browser
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk
from tests.registers.test_pupil_pages import first_pupil


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


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_pupils_and_rules_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    path = "/registers" + desks.with_class(desk, at)
    pupil = first_pupil(desk, path)
    for login, address, name in (
        ("school_clerk", pupil, "pupil"),
        ("school_clerk", f"{path}/pupils", "admission"),
        ("school_clerk", f"{path}/teaching", "teaching"),
        ("specialist", "/registers/rules?rule_set=TT22/2021", "rules"),
        ("school_clerk", "/registers/subjects?grade=7&year=2024-2025", "subjects"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"classes-{name}-{width}", whole=True)
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
