"""Steps that bring parts of report books to where a test begins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.objects.sha256 import Sha256
from eoffice.reports import actions, asking_actions
from eoffice.reports.actions import Made
from eoffice.reports.model import ReportPart
from eoffice.reports.states import PartState
from eoffice.web.principal import Principal
from tests.cast import Cast

REASON = "Ghi sai ngày sinh trong giấy khai sinh."


def made(name: str = "unsigned", *, is_reassessed: bool = False) -> Made:
    """Content is a name only; signing and rendering have tests of their own."""
    return Made(Sha256.of(name.encode()), Sha256.of(f"data of {name}".encode()), 4, is_reassessed)


def asked(session: Session, class_id: UUID, cast: Cast, at: datetime) -> list[ReportPart]:
    """The parts of the class in the order of its list, still to be made."""
    asking_actions.ask(session, class_id, None, by=cast.homeroom_teacher, at=at)
    return parts(session, class_id)


def parts(session: Session, class_id: UUID) -> list[ReportPart]:
    session.flush()
    query = select(ReportPart).where(ReportPart.class_id == class_id)
    return list(session.scalars(query.order_by(ReportPart.ordinal, ReportPart.version)))


def laid(session: Session, class_id: UUID, cast: Cast, at: datetime) -> list[ReportPart]:
    """The same, made and before the first who sign."""
    found = asked(session, class_id, cast, at)
    for part in found:
        actions.record_made(session, part.id, made(part.pupil_code), by="worker:tests", at=at)
    return found


def sign(session: Session, part: ReportPart, field: str, by: Principal, at: datetime) -> PartState:
    assert part.content_sha256 is not None
    source = Sha256.parse(part.content_sha256)
    return actions.record_signature(
        session,
        part.id,
        field,
        source=source,
        result=Sha256.of(f"{source} {field}".encode()),
        capacity="Giáo viên",
        by=by,
        at=at,
    )


def sealed(session: Session, part: ReportPart, cast: Cast, at: datetime) -> None:
    sign(session, part, "homeroom", cast.homeroom_teacher, at)
    sign(session, part, "principal", cast.school_principal, at)
    sign(session, part, "school_seal", cast.school_clerk, at)


def closed(session: Session, class_id: UUID, cast: Cast, at: datetime) -> list[ReportPart]:
    found = laid(session, class_id, cast, at)
    for part in found:
        sealed(session, part, cast, at)
    actions.close(session, "2024-2025", class_id, by=cast.school_clerk, at=at)
    return found
