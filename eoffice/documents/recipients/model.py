"""Tables behind the choice of recipients, the hour of issue, and documents that correct others.

Every row belongs to the agency that sends; row-level security shows it to that agency alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.issue.schedule_states import ScheduleState
from eoffice.documents.recipients.rules import Channel, Purpose


class RecipientGroup(Base):
    """A rule or a list that a unit keeps under a name, to be chosen again."""

    __tablename__ = "recipient_groups"
    __table_args__ = (UniqueConstraint("unit_id", "name", name="uq_recipient_groups_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    #: A `recipient_rules.Rule`.
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kept_at: Mapped[datetime]


class OutsideOrganisation(Base):
    """An agency that does not work in this office, and how it gets what is sent to it."""

    __tablename__ = "outside_organisations"
    __table_args__ = (
        enum_check("channel", Channel),
        CheckConstraint("channel <> 'exchange' OR organ_id IS NOT NULL", name="exchange"),
        CheckConstraint("channel <> 'email' OR email IS NOT NULL", name="email"),
        CheckConstraint("channel <> 'post' OR postal_address IS NOT NULL", name="post"),
        CheckConstraint("length(organ_id) <= 35", name="organ_id_length"),
        UniqueConstraint("agency_id", "organ_id", name="uq_outside_organisations_organ_id"),
        Index("ix_outside_organisations_agency", "agency_id", "name_folded"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Who keeps the row.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    #: Identifier in the national exchange of documents.
    organ_id: Mapped[str | None]
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    email: Mapped[str | None]
    postal_address: Mapped[str | None]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    entered_at: Mapped[datetime]
    #: From then on it cannot be chosen any more.
    ended_at: Mapped[datetime | None]
    name_folded: Mapped[str] = mapped_column(Computed("vn_fold(name)", persisted=True))


class RecipientSnapshot(Base):
    """The units that the choice meant when it was made, to say what has changed since."""

    __tablename__ = "recipient_snapshots"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    unit_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    taken_at: Mapped[datetime]


class ScheduledIssue(Base):
    """That a document is to be issued at a time, who decided it, and what became of it."""

    __tablename__ = "scheduled_issues"
    __table_args__ = (
        enum_check("state", ScheduleState),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="end"),
        Index(
            "uq_scheduled_issues_waiting",
            "document_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    due_at: Mapped[datetime]
    scheduled_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: The position in which it was decided.
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    scheduled_at: Mapped[datetime]
    state: Mapped[ScheduleState] = mapped_column(EnumText(ScheduleState))
    ended_at: Mapped[datetime | None]
    #: None where the office itself ended it.
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: Why it could not be issued at its time, for people.
    failure: Mapped[str | None]


class Correction(Base):
    """That a document corrects, amends or replaces an issued one of the same agency."""

    __tablename__ = "corrections"
    __table_args__ = (
        enum_check("kind", CorrectionKind),
        CheckConstraint("document_id <> corrected_id", name="not_itself"),
        Index("ix_corrections_corrected_id", "corrected_id"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    corrected_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[CorrectionKind] = mapped_column(EnumText(CorrectionKind))
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    noted_at: Mapped[datetime]


class IssuancePerson(Base):
    """Somebody to whom the document was issued by name, in the position held on that day."""

    __tablename__ = "issuance_people"
    __table_args__ = (enum_check("purpose", Purpose),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("issuances.document_id"), primary_key=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    full_name: Mapped[str]
    title: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))


class IssuanceOutside(Base):
    """An agency outside of this office to which the document was issued, and how it is sent."""

    __tablename__ = "issuance_outside"
    __table_args__ = (
        enum_check("channel", Channel),
        enum_check("purpose", Purpose),
        CheckConstraint("(sent_at IS NULL) = (sent_note IS NULL)", name="sending"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("issuances.document_id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("outside_organisations.id"), primary_key=True
    )
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Name, identifier and address as they were on that day.
    name: Mapped[str]
    organ_id: Mapped[str | None]
    channel: Mapped[Channel] = mapped_column(EnumText(Channel))
    address: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    sent_at: Mapped[datetime | None]
    #: None where the office itself sent it.
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: "Bưu gửi số RR123456789VN"; what proves the sending.
    sent_note: Mapped[str | None]
