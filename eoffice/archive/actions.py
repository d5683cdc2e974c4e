"""What happens to the archive: entries are taken in and looked at, inspections are opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from eoffice.archive import rules
from eoffice.archive.model import ArchiveEntry, Inspection, InspectionUnit
from eoffice.archive.states import EntryKind, Fixity, InspectionState, Look
from eoffice.audit import actions as audit
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.objects.contract import Lock
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.signing.lasting import Lasts
from eoffice.signing.verdict import Verdict
from eoffice.web.principal import Principal

#: Characters of a document's text by which it is found; PostgreSQL limits what one row can index.
MOST_TEXT = 200_000


class MayNotDecide(NotAllowed):
    """Only the head of an agency or its operator enters inspection decisions."""


class InspectionUnknown(NotFound):
    """There is no such inspection decision, or it is another agency's."""


class InspectionOver(Conflict):
    """The inspection has ended; it is no longer changed."""


class DecisionOnRecord(Conflict):
    """This inspection decision has been entered already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a promise `archive.ingest` says about the content that is handed over."""

    kind: EntryKind
    source_id: UUID
    content_sha256: str
    agency_id: UUID
    unit_id: UUID
    title: str
    number_notation: str | None = None
    issued_on: date | None = None
    school_year: str | None = None
    class_name: str | None = None
    #: Last day on which it must be kept, where who handed it over knows; None: for ever.
    retain_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Content as it now lies in the archive, and what was found in it."""

    content_sha256: Sha256
    size_bytes: int
    page_count: int
    lock: Lock
    text: str
    verdict: Verdict
    #: Until when its last time-stamp proves what it proves; None where it has none.
    lasts: Lasts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an inspection decision says."""

    decision_number: str
    decided_on: date
    title: str
    inspector_id: UUID
    unit_ids: tuple[UUID, ...]
    kinds: tuple[EntryKind, ...]
    school_years: tuple[str, ...]
    valid_from: date
    valid_to: date


def ingested(session: Session, order: Order) -> UUID | None:
    """The entry of this content, when it was taken in before."""
    return session.scalar(
        select(ArchiveEntry.id).where(
            ArchiveEntry.kind == order.kind,
            ArchiveEntry.source_id == order.source_id,
            ArchiveEntry.source_sha256 == order.content_sha256,
        )
    )


def ingest(session: Session, order: Order, kept: Kept, *, by: str, at: datetime) -> UUID:
    """Describe the content that was locked in the store, and put its digests into the log.

    Idempotent for one content of one source: the first entry stays.
    """
    known = ingested(session, order)
    if known is not None:
        return known
    agency = people.unit(session, order.agency_id)
    description = rules.Description(
        entry_id=new_id(),
        kind=order.kind,
        source_id=order.source_id,
        agency_id=order.agency_id,
        agency_name=agency.name,
        unit_id=order.unit_id,
        title=order.title,
        number_notation=order.number_notation,
        school_year=(
            rules.school_year(order.school_year)
            if order.school_year
            else rules.school_year_of(order.issued_on or civil_date(at))
        ),
        class_name=order.class_name,
        issued_on=order.issued_on,
        content_sha256=str(kept.content_sha256),
        size_bytes=kept.size_bytes,
        archived_at=at,
    )
    event_id = audit.record(
        session,
        "archive.ingested",
        object_kind="archive_entry",
        object_id=description.entry_id,
        by=by,
        at=at,
        details={
            "kind": order.kind.value,
            "source_id": order.source_id,
            "source_sha256": order.content_sha256,
            "content_sha256": description.content_sha256,
            "size_bytes": kept.size_bytes,
            "metadata_sha256": sha256(description.canonical()).hexdigest(),
            "verdict": kept.verdict.verdict.value,
        },
    )
    session.flush()  # The entry's foreign key needs the event's row.
    level = rules.lowest_level(one.level for one in kept.verdict.signatures)
    session.add(
        ArchiveEntry(
            id=description.entry_id,
            kind=description.kind,
            source_id=description.source_id,
            agency_id=description.agency_id,
            agency_name=description.agency_name,
            unit_id=description.unit_id,
            title=description.title,
            number_notation=description.number_notation,
            school_year=description.school_year,
            class_name=description.class_name,
            issued_on=description.issued_on,
            source_sha256=order.content_sha256,
            content_sha256=description.content_sha256,
            size_bytes=kept.size_bytes,
            page_count=kept.page_count,
            object_version=kept.lock.version_id,
            locked_until=kept.lock.retain_until,
            retain_until=order.retain_until,
            level=None if level is None else level.value,
            verdict=kept.verdict.to_json(),
            archived_at=at,
            audit_event_id=event_id,
            fixity=Fixity.INTACT,
            fixity_checked_at=at,
            lasts_seen_at=at,
            lasts_until=None if kept.lasts is None else kept.lasts.until,
            lasts_because="" if kept.lasts is None else kept.lasts.because,
            text=kept.text[:MOST_TEXT],
        )
    )
    return description.entry_id


