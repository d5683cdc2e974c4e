"""A pupil comes, changes class, leaves, returns and goes; lists follow, and the history stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Semester
from eoffice.classes import actions, movement_actions, pupil_queries, queries
from eoffice.classes.actions import BookBinds, ClassInvalid, NewPupil, PupilTwice
from eoffice.classes.model import Pupil
from eoffice.classes.movement_actions import Moved, MovementInvalid, NewMovement, PupilKnown
from eoffice.classes.movement_rules import MovementKind, MovementRefused, Standing
from eoffice.classes.particulars import NewGuardian, Relation
from eoffice.classes.pupil_queries import NoPupil
from eoffice.classes.staff_queries import NotOfTheClass
from eoffice.errors import NotAllowed
from eoffice.marks import movement_actions as mark_movements
from eoffice.marks import record_queries
from eoffice.marks.model import Mark
from tests.cast import Cast
from tests.conftest import web_role
from tests.registers import stage

DAY = date(2025, 6, 2)
LEAVES = NewMovement(MovementKind.LEAVE, DAY, "Gia đình chuyển chỗ ở")
NEW = NewPupil(
    "HS100", "Nguyễn Văn Út", date(2012, 9, 9), "Nam", personal_id="087212009999",
    guardians=(NewGuardian(Relation.MOTHER, "Lê Thị Sáu", "0912345678", "sau@vidu.vn"),),
)  # fmt: skip


def pupil_of(session: Session, class_id: UUID, code: str = "HS001") -> UUID:
    return actions.pupil_ids(session, class_id)[code]


def codes(session: Session, class_id: UUID) -> list[str]:
    return [pupil.code for pupil in queries.pupils_of(session, class_id)]


def came(class_id: UUID) -> NewMovement:
    return NewMovement(
        MovementKind.IN, DAY, "Chuyển theo gia đình", "Giấy giới thiệu số 12",
        "THCS Nguyễn Du", class_id,
    )  # fmt: skip


def go(session: Session, cast: Cast, pupil_id: UUID, movement: NewMovement, at: datetime) -> Moved:
    moved = movement_actions.record(session, pupil_id, movement, by=cast.school_clerk, at=at)
    session.flush()
    return moved


def test_who_leaves_is_no_longer_in_the_list_and_stays_in_the_history(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    pupil_id = pupil_of(session, class_id)

    go(session, cast, pupil_id, LEAVES, at)

    assert codes(session, class_id) == ["HS002", "HS003"]
    view = pupil_queries.pupil(session, pupil_id, cast.homeroom_teacher)
    assert view.standing is Standing.LEFT
    assert [(one.class_name, one.to_on) for one in view.enrolments] == [("7A1", DAY)]
    (said,) = view.movements
    assert (said.kind, said.from_class, said.reason) == (
        MovementKind.LEAVE, "7A1", "Gia đình chuyển chỗ ở",
    )  # fmt: skip


def test_who_returns_takes_the_old_place_in_the_list(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    before = codes(session, class_id)
    pupil_id = pupil_of(session, class_id)
    go(session, cast, pupil_id, LEAVES, at)

    back = NewMovement(MovementKind.RETURN, DAY, "Xin học lại", to_class_id=class_id)
    go(session, cast, pupil_id, back, at)

    assert codes(session, class_id) == before


def test_who_comes_from_another_school_stands_last_in_the_list(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    moved = movement_actions.admit(session, NEW, came(class_id), by=cast.school_clerk, at=at)
    session.flush()

    assert codes(session, class_id)[-1] == "HS100"
    view = pupil_queries.pupil(session, moved.pupil_id, cast.school_clerk)
    assert view.standing is Standing.ATTENDING
    assert view.personal_id == "087212009999"
    assert [(one.name, one.email) for one in view.guardians] == [("Lê Thị Sáu", "sau@vidu.vn")]
    with pytest.raises(PupilKnown):
        movement_actions.admit(session, NEW, came(class_id), by=cast.school_clerk, at=at)
    with pytest.raises(PupilTwice):
        movement_actions.admit(
            session, replace(NEW, code="HS101"), came(class_id), by=cast.school_clerk, at=at
        )


def test_a_class_is_changed_within_grade_and_year_and_marks_go_along(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.finish_year(session, class_id, cast, at)
    other = stage.open_class(session, cast, at, name="7A2")
    pupil_id = movement_actions.admit(
        session, NEW, came(class_id), by=cast.school_clerk, at=at
    ).pupil_id
    session.flush()
    change = NewMovement(MovementKind.CLASS_CHANGE, DAY, "Theo nguyện vọng", to_class_id=other)
    with pytest.raises(ClassInvalid):
        go(session, cast, pupil_id, replace(change, to_class_id=class_id), at)

    mark_movements.record(session, pupil_id, change, by=cast.school_principal, at=at)
    session.flush()

    assert "HS100" not in codes(session, class_id)
    assert codes(session, other)[-1] == "HS100"


def test_marks_and_conduct_of_the_year_are_in_the_new_class_and_stay_in_the_old(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.finish_year(session, class_id, cast, at)
    other = stage.open_class_of(session, cast, at, name="7A2", pupils=[NEW])
    pupil_id = pupil_of(session, class_id)
    before = {
        cell: value
        for (code, cell), value in record_queries.cells(session, class_id).items()
        if code == "HS001"
    }

    change = NewMovement(MovementKind.CLASS_CHANGE, DAY, "Theo nguyện vọng", to_class_id=other)
    mark_movements.record(session, pupil_id, change, by=cast.school_clerk, at=at)
    session.flush()

    after = record_queries.cells(session, other)
    assert {cell: value for (code, cell), value in after.items() if code == "HS001"} == before
    left = session.scalar(
        select(func.count()).where(Mark.class_id == class_id, Mark.pupil_id == pupil_id)
    )
    assert left == len(before)
    assert "HS001" in record_queries.conduct_by_semester(session, other)[Semester.FIRST]


def test_what_the_table_does_not_know_is_refused(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    pupil_id = pupil_of(session, class_id)
    with pytest.raises(MovementRefused):
        go(session, cast, pupil_id, came(class_id), at)
    go(session, cast, pupil_id, LEAVES, at)
    with pytest.raises(MovementRefused):
        go(session, cast, pupil_id, LEAVES, at)


@pytest.mark.parametrize(
    "movement",
    [
        replace(LEAVES, reason=" "),
        replace(LEAVES, reason="x" * 501),
        replace(LEAVES, on=date(2025, 6, 3)),
        replace(LEAVES, on=date(2025, 6, 1)),
        replace(LEAVES, decision="x" * 501),
        NewMovement(MovementKind.OUT, DAY, "Theo gia đình"),
        NewMovement(MovementKind.CLASS_CHANGE, DAY, "Theo nguyện vọng"),
    ],
)
def test_a_movement_that_is_not_complete_is_refused(
    session: Session, cast: Cast, class_id: UUID, at: datetime, movement: NewMovement
) -> None:
    with pytest.raises(MovementInvalid):
        go(session, cast, pupil_of(session, class_id), movement, at)


def test_only_the_office_of_the_school_records_movements(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for who in (cast.homeroom_teacher, cast.district_head, cast.high_school_clerk):
        with pytest.raises(NotAllowed):
            movement_actions.record(session, pupil_of(session, class_id), LEAVES, by=who, at=at)
    with pytest.raises(NoPupil):
        movement_actions.record(session, UUID(int=0), LEAVES, by=cast.school_clerk, at=at)


def test_the_list_of_a_class_that_a_book_binds_stays_as_it_is(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    other = stage.open_class(session, cast, at, name="7A2")
    third = stage.open_class_of(session, cast, at, name="7A3", pupils=[NEW])
    session.flush()
    stage.rendered_book(session, other, cast, at)
    session.flush()
    pupil_id = pupil_of(session, other)

    with pytest.raises(BookBinds):
        movement_actions.admit(
            session, replace(NEW, code="HS102", personal_id=""), came(other),
            by=cast.school_clerk, at=at,
        )  # fmt: skip
    out = NewMovement(MovementKind.OUT, DAY, "Theo gia đình", other_school="THCS Nguyễn Du")
    place = pupil_queries.place(session, pupil_id)
    assert place.class_id in (class_id, other, third)
    go(session, cast, pupil_id, out, at)

    assert len(codes(session, other)) == 3
    assert pupil_queries.place(session, pupil_id).standing is Standing.MOVED_AWAY


def test_a_pupil_of_two_schools_is_the_same_one_and_each_school_sees_its_own_part(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    first = movement_actions.admit(session, NEW, came(class_id), by=cast.school_clerk, at=at)
    session.flush()
    out = NewMovement(MovementKind.OUT, DAY, "Theo gia đình", other_school="THPT Tràm Chim")
    go(session, cast, first.pupil_id, out, at)

    second = actions.add_pupil(session, cast.high_school.id, replace(NEW, code="TC001"))
    session.flush()

    rows = [session.get_one(Pupil, one) for one in (first.pupil_id, second)]
    assert rows[0].identity_id == rows[1].identity_id
    session.expunge_all()
    with web_role(session, cast.high_school_clerk):
        assert pupil_queries.pupil(session, second, cast.high_school_clerk).movements == ()
        with pytest.raises(NoPupil):
            pupil_queries.pupil(session, first.pupil_id, cast.high_school_clerk)
    with web_role(session, cast.director):
        seen = pupil_queries.pupil(session, first.pupil_id, cast.director)
        assert [one.kind for one in seen.movements] == [MovementKind.OUT, MovementKind.IN]


def test_particulars_are_read_by_those_who_teach_the_pupil(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    pupil_id = pupil_of(session, class_id)

    assert pupil_queries.pupil(session, pupil_id, cast.subject_teachers["TOAN"]).code == "HS001"
    with pytest.raises(NotOfTheClass):
        pupil_queries.pupil(session, pupil_id, cast.inspector)


def test_particulars_are_corrected_with_a_reason(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    pupil_id = pupil_of(session, class_id)
    new = replace(NEW, name="Trần Mỹ  Chi", sex="Nữ", personal_id="087312001111")

    with pytest.raises(MovementInvalid):
        movement_actions.correct(session, pupil_id, new, "", by=cast.school_clerk, at=at)
    movement_actions.correct(
        session, pupil_id, new, "Theo giấy khai sinh", by=cast.school_clerk, at=at
    )
    session.flush()

    view = pupil_queries.pupil(session, pupil_id, cast.school_clerk)
    assert (view.code, view.born_on, view.personal_id) == (
        "HS001", date(2012, 9, 9), "087312001111",
    )  # fmt: skip
    assert len(view.guardians) == 1


def test_who_taught_what_stays_on_record_with_its_days(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    actions.assign_teachers(
        session,
        class_id,
        homeroom_teacher_id=cast.subject_teachers["TOAN"].person_id,
        by=cast.school_principal,
        at=at,
    )
    session.flush()

    homeroom = [
        (one.teacher, one.to_on is None)
        for one in pupil_queries.teaching(session, class_id, cast.school_principal)
        if one.subject is None
    ]
    assert homeroom == [
        (cast.homeroom_teacher.full_name, False),
        (cast.subject_teachers["TOAN"].full_name, True),
    ]
    with pytest.raises(ClassInvalid):
        actions.assign_teachers(
            session,
            class_id,
            homeroom_teacher_id=cast.homeroom_teacher.person_id,
            on=date(2024, 1, 1),
            by=cast.school_principal,
            at=at,
        )
