"""What a recipient sees of one arrival: who works on it, what happened, which steps are open.

Read only; who may see it is said in `delivery_queries`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents import states as documents_states
from eoffice.documents import types
from eoffice.documents.model import Document
from eoffice.errors import NotFound
from eoffice.people import working_days_queries
from eoffice.people.model import Person, Unit
from eoffice.people.working_days import Calendar
from eoffice.routing import deadlines_history, delivery_queries, rules, states, succession
from eoffice.routing.delivery_queries import DeliverySeen, FileSeen
from eoffice.routing.model import (
    Answer,
    Arrival,
    Assignment,
    Delivery,
    WorkEntry,
)
from eoffice.routing.rules import Role
from eoffice.routing.states import ArrivalState, ArrivalStep
from eoffice.web.principal import Principal

#: What is still to be done about; the rest is ended or taken back.
OPEN: Final = frozenset(
    {
        ArrivalState.REGISTERED,
        ArrivalState.SUBMITTED,
        ArrivalState.ASSIGNED,
        ArrivalState.IN_PROGRESS,
    }
)


class ArrivalUnknown(NotFound):
    """There is no such incoming document that the acting person may see."""

    def __init__(self) -> None:
        super().__init__("Không có văn bản đến này trong sổ của đơn vị.")


@dataclass(frozen=True, slots=True)
class AssignmentSeen:
    role: Role
    unit_id: UUID
    unit_name: str
    person_id: UUID | None
    person_name: str | None
    instruction: str
    due_on: date | None
    assigned_by: str
    assigned_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None

    @property
    def assignee(self) -> str:
        """Whom it is for, as it stands in the book."""
        return self.unit_name if self.person_name is None else self.person_name


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history of an arrival."""

    at: datetime
    who: str | None
    what: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerBegun:
    """The agency's own document that answers an arrival."""

    document_id: UUID
    subject: str
    #: Number and notation, once it has them.
    code: str | None
    state_name: str
    is_issued: bool
    begun_at: datetime
    begun_by: str


@dataclass(frozen=True, slots=True)
class ArrivalSeen:
    """One line of the incoming book with everything that was done about it."""

    id: UUID
    number: int
    year: int
    arrived_on: date
    state: ArrivalState
    due_on: date | None
    days_late: int
    outcome: str | None
    delivery: DeliverySeen
    files: tuple[FileSeen, ...]
    #: In force now, the lead first.
    assignments: tuple[AssignmentSeen, ...]
    #: Oldest first.
    history: tuple[Happening, ...]
    answers: tuple[AnswerBegun, ...]
    #: What the acting person may do now.
    steps: frozenset[ArrivalStep]
    may_answer: bool
    #: Left by an agency that ended, and nobody goes on with it yet.
    may_take_over: bool
    #: Working days until the deadline, negative behind it; None without one or when it is ended.
    days_left: int | None
    #: The agency in whose book it stands, where that is a predecessor.
    book_of: str | None
    #: It is for information of `who`, who has not taken note of it yet.
    may_take_note: bool


def arrival(session: Session, arrival_id: UUID, *, who: Principal, today: date) -> ArrivalSeen:
    """One incoming document with its history. Raises ArrivalUnknown."""
    row = session.execute(
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(
            Arrival.id == arrival_id,
            Arrival.agency_id.in_(succession.agencies_of(session, who.agency_id)),
            delivery_queries.may_see(who),
        )
    ).one_or_none()
    if row is None:
        raise ArrivalUnknown
    found: Arrival = row.Arrival
    assignments = assignments_of(session, [arrival_id], in_force=False)[arrival_id]
    in_force = tuple(each for each in assignments if each.ended_at is None)
    leads = any(_is_for(each, who) and each.role is Role.LEAD for each in in_force)
    works = any(_is_for(each, who) and each.role is not Role.FOR_INFORMATION for each in in_force)
    is_ours = found.worked_on_by == who.agency_id
    steps = frozenset(
        step
        for step in states.arrival_steps_from(found.state)
        if is_ours and _may(step, who, leads=leads, works=works)
    )
    inherits = found.taken_over_by is None and not is_ours
    calendar = working_days_queries.calendar(session)
    return ArrivalSeen(
        id=found.id,
        number=found.number,
        year=found.year,
        arrived_on=found.arrived_on,
        state=found.state,
        due_on=found.due_on,
        days_late=days_late(found, today, calendar),
        outcome=found.outcome,
        delivery=delivery_queries.delivery_seen(
            row.Delivery,
            found.id,
            delivery_queries.own_codes(session, [row.Delivery]),
            calendar,
        ),
        files=delivery_queries.files(session, found.delivery_id),
        assignments=in_force,
        history=_history(session, found, row.Delivery, assignments),
        answers=_answers_begun(session, arrival_id),
        steps=steps,
        may_answer=ArrivalStep.WORK in steps,
        may_take_over=(
            inherits
            and found.state in OPEN
            and (rules.is_clerk(who.position_kind) or rules.is_head(who.position_kind))
        ),
        days_left=None
        if found.due_on is None or found.state not in OPEN
        else calendar.days_left(found.due_on, today),
        book_of=None
        if found.agency_id == who.agency_id
        else session.scalars(select(Unit.name).where(Unit.id == found.agency_id)).one(),
        may_take_note=any(
            _is_for(each, who) and each.role is Role.FOR_INFORMATION and each.taken_at is None
            for each in in_force
        ),
    )


