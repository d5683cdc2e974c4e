"""A closed book as volumes to be printed: cover, opening words, lines, closing words, signatures.

Decree 30/2020, Annex IV: cover and first page with the year, from which day to which, from which
number to which, and the number of the volume. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.documents import types
from eoffice.filing import closing_rules, closing_states
from eoffice.filing.closing_states import ClosedKind
from eoffice.printing.printed_table import Cell, Closing, Column, Cover, Signatory, Table

#: On the cover, a line each.
COVERS: Final[dict[ClosedKind, tuple[str, ...]]] = {
    ClosedKind.OUTGOING: ("Sổ đăng ký", "văn bản đi"),
    ClosedKind.SECRET: ("Sổ đăng ký", "văn bản mật đi"),
    ClosedKind.COPY: ("Sổ đăng ký", "bản sao văn bản"),
    ClosedKind.INCOMING: ("Sổ đăng ký", "văn bản đến"),
    ClosedKind.INCOMING_SECRET: ("Sổ đăng ký", "văn bản mật đến"),
    ClosedKind.HANDLING: ("Sổ theo dõi giải quyết", "văn bản đến"),
}
_FILES: Final[dict[ClosedKind, str]] = {
    ClosedKind.OUTGOING: "so-dang-ky-van-ban-di",
    ClosedKind.SECRET: "so-dang-ky-van-ban-mat-di",
    ClosedKind.COPY: "so-dang-ky-ban-sao",
    ClosedKind.INCOMING: "so-dang-ky-van-ban-den",
    ClosedKind.INCOMING_SECRET: "so-dang-ky-van-ban-mat-den",
    ClosedKind.HANDLING: "so-theo-doi-giai-quyet-van-ban-den",
}


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole book."""

    kind: ClosedKind
    year: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: Of each row.
    numbers: tuple[int, ...]
    #: Of each row; None for a number without a document.
    days: tuple[date | None, ...]
    #: The last number of the paper book behind which it goes on; 0: none.
    opening_number: int
    annulled: int
    withdrawn: int
    #: Documents on which work goes on in the next year.
    unfinished: int


def title(kind: ClosedKind, year: int) -> str:
    return f"{closing_states.TITLES[kind]} năm {year}"


def file_name(kind: ClosedKind, year: int) -> str:
    return f"{_FILES[kind]}-{year}.pdf"


def foot(book: Contents, closed_on: date) -> str:
    """Stands on every page beside its number."""
    return f"{title(book.kind, book.year)}, khóa ngày {closed_on:%d/%m/%Y}"


def volumes(book: Contents, *, agency: str, place: str, closed_on: date) -> tuple[Table, ...]:
    """Every volume in its order; the last one bears the signatures."""
    spans = closing_rules.volumes(len(book.rows))
    return tuple(
        Table(
            title=title(book.kind, book.year),
            columns=book.columns,
            rows=book.rows[start:end],
            numbers_columns=True,
            cover=_cover(book, start, end, ordinal, len(spans), agency),
            closing=_end(book, len(spans), place, closed_on)
            if ordinal == len(spans)
            else _end_of_volume(book, start, end, ordinal),
        )
        for ordinal, (start, end) in enumerate(spans, start=1)
    )


def _cover(book: Contents, start: int, end: int, ordinal: int, count: int, agency: str) -> Cover:
    days = [day for day in book.days[start:end] if day is not None]
    first = min(days, default=date(book.year, 1, 1)) if ordinal > 1 else _first_day(book, days)
    last = date(book.year, 12, 31) if ordinal == count else max(days, default=first)
    spans = [f"Từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"]
    numbers = book.numbers[start:end]
    # Annex IV.VIII: the book of handling names days only.
    if numbers and book.kind is not ClosedKind.HANDLING:
        spans.append(f"Từ số {_number(numbers[0])} đến số {_number(numbers[-1])}")
    return Cover(
        COVERS[book.kind],
        book.year,
        tuple(spans),
        f"{ordinal:02d}",
        _opening(book, numbers, agency),
    )


def _first_day(book: Contents, days: Sequence[date]) -> date:
    """A book without predecessor begins with its year; an older document may come into it."""
    begins = date(book.year, 1, 1)
    return begins if not book.opening_number else min(days, default=begins)


def _opening(book: Contents, numbers: Sequence[int], agency: str) -> tuple[str, ...]:
    about = f"{closing_states.TITLES[book.kind]} của {agency}, năm {book.year}"
    if not numbers:
        return (f"{about}.",)
    begins = f"bắt đầu từ số {_number(numbers[0])}"
    if book.opening_number and numbers[0] == book.opening_number + 1:
        begins += f", tiếp theo số {_number(book.opening_number)} của sổ giấy"
    return (f"{about}, {begins}.",)


def _end(book: Contents, count: int, place: str, closed_on: date) -> Closing:
    ended = f"Sổ được khóa {types.printed_date(closed_on)}; không ghi thêm văn bản nào vào sổ này."
    return Closing(
        statements=(*_holds(book, count), ended),
        place_and_date=types.place_and_date(place, closed_on),
        signatories=(
            Signatory(("VĂN THƯ CƠ QUAN",), "", "clerk"),
            Signatory(("NGƯỜI ĐỨNG ĐẦU CƠ QUAN",), "", "head", "seal"),
        ),
    )


def _holds(book: Contents, count: int) -> tuple[str, ...]:
    """How much the book holds: its numbers, those struck out, those taken back."""
    if not book.numbers:
        return ("Trong năm không có văn bản nào được ghi vào sổ này.",)
    first, last = _number(book.numbers[0]), _number(book.numbers[-1])
    bound = f", đóng thành {count} quyển" if count > 1 else ""
    holds = [f"Sổ này gồm {len(book.numbers)} số, từ số {first} đến số {last}, liên tục{bound}."]
    if book.kind in (ClosedKind.INCOMING, ClosedKind.INCOMING_SECRET, ClosedKind.HANDLING):
        if book.withdrawn:
            holds.append(f"Trong đó có {book.withdrawn} văn bản đã bị nơi gửi thu hồi.")
        if book.kind is ClosedKind.HANDLING:
            holds.append(
                f"Đến ngày khóa sổ còn {book.unfinished} văn bản đang giải quyết, tiếp tục được "
                "theo dõi trong hệ thống."
                if book.unfinished
                else "Mọi văn bản trong sổ đã giải quyết xong."
            )
    else:
        struck = (
            f"{book.annulled} số đã hủy, lý do ghi ở cột Ghi chú"
            if book.annulled
            else "không có số nào bị hủy"
        )
        back = f"; {book.withdrawn} văn bản đã thu hồi" if book.withdrawn else ""
        holds.append(f"Trong đó {struck}{back}.")
    return tuple(holds)


def _end_of_volume(book: Contents, start: int, end: int, ordinal: int) -> Closing:
    numbers = book.numbers[start:end]
    return Closing(
        statements=(
            f"Hết quyển số {ordinal:02d}: {end - start} số, từ số {_number(numbers[0])} đến số "
            f"{_number(numbers[-1])}. Tiếp theo là quyển số {ordinal + 1:02d}.",
        )
    )


def _number(number: int) -> str:
    return types.printed_number(number)
