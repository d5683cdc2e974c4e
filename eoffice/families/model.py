"""Tables of results that were published to families.

Neither addresses nor codes are kept: both are computed from the key of the office (`rules`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.families.rules import PeriodKind
from eoffice.families.states import State


class Publication(Base):
    """Results of one class for a month, a semester or the year."""

    __tablename__ = "published_results"
    __table_args__ = (
        enum_check("kind", PeriodKind),
        enum_check("state", State),
        CheckConstraint("(kind = 'month') = (month IS NOT NULL)", name="month"),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_because IS NOT NULL)", name="withdrawn"
        ),
        Index(
            "uq_published_results_once",
            "class_id",
            "kind",
            "month",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'published'"),
        ),
        Index("ix_published_results_school_id", "school_id", "published_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    kind: Mapped[PeriodKind] = mapped_column(EnumText(PeriodKind))
    #: The first day of the month; None for semesters and years.
    month: Mapped[date | None]
    state: Mapped[State] = mapped_column(EnumText(State))
    state_since: Mapped[datetime]
    published_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    published_at: Mapped[datetime]
    withdrawn_because: Mapped[str | None]


class FamilySlip(Base):
    """What one family reads, as it stood when it was published; and how often it was looked at."""

    __tablename__ = "family_slips"
    __table_args__ = (
        UniqueConstraint("publication_id", "pupil_id", name="uq_family_slips_publication_id"),
        Index("ix_family_slips_pupil_id", "pupil_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    publication_id: Mapped[UUID] = mapped_column(ForeignKey("published_results.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    #: Place in the list of the class, from 1.
    ordinal: Mapped[int]
    #: A `rules.Slip`.
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: How often link and code were replaced by others.
    renewals: Mapped[int] = mapped_column(server_default=text("0"))
    #: Wrong codes since the last right one.
    wrong_tries: Mapped[int] = mapped_column(server_default=text("0"))
    last_wrong_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(server_default=text("0"))
    last_look_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
