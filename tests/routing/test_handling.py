"""What is done with an incoming document: deadlines, endings, passing on, taking over, the slip.

Decree 30/2020, art. 23–24, and Annex IV for the slip.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people import queries as people
from eoffice.people.model import UnitSuccession
from eoffice.routing import (
    arrival_queries,
    book_queries,
    deadlines,
    deadlines_history,
    delivery_queries,
    forwarding_actions,
    forwarding_queries,
    forwarding_rules,
    handling,
    queries,
    rules,
    slips,
    slips_queries,
    work_queries,
)
from eoffice.routing.arrival_queries import ArrivalUnknown
from eoffice.routing.handling import AnswerExists
from eoffice.routing.kept_file import KeptFile
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.rules import Assignee, Role, Standing
from eoffice.routing.slips import Block
from eoffice.routing.states import ArrivalState, ArrivalStepRefused, DeliveryState
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage
from tests.routing.conftest import DUE_ON

TODAY = date(2018, 8, 13)
EARLIER = date(2018, 8, 20)


@pytest.fixture
def assigned(session: Session, cast: Cast, submitted: UUID, at: datetime) -> UUID:
    """To a teacher, who leads."""
    handling.assign(
        session,
        submitted,
        [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id)],
        instruction="Lập danh sách và báo cáo.",
        due_on=None,
        by=cast.high_school_principal,
        at=at,
    )
    session.flush()
    return submitted


def test_the_head_moves_a_deadline_with_a_reason_and_the_move_stays(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    with web_role(session, cast.high_school_principal):
        deadlines.move(
            session, assigned, EARLIER, "Sở cần sớm.", by=cast.high_school_principal, at=at
        )
        session.flush()

    (move,) = deadlines_history.moves(session, assigned)
    assert (move.from_on, move.to_on, move.reason) == (DUE_ON, EARLIER, "Sở cần sớm.")
    seen = arrival_queries.arrival(session, assigned, who=cast.high_school_teacher, today=TODAY)
    assert (seen.due_on, seen.days_left) == (EARLIER, 5)
    assert seen.assignments[0].due_on == EARLIER
    assert "Đổi hạn xử lý từ 24/08/2018 thành 20/08/2018" in [each.what for each in seen.history]
    assert recorded(session, assigned)[-1] == "arrival.deadline_moved"


@pytest.mark.parametrize(
    ("due_on", "reason", "refusal"),
    [
        (DUE_ON, "Giữ nguyên.", rules.DeadlineUnacceptable),
        (DUE_ON + timedelta(days=1), "Chậm.", rules.DeadlineUnacceptable),
        (TODAY - timedelta(days=1), "Chậm.", rules.DeadlineUnacceptable),
        (EARLIER, " ", rules.ReasonMissing),
    ],
)
def test_a_deadline_is_not_moved_without_reason_nor_to_where_it_cannot_be(
    session: Session,
    cast: Cast,
    assigned: UUID,
    at: datetime,
    due_on: date,
    reason: str,
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        deadlines.move(session, assigned, due_on, reason, by=cast.high_school_principal, at=at)


def test_whoever_works_on_it_does_not_move_the_own_deadline(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    with pytest.raises(rules.ForTheHeadOnly):
        deadlines.move(session, assigned, EARLIER, "…", by=cast.high_school_teacher, at=at)


def test_a_deadline_is_late_by_the_working_days_behind_it(
    session: Session, cast: Cast, assigned: UUID
) -> None:
    def late(today: date) -> int:
        lines = book_queries.book(
            session,
            who=cast.high_school_clerk,
            year=2018,
            today=today,
            show=book_queries.Show.LATE,
            limit=10,
        )
        return lines[0].days_late if lines else 0

    assert [late(DUE_ON + timedelta(days=each)) for each in range(5)] == [0, 0, 0, 1, 2]


def test_work_is_ended_without_an_answer_only_with_a_reason(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    teacher = cast.high_school_teacher
    with pytest.raises(rules.ReasonMissing):
        handling.end_unanswered(session, assigned, " ", by=teacher, at=at)
    with web_role(session, teacher):
        handling.end_unanswered(session, assigned, "Chỉ để thực hiện.", by=teacher, at=at)
        session.flush()

    arrival = session.get_one(Arrival, assigned)
    assert (arrival.state, arrival.unanswered_reason) == (ArrivalState.DONE, "Chỉ để thực hiện.")
    assert session.get_one(Delivery, arrival.delivery_id).state is DeliveryState.DONE
    assert recorded(session, assigned)[-1] == "arrival.ended_unanswered"
    with pytest.raises(ArrivalStepRefused):
        handling.end_unanswered(session, assigned, "Lần nữa.", by=teacher, at=at)


def test_what_is_being_answered_is_not_ended_as_unanswered(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    handling.start_answer(session, assigned, by=cast.high_school_teacher, at=at)
    session.flush()

    with pytest.raises(AnswerExists):
        handling.end_unanswered(session, assigned, "…", by=cast.high_school_teacher, at=at)


def test_an_entry_of_the_work_log_keeps_its_files(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    file = KeptFile("danh-sach.pdf", "application/pdf", 12, Sha256.of(b"danh sach"))
    with web_role(session, cast.high_school_teacher):
        handling.log_work(
            session, assigned, "Đã lập.", files=[file], by=cast.high_school_teacher, at=at
        )
        session.flush()

    ((kept,),) = work_queries.files(session, assigned).values()
    assert (kept.name, kept.sha256) == (file.name, str(file.sha256))
    assert work_queries.file(session, assigned, kept.id) == kept
    with pytest.raises(delivery_queries.FileUnknown):
        work_queries.file(session, assigned, assigned)


# ---- passing on -------------------------------------------------------------------------


@pytest.fixture
def at_the_district(session: Session, cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    """Dispatch 960 in the book of a Phòng, submitted to its head."""
    delivery = stage.delivered(session, dispatch, cast.district, at=at)
    arrival = stage.registered(session, delivery, by=cast.district_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.district_clerk, at=at)
    session.flush()
    return arrival


@pytest.fixture
def passed_on(session: Session, cast: Cast, at_the_district: UUID, at: datetime) -> UUID:
    """By the Phòng to its school: the delivery."""
    with web_role(session, cast.district_head):
        forwarding = forwarding_actions.forward(
            session,
            at_the_district,
            [cast.school.id],
            instruction="Các trường báo cáo về Phòng trước Sở hai ngày.",
            due_on=date(2018, 8, 22),
            by=cast.district_head,
            at=at,
        )
        session.flush()
    made = forwarding_actions.deliver_forwarded(session, forwarding, cast.school.id, at=at)
    assert made is not None
    session.flush()
    return made


def test_a_school_gets_what_its_phong_passes_on_with_the_words_of_the_phong(
    session: Session, cast: Cast, passed_on: UUID
) -> None:
    with web_role(session, cast.school_clerk):
        seen = delivery_queries.delivery(session, passed_on, who=cast.school_clerk)
        files = delivery_queries.files(session, passed_on)

    assert seen.covering_instruction == "Các trường báo cáo về Phòng trước Sở hai ngày."
    assert seen.forwarded_by_name == cast.district.name
    assert (seen.sender_name, seen.due_on) == (cast.department.name, date(2018, 8, 22))
    assert len(files) == 1


def test_progress_flows_back_to_the_phong_and_on_to_the_so(
    session: Session, cast: Cast, at_the_district: UUID, passed_on: UUID, at: datetime
) -> None:
    arrival = stage.registered(session, passed_on, by=cast.school_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.school_clerk, at=at)
    handling.finish(session, arrival, "Đã báo cáo.", by=cast.school_principal, at=at)
    session.flush()

    with web_role(session, cast.district_head):
        (seen,) = forwarding_queries.forwardings(session, at_the_district, today=TODAY)
    assert (seen.done, seen.late) == (1, 0)
    with web_role(session, cast.director):
        below = session.scalars(select(Delivery).where(Delivery.id == passed_on)).one()
    assert below.state is DeliveryState.DONE


def test_a_school_that_does_nothing_is_late_at_its_phong(
    session: Session, cast: Cast, at_the_district: UUID, passed_on: UUID
) -> None:
    (seen,) = forwarding_queries.forwardings(session, at_the_district, today=date(2018, 8, 24))

    assert seen.late == 1
    assert seen.recipients[0].standings >= {Standing.LATE}
    assert seen.recipients[0].days_late == 2


def test_nobody_gets_a_document_twice_by_being_passed_it_again(
    session: Session, cast: Cast, at_the_district: UUID, passed_on: UUID, at: datetime
) -> None:
    with pytest.raises(forwarding_rules.ReceivedAlready):
        forwarding_actions.forward(
            session,
            at_the_district,
            [cast.school.id],
            instruction="Lần nữa.",
            due_on=None,
            by=cast.district_head,
            at=at,
        )
    delivery = session.get_one(Delivery, passed_on)
    assert delivery.forwarding_id is not None
    again = forwarding_actions.deliver_forwarded(
        session, delivery.forwarding_id, cast.school.id, at=at
    )
    assert again is None


def test_a_document_is_passed_on_to_units_below_only_and_by_who_answers_for_it(
    session: Session, cast: Cast, at_the_district: UUID, at: datetime
) -> None:
    def forward(unit_ids: list[UUID], by: object = None) -> None:
        forwarding_actions.forward(
            session,
            at_the_district,
            unit_ids,
            instruction="Thực hiện.",
            due_on=None,
            by=cast.district_head if by is None else cast.district_clerk,
            at=at,
        )

    with pytest.raises(forwarding_rules.NobodyChosen):
        forward([])
    with pytest.raises(forwarding_rules.NotBelow):
        forward([cast.high_school.id])
    with pytest.raises(rules.NotAssignedToYou):
        forward([cast.school.id], by="clerk")


def test_each_recipient_of_a_forwarding_is_one_promise(
    session: Session, cast: Cast, passed_on: UUID
) -> None:
    promised = session.scalars(select(Promise).where(Promise.task == "routing.forward")).all()

    assert [each.payload["unit_id"] for each in promised] == [str(cast.school.id)]


# ---- taking over ------------------------------------------------------------------------


@pytest.fixture
def left_behind(session: Session, cast: Cast, assigned: UUID) -> UUID:
    """The THPT Sen Hồng ended and left its records to the THPT Tràm Chim."""
    session.add(
        UnitSuccession(
            predecessor_id=cast.high_school.id,
            successor_id=cast.other_high_school.id,
            since=date(2018, 8, 13),
        )
    )
    session.flush()
    return assigned


def test_a_successor_finds_the_open_work_of_its_predecessor_and_goes_on_with_it(
    session: Session, cast: Cast, left_behind: UUID, at: datetime
) -> None:
    clerk, head = cast.other_high_school_clerk, cast.other_high_school_principal
    with web_role(session, clerk):
        (found,) = work_queries.inherited(session, who=clerk)
        assert (found.arrival_id, found.book_of) == (left_behind, cast.high_school.name)
        before = arrival_queries.arrival(session, left_behind, who=clerk, today=TODAY)
        assert before.may_take_over
        assert before.steps == frozenset()
        handling.take_over(session, left_behind, by=clerk, at=at)
        session.flush()
        assert work_queries.inherited(session, who=clerk) == ()
    with web_role(session, head):
        assert len(queries.desk(session, who=head, at=at).to_assign) == 1
        handling.assign(
            session,
            left_behind,
            [Assignee(Role.LEAD, cast.other_high_school.id)],
            instruction="Làm tiếp.",
            due_on=None,
            by=head,
            at=at,
        )
        session.flush()
        handling.log_work(session, left_behind, "Đã làm.", by=clerk, at=at)
        handling.finish(session, left_behind, "Xong.", by=head, at=at)
        session.flush()
        seen = arrival_queries.arrival(session, left_behind, who=head, today=TODAY)

    assert (seen.state, seen.book_of) == (ArrivalState.DONE, cast.high_school.name)
    assert "arrival.taken_over" in recorded(session, left_behind)


def test_nobody_else_takes_over_and_nobody_twice(
    session: Session, cast: Cast, left_behind: UUID, at: datetime
) -> None:
    with pytest.raises(ArrivalUnknown):
        handling.take_over(session, left_behind, by=cast.district_clerk, at=at)
    handling.take_over(session, left_behind, by=cast.other_high_school_clerk, at=at)
    session.flush()
    with pytest.raises(ArrivalUnknown):
        handling.take_over(session, left_behind, by=cast.other_high_school_principal, at=at)


def test_what_is_not_taken_over_is_not_worked_on_by_the_successor(
    session: Session, cast: Cast, left_behind: UUID, at: datetime
) -> None:
    with pytest.raises(ArrivalUnknown):
        handling.finish(session, left_behind, "…", by=cast.other_high_school_principal, at=at)


def test_a_successor_registers_what_came_for_its_predecessor_in_its_own_book(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    session.add(
        UnitSuccession(
            predecessor_id=cast.high_school.id,
            successor_id=cast.other_high_school.id,
            since=date(2018, 8, 13),
        )
    )
    session.flush()
    clerk = cast.other_high_school_clerk
    with web_role(session, clerk):
        assert len(queries.desk(session, who=clerk, at=at).to_register) == 1
        arrival = stage.registered(session, delivery, by=clerk, at=at)
        session.flush()

    assert session.get_one(Arrival, arrival).agency_id == cast.other_high_school.id


# ---- the slip ---------------------------------------------------------------------------


def test_the_slip_has_three_blocks_and_each_voice_stands_in_its_own(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    handling.log_work(session, assigned, "Đề xuất lập tổ.", by=cast.high_school_teacher, at=at)
    session.flush()

    with web_role(session, cast.high_school_clerk):
        seen = slips_queries.slip(session, assigned, who=cast.high_school_clerk, today=TODAY)

    assert [each.text for each in seen.blocks[Block.HEAD]] == ["Lập danh sách và báo cáo."]
    assert seen.blocks[Block.UNIT_HEAD] == ()
    assert [each.text for each in seen.blocks[Block.HANDLER]] == ["Đề xuất lập tổ."]
    assert seen.handed_to == ("Chủ trì: Lương Hữu Phước",)


def test_the_slip_prints_as_pdf_with_its_number(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    seen = slips_queries.slip(session, assigned, who=cast.high_school_clerk, today=TODAY)
    letterhead = people.letterhead(session, cast.high_school.id, on=TODAY)

    printed = slips.pdf(seen, letterhead, printed_by="Kiều Thị Oanh", at=at)

    assert printed == slips.pdf(seen, letterhead, printed_by="Kiều Thị Oanh", at=at)
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        assert len(pdf.pages) == 1
        assert "số 1" in str(pdf.docinfo["/Title"])


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        ("head", Block.HEAD),
        ("office_head", Block.UNIT_HEAD),
        ("office_deputy", Block.UNIT_HEAD),
        ("deputy_head", Block.UNIT_HEAD),
        ("specialist", Block.HANDLER),
        ("teacher", Block.HANDLER),
        ("", Block.HANDLER),
    ],
)
def test_a_position_decides_in_which_block_one_writes(kind: str, block: Block) -> None:
    assert slips.block_of(kind) is block


def recorded(session: Session, arrival_id: UUID) -> list[str]:
    return list(
        session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.object_id == arrival_id)
            .order_by(AuditEvent.id)
        )
    )
