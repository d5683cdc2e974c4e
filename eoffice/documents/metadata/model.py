"""What was added to metadata or corrected, with the old value beside the new one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check


class DescribedKind(StrEnum):
    """What metadata describe."""

    #: an outgoing document
    DOCUMENT = "document"
    #: an incoming one, as it was delivered
    DELIVERY = "delivery"


class MetadataChange(Base):
    """One field that was changed. Written once."""

    __tablename__ = "metadata_changes"
    __table_args__ = (
        enum_check("kind", DescribedKind),
        Index("ix_metadata_changes_object_id", "object_id", "changed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[DescribedKind] = mapped_column(EnumText(DescribedKind))
    object_id: Mapped[UUID]
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    #: Empty before the document was in the books.
    because: Mapped[str]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime]
