"""A class of any era has its year computed by its own circular, from what was entered.

The circular follows from grade and school year; marks are put in by the columns that it asks for.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Value, Verdict
from eoffice.assessment.year import (
    ConductLevel,
    ConductTime,
    Holds,
    Need,
    Outcome,
    TraitLevel,
    TraitTime,
)
from eoffice.classes import actions as classes
from eoffice.classes.actions import NewSubject
from eoffice.classes.model import SchoolClass
from eoffice.errors import Invalid, NotAllowed
from eoffice.marks import actions, entering, entry_queries, year_actions, years
from eoffice.marks.actions import ConductUnknown
from eoffice.marks.entering import Typed
from eoffice.marks.entry_queries import GridView
from eoffice.marks.model import Mark
from eoffice.marks.year_actions import NotOfTheCircular, SummerClosed
from tests.cast import Cast
from tests.registers.stage import PUPILS

#: Grade, school year and subjects of a class, by circular.
ERAS = {
    "TT58/2011": (8, "2018-2019", ("TOAN", "VAN", "NN1", "GDTC")),
    "TT58/2011-TT26/2020": (8, "2020-2021", ("TOAN", "VAN", "NN1", "GDTC")),
    "TT27/2020": (4, "2024-2025", ("TV", "TOAN", "DD", "GDTC")),
    "TT22/2021": (9, "2024-2025", ("TOAN", "VAN", "NN1", "GDCD", "LSDL", "KHTN", "GDTC")),
}
USUAL: dict[Holds, Value] = {
    Holds.MARK: Decimal("8.0"),
    Holds.WHOLE_MARK: Decimal("9.0"),
    Holds.VERDICT: Verdict.PASSED,
    Holds.JUDGEMENT: Verdict.WELL_DONE,
}
FIRST = PUPILS[0].code


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def opened(session: Session, cast: Cast, at: datetime, era: str) -> UUID:
    grade, school_year, codes = ERAS[era]
    teachers = list(cast.subject_teachers.values())
    return classes.open_class(
        session,
        name=f"{grade}A1",
        grade=grade,
        school_year=school_year,
        homeroom_teacher_id=cast.homeroom_teacher.person_id,
        taught=[
            NewSubject(code, teacher.person_id)
            for code, teacher in zip(codes, teachers, strict=False)
        ],
        pupils=PUPILS,
        by=cast.school_clerk,
        at=at,
    )


def put(
    session: Session,
    class_id: UUID,
    code: str,
    subject: str,
    semester: Semester,
    part: Part,
    value: Value,
    *,
    place: int = 1,
) -> None:
    """A mark, in the place of the one that stands there."""
    school_class = session.get_one(SchoolClass, class_id)
    session.merge(
        Mark(
            class_id=class_id,
            pupil_id=classes.pupil_ids(session, class_id)[code],
            subject_code=subject,
            semester=semester,
            part=part,
            place=place,
            school_id=school_class.school_id,
            score=value if isinstance(value, Decimal) else None,
            verdict=value if isinstance(value, Verdict) else None,
        )
    )
    session.flush()


def finish(session: Session, cast: Cast, class_id: UUID, at: datetime) -> None:
    """Every column that the circular asks for is filled with 8, 9, Đ or T, and conduct is good."""
    year = years.of_class(session, class_id)
    codes = [subject.code for subject in year.subjects]
    for subject in year.subjects:
        for semester in Semester:
            for column in year.rules.columns(subject, semester, year.grade, codes):
                count = 3 if column.part is Part.WRITTEN else max(1, column.least)
                if column.part in (Part.STATED, Part.REASSESSED, Part.REASSESSED_TEST):
                    continue
                for pupil in year.pupils:
                    for place in range(1, count + 1):
                        value = USUAL[column.holds]
                        put(
                            session, class_id, pupil.code, subject.code, semester, column.part,
                            value, place=place,
                        )  # fmt: skip
    for time in year.rule_set.conduct_times:
        actions.record_conduct(
            session,
            class_id,
            time,
            {pupil.code: ConductLevel.GOOD for pupil in year.pupils},
            by=cast.homeroom_teacher,
            at=at,
        )
    for judged_at in year.rules.traits_judged_at:
        year_actions.record_traits(
            session,
            class_id,
            judged_at,
            {
                (pupil.code, trait): TraitLevel.GOOD
                for pupil in year.pupils
                for trait in year.rules.traits(year.grade)
            },
            by=cast.homeroom_teacher,
            at=at,
        )


def test_grade_and_school_year_say_which_circular_governs(
    session: Session, cast: Cast, at: datetime, era: str
) -> None:
    class_id = opened(session, cast, at, era)

    assert session.scalar(select(SchoolClass.rule_set).where(SchoolClass.id == class_id)) == era
    assert years.of_class(session, class_id).rule_set.name == era


def test_an_empty_class_waits_for_everything(
    session: Session, cast: Cast, at: datetime, era: str
) -> None:
    year = years.of_class(session, opened(session, cast, at, era))

    assert [pupil.code for pupil in year.pupils] == ["HS002", "HS003", "HS001"]
    assert all(one.outcome is None for one in year.outcomes.values())
    assert year.gaps(FIRST)[0].startswith(year.subjects[0].name)


def test_the_grid_has_the_columns_of_the_circular_and_takes_what_they_hold(
    session: Session, cast: Cast, at: datetime, era: str
) -> None:
    class_id = opened(session, cast, at, era)
    teacher = cast.homeroom_teacher

    def grid() -> GridView:
        return entry_queries.grid(session, class_id, "TOAN", Semester.FIRST, who=teacher, at=at)

    columns = {column.part: column for column in grid().columns}
    holds = columns[Part.FINAL].holds
    word = "T" if holds is Holds.JUDGEMENT else "8,5"
    pupil_id = grid().rows[0].pupil_id
    typed = [
        Typed(pupil_id, Part.FINAL, 1, word, None),
        Typed(pupil_id, Part.STATED, 1, "M", None),
        Typed(pupil_id, Part.REASSESSED, 1, word, None),
    ]

    outcomes = entering.enter(session, class_id, "TOAN", Semester.FIRST, typed, by=teacher, at=at)
    session.flush()

    regular = {
        "TT58/2011": {Part.ORAL, Part.WRITTEN, Part.PERIODIC},
        "TT58/2011-TT26/2020": {Part.REGULAR, Part.MIDTERM},
        "TT27/2020": {Part.MIDTERM, Part.MIDTERM_TEST, Part.FINAL_TEST},
        "TT22/2021": {Part.REGULAR, Part.MIDTERM},
    }
    assert set(columns) == regular[era] | {Part.FINAL, Part.STATED}
    # A subject is assessed again at the end of the year, which is semester II.
    assert [one.refused is None for one in outcomes] == [True, True, False]
    assert grid().rows[0].average == "M"


def test_a_full_year_moves_up_with_the_title_of_its_time(
    session: Session, cast: Cast, at: datetime, era: str
) -> None:
    class_id = opened(session, cast, at, era)
    finish(session, cast, class_id, at)

    year = years.of_class(session, class_id)

    titles = {
        "TT58/2011": "Học sinh giỏi",
        "TT58/2011-TT26/2020": "Học sinh giỏi",
        "TT27/2020": "Học sinh Xuất sắc",
        "TT22/2021": "Học sinh Giỏi",
    }
    for one in year.outcomes.values():
        assert one.gaps == ()
        assert one.final is Outcome.PROMOTED
        assert one.title is not None
        assert one.title.text == titles[era]
        assert (one.completion is not None) is (era == "TT22/2021")


def test_a_pupil_of_another_school_has_the_results_that_it_stated(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = opened(session, cast, at, "TT22/2021")
    finish(session, cast, class_id, at)
    put(session, class_id, FIRST, "TOAN", Semester.FIRST, Part.STATED, Decimal("6.2"))

    found = years.of_class(session, class_id).outcomes[FIRST].subjects["TOAN"]

    assert found.semesters[Semester.FIRST] == Decimal("6.2")
    assert found.year == Decimal("7.4")


def test_a_subject_assessed_again_changes_the_outcome_and_a_closed_summer_ends_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = opened(session, cast, at, "TT22/2021")
    finish(session, cast, class_id, at)
    for code in ("HS001", "HS002"):
        for subject in ("TOAN", "VAN"):
            for semester in Semester:
                put(session, class_id, code, subject, semester, Part.STATED, Decimal("3.0"))
    put(session, class_id, "HS001", "TOAN", Semester.SECOND, Part.REASSESSED, Decimal("5.0"))
    put(session, class_id, "HS001", "VAN", Semester.SECOND, Part.REASSESSED, Decimal("5.0"))

    before = years.of_class(session, class_id).outcomes
    year_actions.close_summer(session, class_id, by=cast.school_principal, at=at)
    session.flush()
    after = years.of_class(session, class_id).outcomes

    assert before["HS001"].outcome is Outcome.SUMMER
    assert before["HS001"].candidates == ("TOAN", "VAN")
    assert before["HS001"].final is Outcome.PROMOTED
    assert (before["HS002"].final, after["HS002"].final) == (Outcome.SUMMER, Outcome.HELD_BACK)
    assert after["HS001"].final is Outcome.PROMOTED
    with pytest.raises(SummerClosed):
        year_actions.close_summer(session, class_id, by=cast.school_principal, at=at)


def test_conduct_is_trained_in_summer_and_judged_again(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = opened(session, cast, at, "TT58/2011")
    finish(session, cast, class_id, at)

    def judge(time: ConductTime, level: ConductLevel) -> None:
        actions.record_conduct(
            session, class_id, time, {FIRST: level}, by=cast.homeroom_teacher, at=at
        )

    judge(ConductTime.YEAR, ConductLevel.WEAK)
    weak = years.of_class(session, class_id).outcomes[FIRST]
    judge(ConductTime.SUMMER, ConductLevel.AVERAGE)
    trained = years.of_class(session, class_id).outcomes[FIRST]

    assert (weak.outcome, weak.needs) == (Outcome.SUMMER, (Need.CONDUCT_TRAINING,))
    assert trained.final is Outcome.PROMOTED


@pytest.mark.parametrize(
    ("era", "time", "level"),
    [
        ("TT22/2021", ConductTime.FIRST, ConductLevel.AVERAGE),
        ("TT22/2021", ConductTime.YEAR, ConductLevel.GOOD),
        ("TT58/2011", ConductTime.FIRST, ConductLevel.ACHIEVED),
        ("TT27/2020", ConductTime.FIRST, ConductLevel.GOOD),
    ],
)
def test_conduct_that_the_circular_does_not_know_is_refused(
    session: Session, cast: Cast, at: datetime, era: str, time: ConductTime, level: ConductLevel
) -> None:
    class_id = opened(session, cast, at, era)

    with pytest.raises(ConductUnknown):
        actions.record_conduct(
            session, class_id, time, {FIRST: level}, by=cast.homeroom_teacher, at=at
        )


def test_qualities_are_for_primary_classes_and_for_their_homeroom_teacher(
    session: Session, cast: Cast, at: datetime
) -> None:
    primary, secondary = (opened(session, cast, at, era) for era in ("TT27/2020", "TT22/2021"))
    levels = {(FIRST, "YEU_NUOC"): TraitLevel.ACHIEVED}

    for class_id, by, refusal in (
        (secondary, cast.homeroom_teacher, NotOfTheCircular),
        (primary, cast.school_principal, NotAllowed),
    ):
        with pytest.raises(refusal):
            year_actions.record_traits(
                session, class_id, TraitTime.END_OF_FIRST, levels, by=by, at=at
            )
    for level in (TraitLevel.GOOD, TraitLevel.ACHIEVED):
        year_actions.record_traits(
            session,
            primary,
            TraitTime.END_OF_FIRST,
            {(FIRST, "YEU_NUOC"): level},
            by=cast.homeroom_teacher,
            at=at,
        )

    kept = years.of_class(session, primary).entered[FIRST].traits
    assert kept == {("YEU_NUOC", TraitTime.END_OF_FIRST): TraitLevel.ACHIEVED}


def test_the_principal_decides_about_whoever_is_not_done_and_says_why(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = opened(session, cast, at, "TT27/2020")
    finish(session, cast, class_id, at)
    put(session, class_id, FIRST, "TOAN", Semester.SECOND, Part.FINAL_TEST, Decimal("3.0"))

    def decide(outcome: Outcome | None, reason: str = "Đã được giúp đỡ, có tiến bộ.") -> None:
        year_actions.decide(
            session, class_id, FIRST, is_chosen=False, outcome=outcome, reason=reason,
            by=cast.school_principal, at=at,
        )  # fmt: skip

    for wrong, reason in ((Outcome.SUMMER, "Có lí do."), (Outcome.PROMOTED, " ")):
        with pytest.raises(Invalid):
            decide(wrong, reason)
    assert years.of_class(session, class_id).outcomes[FIRST].final is Outcome.SUMMER
    for outcome in (Outcome.HELD_BACK, Outcome.PROMOTED):
        decide(outcome)
        assert years.of_class(session, class_id).outcomes[FIRST].final is outcome


def test_in_secondary_schools_nobody_decides_for_a_single_pupil(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = opened(session, cast, at, "TT22/2021")

    with pytest.raises(NotOfTheCircular):
        year_actions.decide(
            session, class_id, FIRST, is_chosen=True, outcome=None, reason="",
            by=cast.school_principal, at=at,
        )  # fmt: skip
