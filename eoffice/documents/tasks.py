"""What the worker does for documents: issue at the hour that was decided, end held numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.documents.books import reservations
from eoffice.documents.issue import scheduling
from eoffice.promised import keeps


@keeps(scheduling.TASK)
def issue_scheduled(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Issue a document whose hour has come."""
    scheduling.keep(session, UUID(payload["schedule_id"]), at=at)


def expire_reservations() -> None:
    """Annul the numbers that were held too long. Idempotent."""
    with system_transaction() as session:
        reservations.expire(session, by="worker:documents.expire_reservations", at=clock.now())


shared_task(name="documents.expire_reservations", ignore_result=True)(expire_reservations)
