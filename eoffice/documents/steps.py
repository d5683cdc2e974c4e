"""What every step with a document shares: the locked row, who may, the move, the record of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import rules, states
from eoffice.documents.flows.model import DocumentWriter
from eoffice.documents.model import (
    Document,
    DocumentVersion,
    VersionKind,
)
from eoffice.documents.states import State, Step
from eoffice.errors import Conflict, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

MOST_ATTACHMENTS = 20


class NoDocument(NotFound):
    """There is no such document, or it is not of the agency in which the person acts."""


class Frozen(Conflict):
    """The document is not a draft any more; its text cannot be changed."""


def locked_for(
    session: Session, document_id: UUID, step: Step, *, by: Principal
) -> tuple[Document, DocumentVersion]:
    """The document and its newest version, if this person may take the step now.

    For the slices above, before work outside of the database begins. Raises StepRefused,
    StepNotYours, NoDocument.
    """
    document = lock(session, document_id)
    states.after(document.state, step)
    require(session, document, step, by)
    return document, newest(session, document)


def lock(session: Session, document_id: UUID) -> Document:
    found = session.scalars(
        select(Document).where(Document.id == document_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise unknown()
    return found


def unknown() -> NoDocument:
    return NoDocument(
        "Không tìm thấy văn bản này trong cơ quan bạn đang làm việc. Có thể văn bản thuộc cơ quan "
        "hoặc đơn vị khác, hoặc bạn đang chọn chức vụ khác."
    )


def take(
    session: Session,
    document: Document,
    step: Step,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    """Move a locked document by one step and put it on record; for this slice's actions only."""
    following = states.after(document.state, step)
    require(session, document, step, by)
    _move(session, document, step, following, by=by, at=at, **details)


def take_as_asked(
    session: Session,
    document: Document,
    step: Step,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    """Like `take`, for a step of the approval flow: who may, the flow has said (`flow_actions`)."""
    following = states.after(document.state, step)
    _move(session, document, step, following, by=by, at=at, **details)


def _move(
    session: Session,
    document: Document,
    step: Step,
    following: State,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    document.state = following
    document.state_since = at
    put_on_record(session, f"document.{step.value}", document, by=by, at=at, **details)


def require(session: Session, document: Document, step: Step, by: Principal) -> None:
    rules.require(
        step,
        document.state,
        PositionKind(by.position_kind),
        in_drafting_unit=is_of_writers_unit(session, document, by),
    )


def writer_of(session: Session, document: Document) -> UUID:
    """Who writes the draft: who began it, or to whom it was handed over since."""
    taken_over = session.get(DocumentWriter, document.id)
    return document.created_by if taken_over is None else taken_over.person_id


def is_of_writers_unit(session: Session, document: Document, by: Principal) -> bool:
    """Whether the document counts as written by the unit in which the person acts."""
    return rules.works_in_drafting_unit(
        PositionKind(by.position_kind),
        in_unit=document.drafting_unit_id == by.unit_id,
        began_it=writer_of(session, document) == by.person_id,
    )


def require_writer(session: Session, document: Document, by: Principal) -> None:
    require(session, document, Step.SUBMIT, by)


def require_draft(document: Document) -> None:
    if document.state is not State.DRAFT:
        raise Frozen(
            "Văn bản đã được trình nên không sửa được nữa. Nếu cần sửa, đề nghị người đang giữ văn "
            "bản trả lại kèm ý kiến."
        )


def newest(session: Session, document: Document) -> DocumentVersion:
    return session.scalars(
        select(DocumentVersion)
        .where(DocumentVersion.document_id == document.id)
        .order_by(DocumentVersion.ordinal.desc())
        .limit(1)
    ).one()


def open_draft(session: Session, document: Document) -> DocumentVersion:
    require_draft(document)
    return newest(session, document)


def add_draft(
    session: Session,
    document: Document,
    *,
    ordinal: int,
    text: dict[str, object] | None,
    writer_id: UUID,
    at: datetime,
) -> DocumentVersion:
    """A new version to be written on, credited to its writer."""
    draft = DocumentVersion(
        id=new_id(),
        document_id=document.id,
        agency_id=document.agency_id,
        ordinal=ordinal,
        kind=VersionKind.DRAFT,
        text=text,
        revision=1,
        created_by=writer_id,
        created_at=at,
        saved_at=at,
    )
    session.add(draft)
    return draft


def put_on_record(
    session: Session,
    action: str,
    document: Document,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="document",
        object_id=document.id,
        by=by,
        at=at,
        details={
            key: value if isinstance(value, int) else str(value) for key, value in details.items()
        },
    )
