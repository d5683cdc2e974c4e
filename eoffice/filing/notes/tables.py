"""The page on which a note on a closed book is printed and signed."""

from __future__ import annotations

from datetime import date
from typing import Final

from eoffice.documents import types
from eoffice.filing.notes.rules import Wording
from eoffice.printing.printed_table import Closing, Column, Signatory, Table

#: Name of the form field of the signature.
FIELD: Final = "head"
_COLUMNS: Final = (
    Column("Chỗ cần đính chính", 24),
    Column("Nay đọc là", 46),
    Column("Lý do", 30),
)


def table(
    title: str, ordinal: int, wording: Wording, *, closed_on: date, place: str, on: date, clerk: str
) -> Table:
    """The page of a note."""
    return Table(
        title=f"Đính chính số {ordinal:02d} của {title[0].lower()}{title[1:]}",
        columns=_COLUMNS,
        rows=((wording.place, wording.words, wording.reason),),
        notes=(f"Sổ khóa {types.printed_date(closed_on)}",),
        closing=Closing(
            statements=(
                "Sổ đã khóa giữ nguyên như đã ký; bản đính chính này được lưu kèm theo sổ.",
                f"Người lập: {clerk}.",
            ),
            place_and_date=types.place_and_date(place, on),
            signatories=(Signatory(("NGƯỜI ĐỨNG ĐẦU CƠ QUAN",), "", FIELD),),
        ),
    )
