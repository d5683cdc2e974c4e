"""Qualities, decisions and the end of summer over HTTP: by whom they are, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from eoffice import db
from eoffice.marks import http as marks_http
from tests.conftest import Office
from tests.marks.test_years import FIRST, opened
from tests.registers import desk as desks
from tests.registers.desk import Desk


@pytest.fixture
def desk(office: Office, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_http.router) as made:
        yield made


def with_class(desk: Desk, at: datetime, era: str) -> str:
    with db.system_transaction() as session:
        return f"/classes/{opened(session, desk.cast, at, era)}"


def test_the_homeroom_teacher_records_and_the_results_wait_for_less(
    desk: Desk, at: datetime
) -> None:
    path = with_class(desk, at, "TT27/2020")
    levels = {"time": "end_1", "levels": {FIRST: {"YEU_NUOC": "good", "NHAN_AI": "achieved"}}}

    def gaps() -> list[str]:
        found = desk.get("homeroom_teacher", f"{path}/results").json()
        return next(one["gaps"] for one in found if one["code"] == FIRST)

    before = gaps()
    assert desk.put("homeroom_teacher", f"{path}/traits", levels).status_code == 204
    assert set(before) - set(gaps()) == {"Yêu nước cuối học kì I", "Nhân ái cuối học kì I"}
    assert desk.put("school_principal", f"{path}/traits", levels).status_code == 403


def test_the_principal_decides_and_nobody_else(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at, "TT27/2020")
    decision = {"is_chosen": True, "outcome": "promoted", "reason": "Đã tiến bộ rõ rệt."}
    door = f"{path}/pupils/{FIRST}/year-decision"

    assert desk.put("school_principal", door, decision).status_code == 204
    assert desk.put("homeroom_teacher", door, decision).status_code == 403
    unknown = desk.put("school_principal", f"{path}/pupils/HS9/year-decision", decision)
    assert 400 <= unknown.status_code < 500


def test_a_summer_is_closed_once(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at, "TT22/2021")

    answers = [desk.put("school_principal", f"{path}/summer-closing", {}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 409]
