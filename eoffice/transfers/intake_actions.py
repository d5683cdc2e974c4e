"""The receiving school's side: keep what was checked, take the pupil in by it, or refuse.

With the intake the right to manage the pupil passes: the pupil attends here, under the same
identity where both schools have one office, and what the other school closed is read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import movement_actions
from eoffice.classes.actions import NewPupil
from eoffice.classes.model import Pupil, SchoolClass
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.particulars import NewGuardian
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.marks import brought_actions
from eoffice.marks import movement_actions as mark_movements
from eoffice.objects.sha256 import Sha256
from eoffice.rolls import move_actions
from eoffice.transfers import data, receipts
from eoffice.transfers.actions import locked, require_office, step, why
from eoffice.transfers.data import PupilPackage
from eoffice.transfers.model import PupilTransfer, TransferIntake
from eoffice.transfers.states import IntakeState, TransferState, TransferStep
from eoffice.transfers.verification import Checked
from eoffice.web.principal import Principal

KIND = "transfer_intake"


class IntakeUnknown(NotFound):
    """There is no such package at the acting school."""

    def __init__(self) -> None:
        super().__init__("Trường đang làm việc không có hồ sơ chuyển đến này.")


class NotSound(Conflict):
    """Something in the package is wrong: nobody is taken in by it."""


class TakenIn(Conflict):
    """The pupil was taken in by this package already, here or elsewhere."""


class NotForUs(Conflict):
    """The package was made for another school, or was taken back."""


class AlreadyDecided(Conflict):
    """The school has decided about this package."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What the clerk says when taking a pupil in."""

    class_id: UUID
    on: date
    reason: str
    #: Number, date and body of the paper by which the pupil comes.
    decision: str
    #: Under which the pupil is kept here; "" for the one in the package.
    code: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    pupil_id: UUID
    #: Codes of subjects whose results stayed behind.
    left_behind: tuple[str, ...]
    #: Why results did not become results here; "" where they did.
    not_brought: str


