"""Marks that come in sheets: an upload is read, its faults listed, and it is accepted as a whole.

The edge stores the bytes and reads the workbook (`workbook`, `marks_sheet`) before the transaction.
A sheet is the full state of the columns that it has: a cell that is empty in it takes back the mark
that was there. What was replaced is kept (`mark_changes`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Verdict
from eoffice.audit import actions as audit
from eoffice.classes import actions, rules, staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.db import new_id
from eoffice.errors import Conflict, NotAllowed
from eoffice.marks import differences, lock_actions, lock_rules, upload_queries
from eoffice.marks.import_model import SchoolImport
from eoffice.marks.marks_sheet import SheetReading
from eoffice.marks.model import ImportedMark, ImportedSheet, ImportFault, MarkImport
from eoffice.marks.sheet_faults import Fault, FaultKind, Severity
from eoffice.marks.states import IMPORT_NAMES, ImportState
from eoffice.objects.sha256 import Sha256
from eoffice.web.principal import Principal

LONGEST_FILE_NAME = 200


class NotYourSubject(NotAllowed):
    """The workbook holds marks of a subject that this person does not teach in the class."""


class ImportRefused(Conflict):
    """The upload has faults or was accepted before, so it cannot be accepted."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many cells of the register an accepted upload changed."""

    added: int
    changed: int
    removed: int


def record_upload(
    session: Session,
    class_id: UUID,
    readings: Sequence[SheetReading],
    *,
    file_name: str,
    content_sha256: Sha256,
    by: Principal,
    at: datetime,
) -> UUID:
    """Put an upload on record with everything that was read from it and every fault.

    READY when no sheet has an error, FAULTY else; nothing of it is in the register yet.
    Raises NotYourSubject, BookBinds.
    """
    school_class = actions.locked(session, class_id)
    codes = {reading.subject_code for reading in readings if reading.subject_code is not None}
    if not rules.may_enter_marks(
        staff_queries.actor(by), staff_queries.staff(session, class_id), codes
    ):
        raise NotYourSubject(
            f"Giáo viên chủ nhiệm lớp {school_class.name} nhập điểm mọi môn; giáo viên môn học chỉ "
            "nhập điểm môn mình dạy trong lớp."
        )
    actions.require_unbound(session, school_class)
    return _put_on_record(
        session, school_class, readings, [], file_name=file_name, sha256=str(content_sha256),
        school_import_id=None, by=by, at=at,
    )  # fmt: skip


