"""Pupils of the years before 2021 are assessed as Circular 58/2011, and 26/2020, say."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment import tt58 as rules
from eoffice.assessment.marks import Incomplete, Verdict
from eoffice.assessment.tt58 import (
    AMENDED,
    ORIGINAL,
    Conduct,
    Edition,
    Learning,
    LearningResult,
    Promotion,
    ScoredMarks,
    Terms,
    Title,
)

EXCELLENT, FAIR, AVERAGE, WEAK, POOR = Learning
PASSED, FAILED, EXEMPT = Verdict.PASSED, Verdict.FAILED, Verdict.EXEMPT

#: As the demo's officer keeps them.
TERMS = Terms(
    most_absences=45,
    promotions={
        **dict.fromkeys(
            product((EXCELLENT, FAIR, AVERAGE), (Conduct.GOOD, Conduct.FAIR, Conduct.AVERAGE)),
            Promotion.PROMOTED,
        ),
        **dict.fromkeys(
            product((WEAK,), (Conduct.GOOD, Conduct.FAIR, Conduct.AVERAGE)), Promotion.RE_TEST
        ),
        **dict.fromkeys(
            product((EXCELLENT, FAIR, AVERAGE), (Conduct.WEAK,)), Promotion.CONDUCT_TRAINING
        ),
    },
    titles=(
        (Title.EXCELLENT_PUPIL, EXCELLENT, Conduct.GOOD),
        (Title.ADVANCED_PUPIL, FAIR, Conduct.FAIR),
    ),
)


def marks(regular: str, periodic: str, final: str) -> ScoredMarks:
    return ScoredMarks(
        tuple(map(Decimal, regular.split())), tuple(map(Decimal, periodic.split())), Decimal(final)
    )


def level_of(
    scores: str,
    comments: str = "Đ Đ Đ",
    *,
    edition: Edition = ORIGINAL,
    specialised: str | None = None,
) -> LearningResult:
    """Scores in the order Toán, Văn, Ngoại ngữ and others; comment subjects as Đ, C, M."""
    codes = ["TOAN", "VAN", "NN1", "LY", "HOA", "SINH", "SU", "DIA", "GDCD", "TIN"]
    averages = dict(zip(codes, map(Decimal, scores.split()), strict=False))
    verdicts = {
        f"C{n}": {"Đ": PASSED, "C": FAILED, "M": EXEMPT}[word]
        for n, word in enumerate(comments.split())
    }
    result = rules.learning_result(averages, verdicts, edition=edition, specialised=specialised)
    assert isinstance(result, LearningResult)
    return result


# Averages


@pytest.mark.parametrize(
    ("regular", "periodic", "final", "average"),
    [
        ("8 7 9", "7.5 8", "8.5", "8.1"),  # exactly 8.05
        ("6 7 5 8", "6.5 7 6", "5.5", "6.3"),
        ("0", "0", "0", "0.0"),
        ("10 10", "10", "10", "10.0"),
    ],
)
def test_the_average_of_a_semester_weighs_once_twice_and_three_times(
    regular: str, periodic: str, final: str, average: str
) -> None:
    assert rules.semester_average(marks(regular, periodic, final)) == Decimal(average)


def test_with_one_periodic_mark_it_is_the_formula_of_the_amended_text() -> None:
    """(ΣĐĐGtx + 2 × ĐĐGgk + 3 × ĐĐGck) / (number of ĐĐGtx + 5)."""
    for n, middle, final in product((2, 3, 4), range(0, 21, 3), range(0, 21, 3)):
        regular = [Fraction(7)] * n
        exact = (sum(regular) + 2 * Fraction(middle, 2) + 3 * Fraction(final, 2)) / (n + 5)
        found = rules.semester_average(
            marks(" ".join(["7"] * n), str(Decimal(middle) / 2), str(Decimal(final) / 2))
        )
        assert found == Decimal((exact * 20 + 1) // 2) / 10


@pytest.mark.parametrize(
    ("given_marks", "missing"),
    [
        (ScoredMarks((Decimal(8), None), (Decimal(7),), Decimal(9)), ("regular_2",)),
        (ScoredMarks((Decimal(8),), (None, Decimal(7)), Decimal(9)), ("periodic_1",)),
        (ScoredMarks((Decimal(8),), (Decimal(7),), None), ("final",)),
        (ScoredMarks((), (), None), ("regular_1", "periodic_1", "final")),
    ],
)
def test_a_missing_mark_is_no_zero(given_marks: ScoredMarks, missing: tuple[str, ...]) -> None:
    assert rules.semester_average(given_marks) == Incomplete(missing)


def test_the_average_of_the_year_counts_semester_two_twice() -> None:
    assert rules.year_average(Decimal("7.4"), Decimal("8.1")) == Decimal("7.9")
    assert rules.year_average(Decimal("7.4"), Incomplete(("final",))) == Incomplete(("semester_2",))


def test_the_average_of_all_subjects_counts_each_once_and_rounds_a_tie_up() -> None:
    assert rules.overall_average([Decimal("8.0"), Decimal("8.1")]) == Decimal("8.1")
    assert rules.overall_average([Decimal("6.0"), Decimal("7.0"), Decimal("7.0")]) == Decimal("6.7")
    with pytest.raises(ValueError, match="nothing"):
        rules.overall_average([])


# Levels


@pytest.mark.parametrize(
    ("scores", "comments", "level"),
    [
        # Đ13.1: average 8.0, one of Toán and Ngữ văn 8.0, none below 6.5, comments passed.
        ("8.0 7.0 8.0 8.5 8.5", "Đ Đ", EXCELLENT),
        ("7.0 8.0 8.0 8.5 8.5", "Đ Đ", EXCELLENT),
        ("7.9 7.9 9.0 9.0 9.0", "Đ Đ", FAIR),
        ("9.0 9.0 9.0 9.0 6.4", "Đ Đ", FAIR),
        ("9.0 9.0 9.0 9.0 9.0", "C Đ", AVERAGE),  # Giỏi down to Yếu by one subject: Tb
        ("9.0 9.0 9.0 9.0 9.0", "M Đ", EXCELLENT),
        # Đ13.2.
        ("6.5 5.0 7.0 7.0 7.0", "Đ Đ", FAIR),
        ("6.4 6.4 7.0 7.0 7.0", "Đ Đ", AVERAGE),
        # Đ13.3.
        ("5.0 3.5 5.5 5.5 5.5", "Đ Đ", AVERAGE),
        ("4.9 4.9 5.5 5.5 5.5", "Đ Đ", WEAK),
        # Đ13.4 asks for no key subject and no comments.
        ("3.5 3.5 3.5 3.5 3.5", "C C", WEAK),
        ("2.0 5.0 5.0 5.0 5.0", "Đ Đ", WEAK),
        ("3.4 3.4 3.4 3.4 3.4", "Đ Đ", POOR),
        ("1.9 1.9 6.0 6.0 6.0", "Đ Đ", POOR),
    ],
)
def test_the_level_of_learning(scores: str, comments: str, level: Learning) -> None:
    assert level_of(scores, comments).level is level


@pytest.mark.parametrize(
    ("scores", "base", "level"),
    [
        ("9.0 9.0 9.0 9.0 4.9", AVERAGE, FAIR),  # Giỏi -> Tb: Khá
        ("9.0 9.0 9.0 9.5 3.4", WEAK, AVERAGE),  # Giỏi -> Yếu: Tb
        ("7.0 7.0 7.5 7.5 7.5 3.4", WEAK, AVERAGE),  # Khá -> Yếu: Tb
        ("8.0 8.0 7.5 7.5 7.5 1.9", POOR, WEAK),  # Khá -> Kém: Yếu
        ("9.9 9.9 9.9 9.9 9.9 1.0", POOR, POOR),  # Giỏi -> Kém is not in the list
        ("9.0 9.0 9.0 9.0 6.4", FAIR, FAIR),  # one level only
        ("9.0 9.0 9.9 9.9 4.9 4.9", AVERAGE, AVERAGE),  # two subjects
    ],
)
def test_one_subject_alone_does_not_pull_a_pupil_down_further_than_the_list_says(
    scores: str, base: Learning, level: Learning
) -> None:
    found = level_of(scores)

    assert (found.base, found.level) == (base, level)
    assert found.is_adjusted is (base is not level)


def test_the_example_of_a_pupil_with_one_bad_mark_in_english() -> None:
    """Average 7.0, everything above 5.0 but English 3.4: not Yếu but Trung bình."""
    found = level_of("7.0 7.0 3.4 7.5 7.5 7.5 7.5 7.5 8.0 7.0")

    assert (found.average, found.base, found.level) == (Decimal("7.0"), WEAK, AVERAGE)


def test_the_amended_text_lets_the_foreign_language_be_the_key_subject() -> None:
    scores = "7.0 7.0 9.0 9.0 9.0"
    assert level_of(scores, edition=ORIGINAL).level is FAIR
    assert level_of(scores, edition=AMENDED).level is EXCELLENT


def test_in_a_specialised_class_the_subject_must_reach_the_mark_too() -> None:
    scores = "9.0 9.0 9.0 7.9 9.0"
    assert level_of(scores).level is EXCELLENT
    assert level_of(scores, specialised="LY").level is FAIR
    assert level_of("9.0 9.0 9.0 8.0 9.0", specialised="LY").level is EXCELLENT


def test_a_level_waits_for_every_subject_and_names_the_open_ones() -> None:
    found = rules.learning_result(
        {"TOAN": Decimal(8), "VAN": Incomplete(("final",))},
        {"GDTC": Incomplete(("final",))},
        edition=ORIGINAL,
    )
    assert found == Incomplete(("VAN", "GDTC"))


_SCORES = st.lists(
    st.integers(0, 100).map(lambda tenths: Decimal(tenths) / 10), min_size=4, max_size=10
)


@given(_SCORES, st.integers(0, 9), st.integers(1, 100))
def test_a_higher_mark_never_lowers_the_level(scores: list[Decimal], place: int, more: int) -> None:
    place %= len(scores)
    better = list(scores)
    better[place] = min(Decimal(10), better[place] + Decimal(more) / 10)
    for edition in (ORIGINAL, AMENDED):
        before = level_of(" ".join(map(str, scores)), edition=edition)
        after = level_of(" ".join(map(str, better)), edition=edition)
        assert after.base.at_least(before.base)
        assert after.average >= before.average


@given(_SCORES)
def test_the_adjustment_never_lowers_and_never_gives_more_than_the_average(
    scores: list[Decimal],
) -> None:
    found = level_of(" ".join(map(str, scores)))
    by_average = next(
        (
            level
            for level, least in zip(Learning, ("8.0", "6.5", "5.0", "3.5"), strict=False)
            if found.average >= Decimal(least)
        ),
        POOR,
    )
    assert found.level.at_least(found.base)
    assert by_average.at_least(found.level)


@given(_SCORES, st.randoms(use_true_random=False))
def test_the_order_of_marks_does_not_matter(scores: list[Decimal], shuffled: object) -> None:
    first = ScoredMarks(tuple(scores), tuple(scores[:2]), scores[0])
    second = ScoredMarks(tuple(reversed(scores)), tuple(reversed(scores[:2])), scores[0])
    assert rules.semester_average(first) == rules.semester_average(second)


# Moving up, titles


@pytest.mark.parametrize(
    ("learning", "conduct", "absences", "outcome"),
    [
        (AVERAGE, Conduct.AVERAGE, 45, Promotion.PROMOTED),
        (EXCELLENT, Conduct.GOOD, 46, Promotion.HELD_BACK),
        (WEAK, Conduct.AVERAGE, 0, Promotion.RE_TEST),
        (AVERAGE, Conduct.WEAK, 0, Promotion.CONDUCT_TRAINING),
        (WEAK, Conduct.WEAK, 0, Promotion.HELD_BACK),
        (POOR, Conduct.GOOD, 0, Promotion.HELD_BACK),
    ],
)
def test_who_moves_up_is_what_the_terms_say(
    learning: Learning, conduct: Conduct, absences: int, outcome: Promotion
) -> None:
    assert rules.promotion(learning, conduct, absences, TERMS) is outcome


@pytest.mark.parametrize(
    ("learning", "conduct", "expected"),
    [
        (EXCELLENT, Conduct.GOOD, Title.EXCELLENT_PUPIL),
        (EXCELLENT, Conduct.FAIR, Title.ADVANCED_PUPIL),
        (FAIR, Conduct.FAIR, Title.ADVANCED_PUPIL),
        (FAIR, Conduct.AVERAGE, None),
        (AVERAGE, Conduct.GOOD, None),
    ],
)
def test_the_highest_title_that_the_terms_allow(
    learning: Learning, conduct: Conduct, expected: Title | None
) -> None:
    assert rules.title(learning, conduct, TERMS) is expected
