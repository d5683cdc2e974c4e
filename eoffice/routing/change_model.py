"""What happens to a document that came: its sender changes it, or it is answered from below."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.routing.change_rules import ChangeKind


class DeliveryChange(Base):
    """That a sender outside of this office recalled, amended or replaced what it had sent.

    What is issued in this office says so in its own columns (`Delivery.corrects_document_id`).
    """

    __tablename__ = "delivery_changes"
    __table_args__ = (
        enum_check("kind", ChangeKind),
        CheckConstraint("(kind = 'recalls') = (changed_by_id IS NULL)", name="by"),
        UniqueConstraint(
            "delivery_id",
            "changed_by_id",
            "kind",
            name="uq_delivery_changes_once",
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "ix_delivery_changes_changed_by_id",
            "changed_by_id",
            postgresql_where=text("changed_by_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Of the recipient.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: What is changed.
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"))
    #: What changes it; None for a recall.
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliveries.id"))
    kind: Mapped[ChangeKind] = mapped_column(EnumText(ChangeKind))
    #: What the sender says about it; may be empty.
    words: Mapped[str]
    noted_at: Mapped[datetime]


class ForwardedAnswer(Base):
    """That a delivery answers a document which its recipient had passed on."""

    __tablename__ = "forwarded_answers"
    __table_args__ = (Index("ix_forwarded_answers_arrival_id", "arrival_id"),)

    #: The delivery that brought the answer.
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    #: Of the one that had passed it on, and gets the answer.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    forwarding_id: Mapped[UUID] = mapped_column(ForeignKey("forwardings.id"))
    #: The line of its book that was passed on.
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrivals.id"))
