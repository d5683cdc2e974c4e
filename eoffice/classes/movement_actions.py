"""What happens to a pupil between classes and schools: comes, goes, changes class, leaves, returns.

The school's office records it, with its day, reason and decision. The list of a class that a book
binds stays as it is: who goes then has gone, and stands in that list.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import actions, binding, pupil_queries, rules, staff_queries
from eoffice.classes import movement_rules as moving
from eoffice.classes.actions import ClassInvalid, NewPupil, cleaned_text
from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.pupil_model import Movement, ParticularsChange
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.web.principal import Principal

LONGEST_TEXT = 500


class MovementInvalid(Invalid):
    """What is said about the movement is not complete or cannot be."""


class PupilKnown(Conflict):
    """The school has a pupil of this code already."""


@dataclass(frozen=True, slots=True)
class NewMovement:
    kind: MovementKind
    on: date
    reason: str
    #: Number, date and body of the paper; "" where there is none.
    decision: str = ""
    #: Where the pupil comes from or goes to.
    other_school: str = ""
    #: The class in which the pupil sits afterwards.
    to_class_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement as it was recorded, with the class that was left and the one that was entered."""

    id: UUID
    pupil_id: UUID
    school_id: UUID
    from_class_id: UUID | None
    to_class_id: UUID | None


def admit(
    session: Session,
    new: NewPupil,
    movement: NewMovement,
    *,
    by: Principal,
    at: datetime,
    identity_id: UUID | None = None,
) -> Moved:
    """Take in a pupil whom the school does not know yet; `identity_id` as in `actions.add_pupil`.

    Raises PupilKnown, PupilTwice, ParticularsInvalid and what `record` raises.
    """
    _require_office(by, by.agency_id)
    if session.scalar(
        select(Pupil.id).where(
            Pupil.school_id == by.agency_id, Pupil.code == cleaned_text(new.code)
        )
    ):
        raise PupilKnown(
            f"Trường đã có học sinh mang mã {new.code}. Hãy mở trang của học sinh đó và ghi "
            "“Chuyển đến” hoặc “Trở lại học”."
        )
    pupil_id = actions.add_pupil(session, by.agency_id, new, identity_id=identity_id)
    return record(session, pupil_id, movement, by=by, at=at)


