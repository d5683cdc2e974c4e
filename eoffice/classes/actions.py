"""What happens to a class: it is opened with its list, and taught.

Every action locks the row of the class, so that what changes in it and a book that is made of it
cannot pass each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import binding, curricula, particulars, rules, staff_queries, terms
from eoffice.classes.collation import name_key
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.classes.particulars import NewGuardian
from eoffice.classes.pupil_model import Guardian, TeachingPeriod
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.people import queries as people
from eoffice.web.principal import Principal

#: The school charter wants 45 at most; a few classes are fuller.
MOST_PUPILS = 60
LONGEST_TEXT = 200


class NoClass(NotFound):
    """There is no such class, or the acting unit may not know of it."""


class ClassExists(Conflict):
    """The school has a class of this name in this school year."""


class ClassInvalid(Invalid):
    """The class cannot be opened as it was described."""


class BookBinds(Conflict):
    """A gradebook of the class has been laid before its signers, so nothing in it may change."""


class PupilTwice(Conflict):
    """The school has a pupil of this personal identification number under another code."""


class PupilUnknown(Invalid):
    """No pupil of the class has this code."""


@dataclass(frozen=True, slots=True)
class NewPupil:
    code: str
    name: str
    born_on: date
    #: "Nam" or "Nữ".
    sex: str
    birthplace: str = ""
    ethnicity: str = ""
    policy_group: str = ""
    address: str = ""
    father: str = ""
    mother: str = ""
    #: số định danh cá nhân, twelve digits; "" where it is not known.
    personal_id: str = ""
    permanent_address: str = ""
    guardians: tuple[NewGuardian, ...] = ()


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject of the programme by its code; `periods_per_year` None means the usual number."""

    code: str
    teacher_id: UUID
    periods_per_year: int | None = None
    #: False where the homeroom teacher stands in until the school assigns somebody.
    is_assigned: bool = True


