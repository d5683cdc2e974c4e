"""A lesson is kept while it is typed, confirmed, its week closed; pages are good to see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from eoffice.diaries import pages
from eoffice.objects.memory import MemoryStore
from tests import browser
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk, chromium

__all__ = ["chromium"]

MONDAY = "2025-05-19"
GRID = "Tiết\tThứ 2\tThứ 3\n1\tToán\tNgữ văn\n2\tToán\t"
LESSON = {
    "on": MONDAY,
    "half": "morning",
    "number": "1",
    "subject": "TOAN",
    "title": "Ôn tập chương IX",
    "plan_number": "128",
    "remark": "Lớp chú ý.",
    "with_leave": "HS001",
}


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, pages.pages) as made:
        yield made


def written(desk: Desk, at: datetime) -> str:
    """The path of the diary; the first lesson of the week is confirmed, the second a draft."""
    class_id = desks.with_class(desk, at).rpartition("/")[2]
    diary, mine = f"/registers/diaries/{class_id}", f"/registers/diaries/mine?day={MONDAY}"
    planned = {"from_on": "2024-09-05", "grid": "Tiết\tThứ 2\n1\tLatinh"}
    refused = desk.send("school_clerk", f"{diary}/timetable", planned, seen_on=diary)
    assert refused.status_code == 422
    assert "Latinh" in refused.text
    taken = desk.send("school_clerk", f"{diary}/timetable", planned | {"grid": GRID}, seen_on=diary)
    assert taken.status_code == 303, taken.text
    place = {"title": "", "lesson": f"{class_id}-morning-1"}
    lost = desk.send("TOAN", f"{diary}/lessons", LESSON | place, seen_on=mine)
    assert lost.status_code == 422
    assert "Lớp chú ý." in lost.text
    draft = desk.send("TOAN", f"{diary}/drafts", LESSON | {"number": "2"}, seen_on=mine)
    assert draft.status_code == 204, draft.text
    assert desk.send("TOAN", f"{diary}/lessons", LESSON, seen_on=mine).status_code == 303
    return diary


def test_a_week_is_written_closed_opened_again_and_inspected(desk: Desk, at: datetime) -> None:
    diary = written(desk, at)
    week = f"{diary}?day={MONDAY}"
    shown = desk.page("homeroom_teacher", week).text
    assert "Ôn tập chương IX" in shown
    assert "3 tiết, 2 tiết chưa xác nhận" in shown
    closed = {"day": MONDAY, "remark": "Tuần học tốt."}
    refused = desk.send("homeroom_teacher", f"{diary}/close", closed, seen_on=week)
    assert refused.status_code == 422
    assert "Tuần học tốt." in refused.text
    done = closed | {"despite_missing": "on"}
    assert desk.send("homeroom_teacher", f"{diary}/close", done, seen_on=week).status_code == 303
    for step, fields in (
        ("reopening", {"because": "Giáo viên quên xác nhận.", "days": "2"}),
        ("inspection", {"text": "Ghi đầy đủ."}),
    ):
        sent = desk.send(
            "school_principal", f"{diary}/{step}", {"day": MONDAY, **fields}, seen_on=week
        )
        assert sent.status_code == 303, sent.text
    after = desk.page("school_principal", week).text
    assert "Mở lại để sửa" in after
    assert "Ghi đầy đủ." in after


def test_a_substitute_finds_the_lessons_of_a_class_that_nobody_wrote(
    desk: Desk, at: datetime
) -> None:
    diary = written(desk, at)
    tuesday = "2025-05-20"
    mine = f"/registers/diaries/mine?day={tuesday}&instead={diary.rpartition('/')[2]}"
    assert "dạy thay" in desk.page("TOAN", mine).text
    new = LESSON | {"on": tuesday, "subject": "VAN", "as_substitute": "on", "title": "Tự học"}
    sent = desk.send("TOAN", f"{diary}/lessons", new, seen_on=mine)
    assert sent.status_code == 303, sent.text
    assert "(dạy thay)" in desk.page("homeroom_teacher", f"{diary}?day={tuesday}").text


def test_a_lesson_written_by_mistake_is_taken_out_and_stays_in_the_history(
    desk: Desk, at: datetime
) -> None:
    diary = written(desk, at)
    week = f"{diary}?day={MONDAY}"
    asked = f"{week}&taken_out={MONDAY}-morning-1"
    assert "Xóa tiết này" in desk.page("TOAN", asked).text
    assert "Xóa tiết này" not in desk.page("school_principal", asked).text
    line = {"day": MONDAY, "half": "morning", "number": "1"}
    refused = desk.send("TOAN", f"{diary}/lessons/deletion", line, seen_on=asked)
    assert refused.status_code == 422
    assert "Xóa tiết này" in refused.text
    gone = desk.send(
        "TOAN", f"{diary}/lessons/deletion", line | {"because": "Nhầm lớp."}, seen_on=asked
    )
    assert gone.status_code == 303, gone.text
    after = desk.page("school_principal", week).text
    assert "Tiết đã xóa trong tuần" in after
    assert "Lý do: Nhầm lớp." in after


def test_leaders_set_bells_and_ratings_and_everybody_reads_them(desk: Desk, at: datetime) -> None:
    written(desk, at)
    bells = "/registers/diaries/bells"
    assert "Ghi quy định" not in desk.page("TOAN", bells).text
    set_ = {
        "from_on": "2024-09-05",
        "from-morning-1": "07:00",
        "to-morning-1": "07:45",
        "rating-1": "Tốt",
        "points-1": "10",
        "rating-2": "Khá",
        "points-2": "8,5",
    }
    wrong = desk.send("school_deputy", bells, set_ | {"to-morning-1": "06:00"}, seen_on=bells)
    assert wrong.status_code == 422
    assert "06:00" in wrong.text
    done = desk.send("school_deputy", bells, set_, seen_on=bells)
    assert done.status_code == 303, done.text
    shown = desk.page("TOAN", bells).text
    assert "tiết 1 (07:00–07:45)" in shown
    assert "Khá (8,5 điểm)" in shown
    assert "(07:00–07:45)" in desk.page("TOAN", f"/registers/diaries/mine?day={MONDAY}").text
    refused = desk.send("TOAN", bells, set_, seen_on="/registers/diaries/mine")
    assert refused.status_code == 403


def test_what_was_typed_for_a_lesson_that_somebody_else_wrote_is_kept(
    desk: Desk, at: datetime
) -> None:
    diary = written(desk, at)
    class_id = diary.rpartition("/")[2]
    mine = f"/registers/diaries/mine?day={MONDAY}"
    late = LESSON | {
        "lesson": f"{class_id}-morning-1",
        "remark": "Điều đã gõ dở.",
        "as_substitute": "on",
    }
    refused = desk.send("VAN", f"{diary}/lessons", late, seen_on=f"{mine}&instead={class_id}")
    assert refused.status_code == 403
    assert "Điều vừa gõ chưa được ghi" in refused.text
    assert "Điều đã gõ dở." in refused.text


def test_attendance_takes_over_what_the_diary_says_and_keeps_what_stood(
    desk: Desk, at: datetime
) -> None:
    class_id = written(desk, at).rpartition("/")[2]
    page = f"/registers/classes/{class_id}/attendance"
    day = f"{page}?on={MONDAY}"
    kept = {"on": MONDAY, "HS002-afternoon": "K"}
    assert desk.send("homeroom_teacher", page, kept, seen_on=day).status_code == 303
    assert "Sổ ghi đầu bài ghi thêm 1 buổi nghỉ" in desk.page("homeroom_teacher", day).text
    refused = desk.send("TOAN", f"{page}/diary", {"on": MONDAY}, seen_on="/registers/diaries/mine")
    assert refused.status_code == 403
    taken = desk.send("homeroom_teacher", f"{page}/diary", {"on": MONDAY}, seen_on=day)
    assert taken.status_code == 303, taken.text
    after = desk.page("homeroom_teacher", day).text
    assert "Sổ ghi đầu bài ghi thêm" not in after
    absences = desk.get("homeroom_teacher", f"/classes/{class_id}").json()["absences"]
    assert [
        (one["pupil_code"], one["session"], one["excused"])
        for one in sorted(absences, key=lambda one: str(one["pupil_code"]))
        if one["on"] == MONDAY
    ] == [("HS001", "morning", True), ("HS002", "afternoon", False)]


def test_lessons_that_nobody_wrote_are_listed_for_those_concerned(desk: Desk, at: datetime) -> None:
    diary = written(desk, at)
    listed = f"/registers/diaries/missing?first={MONDAY}&last=2025-05-25"
    for login, count in (("school_principal", 2), ("homeroom_teacher", 2), ("TOAN", 1)):
        assert f"{count} tiết" in desk.page(login, listed).text, login
    assert "Không còn tiết nào" in desk.page("high_school_teacher", listed).text
    one_class = f"{listed}&school_class={diary.rpartition('/')[2]}"
    assert "Đang ghi" in desk.page("school_principal", one_class).text
    workbook = desk.page("school_principal", f"{listed}&format=xlsx")
    assert workbook.content.startswith(b"PK")


def test_a_note_of_the_homeroom_book_is_for_few(desk: Desk, at: datetime) -> None:
    book = f"/registers/homeroom/{desks.with_class(desk, at).rpartition('/')[2]}"
    note = {"part": "contact", "about": "Mẹ em Chi", "text": "Đi học muộn."}
    refused = desk.send("homeroom_teacher", book, note, seen_on=book)
    assert refused.status_code == 422
    assert "Đi học muộn." in refused.text
    sent = desk.send("homeroom_teacher", book, note | {"on": MONDAY}, seen_on=book)
    assert sent.status_code == 303
    assert "Mẹ em Chi" in desk.page("school_principal", f"{book}?part=contact").text
    assert desk.page("school_clerk", book).status_code == 403


def test_pages_of_diaries_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime
) -> None:
    diary = written(desk, at)
    looked = {
        "mine": ("TOAN", f"/registers/diaries/mine?day={MONDAY}"),
        "week": ("homeroom_teacher", f"{diary}?day={MONDAY}"),
        "missing": (
            "school_principal",
            f"/registers/diaries/missing?first={MONDAY}&last=2025-05-25",
        ),
        "bells": ("school_principal", "/registers/diaries/bells"),
        "delete": ("TOAN", f"{diary}?day={MONDAY}&taken_out={MONDAY}-morning-1"),
        "homeroom": ("homeroom_teacher", diary.replace("diaries", "homeroom") + "?part=contact"),
    }
    for width in (1280, 360):
        for name, (login, address) in looked.items():
            page = at_desk(desk, chromium, login, width=width)
            page.goto(address)
            page.wait_for_load_state("networkidle")
            browser.screenshot(page, f"diary-{name}-{width}", whole=True)
            browser.assert_no_serious(page)
            browser.assert_fits(page)
            page.context.close()
