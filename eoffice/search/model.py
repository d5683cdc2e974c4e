"""What documents are found by, and the searches that people keep.

`SearchEntry` is written by triggers of the database alone and read through `search_candidates`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class SearchEntry(Base):
    """One outgoing document, delivery or case file, with all its words."""

    __tablename__ = "search_entries"
    __table_args__ = (
        CheckConstraint("kind IN ('outgoing', 'incoming', 'case_file')", name="kind"),
        Index("ix_search_entries_newest", "agency_id", "kind", "day", "source_id"),
        Index("ix_search_entries_number", "agency_id", "kind", "number_key", "source_id"),
        Index("ix_search_entries_due", "agency_id", "kind", "due_key", "source_id"),
        Index("ix_search_entries_tsv", "tsv", postgresql_using="gin"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Whose it is; the recipient of a delivery.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Of its issue; of a draft and of a case file, of its beginning.
    day: Mapped[date]
    type: Mapped[str | None]
    urgency: Mapped[str | None]
    state: Mapped[str]
    #: The drafting unit of an own document, the unit of a case file.
    unit_id: Mapped[UUID | None]
    #: The own number, the arrival number, the number in the filing plan; the highest for none.
    number_key: Mapped[int] = mapped_column(server_default="2147483647")
    #: The deadline; a day at the end of time for none.
    due_key: Mapped[date] = mapped_column(server_default="9999-12-31")
    #: 0 where it is not known.
    pages: Mapped[int] = mapped_column(server_default="0")
    #: Weights: A what it is called, B its sender, C its signer, D everything else. Marks such as
    #: "type=plan", "to=cao", "lang=anh" have neither weight nor place.
    tsv: Mapped[Any] = mapped_column(TSVECTOR, deferred=True)


class SavedSearch(Base):
    """A search under a name; seen by nobody but its person."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    name: Mapped[str]
    #: As in the address of the page, without the question mark.
    query: Mapped[str]
    saved_at: Mapped[datetime]


class SearchColumns(Base):
    """The columns in which a person has results shown."""

    __tablename__ = "search_columns"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    #: Values of `asking.Column` with commas between them.
    columns: Mapped[str]
    chosen_at: Mapped[datetime]
