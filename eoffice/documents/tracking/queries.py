"""How work on outgoing documents goes, from the first draft to the issue.

The deadline of a document that is on its way is that of the steps which wait in its flow, the
earliest one; of a signed one it is the working day behind the signature, on which it has to be
issued at the latest (Decree 30/2020, art. 18). A document counts for the unit that drafts it and
for who began it. Who reads what is said in `queries.may_see`. Read only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import queries, states, types
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import StepState
from eoffice.documents.issue import scheduling
from eoffice.documents.model import Document, DocumentVersion, Issuance, VersionKind
from eoffice.documents.states import State
from eoffice.documents.tracking import timeliness
from eoffice.documents.tracking.timeliness import Tally, Timeliness
from eoffice.people import working_days_queries
from eoffice.people.model import Person, Unit
from eoffice.people.working_days import Calendar
from eoffice.web.principal import Principal

_SIGNED: Final = frozenset({State.SIGNED, State.NUMBERED, State.SEALED, State.ISSUED})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents; every part that is None is not asked for. Days are those of the draft."""

    first_day: date
    last_day: date
    unit_id: UUID | None = None
    person_id: UUID | None = None
    state: State | None = None
    timeliness: Timeliness | None = None


@dataclass(frozen=True, slots=True)
class TrackingLine:
    """An outgoing document and how it stands to its deadline."""

    document_id: UUID
    begun_on: date
    #: Số, ký hiệu; empty before it has them.
    code: str
    type_and_subject: str
    unit_id: UUID
    unit: str
    person_id: UUID
    person: str
    state: State
    signed_on: date | None
    issued_on: date | None
    due_on: date | None
    timeliness: Timeliness
    #: Working days behind the deadline; 0 in time.
    days_late: int

    @property
    def progress(self) -> str:
        """ "Đã phát hành ngày 20/08/2018, trễ 2 ngày làm việc"."""
        said = states.NAMES[self.state]
        if self.issued_on is not None:
            said += f" ngày {self.issued_on:%d/%m/%Y}"
        return f"{said}, trễ {self.days_late} ngày làm việc" if self.days_late else said


@dataclass(frozen=True, slots=True)
class Report:
    """Báo cáo tình hình giải quyết văn bản đi: the same documents counted three ways."""

    by_unit: tuple[Tally, ...]
    by_person: tuple[Tally, ...]
    by_state: tuple[Tally, ...]


def lines(session: Session, wanted: Wanted, *, who: Principal, today: date) -> list[TrackingLine]:
    """What was begun in the period and `who` may read, the latest first."""
    calendar = working_days_queries.calendar(session)
    begun = func.date(func.timezone("Asia/Ho_Chi_Minh", Document.created_at))
    signed_at = (
        select(func.max(DocumentVersion.created_at))
        .where(
            DocumentVersion.document_id == Document.id, DocumentVersion.kind == VersionKind.SIGNED
        )
        .scalar_subquery()
    )
    step_due_on = (
        select(func.min(DocumentFlowStep.due_on))
        .where(
            DocumentFlowStep.document_id == Document.id,
            DocumentFlowStep.state == StepState.WAITING,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Document, Unit.name, Person.full_name, signed_at, step_due_on, Issuance.issued_at)
        .join(Unit, Unit.id == Document.drafting_unit_id)
        .join(Person, Person.id == Document.created_by)
        .outerjoin(Issuance, Issuance.document_id == Document.id)
        .where(
            Document.agency_id == who.agency_id,
            queries.may_see(who),
            begun.between(wanted.first_day, wanted.last_day),
            true() if wanted.unit_id is None else Document.drafting_unit_id == wanted.unit_id,
            true() if wanted.person_id is None else Document.created_by == wanted.person_id,
            true() if wanted.state is None else Document.state == wanted.state,
        )
        .order_by(Document.created_at.desc(), Document.id.desc())
    )
    found = (_line(row, today, calendar) for row in rows)
    return [
        each for each in found if wanted.timeliness is None or each.timeliness is wanted.timeliness
    ]


def report(found: Sequence[TrackingLine]) -> Report:
    """The lines counted by unit, by person and by state."""
    order = list(State)
    return Report(
        by_unit=_tallies(found, lambda each: (each.unit, "unit", str(each.unit_id))),
        by_person=_tallies(found, lambda each: (each.person, "person", str(each.person_id))),
        by_state=tuple(
            sorted(
                _tallies(found, lambda each: (states.NAMES[each.state], "state", each.state.value)),
                key=lambda each: order.index(State(each.asked["state"])),
            )
        ),
    )


def _tallies(
    found: Sequence[TrackingLine], key: Callable[[TrackingLine], tuple[str, str, str]]
) -> tuple[Tally, ...]:
    counted: defaultdict[tuple[str, str, str], Counter[Timeliness]] = defaultdict(Counter)
    for each in found:
        counted[key(each)][each.timeliness] += 1
    return tuple(
        Tally(name, {field: value}, dict(counts))
        for (name, field, value), counts in sorted(counted.items())
    )


def _line(row: Any, today: date, calendar: Calendar) -> TrackingLine:
    document, unit, person, signed_at, step_due_on, issued_at = row
    signed_on, issued_on = _day(signed_at), _day(issued_at)
    due_on = step_due_on
    if document.state in _SIGNED:
        due_on = None if signed_on is None else scheduling.last_day(signed_on, calendar)
    stands = timeliness.of(
        due_on, issued_on, today, calendar, taken_back=document.state is State.WITHDRAWN
    )
    return TrackingLine(
        document_id=document.id,
        begun_on=clock.civil_date(document.created_at),
        code="" if document.number is None else types.code(document.number, document.notation),
        type_and_subject=f"{types.name(document.type)} {document.subject}".strip(),
        unit_id=document.drafting_unit_id,
        unit=unit,
        person_id=document.created_by,
        person=person,
        state=document.state,
        signed_on=signed_on,
        issued_on=issued_on,
        due_on=due_on,
        timeliness=stands,
        days_late=calendar.days_late(due_on, issued_on, today)
        if stands in timeliness.BEHIND
        else 0,
    )


def _day(at: datetime | None) -> date | None:
    return None if at is None else clock.civil_date(at)
