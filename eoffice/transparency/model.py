"""Tables of what the log has published. Triggers refuse every change except a witness's end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class PublishedHead(Base):
    """A head that everybody may see from then on."""

    __tablename__ = "published_heads"

    size: Mapped[int] = mapped_column(BigInteger, ForeignKey("tree_heads.size"), primary_key=True)
    published_at: Mapped[datetime]


class HeadTimestamp(Base):
    """A time-stamp (RFC 3161) over the SHA-256 of the signed note of a head."""

    __tablename__ = "head_timestamps"

    size: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("published_heads.size"), primary_key=True
    )
    token: Mapped[bytes] = mapped_column(LargeBinary)
    stamped_at: Mapped[datetime]


class WitnessKey(Base):
    """Whose co-signatures the office takes; the key as `cosignature.Witness` writes it."""

    __tablename__ = "witnesses"

    name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    registered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class CosignatureLine(Base):
    """What a witness signed about a head; its first one stays."""

    __tablename__ = "cosignatures"
    __table_args__ = (Index("ix_cosignatures_witness", "witness", text("size DESC")),)

    size: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("published_heads.size"), primary_key=True
    )
    witness: Mapped[str] = mapped_column(ForeignKey("witnesses.name"), primary_key=True)
    line: Mapped[str]
    cosigned_at: Mapped[datetime]
    received_at: Mapped[datetime]
