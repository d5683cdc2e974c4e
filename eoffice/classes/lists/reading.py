"""The rows of a list of pupils, with every fault by sheet, row, column and reason. Pure.

An empty cell says nothing: it never takes away what the school has on record. Spreadsheet programs
drop the zero with which telephone numbers and identification numbers begin; where a cell is a
number, the zero comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from openpyxl.utils import get_column_letter

from eoffice.classes import particulars
from eoffice.classes.lists.columns import FIELD_NAMES, Columns, Field
from eoffice.classes.particulars import NewGuardian, ParticularsInvalid, Relation, tidy
from eoffice.files.tables import headers
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid, Value

LONGEST_TEXT: Final = 200
#: Nobody goes to class 1 to 12 younger or older than this.
_AGES: Final = (4, 40)
_BELOW: Final = re.compile(
    r"(tong so|tong cong|so hoc sinh|si so|giao vien|nguoi lap|hieu truong|ngay \d|ghi chu|"
    r"danh sach( nay)? (co|gom)|trong do)\b.*"
)
_TEXTS: Final = (
    Field.BIRTHPLACE, Field.ETHNICITY, Field.POLICY_GROUP, Field.ADDRESS, Field.PERMANENT_ADDRESS,
    Field.FATHER, Field.MOTHER, Field.GUARDIAN,
)  # fmt: skip
_PHONES: Final = (Field.FATHER_PHONE, Field.MOTHER_PHONE, Field.GUARDIAN_PHONE)
_EMAILS: Final = (Field.FATHER_EMAIL, Field.MOTHER_EMAIL, Field.GUARDIAN_EMAIL)


class Severity(StrEnum):
    ERROR = "error"  # the class cannot be taken
    WARNING = "warning"  # somebody should look


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct; `sentence` says in Vietnamese what and how, without the address."""

    sheet: str
    row: int
    column: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A pupil as a row of the file says; `values` by field, only what the row says.

    A day is dd/mm/yyyy, the sex "Nam" or "Nữ", other values are texts.
    """

    sheet: str
    row: int
    class_name: str
    homeroom: str
    values: dict[Field, str]
    #: The letters of the column in which each value stands.
    columns: dict[Field, str]

    @property
    def name(self) -> str:
        return self.values.get(Field.NAME, "")

    @property
    def code(self) -> str:
        return self.values.get(Field.CODE, "")

    @property
    def personal_id(self) -> str:
        return self.values.get(Field.PERSONAL_ID, "")

    @property
    def born_on(self) -> date | None:
        text = self.values.get(Field.BORN_ON)
        return None if text is None else datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007


@dataclass(frozen=True, slots=True)
class Unclear:
    """A sheet that cannot be read before somebody says more."""

    sheet: str
    row: int
    reason: str
    is_without_header: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A sheet as it was read; a fault belongs to the class of its row."""

    listed: tuple[Listed, ...] = ()
    faults: tuple[tuple[str, Fault], ...] = ()
    unclear: Unclear | None = None
    unknown: tuple[tuple[str, str], ...] = field(default=())


def read(grid: Grid, columns: Columns, *, class_name: str = "", today: date) -> Reading:
    """The pupils of a sheet; `class_name` is what a person said the sheet is the list of."""
    above = class_name or _class_above(grid, columns) or _class_in(grid.name)
    if not above and columns.of(Field.CLASS) is None:
        return Reading(
            unclear=Unclear(
                grid.name, columns.header_row,
                "Không rõ trang là danh sách của lớp nào. Hãy ghi tên lớp, hoặc chỉ ra cột lớp.",
            )
        )  # fmt: skip
    listed: list[Listed] = []
    faults: list[tuple[str, Fault]] = []
    for row in range(columns.first_row, len(grid.rows) + 1):
        one = _Row(grid, columns, row, today)
        if one.is_pupil:
            found = one.listed(above)
            listed.append(found)
            faults += [(found.class_name, fault) for fault in one.faults]
    return Reading(
        tuple(listed),
        tuple(faults),
        unknown=tuple((get_column_letter(column), text) for column, text in columns.unknown),
    )


