"""Requests to withdraw closed parts: those that a unit decides, and those that a school made.

Read only; row-level security shows a school its own and whoever stands above it those of its
schools.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.errors import NotAllowed
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.reports import actions, rules
from eoffice.reports.model import ReportPart, ReportWithdrawal
from eoffice.reports.withdrawal_actions import WithdrawalUnknown
from eoffice.web.principal import Principal

#: Requests of one list.
MOST = 200


@dataclass(frozen=True, slots=True)
class Request:
    id: UUID
    part_id: UUID
    title: str
    school: str
    superior: str
    reason: str
    evidence_sha256: str | None
    evidence_name: str | None
    evidence_type: str | None
    requested_by: str
    requested_at: datetime
    is_granted: bool | None
    decided_because: str | None
    decided_at: datetime | None
    #: Whether the person who asks decides on it, now.
    may_decide: bool


def listing(session: Session, who: Principal, *, is_open: bool) -> tuple[Request, ...]:
    """Those that wait, the longest waiting first; or those that were decided, the newest first.

    Raises NotAllowed.
    """
    _require_reader(who)
    query = select(ReportWithdrawal, ReportPart, Person.full_name)
    if is_open:
        query = query.where(ReportWithdrawal.decided_at.is_(None)).order_by(
            ReportWithdrawal.requested_at
        )
    else:
        query = query.where(ReportWithdrawal.decided_at.is_not(None)).order_by(
            ReportWithdrawal.decided_at.desc()
        )
    rows = session.execute(
        query.join(ReportPart, ReportPart.id == ReportWithdrawal.part_id)
        .join(Person, Person.id == ReportWithdrawal.requested_by)
        .limit(MOST)
    ).all()
    ids = {unit for row, _, _ in rows for unit in (row.school_id, row.superior_id)}
    names = {unit.id: unit.name for unit in people.units(session, ids).values()}
    actor = staff_queries.actor(who)
    return tuple(
        Request(
            id=row.id,
            part_id=row.part_id,
            title=actions.title(part),
            school=names[row.school_id],
            superior=names[row.superior_id],
            reason=row.reason,
            evidence_sha256=row.evidence_sha256,
            evidence_name=row.evidence_name,
            evidence_type=row.evidence_type,
            requested_by=by,
            requested_at=row.requested_at,
            is_granted=row.is_granted,
            decided_because=row.decided_because,
            decided_at=row.decided_at,
            may_decide=row.decided_at is None and rules.may_decide(actor, row.superior_id),
        )
        for row, part, by in rows
    )


def to_decide(session: Session, who: Principal) -> int:
    """How many requests wait for this person's decision."""
    if not rules.may_decide(staff_queries.actor(who), who.agency_id):
        return 0
    return (
        session.scalar(
            select(func.count())
            .select_from(ReportWithdrawal)
            .where(
                ReportWithdrawal.superior_id == who.agency_id,
                ReportWithdrawal.decided_at.is_(None),
            )
        )
        or 0
    )


def evidence(session: Session, withdrawal_id: UUID, who: Principal) -> tuple[str, str, str]:
    """Digest, name and media type of the file. Raises WithdrawalUnknown, NotAllowed."""
    _require_reader(who)
    row = session.get(ReportWithdrawal, withdrawal_id)
    if (
        row is None
        or row.evidence_sha256 is None
        or row.evidence_name is None
        or row.evidence_type is None
    ):
        raise WithdrawalUnknown
    return row.evidence_sha256, row.evidence_name, row.evidence_type


def _require_reader(who: Principal) -> None:
    kind = PositionKind(who.position_kind)
    if kind not in class_rules.OFFICE | class_rules.SUPERIORS:
        raise NotAllowed(
            "Đề nghị thu hồi học bạ chỉ dành cho ban giám hiệu, văn thư của trường và lãnh đạo, "
            "chuyên viên của cơ quan quản lý."
        )