def look(
    session: Session,
    entry_id: UUID,
    way: Look,
    *,
    by: Principal,
    at: datetime,
    details: dict[str, object] | None = None,
) -> None:
    """Put on record that somebody looked; the caller has found the entry for this person.

    An inspector leaves a trace of every page; of others what opens or takes away the whole.
    """
    if way is Look.PAGE_VIEWED and by.position_kind != rules.INSPECTOR:
        return
    audit.record(
        session,
        way.value,
        object_kind="archive_entry",
        object_id=entry_id,
        by=by,
        at=at,
        details=details or {},
    )


def searched(session: Session, text: str, results: int, *, by: Principal, at: datetime) -> None:
    """Put on record that an inspector searched; by which words is kept only as a digest."""
    if by.position_kind == rules.INSPECTOR:
        audit.record(
            session,
            "archive.searched",
            object_kind="person",
            object_id=by.person_id,
            by=by,
            at=at,
            details={"results": results, "words_sha256": sha256(text.encode()).hexdigest()},
        )


def note_fixity(
    session: Session, entry_id: UUID, outcome: Fixity, *, by: str, at: datetime
) -> None:
    """Keep what reading the archived object again found; on record when that is news or bad."""
    entry = session.get_one(ArchiveEntry, entry_id, with_for_update=True)
    if outcome is not Fixity.INTACT or entry.fixity is not outcome:
        audit.record(
            session,
            "archive.fixity_checked",
            object_kind="archive_entry",
            object_id=entry_id,
            by=by,
            at=at,
            details={"outcome": outcome.value, "content_sha256": entry.content_sha256},
        )
    entry.fixity, entry.fixity_checked_at = outcome, at


def decide(session: Session, decision: Decision, *, by: Principal, at: datetime) -> UUID:
    """Enter an inspection decision of the acting agency; it opens the archive for its period.

    Raises MayNotDecide, DecisionOnRecord, Invalid with every wrong field.
    """
    _require_decider(by)
    checked = _checked(session, decision, by=by, at=at)
    if session.scalar(
        select(
            exists().where(
                Inspection.agency_id == by.agency_id,
                Inspection.decision_number == checked.decision_number,
                Inspection.decided_on == checked.decided_on,
            )
        )
    ):
        raise DecisionOnRecord(
            f"Quyết định số {checked.decision_number} ngày {checked.decided_on:%d/%m/%Y} đã được"
            " nhập rồi. Mở quyết định đó để sửa phạm vi."
        )
    inspection = Inspection(
        id=new_id(), agency_id=by.agency_id, created_at=at, created_by=by.person_id
    )
    _write(inspection, checked)
    session.add(inspection)
    session.flush()  # The units' foreign key needs the row.
    _write_units(session, inspection.id, checked.unit_ids)
    _record(session, "inspection.decided", inspection, checked.unit_ids, by=by, at=at)
    return inspection.id


def amend(
    session: Session, inspection_id: UUID, decision: Decision, *, by: Principal, at: datetime
) -> None:
    """Change what a decision says while it has not ended. Raises what `decide` raises."""
    _require_decider(by)
    inspection = _open_inspection(session, inspection_id, by=by, at=at)
    checked = _checked(session, decision, by=by, at=at)
    _write(inspection, checked)
    session.execute(delete(InspectionUnit).where(InspectionUnit.inspection_id == inspection_id))
    _write_units(session, inspection_id, checked.unit_ids)
    _record(session, "inspection.amended", inspection, checked.unit_ids, by=by, at=at)


def end(session: Session, inspection_id: UUID, *, by: Principal, at: datetime) -> None:
    """End an inspection before its last day: the archive closes for it at once."""
    _require_decider(by)
    inspection = _open_inspection(session, inspection_id, by=by, at=at)
    inspection.ended_at, inspection.ended_by = at, by.person_id
    _record(session, "inspection.ended", inspection, (), by=by, at=at)


def _require_decider(by: Principal) -> None:
    if by.position_kind not in rules.MAY_DECIDE:
        raise MayNotDecide(
            "Chỉ lãnh đạo cơ quan hoặc quản trị hệ thống được nhập quyết định thanh tra."
        )


