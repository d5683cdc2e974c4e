"""Setting a flow, seeing whose turn it is, remarks on a place: pages that need neither script nor
mouse, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import browser
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun
from tests.documents.test_look import at_desk
from tests.documents.test_pages import location

NEW = "/documents/flows/new"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def set_flow(desk: Desk, login: str = "clerk", **more: str) -> None:
    """Content by the office's head, the opinion of another office beside it, then the form."""
    secondary = desk.cast.secondary_office.id
    agency = desk.cast.department.id
    answer = desk.send(
        login,
        "/documents/flows",
        {
            "stage_1": "1",
            "task_1": "check_content",
            "asked_1": "drafting_head",
            "days_1": "2",
            "stage_2": "1",
            "task_2": "consult",
            "asked_2": f"position/office_head/{secondary}",
            "stage_3": "2",
            "task_3": "check_form",
            "asked_3": f"position/clerk/{agency}",
            **more,
        },
        seen_on=NEW,
    )
    assert location(answer) == "/documents/flows"


def under_way(desk: Desk) -> str:
    set_flow(desk)
    path = f"/documents/{begun(desk)}"
    assert desk.post("specialist", f"/api/v1{path}/submission").status_code == 200
    return path


def test_a_flow_is_set_on_a_page_and_shown_in_words(desk: Desk) -> None:
    assert "Quy trình mặc định" in desk.page("director", "/documents/flows").text
    set_flow(desk, type="dispatch")
    shown = desk.page("director", "/documents/flows").text
    assert "Công văn" in shown
    assert "Cho ý kiến: Trưởng phòng, ban, Phòng Giáo dục Trung học" in shown
    ending = re.search(r'action="(/documents/flows/[^"]+/ending)"', shown)
    assert ending is not None
    desk.send("clerk", ending[1], {}, seen_on="/documents/flows")
    assert "Quy trình mặc định" in desk.page("director", "/documents/flows").text


def test_a_flow_that_lacks_a_duty_comes_back_with_what_was_chosen(desk: Desk) -> None:
    answer = desk.send(
        "clerk",
        "/documents/flows",
        {"task_1": "check_content", "asked_1": "drafting_head", "days_1": "7"},
        seen_on=NEW,
    )
    assert answer.status_code == 422
    assert "chịu trách nhiệm thể thức" in answer.text
    assert 'value="7"' in answer.text


def test_nobody_else_sets_flows(desk: Desk) -> None:
    assert desk.page("specialist", "/documents/flows").status_code == 403
    assert "/documents/flows" not in desk.page("specialist", "/documents").text


def test_the_consulted_office_answers_on_the_page_with_a_sentence(desk: Desk) -> None:
    path = under_way(desk)
    seen = desk.page("secondary_office_head", path).text
    assert "Ý kiến của đơn vị tôi" in seen
    short = desk.send("secondary_office_head", f"{path}/approval", {"words": "ok"}, seen_on=path)
    assert short.status_code == 422
    assert "ít nhất 10 chữ cái" in short.text
    desk.send(
        "secondary_office_head",
        f"{path}/approval",
        {"words": "Thống nhất với dự thảo này."},
        seen_on=path,
    )
    told = desk.page("specialist", path).text
    assert "Thống nhất với dự thảo này." in told
    assert "Chặng 1." in told
    read = desk.get("specialist", f"/api/v1{path}/flow").json()
    assert [step["state"] for step in read["stages"][0]] == ["waiting", "agreed"]


def test_a_remark_on_a_band_of_the_page_is_marked_and_settled(desk: Desk) -> None:
    path = under_way(desk)
    place = f"{path}/versions/1/remarks"
    assert desk.page("office_head", f"{place}?page=1&band=5").status_code == 200
    answer = desk.send(
        "office_head",
        place,
        {"page": "1", "band": "5", "to": "6", "quote": "93,1%", "text": "Tỉ lệ này chưa đúng."},
        seen_on=place,
    )
    assert location(answer) == f"{place}?page=1"
    shown = desk.page("specialist", f"{place}?page=1").text
    assert 'aria-label="Ý kiến 1"' in shown
    assert 'y="283" width="850" height="141"' in shown
    settle = re.search(rf'action="({path}/remarks/[^"]+/answer)"', shown)
    assert settle is not None
    desk.send("specialist", settle[1], {"text": "Đã sửa."}, seen_on=path)
    assert "Đã trả lời" in desk.page("office_head", path).text
    nowhere = desk.send("office_head", place, {"page": "1", "text": ""}, seen_on=place)
    assert nowhere.status_code == 422


def test_programs_mark_any_rectangle_and_set_flows(desk: Desk) -> None:
    path = under_way(desk)
    body = {"text": "Xem lại chỗ này.", "page": 1, "area": [0.1, 0.2, 0.3, 0.05], "block": 2}
    assert desk.post("office_head", f"/api/v1{path}/remarks", body).status_code == 201
    wrong = desk.post("office_head", f"/api/v1{path}/remarks", {**body, "area": [0.9, 0.2, 0.3, 1]})
    assert wrong.status_code == 422
    steps = [
        {"stage": 1, "task": "check_content", "asked": "drafting_head"},
        {
            "stage": 2,
            "task": "check_form",
            "asked": "position",
            "position_kind": "clerk",
            "unit_id": str(desk.cast.department.id),
        },
    ]
    made = desk.post("director", f"{DOCUMENTS}/flows", {"steps": steps})
    assert made.status_code == 201
    assert desk.post("specialist", f"{DOCUMENTS}/flows", {"steps": steps}).status_code == 403


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_flows_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, width: int
) -> None:
    path = under_way(desk)
    body = {
        "text": "Tỉ lệ này chưa đúng, xem lại số liệu của các trường.",
        "page": 1,
        "area": [0.15, 0.42, 0.75, 0.06],
        "quote": "đạt tỉ lệ 93,1%",
    }
    desk.post("office_head", f"/api/v1{path}/remarks", body)
    for login, address, name in (
        ("clerk", "/documents/flows", "list"),
        ("clerk", NEW, "set"),
        ("secondary_office_head", path, "turn"),
        ("specialist", path, "state"),
        ("office_head", f"{path}/versions/1/remarks?page=1&band=12", "place"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"flow-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
