"""The recipient sees what came, its incoming book, and one arrival with its history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.routing import actions, arrival_queries, book_queries, delivery_queries, handling
from eoffice.routing.arrival_queries import ArrivalUnknown
from eoffice.routing.book_queries import Show
from eoffice.routing.delivery_queries import DeliveryUnknown, FileUnknown
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState, ArrivalStep, DeliveryState
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage
from tests.routing.conftest import DUE_ON

TODAY = date(2018, 8, 14)


@pytest.fixture
def assigned(session: Session, cast: Cast, submitted: UUID, at: datetime) -> UUID:
    """The teacher leads, the deputy is to know."""
    handling.assign(
        session,
        submitted,
        [
            Assignee(Role.FOR_INFORMATION, cast.high_school.id, cast.high_school_deputy.person_id),
            Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id),
        ],
        instruction="Lập kế hoạch.",
        due_on=date(2018, 8, 20),
        by=cast.high_school_principal,
        at=at + timedelta(hours=1),
    )
    session.flush()
    return submitted


def book(
    session: Session,
    who: Principal,
    *,
    show: Show = Show.ALL,
    after: tuple[str, ...] | None = None,
    limit: int = 50,
) -> list[book_queries.BookLine]:
    with web_role(session, who):
        return book_queries.book(
            session, who=who, year=2018, today=TODAY, show=show, after=after, limit=limit
        )


def test_a_delivery_shows_who_sent_what_and_until_when_to_register_it(
    session: Session, cast: Cast, delivery: UUID
) -> None:
    with web_role(session, cast.high_school_clerk):
        seen = delivery_queries.delivery(session, delivery, who=cast.high_school_clerk)

    assert (seen.code, seen.type_name, seen.sender_name) == (
        "960/SGDĐT-CNTTTBTV",
        "Công văn",
        cast.department.name,
    )
    assert (seen.state, seen.is_open, seen.arrival_id) == (DeliveryState.DELIVERED, False, None)
    assert (seen.due_on, seen.to_be_handled_by) == (DUE_ON, date(2018, 8, 14))


def test_nothing_is_read_before_it_was_opened(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    with pytest.raises(FileUnknown):
        delivery_queries.readable(session, delivery, who=clerk)
    with pytest.raises(FileUnknown):
        delivery_queries.file(session, delivery, 1, who=clerk)

    actions.open_delivery(session, delivery, by=clerk, at=at)

    assert delivery_queries.readable(session, delivery, who=clerk).content_sha256 == str(
        stage.CONTENT
    )
    assert delivery_queries.file(session, delivery, 1, who=clerk).name == "phu-luc.xlsx"
    with pytest.raises(FileUnknown):
        delivery_queries.file(session, delivery, 2, who=clerk)


def test_deliveries_come_latest_first_and_page_by_page(
    session: Session, cast: Cast, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    for number in (1, 2, 3):
        document = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, number=number
        )
        stage.delivered(session, document, cast.high_school, at=at + timedelta(minutes=number))
    with web_role(session, clerk):
        first = delivery_queries.deliveries(session, who=clerk, limit=2)
        last = first[-1]
        rest = delivery_queries.deliveries(
            session, who=clerk, after=(last.delivered_at.isoformat(), str(last.id)), limit=2
        )
        none = delivery_queries.deliveries(
            session, who=clerk, among=[DeliveryState.REFUSED], limit=2
        )

    assert [each.code[:2] for each in first + rest] == ["03", "02", "01"]
    assert none == []


def test_a_line_of_the_book_has_the_columns_of_the_decree(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    teacher = cast.high_school_teacher
    handling.log_work(session, assigned, "Đã nhận.", by=teacher, at=at + timedelta(hours=2))

    [line] = book(session, cast.high_school_clerk)

    assert (line.arrived_on, line.number, line.sender_name) == (
        date(2018, 8, 13),
        1,
        cast.department.name,
    )
    assert (line.code, line.issued_on) == ("960/SGDĐT-CNTTTBTV", date(2018, 8, 13))
    assert (line.type_name, line.subject) == ("Công văn", stage.SUBJECT)
    assert line.handed_to == (teacher.full_name, cast.high_school_deputy.full_name)
    assert line.handed_on == date(2018, 8, 13)
    assert line.taken_at == at + timedelta(hours=2)
    assert line.state is ArrivalState.IN_PROGRESS


@pytest.mark.parametrize(
    ("show", "count"),
    [
        (Show.ALL, 1),
        (Show.TO_SUBMIT, 1),
        (Show.TO_ASSIGN, 0),
        (Show.IN_WORK, 0),
        (Show.LATE, 0),
        (Show.DONE, 0),
    ],
)
def test_the_book_can_be_filtered_by_what_comes_next(
    session: Session, cast: Cast, arrival: UUID, show: Show, count: int
) -> None:
    assert len(book(session, cast.high_school_clerk, show=show)) == count


def test_the_book_goes_on_below_the_last_number_seen(
    session: Session, cast: Cast, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    for number in (1, 2, 3):
        document = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, number=number
        )
        delivery = stage.delivered(session, document, cast.high_school, at=at)
        stage.registered(session, delivery, by=clerk, at=at)

    first = book(session, clerk, limit=2)
    rest = book(session, clerk, after=(str(first[-1].number),), limit=2)

    assert [line.number for line in first + rest] == [3, 2, 1]
    with web_role(session, clerk):
        assert book_queries.years(session, who=clerk) == (2018,)


def test_a_teacher_finds_in_the_book_only_what_was_assigned_to_them(
    session: Session, cast: Cast, assigned: UUID, delivery: UUID, dispatch: UUID, at: datetime
) -> None:
    other = stage.issued_by_the_department(session, cast, [cast.high_school], at=at, number=961)
    second = stage.delivered(session, other, cast.high_school, at=at)
    stage.registered(session, second, by=cast.high_school_clerk, at=at)
    teacher = cast.high_school_teacher

    assert [line.arrival_id for line in book(session, teacher)] == [assigned]
    with web_role(session, teacher):
        assert delivery_queries.delivery(session, delivery, who=teacher).id == delivery
        with pytest.raises(DeliveryUnknown):
            delivery_queries.delivery(session, second, who=teacher)
    assert len(book(session, cast.high_school_principal)) == 2


def test_an_arrival_tells_its_history_in_order(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    teacher = cast.high_school_teacher
    handling.log_work(session, assigned, "Đã lập kế hoạch.", by=teacher, at=at + timedelta(hours=2))
    handling.start_answer(session, assigned, by=teacher, at=at + timedelta(hours=3))
    handling.finish(session, assigned, "Đã trả lời.", by=teacher, at=at + timedelta(hours=4))

    with web_role(session, teacher):
        seen = arrival_queries.arrival(session, assigned, who=teacher, today=TODAY)

    assert [(each.what, each.note) for each in seen.history] == [
        ("Văn bản được gửi đến", None),
        ("Văn bản được mở", None),
        ("Vào sổ, số đến 1", None),
        ("Trình người đứng đầu", None),
        (f"Phân công {teacher.full_name}: chủ trì", "Lập kế hoạch."),
        (f"Phân công {cast.high_school_deputy.full_name}: để biết", None),
        ("Ghi việc xử lý", "Đã lập kế hoạch."),
        ("Ghi việc xử lý", "Bắt đầu soạn văn bản trả lời."),
        ("Kết thúc", "Đã trả lời."),
    ]
    assert [(each.code, each.state_name) for each in seen.answers] == [(None, "Đang soạn thảo")]
    assert [file.name for file in seen.files] == ["phu-luc.xlsx"]
    assert seen.steps == frozenset()


ENDING_OR_PASSING_ON = {ArrivalStep.FINISH, ArrivalStep.END_UNANSWERED, ArrivalStep.FORWARD}


@pytest.mark.parametrize(
    ("who", "steps", "may_answer", "may_take_note"),
    [
        ("high_school_clerk", set(), False, False),
        (
            "high_school_principal",
            {ArrivalStep.ASSIGN, ArrivalStep.MOVE_DEADLINE} | ENDING_OR_PASSING_ON,
            False,
            False,
        ),
        ("high_school_teacher", {ArrivalStep.WORK} | ENDING_OR_PASSING_ON, True, False),
        ("high_school_deputy", set(), False, True),
    ],
)
def test_the_page_offers_only_what_the_person_may_do_now(
    session: Session,
    cast: Cast,
    assigned: UUID,
    who: str,
    steps: set[ArrivalStep],
    may_answer: bool,
    may_take_note: bool,
) -> None:
    person: Principal = getattr(cast, who)
    with web_role(session, person):
        seen = arrival_queries.arrival(session, assigned, who=person, today=TODAY)

    assert seen.steps == steps
    assert (seen.may_answer, seen.may_take_note) == (may_answer, may_take_note)


@pytest.mark.parametrize("who", ["other_high_school_principal", "director", "specialist"])
def test_nobody_outside_of_the_agency_sees_an_arrival(
    session: Session, cast: Cast, assigned: UUID, who: str
) -> None:
    person: Principal = getattr(cast, who)
    with web_role(session, person), pytest.raises(ArrivalUnknown):
        arrival_queries.arrival(session, assigned, who=person, today=TODAY)


def test_an_answer_that_came_names_the_document_that_it_answers(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    answer = handling.start_answer(session, assigned, by=cast.high_school_teacher, at=at)
    stage.issue(
        session,
        answer,
        [cast.department.id],
        number=12,
        notation="THPTSH",
        signer=cast.high_school_principal,
        at=at,
    )
    came = stage.delivered(session, answer, cast.department, at=at)

    for who in (cast.clerk, cast.specialist):
        with web_role(session, who):
            seen = delivery_queries.delivery(session, came, who=who)
        assert seen.answers_code == "960/SGDĐT-CNTTTBTV"


def test_an_answer_is_seen_by_those_who_asked_but_not_by_the_other_offices(
    session: Session, cast: Cast, assigned: UUID, at: datetime
) -> None:
    answer = handling.start_answer(session, assigned, by=cast.high_school_teacher, at=at)
    stage.issue(
        session,
        answer,
        [cast.department.id],
        number=12,
        notation="THPTSH",
        signer=cast.high_school_principal,
        at=at,
    )
    came = stage.delivered(session, answer, cast.department, at=at)
    elsewhere = replace(cast.specialist, unit_id=cast.secondary_office.id)

    with web_role(session, elsewhere), pytest.raises(DeliveryUnknown):
        delivery_queries.delivery(session, came, who=elsewhere)
