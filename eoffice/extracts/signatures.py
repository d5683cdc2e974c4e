"""The signature and the seal on a copy, in the order of `eoffice.signing.ceremony`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.documents import types
from eoffice.extracts import actions
from eoffice.extracts.actions import CopyDiffers
from eoffice.extracts.rendering import PRINCIPAL_FIELD, SEAL_FIELD
from eoffice.extracts.states import CopyState, CopyStep
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people import signers
from eoffice.signing import ceremony
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

R = TypeVar("R")


def sign(
    copy_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], CopyState]], R],
    in_state: CopyState | None = None,
) -> R:
    """Sign, or seal what was signed; only `in_state`, if it is given, because it decides the key.

    Raises what `actions.to_sign` and the ceremony raise.
    """
    return ceremony.perform(
        by,
        pin,
        step=SIGN,
        of=Subject(copy_id),
        begin=partial(_begin_in, copy_id=copy_id, by=by, in_state=in_state),
        within=within,
    )


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    return _begin_in(session, at, copy_id=of.id, by=by, in_state=None)


def _begin_in(
    session: Session,
    at: datetime,
    *,
    copy_id: UUID,
    by: Principal,
    in_state: CopyState | None,
) -> SigningTask:
    row = actions.to_sign(session, copy_id, by=by, in_state=in_state)
    is_seal = actions.step_of(row) is CopyStep.SEAL
    letterhead = people.letterhead(session, row.school_id, on=civil_date(at))
    capacity = "Con dấu của nhà trường"
    if not is_seal:
        right = signers.strongest(session, by.person_id, row.school_id, at=at)
        lines = types.capacity_lines(right.capacity, right.title, right.head_title)
        capacity = " ".join(lines).upper()
    return SigningTask(
        subject_kind=actions.KIND,
        subject_id=row.id,
        agency_id=row.school_id,
        field=SEAL_FIELD if is_seal else PRINCIPAL_FIELD,
        purpose=Purpose.SEAL if is_seal else Purpose.APPROVE,
        content_sha256=Sha256.parse(row.content_sha256),
        capacity=capacity,
        signer_name=by.full_name,
        unit_name=people.unit(session, row.school_id).name,
        place=letterhead.place,
        title=row.source_title,
        path=f"/registers/copies/{row.id}",
        superior_name=letterhead.superior,
        seal_unit_id=row.school_id if is_seal else None,
    )


def _conclude(session: Session, signed: Signed, *, by: Principal) -> CopyState:
    try:
        return actions.record_signature(
            session,
            signed.subject_id,
            source=signed.source,
            result=signed.sha256,
            by=by,
            at=signed.at,
        )
    except CopyDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SIGN: Final = SignatureStep("register_copy.sign", _begin, _conclude)
