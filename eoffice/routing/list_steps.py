"""What the incoming book offers to do to several documents at once, by state and position."""

from __future__ import annotations

from typing import Final

from eoffice.routing import rules
from eoffice.routing.states import ArrivalState
from eoffice.web.bulk import Offer

REGISTER: Final = Offer("registration", "Vào sổ")
SUBMIT: Final = Offer("submission", "Trình người đứng đầu")
ASSIGN: Final = Offer("assignment", "Phân công")
MOVE: Final = Offer("deadline", "Đổi hạn xử lý")
REMIND: Final = Offer("reminder", "Nhắc")
FINISH: Final = Offer("completion", "Kết thúc")
FILE: Final = Offer("filing", "Đưa vào hồ sơ")

_UNDER_WAY: Final = frozenset({ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS})
_FILED: Final = _UNDER_WAY | {ArrivalState.DONE}


def offered(state: ArrivalState, position: str) -> tuple[Offer, ...]:
    """Decree 30/2020, art. 22–24: the clerk submits, the head assigns and decides; filing is
    everybody's who has a case file."""
    found: list[Offer] = []
    if state is ArrivalState.REGISTERED and rules.is_clerk(position):
        found.append(SUBMIT)
    if state is ArrivalState.SUBMITTED and rules.is_head(position):
        found.append(ASSIGN)
    if state in _UNDER_WAY and rules.is_head(position):
        found += [REMIND, MOVE, FINISH]
    if state in _FILED:
        found.append(FILE)
    return tuple(found)


def of_unregistered(position: str) -> tuple[Offer, ...]:
    """art. 22: the clerk opens what came and enters it into the book."""
    return (REGISTER,) if rules.is_clerk(position) else ()
