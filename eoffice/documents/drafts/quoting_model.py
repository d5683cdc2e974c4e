"""Tables of templates, of the register of laws, and of what documents are based on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.documents.drafts.quoting import Source
from eoffice.documents.types import DocumentType


class DraftTemplate(Base):
    """mẫu soạn thảo of a unit; kept by name, taken out of use and never deleted."""

    __tablename__ = "draft_templates"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="name"),
        Index("ix_draft_templates_agency_id", "agency_id"),
        Index(
            "uq_draft_templates_name",
            "unit_id",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    type: Mapped[DocumentType] = mapped_column(EnumText(DocumentType))
    #: A `DispatchText` with fields: "{{ngày họp}}".
    text: Mapped[dict[str, Any]] = mapped_column(JSONB)
    revision: Mapped[int]
    kept_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kept_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class LegalText(Base):
    """A law or another text from outside that documents of the agency are based on."""

    __tablename__ = "legal_texts"
    __table_args__ = (
        Index(
            "uq_legal_texts_code",
            "agency_id",
            func.lower(text("type_name")),
            func.lower(text("code")),
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: "Luật", "Nghị định", "Thông tư"
    type_name: Mapped[str]
    #: "30/2020/NĐ-CP"; empty for a law that is quoted by name and date alone
    code: Mapped[str]
    issued_on: Mapped[date]
    issuer: Mapped[str]
    subject: Mapped[str]
    registered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    registered_at: Mapped[datetime]
    #: When it was taken out of the list; documents that cite it keep their words.
    ended_at: Mapped[datetime | None]


class DocumentCitation(Base):
    """That a document names another as its legal base; a draft may give it up again."""

    __tablename__ = "document_citations"
    __table_args__ = (
        enum_check("source", Source),
        Index("ix_document_citations_source", "source", "source_id"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    source: Mapped[Source] = mapped_column(EnumText(Source), primary_key=True)
    #: Of a document, a delivery or a legal text. Without a foreign key: deliveries belong to a
    #: slice that documents do not know.
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: The line as it was put into the draft.
    words: Mapped[str]
    cited_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    cited_at: Mapped[datetime]
