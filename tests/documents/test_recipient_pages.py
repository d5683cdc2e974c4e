"""Recipients are chosen on one page without script; nothing is kept until "Lưu nơi nhận"."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.actions import Recipient
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients.rules import Target
from tests.documents import sealed_papers
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun


def kept(desk: Desk, document_id: str) -> tuple[Target, ...]:
    with db.system_transaction() as session:
        return recipients.targets_of(session, UUID(document_id))


def fields_of(page: httpx.Response) -> dict[str, Any]:
    """The choice as the page would send it again."""
    found: dict[str, Any] = {"choice": []}
    for number, key in re.findall(r'type="hidden" name="target-(\d+)" value="([^"]*)"', page.text):
        found["choice"].append(number)
        found[f"target-{number}"] = unescape(key)
    return found


def test_searching_adding_and_pasting_keep_nothing_and_lose_nothing(desk: Desk) -> None:
    document = begun(desk)
    path = f"/documents/{document}/distribution"
    before = kept(desk, document)

    def sent(fields: dict[str, Any]) -> httpx.Response:
        return desk.send("specialist", path, fields, seen_on=path)

    found = sent({"add": ["group:district_offices"], "do": "find", "q": "sen hong"})
    assert found.status_code == 200
    assert "Trường THPT Sen Hồng" in found.text
    assert fields_of(found)["target-1"] == "group:district_offices"
    assert kept(desk, document) == before

    pasted = sent(fields_of(found) | {"do": "paste", "pasted": "THPT Tràm Chim\nTrường không có\n"})
    assert "Đã nhận ra 1 dòng; 1 dòng chưa rõ." in pasted.text
    assert "Không tìm thấy" in pasted.text
    refused = sent(fields_of(pasted) | {"do": "save", "pasted": "Trường không có"})
    assert refused.status_code == 422
    assert "Trường không có" in refused.text

    saved = sent(fields_of(pasted) | {"do": "save", "purpose-2": "report"})
    assert saved.status_code == 303
    targets = kept(desk, document)
    assert [each.group_code for each in targets] == ["district_offices", None]
    assert targets[1].unit_id == desk.cast.other_high_school.id
    assert targets[1].purpose.value == "report"


def test_an_ambiguous_line_is_decided_by_a_pick(desk: Desk) -> None:
    document = begun(desk)
    path = f"/documents/{document}/distribution"
    shown = desk.send("specialist", path, {"do": "paste", "pasted": "trường thpt"}, seen_on=path)
    assert "Chưa chọn" in shown.text

    saved = desk.send(
        "specialist",
        path,
        {
            "do": "save",
            "pasted": "trường thpt",
            "pick-1": f"unit:{desk.cast.high_school.id}",
        },
        seen_on=path,
    )

    assert saved.status_code == 303
    assert [each.unit_id for each in kept(desk, document)] == [desk.cast.high_school.id]


def test_a_rule_is_put_together_and_kept_for_the_unit(desk: Desk) -> None:
    document = begun(desk)
    path = f"/documents/{document}/distribution"
    made = desk.send(
        "specialist",
        path,
        {
            "do": "keep_rule",
            "levels": ["upper_secondary"],
            "except": "THPT Tràm Chim",
            "rule_name": "Cụm thi đua số 1",
        },
        seen_on=path,
    )
    assert made.status_code == 200
    saved = desk.send("specialist", path, fields_of(made) | {"do": "save"}, seen_on=path)
    assert saved.status_code == 303

    shown = desk.page("specialist", path).text
    assert "Cụm thi đua số 1" in shown
    preview = desk.get("specialist", f"{DOCUMENTS}/{document}/preview").json()
    assert [unit["name"] for unit in preview["units"]] == [desk.cast.high_school.name]
    wrong = desk.send(
        "specialist",
        path,
        {"do": "rule", "levels": ["upper_secondary"], "except": "không có đơn vị này"},
        seen_on=path,
    )
    assert wrong.status_code == 422
    assert "không có đơn vị này" in wrong.text


def test_a_value_that_the_page_did_not_write_is_refused(desk: Desk) -> None:
    document = begun(desk)
    path = f"/documents/{document}/distribution"
    for value in ("unit:x", "elsewhere:1", "rule:{", 'rule:{"name":1}'):
        answer = desk.send("specialist", path, {"add": value, "do": "save"}, seen_on=path)
        assert answer.status_code == 422


def test_the_clerk_keeps_the_directory_and_others_read_it(desk: Desk) -> None:
    entry = {"name": "VNPT Đồng Tháp", "channel": "email", "email": "vt@vnpt.example"}
    made = desk.send("clerk", "/organisations", entry, seen_on="/organisations")
    assert made.status_code == 303
    assert "vt@vnpt.example" in desk.page("specialist", "/organisations").text
    refused = desk.post("specialist", "/api/v1/organisations", entry)
    assert refused.status_code == 403
    wrong = desk.send("clerk", "/organisations", entry | {"email": "x"}, seen_on="/organisations")
    assert wrong.status_code == 422
    (row,) = desk.get("clerk", "/api/v1/organisations").json()
    page = f"/organisations/{row['id']}"
    changed = desk.send("clerk", page, entry | {"name": "VNPT"}, seen_on=page)
    assert changed.status_code == 303
    assert desk.send("clerk", f"{page}/removal", {}, seen_on=page).status_code == 303
    assert desk.get("clerk", "/api/v1/organisations").json() == []


@pytest.fixture
def sealed(desk: Desk) -> UUID:
    """A dispatch that only waits to be issued, to a high school and to VNPT."""
    at = clock.now()
    organisation = desk.post(
        "clerk",
        "/api/v1/organisations",
        {"name": "VNPT Đồng Tháp", "channel": "post", "postal_address": "02 Đốc Binh Kiều"},
    ).json()["id"]
    with Session(desk.superuser) as session, session.begin():
        return sealed_papers.sealed(
            session,
            desk.cast,
            [
                Recipient(unit_id=desk.cast.high_school.id),
                Recipient(organisation_id=UUID(organisation)),
            ],
            at=at,
        )


def test_an_hour_of_issue_is_set_and_cancelled_on_the_page(desk: Desk, sealed: UUID) -> None:
    page = f"/documents/{sealed}/issuance"
    assert "Phát hành đến 2 nơi nhận" in desk.page("clerk", page).text
    tomorrow = clock.civil_date(clock.now()) + timedelta(days=1)

    past = desk.send(
        "clerk",
        f"{page}-schedule",
        {"issue_on": "2018-01-01", "issue_time": "07:30"},
        seen_on=page,
    )
    set_ = desk.send(
        "clerk",
        f"{page}-schedule",
        {"issue_on": tomorrow.isoformat(), "issue_time": "07:30"},
        seen_on=page,
    )

    assert past.status_code == 422
    assert set_.status_code == 303
    assert "Hẹn phát hành lúc" in desk.page("clerk", page).text
    cancelled = desk.send("clerk", f"{page}-schedule/cancellation", {}, seen_on=page)
    assert cancelled.status_code == 303
    assert "Hẹn phát hành lúc" not in desk.page("clerk", page).text


def test_what_goes_outside_waits_until_the_clerk_says_how_it_was_sent(
    desk: Desk, sealed: UUID
) -> None:
    page = f"/documents/{sealed}/issuance"
    assert desk.send("clerk", page, {}, seen_on=page).status_code == 303
    outside = f"/documents/{sealed}/outside"
    assert "Chờ gửi" in desk.page("clerk", outside).text
    organisation = desk.get("clerk", "/api/v1/organisations").json()[0]["id"]

    blank = desk.send("clerk", f"{outside}/{organisation}", {"sent_note": " "}, seen_on=outside)
    sent = desk.send(
        "clerk", f"{outside}/{organisation}", {"sent_note": "RR123456789VN"}, seen_on=outside
    )

    assert (blank.status_code, sent.status_code) == (422, 303)
    assert "RR123456789VN" in desk.page("specialist", outside).text


def test_a_correction_is_noted_on_the_page_of_the_draft(desk: Desk, sealed: UUID) -> None:
    page = f"/documents/{sealed}/issuance"
    desk.send("clerk", page, {}, seen_on=page)
    draft = begun(desk)
    path = f"/documents/{draft}/corrections"
    assert "960/SGDĐT-CNTTTBTV" in desk.page("specialist", f"{path}?q=960").text

    noted = desk.send(
        "specialist",
        path,
        {"kind": "corrects", "corrected_id": str(sealed)},
        seen_on=path,
    )

    assert noted.status_code == 303
    assert "Đính chính" in desk.page("specialist", path).text
    links = desk.get("specialist", f"{DOCUMENTS}/{sealed}/corrections").json()
    assert [each["document_id"] for each in links["corrected_by"]] == [draft]
    assert links["force"] == "in_force"
