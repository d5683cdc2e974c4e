"""What happens to keys and to requests for signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import Conflict, NotAllowed, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.signing.model import (
    KeyStoreKind,
    Purpose,
    RequestState,
    SignatureRequest,
    SigningKey,
)
from eoffice.web.principal import Principal

MOST_WRONG_PINS = 5
LOCKED_FOR = timedelta(minutes=15)


class NoKey(NotFound):
    """There is no signing key for this person or seal."""


class KeyLocked(NotAllowed):
    """The key is locked for a while after too many wrong PINs."""


class ContentChanged(Conflict):
    """The content is not what was prepared for signing; it was changed or signed meanwhile."""


@dataclass(frozen=True, slots=True)
class SigningTask:
    """What is to be signed, where, and in which capacity; made by the slice that owns the subject.

    `content_sha256` is the content that the signer saw.
    """

    subject_kind: str
    subject_id: UUID
    agency_id: UUID
    field: str
    purpose: Purpose
    content_sha256: Sha256
    #: "GIÁM ĐỐC", "KT. HIỆU TRƯỞNG PHÓ HIỆU TRƯỞNG", or what a teacher signs for.
    capacity: str
    #: Name below the signature, or the unit's name for a seal.
    signer_name: str
    unit_name: str
    place: str
    #: Runs around the seal: whom the agency belongs to.
    superior_name: str = ""
    #: Lines below a handwritten signature, where the form does not print them itself.
    caption: tuple[str, ...] = ()
    #: Whose key: of the unit's seal, or of the acting person where None.
    seal_unit_id: UUID | None = None
    #: Said before the time by a signature without image, on separate appendices and copies.
    words: str = ""


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A key as the ceremony needs it."""

    id: UUID
    store: KeyStoreKind
    locator: str
    certificate: bytes


def register_key(
    session: Session,
    *,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
    store: KeyStoreKind,
    locator: str,
    certificate: bytes,
    by: Principal | str,
    at: datetime,
) -> UUID:
    """Put a key on record for a person or for a unit's seal; an older one is retired by it.

    Idempotent: the same certificate in the same store changes nothing.
    """
    held = SigningKey.holder_person_id == person_id if person_id else None
    if held is None:
        held = SigningKey.holder_unit_id == unit_id
    present = session.scalars(
        select(SigningKey).where(held, SigningKey.retired_at.is_(None)).with_for_update()
    ).one_or_none()
    if present is not None:
        if present.certificate == certificate and present.locator == locator:
            return present.id
        present.retired_at = at
        session.flush()  # Before the insert: the unique index allows one key in use.
    key = SigningKey(
        id=new_id(),
        holder_person_id=person_id,
        holder_unit_id=unit_id,
        store=store,
        locator=locator,
        certificate=certificate,
        registered_at=at,
    )
    session.add(key)
    audit.record(
        session,
        "signing_key.registered",
        object_kind="signing_key",
        object_id=key.id,
        by=by,
        at=at,
        details={"person_id": person_id and str(person_id), "unit_id": unit_id and str(unit_id)},
    )
    return key.id


def key_for(session: Session, task: SigningTask, *, by: Principal, at: datetime) -> KeyInUse:
    """The key with which this person signs the task. Raises NoKey, KeyLocked."""
    return key_of(session, task.seal_unit_id, task.unit_name, by=by, at=at)


def key_of(
    session: Session, seal_unit_id: UUID | None, unit_name: str, *, by: Principal, at: datetime
) -> KeyInUse:
    """The key of a unit's seal, or of this person where None. Raises NoKey, KeyLocked."""
    if seal_unit_id is not None:
        held = SigningKey.holder_unit_id == seal_unit_id
        missing = f"Chưa đăng ký chứng thư số con dấu của {unit_name}. Hãy báo quản trị viên."
    else:
        held = SigningKey.holder_person_id == by.person_id
        missing = "Chưa đăng ký chứng thư số của bạn trong hệ thống. Hãy báo quản trị viên."
    key = session.scalars(select(SigningKey).where(held, SigningKey.retired_at.is_(None))).first()
    if key is None:
        raise NoKey(missing)
    if key.locked_until is not None and key.locked_until > at:
        raise KeyLocked(
            "Khóa ký đang tạm khóa vì nhập sai mã PIN nhiều lần. Hãy thử lại sau 15 phút."
        )
    return KeyInUse(key.id, key.store, key.locator, key.certificate)


