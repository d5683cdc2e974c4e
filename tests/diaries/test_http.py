"""Programs take the same steps on the diary and the homeroom book as people on the pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from eoffice.diaries import http
from eoffice.objects.memory import MemoryStore
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk

MONDAY = "2025-05-19"
GRID = "Tiết\tThứ 2\n1\tToán\n2\tToán"


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router) as made:
        yield made


def test_a_program_writes_a_week_which_is_closed_opened_again_and_inspected(
    desk: Desk, at: datetime
) -> None:
    path = desks.with_class(desk, at)
    lesson = f"{path}/diary/lessons/{MONDAY}/morning/1"
    table = {"from_on": "2024-09-05", "grid": GRID}
    assert desk.put("TOAN", f"{path}/timetable", table).status_code == 403
    assert desk.put("school_clerk", f"{path}/timetable", table).json() == {"lessons_per_week": 2}
    line = {"subject": "TOAN", "title": "Ôn tập", "plan_number": 128, "absent": {"HS001": True}}
    assert desk.put("TOAN", lesson, line | {"absent": {"HS999": True}}).status_code == 422
    assert desk.put("TOAN", lesson.replace("morning", "night"), line).status_code == 422
    written = desk.put("TOAN", lesson, line)
    assert written.status_code == 204, written.text
    seen = desk.get("homeroom_teacher", f"{path}/diary", week="2025-05-22").json()
    assert (seen["monday"], seen["state"], seen["missing"]) == (MONDAY, "open", 1)
    assert [one["absent"] for one in seen["lessons"]] == [{"HS001": True}, {}]
    close = {"day": MONDAY, "remark": "Tốt."}
    assert desk.post("homeroom_teacher", f"{path}/diary/closing", close).status_code == 422
    done = desk.post("homeroom_teacher", f"{path}/diary/closing", close | {"despite_missing": True})
    assert done.json() == {"missing": 1}
    assert desk.put("TOAN", lesson, line).status_code == 409
    again = {"day": MONDAY, "because": "Giáo viên quên xác nhận.", "days": 2}
    assert desk.post("TOAN", f"{path}/diary/reopening", again).status_code == 403
    assert desk.post("school_principal", f"{path}/diary/reopening", again).status_code == 204
    assert desk.put("TOAN", lesson, line).status_code == 204
    remark = {"day": MONDAY, "text": "Ghi đầy đủ."}
    assert desk.put("school_principal", f"{path}/diary/inspection", remark).status_code == 204


def test_a_program_reads_notes_of_the_homeroom_book_for_those_who_may(
    desk: Desk, at: datetime
) -> None:
    notes = f"{desks.with_class(desk, at)}/homeroom-notes"
    note = {"part": "plan", "about": "Tháng 9", "text": "Ổn định nền nếp."}
    made = desk.post("homeroom_teacher", notes, note)
    assert made.status_code == 201, made.text
    further = note | {"note_id": made.json()["note_id"], "outcome": "Đạt."}
    assert desk.post("homeroom_teacher", notes, further).json()["version"] == 2
    assert [one["outcome"] for one in desk.get("school_principal", notes).json()] == ["Đạt."]
    for stranger in ("TOAN", "school_clerk"):
        assert desk.get(stranger, notes).status_code == 403
        assert desk.post(stranger, notes, note).status_code == 403
