"""Tables of imports of class lists: the file, what was read of each class, layouts explained."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.classes.import_states import SchoolImportState
from eoffice.db import Base, EnumText, enum_check


class ListImport(Base):
    """A file, or a pasted table, with the pupils of several classes."""

    __tablename__ = "list_imports"
    __table_args__ = (
        enum_check("state", SchoolImportState),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
        CheckConstraint(
            "(state in ('accepting', 'accepted')) = (accepted_at is not null)", name="accepted"
        ),
        CheckConstraint("(state = 'failed') = (failure is not null)", name="failure"),
        Index("ix_list_imports_school", "school_id", "uploaded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    school_year: Mapped[str]
    file_name: Mapped[str]
    content_sha256: Mapped[str]
    media_type: Mapped[str]
    state: Mapped[SchoolImportState] = mapped_column(EnumText(SchoolImportState))
    #: Why the file could not be read, as a sentence.
    failure: Mapped[str | None]
    #: The worksheets in their order: name, whether it is skipped, the class that a person named,
    #: and what is not clear (see `queries.SheetView`).
    sheets: Mapped[list[Any]] = mapped_column(JSONB)
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: The position in which the person brought it, and in which the worker goes on.
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    uploaded_at: Mapped[datetime]
    #: When a person said that it is to be taken; the classes follow one by one.
    accepted_at: Mapped[datetime | None]


class ListImportClass(Base):
    """A class of such a file, as the rows say."""

    __tablename__ = "list_import_classes"
    __table_args__ = (CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("list_imports.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    #: None where the name is none of a class; then there is a fault.
    grade: Mapped[int | None]
    #: `reading.Listed`, each.
    listed: Mapped[list[Any]] = mapped_column(JSONB)
    #: `reading.Fault`, each: what is wrong whatever is on record.
    faults: Mapped[list[Any]] = mapped_column(JSONB)
    #: Who is to lead the class, where it has to be opened.
    homeroom_teacher_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    taken_at: Mapped[datetime | None]
    #: Why it could not be taken though it has no faults.
    refused: Mapped[str | None]


class ListLayout(Base):
    """What the columns of a school's own list mean, known again by the words of its header."""

    __tablename__ = "list_layouts"
    __table_args__ = (UniqueConstraint("school_id", "signature", name="uq_list_layouts_school_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Of `headers.signature`.
    signature: Mapped[str]
    name: Mapped[str]
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    explained_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    explained_at: Mapped[datetime]
