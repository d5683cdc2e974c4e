"""What of packages waits for the office of the acting school, in lines as its desk shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice.classes import rules, staff_queries
from eoffice.people.kinds import PositionKind
from eoffice.transfers import states
from eoffice.transfers.model import PupilTransfer, TransferIntake
from eoffice.transfers.states import IntakeState, TransferState
from eoffice.web.principal import Principal

_HERE: Final = "/registers/transfers"
#: How long a refusal is told of, if no other package is made for the move before.
REFUSAL_TOLD: Final = timedelta(days=30)
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    title: str
    #: What is to be done, and its tone.
    word: str
    tone: str
    #: The other school; of a refusal the reason too.
    note: str
    since: datetime


def lines(session: Session, who: Principal, *, at: datetime) -> tuple[Line, ...]:
    """The longest waiting first; none for whoever does not work in a school's office.

    A package to be sealed waits for the clerk alone.
    """
    if not rules.may_open_classes(staff_queries.actor(who), who.agency_id):
        return ()
    found = [*_incoming(session, who), *_outgoing(session, who, at)]
    return tuple(sorted(found, key=lambda line: (line.since, line.path)))


def _incoming(session: Session, who: Principal) -> list[Line]:
    handed = session.scalars(
        select(PupilTransfer)
        .where(
            PupilTransfer.to_school_id == who.agency_id,
            PupilTransfer.state == TransferState.HANDED_OVER,
        )
        .limit(_MOST)
    ).all()
    checked = {
        row.transfer_id: row
        for row in session.scalars(
            select(TransferIntake)
            .where(
                TransferIntake.school_id == who.agency_id,
                TransferIntake.state == IntakeState.CHECKED,
            )
            .limit(_MOST)
        )
    }
    awaited = {row.id for row in handed}
    here = [
        Line(
            f"{_HERE}/incoming/{checked[row.id].id}" if row.id in checked else f"{_HERE}/{row.id}",
            f"Hồ sơ chuyển đến của {row.pupil_name}",
            "Chờ quyết định" if row.id in checked else "Chờ kiểm tra",
            "waiting",
            row.from_school,
            row.state_since,
        )
        for row in handed
    ]
    files = [
        Line(
            f"{_HERE}/incoming/{row.id}",
            f"Hồ sơ chuyển đến của {row.pupil_name or 'học sinh không rõ tên'}",
            "Chờ quyết định",
            "waiting",
            row.from_school,
            row.received_at,
        )
        for row in checked.values()
        # What was taken back is nobody's work any more.
        if not row.is_of_office and row.transfer_id not in awaited
    ]
    return here + files


def _outgoing(session: Session, who: Principal, at: datetime) -> list[Line]:
    shown = [TransferState.SEALED, TransferState.REFUSED]
    if PositionKind(who.position_kind) is PositionKind.CLERK:
        shown.append(TransferState.MADE)
    again = aliased(PupilTransfer)
    another = (
        select(again.id)
        .where(again.movement_id == PupilTransfer.movement_id, again.state.in_(states.LIVE))
        .exists()
    )
    rows = session.scalars(
        select(PupilTransfer)
        .where(
            PupilTransfer.school_id == who.agency_id,
            PupilTransfer.state.in_(shown),
            (PupilTransfer.state != TransferState.REFUSED)
            | ((PupilTransfer.state_since >= at - REFUSAL_TOLD) & ~another),
        )
        .limit(_MOST)
    )
    words = {
        TransferState.MADE: "Chờ đóng dấu",
        TransferState.SEALED: "Chờ giao",
        TransferState.REFUSED: "Bị từ chối",
    }
    return [
        Line(
            f"{_HERE}/{row.id}",
            f"Hồ sơ chuyển đi của {row.pupil_name}",
            words[row.state],
            states.TONES[row.state],
            f"{row.to_school}: {row.because}" if row.because else row.to_school,
            row.state_since,
        )
        for row in rows
    ]
