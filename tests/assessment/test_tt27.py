"""Pupils of primary schools are assessed as Circular 27/2020 says."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment import tt27 as rules
from eoffice.assessment.marks import Incomplete, MarkRefused
from eoffice.assessment.tt27 import Period, Standard, Subject, Terms, Title, Trait, Year, YearLevel

#: As the demo's officer keeps them.
TERMS = Terms(
    (
        Standard(YearLevel.EXCELLENT, Subject.WELL_DONE, Trait.GOOD, 9),
        Standard(YearLevel.WELL_DONE, Subject.WELL_DONE, Trait.GOOD, 7),
        Standard(YearLevel.DONE, Subject.DONE, Trait.ACHIEVED, 5),
    )
)
T, H, C = Subject
GOOD, ACHIEVED, NEEDS_EFFORT = Trait


def year(subjects: str = "T T T", traits: str = "T T", tests: str = "9 9") -> Year:
    return Year(
        {f"S{n}": {"T": T, "H": H, "C": C}[word] for n, word in enumerate(subjects.split())},
        {
            f"Q{n}": {"T": GOOD, "Đ": ACHIEVED, "C": NEEDS_EFFORT}[word]
            for n, word in enumerate(traits.split())
        },
        {f"K{n}": int(mark) for n, mark in enumerate(tests.split())},
    )


@pytest.mark.parametrize(
    ("judged", "level"),
    [
        (year(), YearLevel.EXCELLENT),
        # The example of the sources: Toán 8, the others 9, everything T and Tốt.
        (year(tests="8 9 9"), YearLevel.WELL_DONE),
        (year(tests="7 10"), YearLevel.WELL_DONE),
        (year(tests="6 10"), YearLevel.DONE),
        (year(subjects="T T H"), YearLevel.DONE),
        (year(traits="T Đ"), YearLevel.DONE),
        (year("H H", "Đ Đ", "5 5"), YearLevel.DONE),
        (year(tests="4 10"), YearLevel.NOT_DONE),
        (year(subjects="T T C"), YearLevel.NOT_DONE),
        (year(traits="T C"), YearLevel.NOT_DONE),
        (year(tests=""), YearLevel.EXCELLENT),
    ],
)
def test_the_level_of_the_year(judged: Year, level: YearLevel) -> None:
    assert rules.year_level(judged, TERMS) is level


def test_what_is_not_judged_yet_is_named_and_no_level_is_given() -> None:
    open_year = replace(year(), tests={"TOAN": None}, traits={"YEU_NUOC": None})

    assert rules.year_level(open_year, TERMS) == Incomplete(("YEU_NUOC", "test_TOAN"))
    assert rules.year_level(Year({}, {}, {}), TERMS) == Incomplete(())


@given(
    st.lists(st.sampled_from(Subject), min_size=1, max_size=8),
    st.lists(st.sampled_from(Trait), min_size=1, max_size=8),
    st.lists(st.integers(0, 10), min_size=1, max_size=6),
    st.integers(0, 5),
)
def test_a_better_judgement_never_lowers_the_level(
    subjects: list[Subject], traits: list[Trait], tests: list[int], place: int
) -> None:
    levels = list(YearLevel)

    def place_of(s: list[Subject], q: list[Trait], k: list[int]) -> int:
        found = rules.year_level(
            Year(
                {str(n): one for n, one in enumerate(s)},
                {str(n): one for n, one in enumerate(q)},
                {str(n): one for n, one in enumerate(k)},
            ),
            TERMS,
        )
        assert isinstance(found, YearLevel)
        return levels.index(found)

    before = place_of(subjects, traits, tests)
    better_subjects, better_traits, better_tests = list(subjects), list(traits), list(tests)
    better_subjects[place % len(subjects)] = T
    better_traits[place % len(traits)] = GOOD
    better_tests[place % len(tests)] = 10
    assert place_of(better_subjects, traits, tests) <= before
    assert place_of(subjects, better_traits, tests) <= before
    assert place_of(subjects, traits, better_tests) <= before


@pytest.mark.parametrize("value", [0, 1, 10])
def test_a_mark_of_a_test_is_whole(value: int) -> None:
    assert rules.whole_mark(value) == value


@pytest.mark.parametrize("value", [-1, 11, True])
def test_anything_else_is_no_mark_of_a_test(value: int) -> None:
    with pytest.raises(MarkRefused):
        rules.whole_mark(value)


TAUGHT = ("TIENG_VIET", "TOAN", "NN1", "LSDL", "KHOA_HOC", "TIN_CN", "DAO_DUC", "GDTC")


@pytest.mark.parametrize(("grade", "period"), list(product(range(1, 6), Period)))
def test_tests_are_written_at_the_ends_and_in_the_upper_grades_in_the_middle(
    grade: int, period: Period
) -> None:
    found = rules.subjects_tested(grade, period, TAUGHT)

    if period in (Period.END_OF_FIRST, Period.END_OF_YEAR):
        assert found == {"TIENG_VIET", "TOAN", "NN1", "LSDL", "KHOA_HOC", "TIN_CN"}
    elif grade >= 4:
        assert found == {"TIENG_VIET", "TOAN"}
    else:
        assert found == frozenset()


def test_subjects_are_known_by_their_short_codes_too() -> None:
    taught = ("TV", "KH", "THCN", "DD")
    assert rules.subjects_tested(4, Period.END_OF_FIRST, taught) == {"TV", "KH", "THCN"}
    assert rules.subjects_tested(4, Period.MIDDLE_OF_FIRST, taught) == {"TV"}


def test_a_subject_that_is_not_taught_is_not_tested() -> None:
    assert rules.subjects_tested(1, Period.END_OF_YEAR, ("TOAN", "DAO_DUC")) == {"TOAN"}


@pytest.mark.parametrize(
    ("level", "is_chosen", "expected"),
    [
        (YearLevel.EXCELLENT, False, Title.EXCELLENT_PUPIL),
        (YearLevel.EXCELLENT, True, Title.EXCELLENT_PUPIL),
        (YearLevel.WELL_DONE, True, Title.EXEMPLARY_PUPIL),
        (YearLevel.WELL_DONE, False, None),
        (YearLevel.DONE, True, None),
        (YearLevel.NOT_DONE, True, None),
    ],
)
def test_titles(level: YearLevel, is_chosen: bool, expected: Title | None) -> None:
    assert rules.title(level, is_chosen=is_chosen) is expected


def test_whoever_is_done_moves_up() -> None:
    assert [rules.is_promoted(level) for level in YearLevel] == [True, True, True, False]
