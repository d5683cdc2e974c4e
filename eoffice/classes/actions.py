"""What happens to a class: it is opened with its list, and taught.

Every action locks the row of the class, so that what changes in it and a book that is made of it
cannot pass each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.tt22 import RULE_SET
from eoffice.audit import actions as audit
from eoffice.classes import binding, rules, staff_queries, subjects
from eoffice.classes.collation import name_key
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
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


@dataclass(frozen=True, slots=True)
class NewSubject:
    """A subject of the programme by its code; `periods_per_year` None means the usual number."""

    code: str
    teacher_id: UUID
    periods_per_year: int | None = None


def open_class(
    session: Session,
    *,
    name: str,
    grade: int,
    school_year: str,
    homeroom_teacher_id: UUID,
    taught: Sequence[NewSubject],
    pupils: Sequence[NewPupil],
    by: Principal,
    at: datetime,
) -> UUID:
    """Open a class of the school in which the person acts, with teachers and list of pupils.

    The list is put into the order of Vietnamese names. A pupil whose code the school knows already
    is enrolled under the particulars on record. Raises NotAllowed, ClassExists, ClassInvalid.
    """
    if not rules.may_open_classes(staff_queries.actor(by), by.agency_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường được mở lớp và lập danh sách.")
    _require_year(school_year)
    _require_teachers(
        session, by.agency_id, {homeroom_teacher_id, *(s.teacher_id for s in taught)}, at
    )
    named = cleaned_text(name)
    if not re.fullmatch(r"\d{1,2}[\w./-]{0,8}", named) or not 6 <= grade <= 12:
        raise ClassInvalid("Tên lớp như 7A1 và khối từ 6 đến 12 là bắt buộc.")
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
        rule_set=RULE_SET,
        homeroom_teacher_id=homeroom_teacher_id,
        created_at=at,
    )
    session.add(school_class)
    session.flush()  # Subjects and enrolments point to the row.
    _add_subjects(session, school_class, taught)
    _enrol(session, school_class, pupils)
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
    by: Principal,
    at: datetime,
) -> None:
    """Give subjects of the class, or the class itself, to other teachers of the school."""
    school_class = locked(session, class_id)
    if not rules.may_open_classes(staff_queries.actor(by), school_class.school_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường được phân công giáo viên.")
    require_unbound(session, school_class)
    chosen = {*subject_teachers.values(), *([homeroom_teacher_id] if homeroom_teacher_id else [])}
    _require_teachers(session, school_class.school_id, chosen, at)
    if homeroom_teacher_id is not None:
        school_class.homeroom_teacher_id = homeroom_teacher_id
    for code, teacher_id in subject_teachers.items():
        taught = session.get(ClassSubject, (class_id, code))
        if taught is None:
            raise ClassInvalid(f"Lớp {school_class.name} không học môn có mã {code}.")
        taught.teacher_id = teacher_id
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
    """The pupils of the class by code."""
    rows = session.execute(
        select(Pupil.code, Pupil.id)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == class_id)
    )
    return dict(rows.all())


# --- Parts ---------------------------------------------------------------------------------------


def _require_year(school_year: str) -> None:
    found = re.fullmatch(r"(\d{4})-(\d{4})", school_year)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise ClassInvalid("Năm học ghi như 2024-2025.")


def _require_teachers(session: Session, school_id: UUID, chosen: set[UUID], at: datetime) -> None:
    employed = {holder.person_id for holder in people.persons_in(session, school_id, at=at)}
    if not chosen <= employed:
        raise ClassInvalid("Có giáo viên được phân công không thuộc trường.")


def _add_subjects(
    session: Session, school_class: SchoolClass, taught: Sequence[NewSubject]
) -> None:
    codes = [subject.code for subject in taught]
    if not taught or len(set(codes)) < len(codes) or not set(codes) <= subjects.BY_CODE.keys():
        raise ClassInvalid("Danh sách môn học trống, trùng, hoặc có môn ngoài chương trình.")
    order = [subject.code for subject in subjects.LOWER_SECONDARY]
    for new in taught:
        subject = subjects.BY_CODE[new.code]
        periods = new.periods_per_year or subject.periods_per_year
        if not 1 <= periods <= 400:
            raise ClassInvalid("Số tiết trong năm học của môn học từ 1 đến 400.")
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
            )
        )


def _enrol(session: Session, school_class: SchoolClass, pupils: Sequence[NewPupil]) -> None:
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
            known[new.code] = new_id()
            session.add(
                Pupil(
                    id=known[new.code],
                    school_id=school_class.school_id,
                    code=new.code,
                    name=new.name,
                    born_on=new.born_on,
                    sex=new.sex,
                    birthplace=new.birthplace,
                    ethnicity=new.ethnicity,
                    policy_group=new.policy_group,
                    address=new.address,
                    father=new.father,
                    mother=new.mother,
                )
            )
    session.flush()  # Enrolments point to the pupils.
    in_order = sorted(cleaned, key=lambda pupil: (name_key(pupil.name), pupil.code))
    session.add_all(
        Enrolment(
            class_id=school_class.id,
            pupil_id=known[pupil.code],
            school_id=school_class.school_id,
            ordinal=ordinal,
        )
        for ordinal, pupil in enumerate(in_order, start=1)
    )


def _cleaned(pupil: NewPupil) -> NewPupil:
    texts = {
        name: cleaned_text(getattr(pupil, name))
        for name in (
            "code", "name", "sex", "birthplace", "ethnicity", "policy_group", "address", "father",
            "mother",
        )
    }  # fmt: skip
    if any(len(text) > LONGEST_TEXT for text in texts.values()):
        raise ClassInvalid(f"Mỗi mục lý lịch dài nhất {LONGEST_TEXT} ký tự.")
    if not texts["code"] or not texts["name"] or texts["sex"] not in ("Nam", "Nữ"):
        raise ClassInvalid("Mỗi học sinh cần mã, họ và tên, giới tính Nam hoặc Nữ.")
    return NewPupil(born_on=pupil.born_on, **texts)


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
