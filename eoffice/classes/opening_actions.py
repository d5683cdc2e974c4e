"""What a school sets before its year begins: classes, who teaches what, settings of a class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set
from eoffice.audit import actions as audit
from eoffice.classes import actions, curricula, opening_rules, rules, staff_queries
from eoffice.classes.actions import NewSubject
from eoffice.classes.collation import name_key
from eoffice.classes.lists.reading import grade_of
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.classes.opening_rules import SubjectSettings
from eoffice.clock import civil_date
from eoffice.errors import Conflict, NotAllowed
from eoffice.web.principal import Principal

#: In an assignment the place of the homeroom teacher.
HOMEROOM = ""


class SubjectUnassigned(Conflict):
    """Nobody was assigned to the subject in this class yet."""


def open_empty(
    session: Session,
    *,
    name: str,
    school_year: str,
    homeroom_teacher_id: UUID,
    by: Principal,
    at: datetime,
) -> UUID:
    """Open a class without pupils; nobody is assigned to the subjects of its grade yet.

    The homeroom teacher stands in for them on paper, and their marks wait (`require_assigned`).
    Raises what `actions.open_class` raises.
    """
    grade = grade_of(actions.cleaned_text(name))
    if grade is None:
        message = "Tên lớp bắt đầu bằng số của khối, như 7A1 hoặc 10 Toán."
        raise actions.ClassInvalid(message, fields={"name": message})
    taught = curricula.of_grade(session, grade, school_year, by.agency_id)
    return actions.open_class(
        session,
        name=name,
        grade=grade,
        school_year=school_year,
        homeroom_teacher_id=homeroom_teacher_id,
        taught=[NewSubject(one.code, homeroom_teacher_id, is_assigned=False) for one in taught],
        pupils=(),
        may_be_empty=True,
        by=by,
        at=at,
    )


def assign(
    session: Session,
    chosen: Mapping[UUID, Mapping[str, UUID]],
    *,
    on: date,
    by: Principal,
    at: datetime,
) -> int:
    """Give subjects of several classes, and classes themselves (`HOMEROOM`), to teachers: how many.

    What is on record already is left; all or none. Who stood in and is named here is assigned from
    then on. Raises what `actions.assign_teachers` raises.
    """
    changed = 0
    for class_id in sorted(chosen):
        team = staff_queries.staff(session, class_id)
        wanted = dict(chosen[class_id])
        homeroom = wanted.pop(HOMEROOM, None)
        if homeroom == team.homeroom_teacher_id:
            homeroom = None
        waiting = unassigned(session, class_id)
        subjects = {
            code: who
            for code, who in wanted.items()
            if team.subject_teachers.get(code) != who or code in waiting
        }
        if homeroom is None and not subjects:
            continue
        actions.assign_teachers(
            session, class_id, homeroom_teacher_id=homeroom, subject_teachers=subjects, on=on,
            by=by, at=at,
        )  # fmt: skip
        changed += len(subjects) + (homeroom is not None)
    return changed


def seat(
    session: Session, class_id: UUID, pupil_ids: Collection[UUID], *, by: Principal, at: datetime
) -> None:
    """Put pupils of the school behind the list of a class, in the order of Vietnamese names.

    Raises NoClass, NotAllowed, BookBinds, ClassInvalid for who has a class in the school year.
    """
    school_class = actions.locked(session, class_id)
    if not rules.may_open_classes(staff_queries.actor(by), school_class.school_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường xếp học sinh vào lớp.")
    actions.require_unbound(session, school_class)
    pupils = session.scalars(
        select(Pupil)
        .where(Pupil.id.in_(pupil_ids), Pupil.school_id == school_class.school_id)
        .order_by(Pupil.id)
        .with_for_update()
    ).all()
    # Asked once the pupils are locked, so that two people cannot seat one pupil twice.
    seated = session.scalar(
        select(func.count())
        .select_from(Enrolment)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(
            Enrolment.pupil_id.in_(pupil_ids),
            SchoolClass.school_year == school_class.school_year,
        )
    )
    if seated or len(pupils) < len(set(pupil_ids)):
        raise actions.ClassInvalid(
            f"Có học sinh không thuộc trường hoặc đã có lớp trong năm học "
            f"{school_class.school_year}; hãy ghi “Chuyển lớp” hoặc “Trở lại học” ở trang của học "
            "sinh."
        )
    counted, last = session.execute(
        select(
            func.count().filter(Enrolment.to_on.is_(None)),
            func.coalesce(func.max(Enrolment.ordinal), 0),
        ).where(Enrolment.class_id == class_id)
    ).one()
    if counted + len(pupils) > actions.MOST_PUPILS:
        raise actions.ClassInvalid(
            f"Lớp {school_class.name} không đủ chỗ: mỗi lớp không quá {actions.MOST_PUPILS} học "
            "sinh."
        )
    in_order = sorted(pupils, key=lambda one: (name_key(one.name), one.code))
    session.add_all(
        Enrolment(
            class_id=class_id,
            pupil_id=one.id,
            school_id=school_class.school_id,
            ordinal=ordinal,
            from_on=civil_date(at),
        )
        for ordinal, one in enumerate(in_order, start=last + 1)
    )
    audit.record(
        session, "class.pupils_seated", object_kind="class", object_id=class_id, by=by, at=at,
        details={"pupils": [one.id for one in in_order]},
    )  # fmt: skip


def unassigned(session: Session, class_id: UUID) -> dict[str, str]:
    """Code and name of each subject of the class to which nobody was assigned, in book order."""
    rows = session.execute(
        select(ClassSubject.code, ClassSubject.name)
        .where(ClassSubject.class_id == class_id, ClassSubject.is_assigned.is_(False))
        .order_by(ClassSubject.ordinal)
    )
    return dict(rows.all())


def require_assigned(subject: ClassSubject, class_name: str) -> None:
    """Marks wait for the teacher whose they are. Raises SubjectUnassigned."""
    if not subject.is_assigned:
        raise SubjectUnassigned(
            f"Môn {subject.name} của lớp {class_name} chưa phân công giáo viên nên chưa nhập được "
            "điểm. Ban giám hiệu hoặc văn thư phân công ở trang Phân công giảng dạy; giáo viên "
            "chủ nhiệm dạy môn này thì cũng chọn tên ở đó."
        )


def set_settings(
    session: Session,
    class_id: UUID,
    *,
    specialised: str | None,
    topics: frozenset[str],
    regular_marks: Mapping[str, int],
    by: Principal,
    at: datetime,
) -> None:
    """Say by which subject the class is specialised, of which it learns topics, and how many
    regular marks a subject has where the school's plan differs from the circular.

    Raises NoClass, NotAllowed, BookBinds, SettingsRefused.
    """
    school_class = actions.locked(session, class_id)
    if not rules.may_open_classes(staff_queries.actor(by), school_class.school_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường đặt cấu hình của lớp.")
    actions.require_unbound(session, school_class)
    rows = session.scalars(select(ClassSubject).where(ClassSubject.class_id == class_id)).all()
    wanted = [
        SubjectSettings(
            row.code, row.name, row.kind, row.code in topics, regular_marks.get(row.code)
        )
        for row in rows
    ]
    opening_rules.checked(
        school_class.grade, has_traits=has_traits(school_class), specialised=specialised,
        subjects=wanted,
    )  # fmt: skip
    before = {row.code: (row.has_topics, row.regular_marks) for row in rows}
    changed = []
    for row, one in zip(rows, wanted, strict=True):
        if before[row.code] != (one.has_topics, one.regular_marks):
            row.has_topics, row.regular_marks = one.has_topics, one.regular_marks
            changed.append(row.code)
    if school_class.specialised != specialised:
        school_class.specialised = specialised
        changed.append("specialised")
    if changed:
        audit.record(
            session, "class.settings_changed", object_kind="class", object_id=class_id, by=by,
            at=at,
            details={
                "changed": changed,
                "specialised": specialised,
                "topics": sorted(topics),
                "regular_marks": dict(regular_marks),
            },
        )  # fmt: skip


def has_traits(school_class: SchoolClass) -> bool:
    """Whether the circular of the class is that of primary schools."""
    return bool(rule_set(school_class.rule_set).trait_names)
