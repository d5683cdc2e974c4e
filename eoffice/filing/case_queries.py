"""Case files as lists and pages show them. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from eoffice.filing import case_rules
from eoffice.filing.case_actions import CaseUnknown, is_for
from eoffice.filing.case_model import CaseFile, CaseItem, CaseReader
from eoffice.filing.case_rules import CaseNotYours, CaseState, RecordKind
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person, Unit
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A line of the filing plan."""

    id: UUID
    code: str
    year: int
    notation: str
    title: str
    maintenance: str
    maker: str
    unit: str
    state: CaseState
    is_restricted: bool
    #: A change of rights that no keeper has confirmed yet.
    awaits_confirmation: bool
    #: DocTotal, PageTotal
    documents: int
    pages: int
    #: StartDate and EndDate: of the first and of the last document.
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """A document in a case file."""

    id: UUID
    ordinal: int
    kind: RecordKind
    record_id: UUID
    code: str
    issued_on: date | None
    type_name: str
    subject: str
    organ_name: str
    page_count: int | None
    content_sha256: str | None
    #: Its sender took it back: it is in the list, and nobody reads it any more.
    is_recalled: bool
    filed_by: str
    filed_at: datetime

    @property
    def path(self) -> str:
        """The page of the document itself."""
        if self.kind is RecordKind.OUTGOING:
            return f"/documents/{self.record_id}"
        return f"/incoming/{self.record_id}"


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """One case file with what is in it."""

    line: CaseLine
    organ_id: str | None
    agency_name: str
    rights: str
    language: str
    description: str
    planned_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    readers: tuple[str, ...]
    reader_ids: frozenset[UUID]
    #: In the order of their ordinals.
    items: tuple[ItemSeen, ...]
    #: What the acting person may do.
    may_change: bool
    may_confirm: bool

    @property
    def in_order_of_time(self) -> tuple[ItemSeen, ...]:
        """As the export of Annex VI wants them."""
        return tuple(
            sorted(self.items, key=lambda each: (each.issued_on or date.min, each.ordinal))
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a list of case files is narrowed."""

    year: int | None = None
    unit_id: UUID | None = None
    state: CaseState | None = None
    words: str = ""
    #: Only those that `who` makes.
    is_mine: bool = False


def listing(
    session: Session, wanted: Wanted, *, who: Principal, limit: int = 1000
) -> tuple[CaseLine, ...]:
    """By year, the newest first, then by notation. Raises CaseNotYours."""
    if not case_rules.may_read(PositionKind(who.position_kind)):
        raise CaseNotYours("Hồ sơ dành cho những người làm việc với văn bản của cơ quan.")
    query = (
        _lines()
        .where(CaseFile.agency_id == who.agency_id, _may_open(who))
        .order_by(CaseFile.year.desc(), CaseFile.notation)
        .limit(limit)
    )
    if wanted.year is not None:
        query = query.where(CaseFile.year == wanted.year)
    if wanted.unit_id is not None:
        query = query.where(CaseFile.unit_id == wanted.unit_id)
    if wanted.state is not None:
        query = query.where(CaseFile.state == wanted.state)
    if wanted.is_mine:
        query = query.where(CaseFile.maker_id == who.person_id)
    if wanted.words.strip():
        folded = func.vn_fold(wanted.words.strip())
        query = query.where(
            or_(
                *(
                    func.strpos(func.vn_fold(column), folded) > 0
                    for column in (CaseFile.title, CaseFile.notation)
                )
            )
        )
    organ_id = people.unit(session, who.agency_id).organ_id
    return tuple(_line(row, organ_id) for row in session.execute(query))


def years(session: Session, *, who: Principal) -> tuple[int, ...]:
    """Those with a filing plan, the newest first."""
    return tuple(
        session.scalars(
            select(CaseFile.year)
            .where(CaseFile.agency_id == who.agency_id)
            .distinct()
            .order_by(CaseFile.year.desc())
        )
    )


def case_file(session: Session, case_file_id: UUID, *, who: Principal) -> CaseSeen:
    """Raises CaseUnknown."""
    row = session.scalars(
        select(CaseFile).where(CaseFile.id == case_file_id, CaseFile.agency_id == who.agency_id)
    ).one_or_none()
    if row is None or not is_for(session, row, who):
        raise CaseUnknown
    position = PositionKind(who.position_kind)
    return _seen(
        session,
        row,
        is_keeper=case_rules.may_plan(position),
        is_maker=row.maker_id == who.person_id,
    )


def as_kept(session: Session, case_file_id: UUID) -> tuple[CaseSeen, UUID]:
    """One case file and its agency, as the archive takes it. Runs as the office itself."""
    row = session.get_one(CaseFile, case_file_id)
    return _seen(session, row, is_keeper=False, is_maker=False), row.agency_id


def _seen(session: Session, row: CaseFile, *, is_keeper: bool, is_maker: bool) -> CaseSeen:
    agency = people.unit(session, row.agency_id)
    line = session.execute(_lines().where(CaseFile.id == row.id)).one()
    readers = session.execute(
        select(Person.id, Person.full_name)
        .join(CaseReader, CaseReader.person_id == Person.id)
        .where(CaseReader.case_file_id == row.id)
        .order_by(Person.full_name)
    ).all()
    closed_by = None if row.closed_by is None else session.get_one(Person, row.closed_by)
    return CaseSeen(
        line=_line(line, agency.organ_id),
        organ_id=agency.organ_id,
        agency_name=agency.name,
        rights=row.rights,
        language=row.language,
        description=row.description,
        planned_at=row.planned_at,
        closed_at=row.closed_at,
        closed_by=None if closed_by is None else closed_by.full_name,
        readers=tuple(each.full_name for each in readers),
        reader_ids=frozenset(each.id for each in readers),
        items=_items(session, row.id),
        may_change=is_keeper or (is_maker and row.state is not CaseState.TRANSFERRED),
        may_confirm=is_keeper
        and row.rights_changed_at is not None
        and row.rights_confirmed_at is None,
    )


def holding(
    session: Session, kind: RecordKind, record_id: UUID, *, who: Principal
) -> tuple[CaseLine, ...]:
    """The case files that a document is in, as far as `who` may open them."""
    column = CaseItem.document_id if kind is RecordKind.OUTGOING else CaseItem.arrival_id
    query = (
        _lines()
        .where(
            CaseFile.agency_id == who.agency_id,
            _may_open(who),
            CaseFile.id.in_(
                select(CaseItem.case_file_id).where(
                    column == record_id, CaseItem.removed_at.is_(None)
                )
            ),
        )
        .order_by(CaseFile.year, CaseFile.notation)
    )
    organ_id = people.unit(session, who.agency_id).organ_id
    return tuple(_line(row, organ_id) for row in session.execute(query))


def may_open(who: Principal) -> ColumnElement[bool]:
    """Which case files of the acting agency the person may open; with the list's own rule."""
    if not case_rules.may_read(PositionKind(who.position_kind)):
        return false()
    return and_(CaseFile.agency_id == who.agency_id, _may_open(who))


def _may_open(who: Principal) -> ColumnElement[bool]:
    """The same as `case_actions.is_for`, for a whole list."""
    position = PositionKind(who.position_kind)
    named = select(CaseReader.case_file_id).where(CaseReader.person_id == who.person_id)
    return or_(
        CaseFile.is_restricted.is_(False),
        CaseFile.maker_id == who.person_id,
        CaseFile.id.in_(named),
        CaseFile.id.is_not(None) if case_rules.may_plan(position) else CaseFile.id.is_(None),
    )


def _lines() -> Select[Any]:
    inside = (
        select(
            CaseItem.case_file_id,
            func.count().label("documents"),
            func.coalesce(func.sum(CaseItem.page_count), 0).label("pages"),
            func.min(CaseItem.issued_on).label("first_on"),
            func.max(CaseItem.issued_on).label("last_on"),
        )
        .where(CaseItem.removed_at.is_(None))
        .group_by(CaseItem.case_file_id)
        .subquery()
    )
    maker, unit = aliased(Person), aliased(Unit)
    return (
        select(
            CaseFile,
            maker.full_name.label("maker"),
            unit.name.label("unit"),
            func.coalesce(inside.c.documents, 0).label("documents"),
            func.coalesce(inside.c.pages, 0).label("pages"),
            inside.c.first_on,
            inside.c.last_on,
        )
        .join(maker, maker.id == CaseFile.maker_id)
        .join(unit, unit.id == CaseFile.unit_id)
        .outerjoin(inside, inside.c.case_file_id == CaseFile.id)
    )


def _line(row: Any, organ_id: str | None) -> CaseLine:
    found, maker, unit, documents, pages, first_on, last_on = row
    return CaseLine(
        id=found.id,
        code=case_rules.code(organ_id, found.year, found.notation),
        year=found.year,
        notation=found.notation,
        title=found.title,
        maintenance=found.maintenance,
        maker=maker,
        unit=unit,
        state=found.state,
        is_restricted=found.is_restricted,
        awaits_confirmation=(
            found.rights_changed_at is not None and found.rights_confirmed_at is None
        ),
        documents=documents,
        pages=pages,
        first_on=first_on,
        last_on=last_on,
    )


def _items(session: Session, case_file_id: UUID) -> tuple[ItemSeen, ...]:
    rows = session.execute(
        select(CaseItem, Person.full_name, Delivery.state)
        .join(Person, Person.id == CaseItem.filed_by)
        .outerjoin(Arrival, Arrival.id == CaseItem.arrival_id)
        .outerjoin(Delivery, Delivery.id == Arrival.delivery_id)
        .where(CaseItem.case_file_id == case_file_id, CaseItem.removed_at.is_(None))
        .order_by(CaseItem.ordinal)
    )
    found = []
    for item, filed_by, delivered in rows:
        record_id = item.document_id or item.arrival_id
        assert record_id is not None
        found.append(
            ItemSeen(
                id=item.id,
                ordinal=item.ordinal,
                kind=item.kind,
                record_id=record_id,
                code=item.code,
                issued_on=item.issued_on,
                type_name=item.type_name,
                subject=item.subject,
                organ_name=item.organ_name,
                page_count=item.page_count,
                content_sha256=item.content_sha256,
                is_recalled=delivered is DeliveryState.RECALLED,
                filed_by=filed_by,
                filed_at=item.filed_at,
            )
        )
    return tuple(found)
