"""Lists of a school's classes: brought, made clear, and accepted. Nothing is written before.

The bytes are stored before `begin`; the worker reads and takes them (`taking`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.classes import import_states, rules, staff_queries
from eoffice.classes.actions import require_year
from eoffice.classes.import_states import ImportStep, SchoolImportState
from eoffice.classes.lists import columns as list_columns
from eoffice.classes.lists import record_queries
from eoffice.classes.lists.columns import Columns
from eoffice.classes.lists.model import ListImport, ListLayout
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.web.principal import Principal

LONGEST_NAME = 200


class ListImportUnknown(NotFound):
    """There is no such import, or the acting unit may not know of it."""


class NothingToTake(Conflict):
    """No class of the file is without faults."""


@dataclass(frozen=True, slots=True)
class SaidOfSheet:
    """What a person said about a worksheet; "" where it says its class itself."""

    class_name: str = ""
    is_skipped: bool = False


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
    """Put a file on record and have it read. Raises NotAllowed, ClassInvalid."""
    require_office(by)
    require_year(school_year)
    row = ListImport(
        id=new_id(),
        school_id=by.agency_id,
        school_year=school_year,
        file_name=file_name[-LONGEST_NAME:],
        content_sha256=str(content_sha256),
        media_type=media_type,
        state=SchoolImportState.READING,
        failure=None,
        sheets=[],
        uploaded_by=by.person_id,
        appointment_id=by.appointment_id,
        uploaded_at=at,
        accepted_at=None,
    )
    session.add(row)
    _have_read(session, row, at)
    record(session, "list_import.uploaded", row, by=by, at=at, sha256=str(content_sha256))
    return row.id


def explain_sheets(
    session: Session,
    import_id: UUID,
    said: Mapping[str, SaidOfSheet],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Say of worksheets, by name, which class they list or that they are none; read anew.

    Raises ListImportUnknown, NotAllowed, ImportStepRefused.
    """
    row = _locked(session, import_id, by)
    row.sheets = [
        {
            **sheet,
            "is_skipped": said[sheet["name"]].is_skipped,
            "class_name": said[sheet["name"]].class_name[:20],
        }
        if sheet["name"] in said
        else sheet
        for sheet in row.sheets
    ]
    step(row, ImportStep.EXPLAIN)
    _have_read(session, row, at)
    record(session, "list_import.explained", row, by=by, at=at, sheets=len(said))


def explain_layout(
    session: Session,
    import_id: UUID,
    *,
    signature: str,
    name: str,
    columns: Columns,
    by: Principal,
    at: datetime,
) -> None:
    """Say what the columns of a layout hold: kept for the school, and the file is read anew.

    Raises ListImportUnknown, NotAllowed, ImportStepRefused, ColumnsRefused.
    """
    row = _locked(session, import_id, by)
    kept = {
        "name": " ".join(name.split())[:LONGEST_NAME] or row.file_name,
        "columns": list_columns.as_json(list_columns.checked(columns)),
        "explained_by": by.person_id,
        "explained_at": at,
    }
    session.execute(
        upsert(ListLayout)
        .values(id=new_id(), school_id=row.school_id, signature=signature, **kept)
        .on_conflict_do_update(constraint="uq_list_layouts_school_id", set_=kept)
    )
    step(row, ImportStep.EXPLAIN)
    _have_read(session, row, at)
    record(session, "list_import.layout_explained", row, by=by, at=at, signature=signature)


def accept(
    session: Session,
    import_id: UUID,
    homerooms: Mapping[int, UUID],
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Have the classes without faults taken by the worker: how many.

    `homerooms` says, by the ordinal of the class in the file, who is to lead the classes that have
    to be opened. Raises ListImportUnknown, NotAllowed, ImportStepRefused, NothingToTake, Invalid
    where a class to be opened has nobody who leads it.
    """
    row = _locked(session, import_id, by)
    employed = {one.person_id for one in people.persons_in(session, row.school_id, at=at)}
    ready = []
    for one in record_queries.planned_of(session, row):
        part = one.row
        if one.has_errors:
            part.refused = "Lớp còn lỗi phải sửa trong tệp nên được để lại."
            continue
        chosen = homerooms.get(part.ordinal)
        if chosen is not None:
            if chosen not in employed:
                raise Invalid("Giáo viên chủ nhiệm được chọn không thuộc trường.")
            part.homeroom_teacher_id = chosen
        if one.plan.class_id is None and part.homeroom_teacher_id is None:
            raise Invalid(
                f"Lớp {part.name} chưa mở; hãy chọn giáo viên chủ nhiệm.",
                fields={f"homeroom-{part.ordinal}": "Hãy chọn giáo viên chủ nhiệm."},
            )
        ready.append(part.ordinal)
    if not ready:
        raise NothingToTake("Không có lớp nào đọc được mà không có lỗi phải sửa.")
    step(row, ImportStep.ACCEPT)
    row.accepted_at = at
    row.appointment_id = by.appointment_id
    session.flush()
    outbox.promise_each(
        session,
        "classes.take_list",
        [{"import_id": import_id, "ordinal": ordinal} for ordinal in ready],
        at=at,
    )
    record(session, "list_import.accepted", row, by=by, at=at, classes=len(ready))
    return len(ready)


def forget_layout(session: Session, layout_id: UUID, *, by: Principal, at: datetime) -> None:
    """A layout was explained wrongly: it is asked for again. Raises NotFound, NotAllowed."""
    require_office(by)
    row = session.get(ListLayout, layout_id)
    if row is None or row.school_id != by.agency_id:
        raise NotFound("Không có mẫu cột này.")
    session.execute(delete(ListLayout).where(ListLayout.id == layout_id))
    audit.record(
        session, "list_import.layout_forgotten", object_kind="list_layout", object_id=layout_id,
        by=by, at=at, details={"signature": row.signature},
    )  # fmt: skip


# --- For the queries and the worker ---


def require_office(by: Principal) -> None:
    """Raises NotAllowed."""
    if not rules.may_open_classes(staff_queries.actor(by), by.agency_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường nhập danh sách lớp.")


def step(row: ListImport, taken: ImportStep) -> None:
    """Raises ImportStepRefused."""
    row.state = import_states.after(row.state, taken)


def record(
    session: Session,
    action: str,
    row: ListImport,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    """An event of the import."""
    audit.record(
        session, action, object_kind="list_import", object_id=row.id, by=by, at=at,
        details={"school_year": row.school_year, **details},
    )  # fmt: skip


def _have_read(session: Session, row: ListImport, at: datetime) -> None:
    session.flush()
    outbox.promise(session, "classes.read_list", at=at, import_id=row.id)


def _locked(session: Session, import_id: UUID, by: Principal) -> ListImport:
    require_office(by)
    row = session.scalars(
        select(ListImport).where(ListImport.id == import_id).with_for_update()
    ).one_or_none()
    if row is None or row.school_id != by.agency_id:
        raise ListImportUnknown("Không có lần nhập này, hoặc đơn vị đang làm việc không được xem.")
    return row
