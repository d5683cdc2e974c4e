"""Pages of rolls in a real browser: nothing serious, nothing too wide, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from eoffice.classes.model import SchoolClass
from eoffice.objects.memory import MemoryStore
from eoffice.rolls import http, pages
from tests import browser
from tests.conftest import Office, owner_transaction
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk
from tests.rolls.test_pages import CLERK, at, first_line, opened, today

__all__ = ["at", "today"]


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router, pages.pages) as made:
        yield made


def written(desk: Desk, at: datetime, today: str) -> dict[str, str]:
    """A school with something in every book; name of the page -> its address."""
    path = opened(desk, at)
    line = first_line(desk)
    for fields in (
        {"hometown": "Cần Thơ"},
        {"hometown": "Sa Đéc", "reason": "Theo khai sinh mới."},
    ):
        desk.send(CLERK, f"{line}/supplement", fields, seen_on=line)
    found = re.search(r'href="(/registers/pupils/[0-9a-f-]+)"', desk.page(CLERK, path).text)
    assert found
    gone = {"kind": "out", "on": today, "reason": "Theo gia đình", "other_school": "THCS Nguyễn Du"}
    desk.send(CLERK, f"{found[1]}/movements", gone, seen_on=found[1])
    with owner_transaction() as session:
        session.get_one(SchoolClass, path.rpartition("/")[2]).grade = 9
    seen_on = f"{path}/graduation"
    pupils = re.findall(r'name="pupils" value="([0-9a-f-]+)"', desk.page(CLERK, seen_on).text)
    done = {"on": today, "decision": "QĐ 12/QĐ-PGDĐT", "pupils": pupils}
    desk.send(CLERK, seen_on, done, seen_on=seen_on)
    batch = {
        "kind_code": "TNTHCS", "received_on": today, "received_from": "Sở GDĐT",
        "first": "A 0012301", "last": "A 0012350",
    }  # fmt: skip
    blanks = "/registers/certificates/blanks"
    desk.send(CLERK, blanks, batch, seen_on=blanks)
    spoiled = {
        "kind_code": "TNTHCS", "step": "spoil", "first": "A 0012349", "last": "A 0012350",
        "ended_on": today, "minutes": "BB 03/BB-THCS",
    }  # fmt: skip
    desk.send(CLERK, f"{blanks}/happenings", spoiled, seen_on=blanks)
    new = "/registers/certificates/new?kind=TNTHCS&year=2024-2025"
    granted = {
        "kind_code": "TNTHCS", "school_year": "2024-2025", "signed_on": today, "pupils": pupils[:1],
    }  # fmt: skip
    desk.send(CLERK, "/registers/certificates/graduates", granted, seen_on=new)
    (row,) = desk.get(CLERK, "/certificates").json()["items"]
    one = f"/registers/certificates/{row['id']}"
    taken = {"on": today, "receiver": row["name"], "identity_paper": "Căn cước 087210001234"}
    desk.send(CLERK, f"{one}/handover", taken, seen_on=one)
    copied = {"on": today, "copies": "2", "receiver": row["name"], "identity_paper": "Căn cước 1"}
    desk.send(CLERK, f"{one}/copies", copied, seen_on=one)
    return {
        "roll": "/registers/rolls",
        "line": line,
        "moves": "/registers/moves",
        "graduation": seen_on,
        "ledger": "/registers/certificates",
        "new": new,
        "certificate": one,
        "blanks": blanks,
        "books": "/registers/books?kind=enrolment_register",
        "import": "/registers/rolls/import",
    }


def test_pages_of_rolls_can_be_used_by_everybody(desk: Desk, at: datetime, today: str) -> None:
    addresses = written(desk, at, today)
    with browser.opened() as chromium:
        for width in (1280, 360):
            _looked_at(desk, chromium, addresses, width)


def _looked_at(desk: Desk, chromium: Browser, addresses: dict[str, str], width: int) -> None:
    page = at_desk(desk, chromium, CLERK, width=width)
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"rolls-{name}-{width}", whole=True)
        browser.assert_no_serious(page)
        browser.assert_fits(page)
    # The import page stands last: what it makes of a pasted table, and of one with faults.
    where = addresses["import"]
    for name, rows in (("preview", "104\tLê An\n106\tLê Ba"), ("faults", "x\tLê An\n99\tLê Ba")):
        table = f"Số đăng bộ\tHọ và tên\n{rows}"
        page.set_content(desk.send(CLERK, where, {"table": table}, seen_on=where).text)
        page.wait_for_selector("#seen")
        browser.screenshot(page, f"rolls-{name}-{width}", whole=True)
        browser.assert_no_serious(page)
        browser.assert_fits(page)
    page.context.close()
