"""The worker's part of a list: what was read is kept by class, and classes are taken one by one.

A class is planned anew in the transaction that writes it, with the class locked; so what somebody
did since the list was looked at is not undone, and a list that is taken twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import actions as class_actions
from eoffice.classes import curricula, movement_actions, pupil_queries
from eoffice.classes.actions import NewSubject
from eoffice.classes.collation import name_key
from eoffice.classes.import_states import ImportStep, SchoolImportState
from eoffice.classes.lists import columns as list_columns
from eoffice.classes.lists import planning, reading, record_queries
from eoffice.classes.lists.actions import record, step
from eoffice.classes.lists.columns import Columns
from eoffice.classes.lists.model import ListImport, ListImportClass
from eoffice.classes.lists.planning import ClassPlan
from eoffice.classes.lists.reading import Fault, Listed, Reading, Unclear
from eoffice.classes.model import Enrolment, SchoolClass
from eoffice.clock import civil_date
from eoffice.errors import Refusal
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid
from eoffice.people import acting
from eoffice.people import queries as people
from eoffice.web.principal import Principal

READER = "worker:classes.read_list"
TAKER = "worker:classes.take_list"


def readings(
    grids: Sequence[Grid],
    known: Mapping[str, Columns],
    sheets: Sequence[Mapping[str, Any]],
    today: date,
) -> dict[str, Reading]:
    """Every worksheet as it was read, but for those that are skipped. Pure."""
    said = {sheet["name"]: sheet for sheet in sheets}
    found = {}
    for grid in grids:
        about = said.get(grid.name, {})
        if about.get("is_skipped") or not grid.rows:
            continue
        columns = list_columns.found_again(grid, known) or list_columns.recognised(grid)
        if columns is None:
            reason = (
                "Không tìm thấy dòng tiêu đề có họ tên và mã, số định danh hoặc ngày sinh. "
                "Hãy chỉ ra các cột, hoặc bỏ qua trang này."
            )
            unclear = Unclear(grid.name, 1, reason, is_without_header=True)
            found[grid.name] = Reading(unclear=unclear)
        else:
            named = reading.class_name_of(about.get("class_name", ""))
            found[grid.name] = reading.read(grid, columns, class_name=named, today=today)
    return found


def end_reading(
    session: Session,
    import_id: UUID,
    names: Sequence[str],
    found: Mapping[str, Reading],
    *,
    at: datetime,
) -> None:
    """Keep what was read, in place of an earlier reading, and say how the file stands."""
    row = _locked(session, import_id)
    if row.state is not SchoolImportState.READING:
        return
    session.execute(delete(ListImportClass).where(ListImportClass.import_id == import_id))
    listed: dict[str, list[Listed]] = defaultdict(list)
    faults: dict[str, list[Fault]] = defaultdict(list)
    names_of: dict[str, str] = {}
    every = [one for reading_ in found.values() for one in reading_.listed]
    for one in every:
        key = planning.bare(one.class_name)
        names_of.setdefault(key, one.class_name)
        listed[key].append(one)
    for reading_ in found.values():
        for class_name, fault in reading_.faults:
            faults[planning.bare(class_name)].append(fault)
    for class_name, fault in reading.doubles(every):
        faults[planning.bare(class_name)].append(fault)
    teachers = _teachers(session, row, at)
    in_order = sorted(names_of.items(), key=lambda n: (reading.grade_of(n[1]) or 99, n[1]))
    for ordinal, (key, name) in enumerate(in_order, start=1):
        led_by = next((one.homeroom for one in listed[key] if one.homeroom), "")
        session.add(
            ListImportClass(
                import_id=import_id,
                ordinal=ordinal,
                school_id=row.school_id,
                name=name,
                grade=reading.grade_of(name),
                listed=msgspec.to_builtins(listed[key]),
                faults=msgspec.to_builtins(faults[key]),
                homeroom_teacher_id=teachers.get(folded(led_by)),
                taken_at=None,
                refused=None,
            )
        )
    asked = _keep_sheets(row, names, found, has_pupils=bool(every))
    session.flush()  # The plans are made of what is kept.
    has_faults = any(part.has_errors for part in record_queries.planned_of(session, row))
    if asked or not every:
        step(row, ImportStep.READ_UNCLEAR)
    else:
        step(row, ImportStep.READ_FAULTY if has_faults else ImportStep.READ_WELL)
    record(
        session, "list_import.read", row, by=READER, at=at, classes=len(in_order),
        pupils=len(every), state=row.state.value,
    )  # fmt: skip


def fail(session: Session, import_id: UUID, why: str, *, at: datetime) -> None:
    """The file cannot be read at all; `why` is a sentence for the person."""
    row = _locked(session, import_id)
    if row.state is SchoolImportState.READING:
        step(row, ImportStep.FAIL)
        row.failure = why
        record(session, "list_import.failed", row, by=READER, at=at)


def take_class(session: Session, import_id: UUID, ordinal: int, *, at: datetime) -> None:
    """Take one class; a refusal is kept with it, and the other classes go on. Idempotent."""
    row = _locked(session, import_id)
    part = session.get_one(ListImportClass, (import_id, ordinal))
    if part.taken_at is None and part.refused is None:
        try:
            with session.begin_nested():
                _take(session, row, part, at)
                part.taken_at = at
        except Refusal as refusal:
            part.refused = refusal.detail
        session.flush()
    waiting = session.scalar(
        select(func.count())
        .select_from(ListImportClass)
        .where(
            ListImportClass.import_id == import_id,
            ListImportClass.taken_at.is_(None),
            ListImportClass.refused.is_(None),
        )
    )
    if row.state is SchoolImportState.ACCEPTING and not waiting:
        step(row, ImportStep.FINISH)
        record(session, "list_import.finished", row, by=TAKER, at=at)


def _take(session: Session, row: ListImport, part: ListImportClass, at: datetime) -> None:
    by = _principal(session, row)
    listed = record_queries.listed_of(part.listed)
    open_now = planning.by_bare_name(
        record_queries.classes_of(session, row.school_id, row.school_year)
    )
    class_id = open_now.get(planning.bare(part.name))
    if class_id is not None:
        class_actions.locked(session, class_id)
    on_record = record_queries.record_of(session, row.school_id, row.school_year, listed)
    plan = planning.planned(listed, on_record, class_id=class_id, class_name=part.name)
    if plan.faults:
        raise class_actions.ClassInvalid(plan.faults[0].sentence)
    for known, becomes in plan.rewritten:
        pupil = pupil_queries.locked(session, known.id)
        movement_actions.rewrite(
            session, pupil, becomes, f"Nhập danh sách từ tệp {row.file_name}", by=by, at=at
        )
    if class_id is None:
        class_id = _open(session, row, part, plan, by, at)
    elif plan.added or plan.entered:
        _append(session, class_id, plan, at)
    audit.record(
        session, "class.list_taken", object_kind="class", object_id=class_id, by=by, at=at,
        details={
            "import": row.id,
            "added": len(plan.added),
            "entered": len(plan.entered),
            "changed": len(plan.cells),
        },
    )  # fmt: skip


def _open(
    session: Session,
    row: ListImport,
    part: ListImportClass,
    plan: ClassPlan,
    by: Principal,
    at: datetime,
) -> UUID:
    """Open the class; its homeroom teacher stands in until somebody assigns the subjects."""
    assert part.grade is not None  # A name without a grade is a fault.
    assert part.homeroom_teacher_id is not None  # Accepting asked for one.
    taught = curricula.of_grade(session, part.grade, row.school_year, row.school_id)
    return class_actions.open_class(
        session,
        name=part.name,
        grade=part.grade,
        school_year=row.school_year,
        homeroom_teacher_id=part.homeroom_teacher_id,
        taught=[
            NewSubject(one.code, part.homeroom_teacher_id, is_assigned=False) for one in taught
        ],
        pupils=[*plan.added, *(one.pupil for one in plan.entered)],
        by=by,
        at=at,
    )


def _append(session: Session, class_id: UUID, plan: ClassPlan, at: datetime) -> None:
    school_class = session.get_one(SchoolClass, class_id)
    class_actions.require_unbound(session, school_class)
    last = session.scalar(
        select(func.coalesce(func.max(Enrolment.ordinal), 0)).where(Enrolment.class_id == class_id)
    )
    assert last is not None
    fresh = {
        (name_key(new.name), new.code): class_actions.add_pupil(
            session, school_class.school_id, new
        )
        for new in plan.added
    } | {(name_key(one.pupil.name), one.pupil.code): one.id for one in plan.entered}
    session.flush()  # Enrolments point to the pupils.
    for _, pupil_id in sorted(fresh.items()):
        before = session.get(Enrolment, (class_id, pupil_id))
        if before is not None:
            before.to_on = None
            continue
        last += 1
        session.add(
            Enrolment(
                class_id=class_id,
                pupil_id=pupil_id,
                school_id=school_class.school_id,
                ordinal=last,
                from_on=civil_date(at),
            )
        )


def _keep_sheets(
    row: ListImport, names: Sequence[str], found: Mapping[str, Reading], *, has_pupils: bool
) -> int:
    """Write down what is not clear of each sheet; how many a person has to be asked about."""
    before = {sheet["name"]: sheet for sheet in row.sheets}
    asked = 0
    sheets = []
    for ordinal, name in enumerate(names, start=1):
        said = before.get(name, {})
        reading_ = found.get(name)
        unclear = None if reading_ is None else reading_.unclear
        is_asked = unclear is not None and not (unclear.is_without_header and has_pupils)
        asked += is_asked
        sheets.append(
            {
                "ordinal": ordinal,
                "name": name,
                "is_skipped": bool(said.get("is_skipped")),
                "class_name": said.get("class_name", ""),
                "pupils": 0 if reading_ is None else len(reading_.listed),
                "unclear": unclear.reason if unclear is not None and is_asked else None,
                "row": unclear.row if unclear is not None else None,
                "unknown": [] if reading_ is None else [list(one) for one in reading_.unknown],
            }
        )
    row.sheets = sheets
    return asked


def _teachers(session: Session, row: ListImport, at: datetime) -> dict[str, UUID]:
    """Who works at the school by name as compared, where only one has it."""
    found: dict[str, set[UUID]] = defaultdict(set)
    for one in people.persons_in(session, row.school_id, at=at):
        found[folded(one.full_name)].add(one.person_id)
    return {name: next(iter(ids)) for name, ids in found.items() if name and len(ids) == 1}


def _locked(session: Session, import_id: UUID) -> ListImport:
    return session.scalars(
        select(ListImport)
        .where(ListImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _principal(session: Session, row: ListImport) -> Principal:
    """Who accepted it, in the position in which they did."""
    return acting.principal_of(session, row.appointment_id)
