"""The page of a note: set and kept before its row, signed by the ceremony."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.db import transaction
from eoffice.filing import closing_printing, closing_queries, closing_rules, closing_tables
from eoffice.filing.closing_actions import ContentDiffers
from eoffice.filing.closing_model import BookClosing
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.notes import actions, rules, tables
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import pdf_fields, printed_table
from eoffice.signing import ceremony
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

PDF = "application/pdf"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Made:
    closing_id: UUID
    ordinal: int
    content: Sha256
    page_count: int


def make(
    kind: ClosedKind, year: int, wording: rules.Wording, *, by: Principal, at: datetime
) -> Made:
    """Set the page and keep its bytes; nothing names them yet. Raises ClosingNotYours."""
    closing_rules.require_keeper(PositionKind(by.position_kind))
    with transaction(by.acting) as session:
        closing = closing_queries.closing(session, kind=kind, year=year, who=by, at=at)
        ordinal = actions.next_ordinal(session, closing.id)
        letterhead = people.letterhead(session, by.agency_id, on=civil_date(at))
    title = closing_tables.title(kind, year)
    table = tables.table(
        title,
        ordinal,
        wording,
        closed_on=civil_date(closing.begun_at),
        place=letterhead.place,
        on=civil_date(at),
        clerk=by.full_name,
    )
    made = printed_table.compose(table, letterhead, foot=f"{title}, đính chính", at=at)
    pdf = pdf_fields.add_fields(made.pdf, made.placeholders)
    content = configured.store().put(pdf, PDF)
    return Made(closing.id, ordinal, content, closing_printing.page_count(pdf))


def sign(
    note_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """The head signs the page. Raises what `actions.to_sign` and `ceremony.perform` raise."""
    return ceremony.perform(
        by,
        pin,
        step=SIGN,
        of=Subject(note_id),
        within=within,
    )


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    note, capacity = actions.to_sign(session, of.id, by=by, at=at)
    letterhead = people.letterhead(session, note.agency_id, on=civil_date(at))
    closing = session.get_one(BookClosing, note.closing_id)
    return SigningTask(
        subject_kind=actions.KIND,
        subject_id=note.id,
        agency_id=note.agency_id,
        field=tables.FIELD,
        purpose=Purpose.APPROVE,
        content_sha256=Sha256.parse(note.content_sha256),
        capacity=capacity,
        signer_name=by.full_name,
        unit_name=people.unit(session, note.agency_id).name,
        place=letterhead.place,
        title=f"{closing_tables.title(closing.kind, closing.year)}, đính chính",
        path=f"/books/{closing.kind.value}/{closing.year}",
        superior_name=letterhead.superior,
        caption=(capacity, by.full_name),
    )


def _conclude(session: Session, signed: Signed, *, by: Principal) -> None:
    try:
        actions.record_signature(
            session,
            signed.subject_id,
            source=signed.source,
            result=signed.sha256,
            by=by,
            at=signed.at,
        )
    except ContentDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SIGN: Final = SignatureStep("closing_note.sign", _begin, _conclude)
