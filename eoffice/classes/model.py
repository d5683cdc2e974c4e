"""Tables of classes: classes, pupils, who is enrolled, what is taught by whom, what binds one.

Every row carries the school it belongs to, by which row-level security goes.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import SubjectKind
from eoffice.db import Base, EnumText, enum_check


class SchoolClass(Base):
    """lớp học: a class in one school year."""

    __tablename__ = "classes"
    __table_args__ = (
        UniqueConstraint("school_id", "school_year", "name", name="uq_classes_school_id"),
        CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    grade: Mapped[int]
    #: "2024-2025"
    school_year: Mapped[str]
    #: The circular in force for this class and year: "TT22/2021".
    rule_set: Mapped[str]
    #: Code of the subject of a specialised class (lớp chuyên).
    specialised: Mapped[str | None]
    homeroom_teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    created_at: Mapped[datetime]


class Pupil(Base):
    """A pupil of a school, by the code under which the sector's database knows them.

    Who went to several schools has a row in each; `identity_id` is the same in all of them.
    """

    __tablename__ = "pupils"
    __table_args__ = (
        UniqueConstraint("school_id", "code", name="uq_pupils_school_id"),
        CheckConstraint(r"personal_id ~ '^\d{12}$'", name="personal_id"),
        Index("uq_pupils_identity", "school_id", "identity_id", unique=True),
        Index("ix_pupils_personal_id", "personal_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    code: Mapped[str]
    name: Mapped[str]
    born_on: Mapped[date]
    #: "Nam" or "Nữ", as printed.
    sex: Mapped[str]
    birthplace: Mapped[str]
    ethnicity: Mapped[str]
    #: Đối tượng ưu tiên
    policy_group: Mapped[str]
    #: nơi ở hiện nay
    address: Mapped[str]
    #: nơi thường trú
    permanent_address: Mapped[str] = mapped_column(server_default="")
    father: Mapped[str]
    mother: Mapped[str]
    identity_id: Mapped[UUID]
    #: số định danh cá nhân
    personal_id: Mapped[str | None]


class Enrolment(Base):
    """A pupil's place in the list of a class: by name at first, later ones appended."""

    __tablename__ = "enrolments"
    __table_args__ = (
        UniqueConstraint("class_id", "ordinal", name="uq_enrolments_class_id"),
        CheckConstraint("to_on >= from_on", name="to_on"),
    )

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True, index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    ordinal: Mapped[int]
    from_on: Mapped[date]
    #: The last day; None while the pupil is in the class.
    to_on: Mapped[date | None]


class ClassSubject(Base):
    """A subject in a class, with its periods a year and its teacher."""

    __tablename__ = "class_subjects"
    __table_args__ = (
        enum_check("kind", SubjectKind),
        CheckConstraint("periods_per_year > 0", name="periods"),
        CheckConstraint("regular_marks BETWEEN 1 AND 9", name="regular_marks"),
        UniqueConstraint("class_id", "ordinal", name="uq_class_subjects_class_id"),
    )

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    kind: Mapped[SubjectKind] = mapped_column(EnumText(SubjectKind))
    periods_per_year: Mapped[int]
    #: Upper secondary: whether the class learns topics (chuyên đề học tập) of it.
    has_topics: Mapped[bool] = mapped_column(server_default=false())
    #: Regular marks a semester where the school's plan says so; else as the circular has it.
    regular_marks: Mapped[int | None]
    ordinal: Mapped[int]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    #: False while the homeroom teacher only stands in, because nobody was assigned yet.
    is_assigned: Mapped[bool] = mapped_column(server_default=true())


class ClassLock(Base):
    """A book that was made of a class: until it is released nothing in the class may change.

    The slice that makes books writes here through `binding.py`, so that nobody below asks it.
    """

    __tablename__ = "class_locks"
    __table_args__ = (
        Index("ix_class_locks_binding", "class_id", postgresql_where=text("released_at IS NULL")),
    )

    #: The book.
    holder_id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Where the book stands, in words: "Chờ văn thư đóng dấu".
    stands_as: Mapped[str]
    bound_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
