"""A document states points; recipients see theirs and report, and its writer sees how far they are.

Decree 30/2020, Annex VI: statistics and reminders of what others have to do.
"""

from __future__ import annotations

import io
import itertools
from datetime import date, datetime, timedelta
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from eoffice.documents import actions as documents
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people import queries as people
from eoffice.people.groups import GroupUnknown
from eoffice.people.working_days import WEEKENDS_ONLY, Calendar
from eoffice.printing import printed_table, workbooks
from eoffice.routing import (
    points_actions,
    points_rules,
    progress_queries,
    progress_tables,
    reminders,
    reminders_rules,
    rules,
)
from eoffice.routing.kept_file import KeptFile
from eoffice.routing.outgoing import DispatchUnknown
from eoffice.routing.points_rules import PointState, PointStep, Progress, StatedPoint
from eoffice.routing.work_model import DeliveryPoint, Reminder
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage

TODAY = date(2018, 8, 13)
DUE_ON = date(2018, 8, 24)
SOON = date(2018, 8, 20)


@pytest.fixture
def draft(session: Session, cast: Cast, at: datetime) -> UUID:
    return documents.begin(
        session,
        DocumentType.DISPATCH,
        DispatchText(subject="khai giảng năm học mới"),
        due_on=DUE_ON,
        by=cast.specialist,
        at=at,
    )


@pytest.fixture
def issued(session: Session, cast: Cast, draft: UUID, at: datetime) -> UUID:
    """With a point for everybody, one for high schools and one for a district office alone."""
    points_actions.state_points(
        session,
        draft,
        [
            StatedPoint("Tổ chức lễ khai giảng."),
            StatedPoint("Báo cáo số học sinh.", SOON, group_codes=("upper_secondary_schools",)),
            StatedPoint("Tổng hợp toàn huyện.", unit_ids=(cast.district.id,)),
        ],
        by=cast.specialist,
        at=at,
    )
    stage.issue(
        session,
        draft,
        [cast.high_school.id, cast.other_high_school.id, cast.district.id],
        number=961,
        notation="SGDĐT-CNTTTBTV",
        signer=cast.director,
        at=at,
    )
    return draft


@pytest.fixture
def at_school(session: Session, cast: Cast, issued: UUID, at: datetime) -> UUID:
    """The delivery at the THPT Sen Hồng, registered."""
    delivery = stage.delivered(session, issued, cast.high_school, at=at)
    stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    session.flush()
    return delivery


def own(session: Session, delivery: UUID, today: date = TODAY) -> list[tuple[int, Progress]]:
    found = progress_queries.of_delivery(session, delivery, today=today)
    return [(each.ordinal, each.progress) for each in found]


def test_each_recipient_gets_the_points_that_are_for_it_with_their_deadlines(
    session: Session, cast: Cast, issued: UUID, at_school: UUID, at: datetime
) -> None:
    district = stage.delivered(session, issued, cast.district, at=at)
    session.flush()

    seen = progress_queries.of_delivery(session, at_school, today=TODAY)
    assert [(each.ordinal, each.due_on) for each in seen] == [(1, DUE_ON), (2, SOON)]
    assert [each[0] for each in own(session, district)] == [1, 3]


def test_a_recipient_begins_and_reports_with_a_file_and_the_sender_sees_it(
    session: Session, cast: Cast, issued: UUID, at_school: UUID, at: datetime
) -> None:
    first, second = progress_queries.of_delivery(session, at_school, today=TODAY)
    file = KeptFile("bao-cao.pdf", "application/pdf", 9, Sha256.of(b"bao cao"))
    with web_role(session, cast.high_school_clerk):
        points_actions.begin(session, first.id, by=cast.high_school_clerk, at=at)
        points_actions.report(
            session, second.id, "412 học sinh.", files=[file], by=cast.high_school_clerk, at=at
        )
        session.flush()

    with web_role(session, cast.specialist):
        seen = progress_queries.of_document(session, issued, who=cast.specialist, today=TODAY)
    row = next(each for each in seen.recipients if each.unit_id == cast.high_school.id)
    assert [each.progress for each in row.points] == [Progress.UNDER_WAY, Progress.DONE]
    assert (row.points[1].report, row.points[1].file_name) == ("412 học sinh.", "bao-cao.pdf")
    assert row.progress is Progress.UNDER_WAY
    with pytest.raises(points_rules.PointStepRefused):
        points_actions.report(session, second.id, "Lại.", by=cast.high_school_clerk, at=at)


def test_a_point_is_overdue_behind_its_own_deadline_whatever_that_of_the_document(
    session: Session, at_school: UUID
) -> None:
    assert own(session, at_school, SOON)[1] == (2, Progress.NOT_BEGUN)
    assert own(session, at_school, SOON + timedelta(days=1)) == [
        (1, Progress.NOT_BEGUN),
        (2, Progress.OVERDUE),
    ]


