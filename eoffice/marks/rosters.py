"""What a marks sheet of a class has to agree with, as the circular of the class has it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.assessment.circulars import Rules, rule_set
from eoffice.assessment.marks import Part, Result, Semester, Verdict
from eoffice.assessment.year import Column, Holds, Subject
from eoffice.classes import staff_queries
from eoffice.classes.terms import TermsMissing
from eoffice.marks import columns, record_queries, years
from eoffice.marks.marks_sheet import Roster

_USUAL_PARTS: Final = frozenset({Part.REGULAR, Part.MIDTERM, Part.FINAL})
_USUAL_HOLDS: Final = frozenset({Holds.MARK, Holds.VERDICT})
#: What may be entered beside the marks of a semester, under every circular.
BESIDE: Final = frozenset({Part.STATED, Part.TOPIC, Part.REASSESSED, Part.REASSESSED_TEST})


def of_class(session: Session, class_id: UUID) -> Roster:
    """Raises ClassUnknown.

    Without terms of the circular the columns are those of Circular 22/2021, and averages of a
    sheet are compared by it.
    """
    found = record_queries.roster(session, class_id)
    row = staff_queries.class_row(session, class_id)
    try:
        rules = years.in_force(session, row)
    except TermsMissing:
        return found
    assessed = {subject.code: subject for subject in years.subjects_of(session, class_id)}
    subjects = []
    for one in found.subjects:
        subject = assessed[one.code]
        wanted = {
            semester: rules.columns(subject, semester, row.grade, list(assessed))
            for semester in Semester
        }
        usual = wanted[Semester.FIRST]
        regular = [column.most for column in usual if column.part is Part.REGULAR]
        subjects.append(
            replace(
                one,
                regular_marks=regular[0] if regular else one.regular_marks,
                places={s: columns.places(own) for s, own in wanted.items()}
                if _is_other(usual)
                else {},
                circular=rule_set(row.rule_set).circular,
                result=partial(_result, rules, subject),
            )
        )
    return replace(found, subjects=tuple(subjects))


def _is_other(wanted: tuple[Column, ...]) -> bool:
    """Whether a pupil needs marks of another kind than Circular 22/2021 has."""
    return any(
        one.part not in _USUAL_PARTS or one.holds not in _USUAL_HOLDS
        for one in wanted
        if one.part not in BESIDE
    )


def _result(
    rules: Rules,
    subject: Subject,
    semester: Semester,
    cells: Collection[tuple[Part, int, Decimal | Verdict | None]],
) -> Result:
    own = {
        (subject.code, semester, part, place): value
        for part, place, value in cells
        if value is not None
    }
    return rules.of_semester(subject, semester, own)
