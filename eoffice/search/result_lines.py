"""What was found, as lines to show. Read only; whether a person may see them is asked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.archive.queries import Line as ArchiveLine
from eoffice.archive.states import KIND_NAMES as ARCHIVE_NAMES
from eoffice.documents import states as document_states
from eoffice.documents import types, waiting
from eoffice.documents.model import Document, DocumentVersion
from eoffice.filing import case_rules
from eoffice.filing.case_model import CaseFile
from eoffice.people.model import Person, Unit
from eoffice.routing import outside_rules
from eoffice.routing import states as routing_states
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.states import DeliveryState
from eoffice.search.rules import Kind

_DELIVERY_TONES: Final = {
    DeliveryState.DELIVERED: "quiet",
    DeliveryState.OPENED: "waiting",
    DeliveryState.REFUSED: "wrong",
    DeliveryState.DONE: "done",
    DeliveryState.RECALLED: "wrong",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the result, whatever it is of."""

    kind: Kind
    id: UUID
    #: The page of the document, delivery or case file.
    path: str
    #: Number and notation; empty before there is one.
    code: str
    day: date
    type_name: str
    subject: str
    #: Sender of what came, drafting unit of what is written here, else the unit.
    organ: str
    signer: str
    urgency: str
    state: str
    tone: str
    arrival_number: int | None = None
    due_on: date | None = None
    pages: int | None = None
    language: str = ""


def lines(session: Session, kind: Kind, ids: Sequence[UUID]) -> list[Line]:
    """The lines of what was found, in the order of `ids`."""
    if not ids:
        return []
    read = {
        Kind.OUTGOING: _outgoing,
        Kind.INCOMING: _incoming,
        Kind.CASE_FILE: _case_files,
    }[kind]
    known = {line.id: line for line in read(session, ids)}
    return [known[each] for each in ids if each in known]


def archived(entry: ArchiveLine) -> Line:
    """An entry of the archive as a line."""
    return Line(
        kind=Kind.ARCHIVE,
        id=entry.id,
        path=f"/archive/{entry.id}",
        code=entry.number_notation or "",
        day=entry.issued_on or clock.civil_date(entry.archived_at),
        type_name=ARCHIVE_NAMES[entry.kind],
        subject=entry.title,
        organ=entry.agency_name,
        signer="",
        urgency="",
        state="Đã nộp lưu",
        tone="done",
    )


def _outgoing(session: Session, ids: Sequence[UUID]) -> list[Line]:
    pages = (
        select(DocumentVersion.page_count)
        .where(DocumentVersion.document_id == Document.id, DocumentVersion.page_count.is_not(None))
        .order_by(DocumentVersion.ordinal.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Document, Unit.name, Person.full_name, pages)
        .join(Unit, Unit.id == Document.drafting_unit_id)
        .outerjoin(Person, Person.id == Document.signer_id)
        .where(Document.id.in_(ids))
    )
    return [
        Line(
            kind=Kind.OUTGOING,
            id=row.id,
            path=f"/documents/{row.id}",
            code="" if row.number is None else types.code(row.number, row.notation or ""),
            day=row.issued_on or clock.civil_date(row.created_at),
            type_name=types.name(row.type),
            subject=row.subject,
            organ=unit,
            signer=signer or "",
            urgency=types.URGENCY_NAMES[row.urgency],
            state=document_states.NAMES[row.state],
            tone=waiting.TONES[row.state],
            due_on=row.due_on,
            pages=page_count,
            language=row.language,
        )
        for row, unit, signer, page_count in rows
    ]


def _incoming(session: Session, ids: Sequence[UUID]) -> list[Line]:
    rows = session.execute(
        select(Delivery, Arrival.id, Arrival.due_on)
        .outerjoin(Arrival, Arrival.delivery_id == Delivery.id)
        .where(Delivery.id.in_(ids))
    )
    return [
        Line(
            kind=Kind.INCOMING,
            id=row.id,
            path=f"/incoming/deliveries/{row.id}" if arrival is None else f"/incoming/{arrival}",
            code=outside_rules.code(row.number, row.notation),
            day=row.issued_on,
            type_name=outside_rules.type_name(row.document_type, row.type_name),
            subject=row.subject,
            organ=row.sender_name,
            signer=row.signer_name,
            urgency=types.URGENCY_NAMES[row.urgency],
            state=routing_states.ARRIVING_NAMES[row.state],
            tone=_DELIVERY_TONES.get(row.state, "going"),
            arrival_number=row.arrival_number,
            due_on=due_on or row.due_on,
            pages=row.page_count or None,
            language=row.language or "Tiếng Việt",
        )
        for row, arrival, due_on in rows
    ]


def _case_files(session: Session, ids: Sequence[UUID]) -> list[Line]:
    rows = session.execute(
        select(CaseFile, Unit.name)
        .join(Unit, Unit.id == CaseFile.unit_id)
        .where(CaseFile.id.in_(ids))
    )
    return [
        Line(
            kind=Kind.CASE_FILE,
            id=row.id,
            path=f"/case-files/{row.id}",
            code=row.notation,
            day=clock.civil_date(row.planned_at),
            type_name=f"Hồ sơ năm {row.year}",
            subject=row.title,
            organ=unit,
            signer="",
            urgency="",
            state=case_rules.STATE_NAMES[row.state],
            tone="going" if row.state is case_rules.CaseState.OPEN else "done",
            language=row.language,
        )
        for row, unit in rows
    ]
