"""Which case files are handed over to the agency's archive, when, and by whom. Pure.

Decree 30/2020, art. 29–31: what is kept five years or longer goes to the agency's archive, with a
list and minutes of which each side keeps a copy. Annex VI: units are told 30 days ahead.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.people.kinds import PositionKind as P

#: Annex VI, part V: notice to units of case files that are due.
NOTICE: Final = timedelta(days=30)
#: Art. 29: what is kept for less stays with the unit until it is disposed of.
LEAST_YEARS: Final = 5
LONGEST_NOTE: Final = 1000
LEAST_REASON: Final = 10
MOST_CASES: Final = 2000
_YEARS: Final = re.compile(r"(\d{1,3})\s*năm", re.IGNORECASE)
_OFFER: Final = frozenset({P.HEAD, P.DEPUTY_HEAD, P.OFFICE_HEAD, P.OFFICE_DEPUTY})


class TransferWrong(Invalid):
    """Something about the hand-over cannot be kept as it was entered."""


class TransferNotYours(NotAllowed):
    """This step of the hand-over is another person's."""


class NothingToHandOver(Conflict):
    """The unit has no case file of this year that could be handed over."""


class CasesStillOpen(Conflict):
    """A unit hands over a year as a whole: its case files have to be closed first."""


def goes_to_the_archive(maintenance: str) -> bool:
    """Whether a case file with this retention is handed over; words without years: it is."""
    found = _YEARS.search(maintenance)
    return found is None or int(found[1]) >= LEAST_YEARS


def retained_until(maintenance: str, closed_on: date) -> date | None:
    """The last day on which the archive keeps it; None: for ever, or until somebody decides.

    Counted from 1 January of the year after closing, in whole years.
    """
    found = _YEARS.search(maintenance)
    return None if found is None else date(closed_on.year + int(found[1]), 12, 31)


def notice_on(due_on: date) -> date:
    """The first day on which the unit is to be told."""
    return due_on - NOTICE


def checked_day(due_on: date, *, today: date) -> date:
    """Raises TransferWrong."""
    if due_on < today or due_on > today + timedelta(days=3 * 366):
        words = "Ngày nộp lưu từ hôm nay đến ba năm sau."
        raise TransferWrong(words, fields={"due_on": words})
    return due_on


def checked_note(text: str) -> str:
    """What the unit says of what it hands over; may be empty. Raises TransferWrong."""
    note = " ".join(text.split())
    if len(note) > LONGEST_NOTE:
        words = f"Ghi chú dài nhất {LONGEST_NOTE} ký tự."
        raise TransferWrong(words, fields={"note": words})
    return note


def checked_reason(text: str) -> str:
    """Why the archive sends a list back. Raises TransferWrong."""
    reason = " ".join(text.split())
    if not LEAST_REASON <= len(reason) <= LONGEST_NOTE:
        words = "Hãy ghi lý do bằng một câu."
        raise TransferWrong(words, fields={"answer": words})
    return reason


def may_offer(position: P, *, in_unit: bool, makes_all: bool) -> bool:
    """Who hands over for a unit: its head, or whoever made all of these case files.

    The head of the agency does it for every unit.
    """
    if position in (P.HEAD, P.DEPUTY_HEAD):
        return True
    return (position in _OFFER and in_unit) or makes_all


def is_archivist(position: P) -> bool:
    """Who keeps the agency's archive: the records clerk, where there is nobody else for it."""
    return position is P.CLERK


def require_archivist(position: P) -> None:
    """Raises TransferNotYours."""
    if not is_archivist(position):
        raise TransferNotYours("Việc này của văn thư, lưu trữ cơ quan.")


def require_other_side(*, offered_by_same: bool) -> None:
    """The two sides of the minutes are two people. Raises TransferNotYours."""
    if offered_by_same:
        raise TransferNotYours(
            "Bạn là bên giao của đợt nộp lưu này. Người khác của lưu trữ cơ quan phải nhận."
        )
