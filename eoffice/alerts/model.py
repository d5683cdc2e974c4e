"""Tables of alerts: addresses of people, what they were told, webhooks and their calls.

Addresses, alerts and feeds are their person's; webhooks and calls their agency's.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.alerts.states import Awaits, CallState, Timing
from eoffice.db import Base, EnumText, enum_check


class AlertAddress(Base):
    """Where a person wants to be told. Mail goes there once a code that was sent came back."""

    __tablename__ = "alert_addresses"
    __table_args__ = (
        enum_check("timing", Timing),
        Index(
            "uq_alert_addresses_address",
            "person_id",
            "address",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    address: Mapped[str]
    timing: Mapped[Timing] = mapped_column(EnumText(Timing))
    created_at: Mapped[datetime]
    #: Wrong codes that were entered.
    tries: Mapped[int]
    confirmed_at: Mapped[datetime | None]
    #: The last working day whose morning mail was promised.
    told_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]


class Alert(Base):
    """Something that came to await a person, as they were told of it."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("person_id", "awaits", "object_id", "since"),
        enum_check("awaits", Awaits),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    awaits: Mapped[Awaits] = mapped_column(EnumText(Awaits))
    object_id: Mapped[UUID]
    #: Since when it awaits: the same document may come back.
    since: Mapped[datetime]
    found_at: Mapped[datetime]


class CalendarFeed(Base):
    """A secret address under which a person's calendar program reads their deadlines."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        Index(
            "uq_calendar_feeds_person",
            "person_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Webhook(Base):
    """A program that an agency wants told of what happens."""

    __tablename__ = "webhooks"
    __table_args__ = (
        Index("ix_webhooks_agency_id", "agency_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    url: Mapped[str]
    actions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WebhookCall(Base):
    """One event on its way to one webhook."""

    __tablename__ = "webhook_calls"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        enum_check("state", CallState),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivery"),
        Index("ix_webhook_calls_log", "webhook_id", "created_at"),
    )

    #: Also the `webhook-id`, by which the receiver knows a repetition.
    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("audit_events.id"))
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[UUID]
    happened_at: Mapped[datetime]
    created_at: Mapped[datetime]
    state: Mapped[CallState] = mapped_column(EnumText(CallState))
    attempts: Mapped[int]
    #: HTTP status of the last answer; None when there was none.
    last_status: Mapped[int | None]
    failure: Mapped[str | None]
    delivered_at: Mapped[datetime | None]


class AlertLook(Base):
    """When the office last looked for news; one row."""

    __tablename__ = "alert_looks"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    looked_at: Mapped[datetime]
