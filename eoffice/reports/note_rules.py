"""What teachers write into report books beside results: which notes there are, and who writes them.

Instruction page of the học bạ (annexes of Circulars 22/2021 and 27/2020): the teacher of a subject
writes its remark, the homeroom teacher everything else. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.classes.rules import Actor, ClassStaff
from eoffice.errors import Invalid


class NoteKind(StrEnum):
    #: nhận xét của giáo viên môn học
    SUBJECT = "subject"
    #: nhận xét của giáo viên chủ nhiệm
    HOMEROOM = "homeroom"
    #: nhận xét về phẩm chất, về năng lực; primary schools
    QUALITIES = "qualities"
    COMPETENCES = "competences"
    #: chiều cao, cân nặng; primary schools
    HEIGHT = "height"
    WEIGHT = "weight"
    CERTIFICATES = "certificates"
    CONTESTS = "contests"
    #: Beside the titles of the circular.
    AWARDS = "awards"


NAMES: Final[Mapping[NoteKind, str]] = {
    NoteKind.SUBJECT: "Nhận xét môn học",
    NoteKind.HOMEROOM: "Nhận xét của giáo viên chủ nhiệm",
    NoteKind.QUALITIES: "Nhận xét về phẩm chất",
    NoteKind.COMPETENCES: "Nhận xét về năng lực",
    NoteKind.HEIGHT: "Chiều cao",
    NoteKind.WEIGHT: "Cân nặng",
    NoteKind.CERTIFICATES: "Chứng chỉ",
    NoteKind.CONTESTS: "Kết quả tham gia các kì thi",
    NoteKind.AWARDS: "Khen thưởng khác",
}
PRIMARY_ONLY: Final = frozenset(
    {NoteKind.QUALITIES, NoteKind.COMPETENCES, NoteKind.HEIGHT, NoteKind.WEIGHT}
)
#: What a page of the report book has room for.
LONGEST: Final = 300
_SHORT: Final = frozenset({NoteKind.HEIGHT, NoteKind.WEIGHT})
_LONGEST_SHORT: Final = 20
_LAST_PRIMARY: Final = 5


class NoteInvalid(Invalid):
    """The note is too long, or is none of this class."""


@dataclass(frozen=True, slots=True)
class Column:
    """One note on every pupil of a class: "Nhận xét môn Toán học"."""

    kind: NoteKind
    subject_code: str
    name: str

    @property
    def key(self) -> str:
        """As addresses and forms name it: "homeroom", "subject-TOAN"."""
        return f"{self.kind.value}-{self.subject_code}" if self.subject_code else self.kind.value

    @property
    def longest(self) -> int:
        """Characters."""
        return _LONGEST_SHORT if self.kind in _SHORT else LONGEST


def columns(subjects: Mapping[str, str], grade: int) -> tuple[Column, ...]:
    """Of a class, in the order of the report book; `subjects` are names by code."""
    of_subjects = tuple(
        Column(NoteKind.SUBJECT, code, f"Nhận xét môn {name}") for code, name in subjects.items()
    )
    others = tuple(
        Column(kind, "", name)
        for kind, name in NAMES.items()
        if kind is not NoteKind.SUBJECT and (grade <= _LAST_PRIMARY or kind not in PRIMARY_ONLY)
    )
    return (*of_subjects, *others)


def may_write(actor: Actor, staff: ClassStaff, column: Column) -> bool:
    """The teacher of the subject, for the rest the homeroom teacher, who may write all of them
    where subjects have no other teacher.
    """
    if actor.agency_id != staff.school_id:
        return False
    if column.kind is NoteKind.SUBJECT:
        return staff.subject_teachers.get(column.subject_code) == actor.person_id
    return staff.homeroom_teacher_id == actor.person_id


def cleaned(text: str, column: Column, name: str) -> str:
    """Blanks folded; "" takes the note away. Raises NoteInvalid, naming the pupil."""
    found = " ".join(text.split())
    if len(found) > column.longest:
        raise NoteInvalid(
            f"{column.name} của {name} dài {len(found)} chữ, nhiều nhất {column.longest} chữ."
        )
    return found
