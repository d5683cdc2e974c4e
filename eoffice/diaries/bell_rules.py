"""When lessons begin and end, and how they are rated: what a school may set.

Plain values. Names, points and times are the school's own data, from a day on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from eoffice.diaries.rules import MOST_PERIODS, DiaryInvalid, HalfDay, Place

MOST_RATINGS: Final = 10
LONGEST_RATING: Final = 40
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_POINTS: Final = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")


def checked_periods(periods: Sequence[tuple[Place, str, str]]) -> list[tuple[Place, str, str]]:
    """By half of the day and number; each begins when the one before is over.

    Raises DiaryInvalid.
    """
    if len({place for place, _, _ in periods}) < len(periods):
        raise DiaryInvalid("Một tiết học chỉ có một giờ vào và một giờ ra.")
    ordered = sorted(periods, key=lambda one: (list(HalfDay).index(one[0].half), one[0].number))
    over = ""
    for place, begins, ends in ordered:
        if not 1 <= place.number <= MOST_PERIODS:
            raise DiaryInvalid(f"Tiết học từ 1 đến {MOST_PERIODS}.")
        if not (_TIME.fullmatch(begins) and _TIME.fullmatch(ends)):
            raise DiaryInvalid(f"Tiết {place.number}: ghi cả giờ vào và giờ ra, dạng 07:00.")
        if begins >= ends:
            raise DiaryInvalid(f"Tiết {place.number}: giờ vào {begins} phải trước giờ ra {ends}.")
        if begins < over:
            raise DiaryInvalid(
                f"Tiết {place.number}: giờ vào {begins} sớm hơn giờ ra {over} của tiết trước."
            )
        over = ends
    return ordered


def checked_ratings(ratings: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """In the order of the school; points with a point: "8.5". Raises DiaryInvalid."""
    found = [(name.strip(), points.strip().replace(",", ".")) for name, points in ratings]
    if len(found) > MOST_RATINGS:
        raise DiaryInvalid(f"Có nhiều nhất {MOST_RATINGS} mức xếp loại.")
    names = [name.casefold() for name, _ in found]
    if not all(names) or len(set(names)) < len(names):
        raise DiaryInvalid("Mỗi mức xếp loại có một tên, các tên phải khác nhau.")
    for name, points in found:
        if len(name) > LONGEST_RATING:
            raise DiaryInvalid(f"Tên mức xếp loại dài nhất {LONGEST_RATING} ký tự.")
        if not _POINTS.fullmatch(points) or Decimal(points) > 100:
            raise DiaryInvalid(f"Mức “{name}”: ghi điểm từ 0 đến 100, nhiều nhất hai chữ số lẻ.")
    return found
