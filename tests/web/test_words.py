"""Dates, times, numbers and faults are said as people in an office say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from eoffice.web import words

#: Monday, 13 August 2018, 08:15 in Vietnam.
NOW = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=5), "vừa xong"),
        (timedelta(minutes=20), "20 phút trước"),
        (timedelta(hours=2), "06:15 hôm nay"),
        (timedelta(hours=15, minutes=35), "hôm qua 16:40"),
        (timedelta(days=3), "08:15 Thứ Sáu"),
        (timedelta(days=30), "14/7 lúc 08:15"),
        (timedelta(days=400), "09/07/2017"),
        (timedelta(minutes=-30), "08:45 hôm nay"),
        (timedelta(days=-1), "ngày mai 08:15"),
        (timedelta(days=-3), "16/8 lúc 08:15"),
    ],
)
def test_an_instant_is_said_by_its_distance(before: timedelta, said: str) -> None:
    assert words.spoken(NOW - before, NOW) == said


def test_what_happened_one_after_another_is_said_with_the_time_of_day() -> None:
    assert words.moment(NOW - timedelta(days=400), NOW) == "09/07/2017 lúc 08:15"
    assert words.moment(NOW - timedelta(days=30), NOW) == "14/7 lúc 08:15"
    assert words.moment(NOW - timedelta(minutes=20), NOW) == "20 phút trước"


def test_something_waits_since_a_time_of_day_or_a_day() -> None:
    assert words.since(NOW - timedelta(seconds=5), NOW) == "08:14 hôm nay"
    assert words.since(NOW - timedelta(hours=15, minutes=35), NOW) == "hôm qua 16:40"
    assert words.since(NOW - timedelta(days=400), NOW) == "09/07/2017"


def test_a_subject_that_stands_alone_begins_with_a_capital() -> None:
    assert words.standalone("đề nghị báo cáo về THPT") == "Đề nghị báo cáo về THPT"
    assert words.standalone("") == ""


def test_the_day_of_an_instant_is_the_day_in_vietnam() -> None:
    assert words.day(datetime(2018, 12, 31, 17, 0, tzinfo=UTC)) == "01/01/2019"
    assert words.day_and_time(NOW) == "08:15 ngày 13/08/2018"
    assert words.weekday(NOW) == "Thứ Hai, 13/08/2018"
    assert words.weekday(date(2018, 8, 19)) == "Chủ nhật, 19/08/2018"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "hạn hôm nay"),
        (1, "hạn ngày mai"),
        (2, "còn 2 ngày"),
        (-1, "đã quá hạn"),
        (-1200, "đã quá hạn"),
    ],
)
def test_a_deadline_is_said_by_what_is_left(days: int, said: str) -> None:
    assert words.distance(date(2018, 8, 13) + timedelta(days), date(2018, 8, 13)) == said


def test_the_comma_separates_decimals_and_the_point_thousands() -> None:
    assert words.number(1234567) == "1.234.567"
    assert words.number(8.25) == "8,25"
    assert words.number(Decimal("8.25"), 1) == "8,3"
    assert words.number(10, 1) == "10,0"


def test_sizes_are_rounded_to_what_matters() -> None:
    assert words.size(900) == "900 byte"
    assert words.size(1_480_000) == "1,4 MB"
    assert words.size(512 * 1024) == "512 KB"
    assert words.size(3 * 1024**3) == "3,0 GB"
    assert words.size(5000 * 1024**4) == "5.000 TB"


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        ("x", int, "Cần một số nguyên."),
        ("x", float, "Cần một số."),
        ("x", date, "Cần một ngày, ví dụ 13/08/2018."),
        ("x", datetime, "Cần ngày và giờ."),
        (3, list[str], "Cần một danh sách."),
        (3, str, "Cần một đoạn chữ."),
    ],
)
def test_a_fault_of_a_value_is_a_sentence(value: object, kind: type, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as problem:
        msgspec.convert(value, kind, strict=False)
    assert words.fault(str(problem.value)) == said


def test_an_unknown_fault_is_still_a_sentence() -> None:
    assert words.fault("something new") == "Giá trị này không dùng được."
