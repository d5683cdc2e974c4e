"""The office clock: instants are UTC, days and years are those of Vietnam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from eoffice import clock


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-12-31T16:59:59+00:00", date(2026, 12, 31)),
        ("2026-12-31T17:00:00+00:00", date(2027, 1, 1)),
        ("2018-08-12T17:00:00+00:00", date(2018, 8, 13)),
        ("2018-08-13T23:59:59+07:00", date(2018, 8, 13)),
    ],
)
def test_the_day_is_that_of_vietnam(instant: str, day: date) -> None:
    assert clock.civil_date(datetime.fromisoformat(instant)) == day


def test_a_time_without_a_zone_is_not_an_instant() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.civil_date(datetime(2018, 8, 13, 8, 0))  # noqa: DTZ001


def test_without_a_file_it_is_the_time_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.CLOCK_FILE, raising=False)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_everybody_who_reads_the_file_lives_on_the_same_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(file))
    clock.set_office_clock(file, datetime(2018, 8, 13, 1, 0, tzinfo=UTC))
    assert clock.civil_date(clock.now()) == date(2018, 8, 13)


def test_the_clock_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(file))
    clock.set_office_clock(file, datetime(2018, 8, 13, 1, 0, tzinfo=UTC))
    assert clock.now() < clock.now()


def test_a_clock_file_that_is_not_there_yet_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clock.CLOCK_FILE, str(tmp_path / "none.json"))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
