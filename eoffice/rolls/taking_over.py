"""Lists that a school brings: read against what is there, and taken as they were previewed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.model import Pupil
from eoffice.clock import civil_date
from eoffice.files.tables import headers, reading
from eoffice.files.tables.workbook import Grid
from eoffice.rolls import (
    certificate_actions,
    certificate_queries,
    counters,
    enrolment_actions,
    paper_certificates,
    paper_lines,
    rules,
)
from eoffice.rolls.enrolment_actions import Entered
from eoffice.rolls.list_reading import ListRefused
from eoffice.rolls.model import Book, EnrolmentLine
from eoffice.rolls.paper_certificates import CertificatesReading
from eoffice.rolls.paper_lines import KnownPupil, PaperReading
from eoffice.rolls.rules import RollWrong
from eoffice.web.principal import Principal


def grid_of(content: bytes) -> Grid:
    """The first sheet with anything in it. Raises ListRefused and what reading a table raises."""
    for grid in reading.grids(content, reading.media_type(content), name="Bảng"):
        if any(cell not in (None, "") for row in grid.rows for cell in row):
            return grid
    raise ListRefused("Tệp không có bảng nào.")


def as_text(grid: Grid) -> str:
    """The table as text with tabs, by which a preview carries it to its acceptance."""
    return "\n".join(
        "\t".join(headers.text_of(cell).replace('"', "”") for cell in row) for row in grid.rows
    )


def enrolment(session: Session, grid: Grid, *, by: Principal, today: date) -> PaperReading:
    """Read lines of a register against what is there.

    Raises RollsNotYours, RollNotOpen, ListRefused.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    enrolment_actions.roll_of(session, by.agency_id)
    last = counters.locked(session, by.agency_id, Book.ENROLMENT)
    numbers = dict(
        session.execute(
            select(EnrolmentLine.pupil_id, EnrolmentLine.number).where(
                EnrolmentLine.school_id == by.agency_id,
                EnrolmentLine.annulled_at.is_(None),
                EnrolmentLine.pupil_id.is_not(None),
            )
        ).all()
    )
    known: dict[str, KnownPupil] = {}
    for pupil in session.scalars(select(Pupil).where(Pupil.school_id == by.agency_id)):
        one = KnownPupil(pupil.id, numbers.get(pupil.id))
        known[pupil.code] = one
        if pupil.personal_id:
            known[pupil.personal_id] = one
    return paper_lines.read(grid, next_number=last + 1, known=known, today=today)


def take_enrolment(session: Session, grid: Grid, *, by: Principal, at: datetime) -> Entered:
    """Enter the lines, those that the table does not have as annulled numbers.

    Raises what `enrolment` raises, and RollWrong where anything is at fault.
    """
    read = enrolment(session, grid, by=by, today=civil_date(at))
    _require_faultless(len(read.faults), len(read.lines))
    return enrolment_actions.take_over(session, read.lines, by=by, at=at)


def certificates(
    session: Session, grid: Grid, kind_code: str, *, by: Principal, today: date
) -> CertificatesReading:
    """Raises RollsNotYours, RollWrong, ListRefused."""
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    kind = certificate_queries.kind(session, kind_code)
    return paper_certificates.read(grid, kind, today=today)


def take_certificates(
    session: Session, grid: Grid, kind_code: str, *, by: Principal, at: datetime
) -> int:
    """Enter them in the ledger in the order of the list; how many.

    Raises what `certificates` raises, RollWrong where anything is at fault, BlankStepRefused.
    """
    read = certificates(session, grid, kind_code, by=by, today=civil_date(at))
    _require_faultless(len(read.faults), len(read.rows))
    made = certificate_actions.grant(
        session, kind_code, [one.certificate for one in read.rows], by=by, at=at
    )
    for certificate_id, one in zip(made, read.rows, strict=True):
        if one.handover is not None:
            certificate_actions.hand_over(session, certificate_id, one.handover, by=by, at=at)
    return len(made)


def _require_faultless(faults: int, rows: int) -> None:
    if faults:
        raise RollWrong(f"Bảng còn {faults} chỗ sai. Hãy sửa rồi tải lại.")
    if not rows:
        raise RollWrong("Bảng không có dòng nào để chép.")
