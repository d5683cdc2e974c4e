"""After the close: the school asks for a withdrawal, its superior unit decides.

Decision 295/QĐ-SGDĐT of Kiên Giang: what is closed changes only by withdrawal, school → Phòng or
Sở → re-opening, and only the school that issued it corrects it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.errors import Conflict, NotAllowed, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.reports import actions, rules
from eoffice.reports.model import ReportWithdrawal
from eoffice.reports.states import PartStep
from eoffice.web.principal import Principal


class WithdrawalUnknown(NotFound):
    """There is no such request, or it is another unit's."""

    def __init__(self) -> None:
        super().__init__("Không có đề nghị thu hồi này, hoặc đơn vị khác giải quyết.")


class NoSuperior(Conflict):
    """The school has no unit above it that could decide."""


class AlreadyDecided(Conflict):
    """The request was decided before."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that lies in the object store already."""

    sha256: Sha256
    name: str
    media_type: str


def request(
    session: Session,
    part_id: UUID,
    reason: str,
    evidence: Evidence | None,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Ask the superior unit to withdraw a closed part.

    Raises NotAllowed, PartStepRefused while it is not closed, NoSuperior, Invalid.
    """
    part = actions.locked(session, part_id)
    if not rules.may_request_withdrawal(staff_queries.actor(by), part.school_id):
        raise NotAllowed("Chỉ lãnh đạo trường đã cấp học bạ được đề nghị thu hồi.")
    why = actions.said(reason)
    superior_id = superior_of(session, part.school_id, on=civil_date(at))
    row = ReportWithdrawal(
        id=new_id(),
        part_id=part.id,
        school_id=part.school_id,
        superior_id=superior_id,
        reason=why,
        evidence_sha256=None if evidence is None else str(evidence.sha256),
        evidence_name=None if evidence is None else evidence.name,
        evidence_type=None if evidence is None else evidence.media_type,
        requested_by=by.person_id,
        requested_at=at,
    )
    actions.take(
        session,
        part,
        PartStep.REQUEST_WITHDRAWAL,
        by=by,
        at=at,
        withdrawal_id=row.id,
        superior_id=superior_id,
        evidence_sha256=row.evidence_sha256,
    )
    session.add(row)
    return row.id


def decide(
    session: Session,
    withdrawal_id: UUID,
    *,
    is_granted: bool,
    reason: str,
    by: Principal,
    at: datetime,
) -> None:
    """Grant or decline, with the reason; granted, the school re-opens the part.

    Raises WithdrawalUnknown, AlreadyDecided, NotAllowed, Invalid.
    """
    row = session.scalars(
        select(ReportWithdrawal).where(ReportWithdrawal.id == withdrawal_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise WithdrawalUnknown
    if not rules.may_decide(staff_queries.actor(by), row.superior_id):
        raise NotAllowed("Chỉ lãnh đạo đơn vị cấp trên của trường được quyết định thu hồi học bạ.")
    if row.decided_at is not None:
        raise AlreadyDecided("Đề nghị này đã được giải quyết.")
    row.decided_because = actions.said(reason)
    row.is_granted, row.decided_by, row.decided_at = is_granted, by.person_id, at
    part = actions.locked(session, row.part_id)
    step = PartStep.GRANT_WITHDRAWAL if is_granted else PartStep.DECLINE_WITHDRAWAL
    actions.take(session, part, step, by=by, at=at, withdrawal_id=row.id)


def superior_of(session: Session, school_id: UUID, *, on: date) -> UUID:
    """The agency above the school on this day: Phòng or Sở, by the tree of units; where it was
    dissolved or merged, the one that took over. Raises NoSuperior.
    """
    parent_id = people.unit(session, school_id).parent_id
    if parent_id is None:
        raise NoSuperior("Trường chưa có đơn vị cấp trên trong danh sách đơn vị.")
    agency_id = people.unit(session, parent_id).agency_id
    heirs = people.in_charge_of(session, agency_id, on=on)
    if len(heirs) != 1:
        raise NoSuperior(
            "Đơn vị cấp trên của trường đã chia tách. Hãy đề nghị quản trị hệ thống ghi trường "
            "thuộc đơn vị nào trong danh sách đơn vị rồi gửi lại."
        )
    return people.unit(session, next(iter(heirs))).agency_id
