"""Tables of report books: parts version by version, their signatures, withdrawals, what is set.

A part is one version of one year's part of one pupil. It keeps the names that it prints, because a
school to which the pupil moves reads the part and not the class. What was laid before signers keeps
its row for ever.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.reports.rules import Deadline, SubjectsSign
from eoffice.reports.states import PartState, Place

_NOW: Final = text("replaced_at IS NULL")
_YEAR: Final = r"from_year ~ '^\d{4}-\d{4}$'"


class ReportPart(Base):
    """One version of one year's part of one pupil's report book."""

    __tablename__ = "report_parts"
    __table_args__ = (
        enum_check("state", PartState),
        enum_check("subjects_sign", SubjectsSign),
        CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
        UniqueConstraint("pupil_id", "school_year", "version", name="uq_report_parts_version"),
        # One version is being made or is in force at a time.
        Index(
            "uq_report_parts_live",
            "pupil_id",
            "school_year",
            unique=True,
            postgresql_where=text("state NOT IN ('returned', 'superseded')"),
        ),
        Index("ix_report_parts_class", "class_id", "state"),
        Index("ix_report_parts_school", "school_id", "school_year", "state"),
        Index("ix_report_parts_identity_id", "identity_id"),
        CheckConstraint(
            "state IN ('preparing', 'returned', 'superseded') OR content_sha256 IS NOT NULL",
            name="has_content",
        ),
        CheckConstraint(
            "(content_sha256 IS NULL) = (data_sha256 IS NULL)"
            " AND (content_sha256 IS NULL) = (page_count IS NULL)",
            name="content",
        ),
        CheckConstraint("(supersedes_id IS NULL) = (because IS NULL)", name="supersedes"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        CheckConstraint(
            "closed_at IS NOT NULL OR state NOT IN ('closed', 'withdrawal_requested',"
            " 'withdrawal_granted')",
            name="is_closed",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The pupil in every school, and in this one.
    identity_id: Mapped[UUID]
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    #: "2024-2025"
    school_year: Mapped[str]
    grade: Mapped[int]
    #: As they were when it was made.
    class_name: Mapped[str]
    pupil_name: Mapped[str]
    pupil_code: Mapped[str]
    #: Place in the list of the class.
    ordinal: Mapped[int]
    version: Mapped[int]
    state: Mapped[PartState] = mapped_column(EnumText(PartState))
    state_since: Mapped[datetime]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    #: The closed class book whose figures it prints, and the file that was in force then.
    class_book_id: Mapped[UUID] = mapped_column(ForeignKey("gradebooks.id"))
    class_book_sha256: Mapped[str]
    subjects_sign: Mapped[SubjectsSign] = mapped_column(EnumText(SubjectsSign))
    #: Whether the pupil was, or has to be, assessed again in summer: another deadline holds.
    is_reassessed: Mapped[bool]
    #: The PDF as it stands, with the newest signature in it.
    content_sha256: Mapped[str | None]
    #: The embedded data, the same for all signatures of a version.
    data_sha256: Mapped[str | None]
    page_count: Mapped[int | None]
    #: The version in whose place this one was made, and why.
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("report_parts.id"), unique=True)
    because: Mapped[str | None]
    returned_because: Mapped[str | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    closed_at: Mapped[datetime | None]


class ReportPartSignature(Base):
    """A place for a signature in a part, and the signature once it is there."""

    __tablename__ = "report_part_signatures"
    __table_args__ = (
        enum_check("place", Place),
        CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)"
            " AND (signed_at IS NULL) = (content_sha256 IS NULL)",
            name="signed",
        ),
        CheckConstraint("(place = 'subject') = (subject_code IS NOT NULL)", name="subject"),
        Index(
            "ix_report_part_signatures_signer",
            "signer_id",
            postgresql_where=text("signed_at IS NULL"),
        ),
    )

    part_id: Mapped[UUID] = mapped_column(ForeignKey("report_parts.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    ordinal: Mapped[int]
    place: Mapped[Place] = mapped_column(EnumText(Place))
    subject_code: Mapped[str | None]
    #: What is signed for: "Toán học", "Giáo viên chủ nhiệm"…
    label: Mapped[str]
    #: Who has to sign; None where the position decides (principal, seal).
    signer_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    signed_at: Mapped[datetime | None]
    capacity: Mapped[str | None]
    #: The PDF with this signature as its newest.
    content_sha256: Mapped[str | None]


class ReportWithdrawal(Base):
    """A school's request to withdraw a closed part, and what its superior unit decided."""

    __tablename__ = "report_withdrawals"
    __table_args__ = (
        Index(
            "uq_report_withdrawals_open",
            "part_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_report_withdrawals_superior", "superior_id", "requested_at"),
        CheckConstraint(
            "(evidence_sha256 IS NULL) = (evidence_name IS NULL)"
            " AND (evidence_sha256 IS NULL) = (evidence_type IS NULL)",
            name="evidence",
        ),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)"
            " AND (decided_at IS NULL) = (is_granted IS NULL)"
            " AND (decided_at IS NULL) = (decided_because IS NULL)",
            name="decided",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    part_id: Mapped[UUID] = mapped_column(ForeignKey("report_parts.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Phòng or Sở: the agency above the school when it asked.
    superior_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    reason: Mapped[str]
    evidence_sha256: Mapped[str | None]
    evidence_name: Mapped[str | None]
    evidence_type: Mapped[str | None]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    requested_at: Mapped[datetime]
    is_granted: Mapped[bool | None]
    decided_because: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]


class ReportRule(Base):
    """What the department has set: who signs in report books from a school year on."""

    __tablename__ = "report_rules"
    __table_args__ = (
        enum_check("subjects_sign", SubjectsSign),
        CheckConstraint(_YEAR, name="from_year"),
        Index("uq_report_rules_now", "from_year", unique=True, postgresql_where=_NOW),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    from_year: Mapped[str]
    subjects_sign: Mapped[SubjectsSign] = mapped_column(EnumText(SubjectsSign))
    deputy_may_sign: Mapped[bool]
    source: Mapped[str]
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class ReportDeadline(Base):
    """What the department has set: until when the parts of a year are closed and reported."""

    __tablename__ = "report_closing_deadlines"
    __table_args__ = (
        enum_check("kind", Deadline),
        CheckConstraint(_YEAR, name="from_year"),
        CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name="day"),
        CheckConstraint("warn_days BETWEEN 0 AND 120", name="warn_days"),
        Index(
            "uq_report_closing_deadlines_now",
            "kind",
            "from_year",
            unique=True,
            postgresql_where=_NOW,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[Deadline] = mapped_column(EnumText(Deadline))
    from_year: Mapped[str]
    #: In the calendar year in which the school year ends.
    month: Mapped[int]
    day: Mapped[int]
    warn_days: Mapped[int]
    source: Mapped[str]
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
