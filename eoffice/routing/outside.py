"""Documents from outside of this office: received once, read, judged, warned of when they are two.

From then on they live as every delivery does: opened, registered, refused, assigned, answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import promise
from eoffice.routing import actions, handling, outside_rules, queries
from eoffice.routing.model import Arrival, Delivery, DeliveryContent, DeliveryFile
from eoffice.routing.outside_rules import OutsideDocument, TextState
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal


def receive(session: Session, item: OutsideDocument, *, by: Principal | str, at: datetime) -> UUID:
    """Take in a document from outside for one recipient; the identifier of the delivery.

    Idempotent on (recipient, origin, external identifier): what was received before stays as it
    is. Its file is read and its signatures are verified soon after, by a promise. The bytes of
    `item.content` and of the files lie in the object store already. `by` is the clerk, or the name
    of the process that fetched it. Raises OutsideUnacceptable, and NotOfThisAgency for a person
    who enters something for another agency.
    """
    checked = outside_rules.checked(item, today=clock.civil_date(at))
    agency_id = queries.agency_of(session, checked.recipient_unit_id)
    if isinstance(by, Principal) and by.agency_id != agency_id:
        raise handling.NotOfThisAgency("Chỉ tiếp nhận văn bản gửi đến cơ quan mình.")
    kind = outside_rules.kind_of(checked.type_name)
    delivery_id: UUID | None = session.scalar(
        insert(Delivery)
        .values(
            id=new_id(),
            origin=checked.origin,
            recipient_unit_id=checked.recipient_unit_id,
            recipient_agency_id=agency_id,
            sender_name=checked.sender_name,
            sender_organ_id=checked.sender_organ_id,
            document_type=kind,
            type_name=checked.type_name if kind is None else None,
            number=checked.number,
            notation=checked.notation,
            issued_on=checked.issued_on,
            subject=checked.subject,
            signer_name=checked.signer_name,
            signer_position=checked.signer_position,
            language=checked.language,
            description=checked.description,
            to_places=checked.to_places,
            trace_headers=checked.trace_headers,
            external_id=checked.external_id,
            urgency=checked.urgency,
            secrecy=checked.secrecy,
            due_on=checked.due_on,
            content_sha256=None if checked.content is None else str(checked.content),
            page_count=checked.page_count,
            answers_document_id=checked.answers_document_id,
            state=DeliveryState.DELIVERED,
            delivered_at=checked.arrived_at or at,
        )
        .on_conflict_do_nothing(index_elements=["recipient_unit_id", "origin", "external_id"])
        .returning(Delivery.id)
    )
    if delivery_id is None:
        return session.scalars(
            select(Delivery.id).where(
                Delivery.recipient_unit_id == checked.recipient_unit_id,
                Delivery.origin == checked.origin,
                Delivery.external_id == checked.external_id,
            )
        ).one()
    for position, file in enumerate(checked.files, start=1):
        session.add(
            DeliveryFile(
                delivery_id=delivery_id,
                position=position,
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                sha256=str(file.sha256),
            )
        )
    _begin_to_examine(session, delivery_id, agency_id, checked, at=at)
    record(
        session,
        "delivery.received",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
        details={
            "origin": checked.origin.value,
            "recipient_unit_id": str(checked.recipient_unit_id),
            "content_sha256": "" if checked.content is None else str(checked.content),
        },
    )
    return delivery_id


def keep_verdict(
    session: Session,
    delivery_id: UUID,
    verdict: Mapping[str, object],
    text: str,
    *,
    by: str,
    at: datetime,
) -> None:
    """What was found in the file: the verdict about its signatures and its own words.

    Runs as the office itself; idempotent, the first verdict stays, because it was made on arrival.
    Words that were read from pictures before stay where the file has none. Pictures without any
    words are handed to the reader of pages by the name of its task.
    """
    content = _locked_content(session, delivery_id)
    if content.verdict is not None:
        return
    content.verdict = dict(verdict)
    content.verified_at = at
    if content.text_state is TextState.WAITING:
        content.text = text
        content.text_state = TextState.FOUND if text.strip() else TextState.WAITING
        if not text.strip():
            promise(session, "mailroom.recognise", at=at, delivery_id=delivery_id)
    record(
        session,
        "delivery.verified",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
        details={"verdict": str(verdict["verdict"])},
    )


def keep_recognised(
    session: Session,
    delivery_id: UUID,
    text: str | None,
    searchable: Sha256 | None,
    *,
    by: str,
    at: datetime,
) -> None:
    """Words that were read from the pictures of the pages, with the copy that holds them.

    `text` is None where they could not be read. Runs as the office itself; idempotent: words that
    are there stay.
    """
    content = _locked_content(session, delivery_id)
    if content.text_state not in (TextState.WAITING, TextState.NOT_RECOGNISED):
        return
    content.text = text or ""
    content.text_state = TextState.NOT_RECOGNISED if text is None else TextState.RECOGNISED
    content.searchable_sha256 = None if searchable is None else str(searchable)
    record(
        session,
        "delivery.recognised",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
        details={"text_state": content.text_state.value},
    )


def register_at_once(
    session: Session, delivery_id: UUID, *, by: Principal, at: datetime
) -> Arrival:
    """The clerk who enters a document has looked at it and gives it its arrival number."""
    actions.open_delivery(session, delivery_id, by=by, at=at)
    return actions.register_arrival(session, delivery_id, by=by, at=at)


def _begin_to_examine(
    session: Session, delivery_id: UUID, agency_id: UUID, item: OutsideDocument, *, at: datetime
) -> None:
    if item.content is None:
        state = TextState.NONE
    elif item.recognised_text is not None:
        state = TextState.RECOGNISED
    else:
        state = TextState.WAITING
    session.execute(
        insert(DeliveryContent).values(
            delivery_id=delivery_id,
            agency_id=agency_id,
            text=item.recognised_text or "",
            text_state=state,
            searchable_sha256=None if item.searchable is None else str(item.searchable),
        )
    )
    if item.content is not None:
        promise(session, "routing.examine", at=at, delivery_id=delivery_id)


def _locked_content(session: Session, delivery_id: UUID) -> DeliveryContent:
    return session.scalars(
        select(DeliveryContent)
        .where(DeliveryContent.delivery_id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
