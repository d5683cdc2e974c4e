"""Hand-overs to the agency's archive as pages and lists show them. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from eoffice.filing import case_rules, transfer_rules
from eoffice.filing.case_model import CaseFile, CaseItem
from eoffice.filing.case_rules import CaseNotYours, CaseState
from eoffice.filing.transfer_actions import TransferUnknown
from eoffice.filing.transfer_model import CaseTransfer, TransferDay, TransferredCase
from eoffice.filing.transfer_states import TransferState
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person, Unit
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class UnitDue:
    """A unit, the day set for it, and what it still has to hand over of a year."""

    unit_id: UUID
    unit: str
    #: None: no day has been set.
    due_on: date | None
    waiting: int
    #: Of those, not closed yet.
    still_open: int
    may_offer: bool


@dataclass(frozen=True, slots=True)
class TransferLine:
    id: UUID
    unit: str
    year: int
    state: TransferState
    cases: int
    offered_at: datetime
    offered_by: str
    answered_at: datetime | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A line of the list as it was handed over."""

    ordinal: int
    case_file_id: UUID
    notation: str
    title: str
    maintenance: str
    first_on: date | None
    last_on: date | None
    documents: int
    pages: int


@dataclass(frozen=True, slots=True)
class TransferSeen:
    line: TransferLine
    note: str
    answer: str
    offered_title: str
    answered_title: str
    cases: tuple[ListedCase, ...]
    may_answer: bool
    may_take_back: bool

    @property
    def documents(self) -> int:
        return sum(each.documents for each in self.cases)

    @property
    def pages(self) -> int:
        return sum(each.pages for each in self.cases)


def due(session: Session, year: int, *, who: Principal) -> tuple[UnitDue, ...]:
    """Units of the agency with case files of a year or a day for it, by name.

    Raises CaseNotYours.
    """
    _readers_only(who)
    days = {
        row.unit_id: row.due_on
        for row in session.scalars(
            select(TransferDay).where(
                TransferDay.agency_id == who.agency_id, TransferDay.year == year
            )
        )
    }
    rows = session.scalars(
        select(CaseFile).where(
            CaseFile.agency_id == who.agency_id,
            CaseFile.year == year,
            CaseFile.transfer_id.is_(None),
            func.held_since(CaseFile.id).is_(None),
            CaseFile.id.in_(select(CaseItem.case_file_id).where(CaseItem.removed_at.is_(None))),
        )
    )
    waiting: dict[UUID, list[CaseFile]] = {unit_id: [] for unit_id in days}
    for row in rows:
        if transfer_rules.goes_to_the_archive(row.maintenance):
            waiting.setdefault(row.unit_id, []).append(row)
    named = people.units(session, waiting)
    position = PositionKind(who.position_kind)
    found = [
        UnitDue(
            unit_id=unit_id,
            unit=named[unit_id].name,
            due_on=days.get(unit_id),
            waiting=len(cases),
            still_open=sum(each.state is CaseState.OPEN for each in cases),
            may_offer=bool(cases)
            and transfer_rules.may_offer(
                position,
                in_unit=who.unit_id == unit_id,
                makes_all=all(each.maker_id == who.person_id for each in cases),
            ),
        )
        for unit_id, cases in waiting.items()
    ]
    return tuple(sorted(found, key=lambda each: each.unit))


def listing(session: Session, *, who: Principal, limit: int = 200) -> tuple[TransferLine, ...]:
    """The latest first. Raises CaseNotYours."""
    _readers_only(who)
    rows = session.execute(
        _lines(who).order_by(CaseTransfer.offered_at.desc(), CaseTransfer.id).limit(limit)
    )
    return tuple(map(_line, rows))


def transfer(session: Session, transfer_id: UUID, *, who: Principal) -> TransferSeen:
    """Raises TransferUnknown, CaseNotYours."""
    _readers_only(who)
    found = session.execute(_lines(who).where(CaseTransfer.id == transfer_id)).one_or_none()
    if found is None:
        raise TransferUnknown
    row: CaseTransfer = found[0]
    cases = session.scalars(
        select(TransferredCase)
        .where(TransferredCase.transfer_id == row.id)
        .order_by(TransferredCase.ordinal)
    )
    is_offered = row.state is TransferState.OFFERED
    return TransferSeen(
        line=_line(found),
        note=row.note,
        answer=row.answer,
        offered_title=_title(session, row.offered_by, row.offered_at, who),
        answered_title=""
        if row.answered_by is None or row.answered_at is None
        else _title(session, row.answered_by, row.answered_at, who),
        cases=tuple(
            ListedCase(
                each.ordinal,
                each.case_file_id,
                each.notation,
                each.title,
                each.maintenance,
                each.first_on,
                each.last_on,
                each.document_count,
                each.page_count,
            )
            for each in cases
        ),
        may_answer=is_offered
        and transfer_rules.is_archivist(PositionKind(who.position_kind))
        and row.offered_by != who.person_id,
        may_take_back=is_offered
        and (row.offered_by == who.person_id or row.unit_id == who.unit_id),
    )


def _title(session: Session, person_id: UUID, at: datetime, who: Principal) -> str:
    """The title that somebody of the agency had then."""
    held = people.appointments_of(session, person_id, at=at)
    return next((each.title for each in held if each.agency_id == who.agency_id), "")


def _readers_only(who: Principal) -> None:
    if not case_rules.may_read(PositionKind(who.position_kind)):
        raise CaseNotYours("Hồ sơ dành cho những người làm việc với văn bản của cơ quan.")


def _lines(who: Principal) -> Select[Any]:
    giver, taker = aliased(Person), aliased(Person)
    cases = (
        select(func.count())
        .select_from(TransferredCase)
        .where(TransferredCase.transfer_id == CaseTransfer.id)
        .scalar_subquery()
    )
    return (
        select(CaseTransfer, Unit.name, giver.full_name, taker.full_name, cases)
        .join(Unit, Unit.id == CaseTransfer.unit_id)
        .join(giver, giver.id == CaseTransfer.offered_by)
        .outerjoin(taker, taker.id == CaseTransfer.answered_by)
        .where(CaseTransfer.agency_id == who.agency_id, _may_see(who))
    )


def _may_see(who: Principal) -> ColumnElement[bool]:
    """The keepers, the head of the unit and who handed over: titles of restricted ones are there.

    What is on a list is not narrowed line by line: it is signed for as a whole.
    """
    position = PositionKind(who.position_kind)
    if case_rules.may_plan(position):
        return true()
    mine = CaseTransfer.offered_by == who.person_id
    if position in (PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY):
        return or_(mine, CaseTransfer.unit_id == who.unit_id)
    return mine


def _line(found: Any) -> TransferLine:
    row, unit, giver, taker, cases = found
    return TransferLine(
        id=row.id,
        unit=unit,
        year=row.year,
        state=row.state,
        cases=cases,
        offered_at=row.offered_at,
        offered_by=giver,
        answered_at=row.answered_at,
        answered_by=taker,
    )
