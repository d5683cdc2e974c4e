"""Tables of the exchange: peers, their code lists, and the log of all messages.

No secret is in any of them, only its name (`secrets`). A message belongs to the agency whose
document it carries; operators of the office see the log of all agencies, never the contents'
subject lines, which stand in the objects only.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.exchange.mapping import CodeList
from eoffice.exchange.message import BusinessType
from eoffice.exchange.states import Direction, Kind, State
from eoffice.exchange.xml_signature import SignatureState


class GatewayKind(StrEnum):
    #: another eoffice, or whoever speaks its interface
    HTTP = "http"
    #: a directory that both sides reach
    FOLDER = "folder"
    #: trục liên thông văn bản quốc gia
    AXIS = "axis"


class Peer(Base):
    """An agency, or a hub with many behind it, with which messages are exchanged."""

    __tablename__ = "exchange_peers"
    __table_args__ = (
        enum_check("gateway", GatewayKind),
        UniqueConstraint("organ_id"),
        CheckConstraint("length(organ_id) <= 35", name="organ_id_length"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: "*": every agency that has no row of its own.
    organ_id: Mapped[str]
    #: Other identifiers of the same agency: the other style, or those before a merger.
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    name: Mapped[str]
    gateway: Mapped[GatewayKind] = mapped_column(EnumText(GatewayKind))
    #: URL or directory; empty for one that comes and collects.
    address: Mapped[str]
    #: How we are called there: X-SystemId of the axis, our organ id with others.
    system_id: Mapped[str]
    #: Name of the secret that we present there, and of the one that they present here.
    outgoing_secret: Mapped[str]
    incoming_secret: Mapped[str]
    #: Name of the secret that opens the seal's key; empty: messages go unsigned.
    seal_secret: Mapped[str]
    #: Organisation in the certificate that must have signed; empty: any that is trusted.
    signer_name: Mapped[str]
    #: What comes without a valid signature waits for an operator.
    requires_signature: Mapped[bool]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    fetch_failure: Mapped[str | None]


class PeerCode(Base):
    """A row of a peer's code list."""

    __tablename__ = "exchange_codes"
    __table_args__ = (
        enum_check("list", CodeList),
        Index(
            "uq_exchange_codes_written",
            "peer_id",
            "list",
            "ours",
            unique=True,
            postgresql_where=text("is_written"),
        ),
    )

    peer_id: Mapped[UUID] = mapped_column(ForeignKey("exchange_peers.id"), primary_key=True)
    list: Mapped[CodeList] = mapped_column(EnumText(CodeList), primary_key=True)
    theirs: Mapped[str] = mapped_column(primary_key=True)
    ours: Mapped[str]
    is_written: Mapped[bool]


class MessageRow(Base):
    """A message that goes out or came in. The file itself is in the object store."""

    __tablename__ = "exchange_messages"
    __table_args__ = (
        enum_check("direction", Direction),
        enum_check("kind", Kind),
        enum_check("state", State),
        enum_check("business_type", BusinessType),
        enum_check("signature_state", SignatureState),
        UniqueConstraint("direction", "peer_id", "message_id"),
        CheckConstraint("direction = 'out' OR content_sha256 IS NOT NULL", name="content"),
        Index("ix_exchange_messages_log", "created_at", "id"),
        Index("ix_exchange_messages_named", "direction", "edxml_document_id"),
        Index(
            "ix_exchange_messages_document_id",
            "document_id",
            postgresql_where=text("document_id IS NOT NULL"),
        ),
        Index(
            "ix_exchange_messages_delivery_id",
            "delivery_id",
            postgresql_where=text("delivery_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: None until it was read whose it is.
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    peer_id: Mapped[UUID] = mapped_column(ForeignKey("exchange_peers.id"))
    direction: Mapped[Direction] = mapped_column(EnumText(Direction))
    #: None until it was read.
    kind: Mapped[Kind | None] = mapped_column(EnumText(Kind))
    state: Mapped[State] = mapped_column(EnumText(State))
    #: The same message has the same identifier however often it travels.
    message_id: Mapped[str]
    #: The agency at the other end, which may stand behind the peer.
    organ_id: Mapped[str]
    organ_name: Mapped[str]
    #: How the sender names the document that this is, or is about.
    edxml_document_id: Mapped[str]
    #: Number and notation, for the log.
    code: Mapped[str]
    business_type: Mapped[BusinessType | None] = mapped_column(EnumText(BusinessType))
    status_code: Mapped[str | None]
    #: What a status, a recall or an update says in words.
    words: Mapped[str | None]
    #: When the other side says that it happened.
    told_at: Mapped[datetime | None]
    content_sha256: Mapped[str | None]
    size_bytes: Mapped[int | None]
    #: Our document that it carries or tells about.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    #: The delivery that came of it, or whose steps it tells.
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliveries.id"))
    signature_state: Mapped[SignatureState | None] = mapped_column(EnumText(SignatureState))
    signature_words: Mapped[str | None]
    signer: Mapped[str | None]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    #: When it was sent, processed, answered or put aside.
    ended_at: Mapped[datetime | None]
