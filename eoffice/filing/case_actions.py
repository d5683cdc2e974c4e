"""What happens to a case file: planned, filled, restricted, closed. Actions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, NotFound
from eoffice.filing import case_records, case_rules
from eoffice.filing.case_model import CaseFile, CaseItem, CaseReader
from eoffice.filing.case_rules import CaseNotYours, CaseState, CaseWrong, Heading, RecordKind
from eoffice.outbox import promise
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

#: Shortest reason: a sentence, not a letter.
REASON_LENGTH = 10


class CaseUnknown(NotFound):
    """The agency has no such case file, or it is not for this person."""

    def __init__(self) -> None:
        super().__init__("Không có hồ sơ này, hoặc hồ sơ không dành cho bạn.")


class NotationTaken(Conflict):
    """The year's plan has this notation already."""


class AlreadyFiled(Conflict):
    """The document is in this case file already."""


class ItemUnknown(NotFound):
    """The case file has no such document."""


def plan(
    session: Session,
    heading: Heading,
    *,
    year: int,
    by: Principal,
    at: datetime,
    maker_id: UUID | None = None,
) -> UUID:
    """Add a case file to the plan of a year; the maker is `by` unless named.

    Whoever works with documents may add one that they make themselves; the plan of others is the
    keepers' (art. 29). Raises CaseNotYours, CaseWrong, NotationTaken.
    """
    position = PositionKind(by.position_kind)
    if not case_rules.may_read(position) or (
        maker_id not in (None, by.person_id) and not case_rules.may_plan(position)
    ):
        raise CaseNotYours("Bạn chỉ lập được hồ sơ của chính mình; danh mục do văn thư lập.")
    if not 1900 <= year <= clock.civil_date(at).year + 1:
        words = "Năm hình thành hồ sơ chưa đúng."
        raise CaseWrong(words, fields={"year": words})
    checked = case_rules.checked(heading)
    maker, unit_id = by.person_id, by.unit_id
    if maker_id is not None and maker_id != by.person_id:
        maker, unit_id = _colleague(session, maker_id, by, at)
    if session.scalar(
        select(CaseFile.id).where(
            CaseFile.agency_id == by.agency_id,
            CaseFile.year == year,
            CaseFile.notation == checked.notation,
        )
    ):
        words = f"Danh mục năm {year} đã có hồ sơ {checked.notation}."
        raise NotationTaken(words, fields={"notation": words})
    row = CaseFile(
        id=new_id(),
        agency_id=by.agency_id,
        year=year,
        notation=checked.notation,
        title=checked.title,
        maintenance=checked.maintenance,
        rights=checked.rights,
        language=checked.language,
        description=checked.description,
        maker_id=maker,
        unit_id=unit_id,
        state=CaseState.OPEN,
        is_restricted=False,
        planned_at=at,
        planned_by=by.person_id,
    )
    session.add(row)
    session.flush()
    _record(session, "case_file.planned", row.id, by, at, year=year, notation=row.notation)
    return row.id


def repeat_plan(session: Session, *, year: int, by: Principal, at: datetime) -> int:
    """Take the case files of the year before into the plan of `year`; returns how many are new.

    Idempotent: notations that are there already stay as they are. Raises CaseNotYours.
    """
    if not case_rules.may_plan(PositionKind(by.position_kind)):
        raise CaseNotYours("Danh mục hồ sơ do văn thư hoặc người đứng đầu cơ quan lập.")
    there = set(
        session.scalars(
            select(CaseFile.notation).where(
                CaseFile.agency_id == by.agency_id, CaseFile.year == year
            )
        )
    )
    last = session.scalars(
        select(CaseFile)
        .where(CaseFile.agency_id == by.agency_id, CaseFile.year == year - 1)
        .order_by(CaseFile.notation)
    ).all()
    new = [row for row in last if row.notation not in there]
    for old in new:
        row = CaseFile(
            id=new_id(),
            agency_id=by.agency_id,
            year=year,
            notation=old.notation,
            title=old.title,
            maintenance=old.maintenance,
            rights=old.rights,
            language=old.language,
            description=old.description,
            maker_id=old.maker_id,
            unit_id=old.unit_id,
            state=CaseState.OPEN,
            is_restricted=old.is_restricted,
            planned_at=at,
            planned_by=by.person_id,
        )
        session.add(row)
        session.flush()
        _record(session, "case_file.planned", row.id, by, at, year=year, notation=row.notation)
    return len(new)


