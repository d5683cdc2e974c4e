"""The table of pictures of signatures and seals. Rows are an agency's; none is ever removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.signing.images.states import ImageState


class SignatureImage(Base):
    """A picture that was offered, and what became of it."""

    __tablename__ = "signature_images"
    __table_args__ = (
        enum_check("state", ImageState),
        CheckConstraint("person_id IS NULL OR person_id = offered_by", name="own"),
        CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)"
            " AND (state NOT IN ('in_use', 'refused', 'retired') OR decided_by IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("decided_by <> offered_by", name="second_person"),
        CheckConstraint("(state = 'refused') = (refused_because IS NOT NULL)", name="refused"),
        CheckConstraint("(state IN ('offered', 'in_use')) = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_signature_images_signature_in_use",
            "agency_id",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'in_use' and person_id is not null"),
        ),
        Index(
            "uq_signature_images_seal_in_use",
            "agency_id",
            unique=True,
            postgresql_where=text("state = 'in_use' and person_id is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    #: Whose signature; None for the agency's seal.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    state: Mapped[ImageState] = mapped_column(EnumText(ImageState))
    #: Hex SHA-256 of what is kept of the picture (`receiving.Picture`).
    content_sha256: Mapped[str]
    width_px: Mapped[int]
    height_px: Mapped[int]
    offered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    offered_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    #: A sentence to the one who offered it.
    refused_because: Mapped[str | None]
    ended_at: Mapped[datetime | None]
