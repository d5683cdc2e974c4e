"""The book of pupils who came from and went to other schools: numbers in the year, and papers.

A movement itself is recorded in `classes` and never changes; here it gets its line. Numbers are
given in the order in which movements were recorded, so that a line never moves.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from eoffice.audit.actions import record
from eoffice.classes import staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.pupil_model import Movement
from eoffice.clock import civil_date
from eoffice.rolls import counters, rules
from eoffice.rolls.model import Book, MoveLine
from eoffice.rolls.rules import Direction, LineUnknown
from eoffice.web.principal import Principal

_BOOKS = {Direction.IN: Book.MOVES_IN, Direction.OUT: Book.MOVES_OUT}
_DIRECTIONS = {MovementKind.IN: Direction.IN, MovementKind.OUT: Direction.OUT}


def enter_missing(session: Session, *, by: Principal, at: datetime) -> int:
    """Give every movement between schools that has no line its number; how many.

    Done twice, the second time gives nothing. Raises RollsNotYours.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    # Who else enters waits here, and then finds nothing without a number.
    for book in _BOOKS.values():
        counters.locked(session, by.agency_id, book)
    lines: dict[tuple[Direction, str], list[UUID]] = defaultdict(list)
    for moved, from_year, to_year in session.execute(_without_line(by.agency_id)):
        direction = _DIRECTIONS[moved.kind]
        year = (to_year if direction is Direction.IN else from_year) or rules.school_year_of(
            moved.on_day
        )
        lines[direction, year].append(moved.id)
    for (direction, year), movement_ids in lines.items():
        first = counters.take(
            session, by.agency_id, _BOOKS[direction], year, count=len(movement_ids)
        )
        for number, movement_id in enumerate(movement_ids, start=first):
            session.add(
                MoveLine(
                    movement_id=movement_id,
                    school_id=by.agency_id,
                    school_year=year,
                    direction=direction,
                    number=number,
                    papers="",
                    papers_with="",
                    note="",
                    entered_by=by.person_id,
                    entered_at=at,
                )
            )
            details = {"number": number, "school_year": year, "direction": direction.value}
            _record(session, "move_line.entered", movement_id, by, at, **details)
    return sum(map(len, lines.values()))


def papers(
    session: Session,
    movement_id: UUID,
    *,
    what: str,
    on: date | None,
    with_whom: str,
    note: str,
    by: Principal,
    at: datetime,
) -> None:
    """Which papers of the pupil were handed over or came, when, and who carried them.

    Raises LineUnknown, RollsNotYours, RollWrong.
    """
    row = session.scalars(
        select(MoveLine).where(MoveLine.movement_id == movement_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise LineUnknown("Sổ theo dõi chuyển đi, chuyển đến không có dòng này.")
    rules.require_keeper(staff_queries.actor(by), row.school_id)
    wrong: dict[str, str] = {}
    handed = rules.said(what, "papers", wrong)
    carrier = rules.said(with_whom, "papers_with", wrong)
    said = rules.said(note, "note", wrong)
    if handed and on is None:
        wrong["papers_on"] = "Ghi ngày giao, nhận hồ sơ."
    if on is not None:
        rules.day(on, "papers_on", wrong, today=civil_date(at))
        if not handed:
            wrong["papers"] = "Ghi các giấy tờ đã giao, nhận."
    rules.refuse(wrong)
    row.papers, row.papers_on, row.papers_with, row.note = handed, on, carrier, said
    _record(session, "move_line.papers", movement_id, by, at, number=row.number)


def _without_line(school_id: UUID) -> Select[Movement, str | None, str | None]:
    origin, target = aliased(SchoolClass), aliased(SchoolClass)
    return (
        select(Movement, origin.school_year, target.school_year)
        .outerjoin(origin, origin.id == Movement.from_class_id)
        .outerjoin(target, target.id == Movement.to_class_id)
        .outerjoin(MoveLine, MoveLine.movement_id == Movement.id)
        .where(
            Movement.school_id == school_id,
            Movement.kind.in_(_DIRECTIONS),
            MoveLine.movement_id.is_(None),
        )
        .order_by(Movement.recorded_at, Movement.id)
    )


def _record(
    session: Session,
    action: str,
    object_id: UUID,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    record(
        session, action, object_kind="movement", object_id=object_id, by=by, at=at, details=details
    )
