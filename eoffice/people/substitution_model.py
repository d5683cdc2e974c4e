"""The table of absences: who stands in for whom, and when."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class Absence(Base):
    """Days on which somebody is away from a position, and who stands in for them."""

    __tablename__ = "staff_absences"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("substitute_id <> person_id", name="somebody_else"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    substitute_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str]
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    stated_at: Mapped[datetime]
    #: Taken back: the person is there after all.
    ended_at: Mapped[datetime | None]
