"""Holding through the browser's door and the programs': placed, added to, listed, lifted."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import text

from eoffice.db import system_transaction
from tests.filing.test_case_pages import desk, dispatch
from tests.people.conftest import Desk

__all__ = ["desk", "dispatch"]

HERE = "/holds"
FIELDS = {
    "title": "Thanh tra tuyển sinh 2018",
    "reason": "Phục vụ đoàn thanh tra tuyển sinh.",
    "legal_basis": "Quyết định 12/QĐ-TTr ngày 10/08/2018",
}


@pytest.fixture
def code(dispatch: UUID) -> str:
    with system_transaction() as session:
        number, notation = session.execute(
            text("select number, notation from documents where id = :id"), {"id": dispatch}
        ).one()
    return f"{number}/{notation}"


def test_a_document_is_held_from_its_page_and_lifted_with_a_reason(
    desk: Desk, dispatch: UUID
) -> None:
    desk.enter(desk.cast.director)
    new = f"{HERE}/new?kind=outgoing&record={dispatch}"
    record = {"kind": "outgoing", "record": str(dispatch)}
    wrong = desk.post(HERE, {**record, **FIELDS, "reason": "gấp"}, on=new)
    assert wrong.status_code == 422
    assert "Hãy ghi lý do bằng một câu" in wrong.text
    assert FIELDS["legal_basis"] in wrong.text

    made = desk.post(HERE, {**record, **FIELDS}, on=new)
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    shown = desk.client.get(address).text
    assert "Đang giữ" in shown
    assert f'href="/documents/{dispatch}"' in shown
    assert FIELDS["title"] in desk.client.get(HERE).text
    assert "Đang được giữ từ ngày" in desk.client.get(new).text

    lifting = f"{address}/lifting"
    assert desk.post(lifting, {"why": "xong"}, on=address).status_code == 422
    done = desk.post(lifting, {"why": "Đoàn thanh tra đã kết thúc."}, on=address)
    assert done.status_code == 303
    shown = desk.client.get(address).text
    assert "Đã gỡ khóa" in shown
    assert "Đoàn thanh tra đã kết thúc." in shown
    assert "Lý do gỡ khóa</label>" not in shown


def test_a_set_is_held_by_codes_and_what_is_unknown_is_named(desk: Desk, code: str) -> None:
    desk.enter(desk.cast.clerk)
    fields = {**FIELDS, "kind": "outgoing"}
    unknown = desk.post(HERE, {**fields, "codes": f"{code}\n1/KHONG-CO"}, on=f"{HERE}/new")
    assert unknown.status_code == 422
    assert "Không tìm thấy: 1/KHONG-CO." in unknown.text
    assert code in unknown.text
    nothing = desk.post(HERE, {**fields, "codes": " "}, on=f"{HERE}/new")
    assert "Chọn ít nhất một" in nothing.text
    made = desk.post(HERE, {**fields, "codes": f"{code}\n{code}"}, on=f"{HERE}/new")
    address = made.headers["location"]
    again = desk.post(f"{address}/records", {"kind": "outgoing", "codes": code}, on=address)
    assert again.status_code == 303
    assert "1 hồ sơ, văn bản" in desk.client.get(address).text


def test_a_change_of_a_held_case_file_comes_back_with_the_day(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    made = desk.post(
        "/case-files",
        {"year": "2018", "notation": "02.VT", "title": "Hồ sơ", "maintenance": "10 năm"},
    )
    case = made.headers["location"]
    assert "Giữ, khóa hồ sơ này" in desk.client.get(case).text
    fields = {**FIELDS, "kind": "case_file", "codes": "2018.02.VT"}
    assert desk.post(HERE, fields, on=f"{HERE}/new").status_code == 303
    assert "đang được giữ, khóa từ ngày" in desk.client.get(case).text

    refused = desk.post(f"{case}/rights", {"access": "named"}, on=case)
    assert refused.status_code == 409
    assert re.search(r"đang được giữ, khóa từ ngày \d\d/\d\d/\d{4} nên không sửa", refused.text)


def test_programs_hold_list_and_lift(desk: Desk, dispatch: UUID) -> None:
    who = desk.api(desk.cast.clerk)
    api = "/api/v1/holds"
    body = {**FIELDS, "records": [{"kind": "outgoing", "id": str(dispatch)}]}
    headers = {**who, "idempotency-key": "hold-once-1"}
    made = desk.client.post(api, json=body, headers=headers)
    assert made.status_code == 201, made.text
    assert desk.client.post(api, json=body, headers=headers).json() == made.json()
    hold = made.json()["hold"]["id"]
    assert [each["object_id"] for each in made.json()["records"]] == [str(dispatch)]
    assert len(desk.client.get(f"{api}?runs=true", headers=who).json()) == 1

    lifted = desk.client.post(
        f"{api}/{hold}/lifting", json={"why": "Đã hết lý do giữ."}, headers=who
    )
    assert lifted.json()["hold"]["lifted_because"] == "Đã hết lý do giữ."
    assert desk.client.get(f"{api}?runs=true", headers=who).json() == []
    others = desk.api(desk.cast.specialist)
    assert desk.client.get(api, headers=others).status_code == 403
