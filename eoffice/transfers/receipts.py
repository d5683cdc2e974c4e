"""Receipts for packages that came as a file: what the school decided, signed for the sender.

The order of every signature, as in `eoffice.routing.receipts`: the body is committed before the key
is asked, and what the key gave afterwards; a second run signs the same body. The key is the log's,
whose public half offices give one another as `<office>.pub` beside their trust anchors. A receipt
names no pupil: the package's identifier and the digest of its manifest say which package it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.audit import leaf, receipt
from eoffice.audit.checkpoint import Signer, Verifier
from eoffice.audit.receipt import Outcome
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.transfers.actions import LONGEST_REASON, own, require_office, step
from eoffice.transfers.model import PupilTransfer, TransferIntake, TransferReceipt
from eoffice.transfers.states import IntakeState, TransferState, TransferStep
from eoffice.web.principal import Principal

TASK = "transfers.receipt"
SIGNER = f"worker:{TASK}"
LARGEST_BYTES = 20_000
_STEPS = {
    IntakeState.TAKEN_IN.value: TransferStep.TAKE_IN,
    IntakeState.REFUSED.value: TransferStep.REFUSE,
}


class ReceiptUnknown(NotFound):
    """There is no signed receipt yet, or the acting school is no side of it."""

    def __init__(self) -> None:
        super().__init__(
            "Chưa có biên nhận. Biên nhận có sau khi trường quyết định về hồ sơ ít phút."
        )


class ReceiptInvalid(Invalid):
    """The file is no receipt of a package, was changed, or its signer is not trusted."""


class OtherPackage(Conflict):
    """The receipt is of another package, or the sender learns of this one without a receipt."""


def promise(session: Session, row: TransferIntake, *, at: datetime) -> None:
    """Have a decision receipted, where the sender sees nothing of it and the package has a name."""
    if not row.is_of_office and row.transfer_id is not None:
        outbox.promise(session, TASK, at=at, intake_id=row.id)


def content_of(session: Session, intake_id: UUID) -> Sha256:
    """The package that was decided about. Runs as the office itself."""
    return Sha256.parse(session.get_one(TransferIntake, intake_id).content_sha256)


def prepare(session: Session, intake_id: UUID, manifest: bytes, *, at: datetime) -> str | None:
    """Commit what will be signed; the body, or None where the receipt is signed already.

    Runs as the office itself; a second run finds the same body.
    """
    row = session.get_one(TransferIntake, intake_id)
    assert row.decided_at is not None  # A receipt is promised with the decision.
    school = people.unit(session, row.school_id)
    body: receipt.Body = {
        "package_id": str(row.transfer_id),
        "manifest_sha256": sha256(manifest).hexdigest(),
        "sender": row.from_school,
        "recipient": school.name,
        "recipient_organ_id": school.organ_id,
        "outcome": row.state.value,
        "reason": row.refused_because,
        "decided_at": leaf.instant(row.decided_at),
    }
    session.execute(
        insert(TransferReceipt)
        .values(
            intake_id=intake_id,
            school_id=row.school_id,
            body=leaf.canonical(dict(body)).decode(),
            requested_at=at,
        )
        .on_conflict_do_nothing()
    )
    kept = session.execute(
        select(TransferReceipt.body, TransferReceipt.signed_at).where(
            TransferReceipt.intake_id == intake_id
        )
    ).one()
    return None if kept.signed_at is not None else str(kept.body)


def sign(body: str, signer: Signer) -> str:
    """The receipt as a file. Asks the key; no transaction may be open."""
    return receipt.signed(json.loads(body), signer, receipt.PUPIL_TYPE)


def conclude(session: Session, intake_id: UUID, document: str, *, at: datetime) -> None:
    """Keep the signed receipt. Idempotent: the first one stays."""
    signed = session.scalar(
        update(TransferReceipt)
        .where(TransferReceipt.intake_id == intake_id, TransferReceipt.signed_at.is_(None))
        .values(signed_at=at, document=document)
        .returning(TransferReceipt.intake_id)
    )
    if signed is not None:
        audit.record(
            session,
            "transfer_intake.receipted",
            object_kind="transfer_intake",
            object_id=intake_id,
            by=SIGNER,
            at=at,
        )


def of_intake(session: Session, intake_id: UUID, *, who: Principal) -> str | None:
    """The receipt that the acting school gives; None before it is signed. Raises NotAllowed."""
    require_office(who, who.agency_id)
    return session.scalar(
        select(TransferReceipt.document).where(
            TransferReceipt.intake_id == intake_id, TransferReceipt.school_id == who.agency_id
        )
    )


def of_transfer(session: Session, transfer_id: UUID, *, who: Principal) -> str | None:
    """The receipt that came for a package of the acting school. Raises NotAllowed."""
    require_office(who, who.agency_id)
    return session.scalar(
        select(PupilTransfer.receipt).where(
            PupilTransfer.id == transfer_id, PupilTransfer.school_id == who.agency_id
        )
    )


def record(
    session: Session,
    transfer_id: UUID,
    content: bytes,
    trusted: Iterable[Verifier],
    *,
    by: Principal,
    at: datetime,
) -> TransferState:
    """The sending school learns what became of its package: the package's state ends.

    Raises ReceiptInvalid, OtherPackage, TransferUnknown, NotAllowed, TransferStepRefused.
    """
    body = read(content, trusted)
    row = own(session, transfer_id, by=by)
    if row.to_school_id is not None:
        raise OtherPackage("Trường tiếp nhận cùng văn phòng tự ghi kết quả, không cần biên nhận.")
    manifest = sha256(row.manifest.encode()).hexdigest()
    if (body.get("package_id"), body.get("manifest_sha256")) != (str(row.id), manifest):
        raise OtherPackage("Biên nhận này là của một hồ sơ khác.")
    taken = _STEPS[str(body["outcome"])]
    if taken is TransferStep.REFUSE:
        row.because = str(body.get("reason"))[:LONGEST_REASON]
    row.receipt = content.decode()
    step(
        session,
        row,
        taken,
        by=by,
        at=at,
        receipt_sha256=sha256(content).hexdigest(),
        recipient=str(body.get("recipient")),
    )
    return row.state


def read(content: bytes, trusted: Iterable[Verifier]) -> dict[str, Any]:
    """The body of a receipt that one of these keys signed. Pure. Raises ReceiptInvalid."""
    keys = tuple(trusted)
    found = [receipt.verify(content, key) for key in (keys or (None,))]
    if all(one.outcome is not Outcome.INTACT for one in found):
        unknown = any(one.outcome is Outcome.UNKNOWN_KEY for one in found)
        raise ReceiptInvalid(
            "Biên nhận còn nguyên vẹn nhưng do một văn phòng chưa được tin cậy ký. Quản trị viên "
            "đặt khóa công khai của văn phòng đó (tệp .pub) vào thư mục tin cậy rồi thử lại."
            if unknown
            else found[0].reason
        )
    told = json.loads(content)
    if told["type"] != receipt.PUPIL_TYPE or str(told["body"].get("outcome")) not in _STEPS:
        raise ReceiptInvalid("Tệp này không phải là biên nhận hồ sơ chuyển trường.")
    body: dict[str, Any] = told["body"]
    return body
