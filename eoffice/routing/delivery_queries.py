"""What a recipient sees of what was delivered.

Read only. Clerks and those who lead see everything that came to their agency; others see what was
assigned to them or to their unit, and what answers a document that their unit drafted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents.model import Document
from eoffice.documents.recipients.rules import Purpose
from eoffice.documents.types import Secrecy, Urgency
from eoffice.errors import Conflict, NotFound
from eoffice.people import working_days_queries
from eoffice.people.working_days import Calendar
from eoffice.routing import outside_rules, rules, succession
from eoffice.routing.model import (
    Arrival,
    Assignment,
    Delivery,
    DeliveryFile,
)
from eoffice.routing.outside_rules import Origin
from eoffice.routing.rules import ArrivalBookKind
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal


class DeliveryUnknown(NotFound):
    """There is no such delivery, or it is not for the acting agency."""

    def __init__(self) -> None:
        super().__init__("Không có văn bản gửi đến này, hoặc văn bản không gửi cho đơn vị này.")


class CopyRecalled(Conflict):
    """The sender took the document back; its content is not shown any more."""

    def __init__(self) -> None:
        super().__init__(
            "Nơi gửi đã thu hồi văn bản này nên nội dung và tệp đính kèm không còn xem được. "
            "Trang văn bản ghi lý do thu hồi."
        )


class FileUnknown(NotFound):
    """The delivery has no such file, or it has not been opened yet."""

    def __init__(self) -> None:
        super().__init__("Không có tệp này. Nếu văn bản chưa được mở, hãy mở văn bản trước.")


@dataclass(frozen=True, slots=True)
class FileSeen:
    #: 1 for the first.
    position: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DeliverySeen:
    """A document that came to the acting agency."""

    id: UUID
    origin: Origin
    #: None for what came from outside of this office.
    document_id: UUID | None
    sender_agency_id: UUID | None
    sender_organ_id: str | None
    sender_name: str
    type_name: str
    #: Number and notation.
    code: str
    issued_on: date
    subject: str
    signer_name: str
    signer_position: str | None
    language: str | None
    description: str | None
    to_places: str | None
    urgency: Urgency
    secrecy: Secrecy
    due_on: date | None
    #: None for a paper of which there is no file.
    content_sha256: str | None
    page_count: int
    state: DeliveryState
    delivered_at: datetime
    opened_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str | None
    #: The unit above that passed it on, and its covering instruction.
    forwarded_by_name: str | None
    covering_instruction: str | None
    #: Last day for the clerk to register and submit it.
    to_be_handled_by: date
    arrival_id: UUID | None
    arrival_number: int | None
    #: The agency's own document that this one answers, with its number and notation.
    answers_document_id: UUID | None
    answers_code: str | None

    #: Why the agency has it, and whom it is for there.
    purpose: Purpose
    addressees: str | None

    @property
    def is_recalled(self) -> bool:
        return self.state is DeliveryState.RECALLED

    @property
    def is_open(self) -> bool:
        """Whether somebody has looked at it, and it was not taken back: only then it is read."""
        return self.opened_at is not None and not self.is_recalled


def deliveries(
    session: Session,
    *,
    who: Principal,
    among: Collection[DeliveryState] = tuple(DeliveryState),
    after: tuple[str, ...] | None = None,
    limit: int,
) -> list[DeliverySeen]:
    """What came to the agency, latest first; `after` is (delivered_at, id) of the last one seen."""
    wanted = _visible_deliveries(session, who).where(Delivery.state.in_(among))
    if after is not None:
        seen = (datetime.fromisoformat(after[0]), UUID(after[1]))
        wanted = wanted.where(tuple_(Delivery.delivered_at, Delivery.id) < tuple_(*seen))
    rows = session.execute(
        wanted.order_by(Delivery.delivered_at.desc(), Delivery.id.desc()).limit(limit)
    ).all()
    codes = own_codes(session, [row.Delivery for row in rows])
    calendar = working_days_queries.calendar(session)
    return [delivery_seen(row.Delivery, row.arrival_id, codes, calendar) for row in rows]


def search(session: Session, words: str, *, who: Principal, limit: int) -> list[DeliverySeen]:
    """What came to the agency and holds all words in subject, number or sender, latest first.

    Without regard to diacritics.
    """
    text = func.concat_ws(
        " ", Delivery.subject, Delivery.number, Delivery.notation, Delivery.sender_name
    )
    rows = session.execute(
        _visible_deliveries(session, who)
        .where(func.vn_tsv(text).op("@@")(func.vn_q(words)))
        .order_by(Delivery.delivered_at.desc(), Delivery.id.desc())
        .limit(limit)
    ).all()
    codes = own_codes(session, [row.Delivery for row in rows])
    calendar = working_days_queries.calendar(session)
    return [delivery_seen(row.Delivery, row.arrival_id, codes, calendar) for row in rows]


def delivery(session: Session, delivery_id: UUID, *, who: Principal) -> DeliverySeen:
    """A document that came to the agency of `who`. Raises DeliveryUnknown."""
    row = session.execute(
        _visible_deliveries(session, who).where(Delivery.id == delivery_id)
    ).one_or_none()
    if row is None:
        raise DeliveryUnknown
    calendar = working_days_queries.calendar(session)
    codes = own_codes(session, [row.Delivery])
    return delivery_seen(row.Delivery, row.arrival_id, codes, calendar)


def files(session: Session, delivery_id: UUID) -> tuple[FileSeen, ...]:
    """What came with the document, in the sender's order."""
    rows = session.scalars(
        select(DeliveryFile)
        .where(DeliveryFile.delivery_id == delivery_id)
        .order_by(DeliveryFile.position)
    )
    return tuple(
        FileSeen(file.position, file.name, file.media_type, file.size_bytes, file.sha256)
        for file in rows
    )


