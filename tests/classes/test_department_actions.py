"""What the department sets holds from then on; what held before stays with its source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import RULE_SETS, RuleSetUnknown
from eoffice.assessment.marks import SubjectKind
from eoffice.assessment.terms import TermsRefused
from eoffice.classes import curricula, department_actions, department_queries, terms
from eoffice.classes.department_actions import Because, NewSubjectOfGrade, SettingInvalid
from eoffice.classes.terms import NotGoverned
from eoffice.errors import NotAllowed
from tests.cast import Cast
from tests.conftest import web_role

BECAUSE = Because("Thông tư số 22/2021/TT-BGDĐT, Điều 22", "Đối chiếu văn bản")
MATHS = NewSubjectOfGrade(7, "TOAN", "Toán học", SubjectKind.SCORED, 150, True, "2024-2025")


@pytest.mark.parametrize(
    ("grade", "year", "rule_set"),
    [
        (6, "2019-2020", "TT58/2011"),
        (6, "2020-2021", "TT58/2011-TT26/2020"),
        (6, "2021-2022", "TT22/2021"),
        (9, "2023-2024", "TT58/2011-TT26/2020"),
        (9, "2024-2025", "TT22/2021"),
        (12, "2024-2025", "TT22/2021"),
        (1, "2020-2021", "TT27/2020"),
        (5, "2024-2025", "TT27/2020"),
    ],
)
def test_each_grade_has_the_circular_of_its_school_year(
    session: Session, grade: int, year: str, rule_set: str
) -> None:
    assert terms.rule_set_of(session, grade, year) == rule_set


@pytest.mark.parametrize(("grade", "year"), [(5, "2019-2020"), (7, "2010-2011"), (13, "2024-2025")])
def test_a_grade_that_no_circular_on_record_governs_is_refused(
    session: Session, grade: int, year: str
) -> None:
    with pytest.raises(NotGoverned):
        terms.rule_set_of(session, grade, year)


@pytest.mark.parametrize("rule_set", RULE_SETS)
def test_the_first_terms_are_proposals_by_which_the_rules_can_go(
    session: Session, rule_set: str
) -> None:
    RULE_SETS[rule_set].with_terms(terms.of_year(session, rule_set, "2024-2025"))

    assert {one.confirmed_by for one in department_queries.terms(session)} == {""}


def test_terms_that_are_set_hold_from_their_year_and_the_others_stay(
    session: Session, cast: Cast, at: datetime
) -> None:
    before = terms.of_year(session, "TT22/2021", "2024-2025")
    changed = {**before, "keeps_better_result": not before["keeps_better_result"]}

    department_actions.set_terms(
        session, "TT22/2021", "2024-2025", json.dumps(changed), BECAUSE, by=cast.specialist, at=at
    )
    session.flush()

    assert terms.of_year(session, "TT22/2021", "2023-2024") == before
    assert terms.of_year(session, "TT22/2021", "2025-2026") == changed
    (set_,) = [one for one in department_queries.terms(session) if one.confirmed_by]
    assert (set_.source, set_.confirmed_by) == (BECAUSE.source, cast.specialist.full_name)


def test_a_value_that_is_set_again_leaves_the_earlier_one_on_record(
    session: Session, cast: Cast, at: datetime
) -> None:
    for rule_set in ("TT58/2011-TT26/2020", "TT22/2021"):
        department_actions.set_rule_set(
            session, 9, "2024-2025", rule_set, BECAUSE, by=cast.director, at=at
        )
        session.flush()

    assert terms.rule_set_of(session, 9, "2024-2025") == "TT22/2021"
    of_nine = [one for one in department_queries.rule_sets(session) if one.grade == 9]
    assert len([one for one in of_nine if one.replaced_at is not None]) == 2


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("{", SettingInvalid),
        ("[]", SettingInvalid),
        ("[" * 20_000, SettingInvalid),
        ('{"topics": "' + "x" * 20_000 + '"}', SettingInvalid),
        ("{}", TermsRefused),
        ('{"topics": 3}', TermsRefused),
    ],
)
def test_terms_by_which_no_rule_could_go_are_refused(
    session: Session, cast: Cast, at: datetime, text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        department_actions.set_terms(
            session, "TT22/2021", "2024-2025", text, BECAUSE, by=cast.specialist, at=at
        )


def test_a_circular_governs_only_grades_for_which_it_is(
    session: Session, cast: Cast, at: datetime
) -> None:
    def put(grade: int, year: str, rule_set: str, because: Because = BECAUSE) -> None:
        department_actions.set_rule_set(
            session, grade, year, rule_set, because, by=cast.specialist, at=at
        )

    with pytest.raises(SettingInvalid):
        put(3, "2024-2025", "TT22/2021")
    with pytest.raises(RuleSetUnknown):
        put(7, "2024-2025", "TT99")
    for year in ("2024", "2024-2026", "nay"):
        with pytest.raises(SettingInvalid):
            put(7, year, "TT22/2021")
    with pytest.raises(SettingInvalid):
        put(7, "2024-2025", "TT22/2021", Because("", "Đối chiếu"))


def test_only_officers_of_the_department_set_what_holds_for_all(
    session: Session, cast: Cast, at: datetime
) -> None:
    for who in (cast.school_principal, cast.district_head, cast.clerk, cast.operator):
        with pytest.raises(NotAllowed):
            department_actions.set_rule_set(
                session, 7, "2024-2025", "TT22/2021", BECAUSE, by=who, at=at
            )


YEAR: dict[str, Any] = {
    "begins_on": date(2024, 9, 5),
    "first_semester_ends_on": date(2025, 1, 11),
    "second_semester_begins_on": date(2025, 1, 13),
    "ends_on": date(2025, 5, 30),
    "source": "Quyết định số 857/QĐ-UBND",
}


def test_a_school_year_has_its_days_in_order(session: Session, cast: Cast, at: datetime) -> None:
    def put(**changed: object) -> None:
        days: dict[str, Any] = {**YEAR, **changed}
        department_actions.set_year(session, "2024-2025", **days, by=cast.specialist, at=at)

    put()
    put(ends_on=date(2025, 5, 31))

    (row,) = department_queries.years(session)
    assert row.ends_on == date(2025, 5, 31)
    for changed in (
        {"begins_on": date(2025, 2, 1)},
        {"second_semester_begins_on": date(2025, 1, 11)},
        {"ends_on": date(2024, 12, 31)},
        {"ends_on": date(2026, 5, 31)},
        {"source": ""},
    ):
        with pytest.raises(SettingInvalid):
            put(**changed)


@pytest.mark.parametrize("grade", range(1, 13))
@pytest.mark.parametrize("year", ["2018-2019", "2024-2025"])
def test_every_grade_has_subjects_and_each_code_once(
    session: Session, grade: int, year: str
) -> None:
    found = curricula.of_grade(session, grade, year)

    assert len({one.code for one in found}) == len(found)
    assert bool(found) == (grade > 5 or year == "2024-2025")


def test_a_school_has_its_own_number_of_periods_and_others_do_not(
    session: Session, cast: Cast, at: datetime
) -> None:
    def periods(school_id: UUID | None, year: str = "2024-2025") -> int:
        (found,) = [
            one.periods_per_year
            for one in curricula.of_grade(session, 7, year, school_id)
            if one.code == "TOAN"
        ]
        return found

    with web_role(session, cast.school_clerk):
        department_actions.set_subject(session, MATHS, BECAUSE, by=cast.school_clerk, at=at)
        session.flush()
        assert periods(cast.school.id) == 150
        assert periods(cast.school.id, "2023-2024") == 140
    assert periods(cast.high_school.id) == 140
    with web_role(session, cast.specialist):
        department_actions.set_subject(
            session, replace(MATHS, periods_per_year=145), BECAUSE, by=cast.specialist, at=at
        )
        session.flush()
    assert periods(cast.high_school.id) == 145
    assert periods(cast.school.id) == 150


@pytest.mark.parametrize(
    "changed",
    [
        {"grade": 13},
        {"code": "Toán"},
        {"code": ""},
        {"name": " "},
        {"periods_per_year": 0},
        {"periods_per_year": 601},
        {"from_year": "2024"},
        {"until_year": "2023-2024"},
    ],
)
def test_a_subject_that_makes_no_sense_is_refused(
    session: Session, cast: Cast, at: datetime, changed: dict[str, Any]
) -> None:
    with pytest.raises(SettingInvalid):
        department_actions.set_subject(
            session, replace(MATHS, **changed), BECAUSE, by=cast.specialist, at=at
        )


def test_teachers_set_no_subjects(session: Session, cast: Cast, at: datetime) -> None:
    for who in (cast.homeroom_teacher, cast.district_head):
        with pytest.raises(NotAllowed):
            department_actions.set_subject(session, MATHS, BECAUSE, by=who, at=at)
