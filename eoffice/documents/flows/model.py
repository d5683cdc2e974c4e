"""Tables of approval flows, of places that comments point to, and of drafts handed over."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.documents.flows.rules import Asked, StepState, Task
from eoffice.documents.types import DocumentType
from eoffice.people.kinds import PositionKind

_WHO = (
    "(asked = 'position') = (position_kind IS NOT NULL)"
    " AND (asked = 'position') = (unit_id IS NOT NULL)"
    " AND (asked = 'person') = (person_id IS NOT NULL)"
    " AND (asked = 'person') = (position_id IS NOT NULL)"
)


class ApprovalFlow(Base):
    """quy trình trình ký of an agency, for an office and a type or for all; never changed, only
    ended when another takes its place."""

    __tablename__ = "approval_flows"
    __table_args__ = (
        CheckConstraint("(ended_by IS NULL) = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_approval_flows_in_use",
            "agency_id",
            "drafting_unit_id",
            "type",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: None: every office without a flow of its own.
    drafting_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    #: None: every type without a flow of its own.
    type: Mapped[DocumentType | None] = mapped_column(EnumText(DocumentType))
    set_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    set_at: Mapped[datetime]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None]


class ApprovalFlowStep(Base):
    """One step of a flow as it was set; steps of one stage run side by side."""

    __tablename__ = "approval_flow_steps"
    __table_args__ = (
        enum_check("task", Task),
        enum_check("asked", Asked),
        enum_check("position_kind", PositionKind),
        CheckConstraint("working_days > 0", name="working_days"),
        CheckConstraint(_WHO, name="who"),
    )

    flow_id: Mapped[UUID] = mapped_column(ForeignKey("approval_flows.id"), primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    task: Mapped[Task] = mapped_column(EnumText(Task))
    asked: Mapped[Asked] = mapped_column(EnumText(Asked))
    position_kind: Mapped[PositionKind | None] = mapped_column(EnumText(PositionKind))
    #: The agency itself: wherever in it the position is held.
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: The person's position when they were named: its next holder is asked when they have left.
    position_id: Mapped[UUID | None] = mapped_column(ForeignKey("positions.id"))
    #: How many working days whoever is asked has; None: as long as it takes.
    working_days: Mapped[int | None]


class DocumentFlowStep(Base):
    """A step of the flow with which a document was submitted, kept with it for good."""

    __tablename__ = "document_flow_steps"
    __table_args__ = (
        enum_check("task", Task),
        enum_check("asked", Asked),
        enum_check("position_kind", PositionKind),
        enum_check("state", StepState),
        CheckConstraint("working_days > 0", name="working_days"),
        CheckConstraint(_WHO, name="who"),
        CheckConstraint(
            "(task IN ('initial_content', 'initial_form')) = (field IS NOT NULL)", name="initials"
        ),
        UniqueConstraint(
            "document_id", "round", "stage", "ordinal", name="uq_document_flow_steps_place"
        ),
        Index(
            "ix_document_flow_steps_waiting",
            "agency_id",
            "document_id",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Ordinal of the version that was submitted; each submission begins a round.
    round: Mapped[int]
    stage: Mapped[int]
    ordinal: Mapped[int]
    task: Mapped[Task] = mapped_column(EnumText(Task))
    asked: Mapped[Asked] = mapped_column(EnumText(Asked))
    position_kind: Mapped[PositionKind | None] = mapped_column(EnumText(PositionKind))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    position_id: Mapped[UUID | None] = mapped_column(ForeignKey("positions.id"))
    working_days: Mapped[int | None]
    state: Mapped[StepState] = mapped_column(EnumText(StepState))
    opened_at: Mapped[datetime | None]
    #: The last day of the working days allowed.
    due_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    #: thay: the person who was asked, where a substitute answered.
    in_place_of: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    words: Mapped[str]
    #: The signature field of initials: "initials_1".
    field: Mapped[str | None]
    #: The content that carries the initials.
    content_sha256: Mapped[str | None]


class CommentPlace(Base):
    """Where in its version a comment points."""

    __tablename__ = "comment_places"
    __table_args__ = (
        CheckConstraint("page > 0", name="page"),
        CheckConstraint("block > 0", name="block"),
        CheckConstraint(
            "area IS NULL OR (page IS NOT NULL AND cardinality(area) = 4)", name="area"
        ),
        CheckConstraint("page IS NOT NULL OR block IS NOT NULL", name="somewhere"),
    )

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("document_comments.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Counted from one.
    page: Mapped[int | None]
    #: Left, top, width and height as parts of the page, 0 to 1.
    area: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    #: Paragraph of the text, counted from one.
    block: Mapped[int | None]
    quote: Mapped[str]


class CommentAnswer(Base):
    """What the writer did about a comment, with which it is settled."""

    __tablename__ = "comment_answers"

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("document_comments.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    text: Mapped[str]
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime]


class DocumentWriter(Base):
    """Who writes a draft on in place of who began it."""

    __tablename__ = "document_writers"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    since: Mapped[datetime]
