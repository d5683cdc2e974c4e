"""Tables of deliveries and of what recipients do with them.

A delivery carries its own copy of what the recipient may know of the document, because the
document itself belongs to the sender. Row-level security: a delivery is read by both agencies and
changed by the recipient's alone; everything below it belongs to the recipient's agency.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.documents.types import DocumentType, Urgency
from eoffice.routing.rules import NoticeKind, Role
from eoffice.routing.states import ArrivalState, DeliveryState


class Delivery(Base):
    """One issued document in the hands of one recipient."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("document_id", "recipient_unit_id"),
        enum_check("state", DeliveryState),
        enum_check("document_type", DocumentType),
        enum_check("urgency", Urgency),
        CheckConstraint("(state = 'refused') = (refusal_reason IS NOT NULL)", name="reason"),
        CheckConstraint("(arrival_number IS NULL) = (registered_at IS NULL)", name="registration"),
        Index("ix_deliveries_recipient", "recipient_agency_id", "state", "delivered_at"),
        Index("ix_deliveries_sender", "sender_agency_id", "due_on"),
        Index(
            "ix_deliveries_answers",
            "answers_document_id",
            postgresql_where=text("answers_document_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    sender_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    recipient_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    recipient_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))

    #: The issuing agency as it was called on that day.
    sender_name: Mapped[str]
    document_type: Mapped[DocumentType] = mapped_column(EnumText(DocumentType))
    number: Mapped[int]
    notation: Mapped[str]
    issued_on: Mapped[date]
    subject: Mapped[str]
    signer_name: Mapped[str]
    urgency: Mapped[Urgency] = mapped_column(EnumText(Urgency))
    #: Last day on which the sender expects the work to be done; None: nothing is expected.
    due_on: Mapped[date | None]
    #: The signed and sealed PDF in the object store.
    content_sha256: Mapped[str]
    page_count: Mapped[int]
    #: The recipient's own document that this one answers.
    answers_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))

    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState))
    delivered_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    #: The number in the recipient's incoming book, which the sender may know.
    arrival_number: Mapped[int | None]
    refused_at: Mapped[datetime | None]
    refusal_reason: Mapped[str | None]
    assigned_at: Mapped[datetime | None]
    work_began_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class DeliveryFile(Base):
    """A file that came with the document."""

    __tablename__ = "delivery_files"

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    #: 1 for the first.
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]


class ArrivalBook(Base):
    """Gives the arrival numbers of an agency in a civil year of Vietnam; its row is the lock."""

    __tablename__ = "arrival_books"

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class Arrival(Base):
    """A line of the incoming book (Sổ đăng ký văn bản đến) and how far the work on it is."""

    __tablename__ = "arrivals"
    __table_args__ = (
        UniqueConstraint("agency_id", "year", "number"),
        enum_check("state", ArrivalState),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="end"),
        Index("ix_arrivals_open", "agency_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    #: Civil year in Vietnam in which it was registered.
    year: Mapped[int]
    number: Mapped[int]
    arrived_on: Mapped[date]
    state: Mapped[ArrivalState] = mapped_column(EnumText(ArrivalState))
    registered_at: Mapped[datetime]
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: Of the present assignment; until there is one, the sender's.
    due_on: Mapped[date | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: How it was settled, in words.
    outcome: Mapped[str | None]


class Assignment(Base):
    """What the head told a unit, or a person in it, to do with an arrival."""

    __tablename__ = "assignments"
    __table_args__ = (
        enum_check("role", Role),
        Index(
            "uq_assignments_lead",
            "arrival_id",
            unique=True,
            postgresql_where=text("role = 'lead' AND ended_at IS NULL"),
        ),
        Index("ix_assignments_arrival_id", "arrival_id"),
        Index("ix_assignments_person", "person_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_assignments_unit", "unit_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrivals.id"))
    role: Mapped[Role] = mapped_column(EnumText(Role))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: None: the unit decides who.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    instruction: Mapped[str]
    due_on: Mapped[date | None]
    assigned_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    assigned_at: Mapped[datetime]
    #: When somebody it is meant for began to work on it (Ký nhận in the book).
    taken_at: Mapped[datetime | None]
    #: When another assignment took its place.
    ended_at: Mapped[datetime | None]


class WorkEntry(Base):
    """What was done, in the words of whoever did it; never changed."""

    __tablename__ = "work_log"
    __table_args__ = (Index("ix_work_log_arrival_id", "arrival_id", "logged_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrivals.id"))
    text: Mapped[str]
    logged_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    logged_at: Mapped[datetime]


class Answer(Base):
    """A document of the recipient's own that was begun as the answer to an arrival."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_arrival_id", "arrival_id"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrivals.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    begun_at: Mapped[datetime]


class Notice(Base):
    """Tells the sender of a document that something happened which needs no step, only to be known.

    One for each kind and delivery.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("delivery_id", "kind"),
        enum_check("kind", NoticeKind),
        Index("ix_notices_unread", "agency_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: The unit that drafted the document; the agency itself where there is none below it.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[NoticeKind] = mapped_column(EnumText(NoticeKind))
    #: The delivery that was refused, or that brought the answer.
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