def keep(
    session: Session,
    checked: Checked,
    content: Sha256,
    *,
    transfer_id: UUID | None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Keep what was found of a package. The same file again is the same intake, checked anew.

    `transfer_id` where it was handed over within the office. Raises NotAllowed.
    """
    require_office(by, by.agency_id)
    package_id = _uuid(checked.package_id)
    told = checked.data
    values = {
        "findings": [one.to_json() for one in checked.findings],
        "is_sound": checked.is_sound,
        "received_by": by.person_id,
        "received_at": at,
    }
    row = session.scalars(
        select(TransferIntake)
        .where(
            TransferIntake.school_id == by.agency_id,
            TransferIntake.content_sha256 == str(content),
        )
        .with_for_update()
    ).one_or_none()
    if row is not None:
        if row.state is IntakeState.CHECKED:
            for name, value in values.items():
                setattr(row, name, value)
        return row.id
    row = TransferIntake(
        id=new_id(),
        school_id=by.agency_id,
        transfer_id=package_id,
        is_of_office=transfer_id is not None,
        content_sha256=str(content),
        from_school="" if told is None else told.from_school.name,
        pupil_name="" if told is None else told.pupil.name,
        state=IntakeState.CHECKED,
        **values,
    )
    session.add(row)
    _event(
        session,
        "transfer_intake.checked",
        row,
        by=by,
        at=at,
        is_sound=checked.is_sound,
        content_sha256=str(content),
    )
    return row.id


def take_in(
    session: Session,
    intake_id: UUID,
    told: PupilPackage,
    said: Intake,
    *,
    by: Principal,
    at: datetime,
) -> Done:
    """Put the pupil on the school's record with the move in, and what was finished elsewhere.

    Raises IntakeUnknown, NotAllowed, AlreadyDecided, NotSound, TakenIn, NotForUs,
    TransferStepRefused, and what recording the movement raises.
    """
    row = _open(session, intake_id, by=by)
    if not row.is_sound or row.transfer_id is None:
        raise NotSound(
            "Hồ sơ có chỗ không đạt khi kiểm tra nên không tiếp nhận theo hồ sơ này. Hãy từ chối "
            "và đề nghị trường chuyển đi giao lại."
        )
    transfer = locked(session, row.transfer_id) if row.is_of_office else None
    moved_id, pupil_id = _admit(session, told, said, transfer, by=by, at=at)
    move_actions.enter_missing(session, by=by, at=at)
    left, not_brought = _bring(session, told, said.class_id, pupil_id, by=by, at=at)
    if transfer is not None:
        step(session, transfer, TransferStep.TAKE_IN, by=by, at=at)
    row.state, row.decided_by, row.decided_at = IntakeState.TAKEN_IN, by.person_id, at
    row.pupil_id, row.movement_id = pupil_id, moved_id
    try:
        session.flush()
    except IntegrityError as clash:
        if "uq_transfer_intakes_taken_in" not in str(clash):
            raise
        raise TakenIn("Học sinh đã được tiếp nhận theo hồ sơ này rồi.") from clash
    _event(session, "transfer_intake.taken_in", row, by=by, at=at, pupil_id=str(pupil_id))
    receipts.promise(session, row, at=at)
    return Done(pupil_id, left, not_brought)


def refuse(session: Session, intake_id: UUID, reason: str, *, by: Principal, at: datetime) -> None:
    """Raises IntakeUnknown, NotAllowed, AlreadyDecided, TransferStepRefused, Invalid."""
    row = _open(session, intake_id, by=by)
    because = why(reason)
    if row.is_of_office and row.transfer_id is not None:
        transfer = locked(session, row.transfer_id)
        if transfer.state is TransferState.HANDED_OVER:
            transfer.because = because
            step(session, transfer, TransferStep.REFUSE, by=by, at=at, because=because)
    row.state, row.decided_by, row.decided_at = IntakeState.REFUSED, by.person_id, at
    row.refused_because = because
    _event(session, "transfer_intake.refused", row, by=by, at=at, because=because)
    receipts.promise(session, row, at=at)


def _open(session: Session, intake_id: UUID, *, by: Principal) -> TransferIntake:
    require_office(by, by.agency_id)
    row = session.scalars(
        select(TransferIntake)
        .where(TransferIntake.id == intake_id, TransferIntake.school_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise IntakeUnknown
    if row.state is not IntakeState.CHECKED:
        raise AlreadyDecided("Trường đã quyết định về hồ sơ này.")
    return row


def _admit(
    session: Session,
    told: PupilPackage,
    said: Intake,
    transfer: PupilTransfer | None,
    *,
    by: Principal,
    at: datetime,
) -> tuple[UUID, UUID]:
    """The movement in, of whoever comes back too. The movement and the pupil."""
    movement = NewMovement(
        MovementKind.IN, said.on, said.reason, said.decision, told.from_school.name, said.class_id
    )
    if said.on < told.leaving.on:
        raise Invalid(
            "Ngày chuyển đến không trước ngày chuyển đi.",
            fields={"on": f"Học sinh chuyển đi ngày {told.leaving.on:%d/%m/%Y}."},
        )
    known = _known(session, told, transfer, by.agency_id)
    if known is not None:
        moved = mark_movements.record(session, known, movement, by=by, at=at)
    else:
        moved = movement_actions.admit(
            session,
            new_pupil(told, said.code),
            movement,
            identity_id=None if transfer is None else transfer.identity_id,
            by=by,
            at=at,
        )
    return moved.id, moved.pupil_id


def _known(
    session: Session, told: PupilPackage, transfer: PupilTransfer | None, school_id: UUID
) -> UUID | None:
    """Whoever was at this school before."""
    same = []
    if transfer is not None:
        same.append(Pupil.identity_id == transfer.identity_id)
    if told.pupil.personal_id:
        same.append(Pupil.personal_id == told.pupil.personal_id)
    if not same:
        return None
    return session.scalar(select(Pupil.id).where(Pupil.school_id == school_id, or_(*same)))


def new_pupil(told: PupilPackage, code: str) -> NewPupil:
    """The pupil as a school that does not know them puts them on record."""
    one = told.pupil
    return NewPupil(
        code=code.strip() or one.code,
        name=one.name,
        born_on=one.born_on,
        sex=one.sex,
        birthplace=one.birthplace,
        ethnicity=one.ethnicity,
        policy_group=one.policy_group,
        address=one.address,
        father=one.father,
        mother=one.mother,
        personal_id=one.personal_id,
        permanent_address=one.permanent_address,
        guardians=tuple(
            NewGuardian(each.relation, each.name, each.phone, each.email) for each in one.guardians
        ),
    )


def _bring(
    session: Session,
    told: PupilPackage,
    class_id: UUID,
    pupil_id: UUID,
    *,
    by: Principal,
    at: datetime,
) -> tuple[tuple[str, ...], str]:
    year, target = told.year, session.get_one(SchoolClass, class_id)
    if year is None:
        return (), "Hồ sơ không có kết quả của năm học."
    if (year.school_year, year.grade) != (target.school_year, target.grade):
        return (), "Học sinh vào lớp của năm học hoặc khối khác nên kết quả chỉ để xem."
    if year.rule_set != target.rule_set:
        return (), "Lớp tiếp nhận theo quy định đánh giá khác nên kết quả chỉ để xem."
    left = brought_actions.record(
        session,
        class_id,
        pupil_id,
        {(one.subject, one.semester): data.value_of(one) for one in data.stated_marks(year)},
        {one.time: one.level for one in year.conduct},
        [(one.on, one.session, one.excused) for one in year.absences],
        by=by,
        at=at,
    )
    return left, ""


def _event(
    session: Session,
    action: str,
    row: TransferIntake,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    audit.record(session, action, object_kind=KIND, object_id=row.id, by=by, at=at, details=details)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