def doubles(listed: Iterable[Listed]) -> list[tuple[str, Fault]]:
    """Who stands in the file twice, with the class of the second row."""
    seen: dict[tuple[Field, str], Listed] = {}
    found = []
    for one in listed:
        for key in (Field.CODE, Field.PERSONAL_ID):
            value = one.values.get(key)
            if value is None:
                continue
            first = seen.setdefault((key, value), one)
            if first is not one:
                where = f"trang “{first.sheet}”, dòng {first.row}, lớp {first.class_name}"
                found.append(
                    (
                        one.class_name,
                        Fault(
                            one.sheet, one.row, one.columns[key], Severity.ERROR,
                            f"{FIELD_NAMES[key]} {value} đã có ở {where}. "
                            "Mỗi học sinh chỉ có một dòng.",
                        ),
                    )
                )  # fmt: skip
    return found


def grade_of(class_name: str) -> int | None:
    """The number with which the name of a class begins, 1 to 12; None where it has none."""
    begins = re.match(r"\d{1,2}", class_name)
    grade = int(begins[0]) if begins else 0
    is_named = re.fullmatch(r"\d{1,2}[\w ./-]{0,18}", class_name) is not None
    return grade if is_named and 1 <= grade <= 12 else None


class _Row:
    """One row while it is read."""

    def __init__(self, grid: Grid, columns: Columns, row: int, today: date) -> None:
        self.grid, self.columns, self.row, self.today = grid, columns, row, today
        self.faults: list[Fault] = []

    @property
    def is_pupil(self) -> bool:
        """With a name, and beside it something by which pupils are told apart, or a number."""
        name = self._name()
        first = next((headers.text_of(c) for c in self.grid.rows[self.row - 1] if c), "")
        if _BELOW.fullmatch(folded(name)) or _BELOW.fullmatch(folded(first)):
            return False
        beside = (Field.CODE, Field.PERSONAL_ID, Field.BORN_ON)
        if any(self._text(one) for one in beside):
            return True
        return bool(name) and self._text(Field.ORDINAL).isdigit()

    def listed(self, above: str) -> Listed:
        values: dict[Field, str] = {}
        name = self._name()
        values[Field.NAME] = name
        code = re.sub(r"\s", "", self._text(Field.CODE))
        values[Field.CODE] = code
        values[Field.PERSONAL_ID] = self._personal_id()
        values[Field.BORN_ON] = self._day()
        values[Field.SEX] = self._sex()
        for one in _TEXTS:
            values[one] = tidy(self._text(one))
        for one in _PHONES:
            values[one] = self._phone(one)
        for one in _EMAILS:
            values[one] = self._email(one)
        if not (code or values[Field.PERSONAL_ID] or (name and values[Field.BORN_ON])):
            self._fault(
                Field.CODE, "Cần mã học sinh hoặc số định danh cá nhân để biết là học sinh nào."
            )
        for one, text in values.items():
            if len(text) > LONGEST_TEXT:
                self._fault(one, f"{FIELD_NAMES[one]} dài hơn {LONGEST_TEXT} ký tự.")
                values[one] = ""
        class_name = class_name_of(self._text(Field.CLASS)) or above
        if grade_of(class_name) is None:
            self._fault(
                Field.CLASS,
                f"Tên lớp “{class_name}” không bắt đầu bằng số của khối từ 1 đến 12."
                if class_name
                else "Thiếu tên lớp.",
            )
        return Listed(
            self.grid.name,
            self.row,
            class_name,
            tidy(self._text(Field.HOMEROOM)),
            {one: text for one, text in values.items() if text},
            {one: self._letters(one) for one, text in values.items() if text},
        )

    def _cell(self, one: Field) -> Value:
        column = self.columns.of(one)
        cells = self.grid.rows[self.row - 1]
        return cells[column - 1] if column is not None and column <= len(cells) else None

    def _text(self, one: Field) -> str:
        return headers.text_of(self._cell(one)).strip()

    def _name(self) -> str:
        family, given = self._text(Field.FAMILY_NAME), self._text(Field.GIVEN_NAME)
        return tidy(" ".join((self._text(Field.NAME), family, given)))

    def _letters(self, one: Field) -> str:
        for known in (one, Field.FAMILY_NAME, Field.GIVEN_NAME, Field.FEMALE, Field.NAME):
            column = self.columns.of(known)
            if column is not None and (known is one or one in (Field.NAME, Field.SEX)):
                return get_column_letter(column)
        return "A"

    def _fault(self, one: Field, sentence: str, severity: Severity = Severity.ERROR) -> None:
        self.faults.append(Fault(self.grid.name, self.row, self._letters(one), severity, sentence))

    def _personal_id(self) -> str:
        text = re.sub(r"[\s.'’-]", "", self._text(Field.PERSONAL_ID))
        is_number = isinstance(self._cell(Field.PERSONAL_ID), int | float)
        if is_number and re.fullmatch(r"\d{9,11}", text):
            text = text.zfill(12)
        try:
            return particulars.personal_id(text) or ""
        except ParticularsInvalid as refused:
            self._fault(Field.PERSONAL_ID, f"“{text}”: {refused.detail}")
            return ""

    def _day(self) -> str:
        cell, text = self._cell(Field.BORN_ON), self._text(Field.BORN_ON)
        if not text:
            return ""
        found = _day(cell, text)
        if found is None:
            self._fault(Field.BORN_ON, f"“{text}” không phải là ngày. Hãy ghi như 03/05/2012.")
            return ""
        age = self.today.year - found.year
        if not _AGES[0] <= age <= _AGES[1]:
            self._fault(
                Field.BORN_ON, f"Ngày sinh {found:%d/%m/%Y} không thể đúng với một học sinh."
            )
            return ""
        return f"{found:%d/%m/%Y}"

    def _sex(self) -> str:
        if self.columns.of(Field.SEX) is None:
            if self.columns.of(Field.FEMALE) is None:
                return ""
            return "Nữ" if self._text(Field.FEMALE) else "Nam"
        text = self._text(Field.SEX)
        found = {"nam": "Nam", "nu": "Nữ", "trai": "Nam", "gai": "Nữ", "": ""}.get(folded(text))
        if found is None:
            self._fault(Field.SEX, f"“{text}”: giới tính ghi là Nam hoặc Nữ.")
            return ""
        return found

    def _phone(self, one: Field) -> str:
        text = re.sub(r"[\s.()-]", "", self._text(one))
        if not text:
            return ""
        if re.fullmatch(r"[1-9]\d{8}", text):
            text = "0" + text
        try:
            return particulars.guardian(NewGuardian(Relation.GUARDIAN, "A", phone=text)).phone
        except ParticularsInvalid as refused:
            self._fault(one, f"“{text}”: {refused.detail}", Severity.WARNING)
            return ""

    def _email(self, one: Field) -> str:
        text = self._text(one)
        if not text:
            return ""
        try:
            return particulars.guardian(NewGuardian(Relation.GUARDIAN, "A", email=text)).email
        except ParticularsInvalid as refused:
            self._fault(one, f"“{text}”: {refused.detail}", Severity.WARNING)
            return ""


