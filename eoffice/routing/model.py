"""Tables of deliveries and of what recipients do with them.

A delivery carries its own copy of what the recipient may know of the document, because the
document itself belongs to the sender. Row-level security: a delivery is read by both agencies and
changed by the recipient's alone; everything below it belongs to the recipient's agency.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.recipients.rules import Purpose
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.routing.outside_rules import Origin, TextState
from eoffice.routing.rules import ArrivalBookKind, NoticeKind, Role
from eoffice.routing.states import ArrivalState, DeliveryState


class Delivery(Base):
    """One document in the hands of one recipient: issued by this office, or from outside of it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("document_id", "recipient_unit_id"),
        enum_check("state", DeliveryState),
        enum_check("document_type", DocumentType),
        enum_check("urgency", Urgency),
        enum_check("secrecy", Secrecy),
        CheckConstraint(
            "secrecy = 'none' OR (origin = 'hand' AND content_sha256 IS NULL)", name="secret_paper"
        ),
        UniqueConstraint("recipient_unit_id", "origin", "external_id"),
        enum_check("origin", Origin),
        CheckConstraint(
            "forwarding_id IS NOT NULL OR (origin = 'delivery') = (document_id IS NOT NULL)",
            name="document",
        ),
        CheckConstraint(
            "(forwarding_id IS NULL) = (covering_instruction IS NULL)"
            " AND (forwarding_id IS NULL) = (forwarded_by_name IS NULL)",
            name="forwarding",
        ),
        UniqueConstraint("forwarding_id", "recipient_unit_id"),
        Index(
            "ix_deliveries_origin_agency_id",
            "origin_agency_id",
            postgresql_where=text("origin_agency_id IS NOT NULL"),
        ),
        CheckConstraint("(origin = 'delivery') = (sender_agency_id IS NOT NULL)", name="sender"),
        CheckConstraint("num_nonnulls(document_type, type_name) = 1", name="type"),
        CheckConstraint(
            "origin NOT IN ('exchange', 'mail') OR external_id IS NOT NULL", name="external"
        ),
        CheckConstraint(
            "(refused_at IS NULL) = (refusal_reason IS NULL)"
            " AND (state <> 'refused' OR refusal_reason IS NOT NULL)",
            name="reason",
        ),
        enum_check("purpose", Purpose),
        enum_check("correction", CorrectionKind),
        CheckConstraint("(corrects_document_id IS NULL) = (correction IS NULL)", name="corrected"),
        Index(
            "ix_deliveries_corrections",
            "corrects_document_id",
            postgresql_where=text("corrects_document_id IS NOT NULL"),
        ),
        CheckConstraint("(arrival_number IS NULL) = (registered_at IS NULL)", name="registration"),
        Index("ix_deliveries_recipient", "recipient_agency_id", "state", "delivered_at"),
        Index("ix_deliveries_number", "recipient_agency_id", "number", "notation"),
        Index("ix_deliveries_sender", "sender_agency_id", "due_on"),
        Index(
            "ix_deliveries_owing",
            "document_id",
            postgresql_where=text(
                "state IN ('delivered', 'opened', 'registered', 'assigned') AND due_on IS NOT NULL"
            ),
        ),
        Index(
            "ix_deliveries_answers",
            "answers_document_id",
            postgresql_where=text("answers_document_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(EnumText(Origin))
    #: None for what came from outside, as is the agency below.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    sender_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    recipient_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    recipient_agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))

    #: The issuing agency as it was called on that day.
    sender_name: Mapped[str]
    #: Identifier of the sender in electronic exchange (QCVN 102:2016/BTTTT).
    sender_organ_id: Mapped[str | None]
    #: None where it is none of the decree's types, such as a circular; then `type_name` says it.
    document_type: Mapped[DocumentType | None] = mapped_column(EnumText(DocumentType))
    type_name: Mapped[str | None]
    #: Digits without zeros in front, or what somebody else's book says ("15a"); None: it has none.
    number: Mapped[str | None]
    notation: Mapped[str | None]
    issued_on: Mapped[date]
    subject: Mapped[str]
    #: Empty where a document from outside does not say it.
    signer_name: Mapped[str]
    signer_position: Mapped[str | None]
    language: Mapped[str | None]
    description: Mapped[str | None]
    #: Nơi nhận, as the document names them.
    to_places: Mapped[str | None]
    #: The way through other systems, as it was told with the document.
    trace_headers: Mapped[str | None]
    #: How its origin calls it: what comes twice under one name came once.
    external_id: Mapped[str | None]
    urgency: Mapped[Urgency] = mapped_column(EnumText(Urgency))
    #: độ mật; what has one is on paper, and only its line is here.
    secrecy: Mapped[Secrecy] = mapped_column(EnumText(Secrecy), server_default="none")
    #: Last day on which the sender expects the work to be done; None: nothing is expected.
    due_on: Mapped[date | None]
    #: The PDF in the object store, as it came; None for a paper that was not scanned.
    content_sha256: Mapped[str | None]
    page_count: Mapped[int]
    #: The recipient's own document that this one answers.
    answers_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))

    #: By which a unit above passed it on, who is then the sender; its name and its words.
    forwarding_id: Mapped[UUID | None] = mapped_column(
        # Added behind both tables: a forwarding points to an arrival, and that to a delivery.
        ForeignKey("forwardings.id", name="fk_deliveries_forwarding_id", use_alter=True)
    )
    forwarded_by_name: Mapped[str | None]
    covering_instruction: Mapped[str | None]
    #: The agency of this office that issued what was passed on.
    origin_agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))

    #: Why the recipient has it (để báo cáo, để biết), and whom it is for there.
    purpose: Mapped[Purpose] = mapped_column(
        EnumText(Purpose), default=Purpose.ACTION, server_default=Purpose.ACTION.value
    )
    addressees: Mapped[str | None]
    #: The sender's earlier document that this one corrects, amends or replaces.
    corrects_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    correction: Mapped[CorrectionKind | None] = mapped_column(EnumText(CorrectionKind))

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


