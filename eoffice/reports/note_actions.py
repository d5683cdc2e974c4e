"""Notes are written into report books until the pupil's part of the year is before signers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import staff_queries
from eoffice.errors import Conflict, NotAllowed
from eoffice.reports import note_queries, note_rules, states
from eoffice.reports.model import ReportPart
from eoffice.reports.note_model import ReportNote
from eoffice.reports.note_rules import Column
from eoffice.web.principal import Principal


class PartBeingSigned(Conflict):
    """The pupil's part of the year is laid before its signers or closed."""


def write(
    session: Session,
    class_id: UUID,
    column: Column,
    texts: Mapping[str, str],
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Write this note on the pupils of these codes; how many were changed. Idempotent.

    An empty text takes the note away. Raises ClassUnknown, NotAllowed, NoteInvalid,
    PartBeingSigned.
    """
    row = staff_queries.class_row(session, class_id)
    staff = staff_queries.staff(session, class_id)
    if not note_rules.may_write(staff_queries.actor(by), staff, column):
        raise NotAllowed(f"{column.name} do giáo viên phụ trách ghi.")
    pupils = note_queries.listed(session, class_id)
    before = note_queries.texts(session, class_id, column)
    wanted = {
        pupil.id: (pupil, note_rules.cleaned(texts[pupil.code], column, pupil.name))
        for pupil in pupils
        if pupil.code in texts
    }
    changed = {
        pupil_id: text for pupil_id, (_, text) in wanted.items() if text != before.get(pupil_id, "")
    }
    bound = session.scalars(
        select(ReportPart.pupil_name)
        .where(
            ReportPart.class_id == class_id,
            ReportPart.pupil_id.in_(changed),
            ReportPart.state.in_(states.LIVE),
        )
        .limit(1)
    ).one_or_none()
    if bound is not None:
        raise PartBeingSigned(
            f"Học bạ năm học này của {bound} đang ký hoặc đã chốt nên không ghi thêm được. Cần sửa "
            "thì trả lại học bạ, hoặc đề nghị thu hồi học bạ đã chốt."
        )
    for pupil_id, text in changed.items():
        key = {
            "class_id": class_id,
            "pupil_id": pupil_id,
            "kind": column.kind,
            "subject_code": column.subject_code,
        }
        if not text:
            session.execute(delete(ReportNote).filter_by(**key))
            continue
        said = {"text": text, "written_by": by.person_id, "written_at": at}
        session.execute(
            insert(ReportNote)
            .values(**key, school_id=row.school_id, **said)
            .on_conflict_do_update(constraint="pk_report_notes", set_=said)
        )
    if changed:
        audit.record(
            session,
            "report_notes.written",
            object_kind="class",
            object_id=class_id,
            by=by,
            at=at,
            details={"column": column.key, "pupils": len(changed)},
        )
    return len(changed)
