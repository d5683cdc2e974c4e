"""The enrolment register: one line for each pupil, numbers without a hole, nothing taken away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.classes import actions as classes
from eoffice.classes import movement_actions
from eoffice.classes.actions import NewPupil
from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.rolls import enrolment_actions, enrolment_queries, graduation_actions, rules
from eoffice.rolls.enrolment_actions import Entered, PaperLine
from eoffice.rolls.enrolment_queries import Line
from eoffice.rolls.graduation_actions import NewGraduation
from eoffice.rolls.rules import LineAnnulled, LineUnknown, RollNotOpen, RollOpen, RollsNotYours
from tests.cast import Cast
from tests.conftest import web_role

WHY = "Cấp nhầm cho học sinh học tạm thời."


def lines(session: Session, cast: Cast, **asked: Any) -> tuple[Line, ...]:
    session.flush()
    return enrolment_queries.lines(session, cast.school_clerk, cast.school.id, **asked)


def test_nobody_gets_a_number_before_the_register_is_opened(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    assert enrolment_queries.roll(session, cast.school_clerk, cast.school.id) is None
    with pytest.raises(RollNotOpen):
        enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)


def test_a_register_is_opened_once(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    with pytest.raises(RollOpen):
        enrolment_actions.open_roll(session, 1, "", by=cast.school_clerk, at=at)


def test_one_action_numbers_the_whole_school_in_order_and_the_second_time_nobody(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    early = classes.pupil_ids(session, opened)["HS003"]
    row = session.get_one(Enrolment, (opened, early))
    row.from_on -= timedelta(days=300)
    session.flush()

    first = enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
    again = enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)

    assert first == Entered(101, 103, 3)
    assert again.count == 0
    found = lines(session, cast)
    assert [(one.number, one.shown) for one in found] == [
        (101, "101/THCS"), (102, "102/THCS"), (103, "103/THCS"),
    ]  # fmt: skip
    assert found[0].pupil_id == early
    assert found[0].class_name == "7A1"
    assert enrolment_actions.numbers_of(session, [early]) == {early: "101/THCS"}


def test_who_comes_from_another_school_is_entered_with_that_school(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    enrolment_actions.enter_all(session, opened, by=cast.school_clerk, at=at)
    new = NewPupil("HS100", "Nguyễn Văn Út", date(2012, 9, 9), "Nam")
    came = NewMovement(
        MovementKind.IN, date(2025, 6, 2), "Theo gia đình", "", "THCS Nguyễn Du", opened
    )
    movement_actions.admit(session, new, came, by=cast.school_clerk, at=at)
    session.flush()

    assert enrolment_actions.enter_all(session, opened, by=cast.school_clerk, at=at).count == 1

    last = lines(session, cast)[-1]
    assert (last.number, last.name, last.came_from) == (104, "Nguyễn Văn Út", "THCS Nguyễn Du")
    assert last.admitted_on == date(2025, 6, 2)


def test_an_annulled_number_stays_and_the_pupil_gets_the_next_one(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
    wrong = lines(session, cast)[1]

    enrolment_actions.annul(session, wrong.id, WHY, by=cast.school_clerk, at=at)
    session.flush()
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)

    found = lines(session, cast)
    assert [one.number for one in found] == [101, 102, 103, 104]
    assert found[1].annulled_because == WHY
    assert found[3].pupil_id == wrong.pupil_id
    with pytest.raises(LineAnnulled):
        enrolment_actions.annul(session, wrong.id, WHY, by=cast.school_clerk, at=at)


def test_what_is_corrected_and_supplemented_stands_beside_what_was_written(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
    line = lines(session, cast)[0]
    assert line.pupil_id is not None
    pupil = session.get_one(Pupil, line.pupil_id)
    new = NewPupil(pupil.code, "Đặng Văn Ân", date(2012, 3, 5), pupil.sex)

    movement_actions.correct(
        session, pupil.id, new, "Theo giấy khai sinh", by=cast.school_clerk, at=at
    )
    for hometown, why in (("Cần Thơ", ""), ("Đồng Tháp", "Gia đình đề nghị sửa.")):
        enrolment_actions.supplement(
            session, line.id, {"hometown": hometown}, why, by=cast.school_clerk, at=at
        )
        session.flush()

    now = lines(session, cast)[0]
    assert now.name == line.name  # As it was entered.
    changed = {(one.field, one.new) for one in now.changes}
    assert {("Họ và tên", "Đặng Văn Ân"), ("Ngày sinh", "05/03/2012")} <= changed
    assert ("Quê quán", "Đồng Tháp") in changed
    assert ("Quê quán", "Cần Thơ") not in changed  # That filled an empty place.
    assert now.hometown == "Đồng Tháp"


def test_leaving_and_finishing_are_noted_from_where_they_are_recorded(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
    line = lines(session, cast)[0]
    assert line.pupil_id is not None
    went = NewMovement(
        MovementKind.OUT, date(2025, 6, 2), "Theo gia đình", "Giấy 5/CĐ", "THCS Nguyễn Du"
    )
    movement_actions.record(session, line.pupil_id, went, by=cast.school_clerk, at=at)

    (ending,) = lines(session, cast)[0].endings
    assert ending.text == "02/06/2025: Chuyển đi: THCS Nguyễn Du (Giấy 5/CĐ)"


def test_a_class_of_the_last_grade_finishes_by_one_decision(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    with pytest.raises(rules.RollWrong, match="không phải là khối cuối"):
        graduation_actions.graduate(
            session, opened, NewGraduation(date(2025, 6, 1), "QĐ 12", {}),
            by=cast.school_clerk, at=at,
        )  # fmt: skip
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
    pupils = in_grade_nine(session, opened)
    new = NewGraduation(date(2025, 6, 1), "QĐ 12/QĐ-PGDĐT", dict.fromkeys(pupils, "Khá"))

    assert graduation_actions.graduate(session, opened, new, by=cast.school_clerk, at=at) == 3
    session.flush()
    assert graduation_actions.graduate(session, opened, new, by=cast.school_clerk, at=at) == 0
    shown = lines(session, cast)[0].endings[0].text
    assert "Tốt nghiệp trung học cơ sở, xếp loại Khá (QĐ 12/QĐ-PGDĐT)" in shown


def in_grade_nine(session: Session, class_id: UUID) -> list[UUID]:
    session.get_one(SchoolClass, class_id).grade = 9
    session.flush()
    return list(classes.pupil_ids(session, class_id).values())


def test_lines_of_the_paper_book_follow_each_other_or_are_refused(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    taken = [
        PaperLine(101, "Lê Văn Tám", date(1998, 9, 5), "6A", ended_on=date(2002, 5, 31),
                  ended_as="Tốt nghiệp"),
        PaperLine(102, annulled_because="Sổ giấy bỏ trống số này."),
    ]  # fmt: skip
    assert enrolment_actions.take_over(session, taken, by=cast.school_clerk, at=at).last == 102
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)

    found = lines(session, cast)
    assert [one.number for one in found] == [101, 102, 103, 104, 105]
    assert found[0].endings[0].text == "31/05/2002: Tốt nghiệp"
    assert found[1].annulled_because == "Sổ giấy bỏ trống số này."
    with pytest.raises(rules.RollWrong, match="tiếp theo là 106"):
        enrolment_actions.take_over(session, [PaperLine(108, "Ai đó")], by=cast.school_clerk, at=at)


def test_names_and_numbers_are_found_without_marks(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
    every = lines(session, cast)
    assert lines(session, cast, text="dang van") == tuple(
        one for one in every if one.name.startswith("Đặng Văn")
    )
    assert [one.number for one in lines(session, cast, text="102/THCS")] == [102]
    assert lines(session, cast, school_year="1999-2000") == ()


def test_teachers_neither_read_nor_write_and_superiors_read(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    enrolment_actions.enter_all(session, by=cast.school_principal, at=at)
    line = lines(session, cast)[0]
    school = cast.school.id
    for teacher in (cast.homeroom_teacher, *cast.subject_teachers.values()):
        with pytest.raises(RollsNotYours):
            enrolment_queries.lines(session, teacher, school)
        with pytest.raises(RollsNotYours):
            enrolment_actions.annul(session, line.id, WHY, by=teacher, at=at)
    assert len(enrolment_queries.lines(session, cast.district_head, school)) == 3
    with pytest.raises(RollsNotYours):
        enrolment_actions.annul(session, line.id, WHY, by=cast.district_head, at=at)
    with pytest.raises(RollsNotYours):
        enrolment_queries.lines(session, cast.high_school_clerk, school)


def test_the_web_process_writes_its_school_and_sees_no_line_of_another(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    with web_role(session, cast.school_clerk):
        enrolment_actions.enter_all(session, by=cast.school_clerk, at=at)
        line = lines(session, cast)[0]
        enrolment_actions.supplement(
            session, line.id, {"hometown": "Sa Đéc"}, "", by=cast.school_clerk, at=at
        )
        enrolment_actions.annul(session, line.id, WHY, by=cast.school_clerk, at=at)
        session.flush()
    session.expire_all()
    with web_role(session, cast.high_school_clerk), pytest.raises(LineUnknown):
        enrolment_queries.line(session, cast.high_school_clerk, line.id)
    session.expire_all()
    with web_role(session, cast.district_head):
        assert enrolment_queries.line(session, cast.district_head, line.id).hometown == "Sa Đéc"
