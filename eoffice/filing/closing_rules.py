"""When a book of a year may be closed, what it says of itself then, and for how long it is kept.

Decree 30/2020, art. 15 and 22: numbers run from the first one of the year to the last one of
31 December; so a book ends with its year, and every number in it is used or was annulled with its
reason. For how long a book is kept is data: the agency's own schedule says it. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.filing.closing_states import SECRET, ClosedKind
from eoffice.people.kinds import PositionKind as P

#: Older than any book that an office of today keeps.
FIRST_YEAR: Final = 1945
#: Lines of one volume, about two hundred pages: what the typesetter sets within its bounds.
LINES_OF_VOLUME: Final = 2_000
LONGEST_RETENTION_YEARS: Final = 100
#: What a refusal names; the page shows all.
_MOST_NAMED: Final = 20

_READERS: Final = frozenset(
    {P.HEAD, P.DEPUTY_HEAD, P.OFFICE_HEAD, P.OFFICE_DEPUTY, P.SPECIALIST, P.CLERK, P.TEACHER}
)
_READ_SECRETS: Final = frozenset({P.HEAD, P.DEPUTY_HEAD, P.CLERK})


class Hindrance(StrEnum):
    """What can stand in the way of closing a book."""

    #: The year is not over.
    YEAR_RUNS = "year_runs"
    #: A number is kept free.
    RESERVED = "reserved"
    #: A document has its number and did not go out.
    NOT_ISSUED = "not_issued"
    #: A signed document waits for a number of this year.
    AWAITS_NUMBER = "awaits_number"
    #: A number is neither used nor annulled.
    HOLE = "hole"
    #: A document came this year and has no arrival number.
    NOT_REGISTERED = "not_registered"
    #: Lines still come into the incoming book.
    INCOMING_OPEN = "incoming_open"


#: What to do about it, after what it is.
REMEDIES: Final[dict[Hindrance, str]] = {
    Hindrance.YEAR_RUNS: "Sổ chỉ khóa được từ ngày cuối năm.",
    Hindrance.RESERVED: "Ghi văn bản vào số đang giữ, hoặc hủy số kèm lý do.",
    Hindrance.NOT_ISSUED: "Phát hành văn bản, hoặc thu hồi để hủy số kèm lý do.",
    Hindrance.AWAITS_NUMBER: "Cấp số của năm nay, hoặc khóa sổ từ ngày 01/01 năm sau.",
    Hindrance.HOLE: "Hủy số kèm lý do; nếu không hủy được, hãy báo quản trị viên.",
    Hindrance.NOT_REGISTERED: "Vào sổ hoặc từ chối văn bản, hoặc khóa sổ từ ngày 01/01 năm sau.",
    Hindrance.INCOMING_OPEN: "Khóa sổ đăng ký văn bản đến trước.",
}


class BookNotReady(Conflict):
    """The book cannot be closed yet; the detail names what stands in the way."""


class ClosingNotYours(NotAllowed):
    """Books are closed by the records clerk and read by those who work with documents."""


class BookUnknown(NotFound):
    """There is no such book of such a year."""


class RetentionWrong(Invalid):
    """The number of years is no period of retention."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stands in the way, and where it is dealt with."""

    hindrance: Hindrance
    #: "Số 08: giữ cho quyết định khen thưởng đến hết ngày 31/12/2018"
    what: str
    #: Address of the page on which it is dealt with.
    path: str | None = None

    @property
    def remedy(self) -> str:
        return REMEDIES[self.hindrance]


def require_year(year: int, today: date) -> None:
    """Raises BookUnknown for a year of which nobody keeps a book."""
    if not FIRST_YEAR <= year <= today.year:
        raise BookUnknown(f"Không có sổ năm {year}.")


def require_reader(kind: ClosedKind, position: P) -> None:
    """Raises ClosingNotYours."""
    if position not in (_READ_SECRETS if kind in SECRET else _READERS):
        raise ClosingNotYours(
            "Sổ văn bản mật dành cho văn thư và lãnh đạo cơ quan."
            if kind in SECRET and position in _READERS
            else "Sổ văn bản dành cho người làm việc với văn bản của cơ quan."
        )


def may_read(kind: ClosedKind, position: P) -> bool:
    return position in (_READ_SECRETS if kind in SECRET else _READERS)


def may_keep(position: P) -> bool:
    """Who closes books, makes their printed form and seals it (art. 32)."""
    return position is P.CLERK


def require_keeper(position: P) -> None:
    """Raises ClosingNotYours."""
    if not may_keep(position):
        raise ClosingNotYours("Khóa sổ là việc của văn thư cơ quan. Hãy đề nghị văn thư thực hiện.")


def year_runs(year: int, today: date) -> Obstacle | None:
    """A book ends on 31 December at the earliest."""
    if today >= date(year, 12, 31):
        return None
    return Obstacle(Hindrance.YEAR_RUNS, f"Năm {year} chưa hết, sổ còn cấp số đến ngày 31/12.")


def require_none(title: str, obstacles: Sequence[Obstacle]) -> None:
    """Raises BookNotReady with what there is to do."""
    if not obstacles:
        return
    named = "; ".join(each.what for each in obstacles[:_MOST_NAMED])
    more = f"; và {len(obstacles) - _MOST_NAMED} mục khác" if len(obstacles) > _MOST_NAMED else ""
    first = obstacles[0].remedy
    raise BookNotReady(f"Chưa khóa được {title[0].lower()}{title[1:]}. {named}{more}. {first}")


def checked_retention(years: int | None) -> int | None:
    """Years for which the book is kept; None: for ever. Raises RetentionWrong."""
    if years is not None and not 1 <= years <= LONGEST_RETENTION_YEARS:
        raise RetentionWrong(
            "Thời hạn bảo quản tính bằng năm, để trống nếu bảo quản vĩnh viễn.",
            fields={"retention_years": f"Ghi từ 1 đến {LONGEST_RETENTION_YEARS}, hoặc để trống."},
        )
    return years


def retained_until(year: int, years: int | None) -> date | None:
    """The last day on which the book must be kept, counted from the year in which it ended."""
    return None if years is None else date(year + years, 12, 31)


def retention_words(years: int | None) -> str:
    return "Vĩnh viễn" if years is None else f"{years} năm"


def volumes(count: int) -> tuple[tuple[int, int], ...]:
    """Where each volume begins and ends among `count` lines; an empty book has one volume."""
    starts = range(0, max(count, 1), LINES_OF_VOLUME)
    return tuple((start, min(start + LINES_OF_VOLUME, count)) for start in starts)
