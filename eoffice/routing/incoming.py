"""What a recipient sees of what came in: deliveries, the incoming book, one arrival.

Read only. Clerks and those who lead see everything that came to their agency; others see what was
assigned to them or to their unit, and what answers a document that their unit drafted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents import states as documents_states
from eoffice.documents import types
from eoffice.documents.model import Document
from eoffice.documents.types import Urgency
from eoffice.errors import NotFound
from eoffice.people.model import Person, Unit
from eoffice.routing import rules, states
from eoffice.routing.model import (
    Answer,
    Arrival,
    Assignment,
    Delivery,
    DeliveryFile,
    WorkEntry,
)
from eoffice.routing.rules import Role
from eoffice.routing.states import ArrivalState, ArrivalStep, DeliveryState
from eoffice.web.principal import Principal


class DeliveryUnknown(NotFound):
    """There is no such delivery, or it is not for the acting agency."""

    def __init__(self) -> None:
        super().__init__("Không có văn bản gửi đến này, hoặc văn bản không gửi cho đơn vị này.")


class ArrivalUnknown(NotFound):
    """There is no such incoming document that the acting person may see."""

    def __init__(self) -> None:
        super().__init__("Không có văn bản đến này trong sổ của đơn vị.")


class FileUnknown(NotFound):
    """The delivery has no such file, or it has not been opened yet."""

    def __init__(self) -> None:
        super().__init__("Không có tệp này. Nếu văn bản chưa được mở, hãy mở văn bản trước.")


class Show(StrEnum):
    """Which lines of the incoming book are wanted."""

    ALL = "all"
    TO_SUBMIT = "to_submit"
    TO_ASSIGN = "to_assign"
    IN_WORK = "in_work"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class FileSeen:
    #: 1 for the first.
    position: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DeliverySeen:
    """A document that came to the acting agency."""

    id: UUID
    document_id: UUID
    sender_agency_id: UUID
    sender_name: str
    type_name: str
    #: Number and notation.
    code: str
    issued_on: date
    subject: str
    signer_name: str
    urgency: Urgency
    due_on: date | None
    content_sha256: str
    page_count: int
    state: DeliveryState
    delivered_at: datetime
    opened_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str | None
    #: Last day for the clerk to register and submit it.
    to_be_handled_by: date
    arrival_id: UUID | None
    arrival_number: int | None
    #: The agency's own document that this one answers, with its number and notation.
    answers_document_id: UUID | None
    answers_code: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody has looked at it: only then can its content be read."""
        return self.opened_at is not None


@dataclass(frozen=True, slots=True)
class BookLine:
    """A line of Sổ đăng ký văn bản đến, in the columns of Decree 30/2020, Annex IV."""

    arrival_id: UUID
    delivery_id: UUID
    #: Ngày đến
    arrived_on: date
    #: Số đến
    number: int
    year: int
    #: Tác giả
    sender_name: str
    #: Số, ký hiệu
    code: str
    #: Ngày tháng of the document
    issued_on: date
    #: Tên loại
    type_name: str
    #: Trích yếu
    subject: str
    #: Đơn vị hoặc người nhận: the lead first
    handed_to: tuple[str, ...]
    #: Ngày chuyển
    handed_on: date | None
    #: Ký nhận: when the lead began to work on it
    taken_at: datetime | None
    #: Ghi chú: how it was settled
    note: str | None
    urgency: Urgency
    state: ArrivalState
    due_on: date | None
    days_late: int


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
    #: It is for information of `who`, who has not taken note of it yet.
    may_take_note: bool


def deliveries(
    session: Session,
    *,
    who: Principal,
    among: Collection[DeliveryState] = tuple(DeliveryState),
    after: tuple[str, ...] | None = None,
    limit: int,
) -> list[DeliverySeen]:
    """What came to the agency, latest first; `after` is (delivered_at, id) of the last one seen."""
    wanted = _visible_deliveries(who).where(Delivery.state.in_(among))
    if after is not None:
        seen = (datetime.fromisoformat(after[0]), UUID(after[1]))
        wanted = wanted.where(tuple_(Delivery.delivered_at, Delivery.id) < tuple_(*seen))
    rows = session.execute(
        wanted.order_by(Delivery.delivered_at.desc(), Delivery.id.desc()).limit(limit)
    ).all()
    codes = _own_codes(session, [row.Delivery for row in rows])
    return [_delivery_seen(row.Delivery, row.arrival_id, codes) for row in rows]


