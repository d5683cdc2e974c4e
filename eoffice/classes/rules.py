"""Who may do what with a class and its registers (role matrix of the school charter).

Pure values. Row-level security lets in the school and, for reading, whoever stands above it; here
is what a position within the school allows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from eoffice.people.kinds import PositionKind

#: They lead the school, or keep its papers.
OFFICE = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK})
LEADERS = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD})
#: Whoever reads the classes of a school from a superior agency.
SUPERIORS = LEADERS | {PositionKind.SPECIALIST, PositionKind.OFFICE_HEAD}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a position, as far as these rules go."""

    person_id: UUID
    agency_id: UUID
    kind: PositionKind


@dataclass(frozen=True, slots=True)
class ClassStaff:
    """Who teaches a class: the homeroom teacher, and subject code -> teacher."""

    school_id: UUID
    homeroom_teacher_id: UUID
    subject_teachers: dict[str, UUID]

    @property
    def teachers(self) -> frozenset[UUID]:
        return frozenset({self.homeroom_teacher_id, *self.subject_teachers.values()})


def may_open_classes(actor: Actor, school_id: UUID) -> bool:
    """Open a class with its list of pupils and assign its teachers."""
    return actor.agency_id == school_id and actor.kind in OFFICE


def may_read(actor: Actor, staff: ClassStaff) -> bool:
    """Marks are personal data: the class's teachers, the school's office, and superior agencies.

    That an actor of another agency stands above the school has been decided by row-level security.
    """
    if actor.agency_id != staff.school_id:
        return actor.kind in SUPERIORS
    return actor.kind in OFFICE or actor.person_id in staff.teachers


def may_enter_marks(actor: Actor, staff: ClassStaff, subject_codes: Collection[str]) -> bool:
    """The homeroom teacher brings in sheets of all subjects, a subject teacher those of their own.

    Each teacher confirms the marks of the subject by signing, whoever brought them in.
    """
    if actor.agency_id != staff.school_id:
        return False
    own = {code for code, who in staff.subject_teachers.items() if who == actor.person_id}
    teaches_all = bool(own) and own.issuperset(subject_codes)
    return actor.person_id == staff.homeroom_teacher_id or teaches_all


def may_keep_homeroom_parts(actor: Actor, staff: ClassStaff) -> bool:
    """Conduct, attendance, and asking for the book to be made: the homeroom teacher."""
    return actor.agency_id == staff.school_id and actor.person_id == staff.homeroom_teacher_id


def may_lead(actor: Actor, staff: ClassStaff) -> bool:
    """Monthly remarks and approval: the head of the school or a deputy."""
    return actor.agency_id == staff.school_id and actor.kind in LEADERS


def may_return(actor: Actor, staff: ClassStaff) -> bool:
    """Send a book back to be corrected: whoever has to sign it."""
    return actor.agency_id == staff.school_id and (
        actor.kind in OFFICE or actor.person_id in staff.teachers
    )


def may_seal(actor: Actor, staff: ClassStaff) -> bool:
    """The clerk keeps the school's seal and uses it in person."""
    return actor.agency_id == staff.school_id and actor.kind is PositionKind.CLERK
