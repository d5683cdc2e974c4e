"""Which copies stay: the newest of each of so many days, weeks and months that have one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eoffice.backup import rules
from eoffice.backup.rules import Keep, KeepUnreadable, Made

START = datetime(2026, 1, 1, 15, tzinfo=UTC)


def copy(day: int, *, hour: int = 0, is_complete: bool = True) -> Made:
    at = START + timedelta(days=day, hours=hour)
    return Made(f"{day:03}-{hour:02}", at, at.date(), is_complete)


def kept(copies: list[Made], **numbers: int) -> list[str]:
    keep = Keep(**({"daily": 0, "weekly": 0, "monthly": 0} | numbers))
    return sorted(rules.kept(copies, keep))


def test_the_newest_of_each_of_the_last_days_stays() -> None:
    copies = [copy(day, hour=hour) for day in range(5) for hour in (0, 2)]
    assert kept(copies, daily=3) == ["002-02", "003-02", "004-02"]


def test_a_day_without_a_copy_does_not_count() -> None:
    assert kept([copy(0), copy(10), copy(40)], daily=2) == ["010-00", "040-00"]


def test_a_year_leaves_days_weeks_and_months() -> None:
    copies = [copy(day) for day in range(365)]
    found = kept(copies, daily=7, weekly=5, monthly=12)
    # 7 days; of 5 weeks the running one and the one before share their newest with days.
    assert len(found) == 7 + 3 + 11
    assert found[0] == "030-00"  # The last of January.
    assert found[-7:] == [f"{day:03}-00" for day in range(358, 365)]


def test_weeks_begin_on_monday_also_over_new_year() -> None:
    # 28 December 2026 to 3 January 2027 are one week.
    copies = [copy(day) for day in range(360, 368)]
    assert kept(copies, weekly=2) == ["360-00", "367-00"]


def test_the_newest_complete_copy_always_stays() -> None:
    copies = [copy(0), copy(1, is_complete=False), copy(2, is_complete=False)]
    assert kept(copies, monthly=1) == ["000-00", "001-00", "002-00"]


def test_one_that_is_not_complete_goes_when_a_later_one_is() -> None:
    copies = [copy(0), copy(1, is_complete=False), copy(2)]
    assert kept(copies, daily=7) == ["000-00", "002-00"]


def test_no_copies_stay_of_none() -> None:
    assert kept([], daily=7) == []


def test_the_rule_is_read_as_it_is_written() -> None:
    assert Keep.parse("daily=7 weekly=5 monthly=12") == Keep(7, 5, 12)
    assert Keep.parse("monthly=3") == Keep(0, 0, 3)


@pytest.mark.parametrize(
    "text", sorted(["", "daily", "daily=0", "daily=-1", "yearly=1", "daily=1 daily=2", "daily=1;"])
)
def test_a_rule_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(KeepUnreadable):
        Keep.parse(text)


def test_what_was_never_done_is_too_old() -> None:
    limit = timedelta(hours=26)
    assert rules.is_too_old(None, START, limit)
    assert not rules.is_too_old(START, START + limit, limit)
    assert rules.is_too_old(START, START + limit + timedelta(seconds=1), limit)
