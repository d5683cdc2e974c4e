"""A typed cell is a mark or is refused with a sentence; nobody overwrites what they did not see."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment.marks import Verdict
from eoffice.assessment.year import Holds
from eoffice.marks import entry
from eoffice.marks.entry import CellChanged, NotAMark


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8,5", Decimal("8.5")),
        ("8.5", Decimal("8.5")),
        (" 10 ", Decimal("10.0")),
        ("0", Decimal("0.0")),
        ("", None),
        ("  ", None),
    ],
)
def test_a_score_is_typed_with_comma_or_point(text: str, value: Decimal | None) -> None:
    assert entry.typed(text, Holds.MARK) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("Đ", Verdict.PASSED), ("cđ", Verdict.FAILED), ("d", Verdict.PASSED), ("M", Verdict.EXEMPT)],
)
def test_a_verdict_is_typed_by_its_letters(text: str, value: Verdict) -> None:
    assert entry.typed(text, Holds.VERDICT) is value


@pytest.mark.parametrize("text", ["11", "-1", "8,55", "tám", "8,5,5", "Đ"])
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(NotAMark):
        entry.typed(text, Holds.MARK)


@given(st.integers(0, 100))
def test_every_tenth_is_read_back_as_it_was_written(tenths: int) -> None:
    written = f"{tenths // 10},{tenths % 10}"
    assert entry.typed(written, Holds.MARK) == Decimal(tenths) / 10


@pytest.mark.parametrize(
    ("text", "value"), [("t", Verdict.WELL_DONE), ("H", Verdict.DONE), ("C", Verdict.NOT_DONE)]
)
def test_a_judgement_of_primary_school_is_typed_by_its_letter(text: str, value: Verdict) -> None:
    assert entry.typed(text, Holds.JUDGEMENT) is value


def test_the_result_of_a_semester_as_a_whole_is_a_mark_or_exempted() -> None:
    assert entry.typed("7,4", Holds.RESULT) == Decimal("7.4")
    assert entry.typed("Miễn", Holds.RESULT) is Verdict.EXEMPT
    for holds in (Holds.RESULT, Holds.MARK):
        with pytest.raises(NotAMark):
            entry.typed("Đ", holds)


def test_a_test_in_primary_school_has_whole_marks() -> None:
    assert entry.typed("9", Holds.WHOLE_MARK) == Decimal(9)
    with pytest.raises(NotAMark):
        entry.typed("9,5", Holds.WHOLE_MARK)
    with pytest.raises(NotAMark):
        entry.typed("Đ", Holds.JUDGEMENT)


@pytest.mark.parametrize(
    ("value", "tag"), [(None, '""'), (Decimal("8.5"), '"8.5"'), (Verdict.PASSED, '"passed"')]
)
def test_the_tag_of_a_cell_is_its_value(value: Decimal | Verdict | None, tag: str) -> None:
    assert entry.tag(value) == tag
    entry.require_unchanged(value, tag)


@pytest.mark.parametrize(
    ("now", "seen"), [(Decimal("8.5"), '""'), (None, '"8.5"'), (Decimal(8), None)]
)
def test_a_cell_that_was_changed_meanwhile_is_not_overwritten(
    now: Decimal | None, seen: str | None
) -> None:
    with pytest.raises(CellChanged):
        entry.require_unchanged(now, seen)


def test_an_empty_cell_may_be_filled_without_having_been_looked_at() -> None:
    entry.require_unchanged(None, None)
