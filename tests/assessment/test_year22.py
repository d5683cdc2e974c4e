"""A year under Circular 22/2021: marks make results, results promotion, and summer changes it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment import tt22
from eoffice.assessment.marks import Incomplete, Part, Semester, Value, Verdict
from eoffice.assessment.tt22 import LearningResult, Level, ScoredMarks, Topics
from eoffice.assessment.year import (
    Cell,
    ConductLevel,
    ConductTime,
    Need,
    Outcome,
    PupilYear,
    YearOutcome,
)
from tests.assessment.cast import (
    FIRST,
    SCORED,
    SECOND,
    comment,
    conduct,
    pupil,
    rules,
    scored,
    value,
)

NAME = "TT22/2021"
GOOD = conduct("good", "good")
BAD = conduct("good", "not_achieved")
FINE = "8.0 8.0 8.0 8.0 8.0 8.0 8.0 8.0"
WEAK = "6.0 6.0 6.0 4.0 4.0 4.0 6.0 6.0"


def outcome(one: PupilYear, **terms: object) -> YearOutcome:
    return rules(NAME, **terms).of_year(one)


def semester(
    code: str, which: Semester, regular: str, midterm: str, final: str
) -> dict[Cell, Value]:
    words = regular.split()
    return {
        **{(code, which, Part.REGULAR, n): value(w) for n, w in enumerate(words, start=1)},
        (code, which, Part.MIDTERM, 1): value(midterm),
        (code, which, Part.FINAL, 1): value(final),
    }


def year_of_marks() -> PupilYear:
    """One scored subject of 70 periods and one comment subject, by their marks."""
    return PupilYear(
        grade=7,
        subjects=(scored("TOAN", periods=70), comment("GDTC")),
        marks={
            **semester("TOAN", FIRST, "8 8 9", "8.5", "8"),
            **semester("TOAN", SECOND, "8 8 9", "8", "8.5"),
            **semester("GDTC", FIRST, "Đ C", "Đ", "Đ"),
            **semester("GDTC", SECOND, "Đ Đ", "Đ", "Đ"),
        },
        conduct=GOOD,
    )


# From marks


def test_marks_make_semesters_and_semesters_the_year() -> None:
    found = outcome(year_of_marks())

    toan, gdtc = found.subjects["TOAN"], found.subjects["GDTC"]
    assert (toan.semesters[FIRST], toan.semesters[SECOND], toan.year) == tuple(
        map(Decimal, ("8.3", "8.3", "8.3"))
    )
    # Đ9.1b: the year of a comment subject is semester II, whatever semester I was.
    assert gdtc.semesters[FIRST] is Verdict.FAILED
    assert gdtc.year is Verdict.PASSED
    assert found.gaps == ()


def test_what_is_missing_is_named_as_the_book_names_it() -> None:
    year = year_of_marks()
    marks = dict(year.marks)
    del marks["TOAN", SECOND, Part.REGULAR, 3], marks["GDTC", FIRST, Part.FINAL, 1]
    open_year = replace(year, marks=marks, conduct={ConductTime.FIRST: ConductLevel.GOOD})

    found = outcome(open_year)

    names = {subject.code: subject.name for subject in year.subjects}
    assert [gap.sentence(names) for gap in found.gaps] == [
        "Toan, học kì II: ĐĐGtx3",
        "Gdtc, học kì I: ĐĐGck",
        "kết quả rèn luyện học kì II",
    ]
    assert found.subjects["TOAN"].year == Incomplete(("semester_2",))
    assert (found.year.learning, found.outcome, found.title) == (None, None, None)


def test_the_school_s_plan_may_ask_for_another_number_of_marks() -> None:
    year = year_of_marks()
    toan = replace(year.subjects[0], regular_marks=4)

    found = outcome(replace(year, subjects=(toan, year.subjects[1])))

    assert [gap.what for gap in found.gaps] == ["ĐĐGtx4", "ĐĐGtx4"]


# Pupils who are exempted, or come from another school


def test_a_pupil_exempted_from_physical_education_is_assessed_by_the_other_subjects() -> None:
    found = outcome(pupil(FINE, "M Đ", behaved=GOOD))

    assert found.subjects["GDTC"].year is Verdict.EXEMPT
    assert found.year.learning is not None
    assert found.year.learning.text == "Tốt"
    assert found.gaps == ()


def test_a_pupil_may_be_exempted_from_a_scored_subject_too() -> None:
    found = outcome(pupil("M 8.0 8.0 8.0 8.0 8.0 8.0 6.5", behaved=GOOD))

    assert found.subjects["TOAN"].year is Verdict.EXEMPT
    assert found.year.learning is not None
    assert found.year.learning.text == "Tốt"


@pytest.mark.parametrize(
    ("first", "second", "by_the_other", "else_"),
    [
        ("M", "7.0", Decimal("7.0"), Verdict.EXEMPT),
        ("7.0", "M", Decimal("7.0"), Verdict.EXEMPT),
        ("M", "M", Verdict.EXEMPT, Verdict.EXEMPT),
    ],
)
def test_whoever_is_exempted_in_one_semester_has_the_result_of_the_other_if_the_terms_say_so(
    first: str, second: str, by_the_other: Value, else_: Value
) -> None:
    one = pupil(FINE, behaved=GOOD)
    marks = {
        **one.marks,
        ("TOAN", FIRST, Part.STATED, 1): value(first),
        ("TOAN", SECOND, Part.STATED, 1): value(second),
    }
    one = replace(one, marks=marks)

    kept = outcome(one, one_semester_makes_the_year=True).subjects["TOAN"].year
    left_out = outcome(one, one_semester_makes_the_year=False).subjects["TOAN"].year

    assert (kept, left_out) == (by_the_other, else_)


def test_a_semester_in_another_school_counts_with_the_result_that_it_stated() -> None:
    """Semester I came with the transfer: 7.4; semester II was made of marks here: 8.1."""
    year = year_of_marks()
    marks = {
        **semester("TOAN", SECOND, "8 7 9", "8", "8.3"),
        ("TOAN", FIRST, Part.STATED, 1): Decimal("7.4"),
        **{cell: one for cell, one in year.marks.items() if cell[0] == "GDTC"},
    }

    found = outcome(replace(year, marks=marks))

    assert found.subjects["TOAN"].semesters[FIRST] == Decimal("7.4")
    assert found.subjects["TOAN"].year == Decimal("7.9")
    assert found.gaps == ()


# Learning topics of upper secondary schools


@pytest.mark.parametrize(
    ("counting", "regular", "average"),
    [
        # (8 + 8 + 10 + 2×8 + 3×8) / 8
        (Topics.EXTRA, (Decimal(8), Decimal(8)), "8.3"),
        # (8 + 10 + 2×8 + 3×8) / 7
        (Topics.IN_PLACE, (Decimal(8), None), "8.3"),
        (Topics.NOT_COUNTED, (Decimal(8), Decimal(8)), "8.0"),
    ],
)
def test_the_learning_topics_count_as_one_regular_mark_as_the_terms_say(
    counting: Topics, regular: tuple[Decimal | None, ...], average: str
) -> None:
    marks = ScoredMarks(regular, Decimal(8), Decimal(8))

    with_topic = tt22.with_topic(marks, Decimal(10), counting)

    assert tt22.semester_average(with_topic) == Decimal(average)
    assert tt22.with_topic(marks, None, counting) == marks


def test_the_result_of_the_topics_is_asked_for_once_a_year() -> None:
    one = pupil(FINE, behaved=GOOD, grade=11)
    one = replace(one, subjects=(scored("TOAN", has_topics=True), *one.subjects[1:]))

    without = outcome(one)
    with_one = outcome(
        replace(one, marks={**one.marks, ("TOAN", SECOND, Part.TOPIC, 1): Decimal(9)})
    )

    assert [(gap.subject, gap.what) for gap in without.gaps] == [("TOAN", "Chuyên đề")]
    assert with_one.gaps == ()
    assert outcome(one, topics="not_counted").gaps == ()


# The reading of Đ9.3


def test_the_other_reading_of_the_one_bad_subject_needs_six_others() -> None:
    """Five at 8.0, two at 7.0, one at 4.9: to be settled with a department; so it is a term."""
    scores = ("8.0", "8.0", "8.0", "8.0", "8.0", "7.0", "7.0", "4.9")
    averages = {str(place): Decimal(score) for place, score in enumerate(scores)}

    for may_count, level in ((True, Level.FAIR), (False, Level.ACHIEVED)):
        found = tt22.learning_result(averages, {}, bad_subject_may_count=may_count)
        assert found == LearningResult(Level.ACHIEVED, level)


# Promotion, training and re-assessment: Đ12 to Đ14


def test_a_good_year_moves_up_with_a_title() -> None:
    found = outcome(pupil(FINE, behaved=GOOD))

    assert found.outcome is Outcome.PROMOTED
    assert found.outcome_word is not None
    assert found.outcome_word.text == "Được lên lớp"
    assert found.title is not None
    assert found.title.text == "Học sinh Giỏi"
    assert (found.needs, found.candidates, found.after) == ((), (), None)


def test_six_averages_of_nine_make_an_excellent_pupil() -> None:
    found = outcome(pupil("9.0 9.0 9.0 9.0 9.0 9.0 6.5 6.5", behaved=GOOD))

    assert found.title is not None
    assert found.title.text == "Học sinh Xuất sắc"


@pytest.mark.parametrize(
    ("absences", "expected"), [(45, Outcome.PROMOTED), (46, Outcome.HELD_BACK)]
)
def test_forty_five_sessions_may_be_missed(absences: int, expected: Outcome) -> None:
    found = outcome(pupil(FINE, behaved=GOOD, absences=absences))

    assert found.outcome is expected
    # Đ12.1c admits no summer.
    assert found.needs == ()


@pytest.mark.parametrize(
    ("results", "behaved", "needs", "word"),
    [
        (WEAK, GOOD, (Need.RE_ASSESSMENT,), "Phải đánh giá lại"),
        (FINE, BAD, (Need.CONDUCT_TRAINING,), "Phải rèn luyện trong kì nghỉ hè"),
        (
            WEAK,
            BAD,
            (Need.RE_ASSESSMENT, Need.CONDUCT_TRAINING),
            "Phải đánh giá lại và rèn luyện trong kì nghỉ hè",
        ),
    ],
)
def test_what_is_not_achieved_is_made_good_in_summer(
    results: str, behaved: dict[ConductTime, ConductLevel], needs: tuple[Need, ...], word: str
) -> None:
    found = outcome(pupil(results, behaved=behaved))

    assert (found.outcome, found.needs) == (Outcome.SUMMER, needs)
    assert found.outcome_word is not None
    assert found.outcome_word.text == word
    assert found.final is Outcome.SUMMER


def test_the_subjects_that_may_be_assessed_again_are_those_that_are_weak() -> None:
    found = outcome(pupil(WEAK, "C Đ", behaved=GOOD))

    assert found.candidates == ("LY", "HOA", "SINH", "GDTC")


def test_the_result_of_the_re_assessment_stands_for_the_year_and_all_is_judged_anew() -> None:
    found = outcome(pupil(WEAK, behaved=GOOD, again={"LY": "5.0", "HOA": "5.5"}))

    assert found.subjects["LY"].year == Decimal("4.0")
    assert found.subjects["LY"].after == Decimal("5.0")
    assert found.subjects["SINH"].after is None
    assert found.after is not None
    assert found.after.learning is not None
    assert found.after.learning.text == "Đạt"
    assert found.outcome is Outcome.SUMMER
    assert found.final is Outcome.PROMOTED
    assert found.outcome_after_word is not None
    assert found.outcome_after_word.text == "Được lên lớp sau khi đánh giá lại"


def test_a_subject_that_was_not_weak_is_not_assessed_again() -> None:
    found = outcome(pupil(WEAK, behaved=GOOD, again={"TOAN": "10", "LY": "4.5"}))

    assert found.subjects["TOAN"].after is None
    assert found.subjects["LY"].after == Decimal("4.5")
    assert found.final is Outcome.SUMMER


def test_whoever_is_not_promoted_when_summer_is_over_is_held_back() -> None:
    tried = pupil(WEAK, behaved=GOOD, again={"LY": "4.5"}, is_summer_over=True)
    never = pupil(WEAK, behaved=GOOD, is_summer_over=True)

    for found in (outcome(tried), outcome(never)):
        assert found.outcome_after is Outcome.HELD_BACK
        assert found.outcome_after_word is not None
        assert found.outcome_after_word.text == "Không được lên lớp"
        assert found.completion is None


@pytest.mark.parametrize(
    ("summer", "expected"),
    [("achieved", Outcome.PROMOTED), ("not_achieved", Outcome.SUMMER)],
)
def test_conduct_is_judged_again_after_the_training(summer: str, expected: Outcome) -> None:
    found = outcome(pupil(FINE, behaved=conduct("good", "not_achieved", summer=summer)))

    assert found.year.conduct is not None
    assert found.year.conduct.text == "Chưa đạt"
    assert found.after is not None
    assert found.after.conduct is not None
    assert found.after.conduct.code == summer
    assert found.final is expected


def test_both_have_to_be_made_good_where_both_were_missing() -> None:
    behaved = conduct("good", "not_achieved", summer="achieved")

    only_trained = outcome(pupil(WEAK, behaved=behaved))
    both = outcome(pupil(WEAK, behaved=behaved, again={"LY": "5.0"}))

    assert only_trained.final is Outcome.SUMMER
    assert both.final is Outcome.PROMOTED


def test_training_in_summer_changes_nothing_for_whoever_needed_none() -> None:
    found = outcome(pupil(FINE, behaved=conduct("good", "fair", summer="not_achieved")))

    assert (found.after, found.final) == (None, Outcome.PROMOTED)


def test_a_summer_brings_no_title() -> None:
    found = outcome(pupil(FINE, behaved=conduct("good", "not_achieved", summer="good")))

    assert found.title is None


@pytest.mark.parametrize(
    ("grade", "completed"),
    [
        (8, None),
        (9, "Hoàn thành chương trình giáo dục trung học cơ sở"),
        (12, "Hoàn thành chương trình giáo dục trung học phổ thông"),
    ],
)
def test_moving_up_from_the_last_grade_completes_the_level(
    grade: int, completed: str | None
) -> None:
    found = outcome(pupil(FINE, behaved=GOOD, grade=grade))

    assert (found.completion and found.completion.text) == completed


def test_values_of_another_circular_are_as_if_not_entered() -> None:
    one = pupil(FINE, behaved=conduct("average", "good"))
    one = replace(one, marks={**one.marks, ("GDTC", SECOND, Part.STATED, 1): Verdict.WELL_DONE})

    found = outcome(one)

    assert [gap.what for gap in found.gaps] == [
        "ĐĐGtx1, ĐĐGtx2, ĐĐGgk, ĐĐGck",
        "kết quả rèn luyện",
    ]


# What holds for all years

tenths = st.integers(0, 100).map(lambda n: str(Decimal(n) / 10))
years = st.lists(tenths, min_size=8, max_size=8)
conducts = st.tuples(*[st.sampled_from(["good", "fair", "achieved", "not_achieved"])] * 2)
RANKS = {"good": 3, "fair": 2, "achieved": 1, "not_achieved": 0}
STEPS = {Outcome.HELD_BACK: 0, Outcome.SUMMER: 1, Outcome.PROMOTED: 2}


@given(years, conducts, st.dictionaries(st.sampled_from(SCORED), tenths), st.booleans())
def test_re_assessment_never_lowers_where_the_better_result_is_kept(
    results: list[str], behaved: tuple[str, str], again: dict[str, str], is_over: bool
) -> None:
    one = pupil(" ".join(results), behaved=conduct(*behaved), again=again)
    found = outcome(one, keeps_better_result=True)

    if found.after is not None and found.after.learning is not None:
        assert found.year.learning is not None
        assert RANKS[found.after.learning.code] >= RANKS[found.year.learning.code]
    assert found.outcome is not None
    assert found.final is not None
    assert STEPS[found.final] >= STEPS[found.outcome]
    # Only that summer is over takes a chance away.
    over = outcome(replace(one, is_summer_over=is_over), keeps_better_result=True).final
    assert over is found.final or (is_over and over is Outcome.HELD_BACK)


@given(years, conducts, st.integers(0, 7), st.integers(1, 100), st.integers(0, 60))
def test_a_higher_result_never_makes_a_worse_year(
    results: list[str], behaved: tuple[str, str], place: int, more: int, absences: int
) -> None:
    better = list(results)
    better[place] = str(min(Decimal(10), Decimal(better[place]) + Decimal(more) / 10))

    def steps(words: list[str]) -> tuple[int, int]:
        found = outcome(pupil(" ".join(words), behaved=conduct(*behaved), absences=absences))
        assert found.year.learning is not None
        assert found.outcome is not None
        return RANKS[found.year.learning.code], STEPS[found.outcome]

    before, after = steps(results), steps(better)
    assert after[0] >= before[0]
    assert after[1] >= before[1]


@given(years, conducts, st.data())
def test_the_order_of_marks_and_subjects_does_not_matter(
    results: list[str], behaved: tuple[str, str], data: st.DataObject
) -> None:
    one = pupil(" ".join(results), behaved=conduct(*behaved))
    cells = data.draw(st.permutations(list(one.marks.items())))
    subjects = data.draw(st.permutations(list(one.subjects)))

    other = outcome(replace(one, marks=dict(cells), subjects=tuple(subjects)))

    found = outcome(one)
    assert (other.year, other.outcome, other.title) == (found.year, found.outcome, found.title)
    assert other.subjects == found.subjects