def record(
    session: Session, pupil_id: UUID, movement: NewMovement, *, by: Principal, at: datetime
) -> Moved:
    """Put a movement on record and change the lists of the classes by it.

    Raises NoPupil, NotAllowed, MovementRefused, MovementInvalid, NoClass, BookBinds.
    """
    pupil = pupil_queries.locked(session, pupil_id)
    _require_office(by, pupil.school_id)
    said = _checked(movement, civil_date(at))
    place = pupil_queries.place(session, pupil_id)
    moving.after(place.standing, said.kind)
    if place.since is not None and said.on < place.since:
        raise MovementInvalid(
            f"Việc gần nhất của học sinh ghi ngày {place.since:%d/%m/%Y}; ngày này không trước đó."
        )
    # Classes in one order, so that two movements cannot wait for each other.
    touched = sorted({c for c in (place.class_id, said.to_class_id) if c is not None})
    classes = {class_id: actions.locked(session, class_id) for class_id in touched}
    origin = None if place.class_id is None else classes[place.class_id]
    target = None if said.to_class_id is None else classes[said.to_class_id]
    if target is not None:
        _enter(session, pupil, target, origin, said)
    if said.kind in moving.OUT_OF_A_CLASS and origin is not None:
        _leave(session, pupil_id, origin, said)
    row = Movement(
        id=new_id(),
        pupil_id=pupil_id,
        school_id=pupil.school_id,
        kind=said.kind,
        on_day=said.on,
        from_class_id=place.class_id,
        to_class_id=said.to_class_id,
        other_school=said.other_school,
        reason=said.reason,
        decision=said.decision,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    session.add(row)
    audit.record(
        session,
        "pupil.moved",
        object_kind="pupil",
        object_id=pupil_id,
        by=by,
        at=at,
        details={
            "kind": said.kind.value,
            "on": said.on,
            "from_class": place.class_id,
            "to_class": said.to_class_id,
        },
    )
    return Moved(row.id, pupil_id, pupil.school_id, place.class_id, said.to_class_id)


def correct(
    session: Session, pupil_id: UUID, new: NewPupil, reason: str, *, by: Principal, at: datetime
) -> None:
    """Write what is known of a pupil anew; the code stays. Books that are made keep what they say.

    Raises NoPupil, NotAllowed, ClassInvalid, ParticularsInvalid, PupilTwice, MovementInvalid
    without a reason.
    """
    pupil = pupil_queries.locked(session, pupil_id)
    _require_office(by, pupil.school_id)
    rewrite(session, pupil, new, _reason(reason), by=by, at=at)


def rewrite(
    session: Session, pupil: Pupil, new: NewPupil, why: str, *, by: Principal, at: datetime
) -> list[str]:
    """Write a locked pupil anew and keep what stood there; the names of the fields that changed.

    For whoever has asked already whether `by` may, as a class list does that was accepted.
    Raises ClassInvalid, ParticularsInvalid, PupilTwice.
    """
    before = {field.key: getattr(pupil, field.key) for field in Pupil.__table__.columns}
    changed = actions.rewrite_pupil(session, pupil, new)
    session.add_all(
        ParticularsChange(
            id=new_id(),
            pupil_id=pupil.id,
            school_id=pupil.school_id,
            field=field,
            old=_written(before[field]),
            new=_written(getattr(pupil, field)),
            reason=why,
            recorded_by=by.person_id,
            recorded_at=at,
        )
        for field in changed
        if field in before and field != "identity_id"  # Nobody wrote that one.
    )
    audit.record(
        session,
        "pupil.corrected",
        object_kind="pupil",
        object_id=pupil.id,
        by=by,
        at=at,
        details={"changed": changed, "reason": why},
    )
    return changed


def _written(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _require_office(by: Principal, school_id: UUID) -> None:
    if not rules.may_open_classes(staff_queries.actor(by), school_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường được ghi việc của học sinh.")


def _checked(movement: NewMovement, today: date) -> NewMovement:
    kind, name = movement.kind, moving.KIND_NAMES[movement.kind]
    school, decision = cleaned_text(movement.other_school), cleaned_text(movement.decision)
    if max(len(school), len(decision)) > LONGEST_TEXT:
        raise MovementInvalid(f"Mỗi mục dài nhất {LONGEST_TEXT} ký tự.")
    if movement.on > today:
        raise MovementInvalid("Ngày chưa tới.", fields={"on": "Chọn ngày không sau hôm nay."})
    if kind in moving.INTO_A_CLASS and movement.to_class_id is None:
        raise MovementInvalid(
            f"“{name}” cần lớp mà học sinh vào học.", fields={"to_class_id": "Hãy chọn lớp."}
        )
    if kind in moving.BETWEEN_SCHOOLS and not school:
        raise MovementInvalid(
            f"“{name}” cần tên trường kia.", fields={"other_school": "Hãy ghi tên trường."}
        )
    return NewMovement(
        kind,
        movement.on,
        _reason(movement.reason),
        decision,
        school if kind in moving.BETWEEN_SCHOOLS else "",
        movement.to_class_id if kind in moving.INTO_A_CLASS else None,
    )


def _reason(text: str) -> str:
    why = cleaned_text(text)
    if not 3 <= len(why) <= LONGEST_TEXT:
        raise MovementInvalid(
            f"Lý do có từ 3 đến {LONGEST_TEXT} ký tự.", fields={"reason": "Hãy ghi lý do."}
        )
    return why


def _leave(session: Session, pupil_id: UUID, origin: SchoolClass, said: NewMovement) -> None:
    if binding.binding_book(session, origin.id) is not None:
        if said.kind is MovementKind.CLASS_CHANGE:
            actions.require_unbound(session, origin)
        return
    enrolment = session.get_one(Enrolment, (origin.id, pupil_id))
    is_change = said.kind is MovementKind.CLASS_CHANGE
    last_day = said.on - timedelta(days=1) if is_change else said.on
    enrolment.to_on = max(enrolment.from_on, last_day)


def _enter(
    session: Session,
    pupil: Pupil,
    target: SchoolClass,
    origin: SchoolClass | None,
    said: NewMovement,
) -> None:
    if target.school_id != pupil.school_id:
        raise ClassInvalid("Lớp được chọn không thuộc trường của học sinh.")
    if said.kind is MovementKind.CLASS_CHANGE:
        assert origin is not None  # Who attends sits in a class.
        if target.id == origin.id or (target.grade, target.school_year) != (
            origin.grade,
            origin.school_year,
        ):
            raise ClassInvalid(
                f"Chuyển lớp là sang lớp khác cùng khối {origin.grade} của năm học "
                f"{origin.school_year}."
            )
    actions.require_unbound(session, target)
    counted, last = session.execute(
        select(
            func.count().filter(Enrolment.to_on.is_(None)),
            func.coalesce(func.max(Enrolment.ordinal), 0),
        ).where(Enrolment.class_id == target.id)
    ).one()
    if counted >= actions.MOST_PUPILS:
        raise ClassInvalid(f"Lớp {target.name} đã đủ {actions.MOST_PUPILS} học sinh.")
    before = session.get(Enrolment, (target.id, pupil.id))
    if before is not None:
        before.to_on = None
        return
    session.add(
        Enrolment(
            class_id=target.id,
            pupil_id=pupil.id,
            school_id=pupil.school_id,
            ordinal=last + 1,
            from_on=said.on,
        )
    )
