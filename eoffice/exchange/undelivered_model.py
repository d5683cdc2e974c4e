"""The table of documents for which no way to their recipient is known yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class Undelivered(Base):
    """An issued document and an agency outside that it could not be sent to.

    It waits until a partner or an identifier is entered and somebody sends it again; then, or when
    the document is recalled, it is ended.
    """

    __tablename__ = "exchange_undelivered"
    __table_args__ = (
        UniqueConstraint("document_id", "organ_id"),
        Index(
            "ix_exchange_undelivered_open", "organ_id", postgresql_where=text("ended_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Of the sender.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    organ_id: Mapped[str]
    organ_name: Mapped[str]
    #: Number and notation.
    code: Mapped[str]
    #: A whole sentence for an operator.
    why: Mapped[str]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: None: the office itself, because the document was recalled.
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
