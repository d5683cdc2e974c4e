"""Programs of the school publish and follow results; addresses and codes never leave that way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from eoffice import clock
from eoffice.families import http
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router) as made:
        yield made


def test_results_are_published_once_for_a_key_and_withdrawn(desk: Desk, at: datetime) -> None:
    path = f"{desks.with_class(desk, at, finished=True)}/publications"

    made = desk.post("school_principal", path, {"kind": "year"}, key="year-2024")
    again = desk.post("school_principal", path, {"kind": "year"}, key="year-2024")

    assert made.status_code == 201, made.text
    assert again.json() == made.json()
    assert (made.json()["slips"], made.json()["looked_at"]) == (3, 0)
    refused = desk.post("school_principal", path, {"kind": "year"})
    assert refused.status_code == 409
    own = f"/publications/{made.json()['id']}"
    withdrawn = desk.post("school_principal", f"{own}/withdrawal", {"because": "Sửa điểm Toán"})
    assert withdrawn.json()["state"] == "withdrawn"
    assert [each["state"] for each in desk.get("school_clerk", path).json()] == ["withdrawn"]


def test_looks_are_told_and_neither_addresses_nor_codes(desk: Desk, at: datetime) -> None:
    path = f"{desks.with_class(desk, at, finished=True)}/publications"
    made = desk.post("school_principal", path, {"kind": "month", "month": "2025-03-17"}).json()

    slips = desk.get("homeroom_teacher", f"/publications/{made['id']}/slips").json()

    assert made["month"] == "2025-03-01"
    assert [each["pupil"] for each in slips] == ["Đặng Văn An", "Lê Thị Bình", "Trần Mỹ Chi"]
    assert {key for each in slips for key in each} == {
        "id",
        "pupil",
        "looks",
        "last_look_at",
        "wrong_tries",
        "renewals",
        "can_be_mailed",
        "mailed_at",
    }


def test_teachers_of_other_classes_and_superiors_are_refused(desk: Desk, at: datetime) -> None:
    path = f"{desks.with_class(desk, at, finished=True)}/publications"
    made = desk.post("school_principal", path, {"kind": "year"}).json()

    for stranger in ("TOAN", "director", "high_school_principal"):
        assert desk.get(stranger, path).status_code in (403, 404)
        assert desk.get(stranger, f"/publications/{made['id']}/slips").status_code in (403, 404)
        answer = desk.post(stranger, f"/publications/{made['id']}/withdrawal", {"because": "x"})
        assert answer.status_code in (403, 404)


@pytest.mark.parametrize("body", [{"kind": "month"}, {"kind": "year", "month": "2025-03-01"}])
def test_a_month_is_said_for_months_only(desk: Desk, at: datetime, body: dict[str, str]) -> None:
    path = f"{desks.with_class(desk, at, finished=True)}/publications"
    answer = desk.post("school_principal", path, body)
    assert answer.status_code == 422
    assert "month" in answer.json()["fields"]
