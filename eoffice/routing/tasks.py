"""Promises that routing keeps: to deliver, and to tell a sender what happened to a delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.promised import keeps
from eoffice.routing import actions


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
