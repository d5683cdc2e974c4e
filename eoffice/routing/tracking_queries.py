"""How work on incoming documents goes: Sổ theo dõi giải quyết văn bản đến, and what it adds up to.

A document counts for the unit and the person that lead the work now. Secret papers are not
followed here, where everybody reads their own lines. Read only; who may see a line is said in
`delivery_queries`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, column, func, literal, select, true, values
from sqlalchemy import Date as SqlDate
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents import types
from eoffice.documents.model import Document, Issuance
from eoffice.documents.tracking import timeliness
from eoffice.documents.tracking.timeliness import Tally, Timeliness
from eoffice.people import working_days_queries
from eoffice.people.model import Person, Unit
from eoffice.people.working_days import Calendar
from eoffice.routing import arrival_queries, book_queries, outside_rules, states
from eoffice.routing.arrival_queries import OPEN, AssignmentSeen
from eoffice.routing.model import Answer, Arrival, Assignment, Delivery
from eoffice.routing.rules import ArrivalBookKind, Role
from eoffice.routing.states import ArrivalState
from eoffice.web.principal import Principal

#: In the address: whatever is led by nobody yet, and by a unit as a whole.
NOBODY: Final = "none"
_LEAD: Final = aliased(Assignment)
_DONE_ON: Final[ColumnElement[date]] = func.date(
    func.timezone("Asia/Ho_Chi_Minh", Arrival.done_at), type_=SqlDate
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents; every part that is None is not asked for. Days are those of arrival."""

    first_day: date | None = None
    last_day: date | None = None
    #: Of who leads; `NOBODY` for what is not assigned.
    unit: UUID | str | None = None
    #: `NOBODY` for what a unit leads as a whole.
    person: UUID | str | None = None
    state: ArrivalState | None = None
    timeliness: Timeliness | None = None


@dataclass(frozen=True, slots=True)
class TrackingLine:
    """A line of the book, in the columns of Decree 30/2020, Annex IV.VIII."""

    arrival_id: UUID
    #: Số đến
    number: int
    year: int
    #: Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan, tổ chức ban hành văn bản
    document: str
    subject: str
    #: Đơn vị hoặc người nhận: the lead first
    handed_to: tuple[str, ...]
    #: Thời hạn giải quyết
    due_on: date | None
    #: Tiến độ giải quyết
    state: ArrivalState
    done_on: date | None
    timeliness: Timeliness
    #: Working days behind the deadline; 0 in time.
    days_late: int
    #: Số, ký hiệu văn bản trả lời
    answers: tuple[str, ...]
    #: Ghi chú: how it was settled
    note: str
    arrived_on: date

    @property
    def progress(self) -> str:
        """ "Hoàn thành ngày 20/08/2018, trễ 2 ngày làm việc"."""
        said = states.ARRIVAL_NAMES[self.state]
        if self.done_on is not None:
            said += f" ngày {self.done_on:%d/%m/%Y}"
        return f"{said}, trễ {self.days_late} ngày làm việc" if self.days_late else said


@dataclass(frozen=True, slots=True)
class Report:
    """Báo cáo tình hình giải quyết văn bản đến: the same documents counted three ways."""

    by_unit: tuple[Tally, ...]
    by_person: tuple[Tally, ...]
    by_state: tuple[Tally, ...]


def lines(
    session: Session,
    wanted: Wanted,
    *,
    who: Principal,
    today: date,
    after: tuple[str, ...] | None = None,
    limit: int | None = None,
    oldest_first: bool = False,
) -> list[TrackingLine]:
    """Latest arrival first; `after` is (year, number) of the last seen."""
    calendar = working_days_queries.calendar(session)
    query = _among(session, select(Arrival, Delivery), wanted, who, today, calendar)
    if after is not None:
        place = func.row(Arrival.year, Arrival.number)
        query = query.where(place < func.row(int(after[0]), int(after[1])))
    order = (Arrival.year, Arrival.number)
    rows = session.execute(
        query.order_by(*(order if oldest_first else (each.desc() for each in order))).limit(limit)
    ).all()
    ids = [row.Arrival.id for row in rows]
    handed = arrival_queries.assignments_of(session, ids, in_force=True)
    answered = _answers(session, ids)
    return [
        _line(row.Arrival, row.Delivery, handed[row.Arrival.id], answered, today, calendar)
        for row in rows
    ]


