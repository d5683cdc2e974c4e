"""The columns of marks that a subject has in a class: those that the class's circular asks for."""

from __future__ import annotations

from eoffice.assessment.marks import Part, SubjectKind
from eoffice.assessment.tt22 import regular_marks_required
from eoffice.assessment.year import Column, Holds
from eoffice.classes.model import ClassSubject


def of_subject(subject: ClassSubject) -> tuple[Column, ...]:
    """In the order of the book."""
    holds = Holds.MARK if subject.kind is SubjectKind.SCORED else Holds.VERDICT
    count = regular_marks_required(subject.kind, subject.periods_per_year)
    return (
        Column(Part.REGULAR, "ĐĐGtx", holds, count, count),
        Column(Part.MIDTERM, "ĐĐGgk", holds),
        Column(Part.FINAL, "ĐĐGck", holds),
    )


def places(columns: tuple[Column, ...]) -> dict[tuple[Part, int], Column]:
    """Every cell that a pupil has in these columns."""
    return {
        (column.part, place): column for column in columns for place in range(1, column.most + 1)
    }
