"""Typed cells are taken or refused one by one; nobody replaces what they did not see."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Value
from eoffice.classes.actions import BookBinds
from eoffice.classes.model import Pupil
from eoffice.marks import entering, entry_queries, lock_actions, record_queries
from eoffice.marks.entering import CellUnknown, NotYourMarks, Outcome, Typed
from eoffice.marks.entry import CellChanged, NotAMark
from eoffice.marks.keeping_model import MarkChange
from eoffice.marks.lock_rules import MarksLocked, Scope
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.registers import stage

FIRST = ("TOAN", Semester.FIRST, Part.REGULAR, 1)


@pytest.fixture
def pupil(session: Session, class_id: UUID) -> UUID:
    return session.scalars(select(Pupil.id).where(Pupil.code == "HS002")).one()


def enter(
    session: Session,
    class_id: UUID,
    by: Principal,
    at: datetime,
    *cells: Typed,
    subject: str = "TOAN",
) -> tuple[Outcome, ...]:
    return entering.enter(session, class_id, subject, Semester.FIRST, cells, by=by, at=at)


def first(pupil: UUID, text: str, seen: str | None = '""') -> Typed:
    return Typed(pupil, Part.REGULAR, 1, text, seen)


def standing(session: Session, class_id: UUID) -> Value | None:
    session.expire_all()
    return record_queries.cells(session, class_id).get(("HS002", FIRST))


def test_a_teacher_enters_a_mark_and_it_stands_in_the_register(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    teacher = cast.subject_teachers["TOAN"]

    (outcome,) = enter(session, class_id, teacher, at, first(pupil, "8,5"))

    assert (outcome.now, outcome.refused) == (Decimal("8.5"), None)
    assert standing(session, class_id) == Decimal("8.5")


def test_two_teachers_never_overwrite_unseen(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    enter(session, class_id, cast.homeroom_teacher, at, first(pupil, "8,5"))

    (outcome,) = enter(session, class_id, cast.subject_teachers["TOAN"], at, first(pupil, "7"))

    assert isinstance(outcome.refused, CellChanged)
    assert outcome.now == Decimal("8.5")
    assert standing(session, class_id) == Decimal("8.5")


def test_what_was_sent_twice_by_a_bad_line_is_taken_once(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    for _ in range(2):
        (outcome,) = enter(session, class_id, cast.homeroom_teacher, at, first(pupil, "8,5"))
        assert outcome.refused is None

    assert len(session.scalars(select(MarkChange)).all()) == 1


def test_a_change_keeps_what_stood_there(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    enter(session, class_id, cast.homeroom_teacher, at, first(pupil, "8,5"))
    enter(session, class_id, cast.homeroom_teacher, at, first(pupil, "", '"8.5"'))

    kept = session.scalars(select(MarkChange).order_by(MarkChange.id)).all()
    assert [(one.old_score, one.new_score) for one in kept] == [
        (None, Decimal("8.5")), (Decimal("8.5"), None),
    ]  # fmt: skip
    assert standing(session, class_id) is None


def test_each_cell_has_its_own_outcome(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    outcomes = enter(
        session, class_id, cast.homeroom_teacher, at,
        first(pupil, "11"), Typed(pupil, Part.FINAL, 1, "9", '""'), first(uuid4(), "9"),
        Typed(pupil, Part.REGULAR, 5, "9", '""'),
    )  # fmt: skip

    assert [type(one.refused) for one in outcomes] == [
        NotAMark, type(None), CellUnknown, CellUnknown,
    ]  # fmt: skip


def test_the_average_follows_as_soon_as_nothing_is_missing(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    cells = [Typed(pupil, Part.REGULAR, n, "8", '""') for n in range(1, 5)]
    cells.append(Typed(pupil, Part.MIDTERM, 1, "8", '""'))
    enter(session, class_id, cast.homeroom_teacher, at, *cells)
    asked = (session, class_id, "TOAN", Semester.FIRST, [pupil])
    assert entry_queries.averages(*asked) == {pupil: ""}

    enter(session, class_id, cast.homeroom_teacher, at, Typed(pupil, Part.FINAL, 1, "9", '""'))

    assert entry_queries.averages(*asked) == {pupil: "8,3"}


def test_only_who_teaches_the_subject_or_the_class_enters(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    others = (cast.subject_teachers["KHTN"], cast.school_principal, cast.school_clerk)
    for who in others:
        if who.person_id in (
            cast.homeroom_teacher.person_id, cast.subject_teachers["TOAN"].person_id,
        ):  # fmt: skip
            continue
        with pytest.raises(NotYourMarks):
            enter(session, class_id, who, at, first(pupil, "8"))


def test_a_locked_column_is_refused_and_the_others_are_taken(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    lock_actions.lock(
        session, "2024-2025", Scope(semester=Semester.FIRST, part=Part.REGULAR, place=1),
        reason="Hết hạn nhập", by=cast.school_principal, at=at,
    )  # fmt: skip

    outcomes = enter(
        session, class_id, cast.homeroom_teacher, at,
        first(pupil, "8"), Typed(pupil, Part.REGULAR, 2, "8", '""'),
    )  # fmt: skip

    assert isinstance(outcomes[0].refused, MarksLocked)
    assert outcomes[1].refused is None


def test_an_opening_lets_the_mark_in_until_it_ends(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    lock_id = lock_actions.lock(
        session, "2024-2025", Scope(semester=Semester.FIRST), reason="Tổng kết",
        by=cast.school_principal, at=at,
    )  # fmt: skip
    lock_actions.open_for(
        session, lock_id, class_id=class_id, subject_code="TOAN", until=at + timedelta(hours=2),
        reason="Nhập sai một điểm", by=cast.school_principal, at=at,
    )  # fmt: skip

    (during,) = enter(session, class_id, cast.homeroom_teacher, at, first(pupil, "8"))
    (after,) = enter(
        session, class_id, cast.homeroom_teacher, at + timedelta(hours=2),
        first(pupil, "9", '"8.0"'),
    )  # fmt: skip

    assert during.refused is None
    assert isinstance(after.refused, MarksLocked)


def test_a_class_whose_book_is_being_signed_takes_no_marks(
    session: Session, cast: Cast, class_id: UUID, pupil: UUID, at: datetime
) -> None:
    stage.rendered_book(session, class_id, cast, at)

    with pytest.raises(BookBinds):
        enter(session, class_id, cast.homeroom_teacher, at, first(pupil, "8"))