def report(session: Session, wanted: Wanted, *, who: Principal, today: date) -> Report:
    """Counts of the documents that are wanted, by who leads and by state."""
    calendar = working_days_queries.calendar(session)
    person = aliased(Person)
    rows = session.execute(
        _among(
            session,
            select(
                Unit.id,
                Unit.name,
                person.id,
                person.full_name,
                Arrival.state,
                Arrival.due_on,
                _DONE_ON,
                func.count(),
            ),
            wanted,
            who,
            today,
            calendar,
        )
        .outerjoin(Unit, Unit.id == _LEAD.unit_id)
        .outerjoin(person, person.id == _LEAD.person_id)
        .group_by(
            Unit.id, Unit.name, person.id, person.full_name, Arrival.state, Arrival.due_on, _DONE_ON
        )
    ).all()
    counted = [
        _Counted(
            unit_id,
            unit,
            person_id,
            full_name,
            state,
            _timeliness(state, due_on, done_on, today, calendar),
            many,
        )
        for unit_id, unit, person_id, full_name, state, due_on, done_on, many in rows
    ]
    return Report(
        by_unit=_tallies(counted, _by_unit),
        by_person=_tallies(counted, _by_person),
        by_state=tuple(
            sorted(
                _tallies(counted, _by_state),
                key=lambda each: list(ArrivalState).index(ArrivalState(each.asked["state"])),
            )
        ),
    )


def leaders(
    session: Session, *, who: Principal
) -> tuple[list[tuple[UUID, str]], list[tuple[UUID, str]]]:
    """Units, and people, that lead the work on something that who asks may see."""
    seen = (
        _from(select(_LEAD.unit_id, _LEAD.person_id))
        .where(book_queries.came_in(who, None, None))
        .distinct()
        .subquery()
    )
    units = session.execute(
        select(Unit.id, Unit.name).where(Unit.id.in_(select(seen.c.unit_id))).order_by(Unit.name)
    )
    persons = session.execute(
        select(Person.id, Person.full_name)
        .where(Person.id.in_(select(seen.c.person_id)))
        .order_by(Person.full_name)
    )
    return [(row[0], row[1]) for row in units], [(row[0], row[1]) for row in persons]


@dataclass(frozen=True, slots=True)
class _Counted:
    unit_id: UUID | None
    unit: str | None
    person_id: UUID | None
    person: str | None
    state: ArrivalState
    timeliness: Timeliness
    many: int


def _by_unit(each: _Counted) -> tuple[str, dict[str, str]]:
    if each.unit_id is None:
        return "Chưa phân công", {"unit": NOBODY}
    return each.unit or "", {"unit": str(each.unit_id)}


def _by_person(each: _Counted) -> tuple[str, dict[str, str]]:
    if each.person_id is not None:
        return each.person or "", {"person": str(each.person_id)}
    name, asked = _by_unit(each)
    return f"{name} (cả đơn vị)" if each.unit_id else name, {**asked, "person": NOBODY}


def _by_state(each: _Counted) -> tuple[str, dict[str, str]]:
    return states.ARRIVAL_NAMES[each.state], {"state": each.state.value}


def _tallies(
    counted: Sequence[_Counted], key: Callable[[_Counted], tuple[str, dict[str, str]]]
) -> tuple[Tally, ...]:
    """A line for each key, by name; what nobody leads comes last."""
    found: defaultdict[tuple[str, tuple[tuple[str, str], ...]], Counter[Timeliness]] = defaultdict(
        Counter
    )
    for each in counted:
        name, asked = key(each)
        found[name, tuple(asked.items())][each.timeliness] += each.many
    return tuple(
        Tally(name, dict(asked), dict(counts))
        for (name, asked), counts in sorted(
            found.items(), key=lambda item: (NOBODY in dict(item[0][1]).values(), item[0])
        )
    )


def _from(query: Any) -> Any:
    """Arrivals of the open book beside their delivery and who leads now."""
    return (
        query.select_from(Arrival)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .outerjoin(
            _LEAD,
            and_(
                _LEAD.arrival_id == Arrival.id,
                _LEAD.role == Role.LEAD,
                _LEAD.ended_at.is_(None),
            ),
        )
        .where(Arrival.book_kind == ArrivalBookKind.INCOMING)
    )


