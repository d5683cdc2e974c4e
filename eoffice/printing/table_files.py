"""A printed table over HTTP: the same list as a page's, to keep or to print.

`?format=pdf`, `?format=xlsx` and `?format=docx` of a page or an endpoint answer through here.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from litestar import Response

from eoffice.files import http as files
from eoffice.people.views import Letterhead
from eoffice.printing import printed_table, word_tables, workbooks
from eoffice.printing.printed_table import Table


class Format(StrEnum):
    PDF = "pdf"
    XLSX = "xlsx"
    DOCX = "docx"


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
    if wanted is Format.DOCX:
        content = word_tables.write(table, letterhead, printed_by=printed_by, at=at)
        return files.download(content, word_tables.MEDIA_TYPE, f"{name}.docx")
    content = workbooks.write(table, letterhead, printed_by=printed_by, at=at)
    return files.download(content, workbooks.MEDIA_TYPE, f"{name}.xlsx")


def period_note(since: date | None, until: date | None) -> tuple[str, ...]:
    """ "Từ ngày 01/08/2018 đến ngày 31/08/2018", for the head of a list; nothing without a day."""
    first = f"từ ngày {since:%d/%m/%Y}" if since else ""
    last = f"đến ngày {until:%d/%m/%Y}" if until else ""
    days = " ".join(part for part in (first, last) if part)
    return (days[0].upper() + days[1:],) if days else ()