def test_nobody_reports_for_another_nor_before_it_is_registered(
    session: Session, cast: Cast, issued: UUID, at_school: UUID, at: datetime
) -> None:
    other = stage.delivered(session, issued, cast.other_high_school, at=at)
    session.flush()
    mine = progress_queries.of_delivery(session, at_school, today=TODAY)[0].id
    theirs = progress_queries.of_delivery(session, other, today=TODAY)[0].id

    with pytest.raises(points_actions.PointUnknown):
        points_actions.begin(session, mine, by=cast.other_high_school_clerk, at=at)
    with pytest.raises(points_actions.NotRegisteredYet):
        points_actions.begin(session, theirs, by=cast.other_high_school_clerk, at=at)
    with web_role(session, cast.specialist):
        changed = session.execute(update(DeliveryPoint).values(report="x", done_at=at, begun_at=at))
    assert changed.rowcount == 0  # type: ignore[attr-defined]
    with web_role(session, cast.district_head):
        assert progress_queries.of_delivery(session, at_school, today=TODAY) == ()


def test_a_teacher_reports_only_on_what_is_assigned_to_the_teacher(
    session: Session, cast: Cast, at_school: UUID, at: datetime
) -> None:
    point = progress_queries.of_delivery(session, at_school, today=TODAY)[0].id

    with pytest.raises(rules.NotAssignedToYou):
        points_actions.begin(session, point, by=cast.high_school_teacher, at=at)


def test_points_are_stated_by_the_writers_agency_until_the_document_is_issued(
    session: Session, cast: Cast, draft: UUID, at: datetime
) -> None:
    def state(
        text: str = "Việc.", due_on: date | None = None, group_codes: tuple[str, ...] = ()
    ) -> None:
        stated = StatedPoint(text, due_on, group_codes=group_codes)
        points_actions.state_points(session, draft, [stated], by=cast.specialist, at=at)

    with pytest.raises(points_actions.PointUnknown):
        points_actions.state_points(session, draft, [], by=cast.high_school_clerk, at=at)
    with pytest.raises(points_rules.PointUnacceptable):
        state("  ")
    with pytest.raises(points_rules.PointUnacceptable):
        state(due_on=TODAY - timedelta(days=1))
    with pytest.raises(GroupUnknown):
        state(group_codes=("nobody",))
    state("Một.")
    state("Hai.")
    session.flush()
    assert [each.text for each in progress_queries.stated(session, draft)] == ["Hai."]
    stage.issue(
        session,
        draft,
        [cast.high_school.id],
        number=1,
        notation="SGDĐT",
        signer=cast.director,
        at=at,
    )
    with pytest.raises(points_actions.PointsFixed):
        state("Ba.")
    with pytest.raises(points_rules.PointUnacceptable):
        points_rules.checked([StatedPoint("x")] * 31, today=TODAY)


@pytest.mark.parametrize(("state", "step"), list(itertools.product(PointState, PointStep)))
def test_each_pair_of_a_point_leads_on_or_is_refused(state: PointState, step: PointStep) -> None:
    table = {
        ("not_begun", "begin"): "under_way",
        ("not_begun", "report"): "done",
        ("under_way", "report"): "done",
    }
    expected = table.get((state.value, step.value))
    if expected is None:
        with pytest.raises(points_rules.PointStepRefused):
            points_rules.after(state, step)
    else:
        assert points_rules.after(state, step) is PointState(expected)


@pytest.mark.parametrize(
    ("state", "due_on", "done_on", "progress"),
    [
        (PointState.NOT_BEGUN, None, None, Progress.NOT_BEGUN),
        (PointState.UNDER_WAY, TODAY, None, Progress.UNDER_WAY),
        (PointState.UNDER_WAY, TODAY - timedelta(days=3), None, Progress.OVERDUE),
        (PointState.DONE, TODAY, TODAY, Progress.DONE),
        (PointState.DONE, date(2018, 8, 9), TODAY, Progress.DONE_LATE),
    ],
)
def test_progress_is_state_and_lateness_in_one_word(
    state: PointState, due_on: date | None, done_on: date | None, progress: Progress
) -> None:
    assert points_rules.progress(state, due_on, done_on, TODAY, WEEKENDS_ONLY) is progress


def test_a_recipient_stands_as_the_worst_of_its_points() -> None:
    assert points_rules.worst([]) is None
    assert points_rules.worst([Progress.DONE, Progress.UNDER_WAY]) is Progress.UNDER_WAY
    assert points_rules.worst(list(Progress)) is Progress.OVERDUE


def test_the_report_has_a_line_for_each_unit_and_point_and_goes_out_as_pdf_and_workbook(
    session: Session, cast: Cast, at_school: UUID, at: datetime
) -> None:
    lines = progress_queries.report(
        session, who=cast.director, since=TODAY, until=TODAY, today=date(2018, 8, 21)
    )
    assert [(each.unit_name, each.due_on, each.word) for each in lines] == [
        (cast.high_school.name, SOON, "Quá hạn"),
        (cast.high_school.name, DUE_ON, "Chưa thực hiện"),
    ]
    table = progress_tables.report(lines, since=TODAY, until=TODAY)
    letterhead = people.letterhead(session, cast.department.id, on=TODAY)
    assert printed_table.pdf(table, letterhead, printed_by="x", at=at).startswith(b"%PDF")
    book = openpyxl.load_workbook(
        io.BytesIO(workbooks.write(table, letterhead, printed_by="x", at=at))
    )
    assert any("Quá hạn" in str(cell.value) for row in book.worksheets[0] for cell in row)
    with pytest.raises(DispatchUnknown):
        progress_queries.of_document(session, at_school, who=cast.clerk, today=TODAY)


