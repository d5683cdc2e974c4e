"""The printed form of a closed book as PDF/A: volumes set one by one, joined, with fields.

Each volume is set by a bounded process; the same volume gives the same bytes. Adapter: typesetter
and PDF library; no database.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pikepdf

from eoffice.people.views import Letterhead
from eoffice.printing import pdf_fields, printed_table
from eoffice.printing.pdf_fields import Placeholder
from eoffice.printing.printed_table import Table
from eoffice.printing.typesetting import Composed


def volume(table: Table, letterhead: Letterhead, *, foot: str, at: datetime) -> Composed:
    """One volume, and where its signatures go. Raises ChildFailed."""
    return printed_table.compose_bounded(table, letterhead, foot=foot, at=at)


def page_count(pdf: bytes) -> int:
    """How many pages a file that was made here has."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return len(file.pages)


def bound(volumes: Sequence[bytes], placeholders: Sequence[Placeholder]) -> bytes:
    """All volumes as one file; `placeholders` are those of the last one. The same bytes again."""
    first, *others = volumes
    if not others:
        return pdf_fields.add_fields(first, placeholders)
    with pikepdf.open(io.BytesIO(first)) as whole:
        before = 0
        for other in others:
            before = len(whole.pages)
            with pikepdf.open(io.BytesIO(other)) as next_volume:
                whole.pages.extend(next_volume.pages)
        out = io.BytesIO()
        whole.save(out, deterministic_id=True)
    moved = [replace(each, page=each.page + before) for each in placeholders]
    return pdf_fields.add_fields(out.getvalue(), moved)
