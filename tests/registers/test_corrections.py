"""A cell of a closed book is corrected by request and approval, and by nothing else.

Approval writes that one cell; the version that tells it is signed by those whom it concerns and
takes the place of the old one when it is sealed. Until then, and where it is returned, the closed
book stays in force.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import ConductLevel, ConductTime, TraitTime
from eoffice.classes import binding
from eoffice.classes.actions import BookBinds
from eoffice.classes.model import Pupil
from eoffice.errors import Invalid, NotAllowed
from eoffice.marks import entering, record_queries
from eoffice.marks.entry import NotAMark
from eoffice.marks.model import Mark
from eoffice.marks.results import Absence
from eoffice.marks.results import Session as HalfDay
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.registers import (
    correcting,
    correction_actions,
    correction_queries,
    correction_states,
    gradebook_queries,
    gradebooks,
    states,
)
from eoffice.registers.correction_actions import (
    AlreadyAsked,
    BeingCorrected,
    CellUnknown,
    Evidence,
    NoChange,
    NotClosed,
    Wanted,
)
from eoffice.registers.correction_cells import (
    AbsencePlace,
    ConductPlace,
    MarkPlace,
    NotAValue,
    TraitPlace,
)
from eoffice.registers.correction_states import State, Step, StepRefused
from eoffice.registers.gradebooks import BookExists, Rendered
from eoffice.registers.model import BookCorrection, Gradebook, GradebookSignature
from eoffice.statistics import actions as statistics
from eoffice.statistics import queries as statistics_queries
from eoffice.statistics.rules import Keeping
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.registers import stage

EVIDENCE = Evidence(Sha256.of(b"the test"), "bai-kiem-tra.pdf", "application/pdf")
MATHS = MarkPlace("TOAN", Semester.FIRST, Part.REGULAR, 1)
REASON = "Cộng nhầm điểm bài kiểm tra."


@pytest.fixture
def book(session: Session, cast: Cast, class_id: UUID, at: datetime) -> Gradebook:
    """A closed book of the class."""
    made = stage.rendered_book(session, class_id, cast, at)
    stage.sign_all(session, made, cast, at)
    session.flush()
    return made


def wanted(session: Session, text: str = "9,5", code: str = "TOAN") -> Wanted:
    pupil_id = session.scalars(select(Pupil.id).where(Pupil.code == "HS002")).one()
    return Wanted(pupil_id, MarkPlace(code, Semester.FIRST, Part.REGULAR, 1), text)


def ask(
    session: Session, book: Gradebook, cell: Wanted, by: Principal, at: datetime
) -> BookCorrection:
    made = correction_actions.request(session, book.id, cell, REASON, EVIDENCE, by=by, at=at)
    session.flush()
    return session.get_one(BookCorrection, made)


def approved(
    session: Session, rows: Collection[BookCorrection], cast: Cast, at: datetime
) -> Gradebook:
    """The version that tells them, laid before its signers; its content is a name only."""
    new_id = correction_actions.approve(
        session, [row.id for row in rows], "Đúng.", by=cast.school_principal, at=at
    )
    pages = Rendered(Sha256.of(b"corrected"), Sha256.of(b"corrected data"), 33)
    gradebooks.record_rendered(session, new_id, pages, by="worker:tests", at=at)
    session.flush()
    return session.get_one(Gradebook, new_id)


def sign_again(
    session: Session, made: Gradebook, cast: Cast, at: datetime, codes: Collection[str] = ("TOAN",)
) -> None:
    for code in codes:
        stage.sign(session, made, f"subject_{code}", cast.subject_teachers[code], at)
    stage.sign(session, made, "homeroom", cast.homeroom_teacher, at)
    stage.sign(session, made, "principal", cast.school_principal, at)
    stage.sign(session, made, "school_seal", cast.school_clerk, at)
    session.flush()


def all_marks(session: Session) -> dict[tuple[object, ...], object]:
    session.flush()
    session.expire_all()
    return {
        (m.pupil_id, m.subject_code, m.semester, m.part, m.place): m.score or m.verdict
        for m in session.scalars(select(Mark))
    }


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_pair_of_state_and_step_is_in_the_table_or_refused(state: State, step: Step) -> None:
    if (state, step) in correction_states.TABLE:
        assert correction_states.after(state, step) is correction_states.TABLE[state, step]
    else:
        with pytest.raises(StepRefused):
            correction_states.after(state, step)


def test_every_state_has_its_words() -> None:
    assert correction_states.NAMES.keys() == correction_states.TONES.keys() == set(State)


def test_the_teacher_of_the_subject_and_the_homeroom_teacher_ask(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    cell = wanted(session)
    for who in (cast.subject_teachers["GDCD"], cast.school_principal, cast.school_clerk):
        with pytest.raises(NotAllowed):
            ask(session, book, cell, who, at)

    row = ask(session, book, cell, cast.subject_teachers["TOAN"], at)
    other = ask(
        session, book, replace(cell, place=replace(MATHS, place=2)), cast.homeroom_teacher, at
    )

    assert (row.old_value, row.new_value, row.state) == ("8.5", "9.5", State.REQUESTED)
    assert other.state is State.REQUESTED


def test_what_cannot_be_asked_for_is_refused_with_its_reason(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    teacher = cast.subject_teachers["TOAN"]
    cell = wanted(session)
    with pytest.raises(NoChange):
        ask(session, book, replace(cell, text="8,5"), teacher, at)
    with pytest.raises(NotAMark):
        ask(session, book, replace(cell, text="mười"), teacher, at)
    with pytest.raises(CellUnknown):
        ask(session, book, replace(cell, place=replace(MATHS, place=9)), teacher, at)
    with pytest.raises(CellUnknown):
        ask(session, book, replace(cell, pupil_id=UUID(int=1)), teacher, at)
    with pytest.raises(Invalid, match="lý do"):
        correction_actions.request(session, book.id, cell, " . ", EVIDENCE, by=teacher, at=at)
    ask(session, book, cell, teacher, at)
    with pytest.raises(AlreadyAsked):
        ask(session, book, replace(cell, text="10"), teacher, at)


def test_only_a_closed_book_is_corrected(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    made = stage.rendered_book(session, class_id, cast, at)

    with pytest.raises(NotClosed):
        ask(session, made, wanted(session), cast.subject_teachers["TOAN"], at)


def test_an_approval_writes_one_cell_and_frees_no_other(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    teacher = cast.subject_teachers["TOAN"]
    before = all_marks(session)
    row = ask(session, book, wanted(session), teacher, at)
    with pytest.raises(NotAllowed):
        correction_actions.approve(session, [row.id], "", by=teacher, at=at)
    assert all_marks(session) == before

    made = approved(session, [row], cast, at)

    after = all_marks(session)
    assert {cell: after[cell] for cell in after if after[cell] != before[cell]} == {
        (row.pupil_id, "TOAN", Semester.FIRST, Part.REGULAR, 1): Decimal("9.5")
    }
    with pytest.raises(BookBinds):
        entering.enter(session, class_id, "TOAN", Semester.FIRST, [], by=teacher, at=at)
    assert book.state is states.State.CLOSED
    assert made.because == (
        "Sửa điểm môn Toán học của Đặng Văn An từ 8,5 thành 9,5: Cộng nhầm điểm bài kiểm tra."
    )


def test_those_concerned_sign_again_and_the_others_are_cited(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    row = ask(session, book, wanted(session), cast.subject_teachers["TOAN"], at)
    made = approved(session, [row], cast, at)

    view = gradebook_queries.gradebook(session, made.id, cast.school_principal)
    open_places = [one.field for one in view.signatures if one.signed_at is None]
    assert open_places == ["subject_TOAN", "homeroom", "principal", "school_seal"]
    assert {one.cited_id for one in view.signatures if one.signed_at} == {book.id}
    (waits,) = gradebook_queries.awaiting(session, cast.subject_teachers["TOAN"])
    assert waits.gradebook_id == made.id
    assert gradebook_queries.awaiting(session, cast.subject_teachers["GDCD"]) == ()
    told = correcting.citations(session, made)
    assert len(told) == 12
    assert {one.version for one in told} == {1}


def test_the_sealed_version_supersedes_and_whoever_showed_results_learns_it(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    statistics.count(session, class_id, at=at)
    row = ask(session, book, wanted(session), cast.subject_teachers["TOAN"], at)
    made = approved(session, [row], cast, at)
    assert statistics.uncounted(session, limit=9) == ()
    (counted,) = statistics_queries.books(session, "2024-2025")
    assert counted.keeping is Keeping.SEALED
    sign_again(session, made, cast, at)

    assert (book.state, made.state) == (states.State.SUPERSEDED, states.State.CLOSED)
    assert row.state is State.DONE
    assert binding.binding_book(session, class_id) == "Đã khóa sổ"
    assert statistics.uncounted(session, limit=9) == (class_id,)
    statistics.count(session, class_id, at=at)
    assert statistics.uncounted(session, limit=9) == ()
    old = gradebook_queries.gradebook(session, book.id, cast.homeroom_teacher)
    assert old.superseded_by == made.id
    (promise,) = session.scalars(
        select(Promise).where(Promise.task == correcting.SUPERSEDED_TASK)
    ).all()
    assert promise.payload == {
        "class_id": str(class_id),
        "old_gradebook_id": str(book.id),
        "new_gradebook_id": str(made.id),
        "pupil_ids": [str(row.pupil_id)],
        "pupil_codes": ["HS002"],
        "semesters": ["1"],
    }
    archived = session.scalars(select(Promise).where(Promise.task == "archive.ingest")).all()
    assert {one.payload["source_id"] for one in archived} == {str(book.id), str(made.id)}


def test_a_second_correction_cites_the_version_in_which_each_signed(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    first = approved(
        session,
        [ask(session, book, wanted(session), cast.subject_teachers["TOAN"], at)],
        cast,
        at,
    )
    sign_again(session, first, cast, at)
    cell = wanted(session, "CĐ", "GDTC")
    teacher = cast.subject_teachers["GDTC"]
    with pytest.raises(NotClosed):
        ask(session, book, cell, teacher, at)
    second = approved(session, [ask(session, first, cell, teacher, at)], cast, at)

    told = {one.subject: one.version for one in correcting.citations(session, second)}
    assert told.pop("TOAN") == 2
    assert set(told.values()) == {1}
    assert "GDTC" not in told


def test_several_requests_of_one_book_are_told_by_one_version(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    rows = [
        ask(session, book, wanted(session), cast.homeroom_teacher, at),
        ask(session, book, wanted(session, "7", "KHTN"), cast.homeroom_teacher, at),
    ]
    made = approved(session, rows, cast, at)
    later = ask(session, book, wanted(session, "7", "LSDL"), cast.homeroom_teacher, at)
    with pytest.raises(BeingCorrected):
        approved(session, [later], cast, at)

    sign_again(session, made, cast, at, ("TOAN", "KHTN"))

    assert [row.state for row in rows] == [State.DONE, State.DONE]


def test_a_returned_correction_restores_the_cell_and_can_be_asked_for_again(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    before = all_marks(session)
    row = ask(session, book, wanted(session), cast.subject_teachers["TOAN"], at)
    made = approved(session, [row], cast, at)
    stage.sign(session, made, "subject_TOAN", cast.subject_teachers["TOAN"], at)
    gradebooks.send_back(session, made.id, "Minh chứng không rõ.", by=cast.school_principal, at=at)

    assert all_marks(session) == before
    assert (row.state, book.state) == (State.UNDONE, states.State.CLOSED)
    assert binding.binding_book(session, class_id) == "Đã khóa sổ"
    again = ask(session, book, wanted(session), cast.subject_teachers["TOAN"], at)
    next_made = approved(session, [again], cast, at)
    assert str(gradebooks.previous_content(session, next_made.id)) == book.content_sha256


def test_a_request_is_refused_or_withdrawn_and_nothing_changes(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    before = all_marks(session)
    teacher = cast.subject_teachers["TOAN"]
    row = ask(session, book, wanted(session), teacher, at)
    with pytest.raises(Invalid, match="lý do"):
        correction_actions.refuse(session, row.id, "", by=cast.school_principal, at=at)
    correction_actions.refuse(session, row.id, "Bài đã chấm đúng.", by=cast.school_principal, at=at)
    with pytest.raises(StepRefused):
        approved(session, [row], cast, at)
    other = ask(session, book, wanted(session), teacher, at)
    with pytest.raises(NotAllowed):
        correction_actions.withdraw(session, other.id, by=cast.homeroom_teacher, at=at)
    correction_actions.withdraw(session, other.id, by=teacher, at=at)

    assert (row.state, other.state) == (State.REFUSED, State.WITHDRAWN)
    session.flush()
    (told,) = correction_queries.answered(session, teacher, at=at)
    assert (told.id, told.answer) == (row.id, "Bài đã chấm đúng.")
    assert correction_queries.answered(session, teacher, at=at + correction_queries.NEWS) == ()
    assert correction_queries.answered(session, cast.homeroom_teacher, at=at) == ()
    assert all_marks(session) == before
    assert session.scalars(select(Gradebook.id)).all() == [book.id]


def test_a_closed_book_of_a_class_is_not_asked_for_anew(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    with pytest.raises(BookExists):
        gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)
    with pytest.raises(BookExists):
        gradebooks.ask(
            session, book.of, by=cast.homeroom_teacher, at=at, because="Muốn lập lại sổ."
        )
    assert session.scalars(select(GradebookSignature.cited_id).distinct()).all() == [None]


def of_homeroom(session: Session) -> dict[str, Wanted]:
    """A cell of each kind that the homeroom teacher keeps, with another value."""
    pupil_id = wanted(session).pupil_id
    day = date(2024, 9, 5)
    return {
        "conduct": Wanted(pupil_id, ConductPlace(ConductTime.FIRST), "Khá"),
        "added": Wanted(pupil_id, AbsencePlace(day, HalfDay.AFTERNOON), "K"),
    }


def kept(
    session: Session, class_id: UUID
) -> tuple[dict[ConductTime, dict[str, ConductLevel]], tuple[Absence, ...]]:
    """All that is kept of the class beside its marks."""
    session.flush()
    return record_queries.conduct(session, class_id), record_queries.absences(session, class_id)


def test_conduct_and_attendance_are_asked_for_by_the_homeroom_teacher_alone(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    for cell in of_homeroom(session).values():
        for who in (cast.subject_teachers["TOAN"], cast.school_principal, cast.school_clerk):
            with pytest.raises(NotAllowed):
                ask(session, book, cell, who, at)
        row = ask(session, book, cell, cast.homeroom_teacher, at)
        assert row.state is State.REQUESTED
        with pytest.raises(AlreadyAsked):
            ask(session, book, cell, cast.homeroom_teacher, at)
    wrong = (
        (ConductPlace(ConductTime.FIRST), "Yếu", NotAValue),
        (ConductPlace(ConductTime.SECOND), "Tốt", NoChange),
        (ConductPlace(ConductTime.SUMMER), "Đạt", CellUnknown),
        (TraitPlace("YEU_NUOC", TraitTime.END_OF_YEAR), "T", CellUnknown),
        (AbsencePlace(date(2024, 9, 6), HalfDay.MORNING), "", NoChange),
        (AbsencePlace(date(2024, 9, 6), HalfDay.MORNING), "x", NotAValue),
        (AbsencePlace(date(2025, 9, 6), HalfDay.MORNING), "P", CellUnknown),
    )
    pupil_id = wanted(session).pupil_id
    for place, text, refused in wrong:
        with pytest.raises(refused):
            ask(session, book, Wanted(pupil_id, place, text), cast.homeroom_teacher, at)


def test_conduct_and_attendance_are_corrected_cell_by_cell_and_no_subject_signs_again(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    marks, (conduct, absences) = all_marks(session), kept(session, class_id)
    cells = of_homeroom(session)
    rows = [ask(session, book, cell, cast.homeroom_teacher, at) for cell in cells.values()]
    assert kept(session, class_id) == (conduct, absences)
    made = approved(session, rows, cast, at)

    assert all_marks(session) == marks
    assert kept(session, class_id) == (
        {**conduct, ConductTime.FIRST: {**conduct[ConductTime.FIRST], "HS002": ConductLevel.FAIR}},
        (Absence("HS002", date(2024, 9, 5), HalfDay.AFTERNOON, excused=False), *absences),
    )
    assert made.because == (
        "Sửa Kết quả rèn luyện · Học kì I của Đặng Văn An từ Tốt thành Khá và 1 ô khác: " + REASON
    )
    view = gradebook_queries.gradebook(session, made.id, cast.school_principal)
    open_places = [one.field for one in view.signatures if one.signed_at is None]
    assert open_places == ["homeroom", "principal", "school_seal"]
    sign_again(session, made, cast, at, ())
    assert (book.state, made.state) == (states.State.SUPERSEDED, states.State.CLOSED)

    # The absence that is there now is excused, and then taken out, each by a request of its own.
    for text, excused in (("P", True), ("", None)):
        row = ask(session, made, replace(cells["added"], text=text), cast.homeroom_teacher, at)
        made = approved(session, [row], cast, at)
        now = [
            one.excused for one in record_queries.absences(session, class_id) if one not in absences
        ]
        assert now == ([] if excused is None else [excused])
        sign_again(session, made, cast, at, ())


def test_a_returned_correction_of_conduct_and_attendance_restores_both(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    before = kept(session, class_id)
    rows = [
        ask(session, book, cell, cast.homeroom_teacher, at)
        for cell in of_homeroom(session).values()
    ]
    made = approved(session, rows, cast, at)
    assert kept(session, class_id) != before
    gradebooks.send_back(session, made.id, "Chưa có đơn xin.", by=cast.school_principal, at=at)

    assert kept(session, class_id) == before
    told = correction_queries.answered(session, cast.homeroom_teacher, at=at)
    assert {(one.id, one.answer) for one in told} == {(row.id, "Chưa có đơn xin.") for row in rows}
    assert {row.state for row in rows} == {State.UNDONE}
