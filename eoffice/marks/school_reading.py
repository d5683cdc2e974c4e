"""Reading a school's file: its sheets are assigned to classes, and each class is read by itself.

Called by the worker, which opens the transactions; the reading itself is pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import subjects
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.files.tables.workbook import Grid
from eoffice.marks import mapping as mappings
from eoffice.marks import marks_sheet
from eoffice.marks.import_model import MarkLayout
from eoffice.marks.marks_sheet import Roster, SheetReading
from eoffice.marks.sections import KnownClass, KnownSubject, Plan, Section


def known_classes(session: Session, school_id: UUID, school_year: str) -> list[KnownClass]:
    """The classes of a school and year, as far as sheets name them."""
    taught: dict[UUID, list[KnownSubject]] = defaultdict(list)
    for row in session.scalars(
        select(ClassSubject)
        .join(SchoolClass, SchoolClass.id == ClassSubject.class_id)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
        .order_by(ClassSubject.ordinal)
    ):
        usual = subjects.BY_CODE.get(row.code)
        taught[row.class_id].append(
            KnownSubject(row.code, row.name, () if usual is None else usual.aliases)
        )
    return [
        KnownClass(row.id, row.name, tuple(taught[row.id]))
        for row in session.scalars(
            select(SchoolClass)
            .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
            .order_by(SchoolClass.name)
        )
    ]


def known_layouts(session: Session, school_id: UUID) -> dict[str, mappings.Mapping]:
    """The layouts that the school explained, by signature."""
    return {
        row.signature: mappings.from_json(row.mapping)
        for row in session.scalars(select(MarkLayout).where(MarkLayout.school_id == school_id))
    }


def by_class(found: Plan) -> dict[UUID, list[Section]]:
    """The sections of each class, in the order of the file."""
    classes: dict[UUID, list[Section]] = defaultdict(list)
    for section in found.sections:
        classes[section.class_id].append(section)
    return dict(classes)


def read_class(
    grids: Mapping[str, Grid],
    wanted: Sequence[Section],
    roster: Roster,
) -> tuple[SheetReading, ...]:
    """Read the sections of one class against its list."""
    return marks_sheet.without_doubles(
        [marks_sheet.read_section(grids[one.sheet], one, roster) for one in wanted]
    )
