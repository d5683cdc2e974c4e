"""The table that programs send: its header says in fixed words what each column holds.

One row a pupil, subject and semester. `class`, `pupil_code`, `subject` (code or name) and
`semester` (1 or 2) say whose marks they are, `regular_1` to `regular_9`, `midterm` and `final` hold
them; `pupil_name` is compared where it is there. Columns may stand in any order, and those that
are not sent keep what the register has.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from eoffice.files.tables.workbook import Grid
from eoffice.marks.mapping import Field, MappedColumn, Mapping

_FIELDS: Final = {
    "class": Field.CLASS,
    "pupil_code": Field.CODE,
    "pupil_name": Field.NAME,
    "subject": Field.SUBJECT,
    "semester": Field.SEMESTER,
    "midterm": Field.MIDTERM,
    "final": Field.FINAL,
    "midterm_test": Field.MIDTERM_TEST,
    "final_test": Field.FINAL_TEST,
}
_SINGLE: Final = ("midterm", "final", "midterm_test", "final_test")
_COUNTED: Final = {
    "regular": Field.REGULAR,
    "oral": Field.ORAL,
    "written": Field.WRITTEN,
    "periodic": Field.PERIODIC,
}
_NEEDED: Final = {"class", "pupil_code", "subject", "semester"}
MOST_ROWS: Final = 60_000
_MOST_REGULAR: Final = 9

Written = Annotated[str, msgspec.Meta(max_length=20)]


class PupilMarks(msgspec.Struct, frozen=True, kw_only=True):
    """The marks of one pupil in one subject and semester; what is not sent stays as it is.

    A mark is text: "8.5", "Đ", "CĐ", "M", in primary schools "T", "H", "C"; "" for an empty cell.
    Oral, written and periodic marks are of Circular 58/2011, tests beside judgements of 27/2020.
    """

    class_name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] = msgspec.field(
        name="class"
    )
    pupil_code: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    semester: Annotated[str, msgspec.Meta(pattern="^[12]$")]
    pupil_name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    regular: Annotated[tuple[Written, ...], msgspec.Meta(max_length=_MOST_REGULAR)] | None = None
    midterm: Written | None = None
    final: Written | None = None
    oral: Annotated[tuple[Written, ...], msgspec.Meta(max_length=_MOST_REGULAR)] | None = None
    written: Annotated[tuple[Written, ...], msgspec.Meta(max_length=_MOST_REGULAR)] | None = None
    periodic: Annotated[tuple[Written, ...], msgspec.Meta(max_length=_MOST_REGULAR)] | None = None
    midterm_test: Written | None = None
    final_test: Written | None = None


def mapping_of(grid: Grid) -> Mapping | None:
    """What the columns mean, where the first row is the header of this table."""
    if not grid.rows:
        return None
    words = [cell.strip().lower() if isinstance(cell, str) else "" for cell in grid.rows[0]]
    columns = []
    for column, word in enumerate(words, start=1):
        counted = re.fullmatch(r"(regular|oral|written|periodic)_([1-9])", word)
        if counted is not None:
            columns.append(MappedColumn(column, _COUNTED[counted[1]], int(counted[2])))
        elif word in _FIELDS:
            columns.append(MappedColumn(column, _FIELDS[word]))
        else:
            return None
    if not set(words) >= _NEEDED or len(set(words)) < len(words):
        return None
    return Mapping(1, 2, tuple(columns))


def table(rows: Sequence[PupilMarks]) -> bytes:
    """The same as a CSV file; only columns that some row sends."""
    most = {
        name: max((len(getattr(row, name) or ()) for row in rows), default=0) for name in _COUNTED
    }
    header = ["class", "pupil_code", "pupil_name", "subject", "semester"]
    header += [f"{name}_{n}" for name, count in most.items() for n in range(1, count + 1)]
    single = [name for name in _SINGLE if any(getattr(r, name) is not None for r in rows)]
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter="\t")
    writer.writerow([*header, *single])
    for row in rows:
        given: list[str] = []
        for name, count in most.items():
            own = getattr(row, name) or ()
            given += [*own, *[""] * (count - len(own))]
        writer.writerow(
            [
                row.class_name, row.pupil_code, row.pupil_name, row.subject, row.semester,
                *given, *(getattr(row, name) or "" for name in single),
            ]
        )  # fmt: skip
    return written.getvalue().encode()
