"""What somebody gave away and what is late, over all slices, by deadline. Read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.desk import branches, rules
from eoffice.desk.branches import Asked
from eoffice.desk.line_queries import lines_of
from eoffice.desk.lines import Line
from eoffice.desk.rules import Kind, Of
from eoffice.people import working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: behind this line."""

    due: date
    since: datetime
    id: UUID

    @classmethod
    def read(cls, key: tuple[str, ...] | None) -> Place | None:
        """From the parts of a cursor, which the office wrote itself."""
        if key is None:
            return None
        due, since, identifier = key
        return cls(date.fromisoformat(due), datetime.fromisoformat(since), UUID(identifier))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines of each kind, up to `rules.MOST_COUNTED` of each."""

    of: Mapping[Kind, int]

    @property
    def total(self) -> int:
        return sum(self.of.values())


def given(
    session: Session,
    *,
    who: Principal,
    at: datetime,
    kind: Kind | None = None,
    after: Place | None = None,
    limit: int,
) -> list[Line]:
    """What `who` assigned, forwarded, submitted or asked of others and is not finished."""
    return _page(session, Asked(who, Of.GIVEN, None), at, kind, after, limit)


def late(
    session: Session,
    of: Of,
    *,
    who: Principal,
    at: datetime,
    kind: Kind | None = None,
    after: Place | None = None,
    limit: int,
) -> list[Line]:
    """What is behind its deadline, by working days. Raises ForLeadersOnly."""
    return _page(session, _late(session, of, who, at), at, kind, after, limit)


def count_given(session: Session, *, who: Principal) -> Counts:
    return _counts(session, Asked(who, Of.GIVEN, None))


def count_late(session: Session, of: Of, *, who: Principal, at: datetime) -> Counts:
    """Raises ForLeadersOnly."""
    return _counts(session, _late(session, of, who, at))


def _late(session: Session, of: Of, who: Principal, at: datetime) -> Asked:
    calendar = working_days_queries.calendar(session)
    return Asked(who, of, calendar.latest_missed(clock.civil_date(at)))


def _page(
    session: Session,
    asked: Asked,
    at: datetime,
    kind: Kind | None,
    after: Place | None,
    limit: int,
) -> list[Line]:
    there = rules.kinds_of(asked.of, PositionKind(asked.who.position_kind))
    parts = [_first(session, each, asked, after, limit) for each in rules.chosen(kind, there)]
    if not parts:
        return []
    found = union_all(*parts).subquery()
    rows = session.execute(
        select(found.c.kind, found.c.id, found.c.due, found.c.since)
        .order_by(found.c.due, found.c.since, found.c.id)
        .limit(limit)
    ).all()
    by_kind: defaultdict[Kind, list[UUID]] = defaultdict(list)
    for row in rows:
        by_kind[Kind(row.kind)].append(row.id)
    told = {
        (each, line.id): line
        for each, ids in by_kind.items()
        for line in lines_of(session, each, ids, today=clock.civil_date(at))
    }
    # A row that changed between the two statements is told as it is now, or not at all.
    return [
        line.at(row.due, row.since)
        for row in rows
        if (line := told.get((Kind(row.kind), row.id))) is not None
    ]


def _first(session: Session, kind: Kind, asked: Asked, after: Place | None, limit: int) -> Any:
    """The first rows of a kind behind `after`, each kind no more than the page has."""
    rows = branches.branch(session, kind, asked).subquery()
    query = select(literal(kind.value).label("kind"), rows.c.id, rows.c.due, rows.c.since)
    if after is not None:
        query = query.where(
            tuple_(rows.c.due, rows.c.since, rows.c.id)
            > tuple_(cast(literal(after.due), Date), literal(after.since), literal(after.id))
        )
    first = query.order_by(rows.c.due, rows.c.since, rows.c.id).limit(limit).subquery()
    return select(first)


def _counts(session: Session, asked: Asked) -> Counts:
    kinds = rules.kinds_of(asked.of, PositionKind(asked.who.position_kind))
    counted = session.execute(union_all(*(_counted(session, each, asked) for each in kinds))).all()
    found = {Kind(row.kind): row.counted for row in counted}
    return Counts({each: found[each] for each in kinds})


def _counted(session: Session, kind: Kind, asked: Asked) -> Any:
    rows = branches.branch(session, kind, asked).limit(rules.MOST_COUNTED).subquery()
    return select(literal(kind.value).label("kind"), func.count().label("counted")).select_from(
        rows
    )


def kinds_there(counts: Counts) -> Sequence[Kind]:
    """The kinds of which there is something, in their order."""
    return tuple(each for each, number in counts.of.items() if number)
