"""What happens to a part of a report book once it is asked for: made, signed, returned, closed.

The pages are made by the worker and the signatures by the ceremony, both outside of transactions;
here their results are put on record. Who asks for parts is in `asking_actions`, what happens after
the close in `withdrawal_actions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.classes import staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.clock import civil_date
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.reports import department_queries, rules, states
from eoffice.reports.model import ReportPart, ReportPartSignature
from eoffice.reports.states import PartState, PartStep, PartStepRefused, Place
from eoffice.web.principal import Principal

LONGEST_REASON = 1_000
FIELDS = {Place.HOMEROOM: "homeroom", Place.PRINCIPAL: "principal", Place.SEAL: "school_seal"}
LABELS = {
    Place.HOMEROOM: "Giáo viên chủ nhiệm",
    Place.PRINCIPAL: "Hiệu trưởng",
    Place.SEAL: "Con dấu của nhà trường",
}


class PartUnknown(NotFound):
    """There is no such part, or the acting unit may not know of it."""

    def __init__(self) -> None:
        super().__init__("Không có học bạ này, hoặc đơn vị đang làm việc không được xem.")


class NotYourPlace(NotAllowed):
    """This place in the part is somebody else's to sign."""


class PartDiffers(Conflict):
    """The part was signed by somebody else meanwhile."""


class PlaceUnknown(Invalid):
    """The part has no place of this name for a signature."""


class NothingToClose(Conflict):
    """No part of this class, or school, is sealed and waits for the close."""


@dataclass(frozen=True, slots=True)
class Made:
    """The unsigned pages in the object store, and the data embedded in them."""

    content_sha256: Sha256
    data_sha256: Sha256
    page_count: int
    is_reassessed: bool


def field(place: Place, subject_code: str | None) -> str:
    """The name of the signature field of a place in the file."""
    return f"subject_{subject_code}" if place is Place.SUBJECT else FIELDS[place]


def record_made(session: Session, part_id: UUID, made: Made, *, by: str, at: datetime) -> None:
    """The pages are made: lay them before the first who sign them. Idempotent.

    A part that was returned meanwhile stays returned.
    """
    part = locked(session, part_id)
    if part.state is not PartState.PREPARING:
        return
    part.content_sha256 = str(made.content_sha256)
    part.data_sha256 = str(made.data_sha256)
    part.page_count = made.page_count
    part.is_reassessed = made.is_reassessed
    session.flush()  # Before the state that demands content.
    signatures = _signatures(session, part)
    session.add_all(signatures)
    step = states.laying({each.place for each in signatures})
    take(session, part, step, by=by, at=at, sha256=part.content_sha256)


def refuse_making(session: Session, part_id: UUID, why: str, *, by: str, at: datetime) -> None:
    """The pages cannot be made from these data: give the part back with the reason. Idempotent."""
    part = locked(session, part_id)
    if part.state is PartState.PREPARING:
        part.returned_because = why[:LONGEST_REASON]
        take(session, part, PartStep.RETURN, by=by, at=at)


def place_to_sign(
    session: Session, part_id: UUID, name: str, *, by: Principal
) -> tuple[ReportPart, ReportPartSignature]:
    """The part and the place, locked, if it is this person's turn there.

    Raises PlaceUnknown, NotYourPlace, PartStepRefused.
    """
    part = locked(session, part_id)
    found = session.get(ReportPartSignature, (part_id, name))
    if found is None:
        raise PlaceUnknown(f"Học bạ không có chỗ ký “{name}”.")
    if found.signed_at is not None:
        raise PartStepRefused("Phần này của học bạ đã được ký.")
    states.after(part.state, _step(session, part, found))
    signing = department_queries.signing(session, part.school_year)
    if not rules.signs(
        found.place,
        found.signer_id,
        staff_queries.actor(by),
        part.school_id,
        deputy_may_sign=signing.deputy_may_sign,
    ):
        raise NotYourPlace(f"Phần “{found.label}” của học bạ do người khác ký.")
    return part, found


def record_signature(
    session: Session,
    part_id: UUID,
    name: str,
    *,
    source: Sha256,
    result: Sha256,
    capacity: str,
    by: Principal,
    at: datetime,
) -> PartState:
    """A signature was made on `source`: `result` is the part from now on. Returns the new state.

    Raises PartDiffers when somebody signed in between.
    """
    part, place = place_to_sign(session, part_id, name, by=by)
    if part.content_sha256 != str(source):
        raise PartDiffers("Có người vừa ký vào học bạ này. Hãy mở lại học bạ rồi ký.")
    step = _step(session, part, place)
    place.signed_by = by.person_id
    place.signed_at = at
    place.capacity = capacity
    place.content_sha256 = part.content_sha256 = str(result)
    take(session, part, step, by=by, at=at, field=name, sha256=str(result))
    return part.state


def send_back(session: Session, part_id: UUID, reason: str, *, by: Principal, at: datetime) -> None:
    """Return a part that is not closed; the next version takes its place.

    The signatures that it bears stay on record with it. Raises PartStepRefused once it is closed.
    """
    part = locked(session, part_id)
    if not rules.may_return(staff_queries.actor(by), staff_queries.staff(session, part.class_id)):
        raise NotAllowed("Chỉ những người có phần ký trong học bạ được trả lại học bạ.")
    part.returned_because = said(reason)
    take(session, part, PartStep.RETURN, by=by, at=at)


