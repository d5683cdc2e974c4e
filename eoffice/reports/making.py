"""What parts are made of, pupil by pupil: the closed class book, and what each of them lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.assessment.year import Outcome
from eoffice.classes.model import Enrolment, Pupil
from eoffice.clock import civil_date
from eoffice.objects.sha256 import Sha256
from eoffice.printing.page_code_model import Coded, page_code
from eoffice.printing.page_codes import PageCode
from eoffice.registers.kinds import report_part
from eoffice.registers.model import Gradebook
from eoffice.reports import sources
from eoffice.reports.model import ReportPart, ReportPartSignature
from eoffice.reports.rules import SubjectsSign
from eoffice.reports.states import PartState


@dataclass(frozen=True, slots=True)
class ListedPupil:
    """A pupil who was in the class when its book was made."""

    pupil_id: UUID
    identity_id: UUID
    code: str
    name: str
    ordinal: int
    #: What keeps the part from being made; empty where nothing does.
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that the pages of one part are made of, read from the tables."""

    part_id: UUID
    entered: report_part.ReportPart
    #: The file of the newest earlier version that somebody had signed: corrections are told
    #: against it.
    earlier: Sha256 | None
    made_at: datetime
    is_reassessed: bool
    page_code: PageCode


def listed(session: Session, book: Gradebook, *, at: datetime) -> tuple[ListedPupil, ...]:
    """In the order of the class list; whoever had left before the book was made is not in it."""
    source = sources.of_class(session, book, made_at=at)
    rows = session.execute(
        select(Pupil, Enrolment.ordinal)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(
            Enrolment.class_id == book.class_id,
            or_(Enrolment.to_on.is_(None), Enrolment.to_on >= civil_date(book.requested_at)),
        )
        .order_by(Enrolment.ordinal)
    )
    return tuple(
        ListedPupil(
            pupil.id,
            pupil.identity_id,
            pupil.code,
            pupil.name,
            ordinal,
            source.gaps(pupil.id)
            if pupil.id in source.entries
            else ("không có trong sổ đã khóa của lớp",),
        )
        for pupil, ordinal in rows
    )


def prepared(session: Session, part_ids: Collection[UUID]) -> tuple[Prepared, ...]:
    """Of those that are still to be made; the class is read once for all of them.

    All parts are of one class and made of one book.
    """
    parts = session.scalars(
        select(ReportPart)
        .where(ReportPart.id.in_(part_ids), ReportPart.state == PartState.PREPARING)
        .order_by(ReportPart.ordinal)
    ).all()
    if not parts:
        return ()
    # A part that is made a second time says the same: the instant is that of the asking.
    made_at = parts[0].requested_at
    book = session.get_one(Gradebook, parts[0].class_book_id)
    source = sources.of_class(session, book, made_at=made_at)
    earlier = _earlier(session, parts)
    found = []
    for part in parts:
        entered = source.part(
            part.pupil_id,
            version=part.version,
            subjects_sign=part.subjects_sign is SubjectsSign.REPORT_BOOK,
        )
        found.append(
            Prepared(
                part.id,
                entered,
                earlier.get(part.id),
                made_at,
                _is_reassessed(entered),
                page_code(
                    session,
                    Coded.REPORT_PART,
                    part.id,
                    agency_id=part.school_id,
                    at=part.requested_at,
                ),
            )
        )
    return tuple(found)


def _is_reassessed(entered: report_part.ReportPart) -> bool:
    """Whether something had to be, or was, made good in summer: another deadline holds."""
    return report_part.compute(entered).outcome is Outcome.SUMMER


def _earlier(session: Session, parts: Collection[ReportPart]) -> Mapping[UUID, Sha256]:
    """Of each that takes the place of another: the newest file that bears a signature."""
    again = [part for part in parts if part.version > 1]
    if not again:
        return {}
    rows = session.execute(
        select(ReportPart.pupil_id, ReportPart.version, ReportPart.content_sha256)
        .join(ReportPartSignature, ReportPartSignature.part_id == ReportPart.id)
        .where(
            ReportPart.pupil_id.in_([part.pupil_id for part in again]),
            ReportPart.school_year == again[0].school_year,
            ReportPartSignature.signed_at.is_not(None),
            ReportPart.content_sha256.is_not(None),
        )
        .distinct()
        .order_by(ReportPart.version)
    ).all()
    return {
        part.id: Sha256.parse(sha256)
        for part in again
        for pupil_id, version, sha256 in rows
        if sha256 is not None and pupil_id == part.pupil_id and version < part.version
    }
