"""Who teaches a class, and who may look at its marks.

Row-level security lets in the school and its superiors; the rules of this slice say who of them
may read.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import rules
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.rules import Actor, ClassStaff
from eoffice.errors import NotAllowed, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


class ClassUnknown(NotFound):
    """There is no such class, or the acting unit may not know of it."""


class NotOfTheClass(NotAllowed):
    """Marks are for the class's teachers, the school's leaders and clerk, and its superiors."""


def actor(who: Principal) -> Actor:
    """The person in the position, as far as the rules of this slice go."""
    return Actor(who.person_id, who.agency_id, PositionKind(who.position_kind))


def staff(session: Session, class_id: UUID) -> ClassStaff:
    """Who teaches the class. Raises ClassUnknown."""
    row = class_row(session, class_id)
    taught = session.execute(
        select(ClassSubject.code, ClassSubject.teacher_id).where(ClassSubject.class_id == class_id)
    )
    return ClassStaff(row.school_id, row.homeroom_teacher_id, dict(taught.all()))


def class_row(session: Session, class_id: UUID) -> SchoolClass:
    """For the queries of this slice. Raises ClassUnknown."""
    row = session.get(SchoolClass, class_id)
    if row is None:
        raise ClassUnknown("Không có lớp này, hoặc đơn vị đang làm việc không được xem.")
    return row


def require_reader(who: Principal, team: ClassStaff) -> None:
    """Raises NotOfTheClass."""
    if not rules.may_read(actor(who), team):
        raise NotOfTheClass(
            "Điểm và kết quả chỉ dành cho giáo viên của lớp, ban giám hiệu, văn thư của trường và "
            "lãnh đạo, chuyên viên của cơ quan quản lý."
        )
