"""The cover of a book that is printed as it stands today (Decree 30/2020, Annex IV)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from eoffice.documents import types
from eoffice.printing.printed_table import Cover


def cover(
    title: tuple[str, ...], year: int, *, days: Sequence[date | None], numbers: Sequence[int]
) -> Cover | None:
    """From which day to which, and from which number to which; `numbers` in rising order.

    Without numbers the cover names days alone, as the book of handling does (Annex IV.VIII). None
    for a book without a line.
    """
    known = [day for day in days if day is not None]
    if not known:
        return None
    spans = [f"Từ ngày {min(known):%d/%m/%Y} đến ngày {max(known):%d/%m/%Y}"]
    if numbers:
        first, last = types.printed_number(numbers[0]), types.printed_number(numbers[-1])
        spans.append(f"Từ số {first} đến số {last}")
    return Cover(title, year, tuple(spans))