def readable(session: Session, delivery_id: UUID, *, who: Principal) -> DeliverySeen:
    """A delivery whose content `who` may read.

    The sender sees "opened" and may rely on it: nothing is read before. Raises DeliveryUnknown,
    CopyRecalled, and FileUnknown unopened.
    """
    seen = delivery(session, delivery_id, who=who)
    if seen.is_recalled:
        raise CopyRecalled
    if not seen.is_open:
        raise FileUnknown
    return seen


def file(session: Session, delivery_id: UUID, position: int, *, who: Principal) -> FileSeen:
    """One of the files of a delivery that was opened. Raises DeliveryUnknown, FileUnknown."""
    readable(session, delivery_id, who=who)
    for each in files(session, delivery_id):
        if each.position == position:
            return each
    raise FileUnknown


def _visible_deliveries(session: Session, who: Principal) -> Select[Delivery, UUID]:
    seen = select(Delivery, Arrival.id.label("arrival_id")).join(
        Arrival, Arrival.delivery_id == Delivery.id, isouter=True
    )
    agencies = succession.agencies_of(session, who.agency_id)
    return seen.where(Delivery.recipient_agency_id.in_(agencies), may_see(who))


def may_see(who: Principal) -> ColumnElement[bool]:
    """Of a delivery joined with its arrival: whether this person works with it."""
    if rules.reads_arrival_book(ArrivalBookKind.SECRET, who.position_kind):
        return true()
    assigned = (
        select(Assignment.id)
        .where(
            Assignment.arrival_id == Arrival.id,
            # What is one person's is not the unit's: in a school that would be all its staff.
            or_(
                Assignment.person_id == who.person_id,
                and_(Assignment.person_id.is_(None), Assignment.unit_id == who.unit_id),
            ),
        )
        .exists()
    )
    answers_us = (
        select(Document.id)
        .where(
            Document.id == Delivery.answers_document_id,
            Document.drafting_unit_id == who.unit_id,
        )
        .exists()
    )
    if rules.reads_the_book(who.position_kind):
        return or_(Delivery.secrecy == Secrecy.NONE, assigned)
    return or_(assigned, answers_us)


def own_codes(session: Session, found: Iterable[Delivery]) -> dict[UUID, str]:
    """Number and notation of the agency's own documents that these deliveries answer."""
    wanted = {each.answers_document_id for each in found} - {None}
    if not wanted:
        return {}
    rows = session.execute(
        select(Delivery.document_id, Delivery.number, Delivery.notation)
        .where(Delivery.document_id.in_(wanted))
        .distinct()
    )
    return {row.document_id: outside_rules.code(row.number, row.notation) for row in rows}


def delivery_seen(
    found: Delivery,
    arrival_id: UUID | None,
    own_codes: dict[UUID, str],
    calendar: Calendar,
) -> DeliverySeen:
    answered = found.answers_document_id
    return DeliverySeen(
        id=found.id,
        origin=found.origin,
        document_id=found.document_id,
        sender_organ_id=found.sender_organ_id,
        sender_agency_id=found.sender_agency_id,
        sender_name=found.sender_name,
        type_name=outside_rules.type_name(found.document_type, found.type_name),
        code=outside_rules.code(found.number, found.notation),
        issued_on=found.issued_on,
        subject=found.subject,
        signer_name=found.signer_name,
        signer_position=found.signer_position,
        language=found.language,
        description=found.description,
        to_places=found.to_places,
        urgency=found.urgency,
        secrecy=found.secrecy,
        due_on=found.due_on,
        content_sha256=found.content_sha256,
        page_count=found.page_count,
        state=found.state,
        delivered_at=found.delivered_at,
        opened_at=found.opened_at,
        refused_at=found.refused_at,
        refusal_reason=found.refusal_reason,
        forwarded_by_name=found.forwarded_by_name,
        covering_instruction=found.covering_instruction,
        to_be_handled_by=rules.to_be_handled_by(clock.civil_date(found.delivered_at), calendar),
        arrival_id=arrival_id,
        arrival_number=found.arrival_number,
        answers_document_id=answered,
        answers_code=None if answered is None else own_codes.get(answered),
        purpose=found.purpose,
        addressees=found.addressees,
    )