def class_name_of(text: str) -> str:
    """The name of a class as schools write it: "7a1", "Lớp 7A1" and "7 A1" are 7A1."""
    bare = re.sub(r"^\s*lớp\s+", "", text.strip(), flags=re.IGNORECASE)
    return re.sub(r"\s+", "", bare).upper()


def _day(cell: Value, text: str) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 20_000 < cell < 60_000:
        return date(1899, 12, 30) + timedelta(days=int(cell))
    found = re.fullmatch(r"'?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    parts = None if found is None else (int(found[3]), int(found[2]), int(found[1]))
    if found is None and (iso := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?: 00:00:00)?", text)):
        parts = (int(iso[1]), int(iso[2]), int(iso[3]))
    if parts is None:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def _class_above(grid: Grid, columns: Columns) -> str:
    written = " ".join(
        headers.text_of(cell) for row in grid.rows[: columns.header_row - 1] for cell in row if cell
    )
    found = re.search(r"\blớp\s*:?\s*(\d{1,2}\s?[A-Za-zĐđ]{0,3}\d{0,2}(?:[./]\d{1,2})?)\b", written,
                      flags=re.IGNORECASE)  # fmt: skip
    return class_name_of(found[1]) if found else ""


def _class_in(sheet: str) -> str:
    """The one word of a worksheet's name that is the name of a class: "DS 7A1", "Lớp 7A1"."""
    words = [class_name_of(word) for word in re.split(r"[\s_,;()-]+", sheet)]
    found = {word for word in words if re.fullmatch(r"\d{1,2}[A-ZĐ]{1,3}\d{0,2}", word)}
    return found.pop() if len(found) == 1 else ""
