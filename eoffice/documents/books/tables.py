"""A book of outgoing documents as it is printed: ten columns in the order of Annex IV.I."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice.documents.books import covers as book_covers
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.queries import BookLine, BookRead
from eoffice.printing.printed_table import Align, Cell, Column, Table

COLUMNS: Final = (
    Column("Số, ký hiệu văn bản", 16),
    Column("Ngày tháng văn bản", 12, Align.CENTER),
    Column("Tên loại và trích yếu nội dung văn bản", 38),
    Column("Người ký", 15),
    Column("Nơi nhận văn bản", 26),
    Column("Đơn vị, người nhận bản lưu", 17),
    Column("Số lượng bản", 7, Align.CENTER),
    Column("Ngày chuyển", 12, Align.CENTER),
    Column("Ký nhận", 9, Align.CENTER),
    Column("Ghi chú", 16),
)


_COVERS: Final = {
    BookKind.OUTGOING: ("Sổ đăng ký", "văn bản đi"),
    BookKind.SECRET: ("Sổ đăng ký", "văn bản mật đi"),
    BookKind.COPY: ("Sổ đăng ký", "bản sao văn bản"),
}


def table(
    lines: Sequence[BookLine],
    book: BookRead,
    *,
    notes: tuple[str, ...] = (),
    is_whole: bool = False,
) -> Table:
    """The lines in the order in which they come; the whole book has its cover."""
    return Table(
        title=f"{book_kinds.TITLES[book.kind]} năm {book.year}",
        columns=COLUMNS,
        rows=tuple(row(each) for each in lines),
        notes=notes,
        numbers_columns=True,
        cover=None
        if not is_whole
        else book_covers.cover(
            _COVERS[book.kind],
            book.year,
            days=[each.issued_on for each in lines],
            numbers=[each.number for each in lines],
        ),
    )


def row(line: BookLine) -> tuple[Cell, ...]:
    """A line in the order of `COLUMNS`."""
    return (
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


def file_name(kind: BookKind) -> str:
    """The name of the file, without its ending."""
    return {
        BookKind.OUTGOING: "so-dang-ky-van-ban-di",
        BookKind.SECRET: "so-dang-ky-van-ban-mat-di",
        BookKind.COPY: "so-dang-ky-ban-sao",
    }[kind]
