"""How far recipients are with what a document asks of them, point by point. Read only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents import rules as documents_rules
from eoffice.documents.model import Document, DocumentRecipient, IssuanceRecipient
from eoffice.documents.states import State
from eoffice.people import queries as people
from eoffice.people import working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.people.working_days import Calendar
from eoffice.routing import outside_rules, points_rules, rules
from eoffice.routing.model import Delivery
from eoffice.routing.outgoing import DispatchUnknown
from eoffice.routing.points_rules import Progress
from eoffice.routing.states import DeliveryState
from eoffice.routing.work_model import DeliveryPoint, Point, PointAddressee
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class PointSeen:
    """A point as its writer stated it."""

    id: UUID
    ordinal: int
    text: str
    due_on: date | None
    unit_ids: tuple[UUID, ...]
    group_codes: tuple[str, ...]
    #: In words; empty: every recipient.
    addressees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointDone:
    """One point in the hands of one recipient."""

    id: UUID
    ordinal: int
    text: str
    due_on: date | None
    progress: Progress
    days_late: int
    begun_at: datetime | None
    done_at: datetime | None
    report: str | None
    file_name: str | None
    file_sha256: str | None
    file_media_type: str | None

    @property
    def word(self) -> str:
        return points_rules.PROGRESS_NAMES[self.progress]

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


@dataclass(frozen=True, slots=True)
class RecipientProgress:
    """One recipient of a document with all its points and what they come to."""

    delivery_id: UUID | None
    unit_id: UUID
    unit_name: str
    #: The unit above, by which a map is arranged.
    above: str
    state: DeliveryState | None
    points: tuple[PointDone, ...]
    #: Of the document as a whole, or where it states points, of the worst of them.
    progress: Progress
    days_late: int

    @property
    def word(self) -> str:
        return points_rules.PROGRESS_NAMES[self.progress]


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    document_id: UUID
    code: str
    subject: str
    state: State
    due_on: date | None
    points: tuple[PointSeen, ...]
    #: By the unit above and name.
    recipients: tuple[RecipientProgress, ...]
    counts: Mapping[Progress, int]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of the report to the leader: one recipient and one piece of work."""

    document_id: UUID
    code: str
    unit_name: str
    #: The point, or the subject of a document without points.
    work: str
    due_on: date | None
    progress: Progress
    days_late: int
    done_on: date | None
    report: str

    @property
    def word(self) -> str:
        return points_rules.PROGRESS_NAMES[self.progress]


def stated(session: Session, document_id: UUID) -> tuple[PointSeen, ...]:
    """What a document asks of whom, in its order."""
    points = session.scalars(
        select(Point).where(Point.document_id == document_id).order_by(Point.ordinal)
    ).all()
    rows = session.execute(
        select(PointAddressee, Unit.name)
        .join(Unit, Unit.id == PointAddressee.unit_id, isouter=True)
        .where(PointAddressee.point_id.in_([each.id for each in points]))
        .order_by(Unit.name, PointAddressee.group_code)
    ).all()
    named: defaultdict[UUID, list[tuple[PointAddressee, str]]] = defaultdict(list)
    for addressee, name in rows:
        said = (
            name
            if addressee.group_code is None
            else people.group_name(session, addressee.group_code)
        )
        named[addressee.point_id].append((addressee, said))
    return tuple(
        PointSeen(
            each.id,
            each.ordinal,
            each.text,
            each.due_on,
            tuple(a.unit_id for a, _ in named[each.id] if a.unit_id is not None),
            tuple(a.group_code for a, _ in named[each.id] if a.group_code is not None),
            tuple(said for _, said in named[each.id]),
        )
        for each in points
    )


def addressees(session: Session, document_id: UUID) -> list[tuple[str, str]]:
    """Units that were chosen as recipients of a document, as (identifier, name) for a form."""
    rows = session.execute(
        select(Unit.id, Unit.name)
        .join(DocumentRecipient, DocumentRecipient.unit_id == Unit.id)
        .where(DocumentRecipient.document_id == document_id)
        .order_by(Unit.name)
    )
    return [(str(row.id), row.name) for row in rows]


