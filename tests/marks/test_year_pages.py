"""Traits, re-assessment and decisions on pages: cell by cell, and by a form without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from eoffice import db
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import TraitLevel
from eoffice.classes import actions
from eoffice.classes import pages as classes_pages
from eoffice.classes.lists import http as lists_http
from eoffice.marks import entering, trait_entering
from eoffice.marks import pages as marks_pages
from eoffice.marks.trait_entering import NotALevel
from eoffice.objects.memory import MemoryStore
from tests import browser
from tests.classes.desk import work
from tests.conftest import Office
from tests.marks.test_years import opened
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk, chromium

__all__ = ["chromium"]


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_pages.pages, classes_pages.pages, lists_http.router) as made:
        yield made


def with_class(desk: Desk, at: datetime, era: str) -> str:
    with db.system_transaction() as session:
        return f"/registers/classes/{opened(session, desk.cast, at, era)}"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("T", TraitLevel.GOOD),
        ("tốt", TraitLevel.GOOD),
        ("Đ", TraitLevel.ACHIEVED),
        ("đạt", TraitLevel.ACHIEVED),
        ("c", TraitLevel.NEEDS_EFFORT),
        ("Cần cố gắng", TraitLevel.NEEDS_EFFORT),
    ],
)
def test_levels_are_understood_as_people_write_them(text: str, level: TraitLevel) -> None:
    assert trait_entering.understood(text) is level


@pytest.mark.parametrize("text", ["", "H", "8", "Khá"])
def test_what_is_no_level_is_refused(text: str) -> None:
    with pytest.raises(NotALevel):
        trait_entering.understood(text)


def cells(desk: Desk, login: str, path: str, *sent: tuple[str, str, str]) -> Any:
    body = [{"name": name, "value": value, "seen": seen} for name, value, seen in sent]
    seen_on = path.rpartition("/")[0]
    seen_on = seen_on if seen_on.endswith("summer") else seen_on.rpartition("/")[0]
    return desk.send(login, path, {"cells": json.dumps(body)}, seen_on=seen_on).json()


def test_traits_are_saved_cell_by_cell_and_by_the_button(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at, "TT27/2020") + "/traits"
    html = desk.page("homeroom_teacher", f"{path}?time=end_1").text
    names = re.findall(r'<input id="f-([^"]+)" name="[^"]+" value="[^"]*" data-cell', html)
    first, second, *_ = names

    good, bad = cells(
        desk, "homeroom_teacher", f"{path}/end_1/cells", (first, "t", '""'), (second, "8", '""')
    )["cells"]
    assert (good["shown"], good["tag"], good["refused"]) == ("T", '"good"', None)
    assert "mức chỉ ghi T" in bad["refused"]
    (changed,) = cells(desk, "homeroom_teacher", f"{path}/end_1/cells", (first, "C", '""'))["cells"]
    assert "vừa được người khác sửa" in changed["refused"]

    filled = {**dict.fromkeys(names, "Đ"), second: "x"}
    refused = desk.send("homeroom_teacher", f"{path}/end_1", filled, seen_on=path)
    assert refused.status_code == 422
    assert 'value="x"' in refused.text
    done = desk.send("homeroom_teacher", f"{path}/end_1", dict.fromkeys(names, "Đ"), seen_on=path)
    assert done.status_code == 303
    html = desk.page("homeroom_teacher", f"{path}?time=end_1").text
    assert html.count('data-shown="Đ"') == len(names)
    assert "data-cell" not in desk.page("school_principal", path).text
    assert desk.page("homeroom_teacher", with_secondary(desk, at) + "/traits").status_code == 404


def with_secondary(desk: Desk, at: datetime) -> str:
    with db.system_transaction() as session:
        return f"/registers/classes/{stage.open_class(session, desk.cast, at, name='7A9')}"


def weak_class(desk: Desk, at: datetime) -> str:
    """One pupil fails mathematics in both semesters, so that the year has to be made good."""
    with db.system_transaction() as session:
        class_id = stage.open_class(session, desk.cast, at)
        stage.finish_year(session, class_id, desk.cast, at)
        pupil = actions.pupil_ids(session, class_id)["HS001"]
        for code in ("TOAN", "VAN"):
            for semester in Semester:
                typed = [
                    entering.Typed(pupil, part, place, "2", "*")
                    for part, place in (
                        *((Part.REGULAR, n) for n in range(1, 5)),
                        (Part.MIDTERM, 1),
                        (Part.FINAL, 1),
                    )
                ]
                entering.enter(
                    session, class_id, code, semester, typed, by=desk.cast.homeroom_teacher, at=at
                )
    return f"/registers/classes/{class_id}"


def test_what_is_made_good_in_summer_counts_at_once(desk: Desk, at: datetime) -> None:
    path = weak_class(desk, at)
    html = desk.page("homeroom_teacher", f"{path}/summer").text
    names = re.findall(r'<input id="f-([^"]+)" name="[^"]+" value="[^"]*" data-cell', html)
    assert [name.split(".")[1] for name in names] == ["TOAN", "VAN"]

    said = cells(
        desk, "homeroom_teacher", f"{path}/summer/cells",
        (names[0], "6,5", '""'), (names[1], "12", '""'),
    )  # fmt: skip
    assert [one["refused"] is None for one in said["cells"]] == [True, False]
    done = desk.send(
        "homeroom_teacher", f"{path}/summer", {names[0]: "6,5", names[1]: "7"},
        seen_on=f"{path}/summer",
    )  # fmt: skip
    assert done.status_code == 303, done.text
    assert "Được lên lớp" in desk.page("homeroom_teacher", f"{path}/summer").text

    closed = desk.send("school_principal", f"{path}/summer-closing", {}, seen_on=f"{path}/summer")
    assert closed.status_code == 303
    assert "Đã kết thúc" in desk.page("school_principal", f"{path}/summer").text


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_classes_and_years_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    primary, secondary = with_class(desk, at, "TT27/2020"), weak_class(desk, at)
    pasted = (
        "Mã HS\tHọ và tên\tNgày sinh\tGiới tính\tLớp\tNơi sinh\n"
        "HS001\tTrần Mỹ Chi\t09/07/2012\tNữ\t7A1\tSa Đéc\n"
        "HS900\tVõ Văn Bảy\t09/09/2012\tNam\t7A2\t\nHS901\tLê Út\t31/31/2012\tNam\t7A3\t"
    )
    sent = desk.send(
        "school_clerk", "/registers/class-lists", {"school_year": "2024-2025", "pasted": pasted},
        seen_on="/registers/class-lists/new",
    )  # fmt: skip
    work(at)
    brought = sent.headers["location"]
    for login, address, name in (
        ("homeroom_teacher", f"{primary}/traits?time=end_1", "traits"),
        ("school_principal", f"{primary}/decisions", "decisions"),
        ("homeroom_teacher", f"{secondary}/summer", "summer"),
        ("school_clerk", "/registers/new-year?since=2024-2025", "new-year"),
        ("school_clerk", "/registers/new-year/seats?since=2024-2025", "seats"),
        ("school_principal", "/registers/locks?school_year=2024-2025", "locks"),
        ("school_clerk", "/registers/new-class", "new-class"),
        ("school_clerk", "/registers/assignments?year=2024-2025&grade=7", "assignments"),
        ("school_clerk", f"{secondary}/settings", "settings"),
        ("school_clerk", "/registers/class-lists/new", "list-new"),
        ("school_clerk", brought, "list"),
        ("school_clerk", f"{brought}/sheets/1", "list-columns"),
        ("specialist", "/registers/rules/terms?rule_set=TT58/2011", "terms-58"),
        ("specialist", "/registers/rules/terms?rule_set=TT27/2020", "terms-27"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("domcontentloaded")
        browser.screenshot(page, f"classes-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()


def test_traits_go_by_keyboard(desk: Desk, chromium: Browser, at: datetime) -> None:
    path = with_class(desk, at, "TT27/2020") + "/traits?time=end_1"
    page = at_desk(desk, chromium, "homeroom_teacher", width=1280)
    page.goto(path)
    page.locator("input[data-cell]").first.focus()
    page.keyboard.type("d")
    page.keyboard.press("Enter")
    expect(page.locator("[data-saved]")).to_contain_text("Đã lưu lúc")
    page.reload()
    expect(page.locator("input[data-cell]").first).to_have_value("Đ")
    page.context.close()
