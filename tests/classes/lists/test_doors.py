"""Lists come in by a page and by a program; both show the same and take the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from eoffice import clock
from eoffice.classes import pages as classes_pages
from eoffice.classes.lists import http
from eoffice.objects.memory import MemoryStore
from tests.classes.desk import work
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk

NEW = "/registers/class-lists/new"
PASTED = (
    "Mã HS\tHọ và tên\tNgày sinh\tGiới tính\tLớp\tNơi sinh\n"
    "HS001\tTrần Mỹ Chi\t08/07/2012\tNữ\t7A1\tSa Đéc\n"
    "HS900\tVõ Văn Bảy\t09/09/2012\tNam\t7A1\t"
)


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router, classes_pages.pages) as made:
        yield made


def test_a_pasted_list_is_looked_at_and_accepted_on_pages(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at)
    fields = {"school_year": "2024-2025", "pasted": PASTED}
    done = desk.send("school_clerk", "/registers/class-lists", fields, seen_on=NEW)
    assert done.status_code == 303, done.text
    here = done.headers["location"]
    assert "Đang đọc tệp" in desk.page("school_clerk", here).text

    work(at)
    shown = desk.page("school_clerk", here).text
    assert "<ins>Sa Đéc</ins>" in shown
    assert "không có trong danh sách" in shown
    assert "Võ Văn Bảy" not in desk.page("school_clerk", f"/registers{path}").text

    columns = desk.page("school_clerk", f"{here}/sheets/1").text
    assert re.search(r'<option value="birthplace" selected>', columns)
    accepted = desk.send("school_clerk", f"{here}/acceptance", {}, seen_on=here)
    assert accepted.status_code == 303, accepted.text
    assert desk.page("school_clerk", f"{here}/progress").json()["finished"] is False
    work(at)
    assert desk.page("school_clerk", f"{here}/progress").json()["finished"] is True
    assert "Võ Văn Bảy" in desk.page("school_clerk", f"/registers{path}").text
    listed = desk.page("school_clerk", "/registers/class-lists").text
    assert "Bảng dán" in listed
    assert desk.page("homeroom_teacher", "/registers/class-lists").status_code == 403


def test_nothing_that_was_pasted_is_lost_on_a_refusal(desk: Desk) -> None:
    fields = {"school_year": "năm nay", "pasted": PASTED}
    refused = desk.send("school_clerk", "/registers/class-lists", fields, seen_on=NEW)

    assert refused.status_code == 422
    assert "Trần Mỹ Chi" in refused.text


def test_a_program_brings_pupils_as_json_and_has_them_taken(desk: Desk, at: datetime) -> None:
    desks.with_class(desk, at)
    teacher = str(desk.cast.homeroom_teacher.person_id)
    sent = {
        "school_year": "2024-2025",
        "pupils": [
            {"class_name": "7A1", "code": "HS001", "born_on": "2012-07-09"},
            {
                "class_name": "6A1", "code": "HS900", "name": "Võ Văn Bảy", "sex": "Nam",
                "born_on": "2013-09-09", "personal_id": "087213009999",
                "mother": "Lê Thị Sáu", "mother_phone": "0912345678",
            },
        ],
    }  # fmt: skip
    made = desk.post("school_clerk", "/class-lists/pupils", sent)
    assert made.status_code == 201, made.text
    door = f"/class-lists/{made.json()['id']}"
    work(at)
    seen = desk.get("school_clerk", door).json()
    assert seen["failure"] is None
    assert [(one["name"], one["class_id"] is None) for one in seen["classes"]] == [
        ("6A1", True), ("7A1", False),
    ]  # fmt: skip
    assert seen["cells"][0]["new"] == "09/07/2012"

    assert desk.post("school_clerk", f"{door}/acceptance").status_code == 422
    chosen = {"homerooms": [{"class_ordinal": 1, "teacher_id": teacher}]}
    accepted = desk.post("school_clerk", f"{door}/acceptance", chosen)
    assert accepted.status_code == 200, accepted.text
    work(at)
    done = desk.get("school_clerk", door).json()
    assert done["state"] == "accepted"
    assert [one["is_taken"] for one in done["classes"]] == [True, True]
    assert desk.get("homeroom_teacher", door).status_code == 403
