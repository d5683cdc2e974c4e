"""Marks of a whole school at once: brought, made clear, read and accepted class by class.

The bytes are stored before; the worker reads them (`school_reading`). Each class of the file has an
upload of its own (`mark_imports`), with its faults, and is accepted in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.classes import import_states, rules, staff_queries
from eoffice.classes.import_states import ImportKind, ImportStep, SchoolImportState
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from eoffice.marks import importing, mapping
from eoffice.marks.import_model import MarkLayout, SchoolImport, SchoolImportSheet
from eoffice.marks.model import MarkImport
from eoffice.marks.sections import Said, Unplaced
from eoffice.marks.states import ImportState
from eoffice.objects.sha256 import Sha256
from eoffice.people import acting
from eoffice.web.principal import Principal

LONGEST_NAME = 200


class SchoolImportUnknown(NotFound):
    """There is no such import, or the acting unit may not know of it."""


class NothingToAccept(Conflict):
    """No class of the file is without faults."""


def begin(
    session: Session,
    *,
    school_year: str,
    file_name: str,
    content_sha256: Sha256,
    media_type: str,
    by: Principal,
    at: datetime,
) -> UUID:
    """Put a file on record and have it read. Raises NotAllowed, Invalid."""
    _require_may_bring(session, school_year, by)
    row = SchoolImport(
        id=new_id(),
        school_id=by.agency_id,
        school_year=school_year,
        kind=ImportKind.MARKS,
        file_name=file_name[-LONGEST_NAME:],
        content_sha256=str(content_sha256),
        media_type=media_type,
        state=SchoolImportState.READING,
        failure=None,
        sheets=0,
        sheets_read=0,
        uploaded_by=by.person_id,
        appointment_id=by.appointment_id,
        uploaded_at=at,
        accepted_at=None,
    )
    session.add(row)
    _have_read(session, row, at)
    _record(session, "school_import.uploaded", row, by=by, at=at, sha256=str(content_sha256))
    return row.id


def explain_sheets(
    session: Session, import_id: UUID, said: Mapping[int, Said], *, by: Principal, at: datetime
) -> None:
    """Say of worksheets, by their ordinal, what they do not say themselves; the file is read anew.

    Raises SchoolImportUnknown, NotAllowed, ImportStepRefused, Invalid for a class of elsewhere.
    """
    row = _locked(session, import_id, by)
    own = set(
        session.scalars(
            select(SchoolClass.id).where(
                SchoolClass.school_id == row.school_id, SchoolClass.school_year == row.school_year
            )
        )
    )
    for ordinal, one in said.items():
        if one.class_id is not None and one.class_id not in own:
            raise Invalid("Trường không có lớp này trong năm học của tệp.")
        session.execute(
            update(SchoolImportSheet)
            .where(SchoolImportSheet.import_id == import_id, SchoolImportSheet.ordinal == ordinal)
            .values(
                is_skipped=one.is_skipped,
                class_id=one.class_id,
                subject_code=one.subject_code,
                semester=one.semester,
            )
        )
    _step(row, ImportStep.EXPLAIN)
    _have_read(session, row, at)
    _record(session, "school_import.explained", row, by=by, at=at, sheets=len(said))


def explain_layout(
    session: Session,
    import_id: UUID,
    *,
    signature: str,
    name: str,
    columns: mapping.Mapping,
    by: Principal,
    at: datetime,
) -> None:
    """Say what the columns of a layout mean: kept for the school, and the file is read anew.

    Raises SchoolImportUnknown, NotAllowed, ImportStepRefused, MappingRefused.
    """
    row = _locked(session, import_id, by)
    kept = {
        "name": " ".join(name.split())[:LONGEST_NAME] or row.file_name,
        "mapping": mapping.as_json(mapping.checked(columns)),
        "explained_by": by.person_id,
        "explained_at": at,
    }
    session.execute(
        upsert(MarkLayout)
        .values(id=new_id(), school_id=row.school_id, signature=signature, **kept)
        .on_conflict_do_update(constraint="uq_mark_layouts_school_id", set_=kept)
    )
    _step(row, ImportStep.EXPLAIN)
    _have_read(session, row, at)
    _record(session, "school_import.layout_explained", row, by=by, at=at, signature=signature)


def accept(session: Session, import_id: UUID, *, by: Principal, at: datetime) -> int:
    """Have the classes without faults written into the register: how many. The worker does it.

    Raises SchoolImportUnknown, NotAllowed, ImportStepRefused, NothingToAccept.
    """
    row = _locked(session, import_id, by)
    ready = session.scalars(
        select(MarkImport.id)
        .where(MarkImport.school_import_id == import_id, MarkImport.state == ImportState.READY)
        .order_by(MarkImport.id)
    ).all()
    if not ready:
        raise NothingToAccept("Không có lớp nào đọc được mà không có lỗi phải sửa.")
    _step(row, ImportStep.ACCEPT)
    row.accepted_at = at
    row.appointment_id = by.appointment_id
    outbox.promise_each(
        session, "marks.accept_class", [{"mark_import_id": one} for one in ready], at=at
    )
    _record(session, "school_import.accepted", row, by=by, at=at, classes=len(ready))
    return len(ready)


# --- The worker's part ---


def begin_reading(session: Session, import_id: UUID, names: Sequence[str]) -> dict[str, Said]:
    """The worksheets of the file are known: what was said of each, by its name."""
    kept = {
        row.name: row
        for row in session.scalars(
            select(SchoolImportSheet).where(SchoolImportSheet.import_id == import_id)
        )
    }
    row = session.get_one(SchoolImport, import_id)
    row.sheets, row.sheets_read = len(names), 0
    fresh = [name for name in names if name not in kept]
    if fresh:
        session.execute(
            insert(SchoolImportSheet),
            [
                {
                    "import_id": import_id,
                    "ordinal": ordinal,
                    "school_id": row.school_id,
                    "name": name,
                    "is_skipped": False,
                }
                for ordinal, name in enumerate(names, start=1)
                if name not in kept
            ],
        )
    return {
        name: Said(one.class_id, one.subject_code, one.semester, one.is_skipped)
        for name, one in kept.items()
    }


def forget_classes(session: Session, import_id: UUID, *, but: Sequence[UUID]) -> None:
    """Uploads of an earlier reading are no more: the file was explained anew."""
    session.execute(
        update(MarkImport)
        .where(
            MarkImport.school_import_id == import_id,
            MarkImport.state.in_((ImportState.READY, ImportState.FAULTY)),
            MarkImport.id.not_in(but),
        )
        .values(state=ImportState.SUPERSEDED)
    )


def end_reading(
    session: Session, import_id: UUID, unplaced: Sequence[Unplaced], *, by: str, at: datetime
) -> None:
    """Everything was read: whether something is unclear, faulty, or can be accepted."""
    row = _of_worker(session, import_id)
    if row.state is not SchoolImportState.READING:
        return
    session.execute(
        update(SchoolImportSheet)
        .where(SchoolImportSheet.import_id == import_id)
        .values(unclear=None, row_number=None, column_letters=None)
    )
    states = session.scalars(
        select(MarkImport.state).where(
            MarkImport.school_import_id == import_id,
            MarkImport.state.in_((ImportState.READY, ImportState.FAULTY)),
        )
    ).all()
    for one in reversed(unplaced):  # The first of a sheet stays.
        session.execute(
            update(SchoolImportSheet)
            .where(SchoolImportSheet.import_id == import_id, SchoolImportSheet.name == one.sheet)
            .values(unclear=one.reason, row_number=one.row, column_letters=one.column_letters)
        )
    asked = [one for one in unplaced if not (one.is_without_header and states)]
    if asked or not states:
        step = ImportStep.READ_UNCLEAR
    elif ImportState.FAULTY in states:
        step = ImportStep.READ_FAULTY
    else:
        step = ImportStep.READ_WELL
    _step(row, step)
    row.sheets_read = row.sheets
    _record(
        session, "school_import.read", row, by=by, at=at, classes=len(states), unclear=len(asked),
        state=row.state.value,
    )  # fmt: skip


def fail(session: Session, import_id: UUID, why: str, *, by: str, at: datetime) -> None:
    """The file cannot be read at all; `why` is a sentence for the person."""
    row = _of_worker(session, import_id)
    if row.state is SchoolImportState.READING:
        _step(row, ImportStep.FAIL)
        row.failure = why
        _record(session, "school_import.failed", row, by=by, at=at)


def accept_class(session: Session, mark_import_id: UUID, *, at: datetime) -> None:
    """Write one class; a refusal is kept with it, and the other classes go on. Idempotent."""
    part = session.get_one(MarkImport, mark_import_id)
    assert part.school_import_id is not None
    if part.state is ImportState.READY and part.refused is None:
        row = session.get_one(SchoolImport, part.school_import_id)
        try:
            with session.begin_nested():
                importing.accept(session, mark_import_id, by=principal_of(session, row), at=at)
        except Refusal as refusal:
            part.refused = refusal.detail
        session.flush()
    _finish(session, part.school_import_id, at=at)


def _finish(session: Session, import_id: UUID, *, at: datetime) -> None:
    row = _of_worker(session, import_id)
    waiting = session.scalar(
        select(func.count())
        .select_from(MarkImport)
        .where(
            MarkImport.school_import_id == import_id,
            MarkImport.state == ImportState.READY,
            MarkImport.refused.is_(None),
        )
    )
    if row.state is SchoolImportState.ACCEPTING and not waiting:
        _step(row, ImportStep.FINISH)
        _record(session, "school_import.finished", row, by="worker:marks.accept_class", at=at)


def forget_layout(session: Session, layout_id: UUID, *, by: Principal, at: datetime) -> None:
    """A layout was explained wrongly: it is asked for again. Raises NotFound, NotAllowed."""
    row = session.get(MarkLayout, layout_id)
    if row is None or row.school_id != by.agency_id:
        raise NotFound("Không có mẫu cột này.")
    if staff_queries.actor(by).kind not in rules.OFFICE and row.explained_by != by.person_id:
        raise NotAllowed("Chỉ người đã chỉ ra các cột, ban giám hiệu và văn thư bỏ được mẫu này.")
    session.execute(delete(MarkLayout).where(MarkLayout.id == layout_id))
    audit.record(
        session, "school_import.layout_forgotten", object_kind="mark_layout", object_id=layout_id,
        by=by, at=at, details={"signature": row.signature},
    )  # fmt: skip


# --- Parts ---


def _have_read(session: Session, row: SchoolImport, at: datetime) -> None:
    session.flush()
    outbox.promise(session, "marks.read_import", at=at, import_id=row.id)


def _require_may_bring(session: Session, school_year: str, by: Principal) -> None:
    classes = session.scalars(
        select(SchoolClass).where(
            SchoolClass.school_id == by.agency_id, SchoolClass.school_year == school_year
        )
    ).all()
    if not classes:
        raise Invalid(f"Trường chưa mở lớp nào trong năm học {school_year}.")
    if staff_queries.actor(by).kind in rules.OFFICE:
        return
    if any(one.homeroom_teacher_id == by.person_id for one in classes):
        return
    teaches = select(ClassSubject.code).where(
        ClassSubject.class_id.in_([one.id for one in classes]),
        ClassSubject.teacher_id == by.person_id,
    )
    if session.scalar(teaches.limit(1)) is None:
        raise NotAllowed(
            "Chỉ giáo viên có lớp dạy trong năm học, ban giám hiệu và văn thư nhập được điểm."
        )


def _locked(session: Session, import_id: UUID, by: Principal) -> SchoolImport:
    row = session.scalars(
        select(SchoolImport).where(SchoolImport.id == import_id).with_for_update()
    ).one_or_none()
    if row is None or row.school_id != by.agency_id:
        raise SchoolImportUnknown(
            "Không có lần nhập này, hoặc đơn vị đang làm việc không được xem."
        )
    if by.person_id != row.uploaded_by and staff_queries.actor(by).kind not in rules.OFFICE:
        raise NotAllowed("Chỉ người đã tải tệp lên, ban giám hiệu và văn thư làm tiếp được.")
    return row


def _of_worker(session: Session, import_id: UUID) -> SchoolImport:
    return session.scalars(
        select(SchoolImport)
        .where(SchoolImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def principal_of(session: Session, row: SchoolImport) -> Principal:
    """Who brought or accepted it, in the position in which they did."""
    return acting.principal_of(session, row.appointment_id)


def _step(row: SchoolImport, step: ImportStep) -> None:
    row.state = import_states.after(row.state, step)


def _record(
    session: Session,
    action: str,
    row: SchoolImport,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="school_import",
        object_id=row.id,
        by=by,
        at=at,
        details={"school_year": row.school_year, **details},
    )
