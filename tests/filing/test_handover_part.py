"""Open case files of who leaves go to the successor, each on record; closed ones stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.filing import case_actions, case_queries
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.filing.handover_part import CaseWork
from eoffice.people import handover
from eoffice.people import queries as people
from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.filing.test_case_files import planned
from tests.routing import stage


def test_open_case_files_move_and_closed_ones_stay(session: Session, at: datetime) -> None:
    cast: Cast = load_cast(session, at)
    handover.use(CaseWork())
    leaver, successor = cast.specialist, cast.office_head
    dispatch = stage.issued_by_the_department(session, cast, [cast.high_school], at=at)
    heading = Heading(notation="02.CNTT", title="Đã xong", maintenance="10 năm")
    still_open = planned(session, leaver, at)
    closed = planned(session, leaver, at, heading)
    of_another = planned(
        session, cast.clerk, at, Heading(notation="03.VP", title="Khác", maintenance="10 năm")
    )
    case_actions.file_record(session, closed, RecordKind.OUTGOING, dispatch, by=leaver, at=at)
    case_actions.close(session, closed, by=leaver, at=at)
    case_actions.restrict(session, still_open, [], by=leaver, at=at)
    session.flush()
    held = people.appointment(session, leaver.appointment_id)
    assert [each.count for each in handover.waiting_on(session, held)] == [1]

    with web_role(session, cast.director):
        moved = handover.hand_over(
            session, held.id, successor.appointment_id, by=cast.director, at=at
        )
        session.flush()

    assert moved == 1
    made_by = {
        case: case_queries.case_file(session, case, who=cast.director).line.maker
        for case in (still_open, closed, of_another)
    }
    assert made_by == {
        still_open: successor.full_name,
        closed: leaver.full_name,
        of_another: cast.clerk.full_name,
    }
    assert case_queries.case_file(session, still_open, who=successor).may_change
    events = session.scalars(
        select(AuditEvent.object_id).where(AuditEvent.action == "case_file.handed_over")
    ).all()
    assert list(events) == [still_open]
    assert not handover.hand_over(
        session, held.id, successor.appointment_id, by=cast.director, at=at
    )
