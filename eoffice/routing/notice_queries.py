"""What somebody is told without having asked: refusals, answers, recalls. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, aliased

from eoffice.documents.model import Document
from eoffice.documents.recipients.model import IssuancePerson
from eoffice.documents.recipients.rules import PURPOSE_NAMES, Purpose
from eoffice.people.model import Unit
from eoffice.routing import outside_rules, rules
from eoffice.routing.model import Delivery, Notice
from eoffice.routing.recall_model import DeliveryRecall
from eoffice.routing.rules import NoticeKind
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    id: UUID
    #: A whole sentence.
    text: str
    path: str
    created_at: datetime


def notices(session: Session, *, who: Principal, limit: int) -> tuple[NoticeSeen, ...]:
    """What the unit of `who`, or for a clerk its agency, has not put away yet; latest first."""
    rows = session.execute(
        select(Notice, Delivery, Unit.name, DeliveryRecall, Document, IssuancePerson.purpose)
        .outerjoin(Delivery, Delivery.id == Notice.delivery_id)
        .outerjoin(Unit, Unit.id == Delivery.recipient_unit_id)
        .outerjoin(DeliveryRecall, DeliveryRecall.delivery_id == Delivery.id)
        .outerjoin(Document, Document.id == Notice.document_id)
        .outerjoin(
            IssuancePerson,
            and_(
                IssuancePerson.document_id == Notice.document_id,
                IssuancePerson.person_id == Notice.person_id,
            ),
        )
        .where(*unread(who))
        .order_by(Notice.created_at.desc())
        .limit(limit)
    )
    return tuple(
        _of_document(notice, document, purpose or Purpose.ACTION)
        if document is not None
        else _notice_seen(notice, delivery, name, recall)
        for notice, delivery, name, recall, document, purpose in rows
    )


def _notice_seen(
    notice: Notice, delivery: Delivery, unit_name: str, recall: DeliveryRecall | None
) -> NoticeSeen:
    code = outside_rules.code(delivery.number, delivery.notation)
    match notice.kind:
        case NoticeKind.REFUSED:
            text = f"{unit_name} từ chối tiếp nhận {code}: {delivery.refusal_reason}"
            path = f"/documents/{delivery.document_id}/recipients?show=refused"
        case NoticeKind.ANSWERED:
            text = f"{delivery.sender_name} trả lời bằng văn bản {code}: {delivery.subject}"
            path = (
                f"/incoming/deliveries/{delivery.id}"
                if delivery.answers_document_id is None
                else f"/documents/{delivery.answers_document_id}/recipients"
            )
        case NoticeKind.RECALLED:
            because = "" if recall is None else f": {recall.reason}"
            text = f"{delivery.sender_name} đã thu hồi {code}{because}"
            path = f"/incoming/deliveries/{delivery.id}"
        case NoticeKind.RECALL_AGREED:
            text = f"{unit_name} đồng ý trả lại {code} đã thu hồi"
            path = f"/documents/{delivery.document_id}/recall"
        case NoticeKind.RECALL_REFUSED:
            because = "" if recall is None else f": {recall.answer}"
            text = f"{unit_name} từ chối trả lại {code} đã thu hồi{because}"
            path = f"/documents/{delivery.document_id}/recall"
        case NoticeKind.CHANGED:
            text = f"{delivery.sender_name} đã cập nhật hoặc thay thế {code}: {delivery.subject}"
            path = f"/incoming/deliveries/{delivery.id}"
        case NoticeKind.OUTSIDE_REFUSED | NoticeKind.OUTSIDE_ANSWERED:
            text = f"Có cơ quan ngoài hệ thống trả lời về {code}"
            path = f"/documents/{delivery.document_id}/exchange"
        case NoticeKind.ADDRESSED:
            text = f"{code} gửi đích danh bạn"
            path = f"/documents/{delivery.document_id}"
    return NoticeSeen(notice.id, text, path, notice.created_at)


def _of_document(notice: Notice, document: Document, purpose: Purpose) -> NoticeSeen:
    """Of an own document: issued to somebody here by name, or answered by agencies outside."""
    code = outside_rules.code(str(document.number), document.notation)
    abroad = f"/documents/{document.id}/exchange"
    if notice.kind is NoticeKind.OUTSIDE_REFUSED:
        text = f"Có cơ quan ngoài hệ thống từ chối tiếp nhận {code}: {document.subject}"
        return NoticeSeen(notice.id, text, abroad, notice.created_at)
    if notice.kind is NoticeKind.OUTSIDE_ANSWERED:
        text = f"Có cơ quan ngoài hệ thống trả lời việc lấy lại hoặc cập nhật {code}"
        return NoticeSeen(notice.id, text, abroad, notice.created_at)
    text = f"{code} gửi đích danh bạn {PURPOSE_NAMES[purpose]}: {document.subject}"
    return NoticeSeen(notice.id, text, f"/documents/{document.id}", notice.created_at)


def unread(who: Principal) -> Iterable[ColumnElement[bool]]:
    """Their own, and those of the unit (for clerks: the agency) that they have not as their own."""
    own = aliased(Notice)
    has_own = (
        select(own.id)
        .where(
            own.person_id == who.person_id,
            own.kind == Notice.kind,
            own.delivery_id.is_not_distinct_from(Notice.delivery_id),
            own.document_id.is_not_distinct_from(Notice.document_id),
        )
        .correlate(Notice)
        .exists()
    )
    of_unit = true() if rules.is_clerk(who.position_kind) else Notice.unit_id == who.unit_id
    return (
        Notice.agency_id == who.agency_id,
        Notice.read_at.is_(None),
        or_(
            Notice.person_id == who.person_id,
            and_(Notice.person_id.is_(None), of_unit, ~has_own),
        ),
    )
