"""Which book a person means who asks for one of a kind: of a class, the own, or the school's."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.errors import Invalid
from eoffice.registers.book_kinds import OWNERS, BookKind, BookOf, Owner
from eoffice.web.principal import Principal


def of(
    session: Session,
    kind: BookKind,
    school_year: str | None,
    class_id: UUID | None,
    part: str = "",
    *,
    by: Principal,
) -> BookOf:
    """Whether the person may ask for it is not decided here.

    Raises Invalid where the class or the school year is not named, ClassUnknown.
    """
    owner = OWNERS[kind]
    if owner is Owner.CLASS:
        if class_id is None:
            raise Invalid("Hãy chọn lớp của sổ.", fields={"class_id": "Hãy chọn lớp."})
        row = staff_queries.class_row(session, class_id)
        return BookOf(kind, row.school_id, row.school_year, class_id=class_id, part=part)
    if school_year is None or not _is_year(school_year):
        raise Invalid("Năm học ghi như 2024-2025.", fields={"school_year": "Ghi như 2024-2025."})
    teacher_id = by.person_id if owner is Owner.TEACHER else None
    return BookOf(kind, by.agency_id, school_year, teacher_id=teacher_id, part=part)


def _is_year(text: str) -> bool:
    found = re.fullmatch(r"(\d{4})-(\d{4})", text)
    return found is not None and int(found[2]) == int(found[1]) + 1
