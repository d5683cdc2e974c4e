"""What was found when stored files were verified: one row as long as the same was found."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.signing.verdict import Finding


class StoredVerdict(Base):
    """The newest row of an entry is what holds; those before it are its history."""

    __tablename__ = "stored_verdicts"
    __table_args__ = (
        enum_check("finding", Finding),
        Index("ix_stored_verdicts_entry_id", "entry_id", "checked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("archive_entries.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    finding: Mapped[Finding] = mapped_column(EnumText(Finding))
    #: The level that all signatures reach; None where there is no signature.
    level: Mapped[str | None]
    #: Of the signature that decides; None where there is none.
    indication: Mapped[str | None]
    #: A whole sentence; names signers, so it is for those who may read the file.
    reason: Mapped[str]
    #: When this was found first, and when last.
    since: Mapped[datetime]
    checked_at: Mapped[datetime]
