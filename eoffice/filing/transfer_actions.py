"""Case files go from a unit to the agency's archive: day set, unit told, list offered, accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.filing import case_rules, transfer_rules, transfer_states
from eoffice.filing.case_model import CaseFile, CaseItem
from eoffice.filing.case_queries import CaseSeen
from eoffice.filing.case_rules import CaseState
from eoffice.filing.transfer_model import CaseTransfer, TransferDay, TransferredCase
from eoffice.filing.transfer_states import TransferState, TransferStep
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import promise
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

#: Whose hand the audit log names.
NOTICER = "worker:filing.give_notice"


class TransferUnknown(NotFound):
    """The agency has no such hand-over."""

    def __init__(self) -> None:
        super().__init__("Không có đợt nộp lưu này trong cơ quan.")


def set_day(
    session: Session, unit_id: UUID, year: int, due_on: date, *, by: Principal, at: datetime
) -> None:
    """Until when a unit hands over what it formed in `year`; the unit is told again of a new day.

    Raises TransferNotYours, TransferWrong.
    """
    if not case_rules.may_plan(PositionKind(by.position_kind)):
        raise transfer_rules.TransferNotYours(
            "Ngày nộp lưu do văn thư, lưu trữ hoặc người đứng đầu cơ quan định."
        )
    today = clock.civil_date(at)
    day = transfer_rules.checked_day(due_on, today=today)
    if not 1900 <= year <= today.year:
        words = "Năm hình thành hồ sơ chưa đúng."
        raise transfer_rules.TransferWrong(words, fields={"year": words})
    _own_unit(session, unit_id, by)
    values = {"due_on": day, "set_by": by.person_id, "set_at": at, "noticed_at": None}
    session.execute(
        insert(TransferDay)
        .values(unit_id=unit_id, year=year, agency_id=by.agency_id, **values)
        .on_conflict_do_update(index_elements=["unit_id", "year"], set_=values)
    )
    record(
        session,
        "transfer.day_set",
        object_kind="unit",
        object_id=unit_id,
        by=by,
        at=at,
        details={"year": year, "due_on": f"{day:%d/%m/%Y}"},
    )


def give_notice(session: Session, *, at: datetime) -> int:
    """Tell every unit whose day comes within 30 days, once for each day; how many units.

    Runs as the office itself, by the calendar. Told are the head of the unit, the makers of what
    is to be handed over and, where the unit is the agency, its clerks.
    """
    today = clock.civil_date(at)
    rows = session.scalars(
        select(TransferDay)
        .where(
            TransferDay.noticed_at.is_(None),
            TransferDay.due_on >= today,
            TransferDay.due_on <= today + transfer_rules.NOTICE,
        )
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        waiting = _of_unit(session, row.unit_id, row.year)
        row.noticed_at = at
        if not waiting:
            continue
        head = people.head_of(session, row.unit_id, at=at)
        told = {each.maker_id for each in waiting} | ({head.person_id} if head else set())
        if row.unit_id == row.agency_id:
            told |= {each.person_id for each in people.clerks_of(session, row.unit_id, at=at)}
        for person_id in sorted(told):
            promise(
                session,
                "alerts.tell",
                at=at,
                person_id=person_id,
                kind="transfer",
                object_id=row.unit_id,
                cause=f"transfer:{row.unit_id}:{row.year}:{row.due_on}",
                text=f"Nộp lưu {len(waiting)} hồ sơ năm {row.year}, hạn {row.due_on:%d/%m/%Y}",
                path=f"/case-files/transfers?year={row.year}",
                due_on=row.due_on.isoformat(),
            )
        record(
            session,
            "transfer.noticed",
            object_kind="unit",
            object_id=row.unit_id,
            by=NOTICER,
            at=at,
            details={"year": row.year, "people": len(told)},
        )
    return len(rows)


def offer(
    session: Session, unit_id: UUID, year: int, note: str, *, by: Principal, at: datetime
) -> UUID:
    """The unit hands over every case file of a year that goes to the archive; the hand-over.

    The list is kept as it is now. Raises TransferNotYours, TransferWrong, CasesStillOpen,
    NothingToHandOver.
    """
    _own_unit(session, unit_id, by)
    words = transfer_rules.checked_note(note)
    found = _of_unit(session, unit_id, year, locked=True)
    if not transfer_rules.may_offer(
        PositionKind(by.position_kind),
        in_unit=by.unit_id == unit_id,
        makes_all=bool(found) and all(each.maker_id == by.person_id for each in found),
    ):
        raise transfer_rules.TransferNotYours(
            "Hồ sơ của đơn vị do người đứng đầu đơn vị hoặc người lập tất cả hồ sơ giao nộp."
        )
    still_open = [each.notation for each in found if each.state is CaseState.OPEN]
    if still_open:
        named = ", ".join(still_open[:10]) + (" …" if len(still_open) > 10 else "")
        raise transfer_rules.CasesStillOpen(f"Còn hồ sơ chưa kết thúc: {named}.")
    if not found:
        raise transfer_rules.NothingToHandOver(
            f"Đơn vị không còn hồ sơ năm {year} nào phải nộp lưu."
        )
    row = CaseTransfer(
        id=new_id(),
        agency_id=by.agency_id,
        unit_id=unit_id,
        year=year,
        state=TransferState.OFFERED,
        note=words,
        offered_at=at,
        offered_by=by.person_id,
        answer="",
    )
    session.add(row)
    session.flush()  # The lines and the case files name the hand-over.
    for ordinal, case_file in enumerate(found, start=1):
        session.add(_line(session, row.id, ordinal, case_file))
        case_file.transfer_id = row.id
    _record(session, "transfer.offered", row, by, at, cases=len(found))
    return row.id


def take_back(session: Session, transfer_id: UUID, *, by: Principal, at: datetime) -> None:
    """The unit takes its list back before it was answered.

    Raises TransferUnknown, TransferNotYours, TransferStepRefused.
    """
    row = _locked(session, transfer_id, by)
    if row.offered_by != by.person_id and by.unit_id != row.unit_id:
        raise transfer_rules.TransferNotYours("Chỉ bên giao được rút lại danh sách.")
    _answer(session, row, TransferStep.TAKE_BACK, "", by=by, at=at)
    _release(session, row)


def send_back(
    session: Session, transfer_id: UUID, why: str, *, by: Principal, at: datetime
) -> None:
    """The archive does not take the list; the unit is told why.

    Raises TransferUnknown, TransferNotYours, TransferWrong, TransferStepRefused.
    """
    transfer_rules.require_archivist(PositionKind(by.position_kind))
    row = _locked(session, transfer_id, by)
    reason = transfer_rules.checked_reason(why)
    _answer(session, row, TransferStep.RETURN, reason, by=by, at=at)
    _release(session, row)
    promise(
        session,
        "alerts.tell",
        at=at,
        person_id=row.offered_by,
        kind="transfer",
        object_id=row.id,
        cause=f"transfer-returned:{row.id}",
        text=f"Lưu trữ cơ quan trả lại danh sách hồ sơ năm {row.year}",
        path=f"/case-files/transfers/{row.id}",
    )


def accept(session: Session, transfer_id: UUID, *, by: Principal, at: datetime) -> None:
    """The archive has checked the list; from now on the case files are its own.

    Both sides stand on the minutes: who accepts is not who offered. Raises TransferUnknown,
    TransferNotYours, TransferStepRefused.
    """
    transfer_rules.require_archivist(PositionKind(by.position_kind))
    row = _locked(session, transfer_id, by)
    transfer_rules.require_other_side(offered_by_same=row.offered_by == by.person_id)
    _answer(session, row, TransferStep.ACCEPT, "", by=by, at=at)
    for case_file in _listed(session, row):
        case_file.state = CaseState.TRANSFERRED
        record(
            session,
            "case_file.transferred",
            object_kind="case_file",
            object_id=case_file.id,
            by=by,
            at=at,
            details={"transfer_id": str(row.id)},
        )
        promise(session, "filing.archive_case", at=at, case_file_id=case_file.id)


def promise_archiving(
    session: Session, found: CaseSeen, agency_id: UUID, content: Sha256, *, at: datetime
) -> None:
    """The whole case file, bound as one, goes into the archive. Runs as the office itself."""
    assert found.closed_at is not None
    closed_on = clock.civil_date(found.closed_at)
    until = transfer_rules.retained_until(found.line.maintenance, closed_on)
    promise(
        session,
        "archive.ingest",
        at=at,
        kind="case_file",
        source_id=found.line.id,
        content_sha256=str(content),
        agency_id=agency_id,
        unit_id=agency_id,
        title=found.line.title,
        number_notation=found.line.code,
        issued_on=closed_on.isoformat(),
        retain_until=None if until is None else until.isoformat(),
    )


def _answer(
    session: Session,
    row: CaseTransfer,
    step: TransferStep,
    words: str,
    *,
    by: Principal,
    at: datetime,
) -> None:
    row.state = transfer_states.after(row.state, step)
    row.answered_at, row.answered_by, row.answer = at, by.person_id, words
    _record(session, f"transfer.{row.state.value}", row, by, at)


def _release(session: Session, row: CaseTransfer) -> None:
    for case_file in _listed(session, row):
        case_file.transfer_id = None


def _listed(session: Session, row: CaseTransfer) -> Sequence[CaseFile]:
    return session.scalars(
        select(CaseFile)
        .where(CaseFile.transfer_id == row.id, CaseFile.agency_id == row.agency_id)
        .order_by(CaseFile.id)
        .with_for_update()
    ).all()


def _of_unit(session: Session, unit_id: UUID, year: int, *, locked: bool = False) -> list[CaseFile]:
    """What a unit still has to hand over of a year, empty case files left out, by notation."""
    query = (
        select(CaseFile)
        .where(
            CaseFile.unit_id == unit_id,
            CaseFile.year == year,
            CaseFile.transfer_id.is_(None),
            # What is held stays where it is; it is handed over once that is lifted.
            func.held_since(CaseFile.id).is_(None),
            CaseFile.id.in_(select(CaseItem.case_file_id).where(CaseItem.removed_at.is_(None))),
        )
        .order_by(CaseFile.notation)
        .limit(transfer_rules.MOST_CASES)
    )
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return [
        row for row in session.scalars(query) if transfer_rules.goes_to_the_archive(row.maintenance)
    ]


def _line(
    session: Session, transfer_id: UUID, ordinal: int, case_file: CaseFile
) -> TransferredCase:
    first, last, count, pages = session.execute(
        select(
            func.min(CaseItem.issued_on),
            func.max(CaseItem.issued_on),
            func.count(),
            func.coalesce(func.sum(CaseItem.page_count), 0),
        ).where(CaseItem.case_file_id == case_file.id, CaseItem.removed_at.is_(None))
    ).one()
    return TransferredCase(
        transfer_id=transfer_id,
        ordinal=ordinal,
        case_file_id=case_file.id,
        agency_id=case_file.agency_id,
        notation=case_file.notation,
        title=case_file.title,
        maintenance=case_file.maintenance,
        first_on=first,
        last_on=last,
        document_count=count,
        page_count=pages,
    )


def _locked(session: Session, transfer_id: UUID, by: Principal) -> CaseTransfer:
    row = session.scalars(
        select(CaseTransfer)
        .where(CaseTransfer.id == transfer_id, CaseTransfer.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise TransferUnknown
    return row


def _own_unit(session: Session, unit_id: UUID, by: Principal) -> None:
    found = people.units(session, [unit_id]).get(unit_id)
    if found is None or found.agency_id != by.agency_id:
        words = "Đơn vị này không thuộc cơ quan."
        raise transfer_rules.TransferWrong(words, fields={"unit": words})


def _record(
    session: Session, action: str, row: CaseTransfer, by: Principal, at: datetime, **details: int
) -> None:
    record(
        session,
        action,
        object_kind="case_transfer",
        object_id=row.id,
        by=by,
        at=at,
        details={"year": row.year, **details},
    )
