"""Yearly figures: every indicator has its line, sums are over what one may see, and each number
leads to its schools."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from eoffice import clock, db
from eoffice.classes.model import Enrolment
from eoffice.objects.memory import MemoryStore
from eoffice.statistics import tasks, yearly_pages, yearly_rules
from eoffice.statistics.yearly_rules import CLASSES, FEMALE, FIXED, PUPILS, Figure, Group
from tests import browser
from tests.conftest import Office
from tests.families.test_pages import tab_of
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.conftest import store
from tests.registers.desk import Desk

__all__ = ["store"]

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_a_line_sums_schools_and_tells_grades_apart() -> None:
    found = yearly_rules.lines(
        [
            Figure(ONE, PUPILS, 6, 40),
            Figure(ONE, PUPILS, 7, 38),
            Figure(OTHER, PUPILS, 7, 35),
            Figure(OTHER, yearly_rules.SCHOOLS, None, 1),
        ]
    )
    (pupils,) = [line for line in found if line.indicator == PUPILS]
    assert pupils.total == 113
    assert pupils.by_grade == {6: 40, 7: 73}


def test_what_nobody_has_is_shown_as_nothing_and_not_left_out() -> None:
    assert [line.indicator for line in yearly_rules.lines([])] == list(FIXED)
    assert {line.total for line in yearly_rules.lines([])} == {0}


def test_results_follow_in_the_order_of_the_circular() -> None:
    figures = [
        Figure(ONE, yearly_rules.of_word(Group.LEARNING, word), 7, 1)
        for word in ("Chưa đạt", "Đạt", "Tốt", "Khá")
    ]
    found = [line.indicator.name for line in yearly_rules.lines(figures)]
    assert found[len(FIXED) :] == ["Tốt", "Khá", "Đạt", "Chưa đạt"]


def test_a_number_is_the_sum_of_its_schools() -> None:
    figures = [
        Figure(ONE, PUPILS, 6, 40),
        Figure(OTHER, PUPILS, 6, 2),
        Figure(OTHER, PUPILS, 7, 3),
        Figure(OTHER, FEMALE, 7, 0),
    ]
    assert yearly_rules.by_school(figures, "pupils", None) == {ONE: 40, OTHER: 5}
    assert yearly_rules.by_school(figures, "pupils", 7) == {OTHER: 3}
    assert yearly_rules.by_school(figures, "pupils.female", None) == {}
    assert yearly_rules.by_school(yearly_rules.narrowed(figures, {ONE}), "pupils", None) == {
        ONE: 40
    }


def test_codes_are_never_renamed() -> None:
    assert [each.code for each in FIXED] == [
        "schools",
        "classes",
        "pupils",
        "pupils.female",
        "pupils.minority",
        "pupils.policy",
        "staff.head",
        "staff.deputy_head",
        "staff.teacher",
        "staff.clerk",
        "staff.specialist",
        "movements.in",
        "movements.out",
        "movements.leave",
        "movements.return",
    ]


# --- The office ----------------------------------------------------------------------------------


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, yearly_pages.router, yearly_pages.pages) as made:
        with db.system_transaction() as session:
            signed = stage.open_class(session, made.cast, at)
            book = stage.rendered_book(session, signed, made.cast, at)
            stage.sign_all(session, book, made.cast, at)
            stage.open_class(session, made.cast, at, name="7A2")
        tasks.count_sealed()
        yield made


def values(desk: Desk, login: str, **asked: str) -> dict[tuple[str, int | None], int]:
    found = desk.get(login, "/statistics/yearly", **asked).json()["figures"]
    return {(each["indicator"], each["grade"]): each["value"] for each in found}


def test_the_department_counts_classes_pupils_staff_and_results(desk: Desk) -> None:
    found = values(desk, "specialist")
    assert found["classes", 7] == 2
    assert found["schools", None] == 1
    assert found["staff.head", None] == 1
    assert found["pupils", 7] == 6
    assert found["pupils.female", 7] == 4
    learning = {key: value for key, value in found.items() if key[0].startswith("learning.")}
    assert sum(learning.values()) == 3


def test_who_left_is_counted_up_to_the_last_day(desk: Desk) -> None:
    with db.system_transaction() as session:
        left = session.scalars(select(Enrolment).limit(1)).one()
        left.from_on, left.to_on = date(2024, 9, 5), date(2025, 1, 10)
    assert values(desk, "specialist", on="2025-01-10")["pupils", 7] == 6
    assert values(desk, "specialist", on="2025-01-11")["pupils", 7] == 5


def test_a_school_counts_itself_and_teachers_nothing(desk: Desk) -> None:
    assert values(desk, "school_principal")["classes", 7] == 2
    assert values(desk, "high_school_principal") == {}
    assert desk.get("homeroom_teacher", "/statistics/yearly").status_code == 403


def test_a_number_of_the_page_leads_to_its_schools_and_files(desk: Desk) -> None:
    text = desk.page("specialist", "/registers/yearly").text
    assert f"indicator={CLASSES.code}" in text
    listed = desk.page("specialist", "/registers/yearly/schools?indicator=classes&grade=7").text
    assert "Trường THCS Nguyễn Thị Minh Khai" in listed
    file = desk.page("specialist", "/registers/yearly?format=xlsx")
    sheet = load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "classes" in cells
    assert desk.page("specialist", "/registers/yearly?format=pdf").content.startswith(b"%PDF")


def test_the_page_can_be_used_by_everybody(desk: Desk) -> None:
    with browser.opened() as chromium:
        for width in (1280, 360):
            tab = tab_of(desk, chromium, "specialist", width)
            tab.goto("/registers/yearly")
            browser.screenshot(tab, f"yearly-{width}")
            browser.assert_no_serious(tab)
            browser.assert_fits(tab)
            tab.close()