def search(session: Session, words: str, *, who: Principal, limit: int) -> list[DeliverySeen]:
    """What came to the agency and holds all words in subject, number or sender, latest first.

    Without regard to diacritics.
    """
    text = func.concat_ws(
        " ", Delivery.subject, Delivery.number, Delivery.notation, Delivery.sender_name
    )
    rows = session.execute(
        _visible_deliveries(who)
        .where(func.vn_tsv(text).op("@@")(func.vn_q(words)))
        .order_by(Delivery.delivered_at.desc(), Delivery.id.desc())
        .limit(limit)
    ).all()
    codes = _own_codes(session, [row.Delivery for row in rows])
    return [_delivery_seen(row.Delivery, row.arrival_id, codes) for row in rows]


def delivery(session: Session, delivery_id: UUID, *, who: Principal) -> DeliverySeen:
    """A document that came to the agency of `who`. Raises DeliveryUnknown."""
    row = session.execute(_visible_deliveries(who).where(Delivery.id == delivery_id)).one_or_none()
    if row is None:
        raise DeliveryUnknown
    return _delivery_seen(row.Delivery, row.arrival_id, _own_codes(session, [row.Delivery]))


def files(session: Session, delivery_id: UUID) -> tuple[FileSeen, ...]:
    """What came with the document, in the sender's order."""
    rows = session.scalars(
        select(DeliveryFile)
        .where(DeliveryFile.delivery_id == delivery_id)
        .order_by(DeliveryFile.position)
    )
    return tuple(
        FileSeen(file.position, file.name, file.media_type, file.size_bytes, file.sha256)
        for file in rows
    )


def readable(session: Session, delivery_id: UUID, *, who: Principal) -> DeliverySeen:
    """A delivery whose content `who` may read. Raises DeliveryUnknown, and FileUnknown unopened.

    The sender sees "opened" and may rely on it: nothing is read before.
    """
    seen = delivery(session, delivery_id, who=who)
    if not seen.is_open:
        raise FileUnknown
    return seen


def file(session: Session, delivery_id: UUID, position: int, *, who: Principal) -> FileSeen:
    """One of the files of a delivery that was opened. Raises DeliveryUnknown, FileUnknown."""
    readable(session, delivery_id, who=who)
    for each in files(session, delivery_id):
        if each.position == position:
            return each
    raise FileUnknown


