"""Closed books and books to be closed, as their pages show them. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents.model import Book
from eoffice.filing import closing_obstacles, closing_rules, closing_states, closing_tables
from eoffice.filing.closing_lines import contents
from eoffice.filing.closing_model import BookClosing, ClosingVolume
from eoffice.filing.closing_rules import BookUnknown, Obstacle
from eoffice.filing.closing_states import ClosedKind, State, Step
from eoffice.filing.closing_tables import Contents
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people import signers
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.people.views import Letterhead
from eoffice.routing.model import ArrivalBook
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class ClosingSeen:
    """A book that was closed."""

    id: UUID
    kind: ClosedKind
    year: int
    title: str
    state: State
    state_since: datetime
    begun_by: str
    begun_at: datetime
    entries: int
    annulled: int
    retention_years: int | None
    retain_until: date | None
    content_sha256: str | None
    page_count: int | None
    volumes: int
    volumes_made: int
    #: Name and time of each signature that was made: clerk, head, seal.
    clerk: str | None
    clerk_signed_at: datetime | None
    head: str | None
    head_capacity: str | None
    head_signed_at: datetime | None
    sealer: str | None
    sealed_at: datetime | None
    #: The signature that waits for whoever looks.
    mine: Step | None


@dataclass(frozen=True, slots=True)
class BookSeen:
    """A book of a year, closed or not."""

    kind: ClosedKind
    year: int
    title: str
    entries: int
    annulled: int
    closing: ClosingSeen | None
    #: What stands in the way; empty where it is closed, and for those who cannot close it.
    obstacles: tuple[Obstacle, ...]
    may_close: bool


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """All that the worker needs to print a book."""

    book: Contents
    agency: str
    letterhead: Letterhead
    closed_at: datetime
    #: Made before, by number of the volume.
    made: dict[int, Sha256]


def book(
    session: Session, *, kind: ClosedKind, year: int, who: Principal, at: datetime
) -> BookSeen:
    """One book of the acting agency. Raises ClosingNotYours, BookUnknown."""
    position = PositionKind(who.position_kind)
    closing_rules.require_reader(kind, position)
    today = clock.civil_date(at)
    closing_rules.require_year(year, today)
    entries, annulled = closing_obstacles.count(session, who.agency_id, kind=kind, year=year)
    found = _closings(session, who, at=at, kind=kind, year=year)
    keeps = closing_rules.may_keep(position)
    obstacles: tuple[Obstacle, ...] = ()
    if keeps and not found:
        runs = closing_rules.year_runs(year, today)
        obstacles = ((runs,) if runs else ()) + closing_obstacles.of_book(
            session, kind=kind, year=year, who=who, this_year=today.year
        )
    return BookSeen(
        kind=kind,
        year=year,
        title=closing_tables.title(kind, year),
        entries=entries,
        annulled=annulled,
        closing=found[0] if found else None,
        obstacles=obstacles,
        may_close=keeps and not found and not obstacles,
    )


def listing(session: Session, *, year: int, who: Principal, at: datetime) -> list[BookSeen]:
    """Every book of a year that the person reads, in the order of the kinds."""
    position = PositionKind(who.position_kind)
    kinds = [each for each in ClosedKind if closing_rules.may_read(each, position)]
    if not kinds:
        closing_rules.require_reader(ClosedKind.OUTGOING, position)
    closings = {each.kind: each for each in _closings(session, who, at=at, year=year)}
    found = []
    for kind in kinds:
        entries, annulled = closing_obstacles.count(session, who.agency_id, kind=kind, year=year)
        closed = closings.get(kind)
        found.append(
            BookSeen(
                kind=kind,
                year=year,
                title=closing_tables.title(kind, year),
                entries=entries,
                annulled=annulled,
                closing=closed,
                obstacles=(),
                may_close=closing_rules.may_keep(position) and closed is None,
            )
        )
    return found


def years(session: Session, *, who: Principal) -> tuple[int, ...]:
    """Years of which the agency has any book, latest first."""
    outgoing = session.scalars(select(Book.year).where(Book.agency_id == who.agency_id).distinct())
    incoming = session.scalars(
        select(ArrivalBook.year).where(ArrivalBook.agency_id == who.agency_id).distinct()
    )
    return tuple(sorted({*outgoing, *incoming}, reverse=True))


def closing(
    session: Session, *, kind: ClosedKind, year: int, who: Principal, at: datetime
) -> ClosingSeen:
    """The closed book. Raises ClosingNotYours, BookUnknown."""
    closing_rules.require_reader(kind, PositionKind(who.position_kind))
    found = _closings(session, who, at=at, kind=kind, year=year)
    if not found:
        raise BookUnknown(f"{closing_tables.title(kind, year)} chưa khóa.")
    return found[0]


def awaiting(session: Session, *, who: Principal, at: datetime) -> list[ClosingSeen]:
    """Closed books that wait for a signature of this person, the longest waiting first."""
    found = [
        each
        for each in _closings(session, who, at=at, states=tuple(closing_states.SIGNED_NEXT))
        if each.mine is not None
    ]
    return sorted(found, key=lambda each: each.state_since)


def print_order(session: Session, closing_id: UUID) -> PrintOrder | None:
    """What the worker prints; None where the pages are made."""
    row = session.get_one(BookClosing, closing_id)
    if row.state is not State.BEGUN:
        return None
    made = session.execute(
        select(ClosingVolume.ordinal, ClosingVolume.content_sha256).where(
            ClosingVolume.closing_id == closing_id
        )
    )
    on = clock.civil_date(row.begun_at)
    return PrintOrder(
        book=contents(session, agency_id=row.agency_id, kind=row.kind, year=row.year),
        agency=people.unit(session, row.agency_id).name,
        letterhead=people.letterhead(session, row.agency_id, on=on),
        closed_at=row.begun_at,
        made={ordinal: Sha256.parse(sha256) for ordinal, sha256 in made},
    )


def _closings(
    session: Session,
    who: Principal,
    *,
    at: datetime,
    kind: ClosedKind | None = None,
    year: int | None = None,
    states: tuple[State, ...] = tuple(State),
) -> list[ClosingSeen]:
    begun, clerk, head, sealer = (aliased(Person) for _ in range(4))
    made = (
        select(func.count())
        .select_from(ClosingVolume)
        .where(ClosingVolume.closing_id == BookClosing.id)
        .scalar_subquery()
    )
    wanted = (
        select(
            BookClosing,
            begun.full_name,
            clerk.full_name,
            head.full_name,
            sealer.full_name,
            made,
        )
        .join(begun, begun.id == BookClosing.begun_by)
        .outerjoin(clerk, clerk.id == BookClosing.clerk_id)
        .outerjoin(head, head.id == BookClosing.head_id)
        .outerjoin(sealer, sealer.id == BookClosing.sealed_by)
        .where(BookClosing.agency_id == who.agency_id, BookClosing.state.in_(states))
    )
    if kind is not None:
        wanted = wanted.where(BookClosing.kind == kind)
    if year is not None:
        wanted = wanted.where(BookClosing.year == year)
    position = PositionKind(who.position_kind)
    rows = [
        each
        for each in session.execute(wanted).all()
        if closing_rules.may_read(each[0].kind, position)
    ]
    # Asked once, and only where somebody waits for a head.
    leads = any(each[0].state is State.SIGNED_BY_CLERK for each in rows) and bool(
        signers.rights(session, who.person_id, who.agency_id, at=at)
    )
    return [
        ClosingSeen(
            id=row.id,
            kind=row.kind,
            year=row.year,
            title=closing_tables.title(row.kind, row.year),
            state=row.state,
            state_since=row.state_since,
            begun_by=begun_name,
            begun_at=row.begun_at,
            entries=row.entries,
            annulled=row.annulled,
            retention_years=row.retention_years,
            retain_until=closing_rules.retained_until(row.year, row.retention_years),
            content_sha256=row.content_sha256,
            page_count=row.page_count,
            volumes=len(closing_rules.volumes(row.entries)),
            volumes_made=volumes_made,
            clerk=clerk_name,
            clerk_signed_at=row.clerk_signed_at,
            head=head_name,
            head_capacity=row.head_capacity,
            head_signed_at=row.head_signed_at,
            sealer=sealer_name,
            sealed_at=row.sealed_at,
            mine=_mine(row, who, leads=leads),
        )
        for row, begun_name, clerk_name, head_name, sealer_name, volumes_made in rows
    ]


def _mine(row: BookClosing, who: Principal, *, leads: bool) -> Step | None:
    step = closing_states.SIGNED_NEXT.get(row.state)
    if step is Step.SIGN_BY_HEAD:
        return step if leads and who.person_id != row.clerk_id else None
    return step if closing_rules.may_keep(PositionKind(who.position_kind)) else None
