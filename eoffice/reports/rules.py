"""Who may do what with report books, when a school year's parts are due, and who signs. Pure.

Role matrix of the school charter; deadlines and places of signing are what the department has set
(`report_rules`, `report_closing_deadlines`): Decision 295/QĐ-SGDĐT of Kiên Giang is the proposal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.classes import rules as class_rules
from eoffice.classes.rules import Actor, ClassStaff
from eoffice.errors import Invalid
from eoffice.people.kinds import PositionKind
from eoffice.reports.states import Place


class SubjectsSign(StrEnum):
    """Where the teachers of the subjects sign for the marks that a report book prints."""

    #: In the class book, which is signed and closed; the part names it by its SHA-256.
    CLASS_BOOK = "class_book"
    #: In the report book of every pupil.
    REPORT_BOOK = "report_book"


class Deadline(StrEnum):
    #: nhà trường chốt học bạ
    SCHOOL = "school"
    #: nhà trường chốt học bạ của học sinh đánh giá lại trong hè
    SCHOOL_REASSESSED = "school_reassessed"
    #: Sở báo cáo Bộ
    DEPARTMENT = "department"
    DEPARTMENT_REASSESSED = "department_reassessed"


DEADLINE_NAMES: Final[dict[Deadline, str]] = {
    Deadline.SCHOOL: "Nhà trường chốt học bạ",
    Deadline.SCHOOL_REASSESSED: "Nhà trường chốt học bạ của học sinh đánh giá lại",
    Deadline.DEPARTMENT: "Sở Giáo dục và Đào tạo gửi Bộ",
    Deadline.DEPARTMENT_REASSESSED: "Sở gửi Bộ học bạ của học sinh đánh giá lại",
}
SUBJECTS_SIGN_NAMES: Final[dict[SubjectsSign, str]] = {
    SubjectsSign.CLASS_BOOK: "Trong sổ của lớp đã ký và khóa; học bạ dẫn mã SHA-256 của sổ",
    SubjectsSign.REPORT_BOOK: "Trong học bạ của từng học sinh",
}
#: A head closes, or the clerk who keeps the books.
CLOSERS: Final = frozenset({PositionKind.HEAD, PositionKind.CLERK})


class DayInvalid(Invalid):
    """There is no such day in every year, or the alert begins too early."""


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """The last day in the calendar year in which a school year ends, and when it is told of."""

    month: int
    day: int
    #: So many days before, classes that are not closed are shown.
    warn_days: int

    def __post_init__(self) -> None:
        """Raises DayInvalid."""
        try:
            date(2023, self.month, self.day)  # No leap year: the day is there in each.
        except ValueError as fault:
            raise DayInvalid("Không có ngày này.", fields={"day": "Không có ngày này."}) from fault
        if not 0 <= self.warn_days <= 120:
            words = "Nhắc trước từ 0 đến 120 ngày."
            raise DayInvalid(words, fields={"warn_days": words})

    def of(self, school_year: str) -> date:
        """The day in the second year of "2024-2025"."""
        return date(int(school_year[-4:]), self.month, self.day)


@dataclass(frozen=True, slots=True)
class Due:
    """Until when the parts of one kind of a school year are closed."""

    on: date
    warn_from: date

    def days_late(self, closed_on: date | None, today: date) -> int:
        """Calendar days past the deadline; 0 for what was closed in time or is not due yet."""
        return max(((closed_on or today) - self.on).days, 0)

    def is_near(self, today: date) -> bool:
        return self.warn_from <= today


def due(day: DayOfYear, school_year: str) -> Due:
    on = day.of(school_year)
    return Due(on, on - timedelta(days=day.warn_days))


def school_deadline(*, is_reassessed: bool) -> Deadline:
    """Which deadline holds for a pupil: one who is assessed again in summer has more time."""
    return Deadline.SCHOOL_REASSESSED if is_reassessed else Deadline.SCHOOL


def places(sign_in: SubjectsSign, subjects: Iterable[str]) -> tuple[tuple[Place, str | None], ...]:
    """The places of a part in the order of signing: place, and the code of a subject."""
    own = tuple((Place.SUBJECT, code) for code in subjects)
    rest = ((Place.HOMEROOM, None), (Place.PRINCIPAL, None), (Place.SEAL, None))
    return (*own, *rest) if sign_in is SubjectsSign.REPORT_BOOK else rest


def signs(
    place: Place, signer_id: UUID | None, actor: Actor, school_id: UUID, *, deputy_may_sign: bool
) -> bool:
    """Whether this place is this person's to sign.

    The principal's by whoever heads the school then, or a deputy KT. where the department lets;
    the seal by the clerk, who keeps it and uses it in person.
    """
    if actor.agency_id != school_id:
        return False
    if place is Place.SEAL:
        return actor.kind is PositionKind.CLERK
    if place is Place.PRINCIPAL:
        is_deputy = actor.kind is PositionKind.DEPUTY_HEAD
        return actor.kind is PositionKind.HEAD or (is_deputy and deputy_may_sign)
    return actor.person_id == signer_id


def may_read(actor: Actor, staff: ClassStaff, receiving: Collection[ClassStaff] = ()) -> bool:
    """The class's teachers, the office of the school, its superiors; and, where the pupil moved
    on, the office and the teachers of the class that the pupil is in now (`receiving`).

    That the row may be seen at all has been decided by row-level security.
    """
    if actor.agency_id == staff.school_id:
        return class_rules.may_read(actor, staff)
    mine = [each for each in receiving if each.school_id == actor.agency_id]
    if mine:
        return any(class_rules.may_read(actor, each) for each in mine)
    return actor.kind in class_rules.SUPERIORS


def may_ask(actor: Actor, staff: ClassStaff) -> bool:
    """Have the parts of a class made: its homeroom teacher, or a leader of the school."""
    return class_rules.may_keep_homeroom_parts(actor, staff) or class_rules.may_lead(actor, staff)


def may_return(actor: Actor, staff: ClassStaff) -> bool:
    """Take a part back before the close: whoever has to sign it."""
    return class_rules.may_return(actor, staff)


def may_close(actor: Actor, school_id: UUID) -> bool:
    return actor.agency_id == school_id and actor.kind in CLOSERS


def may_request_withdrawal(actor: Actor, school_id: UUID) -> bool:
    """Only the school that issued it asks for it: a leader."""
    return actor.agency_id == school_id and actor.kind in class_rules.LEADERS


def may_decide(actor: Actor, superior_id: UUID) -> bool:
    """The leaders of the superior unit decide on a withdrawal."""
    return actor.agency_id == superior_id and actor.kind in class_rules.LEADERS
