"""Following the work on outgoing documents, and the report that counts it.

Every number of the report is the number of documents to which it leads.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from html import unescape
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents import actions
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import Asked, StepState, Task
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import Document, DocumentVersion, Issuance, VersionKind
from eoffice.documents.states import State
from eoffice.documents.tracking import queries as tracking_queries
from eoffice.documents.tracking.queries import TrackingLine, Wanted
from eoffice.documents.tracking.timeliness import Timeliness
from eoffice.documents.types import DocumentType, Urgency
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.documents.conftest import Desk
from tests.documents.test_http import begun

#: Monday the 13th is the day of `at`.
FRIDAY, MONDAY, TUESDAY = date(2018, 8, 17), date(2018, 8, 20), date(2018, 8, 21)
CONTENT = "a" * 64


def made(session: Session, who: Principal, state: State, at: datetime) -> Document:
    document_id = actions.begin(
        session,
        DocumentType.DISPATCH,
        DispatchText(subject="thực hiện chương trình Vnedu"),
        urgency=Urgency.ORDINARY,
        due_on=None,
        by=who,
        at=at,
    )
    document = session.get_one(Document, document_id)
    document.state = state
    session.flush()
    return document


def step(session: Session, document: Document, due_on: date | None, state: StepState) -> None:
    session.add(
        DocumentFlowStep(
            id=new_id(),
            document_id=document.id,
            agency_id=document.agency_id,
            round=1,
            stage=1,
            ordinal=1 if state is StepState.WAITING else 2,
            task=Task.CHECK_CONTENT,
            asked=Asked.DRAFTING_HEAD,
            state=state,
            due_on=due_on,
            words="",
        )
    )


def signed(session: Session, document: Document, day: date, issued_on: date | None) -> None:
    at = datetime(day.year, day.month, day.day, 23, 30, tzinfo=clock.VIETNAM)
    session.add(
        DocumentVersion(
            id=new_id(),
            document_id=document.id,
            agency_id=document.agency_id,
            ordinal=2,
            kind=VersionKind.SIGNED,
            revision=1,
            content_sha256=CONTENT,
            size_bytes=1,
            page_count=1,
            created_by=document.created_by,
            created_at=at,
            saved_at=at,
            frozen_at=at,
        )
    )
    if issued_on is not None:
        session.add(
            Issuance(
                document_id=document.id,
                agency_id=document.agency_id,
                issued_at=at + (issued_on - day),
                issued_by=document.created_by,
                content_sha256=CONTENT,
            )
        )


@pytest.fixture
def documents(session: Session, cast: Cast, at: datetime) -> dict[UUID, Timeliness]:
    """One of each kind, and how it stands on Tuesday."""
    who, found = cast.specialist, {}
    for state, due_on, expected in (
        (State.DRAFT, None, Timeliness.OPEN),
        (State.SUBMITTED, TUESDAY, Timeliness.NOT_DUE),
        (State.SUBMITTED, MONDAY, Timeliness.OVERDUE),
        (State.AWAITING_SIGNATURE, None, Timeliness.OPEN),
        (State.WITHDRAWN, None, Timeliness.TAKEN_BACK),
    ):
        document = made(session, who, state, at)
        found[document.id] = expected
        if state is State.SUBMITTED:
            step(session, document, due_on, StepState.WAITING)
            # What was answered late does not make the next step late.
            step(session, document, FRIDAY, StepState.AGREED)
    for state, issued_on, expected in (
        # Signed on Friday: Monday is in time, Tuesday is not.
        (State.ISSUED, MONDAY, Timeliness.IN_TIME),
        (State.ISSUED, TUESDAY, Timeliness.LATE),
        (State.SEALED, None, Timeliness.OVERDUE),
    ):
        document = made(session, who, state, at)
        found[document.id] = expected
        signed(session, document, FRIDAY, issued_on)
    session.flush()
    return found


def lines(session: Session, who: Principal, at: datetime, **asked: object) -> list[TrackingLine]:
    day = clock.civil_date(at)
    wanted = Wanted(**{"first_day": day, "last_day": day, **asked})  # type: ignore[arg-type]
    with web_role(session, who):
        return tracking_queries.lines(session, wanted, who=who, today=TUESDAY)


def test_each_document_stands_as_its_flow_and_its_signature_say(
    session: Session, cast: Cast, documents: dict[UUID, Timeliness], at: datetime
) -> None:
    found = lines(session, cast.specialist, at)
    assert {line.document_id: line.timeliness for line in found} == documents
    late = next(line for line in found if line.timeliness is Timeliness.LATE)
    assert late.progress == "Đã phát hành ngày 21/08/2018, trễ 1 ngày làm việc"


def test_every_number_of_the_report_is_the_number_of_its_documents(
    session: Session, cast: Cast, documents: dict[UUID, Timeliness], at: datetime
) -> None:
    everything = lines(session, cast.specialist, at)
    report = tracking_queries.report(everything)
    for part in (report.by_unit, report.by_person, report.by_state):
        assert sum(tally.total for tally in part) == len(documents)
        for tally in part:
            asked: dict[str, object] = {
                {"unit": "unit_id", "person": "person_id", "state": "state"}[name]: (
                    State(value) if name == "state" else UUID(value)
                )
                for name, value in tally.asked.items()
            }
            assert len(lines(session, cast.specialist, at, **asked)) == tally.total
            for kind in Timeliness:
                found = lines(session, cast.specialist, at, timeliness=kind, **asked)
                assert len(found) == tally.counts.get(kind, 0), (tally.name, kind)


def test_only_what_the_reader_may_open_is_counted(
    session: Session, cast: Cast, documents: dict[UUID, Timeliness], at: datetime
) -> None:
    """A draft of another office is nobody else's business, not even as a number."""
    elsewhere = {line.state for line in lines(session, cast.secondary_office_head, at)}
    assert State.DRAFT not in elsewhere
    assert lines(session, cast.high_school_clerk, at) == []


def test_a_period_is_of_the_days_on_which_the_drafts_were_begun(
    session: Session, cast: Cast, documents: dict[UUID, Timeliness], at: datetime
) -> None:
    assert lines(session, cast.specialist, at + timedelta(days=1)) == []


def test_the_report_leads_to_its_documents_and_both_are_saved(desk: Desk) -> None:
    document = begun(desk)
    report = unescape(desk.page("specialist", "/documents/report?since=&until=").text)
    link = next(
        part.split('"')[0]
        for part in report.split('href="')
        if part.startswith("/documents/handling?") and "timeliness=open" in part
    )
    assert f'href="/documents/{document}"' in desk.page("specialist", link).text
    for path in ("/documents/report", "/documents/handling"):
        assert desk.page("specialist", f"{path}?format=pdf").content.startswith(b"%PDF")
        saved = desk.page("specialist", f"{path}?format=xlsx").content
        assert openpyxl.load_workbook(io.BytesIO(saved)).active is not None
        assert desk.page("specialist", f"{path}?state=x").status_code == 422
