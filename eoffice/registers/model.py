"""Tables of registers: gradebooks and their signatures.

Every row carries the school it belongs to, by which row-level security goes. A gradebook is a
version: what was laid before signers keeps its row for ever.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.registers.states import SignatureKind, State


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