class DeliveryContent(Base):
    """What this office found out about a document from outside: its words and its signatures."""

    __tablename__ = "delivery_contents"
    __table_args__ = (
        enum_check("text_state", TextState),
        CheckConstraint("(verdict IS NULL) = (verified_at IS NULL)", name="verification"),
    )

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), primary_key=True)
    #: The recipient's.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    text: Mapped[str]
    text_state: Mapped[TextState] = mapped_column(EnumText(TextState))
    #: A copy with a text layer; the document itself is never rewritten.
    searchable_sha256: Mapped[str | None]
    #: What `signing.verdict.Verdict` says as JSON, about the bytes as they came, on that day.
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    verified_at: Mapped[datetime | None]


class ArrivalBook(Base):
    """Gives the arrival numbers of an agency in a civil year of Vietnam; its row is the lock."""

    __tablename__ = "arrival_books"
    __table_args__ = (enum_check("kind", ArrivalBookKind),)

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    kind: Mapped[ArrivalBookKind] = mapped_column(
        EnumText(ArrivalBookKind), primary_key=True, server_default="incoming"
    )
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]
    #: The year is over: nobody gets a number of it any more.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))


class Arrival(Base):
    """A line of the incoming book (Sổ đăng ký văn bản đến) and how far the work on it is."""

    __tablename__ = "arrivals"
    __table_args__ = (
        UniqueConstraint("agency_id", "book_kind", "year", "number"),
        enum_check("book_kind", ArrivalBookKind),
        enum_check("state", ArrivalState),
        CheckConstraint("state <> 'done' OR done_at IS NOT NULL", name="end"),
        Index("ix_arrivals_open", "agency_id", "state"),
        Index(
            "ix_arrivals_unfinished",
            text("coalesce(taken_over_by, agency_id)"),
            "state",
            postgresql_where=text(
                "state IN ('registered', 'submitted', 'assigned', 'in_progress')"
            ),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("deliveries.id"), unique=True)
    #: In which of the agency's books the number counts.
    book_kind: Mapped[ArrivalBookKind] = mapped_column(
        EnumText(ArrivalBookKind), server_default="incoming"
    )
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
    #: Why it was ended without an answer; None where it was not ended so.
    unanswered_reason: Mapped[str | None]
    #: The agency that goes on with it since the one whose book it stands in ended.
    taken_over_by: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    taken_over_at: Mapped[datetime | None]

    @hybrid_property
    def worked_on_by(self) -> UUID:
        """The agency whose people work on it now."""
        return self.taken_over_by or self.agency_id

    @worked_on_by.inplace.expression
    @classmethod
    def _worked_on_by(cls) -> ColumnElement[UUID]:
        return func.coalesce(cls.taken_over_by, cls.agency_id)


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
    """Tells somebody that something happened which needs no step, only to be known.

    One for each kind, delivery (or document) and addressee.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint(
            "delivery_id",
            "document_id",
            "kind",
            "person_id",
            name="uq_notices_once",
            postgresql_nulls_not_distinct=True,
        ),
        enum_check("kind", NoticeKind),
        CheckConstraint("num_nonnulls(delivery_id, document_id) = 1", name="about"),
        Index("ix_notices_unread", "agency_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Whose notice it is; the agency itself where no unit below it is concerned.
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: For this person alone; None: for the unit and the clerks.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    kind: Mapped[NoticeKind] = mapped_column(EnumText(NoticeKind))
    #: The delivery that was refused or recalled, or that brought the answer.
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliveries.id"))
    #: An own document of the agency, where it was not delivered.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
