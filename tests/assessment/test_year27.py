"""A year in primary school under Circular 27/2020: judgements, tests, traits, and what follows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment.marks import Part, SubjectKind, Verdict
from eoffice.assessment.year import (
    Holds,
    Need,
    Outcome,
    PupilYear,
    Subject,
    TraitLevel,
    TraitTime,
    YearOutcome,
)
from eoffice.assessment.year27 import TRAITS
from tests.assessment.cast import FIRST, SECOND, rules, value

NAME = "TT27/2020"
TAUGHT = ("TIENG_VIET", "TOAN", "NN1", "LSDL", "KHOA_HOC", "TIN_CN", "DAO_DUC", "GDTC")
TESTED = TAUGHT[:6]
C = Verdict.NOT_DONE


def subject(code: str) -> Subject:
    return Subject(code, code.title(), SubjectKind.COMMENT, 35)


def year(
    judged: str = "T T T T T T T T",
    tests: str = "9 9 9 9 9 9",
    trait: TraitLevel = TraitLevel.GOOD,
    *,
    grade: int = 5,
) -> PupilYear:
    """Everything that a year asks for; judgements (T, H, X for C) and tests at its end."""
    words = [C if word == "X" else value(word) for word in judged.split()]
    marks = {
        (code, semester, part, 1): word
        for code, word in zip(TAUGHT, words, strict=True)
        for semester in (FIRST, SECOND)
        for part in (Part.MIDTERM, Part.FINAL)
    }
    for semester in (FIRST, SECOND):
        for code, mark in zip(TESTED, tests.split(), strict=True):
            marks[code, semester, Part.FINAL_TEST, 1] = Decimal(mark)
        for code in ("TIENG_VIET", "TOAN"):
            marks[code, semester, Part.MIDTERM_TEST, 1] = Decimal(7)
    return PupilYear(
        grade=grade,
        subjects=tuple(map(subject, TAUGHT)),
        marks=marks,
        traits={
            (code, time): trait
            for code in TRAITS
            for time in (TraitTime.END_OF_FIRST, TraitTime.END_OF_YEAR)
        },
    )


def outcome(one: PupilYear, **terms: object) -> YearOutcome:
    return rules(NAME, **terms).of_year(one)


def level(one: PupilYear) -> str | None:
    word = outcome(one).year.learning
    return None if word is None else word.text


# Levels


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (year(), "Hoàn thành xuất sắc"),
        # The example of the sources: Toán 8, the others 9, everything T and Tốt.
        (year(tests="9 8 9 9 9 9"), "Hoàn thành tốt"),
        (year(tests="9 6 9 9 9 9"), "Hoàn thành"),
        (year(judged="T T T T T T H T"), "Hoàn thành"),
        (year(trait=TraitLevel.ACHIEVED), "Hoàn thành"),
        (year(tests="9 4 9 9 9 9"), "Chưa hoàn thành"),
        (year(judged="T T T T T T X T"), "Chưa hoàn thành"),
        (year(trait=TraitLevel.NEEDS_EFFORT), "Chưa hoàn thành"),
    ],
)
def test_the_level_of_the_year_is_made_of_what_was_judged_at_its_end(
    one: PupilYear, expected: str
) -> None:
    assert level(one) == expected
    assert outcome(one).gaps == ()


def test_what_the_middle_of_the_year_was_does_not_matter() -> None:
    one = year()
    marks = {**one.marks, ("TOAN", FIRST, Part.FINAL, 1): C}
    marks["TOAN", FIRST, Part.FINAL_TEST, 1] = Decimal(2)

    assert level(replace(one, marks=marks)) == "Hoàn thành xuất sắc"


def test_an_exempted_subject_is_left_out_with_its_test() -> None:
    one = year()
    marks = {cell: word for cell, word in one.marks.items() if cell[0] != "NN1"}
    marks |= {("NN1", semester, Part.STATED, 1): Verdict.EXEMPT for semester in (FIRST, SECOND)}

    found = outcome(replace(one, marks=marks))

    assert found.subjects["NN1"].year is Verdict.EXEMPT
    assert found.year.learning is not None
    assert found.year.learning.text == "Hoàn thành xuất sắc"
    assert found.gaps == ()


def test_a_semester_in_another_school_is_taken_as_that_school_judged_it() -> None:
    one = year()
    marks = {cell: word for cell, word in one.marks.items() if cell[:2] != ("TOAN", FIRST)}
    marks["TOAN", FIRST, Part.STATED, 1] = Verdict.DONE

    found = outcome(replace(one, marks=marks))

    assert found.subjects["TOAN"].semesters[FIRST] is Verdict.DONE
    assert found.gaps == ()


# What is missing


def test_every_gap_is_named_with_its_time() -> None:
    one = year()
    marks = dict(one.marks)
    del marks["TOAN", FIRST, Part.MIDTERM_TEST, 1], marks["TOAN", FIRST, Part.FINAL, 1]
    del marks["GDTC", SECOND, Part.FINAL, 1]
    traits = dict(one.traits)
    del traits["YEU_NUOC", TraitTime.END_OF_YEAR]

    found = outcome(replace(one, marks=marks, traits=traits))

    names = {code: code for code in TAUGHT}
    assert [gap.sentence(names) for gap in found.gaps] == [
        "TOAN, học kì I: Điểm giữa học kì I, Mức cuối học kì I",
        "GDTC, học kì II: Mức cuối năm học",
        "Yêu nước cuối năm học",
    ]
    assert (found.year.learning, found.outcome) == (None, None)


def test_half_a_mark_is_no_mark_of_a_test() -> None:
    one = year()
    marks = {**one.marks, ("TOAN", SECOND, Part.FINAL_TEST, 1): Decimal("9.5")}

    assert [gap.what for gap in outcome(replace(one, marks=marks)).gaps] == ["Điểm cuối năm học"]


def test_from_which_grade_a_competence_is_judged_is_a_term() -> None:
    assert "TIN_HOC" not in rules(NAME).traits(2)
    assert "TIN_HOC" in rules(NAME).traits(3)
    assert set(rules(NAME, traits_from_grade={}).traits(1)) == set(TRAITS)


# Columns


def test_tests_have_columns_of_whole_marks_beside_the_judgements() -> None:
    columns = rules(NAME).columns(subject("TOAN"), SECOND, 4, TAUGHT)

    assert [(one.part, one.holds) for one in columns if one.least] == [
        (Part.MIDTERM, Holds.JUDGEMENT),
        (Part.MIDTERM_TEST, Holds.WHOLE_MARK),
        (Part.FINAL, Holds.JUDGEMENT),
        (Part.FINAL_TEST, Holds.WHOLE_MARK),
    ]
    assert [one.part for one in columns if not one.least] == [
        Part.STATED,
        Part.REASSESSED,
        Part.REASSESSED_TEST,
    ]
    plain = rules(NAME).columns(subject("GDTC"), FIRST, 4, TAUGHT)
    assert [one.part for one in plain] == [Part.MIDTERM, Part.FINAL, Part.STATED]


# Moving up, titles


def test_whoever_is_done_moves_up_and_after_grade_five_completes_primary_school() -> None:
    found = outcome(year("H H H H H H H H", "5 5 5 5 5 5"))

    assert found.outcome is Outcome.PROMOTED
    assert found.completion is not None
    assert found.completion.text == "Hoàn thành chương trình tiểu học"
    assert outcome(year(grade=4)).completion is None


def test_titles_are_for_the_excellent_and_for_those_whom_the_class_chooses() -> None:
    well_done = year(tests="9 8 9 9 9 9")

    titles = [
        outcome(year()).title,
        outcome(replace(well_done, is_chosen=True)).title,
        outcome(well_done).title,
    ]

    assert [title and title.text for title in titles] == [
        "Học sinh Xuất sắc",
        "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện",
        None,
    ]


def test_whoever_is_not_done_is_helped_and_judged_again() -> None:
    one = year("T X T T T T H T", "9 4 9 3 9 9")

    found = outcome(one)
    again = outcome(
        replace(
            one,
            marks={
                **one.marks,
                ("TOAN", SECOND, Part.REASSESSED, 1): Verdict.DONE,
                ("TOAN", SECOND, Part.REASSESSED_TEST, 1): Decimal(6),
                ("LSDL", SECOND, Part.REASSESSED_TEST, 1): Decimal(5),
            },
        )
    )

    assert (found.outcome, found.needs) == (Outcome.SUMMER, (Need.RE_ASSESSMENT,))
    assert found.candidates == ("TOAN", "LSDL")
    assert again.subjects["TOAN"].after is Verdict.DONE
    assert again.subjects["LSDL"].after is None
    assert again.after is not None
    assert again.after.learning is not None
    assert again.after.learning.text == "Hoàn thành"
    assert again.final is Outcome.PROMOTED
    assert again.completion is not None


def test_qualities_and_competences_are_judged_again_too() -> None:
    one = year(trait=TraitLevel.ACHIEVED)
    low = {**one.traits, ("CHAM_CHI", TraitTime.END_OF_YEAR): TraitLevel.NEEDS_EFFORT}
    better = {**low, ("CHAM_CHI", TraitTime.SUMMER): TraitLevel.ACHIEVED}

    assert outcome(replace(one, traits=low)).final is Outcome.SUMMER
    assert outcome(replace(one, traits=better)).final is Outcome.PROMOTED


@pytest.mark.parametrize("decided", [Outcome.PROMOTED, Outcome.HELD_BACK])
def test_about_whoever_is_still_not_done_the_principal_decides(decided: Outcome) -> None:
    """Đ11."""
    one = year(tests="9 4 9 9 9 9")
    tried = {**one.marks, ("TOAN", SECOND, Part.REASSESSED_TEST, 1): Decimal(4)}

    assert outcome(replace(one, marks=tried)).final is Outcome.SUMMER
    assert outcome(replace(one, marks=tried, decided=decided)).final is decided


def test_the_principal_decides_nothing_about_whoever_is_done() -> None:
    assert outcome(replace(year(), decided=Outcome.HELD_BACK)).final is Outcome.PROMOTED


# What holds for all years

RANKS = {"excellent": 3, "well_done": 2, "done": 1, "not_done": 0}
judgements = st.lists(st.sampled_from("THX"), min_size=8, max_size=8).map(" ".join)
tests_of_year = st.lists(st.integers(0, 10).map(str), min_size=6, max_size=6)
traits_of_year = st.sampled_from(TraitLevel)


@given(judgements, tests_of_year, traits_of_year, st.integers(0, 5), st.integers(1, 10))
def test_a_higher_mark_never_lowers_the_level(
    judged: str, tests: list[str], trait: TraitLevel, place: int, more: int
) -> None:
    better = list(tests)
    better[place] = str(min(10, int(better[place]) + more))

    before, after = (
        outcome(year(judged, " ".join(marks), trait)).year.learning for marks in (tests, better)
    )
    assert before is not None
    assert after is not None
    assert RANKS[after.code] >= RANKS[before.code]


@given(judgements, tests_of_year, traits_of_year, st.sampled_from(TESTED), st.integers(0, 10))
def test_re_assessment_never_lowers(
    judged: str, tests: list[str], trait: TraitLevel, code: str, mark: int
) -> None:
    one = year(judged, " ".join(tests), trait)
    marks = {**one.marks, (code, SECOND, Part.REASSESSED_TEST, 1): Decimal(mark)}
    found = outcome(replace(one, marks=marks))

    if found.after is not None and found.after.learning is not None:
        assert found.year.learning is not None
        assert RANKS[found.after.learning.code] >= RANKS[found.year.learning.code]
    assert found.final in (found.outcome, Outcome.PROMOTED)


@given(judgements, tests_of_year, traits_of_year, st.data())
def test_the_order_of_subjects_does_not_matter(
    judged: str, tests: list[str], trait: TraitLevel, data: st.DataObject
) -> None:
    one = year(judged, " ".join(tests), trait)
    shuffled = tuple(data.draw(st.permutations(list(one.subjects))))

    found, other = outcome(one), outcome(replace(one, subjects=shuffled))

    assert (other.year, other.outcome) == (found.year, found.outcome)
