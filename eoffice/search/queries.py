"""What a search finds for a person: each kind by the rule of its own slice. Read only.

Candidates come from the index, newest first and of the acting agency only; what of them the
person may see is asked of documents, routing and filing, in portions until there is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.archive.queries import Line as ArchiveLine
from eoffice.archive.states import KIND_NAMES as ARCHIVE_NAMES
from eoffice.documents import queries as documents
from eoffice.documents import states as document_states
from eoffice.documents import types, waiting
from eoffice.documents.model import Document
from eoffice.filing import case_queries, case_rules
from eoffice.filing.case_model import CaseFile
from eoffice.people.model import Person, Unit
from eoffice.routing import delivery_queries, outside_rules, succession
from eoffice.routing import states as routing_states
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.states import DeliveryState
from eoffice.search import rules
from eoffice.search.model import SavedSearch, SearchEntry
from eoffice.search.rules import Asked, Kind
from eoffice.web.principal import Principal

#: Candidates of the first portion; each further one has twice as many.
_PORTION: Final = 400
#: Of so many, the newest, it is asked whether the person may see them.
LOOKED_AT: Final = 50_000

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


@dataclass(frozen=True, slots=True)
class Found:
    """What of one kind was found, newest first."""

    ids: tuple[UUID, ...]
    days: tuple[date, ...]
    #: There are further ones behind these.
    is_more: bool
    #: So much matches that not all of it was looked at.
    is_cut: bool

    def place(self, most: int) -> tuple[str, str] | None:
        """Of the last of the first `most`, to go on behind it; None where nothing was found."""
        last = min(most, len(self.ids)) - 1
        return None if last < 0 else (self.days[last].isoformat(), str(self.ids[last]))


@dataclass(frozen=True, slots=True)
class Saved:
    id: UUID
    name: str
    query: str


def found(
    session: Session,
    asked: Asked,
    kind: Kind,
    *,
    who: Principal,
    most: int,
    after: tuple[date, UUID] | None = None,
) -> Found:
    """Up to `most` of one kind that match and that `who` may see, from behind `after`."""
    seen: list[tuple[UUID, date]] = []
    looked_at, portion, is_end = 0, max(_PORTION, most + 1), False
    while len(seen) <= most and looked_at < LOOKED_AT and not is_end:
        candidates = _candidates(session, asked, kind, after=after, most=portion)
        visible = _visible(session, kind, [source for source, _ in candidates], who=who)
        seen += [(source, day) for source, day in candidates if source in visible]
        looked_at += len(candidates)
        is_end = len(candidates) < portion
        if candidates:
            after = (candidates[-1][1], candidates[-1][0])
        portion *= 2
    kept = seen[:most]
    return Found(
        ids=tuple(source for source, _ in kept),
        days=tuple(day for _, day in kept),
        is_more=len(seen) > most,
        is_cut=len(seen) <= most and not is_end,
    )


def lines(session: Session, kind: Kind, ids: Sequence[UUID]) -> list[Line]:
    """The lines of what was found, in the order of `ids`."""
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


def saved(session: Session, *, who: Principal) -> tuple[Saved, ...]:
    """The person's own saved searches, by name."""
    rows = session.scalars(
        select(SavedSearch).where(SavedSearch.person_id == who.person_id).order_by(SavedSearch.name)
    )
    return tuple(Saved(row.id, row.name, row.query) for row in rows)


def _candidates(
    session: Session, asked: Asked, kind: Kind, *, after: tuple[date, UUID] | None, most: int
) -> list[tuple[UUID, date]]:
    narrowed = asked.fields
    before_day, before_id = after or (None, None)
    matching = func.search_candidates(
        kind.value,
        rules.query(asked.terms),
        narrowed.sender,
        narrowed.signer,
        narrowed.type or None,
        narrowed.unit_id,
        narrowed.urgency or None,
        narrowed.state or None,
        narrowed.from_day,
        narrowed.to_day,
        before_day,
        before_id,
        most,
    ).table_valued(SearchEntry.source_id, SearchEntry.day)
    rows = session.execute(select(matching.c.source_id, matching.c.day))
    return [(row.source_id, row.day) for row in rows]


def _visible(
    session: Session, kind: Kind, ids: Sequence[UUID], *, who: Principal
) -> frozenset[UUID]:
    """Those that the person's lists would show."""
    if not ids:
        return frozenset()
    if kind is Kind.OUTGOING:
        query = select(Document.id).where(Document.id.in_(ids), documents.may_see(who))
    elif kind is Kind.INCOMING:
        query = (
            select(Delivery.id)
            .outerjoin(Arrival, Arrival.delivery_id == Delivery.id)
            .where(
                Delivery.id.in_(ids),
                Delivery.recipient_agency_id.in_(succession.agencies_of(session, who.agency_id)),
                delivery_queries.may_see(who),
            )
        )
    else:
        query = select(CaseFile.id).where(CaseFile.id.in_(ids), case_queries.may_open(who))
    return frozenset(session.scalars(query))


def _outgoing(session: Session, ids: Sequence[UUID]) -> list[Line]:
    rows = session.execute(
        select(Document, Unit.name, Person.full_name)
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
        )
        for row, unit, signer in rows
    ]


def _incoming(session: Session, ids: Sequence[UUID]) -> list[Line]:
    rows = session.execute(
        select(Delivery, Arrival.id)
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
        )
        for row, arrival in rows
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
            tone="done" if row.state is case_rules.CaseState.CLOSED else "going",
        )
        for row, unit in rows
    ]
