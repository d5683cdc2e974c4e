"""The table of recalled copies: what the recipient still knows of one, and how it answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.routing.states import RecallState


class DeliveryRecall(Base):
    """That the sender took a delivered copy back: why, and what the recipient says to it."""

    __tablename__ = "delivery_recalls"
    __table_args__ = (
        enum_check("state", RecallState),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("state <> 'refused' OR answer IS NOT NULL", name="because"),
        Index("ix_delivery_recalls_document_id", "document_id"),
    )

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    sender_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    recipient_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    reason: Mapped[str]
    #: Who decided it, with the title: "Trần Thanh Liêm, Giám đốc".
    decided_by: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[RecallState] = mapped_column(EnumText(RecallState))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: What the recipient says; a refusal gives its reason.
    answer: Mapped[str | None]
