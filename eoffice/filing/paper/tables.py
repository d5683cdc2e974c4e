"""The two books as they are printed: six columns of Annex IV.III, nine of Annex IV.IV. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice.documents.books import covers
from eoffice.filing.paper.queries import LoanSeen, PostSeen
from eoffice.printing.printed_table import Align, Column, Table

POST: Final = (
    Column("Ngày chuyển", 12, Align.CENTER),
    Column("Số, ký hiệu văn bản", 20),
    Column("Nơi nhận văn bản", 42),
    Column("Số lượng bì", 9, Align.CENTER),
    Column("Ký nhận và dấu bưu điện", 24),
    Column("Ghi chú", 20),
)
LOANS: Final = (
    Column("Ngày tháng", 12, Align.CENTER),
    Column("Họ tên người sử dụng", 18),
    Column("Số, ký hiệu, ngày tháng văn bản", 18),
    Column("Tên loại và trích yếu nội dung văn bản", 34),
    Column("Số và ký hiệu HS", 14),
    Column("Ký nhận", 10, Align.CENTER),
    Column("Ngày trả", 12, Align.CENTER),
    Column("Người cho phép sử dụng", 17),
    Column("Ghi chú", 16),
)


def of_post(lines: Sequence[PostSeen], year: int) -> Table:
    """Sổ gửi văn bản đi bưu điện; where nobody has signed yet there is room for the pen."""
    return Table(
        title=f"Sổ gửi văn bản đi bưu điện năm {year}",
        columns=POST,
        rows=tuple(
            (
                each.sent_on,
                each.code,
                each.recipient,
                each.envelopes,
                f"{each.receipt}, {each.receipted_on:%d/%m/%Y}" if each.receipted_on else None,
                _note(each.note, each.struck_because),
            )
            for each in lines
        ),
        numbers_columns=True,
        cover=covers.cover(
            ("Sổ gửi", "văn bản đi bưu điện"),
            year,
            days=[each.sent_on for each in lines],
            numbers=[each.ordinal for each in lines],
        ),
    )


def of_loans(lines: Sequence[LoanSeen], year: int) -> Table:
    """Sổ sử dụng bản lưu; the borrower signs on paper."""
    return Table(
        title=f"Sổ sử dụng bản lưu năm {year}",
        columns=LOANS,
        rows=tuple(
            (
                each.lent_on,
                each.borrower,
                f"{each.code}, {each.issued_on:%d/%m/%Y}",
                each.subject,
                each.case_notation,
                None,
                each.returned_on,
                each.allowed_name,
                _note(each.note, each.struck_because),
            )
            for each in lines
        ),
        numbers_columns=True,
        cover=covers.cover(
            ("Sổ sử dụng", "bản lưu"),
            year,
            days=[each.lent_on for each in lines],
            numbers=[each.ordinal for each in lines],
        ),
    )


def _note(note: str, struck_because: str | None) -> str:
    struck = f"Gạch bỏ: {struck_because}" if struck_because else ""
    return ". ".join(part for part in (note.rstrip("."), struck) if part)
