"""Sổ chủ nhiệm as it is read, by its teacher and the head alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.model import Pupil
from eoffice.diaries import rules
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.model import HomeroomNote
from eoffice.diaries.rules import DiaryNotYours
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class NoteSeen:
    note_id: UUID
    version: int
    part: Part
    on: date | None
    about: str
    pupil_code: str
    pupil: str
    text: str
    outcome: str
    is_struck: bool
    written_at: datetime


def notes(session: Session, who: Principal, class_id: UUID) -> list[NoteSeen]:
    """Every note in its last version. Raises ClassUnknown, DiaryNotYours."""
    team = staff_queries.staff(session, class_id)
    if not rules.may_read_homeroom_book(staff_queries.actor(who), team):
        raise DiaryNotYours("Sổ chủ nhiệm chỉ dành cho giáo viên chủ nhiệm và ban giám hiệu.")
    return notes_of(session, class_id)


def notes_of(session: Session, class_id: UUID) -> list[NoteSeen]:
    """The same, for those who have asked already; by part, then in the order of writing."""
    return sorted(
        {one.note_id: one for one in _versions(session, class_id)}.values(),
        key=lambda one: (list(Part).index(one.part), one.on or date.min, str(one.note_id)),
    )


def versions(session: Session, who: Principal, class_id: UUID, note_id: UUID) -> list[NoteSeen]:
    """All versions of a note, the first one first. Raises ClassUnknown, DiaryNotYours."""
    notes(session, who, class_id)
    return [one for one in _versions(session, class_id) if one.note_id == note_id]


def _versions(session: Session, class_id: UUID) -> list[NoteSeen]:
    rows = session.execute(
        select(HomeroomNote, Pupil.code, Pupil.name)
        .outerjoin(Pupil, Pupil.id == HomeroomNote.pupil_id)
        .where(HomeroomNote.class_id == class_id)
        .order_by(HomeroomNote.version)
    )
    return [
        NoteSeen(
            row.note_id, row.version, row.part, row.on_day, row.about, code or "", name or "",
            row.text, row.outcome, row.is_struck, row.written_at,
        )
        for row, code, name in rows
    ]  # fmt: skip
