"""Remarks about a version: written, with or without a place in it, and answered by the writer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.documents import rules
from eoffice.documents import steps as document_steps
from eoffice.documents.flows import facts as flow_facts
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.model import CommentAnswer, CommentPlace, DocumentFlowStep
from eoffice.documents.form import text as texts
from eoffice.documents.model import Document, DocumentComment, DocumentVersion
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

LONGEST_COMMENT = 4_000
LONGEST_QUOTE = 500


class PlaceUnfit(Invalid):
    """The version has no such place."""


class CommentUnknown(NotFound):
    """The document has no such remark."""


class AnsweredAlready(Conflict):
    """The remark is settled."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a remark points: a page with or without a rectangle, or a paragraph with its words."""

    #: Counted from one.
    page: int | None = None
    #: Left, top, width and height as parts of the page.
    area: tuple[float, float, float, float] | None = None
    #: Paragraph of the text, counted from one.
    block: int | None = None
    quote: str = ""


def comment(
    session: Session,
    document_id: UUID,
    words: str,
    *,
    place: Place | None = None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Write a remark about the newest version; everybody who may read it may. Raises PlaceUnfit."""
    document = document_steps.lock(session, document_id)
    readable = rules.readable(
        PositionKind(by.position_kind),
        in_drafting_unit=document_steps.is_of_writers_unit(session, document, by),
    )
    if document.state not in readable and not _takes_part(session, document, by, at=at):
        raise document_steps.unknown()
    written = add(session, document, words, place=place, is_return_reason=False, by=by, at=at)
    document_steps.put_on_record(session, "document.commented", document, by=by, at=at)
    return written


def answer(
    session: Session,
    document_id: UUID,
    comment_id: UUID,
    words: str,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The writer says what was done about a remark, which settles it.

    Empty words mean: done as asked. Raises CommentUnknown, AnsweredAlready, StepNotYours.
    """
    document = document_steps.lock(session, document_id)
    row = session.get(DocumentComment, comment_id)
    if row is None or row.document_id != document.id:
        raise CommentUnknown("Không tìm thấy ý kiến này.")
    if document.created_by != by.person_id:
        document_steps.require_writer(session, document, by)
    if session.get(CommentAnswer, comment_id) is not None:
        raise AnsweredAlready("Ý kiến này đã được trả lời.")
    session.add(
        CommentAnswer(
            comment_id=comment_id,
            agency_id=row.agency_id,
            text=_checked(words or "Đã sửa."),
            answered_by=by.person_id,
            answered_at=at,
        )
    )
    document_steps.put_on_record(
        session, "document.comment_answered", document, by=by, at=at, comment_id=comment_id
    )


def add(
    session: Session,
    document: Document,
    words: str,
    *,
    place: Place | None = None,
    is_return_reason: bool,
    by: Principal,
    at: datetime,
) -> UUID:
    """A remark about the newest version of a locked document; for this slice's actions only."""
    newest = document_steps.newest(session, document)
    row = DocumentComment(
        id=new_id(),
        document_id=document.id,
        agency_id=document.agency_id,
        version_ordinal=session.scalar(
            select(func.max(DocumentVersion.ordinal)).where(
                DocumentVersion.document_id == document.id
            )
        ),
        text=_checked(words),
        is_return_reason=is_return_reason,
        written_by=by.person_id,
        written_at=at,
    )
    session.add(row)
    if place is not None and (place.page is not None or place.block is not None):
        _check_place(place, newest)
        session.flush()  # The place points here.
        session.add(
            CommentPlace(
                comment_id=row.id,
                agency_id=document.agency_id,
                page=place.page,
                area=None if place.area is None else list(place.area),
                block=place.block,
                quote=" ".join(place.quote.split())[:LONGEST_QUOTE],
            )
        )
    return row.id


def _checked(words: str) -> str:
    words = words.strip()
    if not words:
        raise Invalid("Hãy ghi ý kiến.", fields={"text": "Chưa có nội dung ý kiến."})
    if len(words) > LONGEST_COMMENT:
        raise Invalid(
            f"Ý kiến dài hơn {LONGEST_COMMENT} ký tự.",
            fields={"text": f"Rút gọn còn nhiều nhất {LONGEST_COMMENT} ký tự."},
        )
    return words


def _check_place(place: Place, version: DocumentVersion) -> None:
    if place.page is not None and (
        place.page < 1 or (version.page_count is not None and place.page > version.page_count)
    ):
        raise PlaceUnfit("Bản này không có trang đó.", fields={"page": "Không có trang này."})
    if place.area is not None:
        left, top, width, height = place.area
        if not (0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1 - left + 1e-9):
            raise PlaceUnfit("Vùng đánh dấu nằm ngoài trang.", fields={"area": "Ngoài trang."})
        if not 0 < height <= 1 - top + 1e-9:
            raise PlaceUnfit("Vùng đánh dấu nằm ngoài trang.", fields={"area": "Ngoài trang."})
    if place.block is not None:
        count = 0 if version.text is None else len(texts.parse(version.text).paragraphs)
        if not 1 <= place.block <= count:
            raise PlaceUnfit("Nội dung không có đoạn đó.", fields={"block": "Không có đoạn này."})


def _takes_part(session: Session, document: Document, by: Principal, *, at: datetime) -> bool:
    """Whether the approval flow asks or asked this person."""
    steps: list[DocumentFlowStep] = list(flow_facts.rows(session, document.id))
    if any(each.ended_by == by.person_id for each in steps):
        return True
    office = flow_facts.office(
        session, document.agency_id, document.drafting_unit_id, at=at, acting=by
    )
    return any(
        answerer.person_id == by.person_id
        for each in flow_rules.waiting(flow_facts.running(steps))
        for answerer in flow_rules.answerers(each.whom, office)
    )
