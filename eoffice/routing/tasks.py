"""Promises that routing keeps: to deliver, to tell a sender, to examine what came from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.db import system_transaction
from eoffice.documents import intake
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps, keeps_in_steps
from eoffice.routing import actions, outside, outside_queries
from eoffice.settings import settings
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.trust import TrustStore

EXAMINE = "routing.examine"


@keeps("routing.deliver")
def deliver(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """One recipient of an issued document; the payload names both."""
    actions.deliver(
        session, UUID(payload["document_id"]), UUID(payload["recipient_unit_id"]), at=at
    )


@keeps("routing.tell_sender")
def tell_sender(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A recipient refused: the sender's agency gets a notice, which only the office may write."""
    actions.tell_sender_of_refusal(session, UUID(payload["delivery_id"]), at=at)


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
