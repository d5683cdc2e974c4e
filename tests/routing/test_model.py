"""Row-level security of routing: a query without a filter shows nothing of another agency."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.db import Base
from eoffice.people.model import UnitSuccession
from eoffice.routing import actions, handling
from eoffice.routing.model import (
    Answer,
    Arrival,
    ArrivalBook,
    Assignment,
    Delivery,
    DeliveryFile,
    Notice,
    WorkEntry,
)
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState, DeliveryState
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage

#: What a recipient keeps to itself.
ITS_OWN: tuple[type[Base], ...] = (ArrivalBook, Arrival, Assignment, WorkEntry, Answer)
ALL: tuple[type[Base], ...] = (Delivery, DeliveryFile, *ITS_OWN, Notice)


@pytest.fixture
def settled(session: Session, cast: Cast, dispatch: UUID, submitted: UUID, at: datetime) -> None:
    """Every table of routing has rows of the THPT Sen Hồng; a refusal left the Sở a notice."""
    teacher = cast.high_school_teacher
    handling.assign(
        session,
        submitted,
        [Assignee(Role.LEAD, cast.high_school.id, teacher.person_id)],
        instruction="Xử lý.",
        due_on=None,
        by=cast.high_school_principal,
        at=at,
    )
    handling.start_answer(session, submitted, by=teacher, at=at)
    refused = stage.delivered(session, dispatch, cast.district, at=at)
    actions.open_delivery(session, refused, by=cast.district_clerk, at=at)
    actions.refuse(session, refused, "Gửi nhầm.", by=cast.district_clerk, at=at)
    actions.tell_sender_of_refusal(session, refused, at=at)
    session.flush()
    session.expunge_all()


def seen(session: Session, *tables: type[Base]) -> dict[str, int]:
    """How many rows of each table a query without any filter finds."""
    return {
        table.__tablename__: session.execute(
            sa.select(sa.func.count()).select_from(table)
        ).scalar_one()
        for table in tables
    }


def test_whoever_is_not_named_sees_nothing(session: Session, settled: None) -> None:
    with web_role(session, None):
        assert set(seen(session, *ALL).values()) == {0}


def test_another_school_sees_nothing_at_all(session: Session, cast: Cast, settled: None) -> None:
    with web_role(session, cast.other_high_school_principal):
        assert set(seen(session, *ALL).values()) == {0}


def test_the_recipient_sees_its_delivery_and_everything_of_its_own(
    session: Session, cast: Cast, settled: None
) -> None:
    with web_role(session, cast.high_school_clerk):
        counts = seen(session, *ALL)

    assert counts["deliveries"] == counts["delivery_files"] == 1
    assert all(counts[table.__tablename__] == 1 for table in ITS_OWN)
    assert counts["notices"] == 0


def test_the_sender_sees_all_its_deliveries_and_nothing_of_what_recipients_keep(
    session: Session, cast: Cast, settled: None
) -> None:
    with web_role(session, cast.specialist):
        counts = seen(session, *ALL)

    assert counts["deliveries"] == counts["delivery_files"] == 2
    assert all(counts[table.__tablename__] == 0 for table in ITS_OWN)
    # One for the drafting unit, and one each for who signed and for the clerk who issued it.
    assert counts["notices"] == 3


def test_the_superior_office_of_a_school_sees_nothing_of_its_mail(
    session: Session, cast: Cast, at: datetime
) -> None:
    document = stage.issued_by_the_department(session, cast, [cast.school], at=at)
    delivery = stage.delivered(session, document, cast.school, at=at)
    stage.registered(session, delivery, by=cast.school_clerk, at=at)
    session.flush()

    with web_role(session, cast.district_head):
        assert set(seen(session, *ALL).values()) == {0}


def test_whoever_took_over_a_unit_reads_its_mail_and_changes_nothing_that_was_settled(
    session: Session, cast: Cast, settled: None
) -> None:
    session.add(
        UnitSuccession(
            predecessor_id=cast.high_school.id,
            successor_id=cast.other_high_school.id,
            since=date(2018, 9, 1),
        )
    )

    with web_role(session, cast.other_high_school_clerk):
        counts = seen(session, *ITS_OWN, Delivery)
        going_on = session.execute(sa.update(Arrival).values(outcome="Tiếp."))
        session.execute(sa.text("reset role"))
        session.execute(sa.update(Arrival).values(state=ArrivalState.DONE, done_at=sa.func.now()))
        session.execute(sa.text("set local role eoffice_app"))
        settled_now = session.execute(sa.update(Arrival).values(outcome="Khác."))

    assert set(counts.values()) == {1}
    assert going_on.rowcount == 1  # type: ignore[attr-defined]
    assert settled_now.rowcount == 0  # type: ignore[attr-defined]


def test_the_sender_cannot_take_a_step_in_the_place_of_the_recipient(
    session: Session, cast: Cast, settled: None
) -> None:
    with web_role(session, cast.director):
        changed = session.execute(sa.update(Delivery).values(state=DeliveryState.DONE))

    assert changed.rowcount == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "statement",
    [
        "update deliveries set subject = 'khác'",
        "update deliveries set content_sha256 = ''",
        "update deliveries set recipient_agency_id = sender_agency_id",
        "update arrivals set number = 7",
        "update work_log set text = 'khác'",
        "delete from arrivals",
        "delete from work_log",
        "delete from deliveries",
    ],
)
def test_what_was_delivered_numbered_or_logged_cannot_be_changed_by_the_web_process(
    session: Session, cast: Cast, settled: None, statement: str
) -> None:
    with web_role(session, cast.high_school_clerk):
        attempt = session.begin_nested()
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(sa.text(statement))
        attempt.rollback()


def test_nobody_registers_anything_in_the_book_of_another_agency(
    session: Session, cast: Cast, settled: None
) -> None:
    with web_role(session, cast.other_high_school_clerk):
        attempt = session.begin_nested()
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(
                sa.insert(ArrivalBook).values(
                    agency_id=cast.high_school.id, year=2019, last_number=5
                )
            )
        attempt.rollback()


def test_every_step_of_a_recipient_can_be_taken_with_the_rights_of_the_web_process(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    with web_role(session, cast.high_school_clerk):
        actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
        arrival = actions.register_arrival(session, delivery, by=cast.high_school_clerk, at=at)
        handling.submit_to_head(session, arrival.id, by=cast.high_school_clerk, at=at)
        session.flush()
    teacher = cast.high_school_teacher
    with web_role(session, cast.high_school_principal):
        handling.assign(
            session,
            arrival.id,
            [Assignee(Role.LEAD, cast.high_school.id, teacher.person_id)],
            instruction="Xử lý.",
            due_on=None,
            by=cast.high_school_principal,
            at=at,
        )
        session.flush()
    with web_role(session, teacher):
        handling.log_work(session, arrival.id, "Đã làm.", by=teacher, at=at)
        handling.start_answer(session, arrival.id, by=teacher, at=at)
        handling.finish(session, arrival.id, "Đã trả lời.", by=teacher, at=at)
        session.flush()

    assert session.get_one(Delivery, delivery).state is DeliveryState.DONE


def test_the_drafter_puts_a_notice_away_with_the_rights_of_the_web_process(
    session: Session, cast: Cast, settled: None, at: datetime
) -> None:
    notice = session.scalars(sa.select(Notice.id).where(Notice.person_id.is_(None))).one()

    with web_role(session, cast.specialist):
        actions.read_notice(session, notice, by=cast.specialist, at=at)
        session.flush()

    assert session.get_one(Notice, notice).read_at == at
