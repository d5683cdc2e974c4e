"""Marks that are typed: each cell is taken or refused for itself, against what the person saw.

A cell that holds already what was typed is taken again without a trace, because a line that broke
after the answer was lost sends it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Value
from eoffice.audit import actions as audit
from eoffice.classes import actions, opening_actions, rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, SchoolClass
from eoffice.errors import Invalid, NotAllowed, Refusal
from eoffice.marks import columns, entry, lock_actions, mark_rows
from eoffice.marks.lock_rules import Place
from eoffice.marks.mark_rows import MarkCell
from eoffice.web.principal import Principal

MOST_CELLS = 1_000


class NotYourMarks(NotAllowed):
    """The person teaches neither this subject in the class nor the class as a whole."""


class CellUnknown(Invalid):
    """There is no such pupil in the class, or no such column in the subject."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One cell as it was typed; `seen` is the tag of what stood there, None if nobody looked."""

    pupil_id: UUID
    part: Part
    place: int
    text: str
    seen: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the cell holds now, and why it is not what was typed; None where it is."""

    typed: Typed
    now: Value | None
    refused: Refusal | None = None


def enter(
    session: Session,
    class_id: UUID,
    subject_code: str,
    semester: Semester,
    typed: Sequence[Typed],
    *,
    by: Principal,
    at: datetime,
) -> tuple[Outcome, ...]:
    """Write cells of one subject and semester; the outcomes in the order of `typed`.

    Raises NoClass, BookBinds, NotYourMarks, SubjectUnassigned, CellUnknown for a subject that the
    class is not taught.
    """
    school_class = actions.locked(session, class_id)
    subject = session.get(ClassSubject, (class_id, subject_code))
    if subject is None:
        raise CellUnknown(f"Lớp {school_class.name} không học môn này.")
    if not rules.may_enter_marks(
        staff_queries.actor(by), staff_queries.staff(session, class_id), {subject_code}
    ):
        raise NotYourMarks(
            f"Chỉ giáo viên môn {subject.name} và giáo viên chủ nhiệm lớp {school_class.name} được "
            "nhập điểm môn này."
        )
    actions.require_unbound(session, school_class)
    opening_actions.require_assigned(subject, school_class.name)
    if len(typed) > MOST_CELLS:
        raise Invalid(f"Mỗi lần gửi không quá {MOST_CELLS} ô.")
    page = _Page(session, school_class, subject, semester, by, at)
    outcomes = tuple(page.enter(one) for one in typed)
    written = [one for one in outcomes if one.refused is None]
    if page.changed:
        audit.record(
            session, "marks.entered", object_kind="class", object_id=class_id, by=by, at=at,
            details={
                "subject": subject_code, "semester": semester.value, "cells": page.changed,
                "refused": len(outcomes) - len(written),
            },
        )  # fmt: skip
    return outcomes


class _Page:
    """A subject of a class in a semester while cells of it are written."""

    def __init__(
        self,
        session: Session,
        school_class: SchoolClass,
        subject: ClassSubject,
        semester: Semester,
        by: Principal,
        at: datetime,
    ) -> None:
        self._session = session
        self._class = school_class
        self._subject = subject
        self._semester = semester
        self._by = by
        self._at = at
        _, wanted = columns.of_list(session, school_class, subject, semester)
        self._columns = columns.places(wanted)
        self._pupils = set(
            session.scalars(select(Enrolment.pupil_id).where(Enrolment.class_id == school_class.id))
        )
        self.changed = 0

    def enter(self, typed: Typed) -> Outcome:
        cell = self._cell(typed)
        now = mark_rows.read(self._session, cell)
        try:
            column = self._columns.get((typed.part, typed.place))
            if typed.pupil_id not in self._pupils or column is None:
                raise CellUnknown("Lớp không có học sinh này, hoặc môn không có cột điểm này.")
            value = entry.typed(typed.text, column.holds)
            if value == now:
                return Outcome(typed, now)
            entry.require_unchanged(now, typed.seen)
            place = Place(
                self._class.id, self._subject.code, self._semester, typed.part, typed.place
            )
            lock_actions.require_open(self._session, self._class, [place], at=self._at)
        except Refusal as refusal:
            return Outcome(typed, now, refusal)
        mark_rows.write(self._session, cell, now, value, changed_by=self._by.person_id, at=self._at)
        self.changed += 1
        return Outcome(typed, value)

    def _cell(self, typed: Typed) -> MarkCell:
        return MarkCell(
            class_id=self._class.id,
            school_id=self._class.school_id,
            pupil_id=typed.pupil_id,
            subject_code=self._subject.code,
            semester=self._semester,
            part=typed.part,
            place=typed.place,
        )
