"""Sealed data are put on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import Conflict
from eoffice.objects.sha256 import Sha256
from eoffice.signing.sealed_data.model import SealedXml
from eoffice.signing.subjects import SigningTask
from eoffice.web.principal import Principal


class SealedAlready(Conflict):
    """The data of this file are sealed."""


def refuse_second(session: Session, task: SigningTask, source: Sha256) -> None:
    """Raises SealedAlready."""
    if session.scalar(
        select(
            exists().where(
                SealedXml.subject_kind == task.subject_kind,
                SealedXml.subject_id == task.subject_id,
                SealedXml.source_sha256 == str(source),
            )
        )
    ):
        raise SealedAlready("Dữ liệu XML của bản này đã được đóng dấu số. Hãy tải về để dùng.")


def record(
    session: Session,
    task: SigningTask,
    *,
    source: Sha256,
    content: Sha256,
    size_bytes: int,
    by: Principal,
    at: datetime,
) -> None:
    """Raises SealedAlready."""
    refuse_second(session, task, source)
    session.add(
        SealedXml(
            id=new_id(),
            agency_id=task.agency_id,
            subject_kind=task.subject_kind,
            subject_id=task.subject_id,
            source_sha256=str(source),
            content_sha256=str(content),
            size_bytes=size_bytes,
            sealed_by=by.person_id,
            sealed_at=at,
        )
    )
    audit.record(
        session,
        "sealed_data.made",
        object_kind=task.subject_kind,
        object_id=task.subject_id,
        by=by,
        at=at,
        details={"source_sha256": str(source), "content_sha256": str(content)},
    )