def of_delivery(session: Session, delivery_id: UUID, *, today: date) -> tuple[PointDone, ...]:
    """The points in the hands of one recipient, in the document's order."""
    calendar = working_days_queries.calendar(session)
    rows = session.scalars(
        select(DeliveryPoint)
        .where(DeliveryPoint.delivery_id == delivery_id)
        .order_by(DeliveryPoint.ordinal)
    )
    return tuple(_point_done(each, today, calendar) for each in rows)


def of_document(
    session: Session, document_id: UUID, *, who: Principal, today: date
) -> DocumentProgress:
    """What a document of the own agency asks for, and how far each recipient is.

    Raises DispatchUnknown for somebody else's, and for who reads no documents.
    """
    document = session.scalars(
        select(Document).where(Document.id == document_id, Document.agency_id == who.agency_id)
    ).one_or_none()
    if document is None or not documents_rules.may_write(PositionKind(who.position_kind)):
        raise DispatchUnknown
    calendar = working_days_queries.calendar(session)
    above = aliased(Unit)
    rows = session.execute(
        select(Unit.id, Unit.name, above.name.label("above"), Delivery)
        .select_from(IssuanceRecipient)
        .join(Unit, Unit.id == IssuanceRecipient.unit_id)
        .join(above, above.id == Unit.parent_id, isouter=True)
        .join(
            Delivery,
            (Delivery.document_id == IssuanceRecipient.document_id)
            & (Delivery.recipient_unit_id == IssuanceRecipient.unit_id),
            isouter=True,
        )
        .where(IssuanceRecipient.document_id == document_id)
        .order_by(above.name, Unit.name)
    ).all()
    deliveries = [row.Delivery.id for row in rows if row.Delivery is not None]
    points: defaultdict[UUID, list[PointDone]] = defaultdict(list)
    for each in session.scalars(
        select(DeliveryPoint)
        .where(DeliveryPoint.delivery_id.in_(deliveries))
        .order_by(DeliveryPoint.ordinal)
    ):
        points[each.delivery_id].append(_point_done(each, today, calendar))
    recipients = tuple(
        _recipient(row.id, row.name, row.above or "", row.Delivery, points, today, calendar)
        for row in rows
    )
    counted = Counter(each.progress for each in recipients)
    return DocumentProgress(
        document_id=document_id,
        code=""
        if document.number is None
        else outside_rules.code(str(document.number), document.notation),
        subject=document.subject,
        state=document.state,
        due_on=document.due_on,
        points=stated(session, document_id),
        recipients=recipients,
        counts={each: counted[each] for each in Progress},
    )


def report(
    session: Session, *, who: Principal, since: date, until: date, today: date
) -> list[ReportLine]:
    """Everything that the agency asked of others in documents of these days.

    By unit, deadline and state. Raises DispatchUnknown for who reads no documents.
    """
    if not documents_rules.may_write(PositionKind(who.position_kind)):
        raise DispatchUnknown
    calendar = working_days_queries.calendar(session)
    rows = session.execute(
        select(Delivery, Unit.name)
        .join(Unit, Unit.id == Delivery.recipient_unit_id)
        .where(
            Delivery.sender_agency_id == who.agency_id,
            Delivery.document_id.is_not(None),
            Delivery.forwarding_id.is_(None),
            Delivery.issued_on >= since,
            Delivery.issued_on <= until,
            Delivery.state != DeliveryState.RECALLED,
        )
    ).all()
    points: defaultdict[UUID, list[PointDone]] = defaultdict(list)
    for each in session.scalars(
        select(DeliveryPoint)
        .join(Delivery, Delivery.id == DeliveryPoint.delivery_id)
        .where(
            DeliveryPoint.sender_agency_id == who.agency_id,
            Delivery.issued_on >= since,
            Delivery.issued_on <= until,
        )
        .order_by(DeliveryPoint.ordinal)
    ):
        points[each.delivery_id].append(_point_done(each, today, calendar))
    lines = [
        line
        for delivery, name in rows
        for line in _lines(delivery, name, points[delivery.id], today, calendar)
    ]
    order = list(Progress)
    return sorted(
        lines,
        key=lambda each: (
            each.unit_name,
            each.due_on or date.max,
            order.index(each.progress),
            each.code,
        ),
    )


