"""What one cell of a marks sheet says: a score, a verdict, or nothing that may be guessed."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from eoffice.assessment import marks as scale
from eoffice.assessment import tt22 as rules
from eoffice.assessment.marks import Part, SubjectKind, Verdict
from eoffice.assessment.tt22 import CommentMarks, ScoredMarks
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Value
from eoffice.marks.sheet_faults import FaultKind


def shown(value: Decimal | Verdict) -> str:
    """A mark as it stands in the register: decimal comma; Đ and CĐ; T, H and C."""
    return WORDS[value] if isinstance(value, Verdict) else str(value).replace(".", ",")


WORDS = {
    Verdict.PASSED: "Đ",
    Verdict.FAILED: "CĐ",
    Verdict.EXEMPT: "M",
    Verdict.WELL_DONE: "T",
    Verdict.DONE: "H",
    Verdict.NOT_DONE: "C",
}


class CellRefused(Exception):
    """The cell holds something, and it is not plainly a mark."""

    def __init__(self, kind: FaultKind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


_VERDICTS = {
    "d": Verdict.PASSED,
    "dat": Verdict.PASSED,
    "cd": Verdict.FAILED,
    "chua dat": Verdict.FAILED,
    "kd": Verdict.FAILED,
    "khong dat": Verdict.FAILED,
    "m": Verdict.EXEMPT,
    "mien": Verdict.EXEMPT,
}


def understood(value: Value, kind: SubjectKind) -> Decimal | Verdict:
    """The mark that a cell holds. Raises CellRefused with the sentence for who typed it."""
    if isinstance(value, datetime | date | time | timedelta):
        raise CellRefused(
            FaultKind.IS_A_DATE,
            "Ô là ngày tháng; có thể Excel đã đổi điểm kiểu 7.5 thành ngày 7 tháng 5. "
            "Hãy định dạng ô là số rồi nhập lại điểm.",
        )
    if kind is SubjectKind.COMMENT:
        return _verdict(value)
    if isinstance(value, bool):
        raise CellRefused(FaultKind.NOT_A_MARK, "Ô ghi giá trị đúng/sai, không phải điểm.")
    # Spreadsheets keep binary fractions: 6.4 may come as 6.3999999999999995.
    number = _number_in(value) if isinstance(value, str) else round(Decimal(str(value)), 6)
    try:
        return scale.mark(number)
    except scale.MarkRefused:
        pass
    written = shown(number.normalize()) if number else "0"
    if number != number.quantize(scale.TENTH) and 0 <= number <= 10:
        raise CellRefused(
            FaultKind.TOO_PRECISE, f"Điểm {written} có nhiều hơn một chữ số thập phân."
        )
    raise CellRefused(FaultKind.OUT_OF_RANGE, f"Điểm {written} nằm ngoài thang điểm từ 0 đến 10.")


def _number_in(text: str) -> Decimal:
    text = text.strip()
    if re.fullmatch(r"\d{1,3},\d+", text):
        # As text it cannot be told from a thousands sign or a list, so it is not guessed.
        raise CellRefused(
            FaultKind.DECIMAL_COMMA,
            f"Ô ghi “{text}” dưới dạng chữ có dấu phẩy; hãy nhập lại dưới dạng số "
            f"({text.replace(',', '.')} hoặc theo dấu thập phân của Excel trên máy).",
        )
    if not re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", text):
        raise CellRefused(FaultKind.NOT_A_MARK, f"Ô ghi “{text[:30]}”, không phải là điểm số.")
    return Decimal(text)


def _verdict(value: Value) -> Verdict:
    word = folded(value) if isinstance(value, str) else ""
    if word not in _VERDICTS:
        raise CellRefused(
            FaultKind.NOT_A_MARK,
            f"Ô ghi “{str(value)[:30]}”; môn đánh giá bằng nhận xét chỉ ghi Đ (Đạt), "
            "CĐ (Chưa đạt) hoặc M (Miễn).",
        )
    return _VERDICTS[word]


def semester_result(
    kind: SubjectKind, cells: Collection[tuple[Part, int, Decimal | Verdict | None]]
) -> Decimal | Verdict | scale.Incomplete:
    """What the circular makes of the marks of one pupil in one subject and semester."""
    by_part = {part: [value for p, _, value in cells if p is part] for part in Part}
    regular = by_part[Part.REGULAR]
    midterm = next(iter(by_part[Part.MIDTERM]), None)
    final = next(iter(by_part[Part.FINAL]), None)
    if kind is SubjectKind.SCORED:
        return rules.semester_average(
            ScoredMarks(tuple(map(_decimal, regular)), _decimal(midterm), _decimal(final))
        )
    return rules.semester_verdict(
        CommentMarks(tuple(map(_as_verdict, regular)), _as_verdict(midterm), _as_verdict(final))
    )


def _decimal(value: Decimal | Verdict | None) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _as_verdict(value: Decimal | Verdict | None) -> Verdict | None:
    return value if isinstance(value, Verdict) else None
