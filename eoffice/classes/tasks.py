"""The promises that classes keep: to read a list, and to take it class by class."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.classes.import_states import SchoolImportState
from eoffice.classes.lists import record_queries, taking
from eoffice.classes.lists.model import ListImport
from eoffice.clock import civil_date
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.files.tables import reading as tables
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps, keeps_in_steps


@keeps_in_steps("classes.read_list")
def read_list(claim: outbox.Claim, at: datetime) -> None:
    """Read the file, and keep the rows of each class. Idempotent: a reading replaces another."""
    import_id = UUID(claim.payload["import_id"])
    with system_transaction() as session:
        row = session.get_one(ListImport, import_id)
        is_waiting = row.state is SchoolImportState.READING
        sha256, kind, name = row.content_sha256, row.media_type, row.file_name
        school_id, sheets = row.school_id, list(row.sheets)
        known = record_queries.known_layouts(session, school_id)
        if not is_waiting:
            outbox.keep(session, claim.id, at=at)
            return
    try:
        grids = tables.grids(configured.store().get(Sha256.parse(sha256)), kind, name=name)
    except Unavailable:
        raise
    except Refusal as refusal:
        with system_transaction() as session:
            taking.fail(session, import_id, refusal.detail, at=at)
            outbox.keep(session, claim.id, at=at)
        return
    found = taking.readings(grids, known, sheets, civil_date(at))
    with system_transaction() as session:
        taking.end_reading(session, import_id, [grid.name for grid in grids], found, at=at)
        outbox.keep(session, claim.id, at=at)


@keeps("classes.take_list")
def take_list(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Take one class of a list."""
    taking.take_class(session, UUID(payload["import_id"]), payload["ordinal"], at=at)
