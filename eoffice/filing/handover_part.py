"""Open case files of somebody who leaves, moved to a successor; closed ones keep who made them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.filing.case_model import CaseFile
from eoffice.filing.case_rules import CaseState
from eoffice.people.views import AppointmentView
from eoffice.web.principal import Principal


class CaseWork:
    """The part of this slice in a hand-over (`people.handover.Part`)."""

    @property
    def name(self) -> str:
        return "Hồ sơ đang lập"

    def waiting(self, session: Session, leaver: AppointmentView) -> int:
        return len(_open(session, leaver))

    def hand_over(
        self,
        session: Session,
        leaver: AppointmentView,
        successor: AppointmentView,
        *,
        by: Principal,
        at: datetime,
    ) -> int:
        found = _open(session, leaver, locked=True)
        for case_file in found:
            case_file.maker_id = successor.person_id
            record(
                session,
                "case_file.handed_over",
                object_kind="case_file",
                object_id=case_file.id,
                by=by,
                at=at,
                details={
                    "from_person_id": str(leaver.person_id),
                    "to_person_id": str(successor.person_id),
                },
            )
        session.flush()
        return len(found)


def _open(session: Session, leaver: AppointmentView, *, locked: bool = False) -> Sequence[CaseFile]:
    query = (
        select(CaseFile)
        .where(
            CaseFile.agency_id == leaver.agency_id,
            CaseFile.unit_id == leaver.unit_id,
            CaseFile.maker_id == leaver.person_id,
            CaseFile.state == CaseState.OPEN,
        )
        .order_by(CaseFile.id)
    )
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()
