"""Tables of the archive. Row-level security shows an entry to its own agency, a register also to
the agencies above it, and to an inspector exactly what a running decision names.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.archive.states import EntryKind, Fixity
from eoffice.db import Base, EnumText, enum_check

#: Everything by which an entry is found.
SEARCHED = (
    "vn_tsv(title || ' ' || coalesce(number_notation, '') || ' ' || coalesce(class_name, '')"
    " || ' ' || agency_name || ' ' || text)"
)
FOLDED = "vn_fold(title || ' ' || coalesce(number_notation, ''))"


class ArchiveEntry(Base):
    __tablename__ = "archive_entries"
    __table_args__ = (
        enum_check("kind", EntryKind),
        enum_check("fixity", Fixity),
        UniqueConstraint("kind", "source_id", "source_sha256", name="uq_archive_entries_source"),
        Index("ix_archive_entries_agency", "agency_id", "archived_at", "id"),
        Index("ix_archive_entries_newest", "archived_at", "id"),
        Index("ix_archive_entries_fixity", "fixity_checked_at"),
        Index("ix_archive_entries_lasts", "lasts_until"),
        Index("ix_archive_entries_tsv", "tsv", postgresql_using="gin"),
        Index(
            "ix_archive_entries_folded",
            "folded",
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[EntryKind] = mapped_column(EnumText(EntryKind))
    #: The document or gradebook in its own slice; several entries are its versions.
    source_id: Mapped[UUID]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: As it was called then.
    agency_name: Mapped[str]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    title: Mapped[str]
    number_notation: Mapped[str | None]
    school_year: Mapped[str]
    class_name: Mapped[str | None]
    issued_on: Mapped[date | None]
    #: What was handed over, before validation data were added.
    source_sha256: Mapped[str]
    #: What is kept.
    content_sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    page_count: Mapped[int]
    #: The locked copy in the object store, and until when nobody can delete it.
    object_version: Mapped[str]
    locked_until: Mapped[datetime]
    #: Last day on which it must be kept; None: for ever, which is the safe side and holds for
    #: everything until the agency's retention schedule is entered.
    retain_until: Mapped[date | None]
    #: The level that all signatures reach; None where there is no signature.
    level: Mapped[str | None]
    #: What verification said at ingest.
    verdict: Mapped[dict[str, Any]] = mapped_column(JSONB)
    archived_at: Mapped[datetime]
    audit_event_id: Mapped[UUID] = mapped_column(ForeignKey("audit_events.id"))
    fixity: Mapped[Fixity] = mapped_column(EnumText(Fixity))
    fixity_checked_at: Mapped[datetime]
    #: When it was last looked at how long its proof lasts; None: by no release that could.
    lasts_seen_at: Mapped[datetime | None]
    #: Until when its last time-stamp proves what it proves; None: it has none of a known authority.
    lasts_until: Mapped[datetime | None]
    #: What ends then: a sentence.
    lasts_because: Mapped[str] = mapped_column(default="", server_default="")
    renewed_at: Mapped[datetime | None]
    #: The last attempt to renew it in vain, and what came between: a sentence.
    renewal_tried_at: Mapped[datetime | None]
    renewal_trouble: Mapped[str] = mapped_column(default="", server_default="")
    text: Mapped[str] = mapped_column(deferred=True)
    tsv: Mapped[str] = mapped_column(TSVECTOR, Computed(SEARCHED, persisted=True), deferred=True)
    folded: Mapped[str] = mapped_column(Computed(FOLDED, persisted=True), deferred=True)


class RenewedContent(Base):
    """What an entry was before a renewal: its locked copy stays, the newer one begins with it."""

    __tablename__ = "renewed_contents"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("archive_entries.id"), primary_key=True)
    content_sha256: Mapped[str] = mapped_column(primary_key=True)
    object_version: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    locked_until: Mapped[datetime]
    #: What was about to end: a sentence.
    because: Mapped[str]
    renewed_at: Mapped[datetime]


class EvidenceRecord(Base):
    """What proves since when a file is there, beside the file itself (RFC 4998)."""

    __tablename__ = "evidence_records"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("archive_entries.id"), primary_key=True)
    #: Of the content that it proves.
    content_sha256: Mapped[str]
    #: The hash of its newest chain.
    digest: Mapped[str]
    #: DER.
    record: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class Inspection(Base):
    """An inspection decision: who may look at what, and from when to when."""

    __tablename__ = "inspections"
    __table_args__ = (
        UniqueConstraint(
            "agency_id", "decision_number", "decided_on", name="uq_inspections_decision"
        ),
        CheckConstraint("valid_to >= valid_from", name="dates"),
        CheckConstraint("cardinality(kinds) > 0", name="kinds"),
        CheckConstraint("cardinality(school_years) > 0", name="school_years"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("ix_inspections_inspector", "inspector_id", "valid_to"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: The agency that decided.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: "125/QĐ-SGDĐT"
    decision_number: Mapped[str]
    decided_on: Mapped[date]
    title: Mapped[str]
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    school_years: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))


class InspectionUnit(Base):
    """An agency whose records the decision names, with all that it took over."""

    __tablename__ = "inspection_units"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
