"""Two versions are compared by line and word; what differs is said in words, not by colour only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from eoffice.documents.drafts import differences
from eoffice.documents.drafts.differences import Change, Line, Piece
from eoffice.documents.form.text import DispatchText
from tests import browser
from tests.documents.cast import LETTER_960
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun
from tests.documents.test_look import at_desk


def compared(before: list[str], after: list[str]) -> tuple[Line, ...]:
    (section,) = differences.compare(
        DispatchText(paragraphs=tuple(before)), DispatchText(paragraphs=tuple(after))
    )
    assert section.name == "Nội dung"
    return section.lines


def joined(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{each.text}]" if each.differs else each.text for each in pieces)


def test_equal_texts_have_no_differences() -> None:
    assert differences.compare(LETTER_960, LETTER_960) == ()


def test_only_the_words_that_differ_are_marked() -> None:
    (line,) = compared(["Báo cáo trước ngày 20 hằng tháng."], ["Báo cáo trước ngày 25 hằng tháng."])
    assert line.change is Change.CHANGED
    assert joined(line.before) == "Báo cáo trước ngày [20] hằng tháng."
    assert joined(line.after) == "Báo cáo trước ngày [25] hằng tháng."


def test_lines_come_and_go_between_those_that_stay() -> None:
    lines = compared(["Một.", "Hai.", "Ba."], ["Không.", "Một.", "Ba."])
    assert [each.change for each in lines] == [
        Change.ADDED,
        Change.SAME,
        Change.REMOVED,
        Change.SAME,
    ]


def test_what_has_little_in_common_is_removed_and_added() -> None:
    lines = compared(["Các trường báo cáo số liệu."], ["Giao Văn phòng chuẩn bị hội trường lớn."])
    assert [each.change for each in lines] == [Change.REMOVED, Change.ADDED]


def test_a_change_of_style_alone_is_no_change_of_words() -> None:
    (line,) = compared(["Điều 1. Phạm vi"], ["### Điều 1. Phạm vi"])
    assert line.change is Change.RESTYLED
    (line,) = compared(["**đậm** chữ"], ["đậm chữ"])
    assert line.change is Change.RESTYLED


def test_rows_of_a_table_are_lines() -> None:
    table = ["| STT | Tên |", "|---|---|", "| 1 | THPT Lấp Vò 1 |", "| 2 | THPT Lấp Vò 2 |"]
    lines = compared(table, [*table[:3], "| 2 | THPT Lai Vung 2 |"])
    assert [each.change for each in lines] == [Change.SAME, Change.SAME, Change.CHANGED]
    assert joined(lines[2].after) == "2 | THPT [Lai] [Vung] 2"


def test_both_sides_read_as_the_versions_do() -> None:
    before = ["a b c d", "x", "| 1 | 2 |", "cuối"]
    after = ["a c d e", "| 1 | 2 |", "y z", "cuối."]
    lines = compared(before, after)
    for side, version in (("before", before), ("after", after)):
        read = ["".join(piece.text for piece in getattr(line, side)) for line in lines]
        assert [each for each in read if each] == [each.strip("| ") for each in version]


def test_a_line_without_end_is_not_compared_word_by_word() -> None:
    lines = compared(["a " * 9_000], ["a " * 9_001])
    assert [each.change for each in lines] == [Change.REMOVED, Change.ADDED]


def test_other_parts_are_compared_too() -> None:
    newer = replace(LETTER_960, subject="việc khác", recipients=(*LETTER_960.recipients, "Sở Y tế"))
    found = differences.compare(LETTER_960, newer)
    assert [each.name for each in found] == ["Trích yếu", "Nơi nhận"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def returned_and_changed(desk: Desk) -> str:
    draft = begun(desk)
    desk.post("specialist", f"{DOCUMENTS}/{draft}/submission")
    desk.post("office_head", f"{DOCUMENTS}/{draft}/return", {"reason": "Sửa lại ngày."})
    found = desk.get("specialist", f"{DOCUMENTS}/{draft}").json()["versions"][-1]
    text = found["text"]
    text["paragraphs"] = [
        text["paragraphs"][0].replace("năm", "niên"),
        "Đoạn hoàn toàn mới.",
        "| STT | Trường |",
        "|---|---|",
        "| 1 | THPT Lấp Vò 1 |",
        *text["paragraphs"][2:],
    ]
    saved = desk.put(
        "specialist",
        f"{DOCUMENTS}/{draft}/draft",
        {"text": text, "expected_revision": found["revision"]},
    )
    assert saved.status_code == 200
    return draft


def test_programs_get_the_same_differences(desk: Desk) -> None:
    draft = returned_and_changed(desk)
    found = desk.get("specialist", f"{DOCUMENTS}/{draft}/differences").json()
    assert (found["older"], found["newer"]) == (1, 2)
    (section,) = found["sections"]
    assert {"changed", "added", "removed"} <= {each["change"] for each in section["lines"]}
    assert desk.get("specialist", f"{DOCUMENTS}/{draft}/differences", older=7).status_code == 404
    assert desk.get("school_clerk", f"{DOCUMENTS}/{draft}/differences").status_code == 404


@pytest.mark.parametrize("width", [1280, 360])
def test_two_versions_stand_side_by_side(desk: Desk, chromium: Browser, width: int) -> None:
    draft = returned_and_changed(desk)
    page = at_desk(desk, chromium, "specialist", width=width)
    page.goto(f"/documents/{draft}/differences")
    assert page.get_by_text("Mới thêm").first.is_visible()
    assert page.locator("ins", has_text="Đoạn hoàn toàn mới.").is_visible()
    browser.screenshot(page, f"documents-differences-{width}")
    browser.assert_no_serious(page)
    browser.assert_fits(page)
    page.context.close()
