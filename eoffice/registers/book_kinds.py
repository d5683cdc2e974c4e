"""The kinds of books of a school, whose each of them is, and who may ask for it and read it. Pure.

A book is of a class, of a teacher, or of the school as a whole, each in one school year; a part
names what else tells two books of one kind apart (the subject of a teacher's book). Who reads
follows the role matrix of the school charter, as for classes in `eoffice.classes.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.classes import rules
from eoffice.classes.rules import Actor, ClassStaff
from eoffice.people.kinds import PositionKind


class BookKind(StrEnum):
    #: of a class, by its circular: sổ gọi tên và ghi điểm, sổ theo dõi và đánh giá, bảng tổng hợp
    CLASS_BOOK = "class_book"
    #: sổ theo dõi và đánh giá học sinh (của giáo viên)
    TEACHER_BOOK = "teacher_book"
    #: sổ ghi đầu bài
    CLASS_DIARY = "class_diary"
    #: sổ chủ nhiệm
    HOMEROOM_BOOK = "homeroom_book"
    #: sổ đăng bộ
    ENROLMENT_REGISTER = "enrolment_register"
    #: sổ theo dõi học sinh chuyển đi, chuyển đến
    MOVES_REGISTER = "moves_register"
    #: sổ quản lý cấp phát văn bằng, chứng chỉ
    CERTIFICATES_REGISTER = "certificates_register"


class Owner(StrEnum):
    """What a book is of."""

    CLASS = "class"
    TEACHER = "teacher"
    SCHOOL = "school"


OWNERS: Final[dict[BookKind, Owner]] = {
    BookKind.CLASS_BOOK: Owner.CLASS,
    BookKind.TEACHER_BOOK: Owner.TEACHER,
    BookKind.CLASS_DIARY: Owner.CLASS,
    BookKind.HOMEROOM_BOOK: Owner.CLASS,
    BookKind.ENROLMENT_REGISTER: Owner.SCHOOL,
    BookKind.MOVES_REGISTER: Owner.SCHOOL,
    BookKind.CERTIFICATES_REGISTER: Owner.SCHOOL,
}
#: As lists call a kind; the title of a class's book is that of its circular (`book_forms`).
NAMES: Final[dict[BookKind, str]] = {
    BookKind.CLASS_BOOK: "Sổ điểm của lớp",
    BookKind.TEACHER_BOOK: "Sổ theo dõi và đánh giá học sinh (của giáo viên)",
    BookKind.CLASS_DIARY: "Sổ ghi đầu bài",
    BookKind.HOMEROOM_BOOK: "Sổ chủ nhiệm",
    BookKind.ENROLMENT_REGISTER: "Sổ đăng bộ",
    BookKind.MOVES_REGISTER: "Sổ theo dõi học sinh chuyển đi, chuyển đến",
    BookKind.CERTIFICATES_REGISTER: "Sổ quản lý cấp phát văn bằng, chứng chỉ",
}
#: While such a book is signed or closed, nothing in its class changes.
BINDING_KINDS: Final = frozenset({BookKind.CLASS_BOOK})


@dataclass(frozen=True, slots=True)
class BookOf:
    """What one book is the book of; its versions have all of this in common."""

    kind: BookKind
    school_id: UUID
    #: "2024-2025"
    school_year: str
    class_id: UUID | None = None
    teacher_id: UUID | None = None
    #: The subject of a teacher's book; empty where a kind has one book for its owner and year.
    part: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError: a book of this kind has another owner."""
        owner = OWNERS[self.kind]
        if (self.class_id is not None) != (owner is Owner.CLASS) or (
            self.teacher_id is not None
        ) != (owner is Owner.TEACHER):
            raise ValueError(f"{self.kind} belongs to a {owner}")

    @property
    def owned_class(self) -> UUID:
        """Of a kind whose owner is a class."""
        assert self.class_id is not None
        return self.class_id

    @property
    def owned_teacher(self) -> UUID:
        """Of a kind whose owner is a teacher."""
        assert self.teacher_id is not None
        return self.teacher_id


@dataclass(frozen=True, slots=True)
class Circle:
    """The people around a book: the class's teachers, or the one teacher whose book it is."""

    school_id: UUID
    team: ClassStaff | None = None
    teacher_id: UUID | None = None


#: Whether somebody may do something with a book of these people.
Rule = Callable[[Actor, Circle], bool]


def is_office(actor: Actor, circle: Circle) -> bool:
    """The head, a deputy or the clerk of the school whose book it is."""
    return actor.agency_id == circle.school_id and actor.kind in rules.OFFICE


def is_leader(actor: Actor, circle: Circle) -> bool:
    return actor.agency_id == circle.school_id and actor.kind in rules.LEADERS


def is_clerk(actor: Actor, circle: Circle) -> bool:
    """The clerk keeps the school's seal and uses it in person."""
    return actor.agency_id == circle.school_id and actor.kind is PositionKind.CLERK


def is_homeroom(actor: Actor, circle: Circle) -> bool:
    return circle.team is not None and rules.may_keep_homeroom_parts(actor, circle.team)


def is_owner(actor: Actor, circle: Circle) -> bool:
    """The teacher whose own book it is."""
    return actor.agency_id == circle.school_id and actor.person_id == circle.teacher_id


def homeroom_or_leader(actor: Actor, circle: Circle) -> bool:
    return is_homeroom(actor, circle) or is_leader(actor, circle)


def class_readers(actor: Actor, circle: Circle) -> bool:
    """All teachers of the class, the school's office, and superior agencies."""
    return circle.team is not None and rules.may_read(actor, circle.team)


def office_readers(actor: Actor, circle: Circle) -> bool:
    """The school's office and superior agencies.

    That an actor of another agency stands above the school has been decided by row-level security.
    """
    if actor.agency_id != circle.school_id:
        return actor.kind in rules.SUPERIORS
    return is_office(actor, circle)


def homeroom_readers(actor: Actor, circle: Circle) -> bool:
    return is_homeroom(actor, circle) or office_readers(actor, circle)


def homeroom_and_leaders(actor: Actor, circle: Circle) -> bool:
    """What speaks of families: the homeroom teacher, who leads the school, and who seals."""
    return is_homeroom(actor, circle) or is_office(actor, circle)


def reads_unsigned(kind: BookKind, actor: Actor, circle: Circle) -> bool:
    """Whether a reader of the book reads it before the head has signed it.

    sổ chủ nhiệm is until then its teacher's and the leaders'; the clerk seals and keeps it.
    """
    return (
        kind is not BookKind.HOMEROOM_BOOK or is_homeroom(actor, circle) or is_leader(actor, circle)
    )


def owner_readers(actor: Actor, circle: Circle) -> bool:
    return is_owner(actor, circle) or office_readers(actor, circle)


def may_return(actor: Actor, circle: Circle) -> bool:
    """Send a book back to be corrected: whoever has to sign it."""
    if is_office(actor, circle) or is_owner(actor, circle):
        return True
    return circle.team is not None and rules.may_return(actor, circle.team)
