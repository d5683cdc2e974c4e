"""School years, levels, names of files and states of inspections follow from plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from eoffice.archive import rules
from eoffice.archive.states import (
    FIXITY_NAMES,
    INSPECTION_STATE_NAMES,
    KIND_NAMES,
    EntryKind,
    Fixity,
    InspectionState,
)
from eoffice.errors import Invalid
from eoffice.signing.verdict import Level


@pytest.mark.parametrize(
    ("on", "year"),
    [
        (date(2018, 7, 31), "2017-2018"),
        (date(2018, 8, 1), "2018-2019"),
        (date(2018, 12, 31), "2018-2019"),
        (date(2019, 1, 1), "2018-2019"),
    ],
)
def test_a_school_year_begins_in_august(on: date, year: str) -> None:
    assert rules.school_year_of(on) == year


@pytest.mark.parametrize("text", ["2024-2025", " 2024 – 2025 ", "2024 - 2025"])
def test_a_school_year_is_written_in_several_ways(text: str) -> None:
    assert rules.school_year(text) == "2024-2025"


@pytest.mark.parametrize("text", ["", "2024", "2024-2026", "2025-2024", "24-25", "x"])
def test_what_is_no_school_year_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="2024-2025"):
        rules.school_year(text)


def test_the_weakest_signature_gives_the_level() -> None:
    assert rules.lowest_level([Level.B_LTA, Level.B_T, Level.B_LT]) is Level.B_T
    assert rules.lowest_level([Level.B_LTA, Level.NOT_PADES]) is Level.NOT_PADES
    assert rules.lowest_level([]) is None


@pytest.mark.parametrize(
    ("on", "ended", "state"),
    [
        (date(2025, 6, 1), False, InspectionState.COMING),
        (date(2025, 6, 2), False, InspectionState.RUNNING),
        (date(2025, 6, 20), False, InspectionState.RUNNING),
        (date(2025, 6, 21), False, InspectionState.OVER),
        (date(2025, 6, 10), True, InspectionState.OVER),
    ],
)
def test_an_inspection_runs_from_its_first_day_to_its_last(
    on: date, ended: bool, state: InspectionState
) -> None:
    ended_at = datetime(2025, 6, 9, tzinfo=UTC) if ended else None

    found = rules.inspection_state(date(2025, 6, 2), date(2025, 6, 20), ended_at, on=on)

    assert found is state


@pytest.mark.parametrize(
    ("title", "number", "name"),
    [
        ("Sổ Đăng Bộ ẶỄỘỮỴ", None, "so-dang-bo-aeouy"),
        ("Công văn", "960/SGDĐT-CNTTTBTV", "960-sgddt-cntttbtv-cong-van"),
        ("…", None, "van-ban"),
        ("a" * 99, None, "a" * 60),
    ],
)
def test_files_have_names_that_every_system_takes(
    title: str, number: str | None, name: str
) -> None:
    assert rules.file_name(title, number) == name


def test_every_state_has_a_word() -> None:
    assert KIND_NAMES.keys() == set(EntryKind)
    assert FIXITY_NAMES.keys() == set(Fixity)
    assert INSPECTION_STATE_NAMES.keys() == set(InspectionState)
