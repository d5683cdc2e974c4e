"""Pages and interface of rolls: what the clerk does is seen afterwards, by those who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from eoffice import clock
from eoffice.classes.model import SchoolClass
from eoffice.objects.memory import MemoryStore
from eoffice.rolls import http, pages
from tests.conftest import Office, owner_transaction
from tests.registers import desk as desks
from tests.registers.desk import Desk

CLERK = "school_clerk"


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def today(at: datetime) -> str:
    return clock.civil_date(at).isoformat()


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router, pages.pages) as made:
        yield made


def sent(desk: Desk, path: str, fields: dict[str, Any], seen_on: str) -> str:
    """Where the step leads."""
    answer = desk.send(CLERK, path, fields, seen_on=seen_on)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def opened(desk: Desk, at: datetime) -> str:
    """The path of the class; the register is open and everybody has a number."""
    path = "/registers" + desks.with_class(desk, at)
    rolls = "/registers/rolls"
    sent(desk, rolls, {"first_number": "101", "suffix": "/THCS"}, rolls)
    sent(desk, f"{rolls}/entries", {"class_id": ""}, rolls)
    return path


def first_line(desk: Desk) -> str:
    text = desk.page(CLERK, "/registers/rolls").text
    found = re.search(r'href="(/registers/rolls/[0-9a-f-]{36})"', text)
    assert found
    return found[1]


def test_the_register_is_opened_filled_supplemented_and_a_number_annulled(
    desk: Desk, at: datetime
) -> None:
    opened(desk, at)
    shown = desk.page(CLERK, "/registers/rolls").text
    assert "101/THCS" in shown
    assert "103/THCS" in shown
    line = first_line(desk)
    sent(desk, f"{line}/supplement", {"hometown": "Sa Đéc", "religion": "Không"}, line)
    refused = desk.send(CLERK, f"{line}/annulment", {"why": "nhầm"}, seen_on=line)
    assert refused.status_code == 422
    assert "nhầm" in refused.text
    sent(desk, f"{line}/annulment", {"why": "Cấp nhầm cho học sinh học nhờ."}, line)
    after = desk.page("school_principal", line).text
    assert "Sa Đéc" in after
    assert "Số bị hủy" in after
    assert "Hủy số này" not in after
    for wanted, begins in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = desk.page(CLERK, f"/registers/rolls?format={wanted}")
        assert answer.content.startswith(begins)


def test_rolls_are_for_the_office_of_the_school_and_who_stands_above_it(
    desk: Desk, at: datetime
) -> None:
    opened(desk, at)
    school = desk.cast.school.id
    for path in ("rolls", "moves", "certificates", "certificates/blanks"):
        assert desk.page("homeroom_teacher", f"/registers/{path}").status_code == 403
        assert desk.page("district_head", f"/registers/{path}?school={school}").status_code == 200
        assert desk.page("high_school_clerk", f"/registers/{path}?school={school}").status_code in (
            403,
            404,
        )
    above = desk.page("district_head", f"/registers/rolls?school={school}").text
    assert "101/THCS" in above
    assert "Cấp số theo thứ tự" not in above
    assert desk.cast.school.name in desk.page("district_head", "/registers/rolls").text


def test_who_goes_is_entered_in_the_book_of_moves_with_papers(
    desk: Desk, at: datetime, today: str
) -> None:
    path = opened(desk, at)
    text = desk.page(CLERK, path).text
    found = re.search(r'href="(/registers/pupils/[0-9a-f-]+)"', text)
    assert found
    pupil = found[1]
    sent(
        desk, f"{pupil}/movements",
        {"kind": "out", "on": today, "reason": "Theo gia đình", "other_school": "THCS Nguyễn Du"},
        pupil,
    )  # fmt: skip
    # Recorded on the pupil's page it is in the book at once.
    assert desk.post(CLERK, "/moves/entries").json() == {"count": 0}
    shown = desk.page(CLERK, "/registers/moves").text
    assert "THCS Nguyễn Du" in shown
    action = re.search(r'action="(/registers/moves/[0-9a-f-]+/papers)"', shown)
    assert action
    sent(
        desk,
        action[1],
        {"papers": "Học bạ, giấy khai sinh", "papers_on": today},
        "/registers/moves",
    )
    assert "Học bạ, giấy khai sinh" in desk.page(CLERK, "/registers/moves").text
    (year,) = re.findall(r"năm học (\d{4}-\d{4})\. Việc", shown)
    (row,) = desk.get(CLERK, "/moves", school_year=year).json()
    assert (row["number"], row["direction"], row["papers"]) == (1, "out", "Học bạ, giấy khai sinh")
    assert desk.page(CLERK, f"/registers/moves?format=pdf&year={year}").content.startswith(b"%PDF")


def test_a_class_finishes_gets_certificates_and_they_are_handed_over(
    desk: Desk, at: datetime, today: str
) -> None:
    path = opened(desk, at)
    with owner_transaction() as session:
        session.get_one(SchoolClass, path.rpartition("/")[2]).grade = 9
    seen_on = f"{path}/graduation"
    pupils = re.findall(r'name="pupils" value="([0-9a-f-]+)"', desk.page(CLERK, seen_on).text)
    sent(desk, seen_on, {"on": today, "decision": "QĐ 12", "pupils": pupils[:2]}, seen_on)
    blanks = "/registers/certificates/blanks"
    sent(
        desk, blanks,
        {"kind_code": "TNTHCS", "received_on": today, "received_from": "Sở GDĐT",
         "first": "A 001", "last": "A 005"},
        blanks,
    )  # fmt: skip
    new = "/registers/certificates/new?kind=TNTHCS&year=2024-2025"
    assert "A 001" in desk.page(CLERK, new).text
    sent(
        desk, "/registers/certificates/graduates",
        {"kind_code": "TNTHCS", "school_year": "2024-2025", "signed_on": today,
         "pupils": pupils[:2]},
        new,
    )  # fmt: skip
    rows = desk.get(CLERK, "/certificates").json()["items"]
    assert [(row["ordinal"], row["serial"]) for row in rows] == [(1, "A 001"), (2, "A 002")]
    (tally,) = desk.get(
        "district_head", "/certificate-blanks", school_id=desk.cast.school.id
    ).json()
    assert (tally["received"], tally["granted"], tally["left"]) == (5, 2, 3)

    one = f"/registers/certificates/{rows[0]['id']}"
    refused = desk.send(
        CLERK, f"{one}/handover",
        {"on": today, "receiver": "Người khác", "identity_paper": "Căn cước 1"}, seen_on=one,
    )  # fmt: skip
    assert refused.status_code == 422
    assert "Người khác" in refused.text
    sent(
        desk, f"{one}/handover",
        {"on": today, "receiver": rows[0]["name"], "identity_paper": "Căn cước 1"}, one,
    )  # fmt: skip
    sent(desk, f"{one}/signature", {"signature": "Sổ giấy, trang 3", "on": today}, one)
    sent(
        desk, f"{one}/copies",
        {"on": today, "copies": "2", "receiver": rows[0]["name"], "identity_paper": "CC 1"}, one,
    )  # fmt: skip
    sent(
        desk, f"{one}/corrections",
        {"field": "birthplace", "new": "Sa Đéc", "on": today, "decision": "QĐ 3"}, one,
    )  # fmt: skip
    sent(
        desk, f"{one}/ending",
        {"step": "lose", "ended_on": today, "because": "Người được cấp trình báo mất."}, one,
    )  # fmt: skip
    shown = desk.page(CLERK, one).text
    for words in ("Sổ giấy, trang 3", "1/2", "Sa Đéc", "Bị mất", "trình báo mất"):
        assert words in shown
    sent(
        desk, f"{blanks}/happenings",
        {"kind_code": "TNTHCS", "step": "spoil", "first": "A 005", "ended_on": today,
         "minutes": "BB 1"},
        blanks,
    )  # fmt: skip
    assert "BB 1" in desk.page(CLERK, blanks).text
    assert desk.page(CLERK, "/registers/certificates?format=xlsx").content.startswith(b"PK")


def test_programs_do_the_same(desk: Desk, at: datetime, today: str) -> None:
    desks.with_class(desk, at)
    assert desk.post(CLERK, "/enrolment-roll/entries", {}).status_code == 409
    assert desk.post(CLERK, "/enrolment-roll", {"first_number": 1}).status_code == 200
    assert desk.post(CLERK, "/enrolment-roll/entries", {}).json()["count"] == 3
    first = desk.get(CLERK, "/enrolment-lines", limit=2).json()
    assert [each["number"] for each in first["items"]] == [1, 2]
    rest = desk.get(CLERK, "/enrolment-lines", limit=2, cursor=first["next_cursor"]).json()
    assert [each["number"] for each in rest["items"]] == [3]
    line = first["items"][0]["id"]
    why = {"why": "Cấp nhầm cho học sinh học nhờ."}
    assert desk.post(CLERK, f"/enrolment-lines/{line}/annulment", why).status_code == 200
    assert desk.post(CLERK, f"/enrolment-lines/{line}/annulment", why).status_code == 409
    assert desk.get("homeroom_teacher", "/enrolment-lines").status_code == 403
    new = {
        "name": "Lê Văn Tám", "born_on": "1990-01-02", "graduation_year": 2005,
        "signed_on": "2005-06-30", "serial": "B 77", "grading": "Giỏi",
    }  # fmt: skip
    body = {"kind_code": "TNTHCS", "certificates": [new]}
    (made,) = desk.post(CLERK, "/certificates", body).json()["ids"]
    assert desk.post(CLERK, "/certificates", {**body, "kind_code": "X"}).status_code == 422
    handover = {"on": today, "receiver": "Lê Văn Tám", "identity_paper": "CC 1"}
    assert desk.post(CLERK, f"/certificates/{made}/handover", handover).status_code == 200
    ending = {"step": "copy", "ended_on": today, "because": "Người được cấp báo mất."}
    assert desk.post(CLERK, f"/certificates/{made}/ending", ending).status_code == 422


def test_officers_of_the_department_set_the_kinds(desk: Desk, at: datetime) -> None:
    path = "/registers/certificates/kinds"
    fields = {
        "code": "NPT", "name": "Giấy chứng nhận nghề", "has_blanks": "on", "is_offered": "on",
        "gradings": "Giỏi; Khá", "source": "TT 21/2019",
    }  # fmt: skip
    answer = desk.send("specialist", path, fields, seen_on=f"{path}?code=NPT")
    assert answer.status_code == 303
    shown = desk.page(CLERK, path).text
    assert "Giấy chứng nhận nghề" in shown
    assert 'name="code"' not in shown


def test_a_paper_register_is_looked_at_before_it_is_taken(desk: Desk, at: datetime) -> None:
    desks.with_class(desk, at)
    rolls = "/registers/rolls"
    sent(desk, rolls, {"first_number": "1"}, rolls)
    path = f"{rolls}/import"
    head = "Số đăng bộ\tHọ và tên\tNgày sinh"
    faulty = desk.send(CLERK, path, {"table": f"{head}\nx\tLê An\t1/1/2000"}, seen_on=path).text
    assert "Chỗ cần sửa" in faulty
    assert "Chép vào sổ" not in faulty
    table = f"{head}\n1\tLê An\t01/01/2000\n3\tTrần Ba\t02/02/2001"
    preview = desk.send(CLERK, path, {"table": table}, seen_on=path).text
    assert "ghi là số bị hủy: 2" in preview
    assert desk.get(CLERK, "/enrolment-lines").json()["items"] == []
    sent(desk, f"{path}/acceptance", {"table": table}, path)
    found = desk.get(CLERK, "/enrolment-lines").json()["items"]
    assert [(each["number"], each["name"]) for each in found] == [
        (1, "Lê An"), (2, ""), (3, "Trần Ba"),
    ]  # fmt: skip
    again = desk.send(CLERK, f"{path}/acceptance", {"table": table}, seen_on=path)
    assert again.status_code == 422
    assert desk.send(CLERK, path, {"table": ""}, seen_on=path).status_code == 422
    of_certificates = "/registers/certificates/import"
    listed = "Họ và tên\tNgày sinh\tNgày cấp\tNăm tốt nghiệp\nLê An\t01/01/1990\t30/06/2005\t2005"
    fields = {"kind_code": "HTTH", "table": listed}
    assert "Lê An" in desk.send(CLERK, of_certificates, fields, seen_on=of_certificates).text
    sent(desk, f"{of_certificates}/acceptance", fields, of_certificates)
    assert len(desk.get(CLERK, "/certificates").json()["items"]) == 1
    assert desk.page("homeroom_teacher", path).status_code == 403
