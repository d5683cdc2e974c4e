"""What lines of the desk there are, whose, and who may ask for which. Values only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from eoffice.clock import VIETNAM
from eoffice.errors import NotAllowed
from eoffice.people.kinds import PositionKind

#: The deadline, for the order, of what has none: behind every other.
NO_DEADLINE: Final = date(9999, 12, 31)
#: Counts go no further, so that a count takes no longer than a page.
MOST_COUNTED: Final = 1000


class Of(StrEnum):
    """Whose things are wanted in the list of what is late."""

    MINE = "mine"
    GIVEN = "given"
    UNIT = "unit"


class Kind(StrEnum):
    """What a line is about. A name is part of addresses and of the interface: never renamed."""

    #: việc tôi đã phân công
    ASSIGNED = "assigned"
    #: văn bản tôi đã chuyển xuống đơn vị trực thuộc
    FORWARDED = "forwarded"
    #: văn bản đến tôi đã trình
    LAID = "laid"
    #: dự thảo tôi đã trình
    SUBMITTED = "submitted"
    #: văn bản đã phát hành còn nơi nhận chưa làm xong
    ASKED = "asked"
    #: văn bản đến chờ vào sổ
    TO_REGISTER = "to_register"
    #: văn bản đến chờ trình
    TO_SUBMIT = "to_submit"
    #: văn bản đến chờ phân công
    TO_ASSIGN = "to_assign"
    #: việc được giao
    TO_WORK_ON = "to_work_on"
    #: dự thảo chờ ý kiến
    TO_REVIEW = "to_review"


NAMES: Final = {
    Kind.ASSIGNED: "Việc đã phân công",
    Kind.FORWARDED: "Đã chuyển xuống",
    Kind.LAID: "Văn bản đến đã trình",
    Kind.SUBMITTED: "Dự thảo đã trình",
    Kind.ASKED: "Yêu cầu nơi nhận",
    Kind.TO_REGISTER: "Chờ vào sổ",
    Kind.TO_SUBMIT: "Chờ trình",
    Kind.TO_ASSIGN: "Chờ phân công",
    Kind.TO_WORK_ON: "Việc được giao",
    Kind.TO_REVIEW: "Dự thảo chờ ý kiến",
}
OF_NAMES: Final = {Of.MINE: "Của tôi", Of.GIVEN: "Tôi đã giao", Of.UNIT: "Của đơn vị"}

#: What can have been given away.
GIVEN: Final = (Kind.ASSIGNED, Kind.FORWARDED, Kind.LAID, Kind.SUBMITTED, Kind.ASKED)
_ANYBODYS: Final = (Kind.TO_WORK_ON, Kind.TO_REVIEW)
_OF_AGENCY: Final = (
    Kind.TO_REGISTER,
    Kind.TO_SUBMIT,
    Kind.TO_ASSIGN,
    Kind.TO_WORK_ON,
    Kind.ASKED,
)
_OF_OFFICE: Final = (Kind.TO_WORK_ON, Kind.ASKED)

_HEADS: Final = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD})
_OFFICE_HEADS: Final = frozenset({PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY})


class ForLeadersOnly(NotAllowed):
    """What is late in a unit is shown to those who lead it."""


def leads(position: PositionKind) -> bool:
    """Whether somebody sees what is late in their unit; heads of an agency in all of it."""
    return position in _HEADS | _OFFICE_HEADS


def leads_agency(position: PositionKind) -> bool:
    return position in _HEADS


def views_for(position: PositionKind) -> tuple[Of, ...]:
    """Whose late things this position can ask for."""
    return tuple(Of) if leads(position) else (Of.MINE, Of.GIVEN)


def kinds_of(of: Of, position: PositionKind) -> tuple[Kind, ...]:
    """What there can be in a list. Raises ForLeadersOnly."""
    match of:
        case Of.GIVEN:
            return GIVEN
        case Of.UNIT:
            if not leads(position):
                raise ForLeadersOnly("Việc quá hạn của đơn vị dành cho lãnh đạo đơn vị.")
            return _OF_AGENCY if leads_agency(position) else _OF_OFFICE
        case Of.MINE:
            if position is PositionKind.CLERK:
                return (Kind.TO_REGISTER, Kind.TO_SUBMIT, *_ANYBODYS)
            if position is PositionKind.HEAD:
                return (Kind.TO_ASSIGN, *_ANYBODYS)
            return _ANYBODYS


def chosen(wanted: Kind | None, there: Collection[Kind]) -> tuple[Kind, ...]:
    """The kinds that a filter leaves; a filter that is none of them leaves nothing."""
    return tuple(each for each in there if wanted is None or each is wanted)


def waiting_since(missed: date) -> datetime:
    """Before this instant came what a clerk should have handled by `missed`, a working day.

    A clerk has until the working day behind the day on which something came (Decree 30/2020,
    art. 23 (1)), so by `missed` that is everything from earlier days.
    """
    return datetime.combine(missed, time(), VIETNAM)
