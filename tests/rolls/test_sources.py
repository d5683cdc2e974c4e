"""What a school wrote down in a school year is in the book of that year, and asked for, made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.classes import actions as classes
from eoffice.classes import movement_actions
from eoffice.classes.actions import NewPupil
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.registers import book_asking, book_forms, extraction, gradebooks, rolls_sources
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.model import Gradebook
from eoffice.rolls import certificate_actions, enrolment_actions, move_actions, move_queries
from eoffice.rolls.certificate_states import CertificateStep
from eoffice.rolls.rules import RollNotOpen
from tests.cast import Cast
from tests.rolls.test_certificates import NEW, TAKEN, granted

YEAR = "2024-2025"
DAY = date(2025, 6, 2)
WENT = NewMovement(MovementKind.OUT, DAY, "Theo gia đình", "Giấy 5/CĐ", "THCS Nguyễn Du")


def of(cast: Cast, kind: BookKind, year: str = YEAR) -> BookOf:
    return BookOf(kind, cast.school.id, year)


def test_the_enrolment_register_of_a_year_has_who_came_and_what_happened(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    clerk = cast.school_clerk
    enrolment_actions.enter_all(session, by=clerk, at=at)
    pupils = classes.pupil_ids(session, opened)
    movement_actions.record(session, pupils["HS001"], WENT, by=clerk, at=at)
    new = NewPupil("HS002", "Đặng Văn Ân", date(2012, 3, 4), "Nam")
    movement_actions.correct(session, pupils["HS002"], new, "Theo khai sinh", by=clerk, at=at)
    session.flush()

    book = rolls_sources.enrolment(session, of(cast, BookKind.ENROLMENT_REGISTER), 1, at)

    assert [one.number for one in book.pupils] == [101, 102, 103]
    assert {one.what for one in book.events} == {
        "Chuyển đi: THCS Nguyễn Du (Giấy 5/CĐ)",
        "Họ và tên “Đặng Văn An” sửa thành “Đặng Văn Ân”",
    }
    later = of(cast, BookKind.ENROLMENT_REGISTER, "2025-2026")
    assert rolls_sources.enrolment(session, later, 1, at).pupils == ()


def test_there_is_no_book_of_a_register_that_is_not_open(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    with pytest.raises(RollNotOpen):
        rolls_sources.enrolment(session, of(cast, BookKind.ENROLMENT_REGISTER), 1, at)


def test_moves_are_numbered_in_the_order_of_recording_and_a_line_never_moves(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    clerk = cast.school_clerk
    pupils = classes.pupil_ids(session, opened)
    movement_actions.record(session, pupils["HS001"], WENT, by=clerk, at=at)
    assert move_actions.enter_missing(session, by=clerk, at=at) == 1
    came = replace(WENT, kind=MovementKind.IN, to_class_id=opened)
    new = NewPupil("HS100", "Nguyễn Văn Út", date(2012, 9, 9), "Nữ")
    movement_actions.admit(session, new, came, by=clerk, at=at)
    movement_actions.record(session, pupils["HS002"], WENT, by=clerk, at=at)
    assert move_actions.enter_missing(session, by=clerk, at=at) == 2
    assert move_actions.enter_missing(session, by=clerk, at=at) == 0
    session.flush()
    first = move_queries.of_year(session, cast.school.id, YEAR)[1]
    move_actions.papers(
        session, first.movement_id, what="Học bạ", on=DAY, with_whom="Mẹ", note="", by=clerk, at=at
    )
    session.flush()

    book = rolls_sources.moves(session, of(cast, BookKind.MOVES_REGISTER), 1, at)

    assert [(one.number, one.code) for one in book.came] == [(1, "HS100")]
    assert [(one.number, one.code) for one in book.went] == [(1, "HS001"), (2, "HS002")]
    assert book.went[0].papers == "Học bạ (02/06/2025, Mẹ)"
    assert book.went[0].class_name == "7A1"


def test_the_certificates_register_of_a_year_has_its_lines_its_events_and_the_stock(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    clerk = cast.school_clerk
    old = replace(NEW, serial="B 5", signed_on=date(2020, 6, 1), graduation_year=2020)
    one, _ = granted(session, cast, at, NEW, replace(old, entry_number="5/2020"))
    certificate_actions.hand_over(session, one, TAKEN, by=clerk, at=at)
    certificate_actions.end(
        session, one, CertificateStep.LOSE, on=DAY, because="Người được cấp báo mất.", by=clerk,
        at=at,
    )  # fmt: skip
    session.flush()

    book = rolls_sources.certificates(session, of(cast, BookKind.CERTIFICATES_REGISTER), 1, at)

    (line,) = book.certificates
    assert (line.ordinal, line.serial) == (1, "A 0012301")
    assert line.ended_because == "02/06/2025: Người được cấp báo mất."
    assert [event.what for event in book.events] == [
        "Bị mất: Người được cấp báo mất.", "Phát cho Đặng Văn An",
    ]  # fmt: skip
    assert [batch.count for batch in book.batches] == [5]
    (stock,) = book.stocks
    assert (stock.received, stock.granted) == (5, 1)


@pytest.mark.parametrize(
    "kind",
    [BookKind.ENROLMENT_REGISTER, BookKind.MOVES_REGISTER, BookKind.CERTIFICATES_REGISTER],
)
def test_the_clerk_asks_for_a_book_and_it_is_made_of_what_is_kept(
    session: Session, cast: Cast, opened: UUID, at: datetime, kind: BookKind
) -> None:
    clerk = cast.school_clerk
    enrolment_actions.enter_all(session, by=clerk, at=at)
    session.flush()
    wanted = book_asking.of(session, kind, YEAR, None, by=clerk)
    asked = gradebooks.ask(session, wanted, by=clerk, at=at)
    session.flush()
    assert session.get_one(Gradebook, asked).kind is kind

    form = book_forms.form(session, wanted)
    read = form.read(session, wanted, 1, at)
    form.refuse_gaps(read)
    made = form.make(read, None, (), None)

    assert extraction.differences(made.pdf) == ()
