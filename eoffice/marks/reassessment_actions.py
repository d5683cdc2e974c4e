"""What pupils choose to be assessed in again, kept before anybody is assessed.

TT 22/2021, Đ14 and TT 58/2011, Đ16: of the subjects in which the pupil falls short the pupil
chooses; the homeroom teacher writes it down. Primary schools leave no choice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.actions import locked, require_unbound
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.marks import year_queries
from eoffice.marks.year_model import ReassessmentChoice
from eoffice.web.principal import Principal


class NothingToChoose(Invalid):
    """The circular leaves no choice, or the pupil is not to be assessed in the subject again."""


class AssessedAlready(Conflict):
    """Results of the re-assessment are there, or the summer is over."""


def choose(
    session: Session,
    class_id: UUID,
    chosen: Mapping[UUID, Collection[str]],
    *,
    by: Principal,
    at: datetime,
) -> int:
    """Keep the codes of the subjects that each named pupil chose; for how many pupils that is new.

    All or none. Raises NoClass, NotAllowed, BookBinds, NothingToChoose, AssessedAlready.
    """
    school_class = locked(session, class_id)
    if not rules.may_keep_homeroom_parts(
        staff_queries.actor(by), staff_queries.staff(session, class_id)
    ):
        raise NotAllowed(
            f"Chỉ giáo viên chủ nhiệm lớp {school_class.name} được ghi môn học sinh chọn."
        )
    require_unbound(session, school_class)
    view = year_queries.summer(session, class_id, who=by)
    if not view.has_choice:
        raise NothingToChoose(f"{view.circular}: học sinh không chọn môn đánh giá lại.")
    rows = {row.pupil.id: row for row in view.rows}
    changed = 0
    for pupil_id, codes in chosen.items():
        row = rows.get(pupil_id)
        if row is None or not set(codes) <= {cell.subject for cell in row.cells}:
            raise NothingToChoose(
                "Có học sinh không phải đánh giá lại môn được chọn. Hãy tải lại trang."
            )
        new = {
            cell.subject: cell.subject in codes
            for cell in row.cells
            if cell.is_chosen != (cell.subject in codes)
        }
        if not new:
            continue
        if view.is_over or any(cell.shown for cell in row.cells):
            raise AssessedAlready(
                f"{row.pupil.name} đã có kết quả đánh giá lại hoặc lớp đã kết thúc đánh giá lại, "
                "nên môn đã chọn không đổi được nữa."
            )
        for code, is_chosen in new.items():
            values = {"is_chosen": is_chosen, "recorded_by": by.person_id, "recorded_at": at}
            session.execute(
                insert(ReassessmentChoice)
                .values(
                    class_id=class_id,
                    subject_code=code,
                    pupil_id=pupil_id,
                    school_id=school_class.school_id,
                    **values,
                )
                .on_conflict_do_update(
                    index_elements=["class_id", "subject_code", "pupil_id"], set_=values
                )
            )
        audit.record(
            session, "class.reassessment_chosen", object_kind="class", object_id=class_id, by=by,
            at=at, details={"pupil": pupil_id, "subjects": sorted(codes)},
        )  # fmt: skip
        changed += 1
    return changed
