"""Danh sách học sinh đánh giá lại: who is assessed again in what, to be printed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eoffice.assessment.year import Need
from eoffice.marks.year_queries import SummerRow, SummerView
from eoffice.printing.printed_table import Align, Cell, Column, Table

NEEDS: Final[dict[Need, str]] = {
    Need.RE_ASSESSMENT: "Đánh giá lại môn học",
    Need.CONDUCT_TRAINING: "Rèn luyện trong hè",
}
COLUMNS: Final = (
    Column("Số TT", 6, Align.CENTER),
    Column("Mã học sinh", 16),
    Column("Họ và tên", 26),
    Column("Phải làm", 22),
    Column("Môn đánh giá lại", 22),
    Column("Kết quả cả năm", 10, Align.CENTER),
    Column("Kết quả đánh giá lại", 12, Align.CENTER),
)
NOT_CHOSEN: Final = "chưa chọn môn"


def of_class(view: SummerView) -> Table:
    """A line for each pupil and subject; who only trains in summer has one without a subject."""
    return Table(
        title=f"Danh sách học sinh đánh giá lại, rèn luyện trong hè lớp {view.class_name}",
        columns=COLUMNS,
        rows=tuple(_lines(view)),
        notes=(f"Năm học {view.school_year} · {view.circular}",),
    )


def of_school(views: Sequence[SummerView], school_year: str) -> Table:
    """The lists of several classes under one another, with the class in the first column."""
    return Table(
        title="Danh sách học sinh đánh giá lại, rèn luyện trong hè",
        columns=(Column("Lớp", 8, Align.CENTER), *COLUMNS),
        rows=tuple((view.class_name, *line) for view in views for line in _lines(view)),
        notes=(f"Năm học {school_year}",),
    )


def _lines(view: SummerView) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(view.rows, start=1):
        needs = ", ".join(NEEDS[need] for need in row.needs)
        for place, (subject, year, again) in enumerate(_subjects(row)):
            head = (number, row.pupil.code, row.pupil.name, needs)
            yield (*(head if place == 0 else ("", "", "", "")), subject, year, again)


def _subjects(row: SummerRow) -> list[tuple[str, str, str]]:
    """Name, result of the year and of the re-assessment, of each subject that counts."""
    if Need.RE_ASSESSMENT not in row.needs or not row.cells:
        return [("", "", "")]
    found: dict[str, tuple[str, str, list[str]]] = {}
    for cell in row.cells:
        if cell.is_chosen:
            _, _, results = found.setdefault(cell.subject, (cell.subject_name, cell.year, []))
            results.append(cell.shown)
    if not found:
        return [(NOT_CHOSEN, "", "")]
    return [(name, year, " · ".join(filter(None, got))) for name, year, got in found.values()]
