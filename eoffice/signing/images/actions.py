"""What happens to pictures: offered, approved or refused by a second person, no longer used."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import Invalid, NotAllowed, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.signing.images import states
from eoffice.signing.images.model import SignatureImage
from eoffice.signing.images.rules import Kind
from eoffice.signing.images.states import ImageState, ImageStep
from eoffice.web.principal import Principal

LONGEST_REASON = 500


class ImageUnknown(NotFound):
    """There is no such picture in this agency."""

    def __init__(self) -> None:
        super().__init__("Không có ảnh này trong cơ quan.")


class NotYourImage(NotAllowed):
    """This is for somebody else to do."""


class ReasonMissing(Invalid):
    """A picture is refused with a reason."""


def offer(
    session: Session,
    kind: Kind,
    content: Sha256,
    *,
    width_px: int,
    height_px: int,
    by: Principal,
    at: datetime,
) -> UUID:
    """Somebody's own signature, or the agency's seal, for a second person to approve.

    The picture is in the object store (`receiving.receive`). An earlier one that still waits is
    withdrawn; the one in use stays in use until this one is approved. Raises NotYourImage.
    """
    if not states.may_offer(kind, PositionKind(by.position_kind)):
        raise NotYourImage(
            "Văn thư hoặc quản trị hệ thống của cơ quan tải lên hình ảnh con dấu."
            if kind is Kind.SEAL
            else "Chức danh này không ký văn bản nên không có hình ảnh chữ ký."
        )
    person_id = by.person_id if kind is Kind.SIGNATURE else None
    for earlier in _of(session, by.agency_id, person_id, ImageState.OFFERED):
        _end(session, earlier, ImageStep.WITHDRAW, by=by, at=at)
    row = SignatureImage(
        id=new_id(),
        agency_id=by.agency_id,
        person_id=person_id,
        state=ImageState.OFFERED,
        content_sha256=str(content),
        width_px=width_px,
        height_px=height_px,
        offered_by=by.person_id,
        offered_at=at,
    )
    session.add(row)
    _record(session, "signature_image.offered", row, by=by, at=at, content_sha256=str(content))
    return row.id


def approve(session: Session, image_id: UUID, *, by: Principal, at: datetime) -> None:
    """It is really theirs: what is signed from now on bears it; the one before is retired.

    Raises ImageUnknown, NotYourImage, ImageStepRefused.
    """
    row = _for_decision(session, image_id, by)
    following = states.after(row.state, ImageStep.APPROVE)
    for earlier in _of(session, row.agency_id, row.person_id, ImageState.IN_USE):
        _end(session, earlier, ImageStep.RETIRE, by=by, at=at)
    session.flush()  # Before the update: the unique index allows one in use.
    row.state = following
    row.decided_by, row.decided_at = by.person_id, at
    _record(session, "signature_image.approved", row, by=by, at=at)


def refuse(session: Session, image_id: UUID, reason: str, *, by: Principal, at: datetime) -> None:
    """It is not taken, and the one who offered it is told why.

    Raises ReasonMissing, ImageUnknown, NotYourImage, ImageStepRefused.
    """
    because = " ".join(reason.split())[:LONGEST_REASON]
    if not because:
        raise ReasonMissing(
            "Chưa ghi lý do không duyệt ảnh.",
            fields={"reason": "Ghi một câu để người gửi biết phải sửa gì."},
        )
    row = _for_decision(session, image_id, by)
    row.state = states.after(row.state, ImageStep.REFUSE)
    row.decided_by, row.decided_at, row.ended_at = by.person_id, at, at
    row.refused_because = because
    _record(session, "signature_image.refused", row, by=by, at=at)


def put_away(session: Session, image_id: UUID, *, by: Principal, at: datetime) -> None:
    """Take back what waits, or use no longer what is in use: its owner, or the seal's keepers.

    Raises ImageUnknown, NotYourImage, ImageStepRefused.
    """
    row = _locked(session, image_id, by)
    keeps_seal = row.person_id is None and PositionKind(by.position_kind) in states.KEEPERS
    if by.person_id != row.person_id and not keeps_seal:
        raise NotYourImage("Chỉ chủ chữ ký, hoặc văn thư đối với con dấu, bỏ được ảnh này.")
    step = ImageStep.WITHDRAW if row.state is ImageState.OFFERED else ImageStep.RETIRE
    _end(session, row, step, by=by, at=at)


def _end(
    session: Session, row: SignatureImage, step: ImageStep, *, by: Principal, at: datetime
) -> None:
    row.state = states.after(row.state, step)
    row.ended_at = at
    action = "withdrawn" if step is ImageStep.WITHDRAW else "retired"
    _record(session, f"signature_image.{action}", row, by=by, at=at)


def _for_decision(session: Session, image_id: UUID, by: Principal) -> SignatureImage:
    row = _locked(session, image_id, by)
    if not states.may_decide(
        PositionKind(by.position_kind), offered_it=by.person_id == row.offered_by
    ):
        raise NotYourImage(
            "Ảnh phải do người khác duyệt: văn thư, quản trị hệ thống hoặc người đứng đầu cơ quan, "
            "không phải người đã tải lên."
        )
    return row


def _locked(session: Session, image_id: UUID, by: Principal) -> SignatureImage:
    row = session.scalars(
        select(SignatureImage)
        .where(SignatureImage.id == image_id, SignatureImage.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise ImageUnknown
    return row


def _of(
    session: Session, agency_id: UUID, person_id: UUID | None, state: ImageState
) -> list[SignatureImage]:
    return list(
        session.scalars(
            select(SignatureImage)
            .where(
                SignatureImage.agency_id == agency_id,
                SignatureImage.person_id.is_not_distinct_from(person_id),
                SignatureImage.state == state,
            )
            .with_for_update()
        )
    )


def _record(
    session: Session,
    action: str,
    row: SignatureImage,
    *,
    by: Principal,
    at: datetime,
    **details: Any,
) -> None:
    audit.record(
        session,
        action,
        object_kind="signature_image",
        object_id=row.id,
        by=by,
        at=at,
        details={"person_id": row.person_id and str(row.person_id), **details},
    )
