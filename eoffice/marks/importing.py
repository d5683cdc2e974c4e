"""Marks that come in sheets: an upload is read, its faults listed, and it is accepted as a whole.

The edge stores the bytes and reads the workbook (`workbook`, `marks_sheet`) before the transaction.
A sheet is the full state of its subject and semester: a cell that is empty in it takes back the
mark that was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Verdict
from eoffice.audit import actions as audit
from eoffice.classes import actions, rules, staff_queries
from eoffice.db import new_id
from eoffice.errors import Conflict, NotAllowed
from eoffice.marks import record_queries, upload_queries
from eoffice.marks.marks_sheet import ReadMark, SheetReading
from eoffice.marks.model import ImportedMark, ImportedSheet, ImportFault, Mark, MarkImport
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
    is_good = bool(codes) and all(reading.is_acceptable for reading in readings)
    row = MarkImport(
        id=new_id(),
        class_id=class_id,
        school_id=school_class.school_id,
        file_name=file_name[-LONGEST_FILE_NAME:],
        content_sha256=str(content_sha256),
        state=ImportState.READY if is_good else ImportState.FAULTY,
        uploaded_by=by.person_id,
        uploaded_at=at,
    )
    session.add(row)
    session.flush()  # Sheets, marks and faults point to the row.
    for ordinal, reading in enumerate(readings, start=1):
        _add_sheet(session, row, ordinal, reading)
    faults = [fault for reading in readings for fault in reading.faults]
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
        sha256=str(content_sha256), subjects=sorted(codes),
    )  # fmt: skip
    return row.id


def accept(session: Session, import_id: UUID, *, by: Principal, at: datetime) -> Accepted:
    """Write the marks of an upload into the register, in place of those of its subjects.

    Raises ImportRefused when it has faults, was accepted before, or names a pupil who has left the
    class meanwhile; NotYourSubject, BookBinds.
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
    covered = {
        (sheet.subject_code, sheet.semester)
        for sheet in session.scalars(
            select(ImportedSheet).where(ImportedSheet.import_id == import_id)
        )
        if sheet.subject_code is not None and sheet.semester is not None
    }
    codes = {subject for subject, _ in covered}
    if not rules.may_enter_marks(
        staff_queries.actor(by), staff_queries.staff(session, row.class_id), codes
    ):
        raise NotYourSubject("Bạn không dạy môn học có trong tệp ở lớp này.")
    old = record_queries.cells(session, row.class_id, only=covered)
    new = upload_queries.imported_cells(session, import_id)
    pupils = actions.pupil_ids(session, row.class_id)
    if not {code for code, _ in new} <= pupils.keys():
        raise ImportRefused(
            "Danh sách lớp đã thay đổi sau khi tải tệp lên. Hãy tải bảng điểm lên lại."
        )
    session.execute(
        delete(Mark).where(
            Mark.class_id == row.class_id,
            tuple_(Mark.subject_code, Mark.semester).in_(sorted(covered)),
        )
    )
    session.execute(
        insert(Mark),
        [
            {
                "class_id": row.class_id,
                "pupil_id": pupils[code],
                "subject_code": subject,
                "semester": semester,
                "part": part,
                "place": place,
                "school_id": row.school_id,
                "score": value if isinstance(value, Decimal) else None,
                "verdict": value if isinstance(value, Verdict) else None,
                "import_id": import_id,
            }
            for (code, (subject, semester, part, place)), value in new.items()
        ],
    )
    row.state = ImportState.ACCEPTED
    row.accepted_by = by.person_id
    row.accepted_at = at
    accepted = Accepted(
        added=len(new.keys() - old.keys()),
        changed=sum(old[key] != new[key] for key in old.keys() & new.keys()),
        removed=len(old.keys() - new.keys()),
    )
    _record(
        session, "marks.accepted", row, by=by, at=at, added=accepted.added,
        changed=accepted.changed, removed=accepted.removed, subjects=sorted(codes),
    )  # fmt: skip
    return accepted


def _add_sheet(session: Session, row: MarkImport, ordinal: int, reading: SheetReading) -> None:
    session.add(
        ImportedSheet(
            import_id=row.id,
            ordinal=ordinal,
            school_id=row.school_id,
            name=reading.sheet,
            subject_code=reading.subject_code,
            semester=reading.semester,
        )
    )
    if reading.marks:
        session.execute(
            insert(ImportedMark), [_imported(row, ordinal, mark) for mark in reading.marks]
        )


def _imported(row: MarkImport, ordinal: int, mark: ReadMark) -> dict[str, object]:
    return {
        "import_id": row.id,
        "sheet_ordinal": ordinal,
        "pupil_code": mark.pupil_code,
        "part": mark.part,
        "place": mark.place,
        "school_id": row.school_id,
        "score": mark.value if isinstance(mark.value, Decimal) else None,
        "verdict": mark.value if isinstance(mark.value, Verdict) else None,
    }


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
