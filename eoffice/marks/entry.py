"""One cell that a teacher types: what it means, and how two teachers never overwrite unseen.

The tag of a cell is its value: whoever sends the tag of what stood on the screen replaces exactly
that. A cell that meanwhile holds something else is not replaced, and the answer says what it holds.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from eoffice.assessment.marks import SubjectKind, Value, Verdict
from eoffice.assessment.year import Holds
from eoffice.errors import Conflict, Invalid
from eoffice.files.tables.words import folded
from eoffice.marks import mark_cells
from eoffice.marks.mark_cells import CellRefused

_JUDGEMENTS: Final = {
    "t": Verdict.WELL_DONE,
    "hoan thanh tot": Verdict.WELL_DONE,
    "h": Verdict.DONE,
    "hoan thanh": Verdict.DONE,
    "c": Verdict.NOT_DONE,
    "chua hoan thanh": Verdict.NOT_DONE,
    "m": Verdict.EXEMPT,
    "mien": Verdict.EXEMPT,
}


class NotAMark(Invalid):
    """What was typed is not plainly a mark; the sentence says what is."""


class CellChanged(Conflict):
    """Somebody else has changed the cell since it was shown."""


def typed(text: str, holds: Holds) -> Value | None:
    """The mark that a person typed; None for an emptied cell. Raises NotAMark.

    A decimal comma is a decimal comma here: in a single cell it can be nothing else.
    """
    written = text.strip()
    if not written:
        return None
    if holds is Holds.JUDGEMENT:
        return _judgement(written)
    if holds is Holds.RESULT and folded(written) in ("m", "mien"):
        return Verdict.EXEMPT
    kind = SubjectKind.COMMENT if holds is Holds.VERDICT else SubjectKind.SCORED
    if kind is SubjectKind.SCORED and re.fullmatch(r"\d{1,2},\d{1,6}", written):
        written = written.replace(",", ".")
    try:
        value = mark_cells.understood(written, kind)
    except CellRefused as refused:
        raise NotAMark(refused.sentence) from refused
    if holds is Holds.WHOLE_MARK and isinstance(value, Decimal) and value % 1:
        raise NotAMark("Điểm bài kiểm tra định kì là số nguyên từ 0 đến 10.")
    return value


def _judgement(written: str) -> Verdict:
    found = _JUDGEMENTS.get(folded(written))
    if found is None:
        raise NotAMark(
            f"Ô ghi “{written[:30]}”; mức đạt được chỉ ghi T (Hoàn thành tốt), H (Hoàn thành), "
            "C (Chưa hoàn thành) hoặc M (Miễn)."
        )
    return found


def tag(value: Value | None) -> str:
    """The entity tag of a cell: "8.5", "passed", "" for an empty one, with its quotation marks."""
    if value is None:
        return '""'
    return f'"{value.value if isinstance(value, Verdict) else value}"'


def require_unchanged(now: Value | None, seen: str | None) -> None:
    """Raises CellChanged where `seen`, the tag sent in If-Match, is not that of the cell.

    None means that whoever writes did not look: allowed into an empty cell only.
    """
    if seen == tag(now) or seen == "*" or (seen is None and now is None):
        return
    holds = "đang trống" if now is None else f"đang ghi {mark_cells.shown(now)}"
    raise CellChanged(
        f"Ô này vừa được người khác sửa, hiện {holds}. Hãy xem lại rồi nhập lần nữa nếu cần."
    )