def _open_inspection(
    session: Session, inspection_id: UUID, *, by: Principal, at: datetime
) -> Inspection:
    inspection = session.scalars(
        select(Inspection)
        .where(Inspection.id == inspection_id, Inspection.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if inspection is None:
        raise InspectionUnknown("Không có quyết định thanh tra này ở cơ quan đang làm việc.")
    state = rules.inspection_state(
        inspection.valid_from, inspection.valid_to, inspection.ended_at, on=civil_date(at)
    )
    if state is InspectionState.OVER:
        raise InspectionOver("Cuộc thanh tra đã kết thúc nên không thay đổi được nữa.")
    return inspection


def _checked(session: Session, decision: Decision, *, by: Principal, at: datetime) -> Decision:
    faults: dict[str, str] = {}
    number = decision.decision_number.strip()
    title = decision.title.strip()
    if not number:
        faults["decision_number"] = "Ghi số, ký hiệu của quyết định."
    if not title:
        faults["title"] = "Ghi nội dung thanh tra."
    if decision.valid_to < decision.valid_from:
        faults["valid_to"] = "Ngày cuối phải từ ngày bắt đầu trở đi."
    if decision.valid_to < civil_date(at):
        faults["valid_to"] = "Thời gian thanh tra đã qua."
    if not decision.kinds:
        faults["kinds"] = "Chọn ít nhất một loại hồ sơ."
    years = _years(decision.school_years, faults)
    if not decision.unit_ids:
        faults["unit_ids"] = "Chọn ít nhất một đơn vị được thanh tra."
    elif not _are_within(session, decision.unit_ids, by.agency_id):
        faults["unit_ids"] = "Chỉ thanh tra được đơn vị thuộc cơ quan ra quyết định."
    if not _is_inspector(session, decision.inspector_id, by=by, at=at):
        faults["inspector_id"] = "Người này không giữ chức danh thanh tra viên của cơ quan."
    if faults:
        raise Invalid("Quyết định thanh tra chưa nhập được.", fields=faults)
    return Decision(
        decision_number=number,
        decided_on=decision.decided_on,
        title=title,
        inspector_id=decision.inspector_id,
        unit_ids=tuple(dict.fromkeys(decision.unit_ids)),
        kinds=tuple(dict.fromkeys(decision.kinds)),
        school_years=years,
        valid_from=decision.valid_from,
        valid_to=decision.valid_to,
    )


def _years(texts: Iterable[str], faults: dict[str, str]) -> tuple[str, ...]:
    try:
        years = tuple(dict.fromkeys(rules.school_year(text) for text in texts))
    except Invalid as invalid:
        faults["school_years"] = invalid.detail
        return ()
    if not years:
        faults["school_years"] = "Ghi ít nhất một năm học, ví dụ 2024-2025."
    return years


def _are_within(session: Session, unit_ids: tuple[UUID, ...], agency_id: UUID) -> bool:
    return all(session.scalar(select(func.is_within(one, agency_id))) for one in unit_ids)


def _is_inspector(session: Session, person_id: UUID, *, by: Principal, at: datetime) -> bool:
    held = people.appointments_of(session, person_id, at=at)
    return any(one.kind is PositionKind.INSPECTOR and one.agency_id == by.agency_id for one in held)


def _write(inspection: Inspection, decision: Decision) -> None:
    inspection.decision_number = decision.decision_number
    inspection.decided_on = decision.decided_on
    inspection.title = decision.title
    inspection.inspector_id = decision.inspector_id
    inspection.kinds = [kind.value for kind in decision.kinds]
    inspection.school_years = list(decision.school_years)
    inspection.valid_from, inspection.valid_to = decision.valid_from, decision.valid_to


def _write_units(session: Session, inspection_id: UUID, unit_ids: Iterable[UUID]) -> None:
    for unit_id in unit_ids:
        session.add(InspectionUnit(inspection_id=inspection_id, unit_id=unit_id))


def _record(
    session: Session,
    action: str,
    inspection: Inspection,
    unit_ids: Iterable[UUID],
    *,
    by: Principal,
    at: datetime,
) -> None:
    audit.record(
        session,
        action,
        object_kind="inspection",
        object_id=inspection.id,
        by=by,
        at=at,
        details={
            "inspector_id": inspection.inspector_id,
            "unit_ids": [str(one) for one in unit_ids],
            "kinds": inspection.kinds,
            "school_years": inspection.school_years,
            "valid_from": inspection.valid_from,
            "valid_to": inspection.valid_to,
        },
    )
