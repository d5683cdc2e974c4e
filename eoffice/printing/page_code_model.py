"""The codes that were given out, one for each thing whose pages bear it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.printing import page_codes
from eoffice.printing.page_codes import Corner, PageCode
from eoffice.settings import settings


class Coded(StrEnum):
    """What bears codes."""

    #: văn bản đi
    DOCUMENT = "document"
    #: sổ của nhà trường
    REGISTER = "register"
    #: học bạ: one year's part
    REPORT_PART = "report_part"


_CORNERS = {
    Coded.DOCUMENT: Corner.BELOW_TEXT,
    Coded.REGISTER: Corner.BESIDE_TEXT,
    Coded.REPORT_PART: Corner.BESIDE_TEXT,
}


class GivenCode(Base):
    """A code and what it is of; neither ever changes."""

    __tablename__ = "page_codes"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z2-7]{26}$'", name="code"),
        enum_check("kind", Coded),
        UniqueConstraint("kind", "source_id", name="uq_page_codes_source"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[Coded] = mapped_column(EnumText(Coded))
    source_id: Mapped[UUID]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    made_at: Mapped[datetime]


def page_code(
    session: Session, kind: Coded, source_id: UUID, *, agency_id: UUID, at: datetime
) -> PageCode:
    """The code of this thing, the same whenever it is asked for; given out at the first time."""
    session.execute(
        insert(GivenCode)
        .values(
            code=page_codes.new_code(),
            kind=kind,
            source_id=source_id,
            agency_id=agency_id,
            made_at=at,
        )
        .on_conflict_do_nothing(constraint="uq_page_codes_source")
    )
    code = session.scalars(
        select(GivenCode.code).where(GivenCode.kind == kind, GivenCode.source_id == source_id)
    ).one()
    return PageCode(page_codes.address(settings().base_url, code), _CORNERS[kind])
