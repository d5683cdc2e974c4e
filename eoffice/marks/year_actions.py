"""What is recorded of a year beside marks, conduct and absences: traits, decisions, summers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set
from eoffice.assessment.year import Outcome, TraitLevel, TraitTime
from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.actions import PupilUnknown, cleaned_text, locked, pupil_ids, require_unbound
from eoffice.classes.model import SchoolClass
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.marks.year_model import ClosedSummer, TraitRow, YearDecision
from eoffice.web.principal import Principal

LONGEST_REASON = 500


class NotOfTheCircular(Invalid):
    """The circular of the class does not know this."""


class SummerClosed(Conflict):
    """The class's summer is over already."""


def record_traits(
    session: Session,
    class_id: UUID,
    time: TraitTime,
    levels: Mapping[tuple[str, str], TraitLevel],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The homeroom teacher's judgement of qualities and competences, by pupil's and trait's code.

    What is not named keeps what it has. Raises PupilUnknown, NotOfTheCircular, BookBinds,
    NotAllowed.
    """
    school_class = locked(session, class_id)
    staff = staff_queries.staff(session, class_id)
    if not rules.may_keep_homeroom_parts(staff_queries.actor(by), staff):
        raise NotAllowed(
            f"Chỉ giáo viên chủ nhiệm lớp {school_class.name} được đánh giá phẩm chất, năng lực."
        )
    require_unbound(session, school_class)
    names = rule_set(school_class.rule_set).trait_names
    known = pupil_ids(session, class_id)
    for (pupil_code, trait), level in levels.items():
        if trait not in names:
            raise NotOfTheCircular(
                f"Lớp {school_class.name} không đánh giá phẩm chất, năng lực có mã {trait}."
            )
        session.execute(
            insert(TraitRow)
            .values(
                class_id=class_id,
                pupil_id=_known(known, pupil_code),
                code=trait,
                time=time,
                school_id=school_class.school_id,
                level=level,
            )
            .on_conflict_do_update(
                index_elements=["class_id", "pupil_id", "code", "time"], set_={"level": level}
            )
        )
    _record(
        session, "class.traits_recorded", school_class, by=by, at=at, time=time.value,
        count=len(levels),
    )  # fmt: skip


def decide(
    session: Session,
    class_id: UUID,
    pupil_code: str,
    *,
    is_chosen: bool,
    outcome: Outcome | None,
    reason: str,
    by: Principal,
    at: datetime,
) -> None:
    """The principal's decision about a pupil in primary school (27/2020: Đ11, Đ13).

    `is_chosen`: the class agrees that the pupil stands out; `outcome`: about whoever was helped and
    judged again. Takes the place of an earlier decision.
    Raises PupilUnknown, NotOfTheCircular, BookBinds, NotAllowed.
    """
    school_class = _led(session, class_id, by)
    if not rule_set(school_class.rule_set).trait_names:
        raise NotOfTheCircular(
            f"Lớp {school_class.name} theo quy định mà việc lên lớp và danh hiệu được tính từ kết "
            "quả, không do hiệu trưởng quyết định cho từng học sinh."
        )
    if outcome is Outcome.SUMMER:
        raise Invalid("Quyết định là cho lên lớp hoặc cho ở lại lớp.")
    why = cleaned_text(reason)
    if len(why) > LONGEST_REASON or (outcome is not None and not why):
        message = f"Hãy ghi lí do của quyết định, không quá {LONGEST_REASON} ký tự."
        raise Invalid(message, fields={"reason": message})
    values = {
        "is_chosen": is_chosen,
        "outcome": outcome,
        "reason": why,
        "decided_by": by.person_id,
        "decided_at": at,
    }
    session.execute(
        insert(YearDecision)
        .values(
            class_id=class_id,
            pupil_id=_known(pupil_ids(session, class_id), pupil_code),
            school_id=school_class.school_id,
            **values,
        )
        .on_conflict_do_update(index_elements=["class_id", "pupil_id"], set_=values)
    )
    _record(
        session, "class.year_decided", school_class, by=by, at=at, pupil=pupil_code,
        outcome=None if outcome is None else outcome.value, is_chosen=is_chosen,
    )  # fmt: skip


def close_summer(session: Session, class_id: UUID, *, by: Principal, at: datetime) -> None:
    """Nothing more is made good in this class: whoever still lacks something is held back.

    Raises SummerClosed, BookBinds, NotAllowed.
    """
    school_class = _led(session, class_id, by)
    if session.get(ClosedSummer, class_id) is not None:
        raise SummerClosed(
            f"Lớp {school_class.name} đã kết thúc việc đánh giá lại và rèn luyện trong hè."
        )
    session.add(
        ClosedSummer(
            class_id=class_id,
            school_id=school_class.school_id,
            closed_by=by.person_id,
            closed_at=at,
        )
    )
    _record(session, "class.summer_closed", school_class, by=by, at=at)


def _led(session: Session, class_id: UUID, by: Principal) -> SchoolClass:
    school_class = locked(session, class_id)
    if not rules.may_lead(staff_queries.actor(by), staff_queries.staff(session, class_id)):
        raise NotAllowed("Chỉ hiệu trưởng hoặc phó hiệu trưởng của trường được quyết định.")
    require_unbound(session, school_class)
    return school_class


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
