"""What is done to one-time codes: turned on and off, spent, and replaced when they are lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.errors import Conflict, Invalid
from eoffice.people import one_time_codes
from eoffice.people.accounts import SignInRefused
from eoffice.people.model import (
    RecoveryCode,
    SignedIn,
    Totp,
)
from eoffice.people.operators import operators_only
from eoffice.people.person_actions import locked_person
from eoffice.web.principal import Principal


class CodesEnrolled(Conflict):
    """One-time codes are in use already."""


class CodesNotEnrolled(Conflict):
    """One-time codes are not in use."""


def begin_codes(session: Session, *, secret_key: str, by: Principal) -> str:
    """The key for a device, to be confirmed with its first code; the same until then.

    Raises CodesEnrolled.
    """
    row = session.get(Totp, by.person_id, with_for_update=True)
    if row is not None:
        if row.confirmed_at is not None:
            raise CodesEnrolled("Xác thực hai bước đã được bật từ trước.")
        return one_time_codes.decrypt(
            row.secret_encrypted, person_id=by.person_id, secret_key=secret_key
        )
    secret = one_time_codes.new_secret()
    session.add(
        Totp(
            person_id=by.person_id,
            secret_encrypted=one_time_codes.encrypt(
                secret, person_id=by.person_id, secret_key=secret_key
            ),
            last_step=0,
        )
    )
    return secret


def confirm_codes(
    session: Session, code: str, *, secret_key: str, by: Principal, at: datetime
) -> tuple[str, ...]:
    """The device has the key: from now on signing in asks for a code. Returns recovery codes.

    Raises CodesNotEnrolled, CodesEnrolled, Invalid.
    """
    row = session.get(Totp, by.person_id, with_for_update=True)
    if row is None:
        raise CodesNotEnrolled("Hãy mở lại trang bật xác thực hai bước để lấy mã QR.")
    if row.confirmed_at is not None:
        raise CodesEnrolled("Xác thực hai bước đã được bật từ trước.")
    if not _spend_code(row, code, secret_key=secret_key, at=at):
        raise Invalid(
            "Mã không đúng. Hãy kiểm tra giờ của điện thoại rồi nhập mã đang hiện.",
            fields={"code": "Mã không đúng hoặc đã hết hạn."},
        )
    row.confirmed_at = at
    record(session, "codes.enrolled", object_kind="person", object_id=by.person_id, by=by, at=at)
    return _new_recovery_codes(session, by.person_id)


def renew_recovery_codes(
    session: Session, code: str, *, secret_key: str, by: Principal, at: datetime
) -> tuple[str, ...]:
    """New recovery codes in place of all old ones; asks for a code. Raises SignInRefused."""
    check_code(session, by.person_id, code, secret_key=secret_key, at=at)
    record(
        session,
        "codes.recovery_renewed",
        object_kind="person",
        object_id=by.person_id,
        by=by,
        at=at,
    )
    return _new_recovery_codes(session, by.person_id)


def remove_codes(
    session: Session, code: str, *, secret_key: str, by: Principal, at: datetime
) -> None:
    """Sign in with the password alone again; asks for a code. Raises SignInRefused."""
    check_code(session, by.person_id, code, secret_key=secret_key, at=at)
    _forget_codes(session, by.person_id)
    record(session, "codes.removed", object_kind="person", object_id=by.person_id, by=by, at=at)


def reset_codes(session: Session, person_id: UUID, *, by: Principal | str, at: datetime) -> None:
    """An operator lets somebody in who lost device and recovery codes; signs them out.

    Raises OnlyOperators, PersonUnknown.
    """
    operators_only(by)
    locked_person(session, person_id)
    _forget_codes(session, person_id)
    session.execute(delete(SignedIn).where(SignedIn.person_id == person_id))
    record(session, "codes.reset", object_kind="person", object_id=person_id, by=by, at=at)


def check_code(
    session: Session, person_id: UUID, code: str, *, secret_key: str, at: datetime
) -> None:
    """Spend a code of the device, or a recovery code. Raises SignInRefused.

    The row is locked, so that of two requests with one code only one succeeds.
    """
    row = session.get(Totp, person_id, with_for_update=True)
    if row is not None and row.confirmed_at is not None:
        if _spend_code(row, code, secret_key=secret_key, at=at):
            return
        if one_time_codes.looks_like_recovery_code(code):
            spent = session.scalars(
                update(RecoveryCode)
                .where(
                    RecoveryCode.code_hash == one_time_codes.recovery_code_hash(person_id, code),
                    RecoveryCode.person_id == person_id,
                    RecoveryCode.used_at.is_(None),
                )
                .values(used_at=at)
                .returning(RecoveryCode.code_hash)
            ).one_or_none()
            if spent is not None:
                return
    raise SignInRefused(
        "Mã xác thực không đúng hoặc đã dùng. Hãy đợi mã mới trên điện thoại rồi nhập lại.",
        fields={"code": "Mã không đúng hoặc đã dùng."},
    )


def recovery_codes_left(session: Session, person_id: UUID) -> int | None:
    """How many recovery codes are unused; None where one-time codes are not in use."""
    confirmed_at = session.scalar(select(Totp.confirmed_at).where(Totp.person_id == person_id))
    if confirmed_at is None:
        return None
    return session.scalar(
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    )


def _spend_code(row: Totp, code: str, *, secret_key: str, at: datetime) -> bool:
    secret = one_time_codes.decrypt(
        row.secret_encrypted, person_id=row.person_id, secret_key=secret_key
    )
    step = one_time_codes.accepted_step(secret, code, at=at, last_step=row.last_step)
    if step is None:
        return False
    row.last_step = step
    return True


def _new_recovery_codes(session: Session, person_id: UUID) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    made = one_time_codes.new_recovery_codes()
    session.add_all(
        RecoveryCode(
            code_hash=one_time_codes.recovery_code_hash(person_id, code), person_id=person_id
        )
        for code in made
    )
    return made


def _forget_codes(session: Session, person_id: UUID) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(delete(Totp).where(Totp.person_id == person_id))
