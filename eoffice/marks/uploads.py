"""Files between people and marks: sheets that are brought, templates that are taken.

Called by the edges; each function opens its own transactions around the object store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.classes import staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.classes.queries import pupils_of
from eoffice.db import transaction
from eoffice.errors import NotFound
from eoffice.files.tables import workbook
from eoffice.marks import (
    importing,
    mark_cells,
    marks_sheet,
    marks_template,
    record_queries,
    rosters,
)
from eoffice.marks.marks_sheet import ExpectedPupil, ExpectedSubject, SheetReading
from eoffice.marks.marks_template import MarksSheet, SheetColumn, SheetRow
from eoffice.marks.record_queries import Value
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.web.principal import Principal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: Columns of one kind where the circular leaves their number open and few are used.
_USUAL_PLACES: Final = 3

R = TypeVar("R")


class SubjectNotTaught(NotFound):
    """The class is not taught this subject."""


def upload(
    class_id: UUID,
    file_name: str,
    content: bytes,
    *,
    by: Principal,
    at: datetime,
    within: Callable[[Callable[[Session], UUID]], R],
) -> R:
    """Read a workbook of marks for a class and put it on record with its faults.

    `within` runs the last step, which returns the identifier of the upload, in a transaction.
    Raises WorkbookRefused, WorkbookTooLarge, ClassUnknown and what `record_upload` raises.
    """
    grids = workbook.grids(content)
    with transaction(by.acting) as session:
        roster = rosters.of_class(session, class_id)
    readings = marks_sheet.read(grids, roster)
    sha256 = configured.store().put(content, XLSX)
    return within(partial(_record, class_id, file_name, sha256, readings, by, at))


def template(class_id: UUID, subject_code: str | None, *, by: Principal) -> bytes:
    """Sheets of a class to fill in, with the marks as they stand; of all subjects where None.

    Raises ClassUnknown, NotOfTheClass, SubjectNotTaught.
    """
    with transaction(by.acting) as session:
        staff_queries.require_reader(by, staff_queries.staff(session, class_id))
        school_class = staff_queries.class_row(session, class_id)
        school = people.unit(session, school_class.school_id).name
        sexes = {pupil.code: pupil.sex for pupil in pupils_of(session, class_id)}
        roster = rosters.of_class(session, class_id)
        marks = record_queries.cells(session, class_id)
    wanted = [s for s in roster.subjects if subject_code in (None, s.code)]
    if not wanted:
        raise SubjectNotTaught(
            f"Lớp {school_class.name} không học môn này. Hãy chọn môn trong danh sách."
        )
    return marks_template.write(
        [
            sheet(school_class, school, subject, semester, roster.pupils, sexes, marks)
            for subject in wanted
            for semester in Semester
        ]
    )


def sheet(
    school_class: SchoolClass,
    school: str,
    subject: ExpectedSubject,
    semester: Semester,
    pupils: Sequence[ExpectedPupil],
    sexes: Mapping[str, str],
    marks: Mapping[tuple[str, record_queries.Cell], Value],
) -> MarksSheet:
    """The sheet of a subject and semester in the layout of the class's circular."""
    columns = columns_of(subject, semester, marks)
    cells: Sequence[tuple[Part, int]]
    if columns:
        cells = [(one.part, one.place) for one in columns]
    else:
        cells = [(Part.REGULAR, place) for place in range(1, subject.regular_marks + 1)]
        cells = [*cells, (Part.MIDTERM, 1), (Part.FINAL, 1)]
    return MarksSheet(
        school=school,
        class_name=school_class.name,
        school_year=school_class.school_year,
        subject_code=subject.code,
        subject_name=subject.name,
        semester=semester,
        regular_marks=subject.regular_marks,
        rows=tuple(
            SheetRow(
                pupil.code,
                pupil.name,
                pupil.born_on,
                sexes[pupil.code],
                tuple(
                    _written(marks.get((pupil.code, (subject.code, semester, part, place))))
                    for part, place in cells
                ),
            )
            for pupil in pupils
        ),
        columns=columns,
    )


def columns_of(
    subject: ExpectedSubject,
    semester: Semester,
    marks: Mapping[tuple[str, record_queries.Cell], Value],
) -> tuple[SheetColumn, ...]:
    """The columns of the class's circular, of each kind one more than is used; 22/2021: none."""
    used: Counter[Part] = Counter()
    for _, (code, of, part, place) in marks:
        if (code, of) == (subject.code, semester):
            used[part] = max(used[part], place)
    return tuple(
        SheetColumn(part, place, column.holds)
        for (part, place), column in subject.places.get(semester, {}).items()
        if part not in rosters.BESIDE and place <= max(column.least, _USUAL_PLACES, used[part] + 1)
    )


def _record(
    class_id: UUID,
    file_name: str,
    sha256: Sha256,
    readings: tuple[SheetReading, ...],
    by: Principal,
    at: datetime,
    session: Session,
) -> UUID:
    return importing.record_upload(
        session,
        class_id,
        readings,
        file_name=file_name,
        content_sha256=sha256,
        by=by,
        at=at,
    )


def _written(value: Value | None) -> Decimal | str | None:
    return mark_cells.shown(value) if isinstance(value, Verdict) else value
