"""Promises that routing keeps: to deliver, to tell a sender, to examine what came from outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from celery import shared_task
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.audit import log_key
from eoffice.db import system_transaction
from eoffice.files import intake
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import failure_of, keeps, keeps_in_steps
from eoffice.routing import (
    actions,
    forwarding_actions,
    outside,
    outside_queries,
    recall_actions,
    receipts,
    reminders,
)
from eoffice.routing.states import RecallState
from eoffice.settings import settings
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.trust import TrustStore

log = structlog.get_logger()

DELIVER = "routing.deliver"
EXAMINE = "routing.examine"


@keeps(DELIVER)
def deliver(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Some recipients of an issued document: all of them or none.

    Where one cannot be served the others do not wait for it: each gets a promise of its own.
    """
    document_id = UUID(payload["document_id"])
    # Promises of release 0.1.0 name one recipient.
    named = payload.get("recipient_unit_ids") or [payload["recipient_unit_id"]]
    recipients = [UUID(each) for each in named]

    def work() -> None:
        actions.deliver_many(session, document_id, recipients, at=at)

    if len(recipients) == 1:
        work()
        return
    failure = failure_of(session, work)
    if failure is not None:
        log.warning("delivery.one_by_one", failure=type(failure).__name__, count=len(recipients))
        outbox.promise_each(
            session,
            DELIVER,
            [{"document_id": document_id, "recipient_unit_ids": [each]} for each in recipients],
            at=at,
        )


@keeps("routing.tell_sender")
def tell_sender(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A recipient refused: the sender's agency gets a notice, which only the office may write."""
    actions.tell_sender_of_refusal(session, UUID(payload["delivery_id"]), at=at)


@keeps("routing.tell_addressee")
def tell_addressee(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Somebody of the sender's own agency, to whom a document was issued by name."""
    recall_actions.tell_addressee(
        session, UUID(payload["document_id"]), UUID(payload["appointment_id"]), at=at
    )


@keeps("routing.recall")
def recall(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Every copy of a recalled document; each is taken back by a promise of its own."""
    recall_actions.recall(session, UUID(payload["document_id"]), at=at)


@keeps("routing.recall_copy")
def recall_copy(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """One copy of a recalled document."""
    recall_actions.recall_copy(session, UUID(payload["delivery_id"]), at=at)


@keeps("routing.tell_recall")
def tell_recall(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A recipient answered a recall: the sender's people hear of it."""
    recall_actions.tell_answer(
        session, UUID(payload["delivery_id"]), RecallState(payload["state"]), at=at
    )


@keeps_in_steps(EXAMINE)
def examine(claim: outbox.Claim, at: datetime) -> None:
    """The file of a document from outside: its signatures on arrival, and its own words."""
    delivery_id = UUID(claim.payload["delivery_id"])
    with system_transaction() as session:
        digest = outside_queries.content_of(session, delivery_id)
    pdf = configured.store().get(Sha256.parse(digest))
    verdict = verify_pdf_bounded(
        pdf, trust=TrustStore.from_directory(settings().trust_directory), at=at
    )
    try:
        text = intake.inspect_pdf(pdf).text
    except intake.UploadUnreadable:
        text = ""
    with system_transaction() as session:
        outside.keep_verdict(
            session, delivery_id, verdict.to_json(), text, by=f"worker:{EXAMINE}", at=clock.now()
        )
        outbox.keep(session, claim.id, at=clock.now())


@keeps("routing.forward")
def forward(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """One unit to which an incoming document is passed on."""
    forwarding_actions.deliver_forwarded(
        session, UUID(payload["forwarding_id"]), UUID(payload["unit_id"]), at=at
    )


@keeps("routing.remind_one")
def remind_one(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A recipient is reminded of what it owes, once for each reason."""
    point_id = payload["point_id"]
    reminders.remind_one(
        session,
        UUID(payload["delivery_id"]),
        None if point_id is None else UUID(point_id),
        due_on=date.fromisoformat(payload["due_on"]),
        working_days=payload["working_days"],
        at=at,
    )


def remind() -> None:
    """By the calendar: who is due today by the rules of whoever asked."""
    with system_transaction() as session:
        reminders.remind(session, at=clock.now())


shared_task(name="routing.remind", ignore_result=True)(remind)


@keeps_in_steps("routing.receipt")
def sign_receipt(claim: outbox.Claim, at: datetime) -> None:
    """A registration is receipted: body committed, key asked, signature committed."""
    delivery_id = UUID(claim.payload["delivery_id"])
    with system_transaction() as session:
        body = receipts.prepare(session, delivery_id, at=at)
    document = None if body is None else receipts.sign(body, log_key.of_settings())
    with system_transaction() as session:
        if document is not None:
            receipts.conclude(session, delivery_id, document, at=clock.now())
        outbox.keep(session, claim.id, at=clock.now())
