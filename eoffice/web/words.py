"""How dates, times, numbers and faults are said in Vietnamese. Pure: the present is an argument."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from eoffice.clock import civil_date, vietnam_time

WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def day(value: date | datetime) -> str:
    """13/08/2018; an instant is read in Vietnam."""
    on = civil_date(value) if isinstance(value, datetime) else value
    return f"{on.day:02d}/{on.month:02d}/{on.year}"


def day_and_time(at: datetime) -> str:
    """08:15 ngày 13/08/2018, in Vietnam."""
    return f"{vietnam_time(at):%H:%M} ngày {day(at)}"


def weekday(value: date | datetime) -> str:
    """Thứ Hai, 13/08/2018."""
    on = civil_date(value) if isinstance(value, datetime) else value
    return f"{WEEKDAYS[on.weekday()]}, {day(on)}"


def spoken(at: datetime, now: datetime) -> str:
    """An instant as people say it: "vừa xong", "20 phút trước", "hôm qua 16:40", "12/8"."""
    seconds = (now - at).total_seconds()
    clock_time = f"{vietnam_time(at):%H:%M}"
    days = (civil_date(now) - civil_date(at)).days
    if 0 <= seconds < 60:
        return "vừa xong"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)} phút trước"
    if days == 0:
        return f"{clock_time} hôm nay"
    if days == 1:
        return f"hôm qua {clock_time}"
    if days == -1:
        return f"ngày mai {clock_time}"
    if 1 < days < 7:
        return f"{clock_time} {WEEKDAYS[civil_date(at).weekday()]}"
    on = civil_date(at)
    if on.year == civil_date(now).year:
        return f"{on.day}/{on.month} lúc {clock_time}"
    return day(on)


def moment(at: datetime, now: datetime) -> str:
    """Like `spoken`, but with the time of day however long ago: "13/08/2018 lúc 08:15"."""
    said = spoken(at, now)
    return f"{said} lúc {vietnam_time(at):%H:%M}" if said == day(at) else said


def since(at: datetime, now: datetime) -> str:
    """What follows "từ": "08:15 hôm nay", "hôm qua 16:40", "13/08/2018"."""
    if civil_date(at) == civil_date(now):
        return f"{vietnam_time(at):%H:%M} hôm nay"
    return spoken(at, now)


def standalone(text: str) -> str:
    """A subject as it is said alone, with a capital; after "V/v" it has none."""
    return text[:1].upper() + text[1:]


def distance(due_on: date, today: date) -> str:
    """A deadline as people say it: "còn 2 ngày", "hạn hôm nay", "đã quá hạn".

    How late is counted in working days, and only by those who know their calendar.
    """
    days = (due_on - today).days
    if days == 0:
        return "hạn hôm nay"
    if days == 1:
        return "hạn ngày mai"
    return f"còn {number(days)} ngày" if days > 0 else "đã quá hạn"


def number(value: int | float | Decimal, places: int | None = None) -> str:
    """1.234.567,8: the point separates thousands, the comma the decimals."""
    exact = Decimal(str(value))
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{exact:,f}".translate(str.maketrans(",.", ".,"))


def size(size_bytes: int) -> str:
    """1,4 MB, in steps of 1024."""
    if size_bytes < 1024:
        return f"{size_bytes} byte"
    amount, unit = size_bytes / 1024, "KB"
    for bigger in ("MB", "GB", "TB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, bigger
    return f"{number(amount, 1 if amount < 10 else 0)} {unit}"


_FAULTS: tuple[tuple[str, str], ...] = (
    (r"missing required field", "Cần điền mục này."),
    (r"`str` of length >= 1\b", "Cần điền mục này."),
    (r"`str` of length >= (\d+)", "Cần ít nhất {0} ký tự."),
    (r"`str` of length <= (\d+)", "Dài quá {0} ký tự."),
    (r"`array` of length >= (\d+)", "Cần chọn ít nhất {0} mục."),
    (r"`array` of length <= (\d+)", "Chọn quá {0} mục."),
    (r"matching regex", "Không đúng mẫu quy định."),
    (r"Invalid enum value", "Hãy chọn một giá trị trong danh sách."),
    (r"Invalid UUID|Expected `uuid`", "Mã này không đúng."),
    (r"Expected `(?:int|float|decimal)` >= ([\d.-]+)", "Cần một số từ {0} trở lên."),
    (r"Expected `(?:int|float|decimal)` > ([\d.-]+)", "Cần một số lớn hơn {0}."),
    (r"Expected `(?:int|float|decimal)` <= ([\d.-]+)", "Cần một số không quá {0}."),
    (r"Expected `(?:int|float|decimal)` < ([\d.-]+)", "Cần một số nhỏ hơn {0}."),
    (r"Expected `int", "Cần một số nguyên."),
    (r"Expected `(?:float|decimal)|Invalid decimal", "Cần một số."),
    (r"encoded datetime|Expected `datetime", "Cần ngày và giờ."),
    (r"encoded date|Expected `date", "Cần một ngày, ví dụ 13/08/2018."),
    (r"Expected `bool", "Cần chọn có hoặc không."),
    (r"Expected `str", "Cần một đoạn chữ."),
    (r"Expected `array", "Cần một danh sách."),
    (r"Expected `object", "Cần một đối tượng JSON."),
    (r"unknown field `([^`]+)`", "Không có mục “{0}”."),
)


def fault(message: str) -> str:
    """What msgspec finds wrong with a value, as a sentence for the person who entered it."""
    for pattern, sentence in _FAULTS:
        if match := re.search(pattern, message):
            return sentence.format(*match.groups())
    return "Giá trị này không dùng được."
