"""The seal on the cover of a package; the order of the ceremony is `eoffice.signing.ceremony`'s."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.signing import ceremony
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.transfers import actions
from eoffice.transfers.actions import CoverDiffers
from eoffice.transfers.rendering import SEAL_FIELD
from eoffice.transfers.states import TransferState
from eoffice.web.principal import Principal

R = TypeVar("R")


def seal(
    transfer_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], TransferState]], R],
) -> R:
    """Raises TransferUnknown, NotAllowed, TransferStepRefused and what the ceremony raises."""
    return ceremony.perform(
        by,
        pin,
        step=SEAL,
        of=Subject(transfer_id),
        within=within,
    )


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    row = actions.to_seal(session, of.id, by=by)
    letterhead = people.letterhead(session, row.school_id, on=civil_date(at))
    return SigningTask(
        subject_kind=actions.KIND,
        subject_id=row.id,
        agency_id=row.school_id,
        field=SEAL_FIELD,
        purpose=Purpose.SEAL,
        content_sha256=Sha256.parse(row.cover_sha256),
        capacity="Con dấu của nhà trường",
        signer_name=by.full_name,
        unit_name=people.unit(session, row.school_id).name,
        place=letterhead.place,
        title=f"Hồ sơ chuyển trường của {row.pupil_name}",
        path=f"/registers/transfers/{row.id}",
        superior_name=letterhead.superior,
        seal_unit_id=row.school_id,
    )


def _conclude(session: Session, signed: Signed, *, by: Principal) -> TransferState:
    try:
        return actions.record_seal(
            session,
            signed.subject_id,
            source=signed.source,
            result=signed.sha256,
            by=by,
            at=signed.at,
        )
    except CoverDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SEAL: Final = SignatureStep("pupil_transfer.seal", _begin, _conclude)
