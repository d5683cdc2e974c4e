"""What can be wrong with a marks sheet, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # the sheet cannot be accepted
    WARNING = "warning"  # somebody should look


class FaultKind(StrEnum):
    """What is wrong with a cell, a row or a sheet."""

    HEADER_NOT_FOUND = "header_not_found"
    SHEET_TWICE = "sheet_twice"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    COLUMN_UNKNOWN = "column_unknown"
    CLASS_DIFFERS = "class_differs"
    SCHOOL_YEAR_DIFFERS = "school_year_differs"
    SUBJECT_UNKNOWN = "subject_unknown"
    SEMESTER_UNKNOWN = "semester_unknown"
    PUPIL_MISSING = "pupil_missing"
    PUPIL_UNKNOWN = "pupil_unknown"
    PUPIL_TWICE = "pupil_twice"
    PUPIL_AMBIGUOUS = "pupil_ambiguous"
    NAME_DIFFERS = "name_differs"
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    OUT_OF_RANGE = "out_of_range"
    DECIMAL_COMMA = "decimal_comma"
    TOO_PRECISE = "too_precise"
    NOT_A_MARK = "not_a_mark"
    IS_A_DATE = "is_a_date"
    NOT_CALCULATED = "not_calculated"
    TOO_MANY_MARKS = "too_many_marks"
    MARKS_EMPTY = "marks_empty"
    AVERAGE_DIFFERS = "average_differs"
    NOT_YOURS = "not_yours"
    COLUMN_LOCKED = "column_locked"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct; `sentence` says in Vietnamese what and how, without the address."""

    sheet: str
    row: int
    column: str
    kind: FaultKind
    severity: Severity
    sentence: str

    @property
    def cell(self) -> str:
        """The address as the spreadsheet shows it, such as F12."""
        return f"{self.column}{self.row}"