def record_part(
    session: Session,
    whole: SchoolImport,
    class_id: UUID,
    readings: Sequence[SheetReading],
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """The same for one class of a school's file; what cannot be is a fault of the class."""
    school_class = actions.locked(session, class_id)
    session.execute(
        update(MarkImport)
        .where(
            MarkImport.school_import_id == whole.id,
            MarkImport.class_id == class_id,
            MarkImport.state.in_((ImportState.READY, ImportState.FAULTY)),
        )
        .values(state=ImportState.SUPERSEDED)
    )
    refused: list[Fault] = []
    first = readings[0].sheet if readings else whole.file_name
    codes = {reading.subject_code for reading in readings if reading.subject_code is not None}
    if not _may_bring(session, class_id, codes, by):
        refused.append(
            _fault_of_class(
                first, FaultKind.NOT_YOURS,
                f"Trong tệp có điểm của môn mà bạn không dạy ở lớp {school_class.name}.",
            )
        )  # fmt: skip
    try:
        actions.require_unbound(session, school_class)
    except actions.BookBinds as binding:
        refused.append(_fault_of_class(first, FaultKind.COLUMN_LOCKED, binding.detail))
    return _put_on_record(
        session, school_class, readings, refused, file_name=whole.file_name,
        sha256=whole.content_sha256, school_import_id=whole.id, by=by, at=at,
    )  # fmt: skip


def accept(session: Session, import_id: UUID, *, by: Principal, at: datetime) -> Accepted:
    """Write the marks of an upload into the register: what differs, and nothing else.

    Raises ImportRefused when it has faults, was accepted before, or names a pupil who has left the
    class meanwhile; MarksLocked when a column that would change is locked; NotYourSubject,
    BookBinds.
    """
    school_class = actions.locked(session, upload_queries.import_class(session, import_id))
    row = session.scalars(
        select(MarkImport).where(MarkImport.id == import_id).with_for_update()
    ).one()
    if row.state is not ImportState.READY:
        raise ImportRefused(
            f"Lần nhập điểm này ở trạng thái “{IMPORT_NAMES[row.state]}” nên không chấp nhận được. "
            "Hãy sửa tệp và tải lên lại."
        )
    actions.require_unbound(session, school_class)
    sheets = session.scalars(
        select(ImportedSheet.subject_code).where(ImportedSheet.import_id == import_id)
    )
    codes = {code for code in sheets if code is not None}
    may = (
        _may_bring(session, row.class_id, codes, by)
        if row.school_import_id is not None
        else rules.may_enter_marks(
            staff_queries.actor(by), staff_queries.staff(session, row.class_id), codes
        )
    )
    if not may:
        raise NotYourSubject("Bạn không dạy môn học có trong tệp ở lớp này.")
    pupils = actions.pupil_ids(session, row.class_id)
    named = session.scalars(
        select(ImportedMark.pupil_code).where(ImportedMark.import_id == import_id).distinct()
    )
    if not set(named) <= pupils.keys():
        raise ImportRefused(
            "Danh sách lớp đã thay đổi sau khi tải tệp lên. Hãy tải bảng điểm lên lại."
        )
    lock_actions.require_open(session, school_class, differences.places(session, import_id), at=at)
    done = differences.apply(session, import_id, changed_by=by.person_id, at=at)
    row.state = ImportState.ACCEPTED
    row.accepted_by = by.person_id
    row.accepted_at = at
    _record(
        session, "marks.accepted", row, by=by, at=at, added=done.added,
        changed=done.changed, removed=done.removed, subjects=sorted(codes),
    )  # fmt: skip
    return Accepted(done.added, done.changed, done.removed)


def _may_bring(session: Session, class_id: UUID, codes: Collection[str], by: Principal) -> bool:
    """Of a school's file: the office brings what the school has, teachers what they teach.

    Each teacher confirms the marks of the subject by signing, whoever brought them in.
    """
    actor, staff = staff_queries.actor(by), staff_queries.staff(session, class_id)
    is_office = actor.agency_id == staff.school_id and actor.kind in rules.OFFICE
    return is_office or rules.may_enter_marks(actor, staff, codes)


def _put_on_record(
    session: Session,
    school_class: SchoolClass,
    readings: Sequence[SheetReading],
    refused: Sequence[Fault],
    *,
    file_name: str,
    sha256: str,
    school_import_id: UUID | None,
    by: Principal,
    at: datetime,
) -> UUID:
    codes = {reading.subject_code for reading in readings if reading.subject_code is not None}
    row = MarkImport(
        id=new_id(),
        class_id=school_class.id,
        school_id=school_class.school_id,
        file_name=file_name[-LONGEST_FILE_NAME:],
        content_sha256=sha256,
        state=ImportState.FAULTY,
        uploaded_by=by.person_id,
        uploaded_at=at,
        school_import_id=school_import_id,
    )
    session.add(row)
    session.flush()  # Sheets, marks and faults point to the row.
    for ordinal, reading in enumerate(readings, start=1):
        _add_sheet(session, row, ordinal, reading)
    session.flush()
    _add_marks(session, row, readings)
    faults = [*refused, *_locked_columns(session, school_class, row, readings, at)]
    faults += [fault for reading in readings for fault in reading.faults]
    if codes and not any(fault.severity is Severity.ERROR for fault in faults):
        row.state = ImportState.READY
    session.add_all(
        ImportFault(
            import_id=row.id,
            ordinal=ordinal,
            school_id=row.school_id,
            sheet=fault.sheet,
            row_number=fault.row,
            column_letters=fault.column,
            kind=fault.kind,
            severity=fault.severity,
            sentence=fault.sentence,
        )
        for ordinal, fault in enumerate(faults, start=1)
    )
    _record(
        session, "marks.uploaded", row, by=by, at=at, state=row.state.value, faults=len(faults),
        sha256=sha256, subjects=sorted(codes),
    )  # fmt: skip
    return row.id


def _locked_columns(
    session: Session,
    school_class: SchoolClass,
    row: MarkImport,
    readings: Sequence[SheetReading],
    at: datetime,
) -> list[Fault]:
    """A fault for each locked column in which the upload would change something."""
    locks = lock_actions.locks_of(session, school_class.school_id, school_class.school_year)
    if not locks:
        return []
    sheets = {(one.subject_code, one.semester): one.sheet for one in readings}
    found = []
    for place in differences.places(session, row.id):
        held = lock_rules.holding(locks, place, at=at)
        if held is not None:
            sentence = lock_actions.refused(session, held, place, school_class).detail
            sheet = sheets[place.subject_code, place.semester]
            found.append(_fault_of_class(sheet, FaultKind.COLUMN_LOCKED, sentence))
    return found


def _fault_of_class(sheet: str, kind: FaultKind, sentence: str) -> Fault:
    return Fault(sheet, 1, "A", kind, Severity.ERROR, sentence)


def _add_sheet(session: Session, row: MarkImport, ordinal: int, reading: SheetReading) -> None:
    session.add(
        ImportedSheet(
            import_id=row.id,
            ordinal=ordinal,
            school_id=row.school_id,
            name=reading.sheet,
            subject_code=reading.subject_code,
            semester=reading.semester,
            covered=None
            if reading.covered is None
            else [[part.value, place] for part, place in reading.covered],
        )
    )


def _add_marks(session: Session, row: MarkImport, readings: Sequence[SheetReading]) -> None:
    """All marks of an upload in one statement: a school's file has a hundred thousand."""
    marks = [
        (ordinal, mark)
        for ordinal, reading in enumerate(readings, start=1)
        for mark in reading.marks
    ]
    if not marks:
        return
    session.execute(
        text(
            "insert into imported_marks (import_id, school_id, sheet_ordinal, pupil_code, part,"
            " place, score, verdict)"
            " select :import_id, :school_id, * from unnest(cast(:ordinals as integer[]),"
            " cast(:codes as text[]), cast(:parts as text[]), cast(:places as integer[]),"
            " cast(:scores as numeric[]), cast(:verdicts as text[]))"
        ),
        {
            "import_id": row.id,
            "school_id": row.school_id,
            "ordinals": [ordinal for ordinal, _ in marks],
            "codes": [mark.pupil_code for _, mark in marks],
            "parts": [mark.part.value for _, mark in marks],
            "places": [mark.place for _, mark in marks],
            "scores": [None if isinstance(m.value, Verdict) else m.value for _, m in marks],
            "verdicts": [m.value.value if isinstance(m.value, Verdict) else None for _, m in marks],
        },
    )


def _record(
    session: Session,
    action: str,
    row: MarkImport,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="class",
        object_id=row.class_id,
        by=by,
        at=at,
        details={"import_id": row.id, **details},
    )
