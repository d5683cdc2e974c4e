"""Who is around a book, and what books are called. Read only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.people.model import Person
from eoffice.registers import book_forms
from eoffice.registers.book_kinds import BookOf, Circle


@dataclass(frozen=True, slots=True)
class BookName:
    """What a book is called, on pages, in lists, and in the archive."""

    #: "Sổ gọi tên và ghi điểm"
    title: str
    #: "lớp 7A1" · "môn Toán học, giáo viên Nguyễn Văn An"; empty for a book of the school.
    about: str
    school_year: str
    class_name: str | None

    @property
    def short(self) -> str:
        """ "Sổ gọi tên và ghi điểm lớp 7A1" """
        return f"{self.title} {self.about}".strip()

    @property
    def full(self) -> str:
        """ "Sổ gọi tên và ghi điểm lớp 7A1, năm học 2017-2018" """
        return f"{self.short}, năm học {self.school_year}"


def circle(session: Session, of: BookOf) -> Circle:
    """The people around the book. Raises ClassUnknown."""
    team = None if of.class_id is None else staff_queries.staff(session, of.class_id)
    return Circle(of.school_id, team, of.teacher_id)


def name(session: Session, of: BookOf) -> BookName:
    return names(session, [of])[of]


def names(session: Session, books: Collection[BookOf]) -> Mapping[BookOf, BookName]:
    """What the books are called, in two queries for all of them."""
    class_ids = {of.class_id for of in books} - {None}
    teacher_ids = {of.teacher_id for of in books} - {None}
    classes: dict[UUID, SchoolClass] = {
        row.id: row
        for row in session.scalars(select(SchoolClass).where(SchoolClass.id.in_(class_ids)))
    }
    teachers: dict[UUID, str] = dict(
        session.execute(select(Person.id, Person.full_name).where(Person.id.in_(teacher_ids))).all()
    )
    return {of: _name(of, classes, teachers) for of in books}


def _name(
    of: BookOf, classes: Mapping[UUID, SchoolClass], teachers: Mapping[UUID, str]
) -> BookName:
    row = None if of.class_id is None else classes[of.class_id]
    form = book_forms.of_kind(of.kind, row)
    about = [form.part_name(of.part)] if of.part else []
    if row is not None:
        about.append(f"lớp {row.name}")
    if of.teacher_id is not None:
        about.append(f"giáo viên {teachers[of.teacher_id]}")
    return BookName(form.title, ", ".join(about), of.school_year, None if row is None else row.name)
