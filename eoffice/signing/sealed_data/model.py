"""The table of sealed data. Rows are never changed nor removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class SealedXml(Base):
    """The XML of one version of a thing's file, sealed once."""

    __tablename__ = "sealed_data"
    __table_args__ = (
        UniqueConstraint(
            "subject_kind", "subject_id", "source_sha256", name="uq_sealed_data_source"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    #: Hex SHA-256 of the PDF that holds the XML, and of the sealed XML.
    source_sha256: Mapped[str]
    content_sha256: Mapped[str]
    size_bytes: Mapped[int]
    sealed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    sealed_at: Mapped[datetime]
