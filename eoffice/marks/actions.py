"""What is kept of a class beside its marks: conduct, absences, the principal's remarks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.actions import (
    ClassInvalid,
    PupilUnknown,
    cleaned_text,
    locked,
    pupil_ids,
    require_unbound,
)
from eoffice.classes.model import SchoolClass
from eoffice.errors import Invalid, NotAllowed
from eoffice.marks.model import AbsenceRow, Conduct, PrincipalRemark
from eoffice.marks.results import Session as HalfDay
from eoffice.web.principal import Principal

LONGEST_REMARK = 2_000


class ConductUnknown(Invalid):
    """The circular of the class has no such level of conduct, or does not judge it then."""


@dataclass(frozen=True, slots=True)
class NewAbsence:
    pupil_code: str
    on: date
    session: HalfDay
    excused: bool


def record_conduct(
    session: Session,
    class_id: UUID,
    time: ConductTime,
    levels: Mapping[str, ConductLevel],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The homeroom teacher's assessment of conduct at a time of the year, by code of the pupil.

    Pupils who are not named keep what they have. Raises PupilUnknown, ConductUnknown, BookBinds,
    NotAllowed.
    """
    school_class = _kept_by_homeroom(session, class_id, by)
    _require_known_conduct(school_class, time, levels.values())
    known = pupil_ids(session, class_id)
    for code, level in levels.items():
        session.execute(
            insert(Conduct)
            .values(
                class_id=class_id,
                pupil_id=_known(known, code),
                semester=time,
                school_id=school_class.school_id,
                level=level,
            )
            .on_conflict_do_update(
                index_elements=["class_id", "pupil_id", "semester"], set_={"level": level}
            )
        )
    _record(
        session, "class.conduct_recorded", school_class, by=by, at=at, semester=time.value,
        count=len(levels),
    )  # fmt: skip


def record_absences(
    session: Session,
    class_id: UUID,
    absences: Sequence[NewAbsence],
    *,
    first: date,
    last: date,
    by: Principal,
    at: datetime,
) -> None:
    """Replace what is on record about absences from `first` to `last`, both included.

    Raises PupilUnknown, ClassInvalid for a day outside of these, BookBinds, NotAllowed.
    """
    school_class = _kept_by_homeroom(session, class_id, by)
    known = pupil_ids(session, class_id)
    session.execute(
        delete(AbsenceRow).where(
            AbsenceRow.class_id == class_id, AbsenceRow.absent_on.between(first, last)
        )
    )
    for absence in {(a.pupil_code, a.on, a.session): a for a in absences}.values():
        if not first <= absence.on <= last:
            raise ClassInvalid(
                f"Ngày nghỉ {absence.on:%d/%m/%Y} nằm ngoài khoảng từ {first:%d/%m/%Y} đến "
                f"{last:%d/%m/%Y} đang ghi."
            )
        session.add(
            AbsenceRow(
                class_id=class_id,
                pupil_id=_known(known, absence.pupil_code),
                absent_on=absence.on,
                session=absence.session,
                school_id=school_class.school_id,
                excused=absence.excused,
            )
        )
    _record(
        session, "class.absences_recorded", school_class, by=by, at=at, first=first, last=last,
        count=len(absences),
    )  # fmt: skip


def write_remark(
    session: Session, class_id: UUID, month: date, text: str, *, by: Principal, at: datetime
) -> None:
    """The principal's remark at the inspection of a month; `month` is any day of it."""
    school_class = locked(session, class_id)
    if not rules.may_lead(staff_queries.actor(by), staff_queries.staff(session, class_id)):
        raise NotAllowed("Chỉ ban giám hiệu của trường được ghi nhận xét vào sổ.")
    require_unbound(session, school_class)
    written = cleaned_text(text)
    if not 1 <= len(written) <= LONGEST_REMARK:
        raise Invalid(f"Nhận xét có từ 1 đến {LONGEST_REMARK} ký tự.")
    values = {"text": written, "written_by": by.person_id, "written_at": at}
    session.execute(
        insert(PrincipalRemark)
        .values(
            class_id=class_id,
            month=month.replace(day=1),
            school_id=school_class.school_id,
            **values,
        )
        .on_conflict_do_update(index_elements=["class_id", "month"], set_=values)
    )
    _record(session, "class.remark_written", school_class, by=by, at=at, month=f"{month:%Y-%m}")


def _kept_by_homeroom(session: Session, class_id: UUID, by: Principal) -> SchoolClass:
    school_class = locked(session, class_id)
    if not rules.may_keep_homeroom_parts(
        staff_queries.actor(by), staff_queries.staff(session, class_id)
    ):
        raise NotAllowed(
            f"Chỉ giáo viên chủ nhiệm lớp {school_class.name} được ghi rèn luyện và chuyên cần."
        )
    require_unbound(session, school_class)
    return school_class


def _require_known_conduct(
    school_class: SchoolClass, time: ConductTime, levels: Collection[ConductLevel]
) -> None:
    circular = rule_set(school_class.rule_set)
    known = {word.code for word in circular.conduct_levels}
    times = {*circular.conduct_times, *([ConductTime.SUMMER] if known else [])}
    if levels and not ({level.value for level in levels} <= known and time in times):
        raise ConductUnknown(
            f"Lớp {school_class.name} đánh giá theo {circular.circular}; quy định đó không có mức "
            "hoặc thời điểm rèn luyện này."
        )


def _known(pupils: Mapping[str, UUID], code: str) -> UUID:
    found = pupils.get(code)
    if found is None:
        raise PupilUnknown(f"Lớp không có học sinh mang mã {code}.")
    return found


def _record(
    session: Session,
    action: str,
    school_class: SchoolClass,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="class",
        object_id=school_class.id,
        by=by,
        at=at,
        details=details,
    )
