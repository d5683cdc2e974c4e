"""Notes of sổ chủ nhiệm: written, written anew as a further version, struck out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.actions import PupilUnknown, cleaned_text, locked, pupil_ids
from eoffice.db import new_id
from eoffice.diaries import keeping, rules
from eoffice.diaries.homeroom_rules import WANTED, Part
from eoffice.diaries.model import HomeroomNote
from eoffice.diaries.rules import DiaryInvalid, LessonUnknown
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class NewNote:
    part: Part
    about: str
    text: str
    on: date | None = None
    pupil_code: str = ""
    outcome: str = ""
    is_struck: bool = False


def write_note(
    session: Session,
    class_id: UUID,
    new: NewNote,
    *,
    note_id: UUID | None = None,
    by: Principal,
    at: datetime,
) -> UUID:
    """A new note, or a further version of `note_id`; earlier versions stay.

    The log says that a note was written, not what: it speaks of families. Raises DiaryNotYours,
    DiaryInvalid, PupilUnknown, LessonUnknown for a note of another class.
    """
    school_class = locked(session, class_id)
    rules.require_homeroom(
        staff_queries.actor(by), staff_queries.staff(session, class_id), "ghi sổ chủ nhiệm"
    )
    wanted = WANTED[new.part]
    about, text, outcome = map(cleaned_text, (new.about, new.text, new.outcome))
    if not about or not text:
        raise DiaryInvalid(f"{wanted.about} và nội dung là bắt buộc.")
    if len(about) > rules.LONGEST_TITLE or max(len(text), len(outcome)) > rules.LONGEST_REMARK:
        raise DiaryInvalid(
            f"Dòng đầu dài nhất {rules.LONGEST_TITLE}, nội dung {rules.LONGEST_REMARK} ký tự."
        )
    if wanted.needs_day and new.on is None:
        raise DiaryInvalid("Phần này cần ghi ngày.")
    pupil_id = pupil_ids(session, class_id).get(new.pupil_code) if new.pupil_code else None
    if new.pupil_code and pupil_id is None:
        raise PupilUnknown(f"Lớp không có học sinh mang mã {new.pupil_code}.")
    version = 1
    if note_id is not None:
        last = session.scalar(
            select(HomeroomNote)
            .where(HomeroomNote.note_id == note_id, HomeroomNote.class_id == class_id)
            .order_by(HomeroomNote.version.desc())
            .limit(1)
        )
        if last is None or last.part is not new.part:
            raise LessonUnknown("Sổ chủ nhiệm của lớp không có mục ghi này.")
        version = last.version + 1
    row = HomeroomNote(
        note_id=note_id or new_id(),
        version=version,
        class_id=class_id,
        school_id=school_class.school_id,
        part=new.part,
        on_day=new.on,
        about=about,
        pupil_id=pupil_id,
        text=text,
        outcome=outcome,
        is_struck=new.is_struck,
        written_by=by.person_id,
        written_at=at,
    )
    session.add(row)
    keeping.record(
        session, "homeroom_note.struck" if new.is_struck else "homeroom_note.written",
        school_class, by=by, at=at, note=str(row.note_id), part=new.part.value, version=version,
    )  # fmt: skip
    session.flush()
    return row.note_id
