"""What is in time: working days, deadlines on days off, and nothing without a deadline."""

from __future__ import annotations

from datetime import date

import pytest

from eoffice.documents.tracking import tally_pages, tally_tables, timeliness
from eoffice.documents.tracking.timeliness import Tally, Timeliness
from eoffice.people.working_days import WEEKENDS_ONLY, Calendar

FRIDAY, SATURDAY, MONDAY, TUESDAY = (date(2018, 8, day) for day in (17, 18, 20, 21))


@pytest.mark.parametrize(
    ("due_on", "ended_on", "today", "expected"),
    [
        (FRIDAY, FRIDAY, TUESDAY, Timeliness.IN_TIME),
        # Nobody could have ended it sooner on a working day.
        (FRIDAY, SATURDAY, TUESDAY, Timeliness.IN_TIME),
        (FRIDAY, MONDAY, TUESDAY, Timeliness.LATE),
        # Due on a day off: the next working day is still in time.
        (SATURDAY, MONDAY, TUESDAY, Timeliness.IN_TIME),
        (SATURDAY, TUESDAY, TUESDAY, Timeliness.LATE),
        (None, TUESDAY, TUESDAY, Timeliness.ENDED),
        (FRIDAY, None, FRIDAY, Timeliness.NOT_DUE),
        (FRIDAY, None, SATURDAY, Timeliness.NOT_DUE),
        (FRIDAY, None, MONDAY, Timeliness.OVERDUE),
        (SATURDAY, None, MONDAY, Timeliness.NOT_DUE),
        (None, None, TUESDAY, Timeliness.OPEN),
    ],
)
def test_work_is_judged_by_working_days(
    due_on: date | None, ended_on: date | None, today: date, expected: Timeliness
) -> None:
    assert timeliness.of(due_on, ended_on, today, WEEKENDS_ONLY) is expected
    back = timeliness.of(due_on, ended_on, today, WEEKENDS_ONLY, taken_back=True)
    assert back is Timeliness.TAKEN_BACK


def test_a_day_off_of_the_calendar_is_no_day_of_delay() -> None:
    rest = Calendar(days_off=frozenset({MONDAY}))
    assert timeliness.of(FRIDAY, MONDAY, TUESDAY, rest) is Timeliness.IN_TIME
    assert timeliness.of(FRIDAY, TUESDAY, TUESDAY, rest) is Timeliness.LATE


def test_every_kind_has_its_name_and_tone() -> None:
    assert set(timeliness.NAMES) == set(timeliness.TONES) == set(Timeliness)


def test_the_printed_report_adds_up_its_first_part() -> None:
    unit = Tally("Tổ Toán", {}, {Timeliness.LATE: 2, Timeliness.OPEN: 1})
    person = Tally("Nguyễn Thị Hoa", {}, {Timeliness.LATE: 2})
    parts = (("Theo đơn vị", [unit, unit]), ("Theo người", [person]))

    table = tally_tables.table("Báo cáo", parts, notes=())

    assert [row[0] for row in table.rows] == [
        *("THEO ĐƠN VỊ", "Tổ Toán", "Tổ Toán", "THEO NGƯỜI", "Nguyễn Thị Hoa")
    ]
    assert table.totals == ("Tổng cộng", 6, 0, 4, 0, 0, 0, 2, 0)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, (date(2018, 1, 1), TUESDAY)),
        (FRIDAY, None, (FRIDAY, TUESDAY)),
        (None, date(2017, 6, 30), (date(2017, 1, 1), date(2017, 6, 30))),
        (FRIDAY, MONDAY, (FRIDAY, MONDAY)),
    ],
)
def test_without_days_a_report_is_about_this_year(
    since: date | None, until: date | None, expected: tuple[date, date]
) -> None:
    assert tally_pages.period(since, until, TUESDAY) == expected
