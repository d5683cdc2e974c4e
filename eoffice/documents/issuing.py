"""Issuing and withdrawing: who gets the document is resolved here, once, and kept.

Decree 30/2020, art. 18: issued on the day, at the latest on the next working day after signing.
Delivery is a promise for each recipient, so that an issue to five hundred units is one short
transaction and nothing is lost when a process dies behind it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.documents import books, types
from eoffice.documents.actions import locked_for, take
from eoffice.documents.model import (
    Document,
    DocumentRecipient,
    Issuance,
    IssuanceRecipient,
    RecipientKind,
    Withdrawal,
)
from eoffice.documents.states import State, Step
from eoffice.errors import Invalid
from eoffice.people import queries as people
from eoffice.web.principal import Principal


class NobodyToSendTo(Invalid):
    """The document names no recipient that exists on the day of issue."""


def recipients_of(session: Session, document: Document, *, at: datetime) -> dict[UUID, str | None]:
    """Units to which the document would go at this moment, with the group that names each.

    In the order in which they were chosen; a unit that is named twice goes by its first naming.
    The agency itself is left out.
    """
    found: dict[UUID, str | None] = {}
    chosen = session.scalars(
        select(DocumentRecipient)
        .where(DocumentRecipient.document_id == document.id)
        .order_by(DocumentRecipient.ordinal)
    )
    for recipient in chosen:
        if recipient.kind is RecipientKind.UNIT:
            assert recipient.unit_id is not None
            found.setdefault(recipient.unit_id, None)
        else:
            assert recipient.group_code is not None
            units = people.units_of_group(
                session,
                recipient.group_code,
                sender_agency_id=document.agency_id,
                on=clock.civil_date(at),
            )
            for unit in units:
                found.setdefault(unit.id, recipient.group_code)
    found.pop(document.agency_id, None)
    return found


def issue(session: Session, document_id: UUID, *, by: Principal, at: datetime) -> int:
    """Issue the sealed document to its recipients; returns how many.

    Promises one delivery for each, and the archiving of the sealed content. Raises StepRefused,
    StepNotYours, NobodyToSendTo.
    """
    document, sealed = locked_for(session, document_id, Step.ISSUE, by=by)
    recipients = recipients_of(session, document, at=at)
    if not recipients:
        raise NobodyToSendTo(
            "Văn bản chưa có nơi nhận nào để gửi. Chọn nơi nhận rồi phát hành lại.",
            fields={"recipients": "Chọn ít nhất một đơn vị hoặc nhóm đơn vị."},
        )
    assert sealed.content_sha256 is not None
    take(session, document, Step.ISSUE, by=by, at=at, recipients=len(recipients))
    session.add(
        Issuance(
            document_id=document.id,
            agency_id=document.agency_id,
            issued_at=at,
            issued_by=by.person_id,
            content_sha256=sealed.content_sha256,
        )
    )
    session.flush()  # The recipients' foreign key needs the row.
    for unit_id, group_code in recipients.items():
        session.add(
            IssuanceRecipient(
                document_id=document.id,
                unit_id=unit_id,
                agency_id=document.agency_id,
                group_code=group_code,
            )
        )
        outbox.promise(
            session,
            "routing.deliver",
            at=at,
            document_id=document.id,
            recipient_unit_id=unit_id,
        )
    _promise_archiving(session, document, sealed.content_sha256, at=at)
    return len(recipients)


def withdraw(
    session: Session, document_id: UUID, reason: str, *, by: Principal, at: datetime
) -> None:
    """Take a signed document back; where it never went out, its number is annulled in the book."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Hãy ghi lý do thu hồi.", fields={"reason": "Chưa có lý do."})
    document, _ = locked_for(session, document_id, Step.WITHDRAW, by=by)
    was_issued = document.state is State.ISSUED
    take(session, document, Step.WITHDRAW, by=by, at=at, was_issued=was_issued)
    session.add(
        Withdrawal(
            document_id=document.id,
            agency_id=document.agency_id,
            withdrawn_at=at,
            withdrawn_by=by.person_id,
            reason=reason,
        )
    )
    if not was_issued:
        books.annul(session, document.id, because=reason, at=at)


def _promise_archiving(
    session: Session, document: Document, content_sha256: str, *, at: datetime
) -> None:
    assert document.number is not None
    assert document.notation is not None
    assert document.issued_on is not None
    outbox.promise(
        session,
        "archive.ingest",
        at=at,
        kind="document",
        source_id=document.id,
        content_sha256=content_sha256,
        agency_id=document.agency_id,
        unit_id=document.agency_id,
        title=f"{types.name(document.type)} {document.subject}",
        number_notation=types.code(document.number, document.notation),
        issued_on=document.issued_on,
        school_year=None,
        class_name=None,
    )
