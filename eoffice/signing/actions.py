"""What happens to keys: registered, found for a task, locked after wrong PINs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import NotAllowed, NotFound
from eoffice.signing.model import KeyStoreKind, SigningKey
from eoffice.signing.subjects import SigningTask
from eoffice.web.principal import Principal

MOST_WRONG_PINS = 5
LOCKED_FOR = timedelta(minutes=15)


class NoKey(NotFound):
    """There is no signing key for this person or seal."""


class KeyLocked(NotAllowed):
    """The key is locked for a while after too many wrong PINs."""


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A key as the ceremony needs it."""

    id: UUID
    store: KeyStoreKind
    locator: str
    certificate: bytes
    chain: tuple[bytes, ...] = ()
    compatibility: bool = False


def register_key(
    session: Session,
    *,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
    store: KeyStoreKind,
    locator: str,
    certificate: bytes,
    chain: Sequence[bytes] = (),
    compatibility: bool = False,
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
        chain=list(chain),
        compatibility=compatibility,
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
    return in_use(key)


def in_use(key: SigningKey) -> KeyInUse:
    return KeyInUse(
        key.id, key.store, key.locator, key.certificate, tuple(key.chain), key.compatibility
    )


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
