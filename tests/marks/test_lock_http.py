"""Locks of marks for programs; the columns that are offered are those of the school's circulars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from eoffice import clock, db
from eoffice.assessment.marks import Part
from eoffice.assessment.year import Column, Holds
from eoffice.marks import http as marks_http
from eoffice.marks import lock_rules
from eoffice.marks import pages as marks_pages
from eoffice.objects.memory import MemoryStore
from tests.conftest import Office
from tests.marks.test_years import ERAS, opened
from tests.registers import desk as desks
from tests.registers.desk import Desk


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_http.router, marks_pages.pages) as made:
        yield made


def test_each_part_is_offered_once_with_its_places_and_the_words_of_its_circulars() -> None:
    columns = (
        Column(Part.REGULAR, "ĐĐGtx", Holds.MARK, 2, 2),
        Column(Part.REGULAR, "ĐĐGtx", Holds.VERDICT, 3, 3),
        Column(Part.FINAL, "ĐĐGck", Holds.MARK),
        Column(Part.FINAL, "KT hk", Holds.MARK),
        Column(Part.ORAL, "Miệng", Holds.MARK, 0, 40),
    )

    found = lock_rules.lockable(columns)

    assert [(one.part, one.place, one.label) for one in found[:5]] == [
        (Part.REGULAR, 1, "ĐĐGtx1"),
        (Part.REGULAR, 2, "ĐĐGtx2"),
        (Part.REGULAR, 3, "ĐĐGtx3"),
        (Part.REGULAR, None, "Mọi cột ĐĐGtx"),
        (Part.FINAL, None, "ĐĐGck / KT hk"),
    ]
    assert len(found) == 5 + lock_rules.MOST_PLACES + 1
    assert lock_rules.lockable(()) == ()


@pytest.mark.parametrize(
    ("era", "has", "has_not"),
    [
        ("TT58/2011", {"oral", "written", "periodic", "final"}, {"regular", "midterm_test"}),
        ("TT27/2020", {"midterm", "midterm_test", "final_test"}, {"regular", "oral"}),
        ("TT22/2021", {"regular", "midterm", "final"}, {"oral", "final_test"}),
    ],
)
def test_the_columns_are_those_of_the_classes_circulars(
    desk: Desk, at: datetime, era: str, has: set[str], has_not: set[str]
) -> None:
    with db.system_transaction() as session:
        opened(session, desk.cast, at, era)

    said = desk.get("school_principal", "/mark-locks", school_year=ERAS[era][1]).json()

    parts = {one["part"] for one in said["columns"]}
    assert has <= parts
    assert not has_not & parts
    html = desk.page("school_principal", "/registers/locks").text
    for word in has:
        assert f'value="{word}"' in html
    for word in has_not:
        assert f'value="{word}"' not in html
        assert f'value="{word}-1"' not in html


def test_a_program_locks_opens_ends_and_lifts_as_the_head_does(desk: Desk, at: datetime) -> None:
    class_id = desks.with_class(desk, at).rpartition("/")[2]
    wanted = {
        "school_year": "2024-2025", "class_id": class_id, "subject": "TOAN", "semester": "1",
        "part": "regular", "place": 2, "reason": "Hết hạn nhập điểm",
    }  # fmt: skip

    def locks() -> Any:
        answer = desk.get("school_principal", "/mark-locks", school_year="2024-2025")
        return answer.json()["locks"]

    assert desk.post("homeroom_teacher", "/mark-locks", wanted).status_code == 403
    made = desk.post("school_principal", "/mark-locks", wanted)
    assert made.status_code == 201, made.text
    assert made.json()["covers"].startswith("Cột ĐĐGtx2, học kì I, môn Toán")
    assert made.json()["covers"].endswith("lớp 7A1")
    assert desk.post("school_principal", "/mark-locks", wanted).status_code == 409
    alone = {**wanted, "semester": None}
    assert desk.post("school_principal", "/mark-locks", alone).status_code == 422

    door = f"/mark-locks/{made.json()['id']}"
    opening = {"until": f"{clock.civil_date(clock.now())}", "reason": "Nhập sai"}
    assert desk.post("school_principal", f"{door}/openings", opening).status_code == 204
    (row,) = locks()
    (begun,) = row["openings"]
    assert begun["is_open"] is True
    ending = f"/mark-locks/openings/{begun['id']}/ending"
    assert desk.post("school_principal", ending).status_code == 204
    assert locks()[0]["openings"][0]["is_open"] is False
    lifted = desk.post("school_principal", f"{door}/lifting", {"reason": "Thôi"})
    assert lifted.status_code == 204
    assert locks()[0]["lifted_because"] == "Thôi"
