"""Where the header of a table stands, and the words by which a layout is known again. Pure.

The same words in the header are the same layout, wherever it stands in the sheet and whatever the
title above it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Value

#: How far down a header is looked for.
DEPTH: Final = 30

Rows = Sequence[Sequence[Value]]
#: Signature, row of the header from 1, and how many rows it is high.
Found = tuple[str, int, int]


def text_of(cell: Value) -> str:
    """What stands in a cell, as one would read it: 7 rather than 7.0, days as 03/05/2012."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return "" if cell is None else " ".join(str(cell).split())


def signature(rows: Rows, header_row: int, height: int) -> str:
    """What is the same for two sheets of one layout: the words of the header, column by column."""
    band = [
        [folded(_word(cell)) for cell in row]
        for row in rows[header_row - 1 : header_row - 1 + height]
    ]
    width = max((len(row) for row in band), default=0)
    while width and not any(width <= len(row) and row[width - 1] for row in band):
        width -= 1
    words = "\n".join(
        "\t".join(row[column] if column < len(row) else "" for row in band)
        for column in range(width)
    )
    return hashlib.sha256(f"{height}\n{words}".encode()).hexdigest()


def found_again(rows: Rows, heights: Collection[int], known: Collection[str]) -> Found | None:
    """Where the first header with one of the known signatures stands."""
    for header_row in range(1, min(len(rows), DEPTH) + 1):
        for height in sorted(set(heights)):
            one = signature(rows, header_row, height)
            if one in known:
                return one, header_row, height
    return None


def likely_header(rows: Rows) -> int:
    """The row, from 1, that looks most like a header: the fullest of words above the data."""
    counted = [
        (sum(1 for cell in row if isinstance(cell, str) and folded(cell)), -number)
        for number, row in enumerate(rows[:DEPTH], start=1)
    ]
    return -max(counted, default=(0, -1))[1]


def _word(cell: Value) -> str:
    """Kept as it was from the beginning: remembered signatures must stay what they are."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else " ".join(str(cell).split())