def book(
    session: Session,
    *,
    who: Principal,
    year: int,
    today: date,
    show: Show = Show.ALL,
    after: tuple[str, ...] | None = None,
    limit: int,
) -> list[BookLine]:
    """Lines of the incoming book of a year, latest first; `after` is (number,) of the last seen."""
    wanted = (
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(
            Arrival.agency_id == who.agency_id,
            Arrival.year == year,
            _may_see(who),
            _shown(show, today),
        )
        .order_by(Arrival.number.desc())
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(Arrival.number < int(after[0]))
    rows = session.execute(wanted).all()
    handed = _assignments(session, [row.Arrival.id for row in rows], in_force=True)
    return [_book_line(row.Arrival, row.Delivery, handed[row.Arrival.id], today) for row in rows]


def years(session: Session, *, who: Principal) -> tuple[int, ...]:
    """The years for which the agency has an incoming book, latest first."""
    rows = session.scalars(
        select(Arrival.year)
        .where(Arrival.agency_id == who.agency_id)
        .distinct()
        .order_by(Arrival.year.desc())
    )
    return tuple(rows)


def arrival(session: Session, arrival_id: UUID, *, who: Principal, today: date) -> ArrivalSeen:
    """One incoming document with its history. Raises ArrivalUnknown."""
    row = session.execute(
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(Arrival.id == arrival_id, Arrival.agency_id == who.agency_id, _may_see(who))
    ).one_or_none()
    if row is None:
        raise ArrivalUnknown
    found: Arrival = row.Arrival
    assignments = _assignments(session, [arrival_id], in_force=False)[arrival_id]
    in_force = tuple(each for each in assignments if each.ended_at is None)
    leads = any(_is_for(each, who) and each.role is Role.LEAD for each in in_force)
    works = any(_is_for(each, who) and each.role is not Role.FOR_INFORMATION for each in in_force)
    steps = frozenset(
        step
        for step in states.arrival_steps_from(found.state)
        if _may(step, who, leads=leads, works=works)
    )
    return ArrivalSeen(
        id=found.id,
        number=found.number,
        year=found.year,
        arrived_on=found.arrived_on,
        state=found.state,
        due_on=found.due_on,
        days_late=_days_late(found, today),
        outcome=found.outcome,
        delivery=_delivery_seen(row.Delivery, found.id, _own_codes(session, [row.Delivery])),
        files=files(session, found.delivery_id),
        assignments=in_force,
        history=_history(session, found, row.Delivery, assignments),
        answers=_answers_begun(session, arrival_id),
        steps=steps,
        may_answer=ArrivalStep.WORK in steps,
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
        case ArrivalStep.FINISH:
            return leads or rules.is_head(who.position_kind)


def _is_for(assignment: AssignmentSeen, who: Principal) -> bool:
    if assignment.person_id is None:
        return assignment.unit_id == who.unit_id
    return assignment.person_id == who.person_id


def _visible_deliveries(who: Principal) -> Select[Delivery, UUID]:
    seen = select(Delivery, Arrival.id.label("arrival_id")).join(
        Arrival, Arrival.delivery_id == Delivery.id, isouter=True
    )
    return seen.where(Delivery.recipient_agency_id == who.agency_id, _may_see(who))


def _may_see(who: Principal) -> ColumnElement[bool]:
    if rules.reads_the_book(who.position_kind):
        return true()
    assigned = (
        select(Assignment.id)
        .where(
            Assignment.arrival_id == Arrival.id,
            or_(Assignment.person_id == who.person_id, Assignment.unit_id == who.unit_id),
        )
        .exists()
    )
    answers_us = (
        select(Document.id)
        .where(
            Document.id == Delivery.answers_document_id,
            Document.drafting_unit_id == who.unit_id,
        )
        .exists()
    )
    return or_(assigned, answers_us)


def _shown(show: Show, today: date) -> ColumnElement[bool]:
    match show:
        case Show.ALL:
            return true()
        case Show.TO_SUBMIT:
            return Arrival.state == ArrivalState.REGISTERED
        case Show.TO_ASSIGN:
            return Arrival.state == ArrivalState.SUBMITTED
        case Show.IN_WORK:
            return Arrival.state.in_((ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS))
        case Show.LATE:
            return (Arrival.state != ArrivalState.DONE) & (Arrival.due_on < today)
        case Show.DONE:
            return Arrival.state == ArrivalState.DONE


def _own_codes(session: Session, found: Iterable[Delivery]) -> dict[UUID, str]:
    """Number and notation of the agency's own documents that these deliveries answer."""
    wanted = {each.answers_document_id for each in found} - {None}
    if not wanted:
        return {}
    rows = session.execute(
        select(Delivery.document_id, Delivery.number, Delivery.notation)
        .where(Delivery.document_id.in_(wanted))
        .distinct()
    )
    return {row.document_id: types.code(row.number, row.notation) for row in rows}


def _delivery_seen(
    found: Delivery, arrival_id: UUID | None, own_codes: dict[UUID, str]
) -> DeliverySeen:
    answered = found.answers_document_id
    return DeliverySeen(
        id=found.id,
        document_id=found.document_id,
        sender_agency_id=found.sender_agency_id,
        sender_name=found.sender_name,
        type_name=types.name(found.document_type),
        code=types.code(found.number, found.notation),
        issued_on=found.issued_on,
        subject=found.subject,
        signer_name=found.signer_name,
        urgency=found.urgency,
        due_on=found.due_on,
        content_sha256=found.content_sha256,
        page_count=found.page_count,
        state=found.state,
        delivered_at=found.delivered_at,
        opened_at=found.opened_at,
        refused_at=found.refused_at,
        refusal_reason=found.refusal_reason,
        to_be_handled_by=rules.to_be_handled_by(clock.civil_date(found.delivered_at)),
        arrival_id=arrival_id,
        arrival_number=found.arrival_number,
        answers_document_id=answered,
        answers_code=None if answered is None else own_codes.get(answered),
    )


def _book_line(
    found: Arrival, came: Delivery, handed: list[AssignmentSeen], today: date
) -> BookLine:
    lead = next((each for each in handed if each.role is Role.LEAD), None)
    return BookLine(
        arrival_id=found.id,
        delivery_id=came.id,
        arrived_on=found.arrived_on,
        number=found.number,
        year=found.year,
        sender_name=came.sender_name,
        code=types.code(came.number, came.notation),
        issued_on=came.issued_on,
        type_name=types.name(came.document_type),
        subject=came.subject,
        handed_to=tuple(each.assignee for each in handed),
        handed_on=None if lead is None else clock.civil_date(lead.assigned_at),
        taken_at=None if lead is None else lead.taken_at,
        note=found.outcome,
        urgency=came.urgency,
        state=found.state,
        due_on=found.due_on,
        days_late=_days_late(found, today),
    )


def _days_late(found: Arrival, today: date) -> int:
    done_on = None if found.done_at is None else clock.civil_date(found.done_at)
    return rules.days_late(found.due_on, done_on, today)


def _assignments(
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
