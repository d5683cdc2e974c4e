"""Who may stand in for whom while they are away. Pure.

Standing in covers the work that waits (approving a draft, checking its form, answering a
colleague). It is no right to sign for the agency: that follows from a position or from a grant
(Decree 30/2020, art. 13), and like a grant (art. 13 (3)) it is not passed on.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from eoffice.errors import Invalid, NotAllowed
from eoffice.people.kinds import PositionKind as P

LONGEST_ABSENCE_DAYS: Final = 366
LONGEST_REASON: Final = 300

#: Absent position -> positions whose holders may stand in; from the same unit unless it is a
#: position of the whole agency.
MAY_STAND_IN: Final[dict[P, frozenset[P]]] = {
    P.HEAD: frozenset({P.DEPUTY_HEAD}),
    P.DEPUTY_HEAD: frozenset({P.HEAD, P.DEPUTY_HEAD}),
    P.OFFICE_HEAD: frozenset({P.OFFICE_DEPUTY, P.HEAD, P.DEPUTY_HEAD}),
    P.OFFICE_DEPUTY: frozenset({P.OFFICE_HEAD, P.OFFICE_DEPUTY}),
    P.SPECIALIST: frozenset({P.SPECIALIST, P.OFFICE_HEAD, P.OFFICE_DEPUTY}),
    P.CLERK: frozenset({P.CLERK, P.SPECIALIST, P.OFFICE_HEAD, P.OFFICE_DEPUTY, P.TEACHER}),
    P.TEACHER: frozenset({P.TEACHER, P.DEPUTY_HEAD}),
}
_OF_THE_AGENCY: Final = frozenset({P.HEAD, P.DEPUTY_HEAD, P.CLERK})


class SubstituteUnfit(Invalid):
    """This person cannot stand in for the other."""


class DaysUnfit(Invalid):
    """The days of an absence make no sense."""


class OnlyForOneself(NotAllowed):
    """An absence is stated by oneself, the head of the agency or an operator."""


def may_stand_in(absent: P, absent_unit: UUID, substitute: P, substitute_unit: UUID) -> bool:
    """Whether a holder of the second position may do the work of the first; same agency."""
    if substitute not in MAY_STAND_IN.get(absent, frozenset()):
        return False
    return absent_unit == substitute_unit or substitute in _OF_THE_AGENCY or absent is P.HEAD


def check_days(first: date, last: date, *, today: date) -> None:
    """Raises DaysUnfit. Past days cannot be stated: what was answered then is on record."""
    if last < first:
        raise DaysUnfit(
            "Ngày cuối không được trước ngày đầu.", fields={"last_day": "Trước ngày đầu."}
        )
    if last < today:
        raise DaysUnfit(
            "Không khai vắng mặt cho những ngày đã qua.", fields={"last_day": "Ngày này đã qua."}
        )
    if last - first > timedelta(days=LONGEST_ABSENCE_DAYS):
        raise DaysUnfit(
            "Vắng mặt dài hơn một năm thì phải phân công người khác, không chỉ thay thế.",
            fields={"last_day": "Không quá một năm."},
        )


def may_state_for(by_kind: P, *, own: bool) -> bool:
    """Whether somebody may state the absence: one's own, or as head, deputy or operator."""
    return own or by_kind in (P.HEAD, P.DEPUTY_HEAD, P.OPERATOR)
