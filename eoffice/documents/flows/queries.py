"""The flow of a document as people see it: who has it, since when, what they said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice import clock
from eoffice.documents.flows import facts as flow_facts
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.model import CommentAnswer, CommentPlace, DocumentFlowStep
from eoffice.documents.flows.rules import (
    INITIALS,
    Answerer,
    Holder,
    Planned,
    Standing,
    StepState,
    Task,
    Whom,
)
from eoffice.documents.model import DocumentComment
from eoffice.documents.types import DocumentType
from eoffice.people import queries as people
from eoffice.people import working_days_queries
from eoffice.people.model import Person, Unit
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class StepRead:
    """One step of a flow: of a document, or one that is to come."""

    id: UUID | None
    stage: int
    task: Task
    #: "Duyệt nội dung"
    task_name: str
    #: Whom it asks: "Văn thư", "Trưởng phòng, ban, Phòng Giáo dục Trung học".
    asked: str
    #: Who can answer now, with titles; a substitute as "… thay …". Empty unless it waits.
    people: tuple[str, ...]
    state: StepState
    #: "Đang chờ"
    state_name: str
    working_days: int | None
    since: datetime | None
    due_on: date | None
    #: Working days behind the term; 0 in time.
    days_late: int
    ended_at: datetime | None
    ended_by: str | None
    in_place_of: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What waits for the person who looks."""

    step: StepRead
    standing: Standing
    #: thay: in whose place they would answer.
    in_place_of: str | None

    @property
    def wants_initials(self) -> bool:
        return self.step.task in INITIALS


