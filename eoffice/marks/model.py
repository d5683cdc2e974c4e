"""Tables of marks: marks, conduct, absences, remarks, and sheets as they were uploaded.

Every row carries the school it belongs to, by which row-level security goes. A mark is a row; an
empty cell is no row.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.db import Base, EnumText, enum_check
from eoffice.marks.results import Session
from eoffice.marks.sheet_faults import FaultKind, Severity
from eoffice.marks.states import ImportState

_MARK = Numeric(3, 1)
_ONE_VALUE = "(score IS NULL) <> (verdict IS NULL)"
_IN_SCALE = "score BETWEEN 0 AND 10"


class Mark(Base):
    """One mark: `score` in scored subjects, `verdict` in comment subjects."""

    __tablename__ = "marks"
    __table_args__ = (
        enum_check("semester", Semester),
        enum_check("part", Part),
        enum_check("verdict", Verdict),
        CheckConstraint(_ONE_VALUE, name="one_value"),
        CheckConstraint(_IN_SCALE, name="in_scale"),
    )

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    subject_code: Mapped[str] = mapped_column(primary_key=True)
    semester: Mapped[Semester] = mapped_column(EnumText(Semester), primary_key=True)
    part: Mapped[Part] = mapped_column(EnumText(Part), primary_key=True)
    #: Regular marks count from 1; the others are 1.
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    score: Mapped[Decimal | None] = mapped_column(_MARK)
    verdict: Mapped[Verdict | None] = mapped_column(EnumText(Verdict))
    #: The upload that brought it; None where somebody typed it.
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("mark_imports.id"))


class Conduct(Base):
    """hạnh kiểm or kết quả rèn luyện, as the homeroom teacher assessed it at a time of the year."""

    __tablename__ = "conduct"
    __table_args__ = (enum_check("semester", ConductTime), enum_check("level", ConductLevel))

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    #: A semester; the year, where the circular has it judged; after the training in summer.
    semester: Mapped[ConductTime] = mapped_column(EnumText(ConductTime), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    level: Mapped[ConductLevel] = mapped_column(EnumText(ConductLevel))


class AbsenceRow(Base):
    """A session that a pupil missed."""

    __tablename__ = "absences"
    __table_args__ = (enum_check("session", Session),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    absent_on: Mapped[date] = mapped_column(primary_key=True)
    session: Mapped[Session] = mapped_column(EnumText(Session), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    excused: Mapped[bool]


class PrincipalRemark(Base):
    """What the principal wrote at the monthly inspection of the book; `month` is its first day."""

    __tablename__ = "principal_remarks"

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    text: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]


class MarkImport(Base):
    """An uploaded workbook. Its bytes stay in the object store."""

    __tablename__ = "mark_imports"
    __table_args__ = (
        enum_check("state", ImportState),
        CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL)"
            " AND (accepted_at IS NULL) = (accepted_by IS NULL)",
            name="accepted",
        ),
        Index("ix_mark_imports_class", "class_id", "uploaded_at"),
        # A school's file has one upload for each of its classes.
        Index(
            "uq_mark_imports_school_import_id",
            "school_import_id",
            "class_id",
            unique=True,
            postgresql_where=text("school_import_id IS NOT NULL AND state <> 'superseded'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    file_name: Mapped[str]
    content_sha256: Mapped[str]
    state: Mapped[ImportState] = mapped_column(EnumText(ImportState))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    uploaded_at: Mapped[datetime]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    accepted_at: Mapped[datetime | None]
    #: The school's file of which this is one class; None for a workbook of one class.
    school_import_id: Mapped[UUID | None] = mapped_column(ForeignKey("school_imports.id"))
    #: Why it could not be accepted with the others of the file, as a sentence.
    refused: Mapped[str | None]


class ImportedSheet(Base):
    """A worksheet of an upload, with the subject and semester that its title names."""

    __tablename__ = "imported_sheets"
    __table_args__ = (enum_check("semester", Semester),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("mark_imports.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    subject_code: Mapped[str | None]
    semester: Mapped[Semester | None] = mapped_column(EnumText(Semester))
    #: The cells that it states for every pupil, [["regular", 1], …]; None: those of Circular 22.
    covered: Mapped[list[list[object]] | None] = mapped_column(JSONB(none_as_null=True))


class ImportedMark(Base):
    """A mark as read from a worksheet, before anybody accepted it."""

    __tablename__ = "imported_marks"
    __table_args__ = (
        enum_check("part", Part),
        enum_check("verdict", Verdict),
        CheckConstraint(_ONE_VALUE, name="one_value"),
        CheckConstraint(_IN_SCALE, name="in_scale"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("mark_imports.id"), primary_key=True)
    sheet_ordinal: Mapped[int] = mapped_column(primary_key=True)
    pupil_code: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[Part] = mapped_column(EnumText(Part), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    score: Mapped[Decimal | None] = mapped_column(_MARK)
    verdict: Mapped[Verdict | None] = mapped_column(EnumText(Verdict))


class ImportFault(Base):
    """Something wrong in an uploaded workbook, with its address."""

    __tablename__ = "import_faults"
    __table_args__ = (enum_check("kind", FaultKind), enum_check("severity", Severity))

    import_id: Mapped[UUID] = mapped_column(ForeignKey("mark_imports.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    sheet: Mapped[str]
    row_number: Mapped[int]
    column_letters: Mapped[str]
    kind: Mapped[FaultKind] = mapped_column(EnumText(FaultKind))
    severity: Mapped[Severity] = mapped_column(EnumText(Severity))
    sentence: Mapped[str]
