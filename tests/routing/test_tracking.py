"""Following the work on incoming documents: the book of handling (Annex IV.VIII) and the report.

Every number of the report is the number of lines to which it leads.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents.tracking.timeliness import Timeliness
from eoffice.printing import printed_table
from eoffice.routing import tracking_queries, tracking_tables
from eoffice.routing.model import Arrival, Assignment
from eoffice.routing.rules import Role
from eoffice.routing.states import ArrivalState
from eoffice.routing.tracking_queries import NOBODY, TrackingLine, Wanted
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage
from tests.routing.test_book_files import HEAD

#: Monday; the Friday before is FRIDAY.
TODAY = date(2018, 8, 27)
FRIDAY = date(2018, 8, 24)
#: Annex IV.VIII.2, as the form has them.
HEADINGS = (
    "Số đến",
    "Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan, tổ chức ban hành văn bản",
    "Đơn vị hoặc người nhận",
    "Thời hạn giải quyết",
    "Tiến độ giải quyết",
    "Số, ký hiệu văn bản trả lời",
    "Ghi chú",
)
#: Deadline, day on which it was done, state, and how it stands on TODAY.
CASES = (
    (FRIDAY, FRIDAY, ArrivalState.DONE, Timeliness.IN_TIME),
    # Saturday: no working day went by.
    (FRIDAY, FRIDAY + timedelta(days=1), ArrivalState.DONE, Timeliness.IN_TIME),
    (FRIDAY, TODAY, ArrivalState.DONE, Timeliness.LATE),
    (None, TODAY, ArrivalState.DONE, Timeliness.ENDED),
    (FRIDAY, None, ArrivalState.IN_PROGRESS, Timeliness.OVERDUE),
    (TODAY, None, ArrivalState.ASSIGNED, Timeliness.NOT_DUE),
    # Due on a Sunday: Monday is in time.
    (FRIDAY + timedelta(days=2), None, ArrivalState.ASSIGNED, Timeliness.NOT_DUE),
    (None, None, ArrivalState.SUBMITTED, Timeliness.OPEN),
    (FRIDAY, None, ArrivalState.RECALLED, Timeliness.TAKEN_BACK),
)


@pytest.fixture
def book(session: Session, cast: Cast, at: datetime) -> list[UUID]:
    """One arrival for each of CASES; the teacher leads the even ones, the school others, and
    nobody what was submitted only.
    """
    made = []
    for number, (due_on, done_on, state, _) in enumerate(CASES, start=961):
        document = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, number=number
        )
        delivery = stage.delivered(session, document, cast.high_school, at=at)
        arrival = session.get_one(
            Arrival, stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
        )
        arrival.due_on, arrival.state = due_on, state
        if done_on is not None:
            arrival.done_at = datetime(
                done_on.year, done_on.month, done_on.day, 23, 30, tzinfo=clock.VIETNAM
            )
            arrival.done_by, arrival.outcome = cast.high_school_teacher.person_id, "Đã xong."
        if state is not ArrivalState.SUBMITTED:
            teacher = cast.high_school_teacher.person_id
            session.add(
                Assignment(
                    id=new_id(),
                    agency_id=arrival.agency_id,
                    arrival_id=arrival.id,
                    role=Role.LEAD,
                    unit_id=cast.high_school.id,
                    person_id=teacher if number % 2 == 0 else None,
                    instruction="",
                    assigned_by=cast.high_school_principal.person_id,
                    assigned_at=at,
                )
            )
        made.append(arrival.id)
    session.flush()
    return made


def lines(session: Session, who: Principal, wanted: Wanted) -> list[TrackingLine]:
    with web_role(session, who):
        return tracking_queries.lines(session, wanted, who=who, today=TODAY)


def wanted_of(asked: dict[str, str], kind: Timeliness | None = None) -> Wanted:
    def leader(value: str | None) -> UUID | str | None:
        return value if value is None or value == NOBODY else UUID(value)

    state = asked.get("state")
    return Wanted(
        unit=leader(asked.get("unit")),
        person=leader(asked.get("person")),
        state=None if state is None else ArrivalState(state),
        timeliness=kind,
    )


def test_each_document_stands_as_its_deadline_says(
    session: Session, cast: Cast, book: list[UUID]
) -> None:
    found = lines(session, cast.high_school_principal, Wanted())
    assert {line.arrival_id: line.timeliness for line in found} == {
        arrival: case[-1] for arrival, case in zip(book, CASES, strict=True)
    }
    late = next(line for line in found if line.timeliness is Timeliness.LATE)
    assert late.progress == "Hoàn thành ngày 27/08/2018, trễ 1 ngày làm việc"


@pytest.mark.parametrize("role", ["high_school_principal", "high_school_teacher"])
def test_every_number_of_the_report_is_the_number_of_its_lines(
    session: Session, cast: Cast, book: list[UUID], role: str
) -> None:
    """For who sees everything, and for who sees the work of themselves and their unit only."""
    who: Principal = getattr(cast, role)
    with web_role(session, who):
        report = tracking_queries.report(session, Wanted(), who=who, today=TODAY)
    everything = lines(session, who, Wanted())

    assert len(everything) == len(book) - (role == "high_school_teacher")
    for part in (report.by_unit, report.by_person, report.by_state):
        assert sum(tally.total for tally in part) == len(everything)
        for tally in part:
            assert len(lines(session, who, wanted_of(dict(tally.asked)))) == tally.total
            for kind in Timeliness:
                found = lines(session, who, wanted_of(dict(tally.asked), kind))
                assert len(found) == tally.counts.get(kind, 0), (tally.name, kind)
                assert {line.timeliness for line in found} <= {kind}


def test_the_report_counts_by_unit_person_and_state(
    session: Session, cast: Cast, book: list[UUID]
) -> None:
    who = cast.high_school_principal
    with web_role(session, who):
        report = tracking_queries.report(session, Wanted(), who=who, today=TODAY)

    school = cast.high_school.name
    assert [(each.name, each.total) for each in report.by_unit] == [
        (school, 8),
        ("Chưa phân công", 1),
    ]
    assert Counter({each.name: each.total for each in report.by_person}) == {
        cast.high_school_teacher.full_name: 3,
        f"{school} (cả đơn vị)": 5,
        "Chưa phân công": 1,
    }
    assert [each.name for each in report.by_state] == [
        *("Chờ phân công", "Đã phân công", "Đang xử lý", "Hoàn thành", "Đã bị thu hồi")
    ]


def test_a_period_and_a_page_of_the_book_are_by_day_of_arrival_and_number(
    session: Session, cast: Cast, book: list[UUID], at: datetime
) -> None:
    who, arrived = cast.high_school_clerk, clock.civil_date(at)
    assert len(lines(session, who, Wanted(arrived, arrived))) == len(book)
    assert lines(session, who, Wanted(arrived + timedelta(days=1))) == []
    with web_role(session, who):
        rest = tracking_queries.lines(
            session, Wanted(), who=who, today=TODAY, after=(str(arrived.year), "3"), limit=5
        )
    assert [line.number for line in rest] == [2, 1]


def test_another_agency_counts_nothing_of_it(
    session: Session, cast: Cast, book: list[UUID]
) -> None:
    who = cast.other_high_school_clerk
    assert lines(session, who, Wanted()) == []
    with web_role(session, who):
        report = tracking_queries.report(session, Wanted(), who=who, today=TODAY)
    assert report.by_unit == ()


def test_the_printed_book_has_the_columns_and_the_cover_of_the_annex(
    session: Session, cast: Cast, book: list[UUID], at: datetime
) -> None:
    assert tuple(column.title for column in tracking_tables.COLUMNS) == HEADINGS
    found = lines(session, cast.high_school_clerk, Wanted())

    table = tracking_tables.table(found, notes=(), whole_year=2018)
    file = pypdfium2.PdfDocument(printed_table.pdf(table, HEAD, printed_by="Văn thư", at=at))
    cover, first, *_ = (" ".join(each.get_textpage().get_text_range().split()) for each in file)

    assert "SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN Năm: 2018 Từ ngày" in cover
    assert "Từ số" not in cover
    assert "(1) (2) (3) (4) (5) (6) (7)" in first
    assert "Công văn số 961/SGDĐT-CNTTTBTV ngày" in first
