"""Points of a document: stated while it is written, handed out with it, reported by recipients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import rules as documents_rules
from eoffice.documents.model import Document
from eoffice.documents.states import State
from eoffice.errors import Conflict, NotFound
from eoffice.people import groups
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.routing import points_rules, rules, succession
from eoffice.routing.kept_file import KeptFile
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.points_rules import PointStep, StatedPoint
from eoffice.routing.states import DeliveryState
from eoffice.routing.steps import locked_delivery, mine
from eoffice.routing.work_model import DeliveryPoint, Point, PointAddressee
from eoffice.web.principal import Principal

_NOT_REPORTING = (DeliveryState.DELIVERED, DeliveryState.OPENED, DeliveryState.REFUSED)


class PointUnknown(NotFound):
    """There is no such point that the acting person may see."""

    def __init__(self) -> None:
        super().__init__("Không có việc này trong văn bản gửi đến đơn vị.")


class PointsFixed(Conflict):
    """The document has been issued, so what it asks for stays as it went out."""


class NotRegisteredYet(Conflict):
    """Progress is reported on what stands in the incoming book."""


def state_points(
    session: Session,
    document_id: UUID,
    points: Sequence[StatedPoint],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Say anew what the document asks of whom, until it is issued.

    Raises PointUnknown (also for somebody else's document), PointsFixed, PointUnacceptable,
    GroupUnknown.
    """
    document = session.get(Document, document_id, with_for_update=True)
    if (
        document is None
        or document.agency_id != by.agency_id
        or not documents_rules.may_write(PositionKind(by.position_kind))
    ):
        raise PointUnknown
    if document.state in (State.ISSUED, State.WITHDRAWN):
        raise PointsFixed("Văn bản đã phát hành hoặc thu hồi, không sửa các việc đã nêu được nữa.")
    stated = points_rules.checked(points, today=clock.civil_date(at))
    for each in stated:
        for code in each.group_codes:
            groups.group_of(code)
    session.execute(delete(Point).where(Point.document_id == document_id))
    for ordinal, each in enumerate(stated, start=1):
        point = Point(
            id=new_id(),
            agency_id=by.agency_id,
            document_id=document_id,
            ordinal=ordinal,
            text=each.text,
            due_on=each.due_on,
            stated_by=by.person_id,
            stated_at=at,
        )
        session.add(point)
        session.flush()  # Its addressees point to it.
        for unit_id in each.unit_ids:
            session.add(
                PointAddressee(
                    id=new_id(), agency_id=by.agency_id, point_id=point.id, unit_id=unit_id
                )
            )
        for code in each.group_codes:
            session.add(
                PointAddressee(
                    id=new_id(), agency_id=by.agency_id, point_id=point.id, group_code=code
                )
            )
    record(
        session,
        "document.points_stated",
        object_kind="document",
        object_id=document_id,
        by=by,
        at=at,
        details={"points": len(stated)},
    )


def hand_out(
    session: Session, document_id: UUID, delivery_ids: Sequence[UUID], *, on: date
) -> None:
    """Give each of these deliveries its copy of the points that are for its recipient.

    Runs as the office itself, in the transaction that makes the deliveries.
    """
    points = session.scalars(select(Point).where(Point.document_id == document_id)).all()
    if not points:
        return
    addressees = session.scalars(
        select(PointAddressee).where(PointAddressee.point_id.in_([each.id for each in points]))
    ).all()
    members: dict[str, frozenset[UUID]] = {}
    for code in {each.group_code for each in addressees} - {None}:
        assert code is not None
        meant = people.units_of_group(session, code, sender_agency_id=points[0].agency_id, on=on)
        members[code] = frozenset(each.id for each in meant)
    deliveries = session.scalars(select(Delivery).where(Delivery.id.in_(delivery_ids)))
    for delivery in deliveries:
        assert delivery.sender_agency_id is not None
        for point in points:
            named = [each for each in addressees if each.point_id == point.id]
            is_for_it = not named or any(
                each.unit_id == delivery.recipient_unit_id
                or delivery.recipient_unit_id in members.get(each.group_code or "", ())
                for each in named
            )
            if is_for_it:
                session.add(
                    DeliveryPoint(
                        id=new_id(),
                        delivery_id=delivery.id,
                        point_id=point.id,
                        sender_agency_id=delivery.sender_agency_id,
                        recipient_agency_id=delivery.recipient_agency_id,
                        ordinal=point.ordinal,
                        text=point.text,
                        due_on=point.due_on or delivery.due_on,
                    )
                )


def begin(session: Session, point_id: UUID, *, by: Principal, at: datetime) -> DeliveryPoint:
    """The recipient has begun to work on a point. Raises as `report` does."""
    point = _locked(session, point_id, by)
    points_rules.after(_state(point), PointStep.BEGIN)
    point.begun_at = at
    _record(session, "point.begun", point, by=by, at=at)
    return point


def report(
    session: Session,
    point_id: UUID,
    text: str,
    *,
    files: Sequence[KeptFile] = (),
    by: Principal,
    at: datetime,
) -> DeliveryPoint:
    """The recipient has done what the point asks for, and says how in a line, with a file or not.

    Raises PointUnknown, NotRegisteredYet, PointStepRefused, NotAssignedToYou, TextUnacceptable.
    """
    words = rules.checked_text(text, field="report")
    point = _locked(session, point_id, by)
    points_rules.after(_state(point), PointStep.REPORT)
    point.begun_at = point.begun_at or at
    point.done_at = at
    point.reported_by = by.person_id
    point.report = words
    for file in files[:1]:
        point.file_name = file.name
        point.file_media_type = file.media_type
        point.file_size_bytes = file.size_bytes
        point.file_sha256 = str(file.sha256)
    _record(session, "point.reported", point, by=by, at=at)
    return point


def _state(point: DeliveryPoint) -> points_rules.PointState:
    return points_rules.state_of(begun=point.begun_at is not None, done=point.done_at is not None)


def _locked(session: Session, point_id: UUID, by: Principal) -> DeliveryPoint:
    delivery_id = session.scalar(
        select(DeliveryPoint.delivery_id).where(
            DeliveryPoint.id == point_id,
            DeliveryPoint.recipient_agency_id.in_(succession.agencies_of(session, by.agency_id)),
        )
    )
    if delivery_id is None:
        raise PointUnknown
    delivery = locked_delivery(session, delivery_id, by)
    if delivery.state in _NOT_REPORTING:
        raise NotRegisteredYet("Văn bản chưa vào sổ, nên chưa báo cáo việc thực hiện được.")
    if delivery.state is DeliveryState.RECALLED:
        raise NotRegisteredYet("Nơi gửi đã thu hồi văn bản, không cần báo cáo nữa.")
    arrival = session.scalars(select(Arrival).where(Arrival.delivery_id == delivery_id)).one()
    if (
        not rules.reads_the_book(by.position_kind)
        and not session.scalars(mine(arrival, by)).first()
    ):
        raise rules.NotAssignedToYou("Việc này không giao cho bạn thực hiện.")
    return session.scalars(
        select(DeliveryPoint)
        .where(DeliveryPoint.id == point_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _record(
    session: Session, action: str, point: DeliveryPoint, *, by: Principal, at: datetime
) -> None:
    record(
        session,
        action,
        object_kind="delivery",
        object_id=point.delivery_id,
        by=by,
        at=at,
        details={"point": point.ordinal},
    )
