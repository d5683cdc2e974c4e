"""Tables of registers: classes, pupils, marks, uploaded sheets, gradebooks and their signatures.

Every row carries the school it belongs to, by which row-level security goes. A mark is a row; an
empty cell is no row. A gradebook is a version: what was laid before signers keeps its row for ever.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import Level
from eoffice.db import Base, EnumText, enum_check
from eoffice.registers.results import Session
from eoffice.registers.sheet_faults import FaultKind, Severity
from eoffice.registers.states import ImportState, SignatureKind, State

_MARK = Numeric(3, 1)
_ONE_VALUE = "(score IS NULL) <> (verdict IS NULL)"
_IN_SCALE = "score BETWEEN 0 AND 10"


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
    homeroom_teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    created_at: Mapped[datetime]


class Pupil(Base):
    """A pupil of a school, by the code under which the sector's database knows them."""

    __tablename__ = "pupils"
    __table_args__ = (UniqueConstraint("school_id", "code", name="uq_pupils_school_id"),)

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
    address: Mapped[str]
    father: Mapped[str]
    mother: Mapped[str]


class Enrolment(Base):
    """A pupil's place in the list of a class: by name at first, later ones appended."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("class_id", "ordinal", name="uq_enrolments_class_id"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True, index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    ordinal: Mapped[int]


class ClassSubject(Base):
    """A subject in a class, with its periods a year and its teacher."""

    __tablename__ = "class_subjects"
    __table_args__ = (
        enum_check("kind", SubjectKind),
        CheckConstraint("periods_per_year > 0", name="periods"),
        UniqueConstraint("class_id", "ordinal", name="uq_class_subjects_class_id"),
    )

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    kind: Mapped[SubjectKind] = mapped_column(EnumText(SubjectKind))
    periods_per_year: Mapped[int]
    ordinal: Mapped[int]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)


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
    import_id: Mapped[UUID] = mapped_column(ForeignKey("mark_imports.id"))


class Conduct(Base):
    """kết quả rèn luyện of a semester, as the homeroom teacher assessed it."""

    __tablename__ = "conduct"
    __table_args__ = (enum_check("semester", Semester), enum_check("level", Level))

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    semester: Mapped[Semester] = mapped_column(EnumText(Semester), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    level: Mapped[Level] = mapped_column(EnumText(Level))


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


class Gradebook(Base):
    """sổ theo dõi và đánh giá học sinh (theo lớp học): one version of a class's book."""

    __tablename__ = "gradebooks"
    __table_args__ = (
        enum_check("state", State),
        UniqueConstraint("class_id", "version", name="uq_gradebooks_class_id"),
        # A class has one book at a time; a returned one makes room for the next.
        Index(
            "uq_gradebooks_binding",
            "class_id",
            unique=True,
            postgresql_where=text("state <> 'returned'"),
        ),
        CheckConstraint(
            "state IN ('rendering', 'returned') OR content_sha256 IS NOT NULL", name="has_content"
        ),
        CheckConstraint(
            "(content_sha256 IS NULL) = (data_sha256 IS NULL)"
            " AND (content_sha256 IS NULL) = (page_count IS NULL)",
            name="content",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    version: Mapped[int]
    state: Mapped[State] = mapped_column(EnumText(State))
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    state_since: Mapped[datetime]
    #: The PDF as it stands, with the newest signature in it.
    content_sha256: Mapped[str | None]
    #: The embedded data, the same for all signatures of a version.
    data_sha256: Mapped[str | None]
    page_count: Mapped[int | None]
    returned_because: Mapped[str | None]


class GradebookSignature(Base):
    """A place for a signature in a gradebook, and the signature once it is there."""

    __tablename__ = "gradebook_signatures"
    __table_args__ = (
        enum_check("kind", SignatureKind),
        CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)"
            " AND (signed_at IS NULL) = (content_sha256 IS NULL)",
            name="signed",
        ),
    )

    gradebook_id: Mapped[UUID] = mapped_column(ForeignKey("gradebooks.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    ordinal: Mapped[int]
    kind: Mapped[SignatureKind] = mapped_column(EnumText(SignatureKind))
    subject_code: Mapped[str | None]
    #: Who has to sign; None where the position decides (principal, seal).
    signer_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    signed_at: Mapped[datetime | None]
    capacity: Mapped[str | None]
    #: The PDF with this signature as its newest.
    content_sha256: Mapped[str | None]
