"""Tables of handing case files over to the agency's archive. Their agency's."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.filing.transfer_states import TransferState


class TransferDay(Base):
    """Until when a unit hands over the case files that it formed in a year."""

    __tablename__ = "transfer_days"
    __table_args__ = (
        Index("ix_transfer_days_due_on", "due_on", postgresql_where=text("noticed_at IS NULL")),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    #: FileCatalog of the case files.
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    due_on: Mapped[date]
    set_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    set_at: Mapped[datetime]
    #: When the unit was told of this day.
    noticed_at: Mapped[datetime | None]


class CaseTransfer(Base):
    """A hand-over: biên bản giao nhận, with both sides."""

    __tablename__ = "case_transfers"
    __table_args__ = (
        enum_check("state", TransferState),
        CheckConstraint(
            "(state = 'offered') = (answered_at IS NULL)"
            " AND (answered_at IS NULL) = (answered_by IS NULL)",
            name="answered",
        ),
        Index("ix_case_transfers_agency_id", "agency_id", "offered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: In which the case files were formed.
    year: Mapped[int]
    state: Mapped[TransferState] = mapped_column(EnumText(TransferState))
    #: What the unit says of what it hands over.
    note: Mapped[str]
    offered_at: Mapped[datetime]
    offered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    answer: Mapped[str] = mapped_column(server_default="")


class TransferredCase(Base):
    """A line of the list (mục lục hồ sơ, tài liệu nộp lưu), as it was handed over."""

    __tablename__ = "transferred_cases"
    __table_args__ = (UniqueConstraint("transfer_id", "case_file_id"),)

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("case_transfers.id"), primary_key=True)
    #: STT, from 1.
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_file_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    notation: Mapped[str]
    title: Mapped[str]
    maintenance: Mapped[str]
    #: Of its documents.
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    document_count: Mapped[int]
    page_count: Mapped[int]