def _may(step: ArrivalStep, who: Principal, *, leads: bool, works: bool) -> bool:
    match step:
        case ArrivalStep.SUBMIT:
            return rules.is_clerk(who.position_kind)
        case ArrivalStep.ASSIGN:
            return rules.is_head(who.position_kind)
        case ArrivalStep.WORK:
            return works
        case ArrivalStep.MOVE_DEADLINE:
            return rules.is_head(who.position_kind)
        case ArrivalStep.FINISH | ArrivalStep.END_UNANSWERED | ArrivalStep.FORWARD:
            return leads or rules.is_head(who.position_kind)
        case ArrivalStep.RECALL | ArrivalStep.TAKE_OVER:
            return False


def _is_for(assignment: AssignmentSeen, who: Principal) -> bool:
    if assignment.person_id is None:
        return assignment.unit_id == who.unit_id
    return assignment.person_id == who.person_id


def days_late(found: Arrival, today: date, calendar: Calendar) -> int:
    """Working days behind the deadline until it was done, or until today."""
    done_on = None if found.done_at is None else clock.civil_date(found.done_at)
    return rules.days_late(found.due_on, done_on, today, calendar)


def assignments_of(
    session: Session, arrival_ids: Collection[UUID], *, in_force: bool
) -> defaultdict[UUID, list[AssignmentSeen]]:
    """By arrival; within one assignment the lead comes first, then the cooperating."""
    head = aliased(Person)
    wanted = (
        select(Assignment, Unit.name, Person.full_name, head.full_name.label("assigned_by"))
        .join(Unit, Unit.id == Assignment.unit_id)
        .join(head, head.id == Assignment.assigned_by)
        .join(Person, Person.id == Assignment.person_id, isouter=True)
        .where(Assignment.arrival_id.in_(arrival_ids))
    )
    if in_force:
        wanted = wanted.where(Assignment.ended_at.is_(None))
    order = list(Role)
    found: defaultdict[UUID, list[AssignmentSeen]] = defaultdict(list)
    rows = sorted(
        session.execute(wanted).all(),
        key=lambda row: (row.Assignment.assigned_at, order.index(row.Assignment.role), row.name),
    )
    for row in rows:
        each: Assignment = row.Assignment
        found[each.arrival_id].append(
            AssignmentSeen(
                role=each.role,
                unit_id=each.unit_id,
                unit_name=row.name,
                person_id=each.person_id,
                person_name=row.full_name,
                instruction=each.instruction,
                due_on=each.due_on,
                assigned_by=row.assigned_by,
                assigned_at=each.assigned_at,
                taken_at=each.taken_at,
                ended_at=each.ended_at,
            )
        )
    return found


def _answers_begun(session: Session, arrival_id: UUID) -> tuple[AnswerBegun, ...]:
    rows = session.execute(
        select(Answer, Document, Person.full_name)
        .join(Document, Document.id == Answer.document_id)
        .join(Person, Person.id == Answer.begun_by)
        .where(Answer.arrival_id == arrival_id)
        .order_by(Answer.begun_at)
    )
    return tuple(
        AnswerBegun(
            document_id=document.id,
            subject=document.subject,
            code=None
            if document.number is None or document.notation is None
            else types.code(document.number, document.notation),
            state_name=documents_states.NAMES[document.state],
            is_issued=document.state is documents_states.State.ISSUED,
            begun_at=answer.begun_at,
            begun_by=begun_by,
        )
        for answer, document, begun_by in rows
    )


def _history(
    session: Session,
    found: Arrival,
    came: Delivery,
    assignments: Iterable[AssignmentSeen],
) -> tuple[Happening, ...]:
    persons = {found.registered_by, found.submitted_by, found.done_by} - {None}
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(persons)))
    names = {row.id: row.full_name for row in rows}
    happened = [Happening(came.delivered_at, came.sender_name, "Văn bản được gửi đến")]
    if came.opened_at is not None:
        happened.append(Happening(came.opened_at, None, "Văn bản được mở"))
    happened.append(
        Happening(found.registered_at, names[found.registered_by], f"Vào sổ, số đến {found.number}")
    )
    if found.submitted_at is not None and found.submitted_by is not None:
        happened.append(
            Happening(found.submitted_at, names[found.submitted_by], "Trình người đứng đầu")
        )
    happened.extend(
        Happening(
            each.assigned_at,
            each.assigned_by,
            f"Phân công {each.assignee}: {rules.ROLE_NAMES[each.role].lower()}",
            each.instruction if each.role is Role.LEAD else None,
        )
        for each in assignments
    )
    happened.extend(
        Happening(
            each.at,
            each.who,
            f"Đổi hạn xử lý từ {each.from_on:%d/%m/%Y} thành {each.to_on:%d/%m/%Y}"
            if each.from_on
            else f"Đặt hạn xử lý {each.to_on:%d/%m/%Y}",
            each.reason,
        )
        for each in deadlines_history.moves(session, found.id)
    )
    if found.taken_over_at is not None:
        happened.append(Happening(found.taken_over_at, None, "Đơn vị kế thừa tiếp nhận việc xử lý"))
    happened.extend(
        Happening(entry.logged_at, full_name, "Ghi việc xử lý", entry.text)
        for entry, full_name in session.execute(
            select(WorkEntry, Person.full_name)
            .join(Person, Person.id == WorkEntry.logged_by)
            .where(WorkEntry.arrival_id == found.id)
            .order_by(WorkEntry.logged_at, WorkEntry.id)
        )
    )
    if found.done_at is not None and found.done_by is not None:
        happened.append(Happening(found.done_at, names[found.done_by], "Kết thúc", found.outcome))
    return tuple(sorted(happened, key=lambda each: each.at))
