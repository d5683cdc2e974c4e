"""A person has a browser told, or no longer; and what the worker notes of it. Actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from eoffice.alerts import push_rules
from eoffice.alerts.push_model import PushDevice
from eoffice.alerts.push_rules import Device
from eoffice.alerts.rules import TooMany
from eoffice.alerts.states import Timing
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.outbox import promise
from eoffice.web.principal import Principal


class DeviceUnknown(NotFound):
    """The person has no such device."""


@dataclass(frozen=True, slots=True)
class DeviceSet:
    """A device as its owner sees it."""

    id: UUID
    name: str
    timing: Timing
    created_at: datetime
    #: When it last got a message.
    reached_at: datetime | None


def devices_of(session: Session, person_id: UUID) -> tuple[DeviceSet, ...]:
    """The oldest first."""
    rows = session.scalars(
        select(PushDevice)
        .where(PushDevice.person_id == person_id, PushDevice.ended_at.is_(None))
        .order_by(PushDevice.created_at)
    )
    return tuple(
        DeviceSet(row.id, row.name, row.timing, row.created_at, row.reached_at) for row in rows
    )


def add_device(
    session: Session, device: Device, timing: Timing, *, by: Principal, at: datetime
) -> UUID:
    """Push to this browser from now on; who was told by it before is told there no more.

    Raises TooMany.
    """
    session.execute(select(func.free_push_device(device.endpoint)))
    mine = session.scalars(
        select(PushDevice)
        .where(PushDevice.person_id == by.person_id, PushDevice.ended_at.is_(None))
        .with_for_update(of=PushDevice)
    ).all()
    for row in mine:
        if row.endpoint == device.endpoint:
            row.ended_at = at
    others = [row for row in mine if row.ended_at is None]
    if len(others) >= push_rules.MOST_DEVICES:
        words = f"Mỗi người có tối đa {push_rules.MOST_DEVICES} thiết bị. Hãy bỏ bớt một thiết bị."
        raise TooMany(words, fields={"endpoint": words})
    session.flush()  # The index allows an endpoint once.
    row = PushDevice(
        id=new_id(),
        person_id=by.person_id,
        endpoint=device.endpoint,
        public_key=device.public_key,
        auth_secret=device.auth_secret,
        name=device.name,
        timing=timing,
        created_at=at,
        is_gone=False,
    )
    session.add(row)
    session.flush()
    _record(session, "alert.device_added", row.id, by, at)
    return row.id


def set_timing(
    session: Session, device_id: UUID, timing: Timing, *, by: Principal, at: datetime
) -> None:
    """Raises DeviceUnknown."""
    _device(session, device_id, by).timing = timing
    _record(session, "alert.timing_set", device_id, by, at)


def end_device(session: Session, device_id: UUID, *, by: Principal, at: datetime) -> None:
    """Nothing is pushed there any more. Raises DeviceUnknown."""
    _device(session, device_id, by).ended_at = at
    _record(session, "alert.device_ended", device_id, by, at)


def promise_news(session: Session, person_id: UUID, *, at: datetime) -> None:
    """What was found new at `at` goes to each device that is told at once."""
    told = select(PushDevice.id).where(
        PushDevice.person_id == person_id,
        PushDevice.ended_at.is_(None),
        PushDevice.timing == Timing.AT_ONCE,
    )
    for device_id in session.scalars(told).all():
        promise(session, "alerts.push_news", at=at, device_id=device_id, found_at=at.isoformat())


def devices_for_digest(session: Session) -> tuple[tuple[UUID, date | None], ...]:
    """Devices that are told in the morning, with the day on which they last were."""
    rows = session.execute(
        select(PushDevice.id, PushDevice.told_on).where(
            PushDevice.ended_at.is_(None), PushDevice.timing == Timing.DAILY
        )
    )
    return tuple((row.id, row.told_on) for row in rows)


def promise_digest(session: Session, device_id: UUID, *, today: date, at: datetime) -> bool:
    """The morning's message of a device, once a day; False where it was promised before."""
    changed = session.scalars(
        update(PushDevice)
        .where(
            PushDevice.id == device_id,
            PushDevice.ended_at.is_(None),
            or_(PushDevice.told_on.is_(None), PushDevice.told_on < today),
        )
        .values(told_on=today)
        .returning(PushDevice.id)
    ).one_or_none()
    if changed is None:
        return False
    promise(session, "alerts.push_digest", at=at, device_id=device_id)
    return True


def device(session: Session, device_id: UUID) -> PushDevice | None:
    """For the tasks that push to it; None once it has ended."""
    row = session.get(PushDevice, device_id)
    return None if row is None or row.ended_at is not None else row


def note_pushed(session: Session, device_id: UUID, *, is_gone: bool, at: datetime) -> None:
    """The push service took a message, or said that nobody listens there any more."""
    row = device(session, device_id)
    if row is None:
        return
    if is_gone:
        row.ended_at, row.is_gone = at, True
    else:
        row.reached_at = at


def _device(session: Session, device_id: UUID, by: Principal) -> PushDevice:
    row = session.scalars(
        select(PushDevice)
        .where(
            PushDevice.id == device_id,
            PushDevice.person_id == by.person_id,
            PushDevice.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise DeviceUnknown("Không có thiết bị này.")
    return row


def _record(session: Session, action: str, object_id: UUID, by: Principal, at: datetime) -> None:
    record(session, action, object_kind="push_device", object_id=object_id, by=by, at=at)
