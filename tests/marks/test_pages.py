"""Pages and doors of marks: nothing that was typed is lost, and programs do what people do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from eoffice import clock
from eoffice.marks import http as marks_http
from eoffice.marks import pages as marks_pages
from eoffice.objects.memory import MemoryStore
from tests.conftest import Office
from tests.marks.desk import work
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_http import sheet

NEW = "/registers/school-imports/new"


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_http.router, marks_pages.pages) as made:
        yield made


def names(html: str) -> list[str]:
    return re.findall(r'<input id="f-([^"]+)" name="[^"]+" value="[^"]*" data-cell', html)


def test_the_grid_is_a_form_that_works_without_a_script(desk: Desk, at: datetime) -> None:
    path = f"/registers{desks.with_class(desk, at)}/marks"
    html = desk.page("homeroom_teacher", f"{path}?subject=TOAN").text
    fields = dict.fromkeys(names(html), "")
    assert len(fields) == 3 * 7
    seen = re.search(r'name="seen" value="([^"]+)"', html)
    assert seen
    first = next(iter(fields))
    fields |= {first: "8,5", "seen": seen[1].replace("&#34;", '"')}

    done = desk.send("homeroom_teacher", f"{path}/TOAN/1", fields, seen_on=f"{path}?subject=TOAN")

    assert done.status_code == 303, done.text
    assert 'value="8,5"' in desk.page("homeroom_teacher", f"{path}?subject=TOAN").text

    fields[first] = "11"
    refused = desk.send(
        "homeroom_teacher", f"{path}/TOAN/1", fields, seen_on=f"{path}?subject=TOAN"
    )
    assert refused.status_code == 422
    assert 'value="11"' in refused.text
    assert "từ 0 đến 10" in refused.text


def test_each_cell_has_an_outcome_of_its_own(desk: Desk, at: datetime) -> None:
    path = f"/registers{desks.with_class(desk, at)}/marks"
    page = f"{path}?subject=TOAN"
    first, second, *_ = names(desk.page("homeroom_teacher", page).text)

    def put(*cells: tuple[str, str, str]) -> Any:
        sent = [{"name": n, "value": v, "seen": s} for n, v, s in cells]
        answer = desk.send(
            "homeroom_teacher", f"{path}/TOAN/1/cells", {"cells": json.dumps(sent)}, seen_on=page
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["cells"]

    good, bad = put((first, "8,5", '""'), (second, "x", '""'))
    assert (good["tag"], good["shown"], good["refused"]) == ('"8.5"', "8,5", None)
    assert "không phải là điểm" in bad["refused"]
    (other,) = put((first, "7", '""'))
    assert other["refused"].startswith("Ô này vừa được người khác sửa")
    assert (other["tag"], other["shown"]) == ('"8.5"', "8,5")


def test_who_teaches_something_else_only_looks(desk: Desk, at: datetime) -> None:
    path = f"/registers{desks.with_class(desk, at)}/marks"

    html = desk.page("school_principal", f"{path}?subject=TOAN").text

    assert "data-cell" not in html
    assert desk.page("high_school_teacher", path).status_code == 404


def bring(desk: Desk, login: str, **fields: Any) -> str:
    file = fields.pop("file", None)
    answer = desk.send(
        login, "/registers/school-imports", {"school_year": "2024-2025", **fields}, seen_on=NEW,
        file=file,
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_the_page_for_bringing_marks_in_offers_the_years_that_have_classes(
    desk: Desk, at: datetime
) -> None:
    desks.with_class(desk, at)

    answer = desk.page("school_clerk", NEW)

    assert answer.status_code == 200, answer.text
    assert '<option value="2024-2025">2024-2025</option>' in answer.text


def test_a_file_is_read_shown_and_accepted(desk: Desk, at: datetime) -> None:
    api = desks.with_class(desk, at)
    here = bring(desk, "school_clerk", file=sheet(api, Decimal("7.5")))
    assert "Đang đọc tệp" in desk.page("school_clerk", here).text
    progress = desk.page("school_clerk", f"{here}/progress").json()
    assert (progress["finished"], progress["text"]) == (False, "Đang mở tệp…")

    work(at)
    assert "18 ô sẽ thay đổi" in desk.page("school_clerk", here).text
    assert desk.send("school_clerk", f"{here}/acceptance", {}, seen_on=here).status_code == 303
    work(at)

    assert "Đã ghi vào sổ" in desk.page("school_clerk", here).text
    assert desk.page("school_clerk", f"{here}/progress").json()["finished"] is True


def test_columns_of_an_own_layout_are_explained_on_a_page(desk: Desk, at: datetime) -> None:
    desks.with_class(desk, at)
    pasted = "Phòng\tSố hiệu\tHết kì\n7A1\tHS001\t8,5\n7A1\tHS002\t7\n7A1\tHS003\t9"
    here = bring(desk, "homeroom_teacher", pasted=pasted)
    work(at)
    columns = f"{here}/sheets/1"
    assert "Số hiệu" in desk.page("homeroom_teacher", columns).text
    chosen = {
        "header_row": "1", "first_row": "2", "name": "Mẫu", "field-1": "class", "field-2": "code",
        "field-3": "final", "semester-3": "1", "subject-3": "TOAN",
        **{f"place-{n}": "1" for n in (1, 2, 3)},
    }  # fmt: skip

    refused = desk.send(
        "homeroom_teacher", f"{columns}/columns", {**chosen, "field-2": "nothing"}, seen_on=columns
    )
    done = desk.send("homeroom_teacher", f"{columns}/columns", chosen, seen_on=columns)
    work(at)

    assert refused.status_code == 422
    assert "mã học sinh" in refused.text
    assert done.status_code == 303, done.text
    assert "3 ô sẽ thay đổi" in desk.page("homeroom_teacher", here).text
    assert "Mẫu" in desk.page("homeroom_teacher", "/registers/school-imports").text


def test_sheets_are_explained_on_the_page_of_the_file(desk: Desk, at: datetime) -> None:
    desks.with_class(desk, at)
    pasted = (
        "Mã học sinh\tHọ và tên\tĐĐGtx1\tĐĐGtx2\tĐĐGtx3\tĐĐGtx4\tĐĐGgk\tĐĐGck\n"
        "HS001\tTrần Mỹ Chi\t8\t8\t8\t8\t8\t8\nHS002\tĐặng Văn An\t7\t7\t7\t7\t7\t7\n"
        "HS003\tLê Thị Bình\t9\t9\t9\t9\t9\t9"
    )
    here = bring(desk, "homeroom_teacher", pasted=pasted)
    work(at)
    html = desk.page("homeroom_teacher", here).text
    assert "Trang không ghi lớp" in html
    class_id = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>7A1', html)
    assert class_id

    said = {"class-1": class_id[1], "subject-1": "TOAN", "semester-1": "2"}
    desk.send("homeroom_teacher", f"{here}/sheets", said, seen_on=here)
    work(at)

    assert "18 ô sẽ thay đổi" in desk.page("homeroom_teacher", here).text


def test_a_program_brings_marks_as_json_and_accepts_them(desk: Desk, at: datetime) -> None:
    desks.with_class(desk, at)
    row = {"class": "7A1", "subject": "TOAN", "semester": "1", "regular": ["8", "8.5"]}
    marks = [{**row, "pupil_code": code} for code in ("HS001", "HS002", "HS003")]
    made = desk.post(
        "homeroom_teacher", "/school-imports/marks", {"school_year": "2024-2025", "marks": marks}
    )
    assert made.status_code == 201, made.text
    here = made.headers["location"].removeprefix("/api/v1")
    work(at)

    (part,) = desk.get("homeroom_teacher", here).json()["classes"]
    assert (part["name"], part["added"], part["errors"]) == ("7A1", 6, 0)
    assert desk.post("homeroom_teacher", f"{here}/acceptance").status_code == 202
    work(at)
    assert desk.get("homeroom_teacher", here).json()["state"] == "accepted"


def test_a_program_writes_one_cell_against_its_tag(desk: Desk, at: datetime) -> None:
    path = f"{desks.with_class(desk, at)}/marks"
    rows = desk.get("homeroom_teacher", path, subject="TOAN", semester="1").json()
    cell = {
        "pupil_id": rows[0]["pupil_id"], "subject": "TOAN", "semester": "1", "part": "final",
        "mark": "8.5",
    }  # fmt: skip

    first = desk.put("homeroom_teacher", path, cell)
    second = desk.put("homeroom_teacher", path, {**cell, "mark": "9"})

    assert (first.status_code, first.headers["etag"]) == (200, '"8.5"')
    assert second.status_code == 409
    assert "hiện đang ghi 8,5" in second.json()["detail"]


def test_locks_are_set_opened_and_lifted_on_their_page(desk: Desk, at: datetime) -> None:
    desks.with_class(desk, at)
    here = "/registers/locks"
    chosen = {"school_year": "2024-2025", "semester": "1", "column": "regular-1"}

    bare = desk.send("school_principal", here, chosen, seen_on=here)
    done = desk.send("school_principal", here, {**chosen, "reason": "Hết hạn nhập"}, seen_on=here)

    assert bare.status_code == 422
    assert done.status_code == 303, done.text
    html = desk.page("school_principal", here).text
    assert "Cột ĐĐGtx1, học kì I, mọi môn, mọi lớp" in html
    lock = re.search(r"/registers/locks/([0-9a-f-]{36})/openings", html)
    assert lock
    opened = desk.send(
        "school_principal", f"{here}/{lock[1]}/openings",
        {"until": f"{clock.civil_date(at)}", "reason": "Nhập sai"}, seen_on=here,
    )  # fmt: skip
    assert opened.status_code == 303, opened.text
    assert "Đang mở" in desk.page("school_principal", here).text
    ended = re.search(
        r"/registers/locks/openings/[0-9a-f-]{36}/end", desk.page("school_principal", here).text
    )
    assert ended
    desk.send("school_principal", ended[0], {}, seen_on=here)
    assert "Đang mở" not in desk.page("school_principal", here).text
    desk.send("school_principal", f"{here}/{lock[1]}/lifting", {"reason": "Thôi"}, seen_on=here)
    assert "Khóa đã bỏ" in desk.page("school_principal", here).text
    assert "Khóa thêm" not in desk.page("homeroom_teacher", here).text