def _among(
    session: Session,
    query: Any,
    wanted: Wanted,
    who: Principal,
    today: date,
    calendar: Calendar,
) -> Any:
    narrowed = _from(query).where(
        book_queries.came_in(who, wanted.first_day, wanted.last_day),
        _led(_LEAD.unit_id, wanted.unit),
        _led(_LEAD.person_id, wanted.person),
        true() if wanted.state is None else Arrival.state == wanted.state,
    )
    if wanted.timeliness is None:
        return narrowed
    return narrowed.where(_stands(session, wanted.timeliness, who, today, calendar))


def _led(by: Any, wanted: UUID | str | None) -> ColumnElement[bool]:
    if wanted is None:
        return true()
    return and_(by.is_(None) if wanted == NOBODY else by == wanted)


def _stands(
    session: Session, wanted: Timeliness, who: Principal, today: date, calendar: Calendar
) -> ColumnElement[bool]:
    """The same as `_timeliness`, as a condition of SQL."""
    is_open = Arrival.state.in_(OPEN)
    is_done = Arrival.state == ArrivalState.DONE
    match wanted:
        case Timeliness.TAKEN_BACK:
            return Arrival.state == ArrivalState.RECALLED
        case Timeliness.OPEN:
            return is_open & Arrival.due_on.is_(None)
        case Timeliness.ENDED:
            return is_done & Arrival.due_on.is_(None)
        case Timeliness.OVERDUE:
            return is_open & (Arrival.due_on <= calendar.latest_missed(today))
        case Timeliness.NOT_DUE:
            return is_open & (Arrival.due_on > calendar.latest_missed(today))
        case Timeliness.LATE:
            return and_(is_done, Arrival.due_on <= _missed_when_done(session, who, calendar))
        case Timeliness.IN_TIME:
            return and_(is_done, Arrival.due_on > _missed_when_done(session, who, calendar))


def _missed_when_done(session: Session, who: Principal, calendar: Calendar) -> Any:
    """The latest deadline that was missed by the day on which an arrival was done.

    The calendar is not in the database as a function: its answer for each day on which something
    was done goes with the query.
    """
    days = session.scalars(
        select(_DONE_ON)
        .where(Arrival.agency_id == who.agency_id, Arrival.done_at.is_not(None))
        .distinct()
    ).all()
    if not days:
        return literal(None, SqlDate)
    table = values(column("day", SqlDate), column("missed", SqlDate), name="missed_when_done").data(
        [(day, calendar.latest_missed(day)) for day in days]
    )
    return select(table.c.missed).where(table.c.day == _DONE_ON).scalar_subquery()


def _timeliness(
    state: ArrivalState,
    due_on: date | None,
    done_on: date | None,
    today: date,
    calendar: Calendar,
) -> Timeliness:
    is_recalled = state is ArrivalState.RECALLED
    return timeliness.of(due_on, done_on, today, calendar, taken_back=is_recalled)


def _line(
    found: Arrival,
    came: Delivery,
    handed: list[AssignmentSeen],
    answered: dict[UUID, list[str]],
    today: date,
    calendar: Calendar,
) -> TrackingLine:
    type_name = outside_rules.type_name(came.document_type, came.type_name)
    code = outside_rules.code(came.number, came.notation)
    numbered = f"{type_name} số {code}" if code else type_name
    done_on = None if found.done_at is None else clock.civil_date(found.done_at)
    stands = _timeliness(found.state, found.due_on, done_on, today, calendar)
    return TrackingLine(
        arrival_id=found.id,
        number=found.number,
        year=found.year,
        document=f"{numbered} ngày {came.issued_on:%d/%m/%Y} của {came.sender_name}",
        subject=came.subject,
        handed_to=tuple(each.assignee for each in handed),
        due_on=found.due_on,
        state=found.state,
        done_on=done_on if found.state is ArrivalState.DONE else None,
        timeliness=stands,
        days_late=calendar.days_late(found.due_on, done_on, today)
        if stands in timeliness.BEHIND
        else 0,
        answers=tuple(answered.get(found.id, ())),
        note=found.unanswered_reason or found.outcome or "",
        arrived_on=found.arrived_on,
    )


def _answers(session: Session, arrival_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Number and notation of the issued documents that answered, by arrival."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = session.execute(
        select(Answer.arrival_id, Document.number, Document.notation)
        .join(Document, Document.id == Answer.document_id)
        .join(Issuance, Issuance.document_id == Document.id)
        .where(Answer.arrival_id.in_(arrival_ids))
        .order_by(Issuance.issued_at)
    )
    for arrival_id, number, notation in rows:
        assert number is not None, "what was issued has its number"
        assert notation is not None
        found[arrival_id].append(types.code(number, notation))
    return found
