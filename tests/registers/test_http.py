"""What HTTP adds to registers: parsing, statuses, problem documents, files, repeated requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from eoffice import clock, db
from eoffice.assessment.marks import Semester
from eoffice.marks import marks_template
from eoffice.objects.memory import MemoryStore
from eoffice.registers import gradebooks
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk
from tests.registers.test_tasks import run


@pytest.fixture
def at() -> datetime:
    """Now: the API asks the office clock."""
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at) as made:
        yield made


def sheet(path: str, first: Decimal | str = Decimal("8.5")) -> bytes:
    with db.system_transaction() as session:
        class_id = UUID(path.rpartition("/")[2])
        page = stage.sheet_of(session, class_id, "TOAN", Semester.FIRST, first)
    return marks_template.write([page])


def test_a_class_is_opened_by_the_clerk_and_read_by_its_teachers(desk: Desk) -> None:
    teachers = {
        one["full_name"]: one for one in desk.get("school_clerk", "/classes/teachers").json()
    }
    homeroom = teachers["Lê Thị Ngọc Ánh"]["person_id"]
    body = {
        "name": "7A1",
        "grade": 7,
        "school_year": "2024-2025",
        "homeroom_teacher_id": homeroom,
        "subjects": [{"code": "TOAN", "teacher_id": homeroom}],
        "pupils": [{"code": "1", "name": "Nguyễn An", "born_on": "2012-01-02", "sex": "Nam"}],
    }

    made = desk.post("school_clerk", "/classes", body)

    assert made.status_code == 201, made.text
    assert made.json()["pupils"][0]["name"] == "Nguyễn An"
    path = made.headers["location"].removeprefix("/api/v1")
    assert desk.get("homeroom_teacher", path).status_code == 200
    assert desk.get("high_school_teacher", path).status_code == 404
    assert desk.get("TOAN", path).status_code == 403
    assert [row["name"] for row in desk.get("homeroom_teacher", "/classes").json()] == ["7A1"]


def test_faults_come_back_by_sheet_row_and_column(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at)

    answer = desk.upload("homeroom_teacher", f"{path}/imports", sheet(path, Decimal(11)))

    assert answer.status_code == 201
    assert answer.json()["state"] == "faulty"
    (fault,) = answer.json()["faults"]
    assert (fault["sheet"], fault["row"], fault["column"], fault["cell"]) == (
        "TOAN_HK1", 8, "F", "F8",
    )  # fmt: skip
    refused = desk.post("homeroom_teacher", f"/imports/{answer.json()['id']}/acceptance")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/import-refused")


def test_an_upload_is_accepted_and_its_marks_are_in_the_results(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at)
    made = desk.upload("homeroom_teacher", f"{path}/imports", sheet(path)).json()
    assert len(made["changes"]) == 18

    accepted = desk.post("homeroom_teacher", f"/imports/{made['id']}/acceptance")

    assert accepted.json() == {"added": 18, "changed": 0, "removed": 0}
    first = desk.get("homeroom_teacher", f"{path}/results").json()[0]
    assert first["subjects"]["TOAN"] == {
        "first": "8.1",
        "second": None,
        "year": None,
        "after": None,
    }


def test_an_upload_sent_twice_is_on_record_once(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at)
    content = sheet(path)

    answers = [
        desk.upload("homeroom_teacher", f"{path}/imports", content, key="the same key")
        for _ in range(2)
    ]

    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert len(desk.get("homeroom_teacher", f"{path}/imports").json()) == 1


@pytest.mark.parametrize("content", [b"no workbook", b"PK\x03\x04"])
def test_what_is_no_workbook_is_refused(desk: Desk, at: datetime, content: bytes) -> None:
    path = desks.with_class(desk, at)

    answer = desk.upload("homeroom_teacher", f"{path}/imports", content)

    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/workbook-refused")


def test_conduct_absences_and_remarks_are_put_on_record(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at)

    answers = [
        desk.put(
            "homeroom_teacher",
            f"{path}/conduct",
            {"semester": "1", "levels": {"HS001": "good"}},
        ),
        desk.put(
            "homeroom_teacher",
            f"{path}/absences",
            {
                "first": "2024-09-01",
                "last": "2024-09-30",
                "absences": [{"pupil_code": "HS001", "on": "2024-09-10", "excused": True}],
            },
        ),
        desk.put(
            "school_principal", f"{path}/remarks", {"month": "2024-10-05", "text": "Đã xem sổ."}
        ),
    ]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    view = desk.get("homeroom_teacher", path).json()
    assert view["conduct"]["1"] == {"HS001": "good"}
    assert len(view["absences"]) == 1


def test_a_template_of_the_class_comes_as_a_file(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at, finished=True)

    answer = desk.get("homeroom_teacher", f"{path}/marks-template", subject="TOAN")

    assert answer.headers["content-disposition"].startswith("attachment")
    again = desk.upload("homeroom_teacher", f"{path}/imports", answer.content)
    assert (again.json()["state"], again.json()["changes"]) == ("ready", [])


def test_the_book_is_asked_for_and_read_once_its_pages_are_made(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at, finished=True)
    book = desk.post("homeroom_teacher", f"{path}/gradebooks").json()
    here = f"/gradebooks/{book['id']}"
    assert book["state"] == "rendering"
    assert desk.get("homeroom_teacher", f"{here}/content").status_code == 404

    run(UUID(book["id"]))

    made = desk.get("homeroom_teacher", here).json()
    assert made["state"] == "awaiting_teachers"
    mine = [one["field"] for one in made["signatures"] if one["is_mine_now"]]
    assert mine == ["subject_VAN"]
    assert desk.get("TOAN", "/gradebooks/awaiting").json()[0]["gradebook_id"] == book["id"]
    assert desk.get("homeroom_teacher", f"{here}/content").content.startswith(b"%PDF")
    assert desk.get("homeroom_teacher", f"{here}/pages/1", width=300).content[:4] == b"\x89PNG"


def test_who_has_nothing_to_sign_is_refused(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at, finished=True)
    book = desk.post("homeroom_teacher", f"{path}/gradebooks").json()

    answer = desk.post("TOAN", f"/gradebooks/{book['id']}/signatures", {"pin": "123456"})

    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/not-your-part")


def test_a_book_is_returned_with_its_reason(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at, finished=True)
    book = desk.post("homeroom_teacher", f"{path}/gradebooks").json()

    answer = desk.post("TOAN", f"/gradebooks/{book['id']}/return", {"reason": "Sai điểm em An."})

    assert answer.json()["state"] == "returned"
    assert answer.json()["returned_because"] == "Sai điểm em An."
    assert len("Sai điểm em An.") < gradebooks.LONGEST_REASON
