"""One cell of a marks sheet, by what its column holds under the circular of the class."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from eoffice.assessment.marks import SubjectKind, Verdict
from eoffice.assessment.year import Holds
from eoffice.errors import Invalid
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Value
from eoffice.marks import entry, mark_cells
from eoffice.marks.mark_cells import CellRefused
from eoffice.marks.sheet_faults import FaultKind


def held(value: Value, holds: Holds) -> Decimal | Verdict:
    """The mark, verdict or judgement that a cell holds. Raises CellRefused."""
    if holds is Holds.JUDGEMENT:
        return _judgement(value)
    if holds is Holds.RESULT and isinstance(value, str) and folded(value) in ("m", "mien"):
        return Verdict.EXEMPT
    kind = SubjectKind.COMMENT if holds is Holds.VERDICT else SubjectKind.SCORED
    found = mark_cells.understood(value, kind)
    if holds is Holds.WHOLE_MARK and isinstance(found, Decimal) and found % 1:
        raise CellRefused(
            FaultKind.TOO_PRECISE,
            f"Ô ghi {mark_cells.shown(found)}; điểm bài kiểm tra định kì là số nguyên từ 0 đến 10.",
        )
    return found


def day(value: Value, text: str) -> date | None:
    """A birth date, as a day of the spreadsheet or written 03/05/2012; else None."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def _judgement(value: Value) -> Verdict:
    try:
        found = entry.typed(str(value), Holds.JUDGEMENT)
    except Invalid as refused:
        raise CellRefused(FaultKind.NOT_A_MARK, refused.detail) from refused
    if not isinstance(found, Verdict):
        raise CellRefused(FaultKind.NOT_A_MARK, "Ô không ghi mức đạt được.")
    return found
