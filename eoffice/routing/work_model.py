"""Tables of the work that deliveries bring: deadlines moved, forwardings, points, reminders,
receipts.

Points are stated by the agency that writes a document; a delivery carries its own copy of those
that are addressed to it, as it does of the document itself: both agencies read it, the recipient
reports.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class DeadlineMove(Base):
    """A deadline of an arrival that was moved, with the reason; never changed."""

    __tablename__ = "deadline_moves"
    __table_args__ = (Index("ix_deadline_moves_arrival_id", "arrival_id", "moved_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrivals.id"))
    #: None where there was none.
    from_on: Mapped[date | None]
    to_on: Mapped[date]
    reason: Mapped[str]
    moved_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    moved_at: Mapped[datetime]


class WorkFile(Base):
    """A file that belongs to an entry of the work log."""

    __tablename__ = "work_files"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("work_log.id"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]


class Forwarding(Base):
    """An incoming document passed on to units below, with a covering instruction."""

    __tablename__ = "forwardings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrivals.id"), index=True)
    instruction: Mapped[str]
    due_on: Mapped[date | None]
    forwarded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    forwarded_at: Mapped[datetime]


class ForwardingRecipient(Base):
    __tablename__ = "forwarding_recipients"

    forwarding_id: Mapped[UUID] = mapped_column(ForeignKey("forwardings.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    #: Of the forwarding.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))


class Point(Base):
    """A piece of work (việc) that a document asks for; without addressees it is for everybody."""

    __tablename__ = "points"
    __table_args__ = (UniqueConstraint("document_id", "ordinal"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    #: 1 for the first.
    ordinal: Mapped[int]
    text: Mapped[str]
    #: None: the deadline of the document holds.
    due_on: Mapped[date | None]
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    stated_at: Mapped[datetime]


class PointAddressee(Base):
    """A recipient or a group of recipients that a point is for."""

    __tablename__ = "point_addressees"
    __table_args__ = (CheckConstraint("num_nonnulls(unit_id, group_code) = 1", name="one"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    point_id: Mapped[UUID] = mapped_column(ForeignKey("points.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    group_code: Mapped[str | None]


class DeliveryPoint(Base):
    """A point in the hands of one recipient, and what it reported."""

    __tablename__ = "delivery_points"
    __table_args__ = (
        UniqueConstraint("delivery_id", "point_id"),
        CheckConstraint("(done_at is null) = (report is null)", name="report"),
        CheckConstraint("done_at is null or begun_at is not null", name="begun"),
        Index(
            "ix_delivery_points_recipient",
            "recipient_agency_id",
            postgresql_where=text("done_at is null"),
        ),
        Index("ix_delivery_points_sender", "sender_agency_id", "due_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"))
    point_id: Mapped[UUID] = mapped_column(ForeignKey("points.id"), index=True)
    sender_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    recipient_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    ordinal: Mapped[int]
    text: Mapped[str]
    #: The point's own deadline, or the document's.
    due_on: Mapped[date | None]
    begun_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    reported_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    report: Mapped[str | None]
    file_name: Mapped[str | None]
    file_media_type: Mapped[str | None]
    file_size_bytes: Mapped[int | None]
    file_sha256: Mapped[str | None]


class ReminderRule(Base):
    """When an agency reminds its recipients: so many working days behind the deadline.

    Negative: before it; 0: on its day.
    """

    __tablename__ = "reminder_rules"
    __table_args__ = (CheckConstraint("working_days between -30 and 60", name="working_days"),)

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    working_days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    set_at: Mapped[datetime]


class Reminder(Base):
    """That a recipient was reminded, and why: once for each deadline and rule."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint(
            "delivery_id",
            "delivery_point_id",
            "due_on",
            "working_days",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_reminders_unread", "agency_id", postgresql_where=text("read_at is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Who is reminded; the unit is the one that leads the work, or the recipient itself.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"))
    #: None: of the document as a whole.
    delivery_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("delivery_points.id"))
    due_on: Mapped[date]
    working_days: Mapped[int]
    reminded_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Receipt(Base):
    """What a recipient's registration is proved by."""

    __tablename__ = "receipts"
    __table_args__ = (
        CheckConstraint("(signed_at is null) = (document is null)", name="signature"),
    )

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    #: None where the document came from outside.
    sender_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    recipient_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: What is signed, in the canonical form of RFC 8785; written before the key is asked.
    body: Mapped[str]
    requested_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    #: Body, signature and key as the file that is handed out.
    document: Mapped[str | None]
