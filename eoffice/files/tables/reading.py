"""Whatever a school brings as a table, as grids: .xlsx, .xls, CSV, or what was pasted."""

from __future__ import annotations

from typing import Final

from eoffice.errors import TooLarge
from eoffice.files.tables import old_workbooks, pasted, workbook
from eoffice.files.tables.pasted import TableRefused
from eoffice.files.tables.workbook import Grid

LARGEST_BYTES: Final = 25 * 2**20
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS: Final = "application/vnd.ms-excel"
TEXT: Final = "text/plain"
_ZIP: Final = b"PK\x03\x04"


class FileTooLarge(TooLarge):
    """The file is larger than the lists of one school are."""


def media_type(content: bytes) -> str:
    """What the bytes are, whatever the file is called. Raises TableRefused, FileTooLarge."""
    if len(content) > LARGEST_BYTES:
        raise FileTooLarge("Tệp lớn hơn 25 MB. Hãy tách tệp theo khối lớp.")
    if content.startswith(_ZIP):
        return XLSX
    if content.startswith(old_workbooks.SIGNATURE):
        return XLS
    decoded(content)
    return TEXT


def grids(content: bytes, kind: str, *, name: str) -> tuple[Grid, ...]:
    """The worksheets; a text is one, called `name`.

    Raises WorkbookRefused, WorkbookTooLarge, TableRefused, TableTooLarge.
    """
    if kind == XLSX:
        return workbook.grids(content, bounds=workbook.SCHOOL)
    if kind == XLS:
        return old_workbooks.grids(content)
    return (pasted.grid(decoded(content), name=name),)


def decoded(content: bytes) -> str:
    """The text of a CSV file, as spreadsheet programs write it. Raises TableRefused."""
    for signature, encoding in (
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"", "utf-8-sig"),
    ):
        if content.startswith(signature):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                break
            if "\x00" not in text:
                return text
            break
    raise TableRefused(
        "Tệp không phải là bảng tính .xlsx, .xls hay tệp CSV mã hóa UTF-8. "
        "Hãy lưu lại dưới dạng .xlsx rồi tải lên."
    )