def _lines(
    delivery: Delivery,
    unit_name: str,
    points: list[PointDone],
    today: date,
    calendar: Calendar,
) -> list[ReportLine]:
    assert delivery.document_id is not None
    code = outside_rules.code(delivery.number, delivery.notation)
    if points:
        return [
            ReportLine(
                delivery.document_id,
                code,
                unit_name,
                each.text,
                each.due_on,
                each.progress,
                each.days_late,
                None if each.done_at is None else clock.civil_date(each.done_at),
                each.report or "",
            )
            for each in points
        ]
    if delivery.due_on is None or not rules.asks_work(delivery.purpose):
        return []
    done_on = None if delivery.done_at is None else clock.civil_date(delivery.done_at)
    progress, days_late = _of_whole(delivery, today, calendar)
    return [
        ReportLine(
            delivery.document_id,
            code,
            unit_name,
            delivery.subject,
            delivery.due_on,
            progress,
            days_late,
            done_on,
            "",
        )
    ]


def _recipient(
    unit_id: UUID,
    name: str,
    above: str,
    delivery: Delivery | None,
    points: Mapping[UUID, list[PointDone]],
    today: date,
    calendar: Calendar,
) -> RecipientProgress:
    if delivery is None:
        return RecipientProgress(None, unit_id, name, above, None, (), Progress.NOT_BEGUN, 0)
    own = tuple(points.get(delivery.id, ()))
    progress, days_late = _of_whole(delivery, today, calendar)
    worst = points_rules.worst([each.progress for each in own])
    if worst is not None and delivery.state not in (
        DeliveryState.REFUSED,
        DeliveryState.RECALLED,
    ):
        progress = worst
        days_late = max(each.days_late for each in own)
    return RecipientProgress(
        delivery.id, unit_id, name, above, delivery.state, own, progress, days_late
    )


def _of_whole(delivery: Delivery, today: date, calendar: Calendar) -> tuple[Progress, int]:
    """How a recipient stands with a document that states no points."""
    done_on = None if delivery.done_at is None else clock.civil_date(delivery.done_at)
    asked = rules.asks_work(delivery.purpose)
    took_note = not asked and delivery.registered_at is not None
    done = delivery.state is DeliveryState.DONE or took_note
    if took_note and done_on is None and delivery.registered_at is not None:
        done_on = clock.civil_date(delivery.registered_at)
    if delivery.state in (DeliveryState.REFUSED, DeliveryState.RECALLED):
        return Progress.NOT_BEGUN, 0
    state = points_rules.state_of(begun=delivery.assigned_at is not None, done=done)
    return (
        points_rules.progress(state, delivery.due_on, done_on, today, calendar),
        calendar.days_late(delivery.due_on, done_on, today),
    )


def _point_done(row: DeliveryPoint, today: date, calendar: Calendar) -> PointDone:
    done_on = None if row.done_at is None else clock.civil_date(row.done_at)
    state = points_rules.state_of(begun=row.begun_at is not None, done=row.done_at is not None)
    return PointDone(
        id=row.id,
        ordinal=row.ordinal,
        text=row.text,
        due_on=row.due_on,
        progress=points_rules.progress(state, row.due_on, done_on, today, calendar),
        days_late=calendar.days_late(row.due_on, done_on, today),
        begun_at=row.begun_at,
        done_at=row.done_at,
        report=row.report,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        file_media_type=row.file_media_type,
    )
