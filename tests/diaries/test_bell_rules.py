"""Bells follow one another, ratings have names and points: what a school may set and what not."""

from __future__ import annotations

import pytest

from eoffice.diaries import bell_rules
from eoffice.diaries.rules import DiaryInvalid, HalfDay, Place

M1, M2, A1 = Place(HalfDay.MORNING, 1), Place(HalfDay.MORNING, 2), Place(HalfDay.AFTERNOON, 1)


def test_periods_come_back_in_the_order_of_the_day() -> None:
    given = [(A1, "13:30", "14:15"), (M2, "07:50", "08:35"), (M1, "07:00", "07:45")]
    assert [one[0] for one in bell_rules.checked_periods(given)] == [M1, M2, A1]
    assert bell_rules.checked_periods([]) == []


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        ([(M1, "07:00", "07:45"), (M1, "08:00", "08:45")], "một giờ vào"),
        ([(M1, "07:00", "")], "cả giờ vào và giờ ra"),
        ([(M1, "7:00", "07:45")], "dạng 07:00"),
        ([(M1, "24:00", "24:45")], "dạng 07:00"),
        ([(M1, "07:45", "07:00")], "phải trước"),
        ([(M1, "07:00", "07:45"), (M2, "07:40", "08:20")], "sớm hơn giờ ra"),
        ([(M1, "13:00", "13:45"), (A1, "13:30", "14:15")], "sớm hơn giờ ra"),
        ([(Place(HalfDay.MORNING, 9), "07:00", "07:45")], "từ 1 đến 8"),
    ],
)
def test_periods_that_cannot_be_are_refused(
    periods: list[tuple[Place, str, str]], said: str
) -> None:
    with pytest.raises(DiaryInvalid, match=said):
        bell_rules.checked_periods(periods)


def test_points_are_kept_with_a_point_and_names_without_blanks() -> None:
    assert bell_rules.checked_ratings([(" Khá ", "8,5"), ("Tốt", "10")]) == [
        ("Khá", "8.5"),
        ("Tốt", "10"),
    ]


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([("Tốt", "10"), ("tốt", "9")], "khác nhau"),
        ([("", "10")], "khác nhau"),
        ([("Tốt", "")], "từ 0 đến 100"),
        ([("Tốt", "101")], "từ 0 đến 100"),
        ([("Tốt", "8,555")], "từ 0 đến 100"),
        ([("x" * 41, "8")], "dài nhất"),
        ([(f"Mức {at}", "1") for at in range(11)], "nhiều nhất 10"),
    ],
)
def test_ratings_that_cannot_be_are_refused(ratings: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(DiaryInvalid, match=said):
        bell_rules.checked_ratings(ratings)