def open_class(
    session: Session,
    *,
    name: str,
    grade: int,
    school_year: str,
    homeroom_teacher_id: UUID,
    taught: Sequence[NewSubject],
    pupils: Sequence[NewPupil],
    may_be_empty: bool = False,
    by: Principal,
    at: datetime,
) -> UUID:
    """Open a class of the school in which the person acts, with teachers and list of pupils.

    The list is put into the order of Vietnamese names. A pupil whose code the school knows already
    is enrolled under the particulars on record. The circular is the one in force for the grade.
    Raises NotAllowed, ClassExists, ClassInvalid, NotGoverned.
    """
    if not rules.may_open_classes(staff_queries.actor(by), by.agency_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường được mở lớp và lập danh sách.")
    require_year(school_year)
    _require_teachers(
        session, by.agency_id, {homeroom_teacher_id, *(s.teacher_id for s in taught)}, at
    )
    named = cleaned_text(name)
    begins = re.match(r"\d{1,2}", named)
    if not re.fullmatch(r"\d{1,2}[\w ./-]{0,18}", named) or not 1 <= grade <= 12:
        raise ClassInvalid("Tên lớp như 7A1 và khối từ 1 đến 12 là bắt buộc.")
    if begins is None or int(begins[0]) != grade:
        raise ClassInvalid(f"Tên lớp {named} không bắt đầu bằng số của khối {grade}.")
    if session.scalar(
        select(SchoolClass.id).where(
            SchoolClass.school_id == by.agency_id,
            SchoolClass.school_year == school_year,
            SchoolClass.name == named,
        )
    ):
        raise ClassExists(f"Trường đã có lớp {named} trong năm học {school_year}.")
    school_class = SchoolClass(
        id=new_id(),
        school_id=by.agency_id,
        name=named,
        grade=grade,
        school_year=school_year,
        rule_set=terms.rule_set_of(session, grade, school_year),
        homeroom_teacher_id=homeroom_teacher_id,
        created_at=at,
    )
    session.add(school_class)
    session.flush()  # Subjects and enrolments point to the row.
    today = civil_date(at)
    _add_subjects(session, school_class, taught)
    if pupils or not may_be_empty:
        _enrol(session, school_class, pupils, today)
    _begin_teaching(session, school_class, None, homeroom_teacher_id, today)
    for subject in taught:
        _begin_teaching(session, school_class, subject.code, subject.teacher_id, today)
    _record(
        session, "class.opened", school_class, by=by, at=at, name=named, school_year=school_year,
        pupils=len(pupils), subjects=[subject.code for subject in taught],
    )  # fmt: skip
    return school_class.id


def assign_teachers(
    session: Session,
    class_id: UUID,
    *,
    homeroom_teacher_id: UUID | None = None,
    subject_teachers: Mapping[str, UUID] = {},
    on: date | None = None,
    by: Principal,
    at: datetime,
) -> None:
    """Give subjects of the class, or the class itself, to other teachers of the school.

    From `on`, or from today; who taught until then stays on record. Raises NotAllowed, BookBinds,
    ClassInvalid.
    """
    school_class = locked(session, class_id)
    if not rules.may_open_classes(staff_queries.actor(by), school_class.school_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường được phân công giáo viên.")
    require_unbound(session, school_class)
    chosen = {*subject_teachers.values(), *([homeroom_teacher_id] if homeroom_teacher_id else [])}
    _require_teachers(session, school_class.school_id, chosen, at)
    first_day = on or civil_date(at)
    if homeroom_teacher_id is not None:
        school_class.homeroom_teacher_id = homeroom_teacher_id
        _hand_over(session, school_class, None, homeroom_teacher_id, first_day)
    for code, teacher_id in subject_teachers.items():
        taught = session.get(ClassSubject, (class_id, code))
        if taught is None:
            raise ClassInvalid(f"Lớp {school_class.name} không học môn có mã {code}.")
        taught.teacher_id, taught.is_assigned = teacher_id, True
        _hand_over(session, school_class, code, teacher_id, first_day)
    _record(session, "class.teachers_assigned", school_class, by=by, at=at, count=len(chosen))


# --- For the actions of the slices above ---------------------------------------------------------


def locked(session: Session, class_id: UUID) -> SchoolClass:
    """The class, locked until the transaction ends. Raises NoClass."""
    found = session.scalars(
        select(SchoolClass).where(SchoolClass.id == class_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NoClass("Không có lớp này, hoặc đơn vị đang làm việc không được xem.")
    return found


def require_unbound(session: Session, school_class: SchoolClass) -> None:
    """Raises BookBinds while a book of the class is being signed or is closed."""
    stands_as = binding.binding_book(session, school_class.id)
    if stands_as is not None:
        raise BookBinds(
            f"Sổ của lớp {school_class.name} ở trạng thái “{stands_as}” nên số liệu không sửa được "
            "nữa. Muốn sửa, hãy trả lại sổ kèm lý do trước khi khóa sổ."
        )


def pupil_ids(session: Session, class_id: UUID) -> dict[str, UUID]:
    """The pupils who are in the class by code; who left it is not among them."""
    rows = session.execute(
        select(Pupil.code, Pupil.id)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == class_id, Enrolment.to_on.is_(None))
    )
    return dict(rows.all())


def require_year(school_year: str) -> None:
    """Raises ClassInvalid."""
    found = re.fullmatch(r"(\d{4})-(\d{4})", school_year)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise ClassInvalid("Năm học ghi như 2024-2025.")


# --- Parts ---------------------------------------------------------------------------------------


def _require_teachers(session: Session, school_id: UUID, chosen: set[UUID], at: datetime) -> None:
    employed = {holder.person_id for holder in people.persons_in(session, school_id, at=at)}
    if not chosen <= employed:
        raise ClassInvalid("Có giáo viên được phân công không thuộc trường.")


def _add_subjects(
    session: Session, school_class: SchoolClass, taught: Sequence[NewSubject]
) -> None:
    known = {
        subject.code: subject
        for subject in curricula.of_grade(
            session, school_class.grade, school_class.school_year, school_class.school_id
        )
    }
    codes = [subject.code for subject in taught]
    if not taught or len(set(codes)) < len(codes) or not set(codes) <= known.keys():
        raise ClassInvalid("Danh sách môn học trống, trùng, hoặc có môn ngoài chương trình.")
    order = list(known)
    for new in taught:
        subject = known[new.code]
        periods = new.periods_per_year or subject.periods_per_year
        if not 1 <= periods <= 600:
            raise ClassInvalid("Số tiết trong năm học của môn học từ 1 đến 600.")
        session.add(
            ClassSubject(
                class_id=school_class.id,
                code=subject.code,
                school_id=school_class.school_id,
                name=subject.name,
                kind=subject.kind,
                periods_per_year=periods,
                ordinal=order.index(subject.code) + 1,
                teacher_id=new.teacher_id,
                is_assigned=new.is_assigned,
            )
        )


def _enrol(
    session: Session, school_class: SchoolClass, pupils: Sequence[NewPupil], on: date
) -> None:
    cleaned = [_cleaned(pupil) for pupil in pupils]
    codes = {pupil.code for pupil in cleaned}
    if not 1 <= len(cleaned) <= MOST_PUPILS or len(codes) < len(cleaned):
        raise ClassInvalid(f"Danh sách có từ 1 đến {MOST_PUPILS} học sinh, mỗi mã một lần.")
    known = {
        pupil.code: pupil.id
        for pupil in session.scalars(
            select(Pupil).where(Pupil.school_id == school_class.school_id, Pupil.code.in_(codes))
        )
    }
    for new in cleaned:
        if new.code not in known:
            known[new.code] = add_pupil(session, school_class.school_id, new)
    session.flush()  # Enrolments point to the pupils.
    in_order = sorted(cleaned, key=lambda pupil: (name_key(pupil.name), pupil.code))
    session.add_all(
        Enrolment(
            class_id=school_class.id,
            pupil_id=known[pupil.code],
            school_id=school_class.school_id,
            ordinal=ordinal,
            from_on=on,
        )
        for ordinal, pupil in enumerate(in_order, start=1)
    )


def add_pupil(
    session: Session, school_id: UUID, new: NewPupil, *, identity_id: UUID | None = None
) -> UUID:
    """Put a pupil on the school's record, as the same pupil whom another school may know.

    `identity_id` where another school has said who it is; else number and birth date tell.
    The caller has checked that the school has no pupil of this code or identity. Raises
    ClassInvalid, ParticularsInvalid, PupilTwice.
    """
    new = _cleaned(new)
    number = particulars.personal_id(new.personal_id)
    known = None if number is None else _identity(session, school_id, number, new)
    pupil_id = new_id()
    session.add(
        Pupil(
            id=pupil_id,
            school_id=school_id,
            code=new.code,
            name=new.name,
            born_on=new.born_on,
            sex=new.sex,
            birthplace=new.birthplace,
            ethnicity=new.ethnicity,
            policy_group=new.policy_group,
            address=new.address,
            permanent_address=new.permanent_address,
            father=new.father,
            mother=new.mother,
            identity_id=identity_id or known or new_id(),
            personal_id=number,
        )
    )
    session.flush()  # Guardians point to the row.
    write_guardians(session, school_id, pupil_id, new.guardians)
    return pupil_id


def rewrite_pupil(session: Session, pupil: Pupil, new: NewPupil) -> list[str]:
    """Write the particulars and guardians anew, but for the code; the names of what changed.

    Raises ClassInvalid, ParticularsInvalid, PupilTwice.
    """
    kept = _cleaned(replace(new, code=pupil.code))
    number = particulars.personal_id(kept.personal_id)
    values: dict[str, object] = {name: getattr(kept, name) for name in _PARTICULARS}
    values["personal_id"] = number
    if number is not None and number != pupil.personal_id:
        values["identity_id"] = _identity(session, pupil.school_id, number, kept) or (
            pupil.identity_id
        )
    changed = sorted(name for name, value in values.items() if getattr(pupil, name) != value)
    for name in changed:
        setattr(pupil, name, values[name])
    write_guardians(session, pupil.school_id, pupil.id, kept.guardians)
    return changed


_PARTICULARS = (
    "name", "born_on", "sex", "birthplace", "ethnicity", "policy_group", "address",
    "permanent_address", "father", "mother",
)  # fmt: skip


def _identity(session: Session, school_id: UUID, number: str, new: NewPupil) -> UUID | None:
    """Who has this number and birth date in whatever school. Raises PupilTwice for the own one."""
    # Other schools' pupils are hidden by row-level security; the function tells only this.
    identity = session.scalar(select(func.pupil_identity(number, new.born_on)))
    if session.scalar(
        select(Pupil.code).where(
            Pupil.school_id == school_id,
            or_(Pupil.identity_id == identity, Pupil.personal_id == number),
        )
    ):
        raise PupilTwice(
            f"Trường đã có một học sinh mang số định danh cá nhân của {new.name}. "
            "Hãy dùng mã học sinh đã có."
        )
    return identity


def write_guardians(
    session: Session, school_id: UUID, pupil_id: UUID, given: Sequence[NewGuardian]
) -> None:
    """In place of those on record. Raises ParticularsInvalid."""
    kept = [particulars.guardian(one) for one in given]
    session.execute(delete(Guardian).where(Guardian.pupil_id == pupil_id))
    session.add_all(
        Guardian(
            id=new_id(),
            pupil_id=pupil_id,
            school_id=school_id,
            ordinal=ordinal,
            relation=one.relation,
            name=one.name,
            phone=one.phone,
            email=one.email,
        )
        for ordinal, one in enumerate(kept, start=1)
    )


def _begin_teaching(
    session: Session,
    school_class: SchoolClass,
    subject_code: str | None,
    teacher_id: UUID,
    on: date,
) -> None:
    session.add(
        TeachingPeriod(
            id=new_id(),
            class_id=school_class.id,
            school_id=school_class.school_id,
            subject_code=subject_code,
            teacher_id=teacher_id,
            from_on=on,
        )
    )


def _hand_over(
    session: Session,
    school_class: SchoolClass,
    subject_code: str | None,
    teacher_id: UUID,
    on: date,
) -> None:
    now = session.scalars(
        select(TeachingPeriod).where(
            TeachingPeriod.class_id == school_class.id,
            TeachingPeriod.subject_code.is_not_distinct_from(subject_code),
            TeachingPeriod.to_on.is_(None),
        )
    ).one_or_none()
    if now is not None:
        if now.teacher_id == teacher_id:
            return
        if on < now.from_on:
            raise ClassInvalid(
                f"Người đang dạy nhận việc từ ngày {now.from_on:%d/%m/%Y}; ngày bàn giao không "
                "trước ngày đó."
            )
        now.to_on = max(now.from_on, on - timedelta(days=1))
        session.flush()  # One at a time teaches a subject.
    _begin_teaching(session, school_class, subject_code, teacher_id, on)


def _cleaned(pupil: NewPupil) -> NewPupil:
    texts = {
        name: cleaned_text(getattr(pupil, name))
        for name in (
            "code", "name", "sex", "birthplace", "ethnicity", "policy_group", "address", "father",
            "mother", "permanent_address", "personal_id",
        )
    }  # fmt: skip
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        raise ClassInvalid(f"Mỗi mục lý lịch dài nhất {LONGEST_TEXT} ký tự.")
    if not texts["code"] or not texts["name"] or texts["sex"] not in ("Nam", "Nữ"):
        raise ClassInvalid("Mỗi học sinh cần mã, họ và tên, giới tính Nam hoặc Nữ.")
    return NewPupil(born_on=pupil.born_on, guardians=pupil.guardians, **texts)


def cleaned_text(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


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
