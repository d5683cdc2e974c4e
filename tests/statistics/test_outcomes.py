"""Results are counted when a book is sealed, once, in the words of the book, and name nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.objects.memory import MemoryStore
from eoffice.statistics import actions, outcome_pages, outcome_rules, tasks
from eoffice.statistics.model import CountedBook, ResultCount
from eoffice.statistics.outcome_rules import Counted, Kind, Measure
from tests import browser
from tests.cast import Cast, load_cast
from tests.conftest import Office, web_role
from tests.families.test_pages import tab_of
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.conftest import store
from tests.registers.desk import Desk

__all__ = ["store"]

GOOD = Kind("Nữ", "Tốt", "Tốt", "Được lên lớp", "Học sinh Giỏi")
OPEN = Kind("Nam", "", "", "", "")


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def sealed(session: Session, cast: Cast, at: datetime) -> UUID:
    class_id = stage.open_class(session, cast, at)
    stage.sign_all(session, stage.rendered_book(session, class_id, cast, at), cast, at)
    return class_id


def counted(kind: Kind, pupils: int) -> Counted:
    return Counted(UUID(int=1), "7A1", UUID(int=2), 7, kind, pupils)


def test_words_stand_in_the_order_of_the_circular_and_what_is_missing_last() -> None:
    poor = Kind("Nam", "Chưa đạt", "Đạt", "", "")
    found = [counted(each, 1) for each in (OPEN, poor, GOOD)]

    assert outcome_rules.words(found, Measure.LEARNING) == ("Tốt", "Chưa đạt", "Chưa có")
    assert outcome_rules.words(found, Measure.TITLE) == ("Học sinh Giỏi", "Không")


def test_rows_add_up_to_the_total() -> None:
    found = [counted(GOOD, 30), counted(OPEN, 12)]

    rows = outcome_rules.tabled(
        found, Measure.LEARNING, lambda each: (each.kind.sex, each.kind.sex, each.kind.sex)
    )

    assert [(row.name, row.total) for row in rows] == [("Nam", 12), ("Nữ", 30)]
    assert outcome_rules.total(rows).counts == {"Chưa có": 12, "Tốt": 30}


def test_a_sealed_book_is_counted_once_and_its_class_by_sex(session: Session, at: datetime) -> None:
    cast = load_cast(session, at)
    class_id = sealed(session, cast, at)
    stage.open_class(session, cast, at, name="7A2")
    assert actions.uncounted(session, limit=9) == (class_id,)

    for _ in range(2):
        actions.count(session, class_id, at=at)

    assert actions.uncounted(session, limit=9) == ()
    found = {
        row.sex: (row.learning, row.conduct, row.outcome, row.pupils)
        for row in session.scalars(select(ResultCount))
    }
    assert found == {
        "Nữ": ("Tốt", "Tốt", "Được lên lớp", 2),
        "Nam": ("Tốt", "Tốt", "Được lên lớp", 1),
    }


def test_counts_are_read_by_the_school_and_by_whoever_stands_above_it(
    session: Session, at: datetime
) -> None:
    cast = load_cast(session, at)
    actions.count(session, sealed(session, cast, at), at=at)

    for who, seen in (
        (cast.school_clerk, 1),
        (cast.director, 1),
        (cast.high_school_principal, 0),
        (None, 0),
    ):
        with web_role(session, who):
            assert len(session.scalars(select(CountedBook)).all()) == seen


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, outcome_pages.router, outcome_pages.pages) as made:
        with db.system_transaction() as session:
            sealed(session, made.cast, at)
        tasks.count_sealed()
        yield made


def test_the_department_sees_levels_by_grade_and_sex_and_the_classes_behind(desk: Desk) -> None:
    by_sex = desk.get("specialist", "/statistics/outcomes", by="sex").json()
    by_grade = desk.get("specialist", "/statistics/outcomes", by="grade", measure="title").json()

    assert by_sex["words"] == ["Tốt"]
    assert [(row["name"], row["pupils"]) for row in by_sex["rows"]] == [("Nam", 1), ("Nữ", 2)]
    assert [row["name"] for row in by_grade["rows"]] == ["Khối 7"]
    assert by_grade["total"]["counts"] == {"Học sinh Giỏi": 3}
    page = desk.page(
        "director", "/registers/outcomes/classes?by=sex&key=N%E1%BB%AF&word=T%E1%BB%91t"
    )
    assert "2 học sinh của 1 lớp" in page.text
    assert desk.get("homeroom_teacher", "/statistics/outcomes").status_code == 403


def test_the_report_goes_out_as_a_workbook_and_as_pdf(desk: Desk) -> None:
    for wanted in ("xlsx", "pdf"):
        answer = desk.page("director", f"/registers/outcomes?by=school&format={wanted}")
        assert answer.status_code == 200
        assert len(answer.content) > 2_000


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_can_be_used_by_everybody(desk: Desk, chromium: Browser, width: int) -> None:
    for name, path in (
        ("outcomes", "/registers/outcomes?by=sex"),
        ("outcome-classes", "/registers/outcomes/classes"),
    ):
        tab = tab_of(desk, chromium, "director", width)
        assert (shown := tab.goto(path)) is not None
        assert shown.ok
        browser.screenshot(tab, f"statistics-{name}-{width}")
        browser.assert_no_serious(tab)
        browser.assert_fits(tab)
        tab.close()
