"""A printed table over HTTP: the same list as a page's, to keep or to print.

`?format=pdf` and `?format=xlsx` of a page or an endpoint answer through here.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from litestar import Response

from eoffice.documents import files, printed_table, workbooks
from eoffice.documents.printed_table import Table
from eoffice.people.queries import Letterhead


class Format(StrEnum):
    PDF = "pdf"
    XLSX = "xlsx"


def answer(
    table: Table,
    letterhead: Letterhead,
    wanted: Format,
    *,
    name: str,
    printed_by: str,
    at: datetime,
) -> Response[bytes]:
    """The file to keep, under `name` (without its ending). Raises TooManyRows."""
    if wanted is Format.PDF:
        content = printed_table.pdf(table, letterhead, printed_by=printed_by, at=at)
        return files.download(content, "application/pdf", f"{name}.pdf")
    content = workbooks.write(table, letterhead, printed_by=printed_by, at=at)
    return files.download(content, workbooks.MEDIA_TYPE, f"{name}.xlsx")
