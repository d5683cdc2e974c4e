"""Deliver, open, register, refuse, submit, assign, work, answer, finish: rows, log and promises."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.documents.model import Document, DocumentRecipient
from eoffice.documents.states import State
from eoffice.errors import Refusal
from eoffice.outbox import Promise
from eoffice.routing import actions, handling, rules
from eoffice.routing.actions import NoticeUnknown
from eoffice.routing.arrival_queries import ArrivalUnknown
from eoffice.routing.delivery_queries import DeliveryUnknown
from eoffice.routing.handling import NotOfThisAgency
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
from eoffice.routing.rules import (
    Assignee,
    DeadlineUnacceptable,
    ForClerksOnly,
    ForTheHeadOnly,
    LeadMissing,
    NotAssignedToYou,
    NoticeKind,
    ReasonMissing,
    Role,
    TextUnacceptable,
)
from eoffice.routing.states import (
    ArrivalState,
    ArrivalStepRefused,
    DeliveryState,
    DeliveryStepRefused,
)
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.routing import stage
from tests.routing.conftest import DUE_ON


def recorded(session: Session, action: str) -> list[AuditEvent]:
    session.flush()
    return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def promised(session: Session, task: str) -> list[Promise]:
    session.flush()
    return list(session.scalars(select(Promise).where(Promise.task == task)))


def assign_to_teacher(
    session: Session, cast: Cast, arrival: UUID, at: datetime, *, due_on: date | None = None
) -> None:
    handling.assign(
        session,
        arrival,
        [
            Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id),
            Assignee(Role.FOR_INFORMATION, cast.high_school.id, cast.high_school_deputy.person_id),
        ],
        instruction="Lập kế hoạch triển khai và báo cáo.",
        due_on=due_on,
        by=cast.high_school_principal,
        at=at,
    )


# ---- deliver ---------------------------------------------------------------------------------


def test_a_delivery_carries_what_the_recipient_may_know(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    delivery_id = actions.deliver(session, dispatch, cast.high_school.id, at=at)

    made = session.get_one(Delivery, delivery_id)
    assert (made.number, made.notation, made.issued_on) == (
        "960",
        "SGDĐT-CNTTTBTV",
        date(2018, 8, 13),
    )
    assert made.sender_name == cast.department.name
    assert made.signer_name == cast.director.full_name
    assert made.subject == stage.SUBJECT
    assert made.content_sha256 == str(stage.CONTENT)
    assert made.language == "Tiếng Việt"
    assert made.due_on == DUE_ON
    assert made.state is DeliveryState.DELIVERED
    assert made.recipient_agency_id == cast.high_school.id
    files = session.scalars(
        select(DeliveryFile).where(DeliveryFile.delivery_id == delivery_id)
    ).all()
    assert [(file.position, file.name, file.sha256) for file in files] == [
        (1, "phu-luc.xlsx", str(stage.ATTACHMENT))
    ]
    assert len(recorded(session, "delivery.made")) == 1


def test_delivering_again_changes_nothing_even_after_the_recipient_acted(
    session: Session, cast: Cast, dispatch: UUID, arrival: UUID, at: datetime
) -> None:
    before = session.scalars(select(Delivery)).one()

    again = actions.deliver(session, dispatch, cast.high_school.id, at=at + timedelta(hours=1))

    assert again == before.id
    after = session.scalars(select(Delivery).execution_options(populate_existing=True)).one()
    assert (after.state, after.delivered_at) == (DeliveryState.REGISTERED, at)
    assert session.scalar(select(func.count()).select_from(DeliveryFile)) == 1
    assert len(recorded(session, "delivery.made")) == 1


def test_a_document_that_was_withdrawn_meanwhile_is_not_delivered(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    session.get_one(Document, dispatch).state = State.WITHDRAWN

    assert actions.deliver(session, dispatch, cast.high_school.id, at=at) is None
    assert session.scalars(select(Delivery)).all() == []


# ---- open, register, refuse ------------------------------------------------------------------


def test_the_first_look_is_put_on_record_and_later_ones_change_nothing(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
    later = at + timedelta(hours=2)
    opened = actions.open_delivery(session, delivery, by=cast.high_school_principal, at=later)

    assert (opened.state, opened.opened_at) == (DeliveryState.OPENED, at)
    assert len(recorded(session, "delivery.opened")) == 1


def test_a_teacher_does_not_open_the_mail_of_the_school(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    with pytest.raises(ForClerksOnly):
        actions.open_delivery(session, delivery, by=cast.high_school_teacher, at=at)


def test_the_clerk_of_another_school_does_not_learn_that_there_is_a_delivery(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    for attempt in (actions.open_delivery, actions.register_arrival):
        with pytest.raises(DeliveryUnknown):
            attempt(session, delivery, by=cast.other_high_school_clerk, at=at)
    with pytest.raises(DeliveryUnknown):
        actions.refuse(session, delivery, "Nhầm.", by=cast.other_high_school_clerk, at=at)


def test_registering_gives_the_next_number_of_the_book_and_tells_the_sender(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)

    made = actions.register_arrival(session, delivery, by=cast.high_school_clerk, at=at)

    assert (made.number, made.year, made.arrived_on) == (1, 2018, date(2018, 8, 13))
    assert made.state is ArrivalState.REGISTERED
    assert made.due_on == DUE_ON
    seen = session.get_one(Delivery, delivery)
    assert (seen.state, seen.arrival_number, seen.registered_at) == (
        DeliveryState.REGISTERED,
        1,
        at,
    )
    assert [event.details for event in recorded(session, "arrival.registered")] == [
        {"year": 2018, "number": 1}
    ]


def test_nothing_is_registered_unseen_or_twice_and_only_by_the_clerk(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    with pytest.raises(DeliveryStepRefused):
        actions.register_arrival(session, delivery, by=clerk, at=at)
    actions.open_delivery(session, delivery, by=clerk, at=at)
    with pytest.raises(ForClerksOnly):
        actions.register_arrival(session, delivery, by=cast.high_school_principal, at=at)
    actions.register_arrival(session, delivery, by=clerk, at=at)

    with pytest.raises(DeliveryStepRefused):
        actions.register_arrival(session, delivery, by=clerk, at=at)

    assert session.scalars(select(ArrivalBook.last_number)).one() == 1


def test_each_agency_and_each_civil_year_of_vietnam_counts_for_itself(
    session: Session, cast: Cast, at: datetime
) -> None:
    new_years_eve = datetime(2018, 12, 31, 16, 59, tzinfo=UTC)
    new_year = datetime(2018, 12, 31, 17, 0, tzinfo=UTC)
    given = []
    for number, moment in ((960, at), (961, new_years_eve), (962, new_year)):
        document = stage.issued_by_the_department(
            session, cast, [cast.high_school, cast.other_high_school], at=at, number=number
        )
        for unit, clerk in (
            (cast.high_school, cast.high_school_clerk),
            (cast.other_high_school, cast.other_high_school_clerk),
        ):
            delivery = stage.delivered(session, document, unit, at=at)
            arrival = stage.registered(session, delivery, by=clerk, at=moment)
            made = session.get_one(Arrival, arrival)
            given.append((unit.code, made.year, made.number))

    assert given == [
        ("THPT-01", 2018, 1),
        ("THPT-02", 2018, 1),
        ("THPT-01", 2018, 2),
        ("THPT-02", 2018, 2),
        ("THPT-01", 2019, 1),
        ("THPT-02", 2019, 1),
    ]


def test_a_rolled_back_registration_gives_its_number_to_the_next(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    actions.open_delivery(session, delivery, by=clerk, at=at)
    attempt = session.begin_nested()
    actions.register_arrival(session, delivery, by=clerk, at=at)
    attempt.rollback()

    made = actions.register_arrival(session, delivery, by=clerk, at=at)

    assert made.number == 1


def test_a_refusal_keeps_its_reason_and_promises_to_tell_the_sender(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    actions.open_delivery(session, delivery, by=clerk, at=at)

    refused = actions.refuse(session, delivery, " Gửi nhầm nơi nhận. ", by=clerk, at=at)

    assert refused.state is DeliveryState.REFUSED
    assert (refused.refusal_reason, refused.refused_at) == ("Gửi nhầm nơi nhận.", at)
    assert len(recorded(session, "delivery.refused")) == 1
    promises = promised(session, "routing.tell_sender")
    assert [promise.payload for promise in promises] == [{"delivery_id": str(delivery)}]
    assert session.scalars(select(Arrival)).all() == []


def test_a_refusal_needs_a_reason_and_a_document_that_is_not_in_the_book(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    actions.open_delivery(session, delivery, by=clerk, at=at)
    with pytest.raises(ReasonMissing):
        actions.refuse(session, delivery, "  ", by=clerk, at=at)
    with pytest.raises(ForClerksOnly):
        actions.refuse(session, delivery, "Nhầm.", by=cast.high_school_principal, at=at)
    actions.register_arrival(session, delivery, by=clerk, at=at)

    with pytest.raises(DeliveryStepRefused):
        actions.refuse(session, delivery, "Nhầm.", by=clerk, at=at)

    assert promised(session, "routing.tell_sender") == []


def test_the_drafting_unit_is_told_of_a_refusal_once(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
    actions.refuse(session, delivery, "Gửi nhầm.", by=cast.high_school_clerk, at=at)

    for _ in range(2):
        actions.tell_sender_of_refusal(session, delivery, at=at)

    notice = session.scalars(select(Notice).where(Notice.person_id.is_(None))).one()
    assert (notice.kind, notice.agency_id, notice.unit_id) == (
        NoticeKind.REFUSED,
        cast.department.id,
        cast.technology_office.id,
    )


# ---- submit, assign --------------------------------------------------------------------------


def test_the_clerk_submits_and_nobody_else(
    session: Session, cast: Cast, arrival: UUID, at: datetime
) -> None:
    with pytest.raises(ForClerksOnly):
        handling.submit_to_head(session, arrival, by=cast.high_school_teacher, at=at)

    laid = handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=at)

    assert (laid.state, laid.submitted_at) == (ArrivalState.SUBMITTED, at)
    assert len(recorded(session, "arrival.submitted")) == 1


def test_an_assignment_names_who_does_what_until_when(
    session: Session, cast: Cast, submitted: UUID, delivery: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at, due_on=date(2018, 8, 20))

    assigned = session.get_one(Arrival, submitted)
    assert (assigned.state, assigned.due_on) == (ArrivalState.ASSIGNED, date(2018, 8, 20))
    session.flush()
    rows = session.scalars(select(Assignment).order_by(Assignment.role.desc())).all()
    assert [(row.role, row.person_id, row.due_on) for row in rows] == [
        (Role.LEAD, cast.high_school_teacher.person_id, date(2018, 8, 20)),
        (Role.FOR_INFORMATION, cast.high_school_deputy.person_id, date(2018, 8, 20)),
    ]
    seen = session.get_one(Delivery, delivery)
    assert (seen.state, seen.assigned_at) == (DeliveryState.ASSIGNED, at)
    assert len(recorded(session, "arrival.assigned")) == 1


def test_without_a_deadline_of_the_head_the_senders_holds(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)

    assert session.get_one(Arrival, submitted).due_on == DUE_ON


def test_a_new_assignment_takes_the_place_of_the_old_one_which_stays_on_record(
    session: Session, cast: Cast, submitted: UUID, delivery: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)
    later = at + timedelta(days=1)
    deputy = Assignee(Role.LEAD, cast.high_school.id, cast.high_school_deputy.person_id)

    handling.assign(
        session,
        submitted,
        [deputy],
        instruction="Giao lại.",
        due_on=None,
        by=cast.high_school_principal,
        at=later,
    )

    session.flush()
    in_force = session.scalars(select(Assignment).where(Assignment.ended_at.is_(None))).all()
    ended = session.scalars(select(Assignment).where(Assignment.ended_at == later)).all()
    assert [row.person_id for row in in_force] == [cast.high_school_deputy.person_id]
    assert len(ended) == 2
    assert session.get_one(Delivery, delivery).assigned_at == at


@pytest.mark.parametrize("who", ["high_school_clerk", "high_school_deputy", "high_school_teacher"])
def test_only_the_head_assigns(
    session: Session, cast: Cast, submitted: UUID, at: datetime, who: str
) -> None:
    with pytest.raises(ForTheHeadOnly):
        handling.assign(
            session,
            submitted,
            [Assignee(Role.LEAD, cast.high_school.id)],
            instruction="Xử lý.",
            due_on=None,
            by=getattr(cast, who),
            at=at,
        )


def refused_assignment(
    session: Session,
    cast: Cast,
    submitted: UUID,
    at: datetime,
    *assignees: Assignee,
    instruction: str = "Xử lý.",
    due_on: date | None = None,
) -> Refusal:
    with pytest.raises(Refusal) as refused:
        handling.assign(
            session,
            submitted,
            assignees,
            instruction=instruction,
            due_on=due_on,
            by=cast.high_school_principal,
            at=at,
        )
    return refused.value


def test_work_goes_only_to_people_who_hold_a_position_in_a_unit_of_the_agency(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    elsewhere = Assignee(Role.LEAD, cast.other_high_school.id)
    stranger = Assignee(Role.LEAD, cast.high_school.id, cast.other_high_school_clerk.person_id)

    for assignee in (elsewhere, stranger):
        refusal = refused_assignment(session, cast, submitted, at, assignee)
        assert isinstance(refusal, NotOfThisAgency)


def test_an_assignment_needs_a_lead_an_instruction_and_a_deadline_that_can_be_kept(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    school = cast.high_school.id
    lead = Assignee(Role.LEAD, school)

    nobody = refused_assignment(session, cast, submitted, at, Assignee(Role.COOPERATING, school))
    silent = refused_assignment(session, cast, submitted, at, lead, instruction=" ")
    late = refused_assignment(session, cast, submitted, at, lead, due_on=date(2018, 8, 25))

    assert isinstance(nobody, LeadMissing)
    assert isinstance(silent, TextUnacceptable)
    assert isinstance(late, DeadlineUnacceptable)


def test_what_was_not_submitted_is_not_assigned(
    session: Session, cast: Cast, arrival: UUID, at: datetime
) -> None:
    refusal = refused_assignment(
        session, cast, arrival, at, Assignee(Role.LEAD, cast.high_school.id)
    )

    assert isinstance(refusal, ArrivalStepRefused)


# ---- work, finish ----------------------------------------------------------------------------


def test_the_first_entry_begins_the_work_and_is_the_receipt_in_the_book(
    session: Session, cast: Cast, submitted: UUID, delivery: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)
    began = at + timedelta(hours=3)
    teacher = cast.high_school_teacher

    handling.log_work(session, submitted, "Đã lập kế hoạch.", by=teacher, at=began)
    handling.log_work(
        session, submitted, "Đã gửi các tổ.", by=teacher, at=began + timedelta(hours=1)
    )

    session.flush()
    assert session.get_one(Arrival, submitted).state is ArrivalState.IN_PROGRESS
    assert session.get_one(Delivery, delivery).work_began_at == began
    lead = session.scalars(select(Assignment).where(Assignment.role == Role.LEAD)).one()
    assert lead.taken_at == began
    entries = session.scalars(select(WorkEntry).order_by(WorkEntry.logged_at)).all()
    assert [entry.text for entry in entries] == ["Đã lập kế hoạch.", "Đã gửi các tổ."]


@pytest.mark.parametrize("who", ["high_school_clerk", "high_school_deputy"])
def test_only_those_who_have_to_work_on_it_write_in_its_log(
    session: Session, cast: Cast, submitted: UUID, at: datetime, who: str
) -> None:
    assign_to_teacher(session, cast, submitted, at)

    with pytest.raises(NotAssignedToYou):
        handling.log_work(session, submitted, "Xong.", by=getattr(cast, who), at=at)


def test_what_is_assigned_to_a_unit_is_for_everybody_in_it(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    handling.assign(
        session,
        submitted,
        [Assignee(Role.LEAD, cast.high_school.id)],
        instruction="Văn phòng xử lý.",
        due_on=None,
        by=cast.high_school_principal,
        at=at,
    )

    worked = handling.log_work(session, submitted, "Đã nhận.", by=cast.high_school_teacher, at=at)

    assert worked.state is ArrivalState.IN_PROGRESS


@pytest.mark.parametrize("who", ["high_school_teacher", "high_school_principal"])
def test_the_lead_or_the_head_closes_it_and_the_sender_sees_it_done(
    session: Session, cast: Cast, submitted: UUID, delivery: UUID, at: datetime, who: str
) -> None:
    assign_to_teacher(session, cast, submitted, at)
    end = at + timedelta(days=2)

    done = handling.finish(session, submitted, "Đã triển khai.", by=getattr(cast, who), at=end)

    assert (done.state, done.outcome, done.done_at) == (ArrivalState.DONE, "Đã triển khai.", end)
    seen = session.get_one(Delivery, delivery)
    assert (seen.state, seen.done_at) == (DeliveryState.DONE, end)
    assert len(recorded(session, "arrival.finished")) == 1


def test_whoever_only_has_to_know_of_it_does_not_close_it(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)

    with pytest.raises(NotAssignedToYou):
        handling.finish(session, submitted, "Xong.", by=cast.high_school_deputy, at=at)


def test_the_head_may_take_note_of_a_document_that_asks_for_nothing(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    with pytest.raises(NotAssignedToYou):
        handling.finish(session, submitted, "Lưu.", by=cast.high_school_teacher, at=at)

    done = handling.finish(session, submitted, "Lưu.", by=cast.high_school_principal, at=at)

    assert done.state is ArrivalState.DONE


def test_taking_note_is_the_receipt_of_those_for_whose_information_it_is(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)

    handling.take_note(session, submitted, by=cast.high_school_deputy, at=at)
    handling.take_note(session, submitted, by=cast.high_school_deputy, at=at + timedelta(1))

    row = session.scalars(select(Assignment).where(Assignment.role == Role.FOR_INFORMATION)).one()
    assert row.taken_at == at
    with pytest.raises(NotAssignedToYou):
        handling.take_note(session, submitted, by=cast.high_school_teacher, at=at)


@pytest.mark.parametrize(
    "who", ["other_high_school_clerk", "other_high_school_principal", "director"]
)
def test_an_arrival_is_unknown_outside_of_its_agency_even_to_the_sender(
    session: Session, cast: Cast, submitted: UUID, at: datetime, who: str
) -> None:
    by: Principal = getattr(cast, who)

    with pytest.raises(ArrivalUnknown):
        handling.log_work(session, submitted, "Xong.", by=by, at=at)
    with pytest.raises(ArrivalUnknown):
        handling.finish(session, submitted, "Xong.", by=by, at=at)
    with pytest.raises(ArrivalUnknown):
        handling.take_note(session, uuid4(), by=by, at=at)


# ---- answer ----------------------------------------------------------------------------------


def test_an_answer_begins_as_a_draft_of_ones_own_addressed_to_the_sender(
    session: Session, cast: Cast, submitted: UUID, delivery: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)
    teacher = cast.high_school_teacher

    document_id = handling.start_answer(session, submitted, by=teacher, at=at)

    session.flush()
    draft = session.get_one(Document, document_id)
    assert draft.agency_id == cast.high_school.id
    assert draft.subject == (
        f"trả lời Công văn số 960/SGDĐT-CNTTTBTV ngày 13/08/2018 về {stage.SUBJECT}"
    )
    recipient = session.scalars(
        select(DocumentRecipient).where(DocumentRecipient.document_id == document_id)
    ).one()
    assert recipient.unit_id == cast.department.id
    assert session.get_one(Answer, document_id).arrival_id == submitted
    assert session.get_one(Arrival, submitted).state is ArrivalState.IN_PROGRESS


def test_a_second_click_finds_the_answer_that_is_being_written(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)
    teacher = cast.high_school_teacher

    first = handling.start_answer(session, submitted, by=teacher, at=at)
    second = handling.start_answer(session, submitted, by=teacher, at=at)

    assert second == first
    assert session.scalar(select(func.count()).select_from(Answer)) == 1


def test_an_answer_that_reaches_the_sender_says_what_it_answers(
    session: Session, cast: Cast, dispatch: UUID, submitted: UUID, at: datetime
) -> None:
    assign_to_teacher(session, cast, submitted, at)
    answer = handling.start_answer(session, submitted, by=cast.high_school_teacher, at=at)
    stage.issue(
        session,
        answer,
        [cast.department.id, cast.district.id],
        number=12,
        notation="THPTSH",
        signer=cast.high_school_principal,
        at=at,
    )

    to_sender = stage.delivered(session, answer, cast.department, at=at)
    to_another = stage.delivered(session, answer, cast.district, at=at)

    assert session.get_one(Delivery, to_sender).answers_document_id == dispatch
    assert session.get_one(Delivery, to_another).answers_document_id is None
    notice = session.scalars(select(Notice)).one()
    assert (notice.kind, notice.unit_id, notice.delivery_id) == (
        NoticeKind.ANSWERED,
        cast.technology_office.id,
        to_sender,
    )


def test_a_notice_is_put_away_once_and_only_by_its_agency(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
    actions.refuse(session, delivery, "Gửi nhầm.", by=cast.high_school_clerk, at=at)
    actions.tell_sender_of_refusal(session, delivery, at=at)
    notice = session.scalars(
        select(Notice).where(Notice.person_id == cast.specialist.person_id)
    ).one()

    for stranger in (cast.high_school_clerk, cast.clerk):
        with pytest.raises(NoticeUnknown):
            actions.read_notice(session, notice.id, by=stranger, at=at)
    actions.read_notice(session, notice.id, by=cast.specialist, at=at)
    actions.read_notice(session, notice.id, by=cast.specialist, at=at + timedelta(1))

    assert notice.read_at == at


def test_a_subject_that_grows_too_long_is_cut(cast: Cast) -> None:
    subject = rules.subject_of_answer("Công văn", "1/A", date(2018, 8, 13), "x" * 600)

    assert len(subject) == 500
    assert subject.endswith("…")
