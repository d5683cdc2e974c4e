"""Work that waits on somebody who leaves a position, handed to a successor in one action.

What waits lies in slices above this one, so each of them brings a `Part`; the application names
them once (`use`), as it names its routes. All parts move in the transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.errors import Invalid, NotAllowed
from eoffice.people import queries
from eoffice.people.kinds import PositionKind
from eoffice.people.views import AppointmentView
from eoffice.web.principal import Principal


class SuccessorUnfit(Invalid):
    """This person cannot take over the work."""


class OnlyForHeadOrOperator(NotAllowed):
    """Work is handed over by the head of the agency or an operator."""


class Part(Protocol):
    """What of one slice waits on people."""

    @property
    def name(self) -> str:
        """As it is counted on the page: "Dự thảo, bước trình ký"."""

    def waiting(self, session: Session, leaver: AppointmentView) -> int:
        """How much waits on this person in this position."""

    def hand_over(
        self,
        session: Session,
        leaver: AppointmentView,
        successor: AppointmentView,
        *,
        by: Principal,
        at: datetime,
    ) -> int:
        """Move all of it, with an audit event for each; returns how much was moved."""


@dataclass(frozen=True, slots=True)
class Waiting:
    name: str
    count: int


class _Parts:
    """What the application named; empty in programs that hand nothing over."""

    named: tuple[Part, ...] = ()


def use(*parts: Part) -> None:
    """Name the parts, in place of those before."""
    _Parts.named = parts


def waiting_on(session: Session, leaver: AppointmentView) -> tuple[Waiting, ...]:
    """What would be handed over, part by part."""
    return tuple(Waiting(part.name, part.waiting(session, leaver)) for part in _Parts.named)


def may_hand_over(by: Principal) -> bool:
    return PositionKind(by.position_kind) in (
        PositionKind.HEAD,
        PositionKind.DEPUTY_HEAD,
        PositionKind.OPERATOR,
    )


def require_authority(by: Principal) -> None:
    """Raises OnlyForHeadOrOperator."""
    if not may_hand_over(by):
        raise OnlyForHeadOrOperator(
            "Việc bàn giao do người đứng đầu cơ quan, cấp phó hoặc quản trị viên thực hiện."
        )


def successors(
    session: Session, leaver: AppointmentView, *, at: datetime
) -> Sequence[AppointmentView]:
    """Who may take over: the people of the same unit who are there today."""
    return [
        each
        for each in queries.persons_in(session, leaver.unit_id, at=at)
        if each.person_id != leaver.person_id
        and each.unit_id == leaver.unit_id
        and each.kind not in (PositionKind.OPERATOR, PositionKind.INSPECTOR)
    ]


def hand_over(
    session: Session,
    leaver_id: UUID,
    successor_id: UUID,
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Move everything that waits on the leaver's appointment to the successor's; how much.

    What was answered and signed stays with who did it. Idempotent: a second time nothing is left.
    Raises OnlyForHeadOrOperator, SuccessorUnfit, AppointmentUnknown.
    """
    require_authority(by)
    leaver = queries.appointment(session, leaver_id)
    if leaver.agency_id != by.agency_id:
        raise queries.AppointmentUnknown("Không có chức danh này trong cơ quan.")
    successor = next(
        (each for each in successors(session, leaver, at=at) if each.id == successor_id), None
    )
    if successor is None:
        raise SuccessorUnfit(
            f"Người nhận phải đang giữ một chức danh ở {leaver.unit_name}.",
            fields={"successor": "Chọn người cùng đơn vị."},
        )
    count = sum(part.hand_over(session, leaver, successor, by=by, at=at) for part in _Parts.named)
    if count:
        record(
            session,
            "work.handed_over",
            object_kind="appointment",
            object_id=leaver.id,
            by=by,
            at=at,
            details={"to_appointment_id": successor.id, "count": count},
        )
    return count
