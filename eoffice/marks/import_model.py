"""Tables of imports of a whole school: the file, what each sheet is about, layouts explained once.

The marks that were read are kept by class, as for an upload of one class (`mark_imports`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import Semester
from eoffice.classes.import_states import ImportKind, SchoolImportState
from eoffice.db import Base, EnumText, enum_check


class SchoolImport(Base):
    """A file, or a pasted table, with marks or pupils of several classes."""

    __tablename__ = "school_imports"
    __table_args__ = (
        enum_check("kind", ImportKind),
        enum_check("state", SchoolImportState),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
        CheckConstraint(
            "(state in ('accepting', 'accepted')) = (accepted_at is not null)", name="accepted"
        ),
        CheckConstraint("(state = 'failed') = (failure is not null)", name="failure"),
        Index("ix_school_imports_school", "school_id", "uploaded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    school_year: Mapped[str]
    kind: Mapped[ImportKind] = mapped_column(EnumText(ImportKind))
    file_name: Mapped[str]
    content_sha256: Mapped[str]
    media_type: Mapped[str]
    state: Mapped[SchoolImportState] = mapped_column(EnumText(SchoolImportState))
    #: Why the file could not be read, as a sentence.
    failure: Mapped[str | None]
    #: Progress while it is being read; 0 of 0 before it was opened.
    sheets: Mapped[int]
    sheets_read: Mapped[int]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: The position in which the person brought it, and in which the worker goes on.
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    uploaded_at: Mapped[datetime]
    #: When a person said that it is to be written; the classes follow one by one.
    accepted_at: Mapped[datetime | None]


class SchoolImportSheet(Base):
    """A worksheet of such a file: what a person said about it, and what is still not clear."""

    __tablename__ = "school_import_sheets"
    __table_args__ = (enum_check("semester", Semester),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("school_imports.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    is_skipped: Mapped[bool]
    class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"))
    subject_code: Mapped[str | None]
    semester: Mapped[Semester | None] = mapped_column(EnumText(Semester))
    #: What has to be said before the sheet can be read, and the cell that shows it.
    unclear: Mapped[str | None]
    row_number: Mapped[int | None]
    column_letters: Mapped[str | None]


class MarkLayout(Base):
    """What the columns of a school's own layout mean, known again by the words of its header."""

    __tablename__ = "mark_layouts"
    __table_args__ = (UniqueConstraint("school_id", "signature", name="uq_mark_layouts_school_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Of `headers.signature`.
    signature: Mapped[str]
    name: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    explained_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    explained_at: Mapped[datetime]
