"""The school hands out slips; the family opens its own with link and code, without an account."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pikepdf
import pytest
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import select

from eoffice import clock, db
from eoffice.families import pages, rules
from eoffice.families.model import FamilySlip
from tests import browser
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk

KEY = b"a secret of the tests, at least 32 characters"


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, pages.pages) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def published(desk: Desk, at: datetime) -> str:
    """The address of a publication of the year."""
    here = f"/registers{desks.with_class(desk, at, finished=True)}/families"
    answer = desk.send("school_principal", here, {"kind": "year"}, seen_on=here)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def door_of(publication: str) -> tuple[str, str]:
    """Address and code of the first pupil's slip."""
    with db.system_transaction() as session:
        slip = session.scalars(
            select(FamilySlip)
            .where(FamilySlip.publication_id == UUID(publication.rpartition("/")[2]))
            .order_by(FamilySlip.ordinal)
        ).first()
    assert slip is not None
    return (
        f"/results/{rules.address(KEY, slip.id, slip.renewals)}",
        rules.code(KEY, slip.id, slip.renewals),
    )


def test_the_principal_publishes_and_sees_who_has_looked(desk: Desk, at: datetime) -> None:
    publication = published(desk, at)
    address, code = door_of(publication)

    asked = desk.client.get(address)
    assert "Mã mở phiếu" in asked.text
    assert "Đặng Văn An" not in asked.text
    shown = desk.send("", address, {"code": code.lower()}, seen_on=address)

    assert shown.status_code == 200
    assert "Đặng Văn An" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "noindex" in shown.headers["x-robots-tag"]
    seen = desk.page("homeroom_teacher", publication).text
    assert "1/3 gia đình đã xem" in seen


def test_a_wrong_code_is_refused_and_counted(desk: Desk, at: datetime) -> None:
    publication = published(desk, at)
    address, _ = door_of(publication)

    answer = desk.send("", address, {"code": "AAAA-BBBB"}, seen_on=address)

    assert answer.status_code == 422
    assert "Mã mở phiếu không đúng" in answer.text
    assert 'value="AAAA-BBBB"' in answer.text
    assert "1 lần" in desk.page("school_clerk", publication).text


def test_slips_are_printed_two_on_a_page_with_address_and_code(desk: Desk, at: datetime) -> None:
    publication = published(desk, at)

    answer = desk.page("homeroom_teacher", f"{publication}/slips")

    assert answer.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 2
    assert desk.page("high_school_teacher", f"{publication}/slips").status_code in (403, 404)


def test_a_family_reads_why_results_were_withdrawn(desk: Desk, at: datetime) -> None:
    publication = published(desk, at)
    address, _ = door_of(publication)
    refused = desk.send(
        "school_principal", f"{publication}/withdrawal", {"because": ""}, seen_on=publication
    )
    assert refused.status_code == 422

    desk.send(
        "school_principal",
        f"{publication}/withdrawal",
        {"because": "Nhà trường sửa điểm môn Toán"},
        seen_on=publication,
    )

    assert "Nhà trường sửa điểm môn Toán" in desk.client.get(address).text
    assert desk.page("school_clerk", f"{publication}/slips").status_code == 409


def test_a_lost_slip_is_replaced(desk: Desk, at: datetime) -> None:
    publication = published(desk, at)
    address, _ = door_of(publication)
    renewal = re.search(
        r'action="(/registers/families/slips/[^"]+)"', desk.page("school_clerk", publication).text
    )
    assert renewal is not None

    desk.send("school_clerk", renewal[1], {}, seen_on=publication)

    assert desk.client.get(address).status_code == 404
    new_address, code = door_of(publication)
    assert desk.send("", new_address, {"code": code}, seen_on=new_address).status_code == 200


def test_a_month_without_its_name_comes_back_with_the_reason(desk: Desk, at: datetime) -> None:
    here = f"/registers{desks.with_class(desk, at, finished=True)}/families"

    answer = desk.send("school_principal", here, {"kind": "month"}, seen_on=here)

    assert answer.status_code == 422
    assert "Chọn tháng của kết quả." in answer.text


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    publication = published(desk, at)
    address, code = door_of(publication)
    found = desk.page("school_principal", publication).text
    of_class = re.search(r'href="(/registers/classes/[^"]+/families)"', found)
    assert of_class is not None
    for login, path, name in (
        ("school_principal", of_class[1], "class"),
        ("school_principal", publication, "publication"),
        ("", address, "door"),
    ):
        tab = tab_of(desk, chromium, login, width)
        tab.goto(path)
        _looked_at(tab, f"families-{name}-{width}")
    tab = tab_of(desk, chromium, "", width)
    tab.goto(address)
    tab.get_by_label("Mã mở phiếu").fill(code)
    tab.get_by_role("button", name="Xem kết quả").click()
    tab.get_by_text("Đặng Văn An").wait_for()
    _looked_at(tab, f"families-slip-{width}")


def _looked_at(tab: Page, name: str) -> None:
    browser.screenshot(tab, name)
    browser.assert_no_serious(tab)
    browser.assert_fits(tab)
    tab.close()


def tab_of(desk: Desk, chromium: Browser, login: str, width: int) -> Page:
    page = browser.tab(chromium, width=width, base_url="http://testserver.local")

    def answer(route: Route) -> None:
        asked = route.request
        # Cookies are the browser's affair.
        desk.client.cookies.clear()
        own = {k: v for k, v in asked.all_headers().items() if k not in ("host", "content-length")}
        got = desk.client.request(
            asked.method,
            asked.url,
            # What a browser says of itself over https; here it speaks http.
            headers={**own, "x-login": login, "x-page": "1", "sec-fetch-site": "same-origin"},
            content=asked.post_data_buffer,
        )
        kept = {k: v for k, v in got.headers.items() if k != "content-encoding"}
        route.fulfill(status=got.status_code, headers=kept, body=got.content)

    page.route("**/*", answer)
    return page