@dataclass(frozen=True, slots=True)
class FlowRead:
    """The newest round, stage by stage; `mine` is the strongest turn of who looks."""

    stages: tuple[tuple[StepRead, ...], ...]
    mine: Turn | None

    @property
    def waiting(self) -> tuple[StepRead, ...]:
        return tuple(
            step for stage in self.stages for step in stage if step.state is StepState.WAITING
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a remark points, and how it was settled."""

    comment_id: UUID
    ordinal: int
    version_ordinal: int
    text: str
    is_return_reason: bool
    written_by: str
    written_at: datetime
    page: int | None
    #: Left, top, width and height in thousandths of the page.
    area: tuple[int, int, int, int] | None
    block: int | None
    quote: str
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.answer is None


def flow_of(
    session: Session,
    document_id: UUID,
    *,
    agency_id: UUID,
    drafting_unit_id: UUID,
    who: Principal,
    at: datetime,
) -> FlowRead:
    """The newest round of a document that the person may read; empty before it is submitted."""
    rows = flow_facts.rows(session, document_id)
    if not rows:
        return FlowRead((), None)
    office = flow_facts.office(session, agency_id, drafting_unit_id, at=at)
    as_me = flow_facts.office(session, agency_id, drafting_unit_id, at=at, acting=who)
    persons = _names(session, rows, office.holders)
    titles = {
        each.person_id: f"{each.title} {each.full_name}"
        for each in reversed(people.persons_in(session, agency_id, at=at))
    }
    units = _units(session, [each.unit_id for each in rows])
    calendar = working_days_queries.calendar(session)
    today = clock.civil_date(at)
    steps: list[StepRead] = []
    mine: list[tuple[int, Turn]] = []
    for row in rows:
        whom = flow_facts.whom(row)
        waits = row.state is StepState.WAITING
        found = flow_rules.answerers(whom, office) if waits else ()
        step = StepRead(
            id=row.id,
            stage=row.stage,
            task=row.task,
            task_name=flow_rules.TASK_NAMES[row.task],
            asked=_asked(whom, units, persons, agency_id),
            people=tuple(
                _named(each, titles, persons)
                for each in found
                if each.standing is not Standing.ABOVE
            ),
            state=row.state,
            state_name=flow_rules.STATE_NAMES[row.state],
            working_days=row.working_days,
            since=row.opened_at,
            due_on=row.due_on,
            days_late=calendar.days_late(
                row.due_on,
                None if row.ended_at is None else clock.civil_date(row.ended_at),
                today,
            ),
            ended_at=row.ended_at,
            ended_by=None if row.ended_by is None else persons[row.ended_by],
            in_place_of=None if row.in_place_of is None else persons[row.in_place_of],
            words=row.words,
        )
        steps.append(step)
        mine += [
            (
                list(Standing).index(each.standing),
                Turn(
                    step,
                    each.standing,
                    None if each.in_place_of is None else persons[each.in_place_of],
                ),
            )
            for each in (flow_rules.answerers(whom, as_me) if waits else ())
            if each.person_id == who.person_id
        ]
    return FlowRead(
        tuple(tuple(group) for _, group in groupby(steps, key=lambda each: each.stage)),
        min(mine, key=lambda each: each[0])[1] if mine else None,
    )


def planned(
    session: Session, *, agency_id: UUID, drafting_unit_id: UUID, kind: DocumentType
) -> FlowRead:
    """The flow that a draft will pass if it is submitted now."""
    return FlowRead(
        described(
            session,
            flow_facts.plan(
                session, agency_id=agency_id, drafting_unit_id=drafting_unit_id, kind=kind
            ),
            agency_id=agency_id,
        ),
        None,
    )


def described(
    session: Session, steps: tuple[Planned, ...], *, agency_id: UUID
) -> tuple[tuple[StepRead, ...], ...]:
    """Steps as they are set, stage by stage, in words."""
    units = _units(session, [each.whom.unit_id for each in steps])
    ids = [each.whom.person_id for each in steps if each.whom.person_id is not None]
    persons = _full_names(session, ids)
    read = [
        StepRead(
            id=None,
            stage=each.stage,
            task=each.task,
            task_name=flow_rules.TASK_NAMES[each.task],
            asked=_asked(each.whom, units, persons, agency_id),
            people=(),
            state=StepState.PLANNED,
            state_name=flow_rules.STATE_NAMES[StepState.PLANNED],
            working_days=each.working_days,
            since=None,
            due_on=None,
            days_late=0,
            ended_at=None,
            ended_by=None,
            in_place_of=None,
            words="",
        )
        for each in steps
    ]
    return tuple(tuple(group) for _, group in groupby(read, key=lambda each: each.stage))


def marks(session: Session, document_id: UUID) -> tuple[Mark, ...]:
    """All remarks about a document with their places and answers, in the order of writing."""
    writer, answerer = aliased(Person), aliased(Person)
    found = session.execute(
        select(DocumentComment, CommentPlace, CommentAnswer, writer.full_name, answerer.full_name)
        .join(writer, writer.id == DocumentComment.written_by)
        .outerjoin(CommentPlace, CommentPlace.comment_id == DocumentComment.id)
        .outerjoin(CommentAnswer, CommentAnswer.comment_id == DocumentComment.id)
        .outerjoin(answerer, answerer.id == CommentAnswer.answered_by)
        .where(DocumentComment.document_id == document_id)
        .order_by(DocumentComment.written_at, DocumentComment.id)
    )
    return tuple(
        Mark(
            comment_id=row.id,
            ordinal=ordinal,
            version_ordinal=row.version_ordinal,
            text=row.text,
            is_return_reason=row.is_return_reason,
            written_by=written_by,
            written_at=row.written_at,
            page=None if place is None else place.page,
            area=_thousandths(place),
            block=None if place is None else place.block,
            quote="" if place is None else place.quote,
            answer=None if answer is None else answer.text,
            answered_by=answered_by,
            answered_at=None if answer is None else answer.answered_at,
        )
        for ordinal, (row, place, answer, written_by, answered_by) in enumerate(found, start=1)
    )


def _thousandths(place: CommentPlace | None) -> tuple[int, int, int, int] | None:
    if place is None or place.area is None:
        return None
    left, top, width, height = (round(1000 * each) for each in place.area)
    return left, top, width, height


def _asked(whom: Whom, units: dict[UUID, str], persons: dict[UUID, str], agency_id: UUID) -> str:
    return flow_rules.whom_in_words(
        whom,
        unit_name=units[whom.unit_id] if whom.unit_id else "",
        person_name=persons[whom.person_id] if whom.person_id else "",
        is_agency=whom.unit_id == agency_id,
    )


def _named(answerer: Answerer, titles: dict[UUID, str], persons: dict[UUID, str]) -> str:
    name = titles.get(answerer.person_id) or persons[answerer.person_id]
    if answerer.in_place_of is None:
        return name
    return f"{name} (thay {persons[answerer.in_place_of]})"


def _names(
    session: Session, rows: Sequence[DocumentFlowStep], holders: Iterable[Holder]
) -> dict[UUID, str]:
    ids = {each.person_id for each in holders}
    for row in rows:
        ids |= {each for each in (row.person_id, row.ended_by, row.in_place_of) if each}
    return _full_names(session, ids)


def _full_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    found = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(list(ids))))
    return {row[0]: row[1] for row in found}


def _units(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = [each for each in ids if each is not None]
    found = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted)))
    return {row[0]: row[1] for row in found}
