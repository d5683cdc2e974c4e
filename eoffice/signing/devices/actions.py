"""What happens to devices: paired by a code, called from a page by a pass, retired with a token."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from asn1crypto import x509
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import NotAllowed
from eoffice.people import accounts, acting, credentials
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind, Scope
from eoffice.people.model import ApiToken
from eoffice.signing import mechanisms
from eoffice.signing.devices import rules
from eoffice.signing.devices.model import DevicePairing, DevicePass, SigningDevice
from eoffice.signing.devices.rules import NameDiffers, PairingRefused, ProofWrong, TooManyDevices
from eoffice.signing.mechanisms import KeyNotSuitable, Mechanism
from eoffice.web.principal import Principal

#: The task that puts the key of a device on record; the web process cannot.
REGISTER = "signing.register_device_key"


def offer(session: Session, *, for_seal: bool, by: Principal, at: datetime) -> str:
    """A code with which one device can be paired; shown this once, valid for ten minutes.

    An earlier code of the same person that was not used is void.
    Raises NotAllowed: the seal is the clerk's to use.
    """
    if for_seal and PositionKind(by.position_kind) is not PositionKind.CLERK:
        raise NotAllowed("Chỉ văn thư của cơ quan ghép đôi được thiết bị của con dấu số.")
    session.execute(
        update(DevicePairing)
        .where(DevicePairing.person_id == by.person_id, DevicePairing.used_at.is_(None))
        .values(used_at=at)
    )
    code = rules.new_code()
    row = DevicePairing(
        id=new_id(),
        code_sha256=rules.code_hash(code),
        person_id=by.person_id,
        appointment_id=by.appointment_id,
        seal_unit_id=by.agency_id if for_seal else None,
        made_at=at,
        expires_at=at + rules.CODE_HOLDS,
    )
    session.add(row)
    audit.record(
        session,
        "signing_device.offered",
        object_kind="device_pairing",
        object_id=row.id,
        by=by,
        at=at,
        details={"seal": for_seal},
    )
    return code


def redeemed(session: Session, code: str, *, at: datetime) -> Principal:
    """Who was shown this code, which is used up by it. Raises PairingRefused.

    Runs without anybody being signed in: the code is what proves it.
    """
    row = session.scalars(
        select(DevicePairing)
        .where(
            DevicePairing.code_sha256 == rules.code_hash(code),
            DevicePairing.used_at.is_(None),
            DevicePairing.expires_at > at,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise PairingRefused
    row.used_at = at
    return acting.principal_of(session, row.appointment_id)


def pair(
    session: Session,
    code: str,
    *,
    name: str,
    certificate: bytes,
    chain: Sequence[bytes],
    mechanism: Mechanism,
    proof: bytes,
    by: Principal,
    at: datetime,
) -> str:
    """Take the device with its key; the token with which it works, shown this once.

    `by` is whom the code was shown to (`redeemed`). An older key of the same holder is retired when
    this one is put on record. Raises ProofWrong, NameDiffers, TooManyDevices, KeyNotSuitable.
    """
    if not _is_proven(code, certificate, mechanism, proof):
        raise ProofWrong(
            "Thiết bị chưa chứng minh được là đang giữ khóa của chứng thư số này. "
            "Hãy cắm thiết bị ký số và thử lại với mã mới."
        )
    seal_unit_id = session.scalar(
        select(DevicePairing.seal_unit_id).where(DevicePairing.code_sha256 == rules.code_hash(code))
    )
    holder = by.full_name if seal_unit_id is None else people.unit(session, seal_unit_id).name
    _require_name(certificate, holder)
    count = session.scalar(
        select(func.count())
        .select_from(SigningDevice)
        .join(ApiToken, ApiToken.id == SigningDevice.token_id)
        .where(
            SigningDevice.person_id == by.person_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > at,
        )
    )
    if (count or 0) >= rules.MOST_DEVICES:
        raise TooManyDevices(
            f"Mỗi người ghép đôi không quá {rules.MOST_DEVICES} máy. Hãy thu hồi máy không dùng."
        )
    token = accounts.create_token(
        session,
        name=name,
        scopes=(Scope.DEVICE,),
        life=rules.DEVICE_LIFE,
        by=replace(by, scopes=frozenset({Scope.DEVICE.value})),
        at=at,
    )
    session.flush()
    token_id = session.scalars(
        select(ApiToken.id).where(ApiToken.token_sha256 == credentials.token_hash(token))
    ).one()
    row = SigningDevice(
        id=new_id(),
        token_id=token_id,
        person_id=by.person_id,
        seal_unit_id=seal_unit_id,
        name=name.strip(),
        certificate=certificate,
        chain=list(chain),
        paired_at=at,
    )
    session.add(row)
    audit.record(
        session,
        "signing_device.paired",
        object_kind="signing_device",
        object_id=row.id,
        by=by,
        at=at,
        details={"seal": seal_unit_id is not None},
    )
    outbox.promise(session, REGISTER, at=at, device_id=row.id)
    return token


def give_pass(session: Session, shown: Sequence[UUID], *, by: Principal, at: datetime) -> str:
    """With which a page of the office may call the program beside it, once, within two minutes,
    for the requests that it shows."""
    given = secrets.token_urlsafe(rules.PASS_BYTES)
    session.add(
        DevicePass(
            pass_sha256=rules.pass_hash(given),
            person_id=by.person_id,
            request_ids=list(shown),
            expires_at=at + rules.PASS_HOLDS,
        )
    )
    return given


def take_pass(
    session: Session, given: str, *, by: Principal, at: datetime
) -> tuple[UUID, ...] | None:
    """For which requests the office has given this pass to the same person; None where it has not.

    It is used up by the question.
    """
    used = session.execute(
        update(DevicePass)
        .where(
            DevicePass.pass_sha256 == rules.pass_hash(given),
            DevicePass.person_id == by.person_id,
            DevicePass.expires_at > at,
            DevicePass.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(DevicePass.request_ids)
    )
    found = used.scalar_one_or_none()
    return None if found is None else tuple(found)


def forget(session: Session, *, at: datetime) -> None:
    """Codes and passes whose time is over. For the worker. Idempotent."""
    session.execute(
        delete(DevicePairing).where(
            or_(DevicePairing.expires_at <= at, DevicePairing.used_at.is_not(None))
        )
    )
    session.execute(delete(DevicePass).where(DevicePass.expires_at <= at))


def _is_proven(code: str, certificate: bytes, mechanism: Mechanism, proof: bytes) -> bool:
    try:
        return mechanisms.is_signed_by(
            certificate, proof, rules.proven(code, certificate), mechanism
        )
    except (ValueError, TypeError) as failure:
        raise KeyNotSuitable("Chứng thư số trên thiết bị không đọc được.") from failure


def _require_name(certificate: bytes, holder: str) -> None:
    named = str(x509.Certificate.load(certificate).subject.native.get("common_name", ""))
    if not rules.is_same_name(named, holder):
        raise NameDiffers(
            f"Chứng thư số trên thiết bị mang tên “{named}”, không phải “{holder}”. "
            "Hãy cắm đúng thiết bị, hoặc báo quản trị viên nếu tên trong hồ sơ chưa đúng."
        )


def device(session: Session, device_id: UUID) -> SigningDevice | None:
    """For the worker. None where it was never committed."""
    return session.get(SigningDevice, device_id)
