"""Every circular is a row of one table, and its terms are read or refused by name."""

from __future__ import annotations

import pytest

from eoffice.assessment.circulars import RULE_SETS, RuleSetUnknown, rule_set
from eoffice.assessment.marks import Incomplete, Part, Semester, SubjectKind, Verdict
from eoffice.assessment.proposals import proposed
from eoffice.assessment.terms import TermsRefused
from eoffice.assessment.year import ConductTime, Holds, Outcome, PupilYear, Subject
from tests.assessment.cast import comment, scored

NAMES = ("TT58/2011", "TT58/2011-TT26/2020", "TT27/2020", "TT22/2021")


def test_the_table_has_the_four_circulars() -> None:
    assert tuple(RULE_SETS) == NAMES
    assert all(name == row.name for name, row in RULE_SETS.items())
    assert [row.circular.split("/TT")[0] for row in RULE_SETS.values()] == [
        "Thông tư số 58/2011",
        "Thông tư số 58/2011",
        "Thông tư số 27/2020",
        "Thông tư số 22/2021",
    ]


def test_every_grade_has_a_circular_of_today_and_secondary_ones_of_before() -> None:
    covered = {
        grade: [row.name for row in RULE_SETS.values() if grade in row.grades]
        for grade in range(1, 13)
    }

    assert all(covered[grade] == ["TT27/2020"] for grade in range(1, 6))
    assert all(len(covered[grade]) == 3 for grade in range(6, 13))


def test_another_name_is_refused() -> None:
    with pytest.raises(RuleSetUnknown, match="TT43/2021"):
        rule_set("TT43/2021")


@pytest.mark.parametrize("name", NAMES)
def test_the_proposed_terms_are_complete_and_each_of_them_is_needed(name: str) -> None:
    terms = proposed()[name]
    RULE_SETS[name].with_terms(terms)

    for missing in terms:
        with pytest.raises(TermsRefused, match=missing):
            RULE_SETS[name].with_terms({k: v for k, v in terms.items() if k != missing})


@pytest.mark.parametrize(
    ("name", "key", "wrong"),
    [
        ("TT22/2021", "topics", "sometimes"),
        ("TT22/2021", "bad_subject_may_count", "yes"),
        ("TT22/2021", "reassess_below", 5.0),
        ("TT22/2021", "reassess_below", "NaN"),
        ("TT22/2021", "reassess_below", "five"),
        ("TT58/2011", "most_absences", "45"),
        ("TT58/2011", "most_absences", True),
        ("TT58/2011", "most_absences", -1),
        ("TT58/2011", "promotions", [{"learning": "excellent", "conduct": "good"}]),
        ("TT58/2011", "titles", [{"title": "hero", "learning": "fair", "conduct": "good"}]),
        ("TT58/2011", "scored_regular", [{"up_to": 35, "marks": 2}]),
        ("TT58/2011", "scored_regular", []),
        ("TT58/2011", "comment_passed", {"least": 2}),
        ("TT27/2020", "standards", [{"level": "excellent"}]),
        ("TT27/2020", "traits_judged_at", ["sometimes"]),
        ("TT27/2020", "traits_from_grade", {"PATIENCE": 2}),
    ],
)
def test_terms_of_another_kind_are_refused(name: str, key: str, wrong: object) -> None:
    with pytest.raises(TermsRefused):
        RULE_SETS[name].with_terms({**proposed()[name], key: wrong})


@pytest.mark.parametrize("name", NAMES)
def test_a_year_of_which_nothing_is_known_waits_for_everything(name: str) -> None:
    row = RULE_SETS[name]
    subjects = (scored("TOAN"), comment("GDTC"))

    found = row.with_terms(proposed()[name]).of_year(PupilYear(row.grades[-1], subjects, {}))

    assert found.rule_set == name
    assert {gap.subject for gap in found.gaps} >= {"TOAN", "GDTC"}
    assert (found.outcome, found.title, found.completion, found.final) == (None,) * 4
    assert (found.needs, found.candidates) == ((), ())


@pytest.mark.parametrize("name", NAMES)
def test_a_year_without_subjects_has_no_level(name: str) -> None:
    row = RULE_SETS[name]

    found = row.with_terms(proposed()[name]).of_year(PupilYear(row.grades[0], (), {}))

    assert found.year.learning is None
    assert found.outcome is None


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_of_a_subject_are_told_apart_by_part(name: str) -> None:
    rules = RULE_SETS[name].with_terms(proposed()[name])
    for subject in (scored("TOAN"), comment("GDTC")):
        for semester in Semester:
            columns = rules.columns(subject, semester, 5, ("TOAN", "GDTC"))
            parts = [column.part for column in columns]
            assert len(parts) == len(set(parts))
            assert Part.STATED in parts
            assert (Part.REASSESSED in parts) is (semester is Semester.SECOND)
            assert all(0 <= column.least <= column.most for column in columns)


def test_only_primary_schools_judge_qualities_and_competences_and_only_others_conduct() -> None:
    for row in RULE_SETS.values():
        assert bool(row.trait_names) is bool(row.trait_levels) is (row.name == "TT27/2020")
        assert bool(row.conduct_levels) is bool(row.conduct_times) is (row.name != "TT27/2020")
    assert ConductTime.YEAR not in RULE_SETS["TT22/2021"].conduct_times


@pytest.mark.parametrize("name", NAMES)
def test_a_semester_has_a_result_for_itself(name: str) -> None:
    rules = rule_set(name).with_terms(proposed()[name])
    exempted = {("GDTC", Semester.FIRST, Part.STATED, 1): Verdict.EXEMPT}

    assert rules.of_semester(comment("GDTC"), Semester.FIRST, exempted) is Verdict.EXEMPT
    assert isinstance(rules.of_semester(comment("GDTC"), Semester.SECOND, exempted), Incomplete)


@pytest.mark.parametrize(
    ("name", "expected"),
    # Four regular marks, one in the middle and the last; in grade 4 two judgements and two tests.
    [("TT58/2011", 6), ("TT58/2011-TT26/2020", 6), ("TT27/2020", 4), ("TT22/2021", 6)],
)
def test_how_many_marks_a_pupil_must_have_is_said_in_advance(name: str, expected: int) -> None:
    rules = rule_set(name).with_terms(proposed()[name])

    toan = scored("TOAN", periods=140)

    assert rules.required(toan, Semester.FIRST, 4, ("TOAN",)) == expected


def test_words_are_those_of_their_time() -> None:
    words = {name: [w.text for w in row.learning_levels] for name, row in RULE_SETS.items()}

    assert words["TT58/2011"] == ["Giỏi", "Khá", "Trung bình", "Yếu", "Kém"]
    assert words["TT22/2021"] == ["Tốt", "Khá", "Đạt", "Chưa đạt"]
    assert words["TT27/2020"][0] == "Hoàn thành xuất sắc"


def test_topics_have_a_column_where_a_subject_has_them() -> None:
    rules = RULE_SETS["TT22/2021"].with_terms(proposed()["TT22/2021"])
    subject = Subject("TOAN", "Toán", SubjectKind.SCORED, 105, has_topics=True)

    column = next(
        one for one in rules.columns(subject, Semester.FIRST, 11, ()) if one.part is Part.TOPIC
    )

    assert (column.holds, column.least, column.label_of(1)) == (Holds.MARK, 0, "Chuyên đề")


def test_outcomes_are_the_same_three_in_every_circular() -> None:
    assert [outcome.value for outcome in Outcome] == ["promoted", "summer", "held_back"]
