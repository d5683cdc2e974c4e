"""A pasted list is read line by line, leniently, and nothing of it is guessed or lost."""

from __future__ import annotations

import pytest

from eoffice.documents.recipients import pasted as recipients_pasted
from eoffice.documents.recipients.pasted import Known, ListTooLong, Outcome

KNOWN = (
    Known("a", "Trường THPT Sen Hồng", frozenset({"THPT-01", "000.01.05.H20"})),
    Known("b", "Trường THPT Tràm Chim", frozenset({"THPT-02"})),
    Known("c", "Trường THCS Nguyễn Thị Minh Khai"),
    Known("d", "Trường Tiểu học Nguyễn Thị Minh Khai"),
    Known("e", "Phòng Giáo dục và Đào tạo huyện Lấp Vò"),
    Known("f", "VNPT Đồng Tháp", frozenset({"vanthu@vnpt.example"})),
)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("THPT Sen Hồng", "a"),
        ("truong thpt sen hong", "a"),
        ("Trường Trung học phổ thông Sen Hồng", "a"),
        ("1\tTrường THPT Sen Hồng\tghi chú", "a"),
        ("2. THPT Tràm Chim", "b"),
        ("thpt-02", "b"),
        ("000.01.05.H20", "a"),
        ("không rõ tên\tTHPT-02", "b"),
        ("PGD Lấp Vò", "e"),
        ("Phòng GD&ĐT Lấp Vò", "e"),
        ("Phòng GDĐT huyện Lấp Vò, tỉnh Đồng Tháp", "e"),
        ("VanThu@vnpt.example", "f"),
        ("THCS Minh Khai", "c"),
        ("sen hồng", "a"),
    ],
)
def test_a_line_is_found_however_the_office_writes_it(line: str, key: str) -> None:
    (read,) = recipients_pasted.read(line, KNOWN)

    assert read.outcome is Outcome.FOUND
    assert [each.key for each in read.found] == [key]


def test_a_line_that_fits_several_offers_them_and_decides_nothing() -> None:
    (read,) = recipients_pasted.read("Nguyễn Thị Minh Khai", KNOWN)

    assert read.outcome is Outcome.AMBIGUOUS
    assert {each.key for each in read.found} == {"c", "d"}


@pytest.mark.parametrize("line", ["Trường Chuyên Toàn Cầu", "???", "42", "trường"])
def test_a_line_that_fits_nobody_stays_as_it_was(line: str) -> None:
    (read,) = recipients_pasted.read(line, KNOWN)

    assert (read.text, read.outcome, read.found) == (line, Outcome.UNKNOWN, ())


def test_every_line_with_something_in_it_is_answered_in_its_order() -> None:
    read = recipients_pasted.read("THPT-01\n\n  \nlạ\nTHPT-02\n", KNOWN)

    assert [line.text for line in read] == ["THPT-01", "lạ", "THPT-02"]


def test_a_list_has_bounds() -> None:
    with pytest.raises(ListTooLong):
        recipients_pasted.read("x\n" * (recipients_pasted.MOST_LINES + 1), KNOWN)
    with pytest.raises(ListTooLong):
        recipients_pasted.read("x" * (recipients_pasted.LONGEST_LINE + 1), KNOWN)
