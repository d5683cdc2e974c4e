"""Promises that documents keep: to issue at the hour that was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.documents import scheduling
from eoffice.promised import keeps


@keeps(scheduling.TASK)
def issue_scheduled(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Issue a document whose hour has come."""
    scheduling.keep(session, UUID(payload["schedule_id"]), at=at)
