"""Who keeps the books of paper and what a line says (Decree 30/2020, Annex IV.III and IV.IV). Pure.

The records clerk keeps both books (art. 6, 19); who leads agency or office reads them. A line
that is wrong is struck out with a reason and written again: a number of the book is never reused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.people.kinds import PositionKind as P

_READERS: Final = frozenset({P.CLERK, P.HEAD, P.DEPUTY_HEAD, P.OFFICE_HEAD, P.OFFICE_DEPUTY})
#: Who may allow the use of a file copy: the head of the agency and whom the head has put over it.
ALLOWING: Final = frozenset({P.HEAD, P.DEPUTY_HEAD, P.OFFICE_HEAD, P.OFFICE_DEPUTY})
LONGEST: Final = {"code": 100, "recipient": 300, "borrower": 200, "note": 500, "receipt": 200}
MOST_ENVELOPES: Final = 9999
MOST_RECIPIENTS: Final = 200
LEAST_REASON: Final = 10


class PaperNotYours(NotAllowed):
    """The books of paper are kept by the records clerk."""


class PaperWrong(Invalid):
    """Something about the line cannot be kept as it was entered."""


class LineUnknown(NotFound):
    """The book of the agency has no such line."""


class LineStruck(Conflict):
    """The line was struck out."""


class CopyIsOut(Conflict):
    """The file copy was lent and has not come back."""


class CopyIsBack(Conflict):
    """The file copy has come back already."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is entered at once: one thing to one or more recipients, a line each."""

    sent_on: date
    code: str
    recipients: tuple[str, ...]
    envelopes: int
    note: str


@dataclass(frozen=True, slots=True)
class Loan:
    lent_on: date
    borrower: str
    code: str
    due_on: date | None
    note: str


def may_read(position: P) -> bool:
    return position in _READERS


def require_reader(position: P) -> None:
    """Raises PaperNotYours."""
    if not may_read(position):
        raise PaperNotYours("Sổ này do văn thư giữ; lãnh đạo cơ quan và văn phòng xem được.")


def require_keeper(position: P) -> None:
    """Raises PaperNotYours."""
    if position is not P.CLERK:
        raise PaperNotYours("Chỉ văn thư cơ quan được ghi sổ này.")


def checked_post(
    sent_on: date, code: str, recipients: str, envelopes: int, note: str, *, today: date
) -> Post:
    """`recipients`: one a line. Raises PaperWrong with every field that is wrong."""
    wrong: dict[str, str] = {}
    _day(sent_on, today, "sent_on", wrong)
    names = tuple(dict.fromkeys(" ".join(each.split()) for each in recipients.splitlines()))
    names = tuple(each for each in names if each)
    if not names:
        wrong["recipients"] = "Ghi nơi nhận văn bản."
    elif len(names) > MOST_RECIPIENTS:
        wrong["recipients"] = f"Mỗi lần ghi nhiều nhất {MOST_RECIPIENTS} nơi nhận."
    elif any(len(each) > LONGEST["recipient"] for each in names):
        wrong["recipients"] = f"Tên một nơi nhận dài nhất {LONGEST['recipient']} ký tự."
    if not 1 <= envelopes <= MOST_ENVELOPES:
        wrong["envelopes"] = f"Số lượng bì từ 1 đến {MOST_ENVELOPES}."
    words = _text(code, "code", "Ghi số, ký hiệu văn bản.", wrong)
    said = _text(note, "note", "", wrong)
    _refuse(wrong)
    return Post(sent_on, words, names, envelopes, said)


def checked_loan(
    lent_on: date, borrower: str, code: str, due_on: date | None, note: str, *, today: date
) -> Loan:
    """Raises PaperWrong with every field that is wrong."""
    wrong: dict[str, str] = {}
    _day(lent_on, today, "lent_on", wrong)
    if due_on is not None and due_on < lent_on:
        wrong["due_on"] = "Hạn trả từ ngày cho sử dụng trở đi."
    name = _text(borrower, "borrower", "Ghi họ tên người sử dụng.", wrong)
    words = _text(code, "code", "Ghi số, ký hiệu văn bản.", wrong)
    said = _text(note, "note", "", wrong)
    _refuse(wrong)
    return Loan(lent_on, name, words, due_on, said)


def checked_receipt(receipt: str, on: date, sent_on: date, *, today: date) -> str:
    """Who signed for it, or the number of the post's receipt. Raises PaperWrong."""
    wrong: dict[str, str] = {}
    words = _text(receipt, "receipt", "Ghi người ký nhận hoặc số phiếu gửi của bưu điện.", wrong)
    if not sent_on <= on <= today:
        wrong["receipted_on"] = "Ngày ký nhận từ ngày chuyển đến hôm nay."
    _refuse(wrong)
    return words


def checked_return(on: date, lent_on: date, *, today: date) -> date:
    """Raises PaperWrong."""
    if not lent_on <= on <= today:
        words = "Ngày trả từ ngày cho sử dụng đến hôm nay."
        raise PaperWrong(words, fields={"returned_on": words})
    return on


def checked_reason(why: str) -> str:
    """Why a line is struck out. Raises PaperWrong."""
    reason = " ".join(why.split())
    if not LEAST_REASON <= len(reason) <= LONGEST["note"]:
        words = "Hãy ghi lý do gạch bỏ bằng một câu."
        raise PaperWrong(words, fields={"why": words})
    return reason


def _day(on: date, today: date, field: str, wrong: dict[str, str]) -> None:
    """A line is of this year or, while people catch up, of the one before."""
    if not date(today.year - 1, 1, 1) <= on <= today:
        wrong[field] = "Ngày ghi sổ trong năm nay hoặc năm trước, không sau hôm nay."


def _text(text: str, field: str, missing: str, wrong: dict[str, str]) -> str:
    words = " ".join(text.split())
    if missing and not words:
        wrong[field] = missing
    elif len(words) > LONGEST[field]:
        wrong[field] = f"Ghi dài nhất {LONGEST[field]} ký tự."
    return words


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise PaperWrong("Chưa ghi được: " + " ".join(wrong.values()), fields=wrong)