def count_wrong_pin(session: Session, key_id: UUID, *, by: Principal, at: datetime) -> int:
    """A wrong PIN was given; returns how many attempts are left before the key is locked."""
    key = session.scalars(select(SigningKey).where(SigningKey.id == key_id).with_for_update()).one()
    key.wrong_pins += 1
    left = MOST_WRONG_PINS - key.wrong_pins
    if left <= 0:
        key.wrong_pins = 0
        key.locked_until = at + LOCKED_FOR
    audit.record(
        session,
        "signing_key.wrong_pin",
        object_kind="signing_key",
        object_id=key_id,
        by=by,
        at=at,
        details={"locked": left <= 0},
    )
    return max(left, 0)


def count_right_pin(session: Session, key_id: UUID) -> None:
    """The PIN was right: the count of wrong ones begins anew."""
    session.execute(
        update(SigningKey)
        .where(SigningKey.id == key_id, SigningKey.wrong_pins > 0)
        .values(wrong_pins=0, locked_until=None)
    )


def request(
    session: Session,
    task: SigningTask,
    key: KeyInUse,
    *,
    prepared_sha256: Sha256,
    to_be_signed_sha256: Sha256,
    by: Principal,
    at: datetime,
) -> UUID:
    """Record what is about to be signed. Committed before the key store is called.

    Earlier requests for the same field that never finished are abandoned.
    """
    session.execute(
        update(SignatureRequest)
        .where(
            SignatureRequest.subject_kind == task.subject_kind,
            SignatureRequest.subject_id == task.subject_id,
            SignatureRequest.field == task.field,
            SignatureRequest.state == RequestState.REQUESTED,
        )
        .values(state=RequestState.ABANDONED, finished_at=at)
    )
    row = SignatureRequest(
        id=new_id(),
        subject_kind=task.subject_kind,
        subject_id=task.subject_id,
        agency_id=task.agency_id,
        field=task.field,
        purpose=task.purpose,
        key_id=key.id,
        person_id=by.person_id,
        appointment_id=by.appointment_id,
        capacity=task.capacity,
        source_sha256=str(task.content_sha256),
        prepared_sha256=str(prepared_sha256),
        to_be_signed_sha256=str(to_be_signed_sha256),
        state=RequestState.REQUESTED,
        requested_at=at,
    )
    session.add(row)
    audit.record(
        session,
        "signature.requested",
        object_kind=task.subject_kind,
        object_id=task.subject_id,
        by=by,
        at=at,
        details={
            "request_id": str(row.id),
            "field": task.field,
            "purpose": task.purpose.value,
            "to_be_signed_sha256": str(to_be_signed_sha256),
        },
    )
    return row.id


def complete(
    session: Session,
    request_id: UUID,
    *,
    result_sha256: Sha256,
    by: Principal,
    at: datetime,
) -> None:
    """The signature stands in recorded content. In the transaction that records that content."""
    row = session.scalars(
        select(SignatureRequest).where(SignatureRequest.id == request_id).with_for_update()
    ).one()
    if row.state is not RequestState.REQUESTED:
        raise ContentChanged(
            "Có người vừa ký lại mục này trong lúc bạn đang ký. Hãy mở lại văn bản để xem."
        )
    row.state = RequestState.SIGNED
    row.finished_at = at
    row.result_sha256 = str(result_sha256)
    audit.record(
        session,
        "signature.made",
        object_kind=row.subject_kind,
        object_id=row.subject_id,
        by=by,
        at=at,
        details={
            "request_id": str(row.id),
            "field": row.field,
            "purpose": row.purpose.value,
            "capacity": row.capacity,
            "key_id": str(row.key_id),
            "content_sha256": str(result_sha256),
        },
    )


def fail(session: Session, request_id: UUID, *, why: str, at: datetime) -> None:
    """The signature was not made. Idempotent."""
    session.execute(
        update(SignatureRequest)
        .where(SignatureRequest.id == request_id, SignatureRequest.state == RequestState.REQUESTED)
        .values(state=RequestState.FAILED, finished_at=at, failure=why[:500])
    )
