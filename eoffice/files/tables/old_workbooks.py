"""Workbooks of Excel 97–2003 (.xls) as plain grids of values, read in a bounded child process.

Many schools' programs still export this format. It is a binary format of strangers, so the parser
runs in a child that can be lost.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from eoffice.files import bounded
from eoffice.files.tables.workbook import Grid, Value, WorkbookRefused, WorkbookTooLarge

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHILD: Final = str(Path(__file__).with_name("old_workbook_child.py"))
_REFUSALS: Final = {
    "password": "Tệp có đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại rồi tải lên.",
    "broken": "Tệp .xls không nguyên vẹn nên không đọc được. Hãy mở bằng Excel, lưu lại dưới dạng "
    ".xlsx rồi tải lên.",
}


def grids(content: bytes) -> tuple[Grid, ...]:
    """The visible worksheets of an .xls file, in their order.

    Raises WorkbookRefused, WorkbookTooLarge.
    """
    try:
        answer = json.loads(
            bounded.run([sys.executable, "-I", _CHILD], content=content, memory_mib=768, seconds=20)
        )
    except (bounded.ChildFailed, ValueError) as lost:
        raise WorkbookRefused(_REFUSALS["broken"]) from lost
    refused = answer.get("refused")
    if refused == "too_large":
        raise WorkbookTooLarge(
            "Tệp .xls có quá nhiều trang tính hoặc quá nhiều dòng. Hãy chỉ giữ các trang cần nhập."
        )
    if refused is not None:
        raise WorkbookRefused(_REFUSALS[refused])
    return tuple(
        Grid(sheet["name"], _rows(sheet["rows"]), frozenset()) for sheet in answer["sheets"]
    )


def _rows(rows: list[list[Any]]) -> tuple[tuple[Value, ...], ...]:
    found = [_trimmed([_value(cell) for cell in row]) for row in rows]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _value(cell: object) -> Value:
    if isinstance(cell, dict):
        return datetime.fromisoformat(cell["day"])
    assert cell is None or isinstance(cell, str | int | float | bool)
    return cell


def _trimmed(row: list[Value]) -> tuple[Value, ...]:
    while row and row[-1] is None:
        row.pop()
    return tuple(row)
