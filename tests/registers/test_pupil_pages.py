"""Pupils, teaching, rules, in a browser and for programs: what is done is seen afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from eoffice import clock
from eoffice.objects.memory import MemoryStore
from eoffice.registers import pupil_http
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk

NEW = {
    "code": "HS900", "name": "Nguyễn Văn Út", "born_on": "2012-09-09", "sex": "Nam",
    "personal_id": "087212009999", "reason": "Chuyển theo gia đình",
    "other_school": "Trường THCS Nguyễn Du",
    "relation_1": "mother", "guardian_1": "Lê Thị Sáu", "phone_1": "0912 345 678",
}  # fmt: skip
BECAUSE = {"source": "Thông tư số 22/2021/TT-BGDĐT", "reason": "Đối chiếu văn bản"}


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def today(at: datetime) -> str:
    return clock.civil_date(at).isoformat()


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, pupil_http.router) as made:
        yield made


def with_class(desk: Desk, at: datetime) -> str:
    return "/registers" + desks.with_class(desk, at)


def first_pupil(desk: Desk, path: str) -> str:
    found = re.search(
        r'href="(/registers/pupils/[0-9a-f-]+)"', desk.page("school_clerk", path).text
    )
    assert found
    return found[1]


def test_a_pupil_who_comes_is_taken_in_and_who_leaves_is_seen_to_have_left(
    desk: Desk, at: datetime, today: str
) -> None:
    path = with_class(desk, at)

    refused = desk.send(
        "school_clerk", f"{path}/pupils", {**NEW, "on": today, "other_school": ""},
        seen_on=f"{path}/pupils",
    )  # fmt: skip
    came = desk.send(
        "school_clerk", f"{path}/pupils", {**NEW, "on": today}, seen_on=f"{path}/pupils"
    )
    where = came.headers.get("location") or str(came.url.path)
    shown = desk.page("school_clerk", where).text

    assert refused.status_code == 422
    assert "Nguyễn Văn Út" in refused.text
    assert "087212009999" in shown
    assert "Lê Thị Sáu" in shown
    assert "Trường THCS Nguyễn Du" in shown
    desk.send(
        "school_clerk", f"{where}/movements",
        {"kind": "leave", "on": today, "reason": "Gia đình khó khăn"}, seen_on=where,
    )  # fmt: skip
    assert "Đã nghỉ học" in desk.page("school_clerk", where).text
    assert "Nguyễn Văn Út" not in desk.page("homeroom_teacher", path).text


def test_a_movement_that_is_refused_comes_back_filled(desk: Desk, at: datetime, today: str) -> None:
    where = first_pupil(desk, with_class(desk, at))

    answer = desk.send(
        "school_clerk", f"{where}/movements",
        {"kind": "out", "on": today, "reason": "Theo gia đình"}, seen_on=where,
    )  # fmt: skip

    assert answer.status_code == 422
    assert "Theo gia đình" in answer.text
    assert "Hãy ghi tên trường." in answer.text


def test_teachers_read_and_the_office_writes(desk: Desk, at: datetime) -> None:
    where = first_pupil(desk, with_class(desk, at))

    assert "Sửa lý lịch" in desk.page("school_principal", where).text
    assert "Sửa lý lịch" not in desk.page("homeroom_teacher", where).text
    assert desk.page("high_school_clerk", where).status_code == 404


def test_particulars_are_corrected_in_a_form_that_holds_what_is_known(
    desk: Desk, at: datetime
) -> None:
    where = first_pupil(desk, with_class(desk, at))
    form = desk.page("school_clerk", f"{where}/particulars").text
    assert 'value="Đặng Văn An"' in form
    fields = {
        "name": "Đặng Văn An", "born_on": "2012-03-05", "sex": "Nam", "reason": "Theo khai sinh",
    }  # fmt: skip

    desk.send("school_clerk", f"{where}/particulars", fields, seen_on=f"{where}/particulars")

    assert "05/03/2012" in desk.page("school_clerk", where).text


def test_a_class_is_given_to_another_teacher_and_the_earlier_one_stays_on_record(
    desk: Desk, at: datetime, today: str
) -> None:
    path = with_class(desk, at)
    teacher = desk.cast.subject_teachers["TOAN"]

    desk.send(
        "school_principal", f"{path}/teaching",
        {"subject": "", "teacher_id": str(teacher.person_id), "on": today},
        seen_on=f"{path}/teaching",
    )  # fmt: skip

    shown = desk.page("school_principal", f"{path}/teaching").text
    assert shown.count("Chủ nhiệm lớp</th>") == 2
    assert desk.cast.homeroom_teacher.full_name in shown


def test_an_officer_confirms_a_circular_and_its_terms(desk: Desk, at: datetime) -> None:
    page = desk.page("specialist", "/registers/rules?rule_set=TT22/2021").text
    assert "Chưa xác nhận" in page
    assert (
        "keeps_better_result"
        in desk.page("specialist", "/registers/rules/terms?rule_set=TT22/2021").text
    )
    assert "Ghi hoặc xác nhận" not in desk.page("school_principal", "/registers/rules").text

    terms = {
        "topics": "extra", "bad_subject_may_count": True, "one_semester_makes_the_year": True,
        "reassess_below": "5.0", "keeps_better_result": True,
    }  # fmt: skip
    fields: dict[str, Any] = {"rule_set": "TT22/2021", "from_year": "2024-2025", **BECAUSE}
    refused = desk.send(
        "specialist", "/registers/rules/terms", {**fields, "terms": "{}"},
        seen_on="/registers/rules",
    )  # fmt: skip
    desk.send(
        "specialist", "/registers/rules/terms", {**fields, "terms": json.dumps(terms)},
        seen_on="/registers/rules",
    )  # fmt: skip
    desk.send(
        "specialist", "/registers/rules/circulars", {**fields, "grade": "9"},
        seen_on="/registers/rules",
    )  # fmt: skip

    assert refused.status_code == 422
    assert "thiếu mục" in refused.text
    shown = desk.page("specialist", "/registers/rules").text
    assert desk.cast.specialist.full_name in shown
    answer = desk.get("homeroom_teacher", "/grades/9", school_year="2024-2025").json()
    assert answer["rule_set"] == "TT22/2021"
    assert answer["terms"]["keeps_better_result"] is True

    typed = {
        "topics": "not_counted", "bad_subject_may_count": "false", "reassess_below": "4,5",
        "one_semester_makes_the_year": "true", "keeps_better_result": "",
    }  # fmt: skip
    form = "/registers/rules/terms"
    wrong = desk.send("specialist", form, {**fields, **typed}, seen_on=form)
    assert wrong.status_code == 422
    assert 'value="4,5"' in wrong.text
    typed["keeps_better_result"] = "false"
    assert desk.send("specialist", form, {**fields, **typed}, seen_on=form).status_code == 303
    answer = desk.get("homeroom_teacher", "/grades/9", school_year="2024-2025").json()
    assert (answer["terms"]["topics"], answer["terms"]["reassess_below"]) == ("not_counted", "4.5")


def test_an_officer_enters_a_school_year(desk: Desk) -> None:
    fields = {
        "year": "2024-2025", "begins_on": "2024-09-05", "first_semester_ends_on": "2025-01-11",
        "second_semester_begins_on": "2025-01-13", "ends_on": "2025-05-30",
        "source": "Quyết định số 857/QĐ-UBND",
    }  # fmt: skip

    wrong = desk.send(
        "specialist", "/registers/rules/years", {**fields, "ends_on": "2025-01-01"},
        seen_on="/registers/rules",
    )  # fmt: skip
    desk.send("specialist", "/registers/rules/years", fields, seen_on="/registers/rules")

    assert wrong.status_code == 422
    assert "Quyết định số 857/QĐ-UBND" in desk.page("school_clerk", "/registers/rules").text


def test_a_school_enters_its_own_number_of_periods(desk: Desk) -> None:
    here = "/registers/subjects?grade=7&year=2024-2025"
    fields = {
        "grade": "7", "code": "TOAN", "name": "Toán học", "kind": "scored",
        "periods_per_year": "150", "is_key": "on", "from_year": "2024-2025", **BECAUSE,
    }  # fmt: skip

    wrong = desk.send(
        "school_clerk", "/registers/subjects", {**fields, "periods_per_year": "0"}, seen_on=here
    )
    desk.send("school_clerk", "/registers/subjects", fields, seen_on=here)

    assert wrong.status_code == 422
    assert "Của trường" in desk.page("school_principal", here).text
    assert "Của trường" not in desk.page("specialist", here).text


def test_programs_take_in_and_move_pupils(desk: Desk, at: datetime, today: str) -> None:
    class_id = desks.with_class(desk, at).rpartition("/")[2]
    movement = {
        "kind": "in", "on": today, "reason": "Theo gia đình", "other_school": "THCS Nguyễn Du",
        "to_class_id": class_id,
    }  # fmt: skip
    body = {
        **{name: NEW[name] for name in ("code", "name", "born_on", "sex", "personal_id")},
        "guardians": [{"relation": "mother", "name": "Lê Thị Sáu"}],
        "movement": movement,
    }

    made = desk.post("school_clerk", "/pupils", body, key="mot-hoc-sinh")
    again = desk.post("school_clerk", "/pupils", body, key="mot-hoc-sinh")
    twice = desk.post("school_clerk", "/pupils", body)
    assert made.status_code == 201, made.text
    pupil = made.json()
    left = desk.post(
        "school_clerk", f"/pupils/{pupil['id']}/movements",
        {"kind": "leave", "on": today, "reason": "Gia đình khó khăn"},
    )  # fmt: skip

    assert (made.status_code, again.json(), twice.status_code) == (201, pupil, 409)
    assert pupil["standing"] == "attending"
    assert left.json()["standing"] == "left"
    seen = desk.get("district_head", f"/pupils/{pupil['id']}").json()
    assert [one["kind"] for one in seen["movements"]] == ["leave", "in"]
    assert desk.get("high_school_clerk", f"/pupils/{pupil['id']}").status_code == 404
    assert desk.get("school_clerk", "/grades/99", school_year="2024-2025").status_code == 422
