"""Tables of the log. Nobody may change or delete their rows: triggers refuse it to every role.

Of an event only its place in the tree is written later, once, by the sequencer.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check


class ActorKind(StrEnum):
    PERSON = "person"
    PROCESS = "process"


class AuditEvent(Base):
    """One thing that happened. Names are kept as they were then."""

    __tablename__ = "audit_events"
    __table_args__ = (
        enum_check("actor_kind", ActorKind),
        CheckConstraint("(actor_kind = 'person') = (person_id IS NOT NULL)", name="person"),
        CheckConstraint("(leaf_index IS NULL) = (leaf_hash IS NULL)", name="leaf"),
        Index("ix_audit_events_object", "object_kind", "object_id", "id"),
        Index("ix_audit_events_at", "at", "id"),
        Index("ix_audit_events_person_id", "person_id", "at"),
        Index("ix_audit_events_without_place", "id", postgresql_where=text("leaf_index IS NULL")),
        Index(
            "ix_audit_events_looks",
            "object_id",
            text("at DESC"),
            text("id DESC"),
            postgresql_where=text("is_look(action)"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(EnumText(ActorKind))
    #: The person's full name, or the name of the process: "worker:routing.deliver".
    actor_name: Mapped[str]
    person_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
    position_title: Mapped[str | None]
    unit_id: Mapped[UUID | None]
    unit_name: Mapped[str | None]
    agency_id: Mapped[UUID | None]
    #: "document.issued": see `phrases.PHRASES`.
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[UUID]
    #: Identifiers, digests, numbers and states; no personal data.
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: The place in the tree, from 0 without gaps; None until the sequencer came by.
    leaf_index: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    leaf_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class MerkleNode(Base):
    """A complete subtree above the leaves; the leaves' own hashes are in their events."""

    __tablename__ = "merkle_nodes"
    __table_args__ = (CheckConstraint("level >= 1", name="level"),)

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class TreeHead(Base):
    """What the log swears to: so many events, in this order."""

    __tablename__ = "tree_heads"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    root_hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    #: The origin line of the checkpoint, which names the log and its key.
    log_id: Mapped[str]
    #: The signed checkpoint itself.
    note: Mapped[str]