# ---- reminders ----------------------------------------------------------------------------


def test_a_rule_is_due_from_its_day_on_and_the_latest_one_alone() -> None:
    wanted = [-2, 0, 1]
    thursday = date(2018, 8, 23)

    def due(today: date, calendar: Calendar = WEEKENDS_ONLY) -> int | None:
        return reminders_rules.due_rule(wanted, DUE_ON, today, calendar)

    assert due(date(2018, 8, 21)) is None
    assert due(date(2018, 8, 22)) == -2
    assert due(thursday) == -2
    assert due(DUE_ON) == 0
    assert due(date(2018, 8, 25)) is None  # a Saturday
    assert due(date(2018, 8, 27)) == 1
    assert due(date(2018, 9, 20)) == 1
    off = Calendar(days_off=frozenset({thursday}))
    assert due(date(2018, 8, 21), off) == -2
    assert due(thursday, off) is None


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-2, "2 ngày làm việc trước hạn"),
        (0, "vào ngày hết hạn"),
        (1, "1 ngày làm việc sau hạn"),
    ],
)
def test_a_rule_is_said_as_people_say_it(days: int, words: str) -> None:
    assert reminders_rules.said(days) == words


@pytest.mark.parametrize("days", [-31, 61])
def test_a_rule_far_from_the_deadline_is_refused(days: int) -> None:
    with pytest.raises(reminders_rules.RuleUnacceptable):
        reminders_rules.checked(days)


def keep_promises(session: Session, at: datetime) -> None:
    """What the worker does with the promised reminders."""
    session.flush()
    for promised in session.scalars(select(Promise).where(Promise.task == "routing.remind_one")):
        payload = promised.payload
        reminders.remind_one(
            session,
            UUID(payload["delivery_id"]),
            payload["point_id"] and UUID(payload["point_id"]),
            due_on=date.fromisoformat(payload["due_on"]),
            working_days=payload["working_days"],
            at=at,
        )
    session.flush()


def test_a_recipient_is_reminded_once_for_each_rule_and_not_when_it_is_done(
    session: Session, cast: Cast, at_school: UUID, at: datetime
) -> None:
    for days in (-2, 1):
        with web_role(session, cast.specialist):
            reminders.add_rule(session, days, by=cast.specialist, at=at)
    first = at.replace(day=16)  # two working days before Monday 20 August

    assert reminders.remind(session, at=at) == 0
    assert reminders.remind(session, at=first) == 1
    keep_promises(session, first)
    assert reminders.remind(session, at=first) == 0
    keep_promises(session, first)

    assert session.scalar(select(func.count()).select_from(Reminder)) == 1
    clerk = cast.high_school_clerk
    with web_role(session, clerk):
        (seen,) = reminders.unread(session, who=clerk, today=date(2018, 8, 16), limit=5)
        assert seen.text == (
            "Nhắc việc, còn 2 ngày làm việc (hạn 20/08/2018), 961/SGDĐT-CNTTTBTV: "
            "Báo cáo số học sinh."
        )
        point = progress_queries.of_delivery(session, at_school, today=TODAY)[1]
        points_actions.report(session, point.id, "Xong.", by=clerk, at=first)
        reminders.put_away(session, seen.id, by=clerk, at=first)
        session.flush()
        assert reminders.unread(session, who=clerk, today=TODAY, limit=5) == ()
    assert reminders.remind(session, at=at.replace(day=21)) == 0


def test_reminders_are_for_whom_they_are_meant(
    session: Session, cast: Cast, at_school: UUID, at: datetime
) -> None:
    reminders.add_rule(session, -30, by=cast.specialist, at=at)
    assert reminders.remind(session, at=at) == 2
    keep_promises(session, at)

    with web_role(session, cast.other_high_school_clerk):
        nobody = reminders.unread(session, who=cast.other_high_school_clerk, today=TODAY, limit=5)
    assert nobody == ()
    reminder = session.scalars(select(Reminder.id).limit(1)).one()
    with pytest.raises(reminders.ReminderUnknown):
        reminders.put_away(session, reminder, by=cast.other_high_school_clerk, at=at)


def test_nobody_is_reminded_on_a_day_off_and_rules_can_be_taken_back(
    session: Session, cast: Cast, at_school: UUID, at: datetime
) -> None:
    reminders.add_rule(session, -30, by=cast.specialist, at=at)
    assert reminders.remind(session, at=at.replace(day=18)) == 0  # a Saturday
    reminders.remove_rule(session, -30, by=cast.specialist, at=at)
    session.flush()
    assert reminders.rules_of(session, cast.department.id) == ()
    assert reminders.remind(session, at=at) == 0
    with pytest.raises(reminders.OnlyWriters):
        reminders.add_rule(session, 1, by=cast.operator, at=at)
