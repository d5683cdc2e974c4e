"""Batches of signatures: what one person had signed with one entry of the PIN, and what became of
each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.signing.batches.rules import Holder, ItemState


class SignatureBatch(Base):
    """One authorised action; seen by nobody but its person."""

    __tablename__ = "signature_batches"
    __table_args__ = (
        enum_check("holder", Holder),
        Index("ix_signature_batches_person_id", "person_id", "begun_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: In which position: it is signed in no other.
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    holder: Mapped[Holder] = mapped_column(EnumText(Holder))
    begun_at: Mapped[datetime]
    #: When the PIN was entered last.
    authorised_at: Mapped[datetime]


class SignatureBatchItem(Base):
    """One thing of a batch; its row is the lock under which it is signed once."""

    __tablename__ = "signature_batch_items"
    __table_args__ = (
        UniqueConstraint("batch_id", "kind", "object_id"),
        enum_check("state", ItemState),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="end"),
        Index(
            "ix_signature_batch_items_waiting",
            "batch_id",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("signature_batches.id"), primary_key=True)
    #: 1 for the first, in the order of the list.
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: Of a `contract.Signable`.
    kind: Mapped[str]
    object_id: Mapped[UUID]
    #: Fingerprint of what the signer was shown.
    seen: Mapped[str]
    state: Mapped[ItemState] = mapped_column(EnumText(ItemState))
    #: Why it was not signed, as a sentence; empty otherwise.
    said: Mapped[str]
    ended_at: Mapped[datetime | None]


class SignatureBatchPin(Base):
    """The PIN of a batch that runs, under a key that is not in the database (`pins`).

    The web process writes it and cannot read it; it goes with the last thing that waits.
    """

    __tablename__ = "signature_batch_pins"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("signature_batches.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    valid_until: Mapped[datetime]
