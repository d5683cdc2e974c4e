"""Tables of case files. Their agency's; what a restricted one holds is for whom it names."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.filing.case_rules import CaseState, RecordKind
from eoffice.filing.transfer_model import CaseTransfer


class CaseFile(Base):
    """hồ sơ; from the filing plan of a year (danh mục hồ sơ) or added to it later."""

    __tablename__ = "case_files"
    __table_args__ = (
        UniqueConstraint("agency_id", "year", "notation"),
        enum_check("state", CaseState),
        CheckConstraint(
            "(state <> 'open') = (closed_at IS NOT NULL)"
            " AND (closed_at IS NULL) = (closed_by IS NULL)",
            name="end",
        ),
        CheckConstraint(
            "rights_confirmed_at IS NULL OR rights_changed_at IS NOT NULL", name="rights"
        ),
        CheckConstraint("state <> 'transferred' OR transfer_id IS NOT NULL", name="transfer"),
        Index("ix_case_files_maker_id", "maker_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: FileCatalog: the year in which it is formed.
    year: Mapped[int]
    #: FileNotation
    notation: Mapped[str]
    title: Mapped[str]
    #: Maintenance: "Vĩnh viễn", "10 năm"
    maintenance: Mapped[str]
    #: Rights, as the record's field has it; who may open it is in `is_restricted` and the readers.
    rights: Mapped[str]
    language: Mapped[str]
    description: Mapped[str]
    #: người lập
    maker_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    state: Mapped[CaseState] = mapped_column(EnumText(CaseState))
    is_restricted: Mapped[bool]
    #: A change of rights is shown as open until a competent person confirms it.
    rights_changed_at: Mapped[datetime | None]
    rights_changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    rights_confirmed_at: Mapped[datetime | None]
    planned_at: Mapped[datetime]
    planned_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: The hand-over on whose list it stands; None while it is on none.
    transfer_id: Mapped[UUID | None] = mapped_column(ForeignKey(CaseTransfer.id))


class CaseItem(Base):
    """A document in a case file, as it was called when it was put in. One may be in several."""

    __tablename__ = "case_items"
    __table_args__ = (
        UniqueConstraint("case_file_id", "ordinal"),
        enum_check("kind", RecordKind),
        CheckConstraint(
            "(kind = 'outgoing') = (document_id IS NOT NULL)"
            " AND (kind = 'incoming') = (arrival_id IS NOT NULL)",
            name="one_record",
        ),
        CheckConstraint(
            "(removed_at IS NULL) = (removed_by IS NULL)"
            " AND (removed_at IS NULL) = (removed_because IS NULL)",
            name="removal",
        ),
        Index(
            "uq_case_items_document",
            "case_file_id",
            "document_id",
            unique=True,
            postgresql_where=text("document_id IS NOT NULL AND removed_at IS NULL"),
        ),
        Index(
            "uq_case_items_arrival",
            "case_file_id",
            "arrival_id",
            unique=True,
            postgresql_where=text("arrival_id IS NOT NULL AND removed_at IS NULL"),
        ),
        Index("ix_case_items_document_id", "document_id"),
        Index("ix_case_items_arrival_id", "arrival_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_file_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: DocOrdinal, given by the office in the order in which documents come in.
    ordinal: Mapped[int]
    kind: Mapped[RecordKind] = mapped_column(EnumText(RecordKind))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    arrival_id: Mapped[UUID | None] = mapped_column(ForeignKey("arrivals.id"))
    #: Number and notation.
    code: Mapped[str]
    issued_on: Mapped[date | None]
    type_name: Mapped[str]
    subject: Mapped[str]
    #: tác giả
    organ_name: Mapped[str]
    #: PageAmount; None where there is no file.
    page_count: Mapped[int | None]
    content_sha256: Mapped[str | None]
    filed_at: Mapped[datetime]
    filed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    removed_because: Mapped[str | None]


class CaseReader(Base):
    """A person who may open a restricted case file besides its maker and the keepers."""

    __tablename__ = "case_readers"

    case_file_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
