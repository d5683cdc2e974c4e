"""The table of what teachers write into report books."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.reports.note_rules import NoteKind


class ReportNote(Base):
    """One note on one pupil of a class; the report book of the year prints it."""

    __tablename__ = "report_notes"
    __table_args__ = (
        enum_check("kind", NoteKind),
        CheckConstraint("(kind = 'subject') = (subject_code <> '')", name="subject"),
    )

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    kind: Mapped[NoteKind] = mapped_column(EnumText(NoteKind), primary_key=True)
    #: "" for what is not said of a subject.
    subject_code: Mapped[str] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    text: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]
