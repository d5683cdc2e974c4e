"""Certified copies of closed books and report books: made, signed, sealed, cancelled.

The school's office makes a copy for whoever asks; who may sign for the school signs it, the clerk
seals it. Its number comes from the school's book of copies of the year (Decree 30/2020, art. 25).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.actions import cleaned_text
from eoffice.clock import civil_date
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.extracts import states
from eoffice.extracts.model import RegisterCopy, RegisterCopyCounter
from eoffice.extracts.states import CopyKind, CopyState, CopyStep, SourceKind
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

KIND = "register_copy"
LONGEST_TEXT = 500


class CopyUnknown(NotFound):
    def __init__(self) -> None:
        super().__init__("Không có bản sao này, hoặc bản sao không phải của trường đang làm việc.")


class CopyDiffers(Conflict):
    """Somebody signed the copy in between."""


@dataclass(frozen=True, slots=True)
class NewCopy:
    """A copy whose pages lie in the object store already."""

    id: UUID
    kind: CopyKind
    source_kind: SourceKind
    source_id: UUID
    source_title: str
    source_sha256: str
    archive_entry_id: UUID | None
    pupil_id: UUID | None
    pupil_name: str
    number: int
    year: int
    notation: str
    requester: str
    purpose: str
    signer_id: UUID
    content_sha256: Sha256
    page_count: int


def take_number(session: Session, *, by: Principal, at: datetime) -> tuple[int, int]:
    """The next number of the year, and the year; a rollback gives it back. Raises NotAllowed."""
    require_office(by)
    year = civil_date(at).year
    row = insert(RegisterCopyCounter).values(school_id=by.agency_id, year=year, last=1)
    last = session.scalar(
        row.on_conflict_do_update(
            index_elements=["school_id", "year"], set_={"last": RegisterCopyCounter.last + 1}
        ).returning(RegisterCopyCounter.last)
    )
    assert last is not None
    return last, year


def make(session: Session, new: NewCopy, *, by: Principal, at: datetime) -> UUID:
    """In the transaction that took the number. Raises NotAllowed, Invalid."""
    require_office(by)
    session.add(
        RegisterCopy(
            id=new.id,
            school_id=by.agency_id,
            kind=new.kind,
            source_kind=new.source_kind,
            source_id=new.source_id,
            source_title=new.source_title,
            source_sha256=new.source_sha256,
            archive_entry_id=new.archive_entry_id,
            pupil_id=new.pupil_id,
            pupil_name=new.pupil_name,
            number=new.number,
            year=new.year,
            notation=new.notation,
            requester=said(new.requester, "requester", "Ghi người hoặc cơ quan đề nghị."),
            purpose=said(new.purpose, "purpose", "Ghi mục đích sử dụng bản sao."),
            signer_id=new.signer_id,
            state=CopyState.AWAITING_SIGNATURE,
            state_since=at,
            content_sha256=str(new.content_sha256),
            page_count=new.page_count,
            cancelled_because=None,
            made_by=by.person_id,
            made_at=at,
        )
    )
    # Who asked, and what for, is no business of the log.
    audit.record(
        session,
        "register_copy.made",
        object_kind=KIND,
        object_id=new.id,
        by=by,
        at=at,
        details={"source_id": str(new.source_id), "number": new.number, "year": new.year},
    )
    return new.id


def to_sign(
    session: Session, copy_id: UUID, *, by: Principal, in_state: CopyState | None = None
) -> RegisterCopy:
    """The copy, locked, if it is this person's turn and, where it is given, `in_state`.

    Raises CopyUnknown, NotAllowed, CopyStepRefused.
    """
    row = locked(session, copy_id)
    step = step_of(row)
    states.after(row.state, step)
    is_clerk = PositionKind(by.position_kind) is PositionKind.CLERK
    is_mine = is_clerk if step is CopyStep.SEAL else by.person_id == row.signer_id
    if not is_mine or in_state not in (None, row.state):
        raise NotAllowed("Lúc này bản sao chờ người khác ký hoặc đóng dấu.")
    return row


def record_signature(
    session: Session,
    copy_id: UUID,
    *,
    source: Sha256,
    result: Sha256,
    by: Principal,
    at: datetime,
) -> CopyState:
    """Raises what `to_sign` raises, and CopyDiffers."""
    row = to_sign(session, copy_id, by=by)
    if row.content_sha256 != str(source):
        raise CopyDiffers("Có người vừa ký bản sao này. Hãy mở lại rồi ký.")
    row.content_sha256 = str(result)
    _take(session, row, step_of(row), by=by, at=at)
    return row.state


def cancel(session: Session, copy_id: UUID, reason: str, *, by: Principal, at: datetime) -> None:
    """Before it is issued; the number stays annulled. Raises CopyUnknown, CopyStepRefused."""
    row = locked(session, copy_id)
    require_office(by)
    states.after(row.state, CopyStep.CANCEL)
    row.cancelled_because = said(reason, "reason", "Ghi lý do hủy.")
    _take(session, row, CopyStep.CANCEL, by=by, at=at)


def step_of(row: RegisterCopy) -> CopyStep:
    """The signature that comes next."""
    return CopyStep.SIGN if row.state is CopyState.AWAITING_SIGNATURE else CopyStep.SEAL


def locked(session: Session, copy_id: UUID) -> RegisterCopy:
    """Raises CopyUnknown."""
    row = session.scalars(
        select(RegisterCopy).where(RegisterCopy.id == copy_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise CopyUnknown
    return row


def require_office(by: Principal) -> None:
    if not rules.may_open_classes(staff_queries.actor(by), by.agency_id):
        raise NotAllowed("Bản sao từ sổ gốc do ban giám hiệu và văn thư của trường cấp.")


def said(text: str, field: str, message: str) -> str:
    kept = cleaned_text(text)
    if not 2 <= len(kept) <= LONGEST_TEXT:
        raise Invalid(message, fields={field: message})
    return kept


def _take(
    session: Session, row: RegisterCopy, step: CopyStep, *, by: Principal, at: datetime
) -> None:
    row.state, row.state_since = states.after(row.state, step), at
    audit.record(
        session,
        f"register_copy.{step.value}",
        object_kind=KIND,
        object_id=row.id,
        by=by,
        at=at,
        details={"content_sha256": row.content_sha256},
    )