def file_record(
    session: Session,
    case_file_id: UUID,
    kind: RecordKind,
    record_id: UUID,
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Put a document into a case file; returns its ordinal there. It may be in others as well.

    Raises CaseUnknown, CaseNotYours, CaseClosed, CaseFull, AlreadyFiled, and what the document's
    own slice says to somebody who may not read it.
    """
    row = _locked(session, case_file_id, by)
    case_rules.require_open(row.state)
    _require_maker(row, by)
    found = case_records.of(session, kind, record_id, who=by, at=at)
    items = session.scalars(select(CaseItem).where(CaseItem.case_file_id == row.id)).all()
    if any(
        record_id in (item.document_id, item.arrival_id) and item.removed_at is None
        for item in items
    ):
        raise AlreadyFiled("Văn bản này đã có trong hồ sơ.")
    item = CaseItem(
        id=new_id(),
        case_file_id=row.id,
        agency_id=row.agency_id,
        ordinal=case_rules.following(each.ordinal for each in items),
        kind=kind,
        document_id=record_id if kind is RecordKind.OUTGOING else None,
        arrival_id=record_id if kind is RecordKind.INCOMING else None,
        code=found.code,
        issued_on=found.issued_on,
        type_name=found.type_name,
        subject=found.subject,
        organ_name=found.organ_name,
        page_count=found.page_count,
        content_sha256=found.content_sha256,
        filed_at=at,
        filed_by=by.person_id,
    )
    session.add(item)
    session.flush()
    _record(session, "case_file.filed", row.id, by, at, record_id=record_id, ordinal=item.ordinal)
    return item.ordinal


def take_out(
    session: Session, case_file_id: UUID, item_id: UUID, why: str, *, by: Principal, at: datetime
) -> None:
    """Take a document out that was put in by mistake; its ordinal is not given again.

    Raises CaseUnknown, CaseNotYours, CaseClosed, ItemUnknown, CaseWrong.
    """
    row = _locked(session, case_file_id, by)
    case_rules.require_open(row.state)
    _require_maker(row, by)
    reason = " ".join(why.split())
    if len(reason) < REASON_LENGTH:
        words = "Hãy ghi lý do bằng một câu."
        raise CaseWrong(words, fields={"why": words})
    item = session.scalars(
        select(CaseItem).where(
            CaseItem.id == item_id,
            CaseItem.case_file_id == row.id,
            CaseItem.removed_at.is_(None),
        )
    ).one_or_none()
    if item is None:
        raise ItemUnknown("Hồ sơ không có văn bản này.")
    item.removed_at, item.removed_by, item.removed_because = at, by.person_id, reason
    _record(session, "case_file.taken_out", row.id, by, at, ordinal=item.ordinal)


def close(session: Session, case_file_id: UUID, *, by: Principal, at: datetime) -> None:
    """kết thúc hồ sơ, after the check of completeness (art. 29). Idempotent.

    Raises CaseUnknown, CaseNotYours, CaseIncomplete.
    """
    row = _locked(session, case_file_id, by)
    _require_maker(row, by)
    if row.state is not CaseState.OPEN:
        return
    items = session.scalars(
        select(CaseItem).where(CaseItem.case_file_id == row.id, CaseItem.removed_at.is_(None))
    ).all()
    case_rules.require_complete(
        len(items),
        case_records.in_work(
            session, [item.arrival_id for item in items if item.arrival_id is not None]
        ),
    )
    row.state, row.closed_at, row.closed_by = CaseState.CLOSED, at, by.person_id
    _record(session, "case_file.closed", row.id, by, at, documents=len(items))


def restrict(
    session: Session,
    case_file_id: UUID,
    readers: Iterable[UUID] | None,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Say who may open a case file: only these people, or (None) all who work with documents.

    The change is shown as open to the keepers until one of them confirms it (Annex VI, part III).
    Raises CaseUnknown, CaseNotYours, CaseWrong.
    """
    row = _locked(session, case_file_id, by)
    _require_maker(row, by)
    named = frozenset(readers or ())
    for person_id in named:
        _colleague(session, person_id, by, at)
    before = frozenset(
        session.scalars(select(CaseReader.person_id).where(CaseReader.case_file_id == row.id))
    )
    session.execute(delete(CaseReader).where(CaseReader.case_file_id == row.id))
    session.add_all(
        CaseReader(case_file_id=row.id, person_id=each, agency_id=row.agency_id) for each in named
    )
    row.is_restricted = readers is not None
    row.rights_changed_at, row.rights_changed_by = at, by.person_id
    row.rights_confirmed_at = None
    _record(session, "case_file.rights_changed", row.id, by, at, restricted=readers is not None)
    _tell_of_rights(session, row, before, named, by=by, at=at)


def confirm_rights(session: Session, case_file_id: UUID, *, by: Principal, at: datetime) -> None:
    """A keeper has seen the change of rights. Idempotent. Raises CaseUnknown, CaseNotYours."""
    row = _locked(session, case_file_id, by)
    if not case_rules.may_plan(PositionKind(by.position_kind)):
        raise CaseNotYours("Việc thay đổi quyền do văn thư hoặc người đứng đầu xác nhận.")
    if row.rights_changed_at is not None and row.rights_confirmed_at is None:
        row.rights_confirmed_at = at
        _record(session, "case_file.rights_confirmed", row.id, by, at)


def _locked(session: Session, case_file_id: UUID, by: Principal) -> CaseFile:
    row = session.scalars(
        select(CaseFile)
        .where(CaseFile.id == case_file_id, CaseFile.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if row is None or not is_for(session, row, by):
        raise CaseUnknown
    return row


def is_for(session: Session, row: CaseFile, who: Principal) -> bool:
    """Whether somebody of the agency may open this case file."""
    named = session.get(CaseReader, (row.id, who.person_id)) is not None
    return case_rules.is_among(
        is_restricted=row.is_restricted,
        position=PositionKind(who.position_kind),
        is_maker=row.maker_id == who.person_id,
        is_named=named,
    )


def _tell_of_rights(
    session: Session,
    row: CaseFile,
    before: frozenset[UUID],
    named: frozenset[UUID],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Whom the change concerns is told by their own choice; the keepers, that it awaits them."""
    code = f"hồ sơ {row.notation} năm {row.year}"
    told = dict.fromkeys(named - before, (f"Bạn được mở {code}", f"/case-files/{row.id}"))
    if row.is_restricted:
        gone = before - named - {row.maker_id}
        told |= dict.fromkeys(gone, (f"Bạn không còn được mở {code}", "/case-files"))
    if row.maker_id != by.person_id:
        told[row.maker_id] = (f"Quyền mở {code} đã thay đổi", f"/case-files/{row.id}")
    for each in people.clerks_of(session, row.agency_id, at=at):
        told[each.person_id] = (
            f"Thay đổi quyền mở {code} chờ xác nhận",
            f"/case-files/{row.id}",
        )
    for person_id in sorted(told.keys() - {by.person_id}):
        text, path = told[person_id]
        promise(
            session,
            "alerts.tell",
            at=at,
            person_id=person_id,
            kind="rights",
            object_id=row.id,
            cause=f"rights:{row.id}:{at.isoformat()}",
            text=text,
            path=path,
        )


def _require_maker(row: CaseFile, by: Principal) -> None:
    """Raises CaseNotYours. What was handed over is the archive's, that is the keepers'."""
    if row.state is CaseState.TRANSFERRED:
        case_rules.require_maker(PositionKind(by.position_kind), is_maker=False)
        return
    case_rules.require_maker(PositionKind(by.position_kind), is_maker=row.maker_id == by.person_id)


def _colleague(session: Session, person_id: UUID, by: Principal, at: datetime) -> tuple[UUID, UUID]:
    """Somebody of the same agency, with their unit. Raises CaseWrong."""
    for each in people.appointments_of(session, person_id, at=at):
        if each.agency_id == by.agency_id:
            return person_id, each.unit_id
    words = "Người này không làm việc tại cơ quan."
    raise CaseWrong(words, fields={"maker": words})


def _record(
    session: Session,
    action: str,
    case_file_id: UUID,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    record(
        session,
        action,
        object_kind="case_file",
        object_id=case_file_id,
        by=by,
        at=at,
        details=details,
    )
