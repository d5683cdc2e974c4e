"""The lines of a closed book stand in the columns of Decree 30/2020, Annex IV."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.filing import closing_lines
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.closing_tables import Contents
from eoffice.routing import handling
from eoffice.routing.rules import Assignee, Role
from tests.cast import Cast, load_cast
from tests.filing import year_end
from tests.filing.year_end import LAST_DAY
from tests.routing import stage

SUBJECT = f"Công văn {stage.SUBJECT}"


@pytest.fixture
def cast(session: Session) -> Cast:
    return load_cast(session, LAST_DAY)


@pytest.fixture
def answered(session: Session, cast: Cast) -> UUID:
    """An arrival that a teacher answered, and one that nobody has laid before the principal."""
    first, _ = (
        stage.registered(
            session,
            stage.delivered(
                session,
                stage.issued_by_the_department(
                    session,
                    cast,
                    [cast.high_school],
                    at=LAST_DAY,
                    number=number,
                    due_on=date(2019, 1, 15),
                ),
                cast.high_school,
                at=LAST_DAY,
            ),
            by=cast.high_school_clerk,
            at=LAST_DAY,
        )
        for number in (960, 961)
    )
    teacher = cast.high_school_teacher
    handling.submit_to_head(session, first, by=cast.high_school_clerk, at=LAST_DAY)
    handling.assign(
        session,
        first,
        [Assignee(Role.LEAD, cast.high_school.id, teacher.person_id)],
        instruction="Lập danh sách và báo cáo.",
        due_on=None,
        by=cast.high_school_principal,
        at=LAST_DAY,
    )
    session.flush()
    answer = handling.start_answer(session, first, by=teacher, at=LAST_DAY)
    session.flush()
    stage.issue(
        session,
        answer,
        [cast.department.id],
        number=5,
        notation="BC-THPTSH",
        signer=cast.high_school_principal,
        at=LAST_DAY,
    )
    handling.finish(session, first, "Đã báo cáo Sở.", by=teacher, at=LAST_DAY + timedelta(hours=1))
    session.flush()
    return first


def contents(session: Session, unit_id: UUID, kind: ClosedKind) -> Contents:
    return closing_lines.contents(session, agency_id=unit_id, kind=kind, year=2018)


def test_the_incoming_book_has_its_ten_columns(
    session: Session, cast: Cast, answered: UUID
) -> None:
    book = contents(session, cast.high_school.id, ClosedKind.INCOMING)
    day = date(2018, 12, 31)
    assert len(book.columns) == 10
    assert book.numbers == (1, 2)
    first, second = book.rows
    assert first == (
        day,
        1,
        "Sở Giáo dục và Đào tạo Đồng Tháp",
        "960/SGDĐT-CNTTTBTV",
        day,
        SUBJECT,
        cast.high_school_teacher.full_name,
        day,
        "Điện tử 31/12/2018",
        "",
    )
    assert second[6:] == ("", None, None, "")


def test_the_book_of_handling_has_its_seven_columns_and_the_answer(
    session: Session, cast: Cast, answered: UUID
) -> None:
    book = contents(session, cast.high_school.id, ClosedKind.HANDLING)
    assert len(book.columns) == 7
    sender = "Sở Giáo dục và Đào tạo Đồng Tháp"
    assert book.rows == (
        (
            1,
            f"Công văn số 960/SGDĐT-CNTTTBTV ngày 31/12/2018 của {sender}",
            cast.high_school_teacher.full_name,
            date(2019, 1, 15),
            "Hoàn thành ngày 31/12/2018",
            "05/BC-THPTSH",
            "Đã báo cáo Sở.",
        ),
        (
            2,
            f"Công văn số 961/SGDĐT-CNTTTBTV ngày 31/12/2018 của {sender}",
            "",
            date(2019, 1, 15),
            "Chờ trình",
            "",
            None,
        ),
    )
    assert book.unfinished == 1


def test_the_outgoing_book_has_its_ten_columns_and_what_was_struck_out(
    session: Session, cast: Cast
) -> None:
    year_end.fill(session, cast)
    session.flush()
    book = contents(session, cast.department.id, ClosedKind.OUTGOING)
    assert len(book.columns) == 10
    assert (book.numbers, book.opening_number, book.annulled) == ((960, 961, 962), 959, 1)
    assert book.rows[0][:4] == (
        "960/QĐ-SGDĐT",
        date(2018, 12, 31),
        "Quyết định Khen thưởng",
        "Trần Thanh Liêm",
    )
    assert book.rows[2][9] == "Hủy số: Không ban hành nữa"


def test_no_book_has_the_lines_of_another_agency(
    session: Session, cast: Cast, answered: UUID
) -> None:
    assert contents(session, cast.other_high_school.id, ClosedKind.INCOMING).rows == ()
    assert contents(session, cast.high_school.id, ClosedKind.INCOMING_SECRET).rows == ()
