"""What the columns of a school's own layout mean, said once by a person and kept by its header.

A layout is known again by the words of its header, wherever that stands in the sheet: the same
words are the same layout, whatever the title above them says. A marks column may carry its own
subject and semester, for sheets that hold several side by side; a row may name its class, subject
and semester, for lists that hold a whole school below each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from eoffice.assessment.marks import Part, Semester
from eoffice.errors import Invalid
from eoffice.files.tables import headers
from eoffice.files.tables.workbook import Grid
from eoffice.marks.sheet_layout import Columns

MOST_HEADER_ROWS: Final = 4
MOST_COLUMNS: Final = 80
#: Marks of one kind in a semester; circular 22 has four regular ones, circular 58 more.
MOST_PLACES: Final = 9


class MappingRefused(Invalid):
    """Columns were given meanings that no marks can be read by."""


class Field(StrEnum):
    """What a column holds."""

    NOTHING = "nothing"
    ORDINAL = "ordinal"
    CODE = "code"
    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    BORN_ON = "born_on"
    REGULAR = "regular"
    MIDTERM = "midterm"
    FINAL = "final"
    ORAL = "oral"
    WRITTEN = "written"
    PERIODIC = "periodic"
    MIDTERM_TEST = "midterm_test"
    FINAL_TEST = "final_test"
    AVERAGE = "average"
    CLASS = "class"
    SUBJECT = "subject"
    SEMESTER = "semester"


FIELD_NAMES: Final[dict[Field, str]] = {
    Field.NOTHING: "Không dùng",
    Field.ORDINAL: "Số thứ tự",
    Field.CODE: "Mã học sinh",
    Field.NAME: "Họ và tên",
    Field.FAMILY_NAME: "Họ và tên đệm",
    Field.GIVEN_NAME: "Tên",
    Field.BORN_ON: "Ngày sinh",
    Field.REGULAR: "Điểm thường xuyên (ĐĐGtx)",
    Field.MIDTERM: "Điểm giữa kì (ĐĐGgk), mức giữa kì ở tiểu học",
    Field.FINAL: "Điểm cuối kì (ĐĐGck), mức cuối kì ở tiểu học",
    Field.ORAL: "Kiểm tra miệng (hệ số 1)",
    Field.WRITTEN: "Kiểm tra viết (hệ số 1)",
    Field.PERIODIC: "Kiểm tra hệ số 2",
    Field.MIDTERM_TEST: "Điểm KTĐK giữa kì (tiểu học)",
    Field.FINAL_TEST: "Điểm KTĐK cuối kì (tiểu học)",
    Field.AVERAGE: "Điểm trung bình môn (để đối chiếu)",
    Field.CLASS: "Lớp",
    Field.SUBJECT: "Môn học",
    Field.SEMESTER: "Học kì",
}
#: Of which a semester has several, counted from 1.
COUNTED: Final = (Field.REGULAR, Field.ORAL, Field.WRITTEN, Field.PERIODIC)
SINGLE: Final = (Field.MIDTERM, Field.FINAL, Field.MIDTERM_TEST, Field.FINAL_TEST)
OF_MARKS: Final = (*COUNTED, *SINGLE)
PER_LIST: Final = (*OF_MARKS, Field.AVERAGE)
_OTHERS: Final = {
    Field.ORAL: Part.ORAL,
    Field.WRITTEN: Part.WRITTEN,
    Field.PERIODIC: Part.PERIODIC,
    Field.MIDTERM_TEST: Part.MIDTERM_TEST,
    Field.FINAL_TEST: Part.FINAL_TEST,
}


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column, counted from 1; `place` counts regular marks from 1 and is 1 for the others."""

    column: int
    field: Field
    place: int = 1
    #: Where the column has marks of one subject or semester only.
    subject_code: str | None = None
    semester: Semester | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a sheet is read: rows from 1, the meaning of each column that has one."""

    header_row: int
    first_row: int
    columns: tuple[MappedColumn, ...]

    @property
    def header_height(self) -> int:
        return self.first_row - self.header_row

    def column(self, field: Field) -> int | None:
        """The first column with this meaning."""
        return next((one.column for one in self.columns if one.field is field), None)

    @property
    def lists(self) -> tuple[tuple[str | None, Semester | None], ...]:
        """Subject and semester of the lists side by side, each None where the sheet says it."""
        named = ((c.subject_code, c.semester) for c in self.columns if c.field in OF_MARKS)
        return tuple(dict.fromkeys(named))

    def columns_of(self, subject_code: str | None, semester: Semester | None) -> Columns:
        """The columns of one list, as the reader of sheets wants them."""
        own = [c for c in self.columns if (c.subject_code, c.semester) == (subject_code, semester)]
        regular = sorted((c.place, c.column) for c in own if c.field is Field.REGULAR)

        def first(field: Field) -> int | None:
            return next((c.column for c in own if c.field is field), None)

        whole = self.column(Field.NAME)
        family, given = self.column(Field.FAMILY_NAME), self.column(Field.GIVEN_NAME)
        parts = (whole,) if whole is not None else (family, given)
        names = tuple(column for column in parts if column is not None)
        code = self.column(Field.CODE)
        return Columns(
            name=names[0] if names else code or 1,
            name_columns=names,
            code=code,
            born_on=self.column(Field.BORN_ON),
            ordinal=self.column(Field.ORDINAL),
            regular=tuple(column for _, column in regular),
            midterm=first(Field.MIDTERM),
            final=first(Field.FINAL),
            average=first(Field.AVERAGE),
            averages=(),
            unknown=(),
            repeated=(),
            others=tuple(
                (c.column, _OTHERS[c.field], c.place)
                for c in sorted(own, key=lambda one: (one.field, one.place))
                if c.field in _OTHERS
            ),
        )


def checked(mapping: Mapping) -> Mapping:
    """The mapping itself. Raises MappingRefused with what is wrong with it."""
    height = mapping.first_row - mapping.header_row
    if mapping.header_row < 1 or not 1 <= height <= MOST_HEADER_ROWS:
        raise MappingRefused(
            f"Dòng tiêu đề cao từ 1 đến {MOST_HEADER_ROWS} dòng, ngay trên học sinh đầu tiên."
        )
    fields = Counter(one.field for one in mapping.columns)
    if not fields[Field.CODE] and not fields[Field.NAME] and not fields[Field.GIVEN_NAME]:
        raise MappingRefused("Hãy chỉ ra cột mã học sinh hoặc cột họ và tên.")
    if not any(fields[field] for field in OF_MARKS):
        raise MappingRefused("Hãy chỉ ra ít nhất một cột điểm.")
    for field, count in fields.items():
        if count > 1 and field not in (*PER_LIST, Field.NOTHING):
            raise MappingRefused(
                f"“{FIELD_NAMES[field]}” được chọn cho {count} cột; chỉ một cột thôi."
            )
    for subject_code, semester in mapping.lists:
        own = [
            c for c in mapping.columns if (c.subject_code, c.semester) == (subject_code, semester)
        ]
        for field in (*SINGLE, Field.AVERAGE):
            if sum(c.field is field for c in own) > 1:
                raise MappingRefused(
                    f"“{FIELD_NAMES[field]}” của cùng một môn và học kì được chọn cho hai cột."
                )
        for field in COUNTED:
            places = sorted(c.place for c in own if c.field is field)
            if places != list(range(1, len(places) + 1)) or len(places) > MOST_PLACES:
                raise MappingRefused(
                    f"Các cột “{FIELD_NAMES[field]}” phải đánh số lần lượt 1, 2, 3… và không "
                    "trùng nhau."
                )
    if len({c.column for c in mapping.columns}) < len(mapping.columns) or any(
        not 1 <= c.column <= MOST_COLUMNS for c in mapping.columns
    ):
        raise MappingRefused("Một cột được chọn hai lần hoặc nằm ngoài bảng.")
    return mapping


# --- A layout is known by its header ---


def found_again(grid: Grid, known: Dict[str, Mapping]) -> Mapping | None:
    """The remembered mapping whose header this sheet has, moved to where the header stands now."""
    found = headers.found_again(grid.rows, {one.header_height for one in known.values()}, known)
    if found is None:
        return None
    signature, header_row, height = found
    return Mapping(header_row, header_row + height, known[signature].columns)


# --- As it is kept ---


def as_json(mapping: Mapping) -> dict[str, Any]:
    """For the database; `from_json` reads it back."""
    return {
        "header_row": mapping.header_row,
        "first_row": mapping.first_row,
        "columns": [
            {
                "column": one.column,
                "field": one.field.value,
                "place": one.place,
                "subject_code": one.subject_code,
                "semester": None if one.semester is None else one.semester.value,
            }
            for one in mapping.columns
        ],
    }


def from_json(kept: Dict[str, Any]) -> Mapping:
    return Mapping(
        header_row=kept["header_row"],
        first_row=kept["first_row"],
        columns=tuple(
            MappedColumn(
                column=one["column"],
                field=Field(one["field"]),
                place=one["place"],
                subject_code=one["subject_code"],
                semester=None if one["semester"] is None else Semester(one["semester"]),
            )
            for one in kept["columns"]
        ),
    )
