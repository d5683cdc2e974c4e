"""Tables of registers: books of every kind, version by version, and their signatures.

Every row carries the school it belongs to, by which row-level security goes. A gradebook is a
version of a book, whatever its kind: what was laid before signers keeps its row for ever.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import Part, Semester
from eoffice.db import Base, EnumText, enum_check
from eoffice.registers import correction_states
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.states import SignatureKind, State

#: What all versions of one book have in common: see `book_kinds.BookOf`.
_OF: Final = ("kind", "school_id", "school_year", "class_id", "teacher_id", "part")


class Gradebook(Base):
    """One version of a book: of a class, of a teacher, or of the school."""

    __tablename__ = "gradebooks"
    __table_args__ = (
        enum_check("kind", BookKind),
        enum_check("state", State),
        Index(
            "uq_gradebooks_version",
            *_OF,
            "version",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        # One version is being made at a time, and one is in force.
        Index(
            "uq_gradebooks_making",
            *_OF,
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state NOT IN ('closed', 'returned', 'superseded')"),
        ),
        Index(
            "uq_gradebooks_closed",
            *_OF,
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'closed'"),
        ),
        Index("ix_gradebooks_class_id", "class_id"),
        CheckConstraint(
            "(class_id IS NOT NULL) = (kind IN ('class_book', 'class_diary', 'homeroom_book'))"
            " AND (teacher_id IS NOT NULL) = (kind = 'teacher_book')",
            name="owner",
        ),
        CheckConstraint(
            "state IN ('rendering', 'returned') OR content_sha256 IS NOT NULL", name="has_content"
        ),
        CheckConstraint(
            "(content_sha256 IS NULL) = (data_sha256 IS NULL)"
            " AND (content_sha256 IS NULL) = (page_count IS NULL)",
            name="content",
        ),
        CheckConstraint("(supersedes_id IS NULL) = (because IS NULL)", name="supersedes"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[BookKind] = mapped_column(EnumText(BookKind))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: "2024-2025"
    school_year: Mapped[str]
    class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"))
    teacher_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    part: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int]
    state: Mapped[State] = mapped_column(EnumText(State))
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    state_since: Mapped[datetime]
    #: The closed version whose place this one takes when it is sealed, and why it was made.
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("gradebooks.id"))
    because: Mapped[str | None]
    #: The PDF as it stands, with the newest signature in it.
    content_sha256: Mapped[str | None]
    #: The embedded data, the same for all signatures of a version.
    data_sha256: Mapped[str | None]
    page_count: Mapped[int | None]
    returned_because: Mapped[str | None]

    @property
    def of(self) -> BookOf:
        return BookOf(
            self.kind,
            self.school_id,
            self.school_year,
            self.class_id,
            self.teacher_id,
            self.part,
        )


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
        CheckConstraint("cited_id IS NULL OR signed_at IS NOT NULL", name="cited"),
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
    #: The version in which this was signed, where nothing of it changed since: signer, instant and
    #: capacity are those of then.
    cited_id: Mapped[UUID | None] = mapped_column(ForeignKey("gradebooks.id"))


class BookCorrection(Base):
    """A request to correct one cell of a closed book of a class, and what became of it."""

    __tablename__ = "book_corrections"
    __table_args__ = (
        enum_check("state", correction_states.State),
        enum_check("semester", Semester),
        enum_check("part", Part),
        CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)"
            " AND (decided_by IS NULL) = (state IN ('requested', 'withdrawn'))",
            name="decided",
        ),
        CheckConstraint(
            "(new_gradebook_id IS NULL) = (state IN ('requested', 'refused', 'withdrawn'))",
            name="told",
        ),
        CheckConstraint("old_value IS DISTINCT FROM new_value", name="changes"),
        # One request for a cell at a time.
        Index(
            "uq_book_corrections_open",
            *("class_id", "pupil_id", "subject_code", "semester", "part", "place"),
            unique=True,
            postgresql_where=text("state IN ('requested', 'approved')"),
        ),
        Index("ix_book_corrections_gradebook_id", "gradebook_id"),
        Index("ix_book_corrections_new_gradebook_id", "new_gradebook_id"),
        Index("ix_book_corrections_school", "school_id", "requested_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The closed version in which the cell stands.
    gradebook_id: Mapped[UUID] = mapped_column(ForeignKey("gradebooks.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    subject_code: Mapped[str]
    semester: Mapped[Semester] = mapped_column(EnumText(Semester))
    part: Mapped[Part] = mapped_column(EnumText(Part))
    place: Mapped[int]
    #: As the data of books write them: "8.5", "passed"; None for an empty cell.
    old_value: Mapped[str | None]
    new_value: Mapped[str | None]
    reason: Mapped[str]
    evidence_sha256: Mapped[str]
    evidence_name: Mapped[str]
    evidence_type: Mapped[str]
    state: Mapped[correction_states.State] = mapped_column(EnumText(correction_states.State))
    state_since: Mapped[datetime]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    decided_because: Mapped[str | None]
    #: The version that tells the correction.
    new_gradebook_id: Mapped[UUID | None] = mapped_column(ForeignKey("gradebooks.id"))
