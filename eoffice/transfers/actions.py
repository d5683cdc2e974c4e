"""The sending school's side of a package: make, seal, hand over, take back.

The school's office makes it for a move out that is on record; the clerk seals it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import pupil_queries, rules, staff_queries
from eoffice.classes.actions import cleaned_text
from eoffice.classes.model import Pupil
from eoffice.classes.movement_rules import MovementKind, Standing
from eoffice.classes.pupil_model import Movement
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind, UnitKind
from eoffice.transfers import states
from eoffice.transfers.model import PupilTransfer
from eoffice.transfers.states import TransferState, TransferStep
from eoffice.web.principal import Principal

KIND = "pupil_transfer"
LONGEST_REASON = 500


class TransferUnknown(NotFound):
    """There is no such package, or it is neither of nor for the acting school."""

    def __init__(self) -> None:
        super().__init__(
            "Không có hồ sơ chuyển trường này, hoặc hồ sơ không phải của trường đang làm việc."
        )


class NotLeaving(Conflict):
    """No move out of the pupil is on record that a package could go with."""


class CoverDiffers(Conflict):
    """Somebody sealed the cover in between."""


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """A package whose files lie in the object store already."""

    id: UUID
    movement_id: UUID
    to_school_id: UUID | None
    to_school: str
    class_name: str
    school_year: str
    manifest: bytes
    cover_sha256: Sha256
    page_count: int


def leaving(session: Session, pupil_id: UUID, *, by: Principal) -> tuple[Pupil, Movement]:
    """The pupil and the move out that was recorded last.

    Raises NoPupil, NotAllowed, NotLeaving: none is on record, or a package goes with it already.
    """
    pupil = pupil_queries.locked(session, pupil_id)
    require_office(by, pupil.school_id)
    movement = session.scalars(
        select(Movement)
        .where(Movement.pupil_id == pupil_id)
        .order_by(Movement.on_day.desc(), Movement.id.desc())
        .limit(1)
    ).one_or_none()
    standing = pupil_queries.place(session, pupil_id).standing
    if (
        movement is None
        or movement.kind is not MovementKind.OUT
        or standing is not Standing.MOVED_AWAY
    ):
        raise NotLeaving(
            "Hồ sơ chuyển trường lập sau khi đã ghi “Chuyển đi” ở trang của học sinh, với tên "
            "trường chuyển đến."
        )
    if session.scalar(
        select(PupilTransfer.id).where(
            PupilTransfer.movement_id == movement.id, PupilTransfer.state.in_(states.LIVE)
        )
    ):
        raise NotLeaving(
            "Lần chuyển đi này đã có hồ sơ chuyển trường. Muốn lập lại thì rút hồ sơ đó trước."
        )
    return pupil, movement


def receiver(session: Session, to_school_id: UUID | None, said: str, *, own: UUID) -> str:
    """The name of the school that the package is for. Raises Invalid, UnitUnknown."""
    if to_school_id is None:
        return said
    unit = people.unit(session, to_school_id)
    if unit.kind is not UnitKind.SCHOOL or unit.id == own:
        raise Invalid(
            "Nơi tiếp nhận phải là một trường khác.",
            fields={"to_school_id": "Chọn trường tiếp nhận."},
        )
    return unit.name


def make(
    session: Session, new: NewTransfer, pupil_id: UUID, *, by: Principal, at: datetime
) -> UUID:
    """Put the package on record. Raises what `leaving` and `receiver` raise."""
    pupil, movement = leaving(session, pupil_id, by=by)
    if movement.id != new.movement_id:
        raise NotLeaving("Có người vừa ghi thêm việc của học sinh. Hãy lập lại hồ sơ.")
    session.add(
        PupilTransfer(
            id=new.id,
            school_id=pupil.school_id,
            pupil_id=pupil.id,
            identity_id=pupil.identity_id,
            movement_id=movement.id,
            pupil_name=pupil.name,
            pupil_code=pupil.code,
            born_on=pupil.born_on,
            class_name=new.class_name,
            school_year=new.school_year,
            from_school=people.unit(session, pupil.school_id).name,
            to_school_id=new.to_school_id,
            to_school=receiver(session, new.to_school_id, new.to_school, own=pupil.school_id),
            state=TransferState.MADE,
            state_since=at,
            manifest=new.manifest.decode(),
            cover_sha256=str(new.cover_sha256),
            page_count=new.page_count,
            because=None,
            receipt=None,
            made_by=by.person_id,
            made_at=at,
        )
    )
    audit.record(
        session,
        "pupil_transfer.made",
        object_kind=KIND,
        object_id=new.id,
        by=by,
        at=at,
        details={
            "pupil_id": str(pupil.id),
            "to_school_id": None if new.to_school_id is None else str(new.to_school_id),
            "cover_sha256": str(new.cover_sha256),
        },
    )
    return new.id


def to_seal(session: Session, transfer_id: UUID, *, by: Principal) -> PupilTransfer:
    """The package, locked, if the acting clerk may seal it now.

    Raises TransferUnknown, NotAllowed, TransferStepRefused.
    """
    row = own(session, transfer_id, by=by)
    if PositionKind(by.position_kind) is not PositionKind.CLERK:
        raise NotAllowed("Phiếu hồ sơ chuyển trường do văn thư của trường đóng dấu.")
    states.after(row.state, TransferStep.SEAL)
    return row


def record_seal(
    session: Session,
    transfer_id: UUID,
    *,
    source: Sha256,
    result: Sha256,
    by: Principal,
    at: datetime,
) -> TransferState:
    """The cover was sealed. Raises what `to_seal` raises, and CoverDiffers."""
    row = to_seal(session, transfer_id, by=by)
    if row.cover_sha256 != str(source):
        raise CoverDiffers("Phiếu hồ sơ vừa được thay đổi. Hãy mở lại rồi đóng dấu.")
    row.cover_sha256 = str(result)
    step(session, row, TransferStep.SEAL, by=by, at=at, cover_sha256=str(result))
    return row.state


def hand_over(
    session: Session, transfer_id: UUID, lasting: Sha256, *, by: Principal, at: datetime
) -> PupilTransfer:
    """The package awaits the next school; `lasting` is the sealed cover with its evidence.

    Raises TransferUnknown, NotAllowed, TransferStepRefused.
    """
    row = own(session, transfer_id, by=by)
    row.cover_sha256 = str(lasting)
    step(session, row, TransferStep.HAND_OVER, by=by, at=at, cover_sha256=str(lasting))
    return row


def withdraw(
    session: Session, transfer_id: UUID, reason: str, *, by: Principal, at: datetime
) -> None:
    """Take the package back before anybody was taken in by it.

    Raises TransferUnknown, NotAllowed, TransferStepRefused, Invalid without a reason.
    """
    row = own(session, transfer_id, by=by)
    states.after(row.state, TransferStep.WITHDRAW)
    row.because = why(reason)
    step(session, row, TransferStep.WITHDRAW, by=by, at=at, because=row.because)


def step(
    session: Session,
    row: PupilTransfer,
    taken: TransferStep,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    """Move the package on and say so. Raises TransferStepRefused."""
    row.state, row.state_since = states.after(row.state, taken), at
    audit.record(
        session,
        f"pupil_transfer.{taken.value}",
        object_kind=KIND,
        object_id=row.id,
        by=by,
        at=at,
        details=details,
    )


def own(session: Session, transfer_id: UUID, *, by: Principal) -> PupilTransfer:
    """A package of the acting school, locked. Raises TransferUnknown, NotAllowed."""
    row = locked(session, transfer_id)
    if row.school_id != by.agency_id:
        raise TransferUnknown
    require_office(by, row.school_id)
    return row


def locked(session: Session, transfer_id: UUID) -> PupilTransfer:
    """Whoever may see it. Raises TransferUnknown."""
    row = session.scalars(
        select(PupilTransfer).where(PupilTransfer.id == transfer_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise TransferUnknown
    return row


def require_office(by: Principal, school_id: UUID) -> None:
    if not rules.may_open_classes(staff_queries.actor(by), school_id):
        raise NotAllowed("Hồ sơ chuyển trường dành cho ban giám hiệu và văn thư của trường.")


def why(reason: str) -> str:
    """A reason as it is kept. Raises Invalid."""
    text = cleaned_text(reason)
    if not 3 <= len(text) <= LONGEST_REASON:
        message = f"Lý do có từ 3 đến {LONGEST_REASON} ký tự."
        raise Invalid(message, fields={"reason": message})
    return text