def close(
    session: Session,
    school_year: str,
    class_id: UUID | None,
    *,
    by: Principal,
    at: datetime,
    part_ids: Collection[UUID] | None = None,
) -> int:
    """Close every sealed part of a class, or (None) of the whole school; how many.

    `part_ids`: of these only. From now on a part changes only through the superior unit; it goes
    into the archive, where report books stay for ever (Decree 88/2026).
    Raises NothingToClose, NotAllowed.
    """
    if not rules.may_close(staff_queries.actor(by), by.agency_id):
        raise NotAllowed("Chỉ hiệu trưởng và văn thư được chốt học bạ.")
    query = (
        select(ReportPart)
        .where(
            ReportPart.school_id == by.agency_id,
            ReportPart.school_year == school_year,
            ReportPart.state == PartState.SEALED,
        )
        .order_by(ReportPart.id)
        .with_for_update()
    )
    if class_id is not None:
        query = query.where(ReportPart.class_id == class_id)
    if part_ids is not None:
        query = query.where(ReportPart.id.in_(part_ids))
    parts = session.scalars(query).all()
    if not parts:
        raise NothingToClose("Không có học bạ nào đã đóng dấu và đang chờ chốt.")
    for part in parts:
        part.closed_at, part.closed_by = at, by.person_id
        take(session, part, PartStep.CLOSE, by=by, at=at, sha256=part.content_sha256)
    _promise_archiving(session, parts, at=at)
    return len(parts)


# --- Parts ---------------------------------------------------------------------------------------


def locked(session: Session, part_id: UUID) -> ReportPart:
    """Raises PartUnknown."""
    part = session.scalars(
        select(ReportPart).where(ReportPart.id == part_id).with_for_update()
    ).one_or_none()
    if part is None:
        raise PartUnknown
    return part


def said(text: str, name: str = "reason") -> str:
    """A reason as it is kept. Raises Invalid."""
    why = " ".join(text.split())
    if not 5 <= len(why) <= LONGEST_REASON:
        words = f"Hãy ghi lý do, từ 5 đến {LONGEST_REASON} ký tự."
        raise Invalid(words, fields={name: words})
    return why


def take(
    session: Session,
    part: ReportPart,
    step: PartStep,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    """The step, with its event. Raises PartStepRefused."""
    was = part.state
    part.state = states.after(was, step)
    if part.state is not was:
        part.state_since = at
    record(
        session, f"report_part.{step.value}", part, by=by, at=at, state=part.state.value, **details
    )


def record(
    session: Session,
    action: str,
    part: ReportPart,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="report_part",
        object_id=part.id,
        by=by,
        at=at,
        details=details,
    )


def title(part: ReportPart) -> str:
    """ "Học bạ của Trần Mỹ Chi, lớp 7A1, năm học 2024-2025" """
    return f"Học bạ của {part.pupil_name}, lớp {part.class_name}, năm học {part.school_year}"


def _step(session: Session, part: ReportPart, place: ReportPartSignature) -> PartStep:
    others = place.place is Place.SUBJECT and session.scalar(
        select(func.count())
        .select_from(ReportPartSignature)
        .where(
            ReportPartSignature.part_id == part.id,
            ReportPartSignature.place == Place.SUBJECT,
            ReportPartSignature.signed_at.is_(None),
            ReportPartSignature.field != place.field,
        )
    )
    return states.signing(place.place, is_last_subject=not others)


def _signatures(session: Session, part: ReportPart) -> list[ReportPartSignature]:
    """The places in the order of signing; the signers are those of the class."""
    taught = {
        row.code: row
        for row in session.scalars(
            select(ClassSubject)
            .where(ClassSubject.class_id == part.class_id)
            .order_by(ClassSubject.ordinal)
        )
    }
    homeroom = session.get_one(SchoolClass, part.class_id).homeroom_teacher_id
    return [
        ReportPartSignature(
            part_id=part.id,
            field=field(place, code),
            school_id=part.school_id,
            ordinal=ordinal,
            place=place,
            subject_code=code,
            label=LABELS[place] if code is None else taught[code].name,
            signer_id=(
                taught[code].teacher_id
                if code is not None
                else homeroom
                if place is Place.HOMEROOM
                else None
            ),
        )
        for ordinal, (place, code) in enumerate(rules.places(part.subjects_sign, taught), start=1)
    ]


def _promise_archiving(session: Session, parts: Iterable[ReportPart], *, at: datetime) -> None:
    outbox.promise_each(
        session,
        "archive.ingest",
        [
            {
                "kind": "report_book",
                "source_id": part.id,
                "content_sha256": part.content_sha256,
                "agency_id": part.school_id,
                "unit_id": part.school_id,
                "title": title(part),
                "number_notation": None,
                "issued_on": civil_date(at),
                "school_year": part.school_year,
                "class_name": part.class_name,
            }
            for part in parts
        ],
        at=at,
    )
