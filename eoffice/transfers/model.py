"""Tables of packages: what a school sealed for a pupil who goes, and what the next one did with it.

A package's files lie in the object store under the digests that its manifest names.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.transfers.states import IntakeState, TransferState


class PupilTransfer(Base):
    """The sending school's package. It keeps the names that its receiver reads."""

    __tablename__ = "pupil_transfers"
    __table_args__ = (
        enum_check("state", TransferState),
        CheckConstraint(
            "(because IS NULL) = (state NOT IN ('refused', 'withdrawn'))", name="because"
        ),
        Index(
            "uq_pupil_transfers_movement_id",
            "movement_id",
            unique=True,
            postgresql_where=text("state NOT IN ('refused', 'withdrawn')"),
        ),
        Index("ix_pupil_transfers_school", "school_id", "made_at"),
        Index("ix_pupil_transfers_to_school", "to_school_id", "state"),
        Index("ix_pupil_transfers_pupil_id", "pupil_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The school that the pupil leaves.
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    identity_id: Mapped[UUID]
    #: The move out for which it was made.
    movement_id: Mapped[UUID] = mapped_column(ForeignKey("movements.id"))
    pupil_name: Mapped[str]
    pupil_code: Mapped[str]
    born_on: Mapped[date]
    class_name: Mapped[str]
    school_year: Mapped[str]
    from_school: Mapped[str]
    #: None where the next school has another office.
    to_school_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    to_school: Mapped[str]
    state: Mapped[TransferState] = mapped_column(EnumText(TransferState))
    state_since: Mapped[datetime]
    #: manifest.json as it stands in the package; names every other file by digest.
    manifest: Mapped[str]
    #: The cover as it stands, sealed or not.
    cover_sha256: Mapped[str]
    page_count: Mapped[int]
    #: Why it was refused or taken back.
    because: Mapped[str | None]
    #: By which another office said what became of the package, as it came.
    receipt: Mapped[str | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime]


class TransferIntake(Base):
    """A package that a school has checked, whoever brought it, and what was decided."""

    __tablename__ = "transfer_intakes"
    __table_args__ = (
        enum_check("state", IntakeState),
        UniqueConstraint("school_id", "content_sha256", name="uq_transfer_intakes_content"),
        CheckConstraint(
            "(decided_at IS NULL) = (state = 'checked')"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided",
        ),
        CheckConstraint(
            "(state = 'taken_in') = (pupil_id IS NOT NULL)"
            " AND (pupil_id IS NULL) = (movement_id IS NULL)"
            " AND (state <> 'taken_in' OR is_sound)",
            name="taken_in",
        ),
        CheckConstraint("(state = 'refused') = (refused_because IS NOT NULL)", name="refused"),
        # Whichever school it is: a pupil is taken in once.
        Index(
            "uq_transfer_intakes_taken_in",
            "transfer_id",
            unique=True,
            postgresql_where=text("state = 'taken_in'"),
        ),
        Index("ix_transfer_intakes_school", "school_id", "received_at"),
        Index("ix_transfer_intakes_pupil_id", "pupil_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The school that the pupil enters.
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: As the manifest names the package; None where the manifest cannot be read.
    transfer_id: Mapped[UUID | None]
    #: Whether a school of this office handed it over here; else it came as a file.
    is_of_office: Mapped[bool]
    #: The ZIP.
    content_sha256: Mapped[str]
    from_school: Mapped[str]
    pupil_name: Mapped[str]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    #: No finding is wrong.
    is_sound: Mapped[bool]
    state: Mapped[IntakeState] = mapped_column(EnumText(IntakeState))
    received_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    received_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    refused_because: Mapped[str | None]
    pupil_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id"))
    movement_id: Mapped[UUID | None] = mapped_column(ForeignKey("movements.id"))


class TransferReceipt(Base):
    """What a school gives to one of another office for a package that came as a file."""

    __tablename__ = "transfer_receipts"
    __table_args__ = (
        CheckConstraint("(signed_at IS NULL) = (document IS NULL)", name="signature"),
    )

    intake_id: Mapped[UUID] = mapped_column(ForeignKey("transfer_intakes.id"), primary_key=True)
    #: The school that decided.
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: What is signed, in the canonical form of RFC 8785; written before the key is asked.
    body: Mapped[str]
    requested_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    #: Body, signature and key as the file that is handed out.
    document: Mapped[str | None]
