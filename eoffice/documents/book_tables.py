"""A book of outgoing documents as it is printed: cover, ten columns in the order of Annex IV.I."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from eoffice.documents import book_kinds, types
from eoffice.documents.book_kinds import BookKind
from eoffice.documents.book_queries import BookLine, BookRead, EntryState
from eoffice.documents.printed_table import Align, Closing, Column, Cover, Signatory, Table

COLUMNS: Final = (
    Column("Số, ký hiệu văn bản", 16),
    Column("Ngày tháng văn bản", 11, Align.CENTER),
    Column("Tên loại và trích yếu nội dung văn bản", 40),
    Column("Người ký", 15),
    Column("Nơi nhận văn bản", 26),
    Column("Đơn vị, người nhận bản lưu", 17),
    Column("Số lượng bản", 7, Align.CENTER),
    Column("Ngày chuyển", 11, Align.CENTER),
    Column("Ký nhận", 9, Align.CENTER),
    Column("Ghi chú", 16),
)


def table(
    lines: Sequence[BookLine],
    book: BookRead,
    *,
    notes: tuple[str, ...] = (),
    cover: Cover | None = None,
    closing: Closing | None = None,
) -> Table:
    """The lines in the order in which they come."""
    return Table(
        title=f"{book_kinds.TITLES[book.kind]} năm {book.year}",
        columns=COLUMNS,
        rows=tuple(
            (
                line.code,
                line.issued_on,
                line.type_and_subject,
                line.signer,
                line.recipients,
                line.filed_by,
                line.copies,
                line.sent_on,
                line.receipt,
                line.note,
            )
            for line in lines
        ),
        notes=notes,
        numbers_columns=True,
        cover=cover,
        closing=closing,
    )


def closed_table(
    lines: Sequence[BookLine], book: BookRead, *, place: str, closed_on: date
) -> Table:
    """The whole book with cover and closing page; `lines` from the first number to the last."""
    first = book.opening_number + 1
    annulled = sum(line.state is EntryState.ANNULLED for line in lines)
    if lines:
        spans = f"Từ số {_number(first)} đến số {_number(book.last_number)}"
        holds = (
            f"Sổ này gồm {len(lines)} số, {spans[0].lower()}{spans[1:]}, liên tục; "
            f"trong đó {annulled} số đã hủy, lý do ghi ở cột Ghi chú."
        )
    else:
        spans, holds = "Không có số nào", "Trong năm không có văn bản nào được ghi vào sổ này."
    days = [line.issued_on for line in lines if line.issued_on is not None]
    from_day = min(days, default=date(book.year, 1, 1))
    return table(
        lines,
        book,
        cover=cover(book_kinds.COVERS[book.kind], book.year, from_day, spans),
        closing=closing((holds,), place=place, closed_on=closed_on),
    )


def cover(title: tuple[str, ...], year: int, from_day: date, *spans: str) -> Cover:
    """Annex IV: the year, from which day to which, from which number to which."""
    days = f"Từ ngày {from_day:%d/%m/%Y} đến ngày 31/12/{year}"
    return Cover(title, year, (days, *spans))


def closing(statements: tuple[str, ...], *, place: str, closed_on: date) -> Closing:
    """The last page of any book: clerk on the left, the head with the seal on the right."""
    ended = f"Sổ được khóa {types.printed_date(closed_on)}; không ghi thêm văn bản nào vào sổ này."
    return Closing(
        statements=(*statements, ended),
        place_and_date=types.place_and_date(place, closed_on),
        signatories=(
            Signatory(("VĂN THƯ CƠ QUAN",), "", "clerk"),
            Signatory(("NGƯỜI ĐỨNG ĐẦU CƠ QUAN",), "", "head", "seal"),
        ),
    )


def file_name(kind: BookKind) -> str:
    """The name of the file, without its ending."""
    return {
        BookKind.OUTGOING: "so-dang-ky-van-ban-di",
        BookKind.SECRET: "so-dang-ky-van-ban-mat-di",
        BookKind.COPY: "so-dang-ky-ban-sao",
    }[kind]


def _number(number: int) -> str:
    return types.printed_number(number)
