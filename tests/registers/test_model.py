"""Row-level security: a school's registers are its own; superiors read and never write."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.classes.model import Pupil, SchoolClass
from eoffice.db import Base
from eoffice.marks.model import Mark, MarkImport
from tests.cast import Cast
from tests.conftest import web_role
from tests.registers import stage

MODELS = ("eoffice.classes.model", "eoffice.marks.model", "eoffice.registers.model")
TABLES = (
    "classes", "pupils", "enrolments", "class_subjects", "mark_imports", "marks", "conduct",
    "absences", "principal_remarks", "imported_sheets", "imported_marks", "import_faults",
    "gradebooks", "gradebook_signatures", "book_corrections", "class_locks",
)  # fmt: skip


@pytest.fixture
def full(session: Session, cast: Cast, class_id: UUID, at: datetime) -> UUID:
    stage.rendered_book(session, class_id, cast, at)
    session.flush()
    return class_id


def seen(session: Session, table: str) -> int:
    return int(session.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608


def test_every_table_of_these_slices_is_protected(session: Session) -> None:
    ours = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if mapper.class_.__module__ in MODELS
    }
    protected = set(
        session.execute(text("select relname from pg_class where relrowsecurity")).scalars()
    )

    assert ours == set(TABLES)
    assert ours <= protected


def test_without_a_filter_another_school_sees_nothing(
    session: Session, cast: Cast, full: UUID
) -> None:
    for stranger in (cast.high_school_principal, cast.other_district_head, None):
        with web_role(session, stranger):
            assert {table: seen(session, table) for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_the_school_and_whoever_stands_above_it_see_the_rows(
    session: Session, cast: Cast, full: UUID
) -> None:
    filled = ("classes", "pupils", "marks", "conduct", "gradebooks", "gradebook_signatures")
    for who in (cast.homeroom_teacher, cast.school_clerk, cast.district_head, cast.specialist):
        with web_role(session, who):
            assert all(seen(session, table) > 0 for table in filled)


def test_a_superior_cannot_change_a_row(session: Session, cast: Cast, full: UUID) -> None:
    with web_role(session, cast.district_head):
        changed = session.execute(
            update(SchoolClass)
            .where(SchoolClass.id == full)
            .values(homeroom_teacher_id=cast.district_head.person_id)
        )
        assert changed.rowcount == 0  # type: ignore[attr-defined]


def test_a_superior_cannot_write_a_row_for_the_school(
    session: Session, cast: Cast, full: UUID, at: datetime
) -> None:
    with (
        web_role(session, cast.district_head),
        pytest.raises(ProgrammingError),
        session.begin_nested(),
    ):
        session.execute(
            insert(Pupil).values(
                id=UUID(int=5), school_id=cast.school.id, code="X", name="X", born_on=at.date(),
                sex="Nam", birthplace="", ethnicity="", policy_group="", address="", father="",
                mother="",
            )
        )  # fmt: skip


def test_the_web_process_cannot_rewrite_what_was_uploaded(
    session: Session, cast: Cast, full: UUID
) -> None:
    with (
        web_role(session, cast.school_clerk),
        pytest.raises(ProgrammingError),
        session.begin_nested(),
    ):
        session.execute(text("update imported_marks set score = 10"))


def test_the_web_process_cannot_remove_a_book(session: Session, cast: Cast, full: UUID) -> None:
    with (
        web_role(session, cast.school_clerk),
        pytest.raises(ProgrammingError),
        session.begin_nested(),
    ):
        session.execute(text("delete from gradebooks"))


def test_a_mark_has_one_value_within_the_scale(session: Session, full: UUID) -> None:
    upload = session.scalars(select(MarkImport)).first()
    mark = session.scalars(select(Mark).where(Mark.score.is_not(None))).first()
    assert upload is not None
    assert mark is not None

    for change in ("score = null", "score = 10.5", "verdict = 'passed'"):
        with pytest.raises(Exception, match="ck_marks"), session.begin_nested():
            session.execute(
                text(f"update marks set {change} where subject_code = 'TOAN'")  # noqa: S608
            )
