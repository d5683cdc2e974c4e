"""Pages of the archive: one field finds, verdicts are in plain words, nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.archive.room import AT, Room, sequence
from tests.archive.shelf import gradebook
from tests.archive.test_http import TODAY, opened_to_the_inspector, signed_gradebook
from tests.signing.papers import Dispatch


def form_of_decision(room: Room, **changes: Any) -> dict[str, Any]:
    return {
        "decision_number": "126/QĐ-SGDĐT",
        "decided_on": TODAY.isoformat(),
        "title": "Thanh tra đột xuất",
        "inspector_id": str(room.cast.inspector.person_id),
        "unit_ids": [str(room.cast.school.id)],
        "kinds": ["gradebook"],
        "school_years": "2024-2025; 2023 - 2024",
        "valid_from": TODAY.isoformat(),
        "valid_to": (TODAY + timedelta(days=3)).isoformat(),
    } | changes


def test_the_search_shows_what_was_found_with_its_verdict(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    html = room.page("school_principal", "/archive?q=so+theo+doi+7a1").text

    assert f'href="/archive/{entry}"' in html
    assert "Nguyên vẹn" in html
    assert 'value="so theo doi 7a1"' in html


def test_an_empty_archive_says_what_will_come(room: Room) -> None:
    assert "Kho lưu trữ chưa có gì" in room.page("school_clerk", "/archive").text
    assert "Không tìm thấy hồ sơ nào" in room.page("school_clerk", "/archive?q=khong").text
    assert "Chưa có hồ sơ nào trong phạm vi" in room.page("inspector", "/archive").text


def test_chips_keep_the_words(room: Room, dispatch: Dispatch) -> None:
    signed_gradebook(room, dispatch)
    room.take_in(gradebook(room.cast.school, school_year="2023-2024"), dispatch.archived, AT)

    html = room.page("school_clerk", "/archive?q=so&kind=gradebook").text

    assert 'href="/archive?q=so&amp;kind=gradebook&amp;school_year=2023-2024"' in html


def test_the_reader_shows_pages_verdict_and_history(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    html = room.page("school_principal", f"/archive/{entry}").text

    assert f'src="/archive/{entry}/pages/1.png"' in html
    assert "Trần Thanh Liêm" in html
    assert "Nộp vào kho lưu trữ" in html
    assert "Vĩnh viễn" in html
    image = room.page("school_principal", f"/archive/{entry}/pages/1.png")
    assert image.headers["content-type"] == "image/png"


def test_the_verdict_of_today_is_said_in_plain_words(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    html = room.page("school_principal", f"/archive/{entry}/verification").text

    assert "Cả 2 chữ ký số đều hợp lệ" in html
    assert "đã được ghi vào nhật ký" in html


def test_files_are_taken_away_under_plain_names(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    pdf = room.page("school_principal", f"/archive/{entry}/content")
    packed = room.page("school_principal", f"/archive/{entry}/package")

    name = "so-theo-doi-va-danh-gia-hoc-sinh-lop-7a1-nam-hoc-2024-2025"
    assert pdf.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}.pdf"
    assert f"bang-chung-{name}.zip" in packed.headers["content-disposition"]
    assert packed.content.startswith(b"PK")


def test_an_entry_out_of_reach_is_a_page_that_says_so(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    answer = room.page("inspector", f"/archive/{entry}")

    assert answer.status_code == 404
    assert "không thuộc phạm vi" in answer.text


def test_a_decision_is_entered_on_a_page_and_opens_a_room(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    made = room.send("director", "/inspections", form_of_decision(room), seen_on="/inspections/new")
    path = made.headers["location"]
    inside = room.page("inspector", f"{path}?q=so+theo+doi+7a1").text

    assert made.status_code == 303
    assert f'href="/archive/{entry}"' in inside
    assert "Kho lưu trữ mở đến hết ngày 16/08/2018" in inside
    assert "126/QĐ-SGDĐT" in room.page("inspector", "/inspections").text
    assert room.cast.school.name in room.page("director", path).text


def test_a_faulty_decision_comes_back_filled(room: Room) -> None:
    answer = room.send(
        "director",
        "/inspections",
        form_of_decision(room, title="", school_years="2024"),
        seen_on="/inspections/new",
    )

    assert answer.status_code == 422
    assert "Cần điền mục này." in answer.text
    assert 'value="126/QĐ-SGDĐT"' in answer.text
    assert f'value="{room.cast.school.id}" checked>' in answer.text


def test_a_decision_is_amended_and_ended_on_its_page(room: Room) -> None:
    path = f"/inspections/{opened_to_the_inspector(room)}"

    amended = room.send(
        "director",
        f"{path}/scope",
        form_of_decision(room, unit_ids=[str(room.cast.high_school.id)]),
        seen_on=f"{path}/scope",
    )
    shown = room.page("director", path).text
    ended = room.send("director", f"{path}/ending", {}, seen_on=path)

    assert amended.status_code == ended.status_code == 303
    assert room.cast.high_school.name in shown
    assert "Cuộc thanh tra đã kết thúc" in room.page("inspector", path).text
    assert room.send("director", f"{path}/scope", {}, seen_on=f"{path}/scope").status_code == 422


def test_an_agency_without_units_below_it_can_choose_itself(room: Room) -> None:
    html = room.page("school_principal", "/inspections/new").text

    assert room.cast.school.name in html


def test_who_may_not_decide_gets_no_form(room: Room) -> None:
    assert room.page("clerk", "/inspections/new").status_code == 403
    assert "Nhập quyết định" not in room.page("clerk", "/inspections").text


def test_the_operator_reads_the_log(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)
    opened_to_the_inspector(room)
    room.page("inspector", f"/archive/{entry}")
    sequence(AT)

    html = room.page("operator", f"/admin/audit?object_id={entry}&since=2018-08-01").text

    assert "Mở hồ sơ lưu trữ" in html
    assert "Cấp số …" in html
    assert "{" not in html
    assert "Tiến trình tự động" in html
    assert room.page("director", "/admin/audit").status_code == 403
    nothing = room.page("operator", "/admin/audit?until=2018-01-01&since=x&object_id=x").text
    assert "Không có sự kiện nào" in nothing
