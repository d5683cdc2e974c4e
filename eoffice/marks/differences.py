"""What uploads would change in the register, counted and applied by the database itself.

`mark_differences` (revision 0030) compares what sheets state with what stands in the register.
A sheet states the columns that it has (`covered`; all of them where it does not say). A cell of
these that is empty in the sheet takes back the mark that was there; a cell that says the same again
is not touched, so that an upload which is taken twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.marks.lock_rules import Place


@dataclass(frozen=True, slots=True)
class Count:
    """How many cells of the register accepting an upload changes."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def all(self) -> int:
        return self.added + self.changed + self.removed


def counts(session: Session, import_ids: Sequence[UUID]) -> dict[UUID, Count]:
    """By upload, against the marks as they stand; an upload that changes nothing is not there."""
    rows = session.execute(
        text(
            "select import_id, count(*) filter (where not was),"
            " count(*) filter (where was and becomes), count(*) filter (where not becomes)"
            " from mark_differences(:imports) group by import_id"
        ),
        {"imports": list(import_ids)},
    )
    return {import_id: Count(*numbers) for import_id, *numbers in rows}


def places(session: Session, import_id: UUID) -> list[Place]:
    """The columns in which accepting the upload would change something."""
    rows = session.execute(
        text(
            "select distinct class_id, subject_code, semester, part, place"
            " from mark_differences(:imports) order by subject_code, semester, part, place"
        ),
        {"imports": [import_id]},
    )
    return [
        Place(class_id, subject, Semester(semester), Part(part), place)
        for class_id, subject, semester, part, place in rows
    ]


def apply(session: Session, import_id: UUID, *, changed_by: UUID, at: datetime) -> Count:
    """Write the differences of one upload into the register; what was replaced is kept.

    The caller holds the lock of the class, so that nothing comes between the three statements.
    """
    found = counts(session, [import_id]).get(import_id, Count())
    if found.all == 0:
        return found
    asked = {"imports": [import_id]}
    session.execute(
        text(
            "insert into mark_changes (id, class_id, pupil_id, subject_code, semester, part,"
            " place, school_id, old_score, old_verdict, new_score, new_verdict, import_id,"
            " changed_by, changed_at)"
            " select gen_random_uuid(), class_id, pupil_id, subject_code, semester, part, place,"
            " school_id, old_score, old_verdict, new_score, new_verdict, import_id, :by, :at"
            " from mark_differences(:imports) where was"
        ),
        {**asked, "by": changed_by, "at": at},
    )
    if found.removed:
        session.execute(
            text(
                "delete from marks k using mark_differences(:imports) d where not d.becomes"
                " and (k.class_id, k.pupil_id, k.subject_code, k.semester, k.part, k.place)"
                " = (d.class_id, d.pupil_id, d.subject_code, d.semester, d.part, d.place)"
            ),
            asked,
        )
    session.execute(
        text(
            "insert into marks (class_id, pupil_id, subject_code, semester, part, place,"
            " school_id, score, verdict, import_id)"
            " select class_id, pupil_id, subject_code, semester, part, place, school_id, new_score,"
            " new_verdict, import_id from mark_differences(:imports) where becomes"
            " on conflict (class_id, pupil_id, subject_code, semester, part, place) do update"
            " set score = excluded.score, verdict = excluded.verdict,"
            " import_id = excluded.import_id"
        ),
        asked,
    )
    return found
