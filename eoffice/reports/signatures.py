"""The signatures of a part: subject teachers, homeroom teacher, principal, and the school's seal.

What differs from the signatures of other things is here; the order of the ceremony is that of
`eoffice.signing.ceremony`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.db import transaction
from eoffice.documents import types
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people import signers
from eoffice.reports import actions, part_queries
from eoffice.reports.actions import NotYourPlace, PartDiffers
from eoffice.reports.model import ReportPart, ReportPartSignature
from eoffice.reports.states import PartState, Place
from eoffice.signing import ceremony
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

KIND = "report_part"

R = TypeVar("R")


def sign(
    part_id: UUID,
    field: str,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], PartState]], R],
) -> R:
    """Sign one place of a part, or seal it; the state that follows goes to `within`.

    Raises PlaceUnknown, NotYourPlace, PartStepRefused, NoAuthority and what `ceremony.perform`
    raises.
    """
    return ceremony.perform(
        by,
        pin,
        step=SIGN,
        of=Subject(part_id, field),
        within=within,
    )


def sign_mine(
    part_id: UUID,
    field: str | None,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], PartState]], R],
    in_states: Collection[PartState] = tuple(PartState),
) -> R:
    """Sign one place, or one after the other every place that is this person's turn.

    Each signature is on record by itself; `within` runs with the last. Interrupted, a repetition
    signs what is left. Raises NotYourPlace when there is nothing to sign (in one of these states,
    where the PIN opens one of two keys), and what `sign` raises.
    """
    fields = [field] if field is not None else _mine(part_id, by, in_states)
    if not fields:
        raise NotYourPlace("Lúc này học bạ không có phần nào chờ bạn ký.")
    *others, last = fields
    for other in others:
        sign(part_id, other, pin, by=by, within=partial(_in_own_transaction, by))
    return sign(part_id, last, pin, by=by, within=within)


def _mine(part_id: UUID, by: Principal, in_states: Collection[PartState]) -> list[str]:
    with transaction(by.acting) as session:
        state, fields = part_queries.fields_now(session, part_id, by)
    return list(fields) if state in in_states else []


def _in_own_transaction(by: Principal, last: Callable[[Session], PartState]) -> PartState:
    with transaction(by.acting) as session:
        return last(session)


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    part, place = actions.place_to_sign(session, of.id, of.field, by=by)
    letterhead = people.letterhead(session, part.school_id, on=civil_date(at))
    assert part.content_sha256 is not None
    return SigningTask(
        subject_kind=KIND,
        subject_id=part.id,
        agency_id=part.school_id,
        field=of.field,
        purpose=Purpose.SEAL if place.place is Place.SEAL else Purpose.APPROVE,
        content_sha256=Sha256.parse(part.content_sha256),
        capacity=_capacity(session, part, place, by, at),
        signer_name=by.full_name,
        unit_name=people.unit(session, part.school_id).name,
        place=letterhead.place,
        title=actions.title(part),
        path=f"/registers/reports/parts/{part.id}",
        superior_name=letterhead.superior,
        seal_unit_id=part.school_id if place.place is Place.SEAL else None,
    )


def _capacity(
    session: Session, part: ReportPart, place: ReportPartSignature, by: Principal, at: datetime
) -> str:
    if place.place is Place.SUBJECT:
        return f"Giáo viên môn {place.label} lớp {part.class_name}"
    if place.place is Place.HOMEROOM:
        return f"Giáo viên chủ nhiệm lớp {part.class_name}"
    if place.place is Place.PRINCIPAL:
        right = signers.strongest(session, by.person_id, part.school_id, at=at)
        return " ".join(types.capacity_lines(right.capacity, right.title, right.head_title)).upper()
    return "Con dấu của nhà trường"


def _conclude(session: Session, signed: Signed, *, by: Principal) -> PartState:
    try:
        return actions.record_signature(
            session,
            signed.subject_id,
            signed.field,
            source=signed.source,
            result=signed.sha256,
            capacity=signed.capacity,
            by=by,
            at=signed.at,
        )
    except PartDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SIGN: Final = SignatureStep("report_part.sign", _begin, _conclude)
