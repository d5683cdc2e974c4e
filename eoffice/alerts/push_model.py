"""Tables of devices that are pushed to, and of notices that are in no list of the desk.

A person's own.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.alerts.states import Timing, ToldKind
from eoffice.db import Base, EnumText, enum_check


class PushDevice(Base):
    """A browser that a person wants told: what the Push API calls a subscription."""

    __tablename__ = "push_devices"
    __table_args__ = (
        enum_check("timing", Timing),
        CheckConstraint("NOT is_gone OR ended_at IS NOT NULL", name="gone"),
        Index(
            "uq_push_devices_endpoint",
            "endpoint",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_push_devices_person_id", "person_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: Where the push service of the browser's maker takes messages for it.
    endpoint: Mapped[str]
    #: p256dh: an uncompressed point of P-256, 65 bytes; only the browser has the other half.
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: 16 bytes
    auth_secret: Mapped[bytes] = mapped_column(LargeBinary)
    #: What the person calls it.
    name: Mapped[str]
    timing: Mapped[Timing] = mapped_column(EnumText(Timing))
    created_at: Mapped[datetime]
    #: The last working day whose morning message was promised.
    told_on: Mapped[date | None]
    #: When the push service last took a message.
    reached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: The push service said that nobody listens there any more.
    is_gone: Mapped[bool] = mapped_column(server_default=text("false"))


class ToldNotice(Base):
    """Something another part of the office had a person told of; once for each cause."""

    __tablename__ = "told_notices"
    __table_args__ = (
        UniqueConstraint("person_id", "cause"),
        enum_check("kind", ToldKind),
        Index("ix_told_notices_unread", "person_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kind: Mapped[ToldKind] = mapped_column(EnumText(ToldKind))
    object_id: Mapped[UUID]
    #: Names what happened, so that it is told once however often it is promised.
    cause: Mapped[str]
    #: A whole sentence.
    text: Mapped[str]
    path: Mapped[str]
    due_on: Mapped[date | None]
    told_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
