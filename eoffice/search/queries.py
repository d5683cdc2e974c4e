"""What a search finds for a person: each kind by the rule of its own slice. Read only.

Candidates come from the index, in order and of the acting agency only; what of them the person
may see is asked of documents, routing and filing, in portions until there is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from eoffice.documents import queries as documents
from eoffice.documents.model import Document
from eoffice.filing import case_queries
from eoffice.filing.case_model import CaseFile, CaseItem
from eoffice.routing import delivery_queries
from eoffice.routing.model import Arrival, Delivery
from eoffice.search import rules
from eoffice.search.model import SavedSearch, SearchColumns
from eoffice.search.rules import Asked, Kind, Order
from eoffice.web.principal import Principal

#: Candidates of the first portion; each further one has twice as many.
_PORTION: Final = 400
#: Of so many, the newest, it is asked whether the person may see them.
LOOKED_AT: Final = 20_000
#: Documents of the case files that a search is narrowed to.
MOST_FILED: Final = 10_000

#: Whose deliveries are the acting agency's: its own and those of agencies it took over.
_AGENCIES: Final = cast(select(func.app_agencies()).scalar_subquery(), ARRAY(Uuid))


@dataclass(frozen=True, slots=True)
class Found:
    """What of one kind was found, in the order asked for."""

    ids: tuple[UUID, ...]
    #: What the order goes by, of each: its day, number or deadline as text.
    places: tuple[str, ...]
    #: There are further ones behind these.
    is_more: bool
    #: So much matches that not all of it was looked at.
    is_cut: bool

    def place(self, most: int) -> tuple[str, str] | None:
        """Of the last of the first `most`, to go on behind it; None where nothing was found."""
        last = min(most, len(self.ids)) - 1
        return None if last < 0 else (self.places[last], str(self.ids[last]))


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
    order: Order = Order.NEWEST,
    after: tuple[str, UUID] | None = None,
) -> Found:
    """Up to `most` of one kind that match and that `who` may see, from behind the place `after`."""
    wanted = _wanted(session, asked, kind, who=who, order=order)
    seen: list[tuple[UUID, str]] = []
    looked_at, portion, is_end = 0, max(_PORTION, most + 1), wanted is None
    while wanted is not None and len(seen) <= most and looked_at < LOOKED_AT and not is_end:
        behind = {} if after is None else {"after_key": after[0], "after_id": str(after[1])}
        asking = {"wanted": wanted | behind, "most": portion}
        rows = session.execute(_looked_through(kind, who), asking).all()
        seen += [(row.source_id, row.place) for row in rows if row.is_visible]
        looked_at += len(rows)
        is_end = len(rows) < portion
        if rows:
            after = (rows[-1].place, rows[-1].source_id)
        portion *= 2
    kept = seen[:most]
    return Found(
        ids=tuple(source for source, _ in kept),
        places=tuple(place for _, place in kept),
        is_more=len(seen) > most,
        is_cut=len(seen) <= most and not is_end,
    )


def saved(session: Session, *, who: Principal) -> tuple[Saved, ...]:
    """The person's own saved searches, by name."""
    rows = session.scalars(
        select(SavedSearch).where(SavedSearch.person_id == who.person_id).order_by(SavedSearch.name)
    )
    return tuple(Saved(row.id, row.name, row.query) for row in rows)


def columns(session: Session, *, who: Principal) -> tuple[str, ...]:
    """The columns that the person chose to keep; none where they never did."""
    kept = session.scalar(
        select(SearchColumns.columns).where(SearchColumns.person_id == who.person_id)
    )
    return tuple(kept.split(",")) if kept else ()


def _wanted(
    session: Session, asked: Asked, kind: Kind, *, who: Principal, order: Order
) -> dict[str, Any] | None:
    """What `search_candidates` is asked; None where nothing of this kind can match."""
    fields = asked.fields
    among = None
    if fields.case_file:
        among = _in_case_files(session, fields.case_file, kind, who=who)
        if not among:
            return None
    told: dict[str, Any] = {
        "order": order.value,
        "words": rules.query(asked.terms),
        "sender": fields.sender,
        "signer": fields.signer,
        "to": fields.recipient,
        "language": fields.language,
        "type": fields.type,
        "unit": fields.unit_id and str(fields.unit_id),
        "urgency": fields.urgency,
        "state": fields.state,
        "from_day": fields.from_day and fields.from_day.isoformat(),
        "to_day": fields.to_day and fields.to_day.isoformat(),
        "due_from": fields.due_from and fields.due_from.isoformat(),
        "due_to": fields.due_to and fields.due_to.isoformat(),
        "among": among and [str(each) for each in among],
    }
    asked_for = {name: value for name, value in told.items() if value}
    for name, count in (("pages_from", fields.pages_from), ("pages_to", fields.pages_to)):
        if count is not None:
            asked_for[name] = str(count)
    return asked_for


@lru_cache(maxsize=512)
def _looked_through(kind: Kind, who: Principal) -> Select[Any]:
    """Candidates in their order, each with whether the person's lists would show it.

    Takes `wanted` and `most`. Kept, since putting the conditions together takes longer than
    asking the database.
    """
    matching = (
        func.search_candidates(
            kind.value, bindparam("wanted", type_=JSONB), bindparam("most", type_=Integer)
        )
        .table_valued(column("source_id", Uuid()), column("place", Text()), with_ordinality="nth")
        .render_derived()
    )
    visible = _visible(kind, matching.c.source_id, who=who)
    return select(
        matching.c.source_id, matching.c.place, visible.exists().label("is_visible")
    ).order_by(matching.c.nth)


def _visible(kind: Kind, source_id: ColumnElement[UUID], *, who: Principal) -> Select[Any]:
    """The source, where the person's lists would show it."""
    if kind is Kind.OUTGOING:
        return select(Document.id).where(Document.id == source_id, documents.may_see(who))
    if kind is Kind.INCOMING:
        return (
            select(Delivery.id)
            .outerjoin(Arrival, Arrival.delivery_id == Delivery.id)
            .where(
                Delivery.id == source_id,
                Delivery.recipient_agency_id == any_(_AGENCIES),
                delivery_queries.may_see(who),
            )
        )
    return select(CaseFile.id).where(CaseFile.id == source_id, case_queries.may_open(who))


def _in_case_files(session: Session, words: str, kind: Kind, *, who: Principal) -> tuple[UUID, ...]:
    """What is in the case files of these words that the person may open; at most MOST_FILED.

    Asked of what the person may see, not kept in the index: that a document is in a restricted
    case file is nobody's business.
    """
    if kind is Kind.CASE_FILE:
        return ()
    source = CaseItem.document_id if kind is Kind.OUTGOING else Arrival.delivery_id
    heading = func.concat_ws(" ", CaseFile.notation, CaseFile.year, CaseFile.title)
    query = (
        select(source)
        .select_from(CaseItem)
        .join(CaseFile, CaseFile.id == CaseItem.case_file_id)
        .where(
            CaseItem.removed_at.is_(None),
            case_queries.may_open(who),
            func.vn_tsv(heading).op("@@")(func.vn_q(words)),
            source.is_not(None),
        )
        .limit(MOST_FILED)
    )
    if kind is Kind.INCOMING:
        query = query.join(Arrival, Arrival.id == CaseItem.arrival_id)
    return tuple(session.scalars(query))
