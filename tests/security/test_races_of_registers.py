"""A class has one book and each mark one origin, whoever acts at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import func, select

from eoffice import db
from eoffice.assessment.marks import Semester
from eoffice.marks import importing, marks_template
from eoffice.marks.importing import Accepted
from eoffice.marks.model import Mark, MarkImport
from eoffice.registers import gradebooks
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.states import RequestState
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.registers import stage
from tests.registers.conftest import END_OF_YEAR, store
from tests.registers.test_signatures import Desk, desk, pki, sign, view
from tests.security.at_once import at_once, refusals

__all__ = ["desk", "pki", "store"]


@pytest.fixture
def cast(office: Office) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, END_OF_YEAR)


def test_teachers_who_sign_at_the_same_moment_are_all_in_the_book(desk: Desk) -> None:
    """Each signature changes the file under the others; none is lost."""
    teachers = [desk.cast.subject_teachers[code] for code in ("TOAN", "NN1", "GDCD", "TIN")]

    found = at_once([partial(sign, desk, who) for who in teachers])

    assert refusals(found) == []
    signed = {one.field for one in view(desk).signatures if one.signed_at is not None}
    assert signed == {"subject_TOAN", "subject_NN1", "subject_GDCD", "subject_TIN"}
    with db.system_transaction() as session:
        states = session.scalars(select(SignatureRequest.state)).all()
    assert states.count(RequestState.SIGNED) == 4
    assert RequestState.REQUESTED not in states


def test_a_teacher_who_presses_twice_signs_once(desk: Desk) -> None:
    found = at_once([partial(sign, desk, desk.cast.subject_teachers["TOAN"])] * 3)

    assert set(refusals(found)) <= {"StepRefused", "NotYourPart"}
    assert len(refusals(found)) == 2
    with db.system_transaction() as session:
        states = session.scalars(select(SignatureRequest.state)).all()
    assert states.count(RequestState.SIGNED) == 1


def test_a_book_that_is_returned_while_it_is_signed_is_one_or_the_other(desk: Desk) -> None:
    cast = desk.cast

    def give_back() -> State:
        with db.transaction(cast.homeroom_teacher.acting) as session:
            gradebooks.send_back(
                session,
                desk.gradebook_id,
                "Sai điểm môn Toán.",
                by=cast.homeroom_teacher,
                at=END_OF_YEAR,
            )
        return State.RETURNED

    teacher = partial(sign, desk, cast.subject_teachers["TOAN"])
    steps: list[Callable[[], State]] = [teacher, give_back]
    found = at_once(steps)

    assert view(desk).state is State.RETURNED
    signed = [one.field for one in view(desk).signatures if one.signed_at is not None]
    # Who comes after the return finds no part to sign; who was under way may not go on.
    assert signed or refusals(found) in (["StepRefused"], ["NotYourPart"])
    assert not signed or refusals(found) == []


def uploaded(cast: Cast, at: datetime) -> MarkImport:
    with db.system_transaction() as session:
        class_id = stage.open_class(session, cast, at)
        sheet = stage.sheet_of(session, class_id, "TOAN", Semester.FIRST)
        import_id = stage.upload(
            session, class_id, marks_template.write([sheet]), by=cast.homeroom_teacher, at=at
        )
        return session.get_one(MarkImport, import_id)


def test_an_upload_is_accepted_once(cast: Cast) -> None:
    brought = uploaded(cast, END_OF_YEAR)
    who = cast.homeroom_teacher

    def accept() -> Accepted:
        with db.transaction(who.acting) as session:
            return importing.accept(session, brought.id, by=who, at=END_OF_YEAR)

    found = at_once([accept] * 4)

    assert refusals(found) == ["ImportRefused"] * 3
    (done,) = [each for each in found if isinstance(each, Accepted)]
    with db.system_transaction() as session:
        assert session.scalar(select(func.count()).select_from(Mark)) == done.added > 0


def test_a_class_has_one_book_that_binds_however_many_ask_for_it(cast: Cast) -> None:
    with db.system_transaction() as session:
        class_id = stage.open_class(session, cast, END_OF_YEAR)
        stage.finish_year(session, class_id, cast, END_OF_YEAR)

    def ask() -> None:
        who = cast.homeroom_teacher
        with db.transaction(who.acting) as session:
            gradebooks.request(session, class_id, by=who, at=END_OF_YEAR)

    found = at_once([ask] * 4)

    assert len(refusals(found)) == 3
    with db.system_transaction() as session:
        assert session.scalar(select(func.count()).select_from(Gradebook)) == 1


def test_marks_that_come_while_the_book_is_asked_for_are_in_it_or_refused(cast: Cast) -> None:
    with db.system_transaction() as session:
        class_id = stage.open_class(session, cast, END_OF_YEAR)
        stage.finish_year(session, class_id, cast, END_OF_YEAR)
        import_id = stage.upload(
            session,
            class_id,
            marks_template.write([stage.sheet_of(session, class_id, "TOAN", Semester.FIRST)]),
            by=cast.homeroom_teacher,
            at=END_OF_YEAR,
        )
    who = cast.homeroom_teacher

    def ask() -> None:
        with db.transaction(who.acting) as session:
            gradebooks.request(session, class_id, by=who, at=END_OF_YEAR)

    def accept() -> None:
        with db.transaction(who.acting) as session:
            importing.accept(session, import_id, by=who, at=END_OF_YEAR)

    found = at_once([ask, accept])

    assert refusals(found) in ([], ["BookBinds"])
