"""The promises that marks keep: to read the file of a school, and to write it class by class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.classes.import_states import SchoolImportState
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.files.tables import reading as tables
from eoffice.files.tables.workbook import Grid
from eoffice.marks import (
    importing,
    rosters,
    school_importing,
    school_reading,
    sections,
)
from eoffice.marks.import_model import SchoolImport
from eoffice.marks.sections import Section
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps, keeps_in_steps

WORKER = "worker:marks.read_import"


@keeps_in_steps("marks.read_import")
def read_import(claim: outbox.Claim, at: datetime) -> None:
    """Read the file, class by class, each in a transaction, so that people see how far it is.

    Idempotent: a class that was read before is read again, and its earlier upload is no more.
    """
    import_id = UUID(claim.payload["import_id"])
    with system_transaction() as session:
        row = session.get_one(SchoolImport, import_id)
        is_waiting = row.state is SchoolImportState.READING
        sha256, kind, name = row.content_sha256, row.media_type, row.file_name
    if not is_waiting:
        with system_transaction() as session:
            outbox.keep(session, claim.id, at=at)
        return
    try:
        grids = tables.grids(configured.store().get(Sha256.parse(sha256)), kind, name=name)
    except Unavailable:
        raise
    except Refusal as refusal:
        with system_transaction() as session:
            school_importing.fail(session, import_id, refusal.detail, by=WORKER, at=at)
            outbox.keep(session, claim.id, at=at)
        return
    by_name = {grid.name: grid for grid in grids}
    with system_transaction() as session:
        row = session.get_one(SchoolImport, import_id)
        said = school_importing.begin_reading(session, import_id, list(by_name))
        plan = sections.planned(
            grids,
            school_reading.known_classes(session, row.school_id, row.school_year),
            known=school_reading.known_layouts(session, row.school_id),
            said=said,
        )
    read = []
    for class_id, wanted in school_reading.by_class(plan).items():
        made = _read_class(import_id, class_id, wanted, by_name, at)
        if made is None:
            return
        read.append(made)
    with system_transaction() as session:
        if _locked(session, import_id).state is not SchoolImportState.READING:
            return  # Another run has finished meanwhile.
        school_importing.forget_classes(session, import_id, but=read)
        school_importing.end_reading(session, import_id, plan.unplaced, by=WORKER, at=at)
        outbox.keep(session, claim.id, at=at)


def _read_class(
    import_id: UUID,
    class_id: UUID,
    wanted: Sequence[Section],
    grids: dict[str, Grid],
    at: datetime,
) -> UUID | None:
    with system_transaction() as session:
        row = _locked(session, import_id)
        if row.state is not SchoolImportState.READING:
            return None  # Another run of the promise has finished meanwhile.
        roster = rosters.of_class(session, class_id)
        readings = school_reading.read_class(grids, wanted, roster)
        by = school_importing.principal_of(session, row)
        made = importing.record_part(session, row, class_id, readings, by=by, at=at)
        row.sheets_read = min(row.sheets, row.sheets_read + len({one.sheet for one in wanted}))
        return made


def _locked(session: Session, import_id: UUID) -> SchoolImport:
    return session.scalars(
        select(SchoolImport).where(SchoolImport.id == import_id).with_for_update()
    ).one()


@keeps("marks.accept_class")
def accept_class(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """Write one class of a school's file into the register."""
    school_importing.accept_class(session, UUID(payload["mark_import_id"]), at=at)
