"""Which class, subject and semester each part of a workbook is about, for a whole school at once.

A section is a list of marks of one class in one subject and semester: usually one worksheet, but a
sheet may hold several subjects side by side or several classes below each other. What names them is
taken, in this order, from what a person said about the sheet, the columns, the title above the
header, and the name of the worksheet. Nothing is guessed: a sheet about which something is not
known is `Unplaced`, and a person says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from openpyxl.utils import get_column_letter

from eoffice.assessment.marks import Semester
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid, Value
from eoffice.marks import canonical
from eoffice.marks import mapping as mappings
from eoffice.marks.mapping import Field
from eoffice.marks.sheet_layout import Columns, Layout, NoHeader, find_layout, is_below_the_list


@dataclass(frozen=True, slots=True)
class KnownSubject:
    code: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class of the school year, as far as sheets name it."""

    id: UUID
    name: str
    subjects: tuple[KnownSubject, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about a worksheet: None where the sheet itself says it."""

    class_id: UUID | None = None
    subject_code: str | None = None
    semester: Semester | None = None
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Marks of one class in one subject and semester: where they stand in a worksheet."""

    sheet: str
    class_id: UUID
    subject_code: str
    semester: Semester
    layout: Layout
    #: Rows from 1; None for all rows below the header that mean a pupil.
    rows: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A part of a worksheet that cannot be read before somebody says more."""

    sheet: str
    row: int
    column: int
    reason: str
    #: Whether it has no marks header at all, as a page of instructions has none.
    is_without_header: bool = False

    @property
    def column_letters(self) -> str:
        """As the spreadsheet names the column: "F"."""
        return get_column_letter(self.column)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a workbook will be read."""

    sections: tuple[Section, ...]
    unplaced: tuple[Unplaced, ...]


def planned(
    grids: Iterable[Grid],
    classes: Sequence[KnownClass],
    *,
    known: Mapping[str, mappings.Mapping] = {},
    said: Mapping[str, Said] = {},
) -> Plan:
    """The sections of the workbook, in the order of its sheets.

    `known` are the school's remembered layouts by signature, `said` is by name of the worksheet.
    """
    by_name: dict[str, list[KnownClass]] = {}
    for one in classes:
        by_name.setdefault(_bare(one.name), []).append(one)
    school = _School(by_name, {one.id: one for one in classes})
    sections: list[Section] = []
    unplaced: list[Unplaced] = []
    for grid in grids:
        about = said.get(grid.name, Said())
        if about.is_skipped or not grid.rows:
            continue
        mapping = mappings.found_again(grid, known) or canonical.mapping_of(grid)
        found = (
            _recognised(grid, school, about)
            if mapping is None
            else _mapped(grid, mapping, school, about)
        )
        for part in found:
            if isinstance(part, Section):
                sections.append(part)
            else:
                unplaced.append(part)
    return Plan(tuple(sections), tuple(unplaced))


_ListKey = tuple[UUID, str, Semester, str | None, Semester | None]


@dataclass(frozen=True, slots=True)
class _School:
    by_name: Mapping[str, list[KnownClass]]
    by_id: Mapping[UUID, KnownClass]

    def named(self, name: str) -> KnownClass | None:
        found = self.by_name.get(_bare(name), [])
        return found[0] if len(found) == 1 else None

    def in_sheet_name(self, name: str) -> KnownClass | None:
        """The one class that a word of the worksheet's name is the name of."""
        words = re.split(r"[\s_,;()-]+", name)
        found = {one.id: one for word in words if (one := self.named(word)) is not None}
        return next(iter(found.values())) if len(found) == 1 else None


def _recognised(grid: Grid, school: _School, about: Said) -> list[Section | Unplaced]:
    """One section from a layout whose words are known."""
    try:
        layout = find_layout(grid.rows)
    except NoHeader:
        return [
            Unplaced(
                grid.name, 1, 1,
                "Không tìm thấy dòng tiêu đề có họ tên và các cột điểm. Hãy chỉ ra các cột, "
                "hoặc bỏ qua trang này.",
                is_without_header=True,
            )
        ]  # fmt: skip
    named = layout.class_name
    school_class = (
        school.by_id.get(about.class_id) if about.class_id is not None
        else (school.named(named) if named else school.in_sheet_name(grid.name))
    )  # fmt: skip
    if school_class is None:
        where = f"Trường không có lớp {named} trong năm học này" if named else "Trang không ghi lớp"
        return [Unplaced(grid.name, layout.title_row, 1, f"{where}. Hãy chọn lớp cho trang này.")]
    subject = _subject(school_class, about.subject_code, layout.title, grid.name)
    if subject is None:
        return [_no_subject(grid.name, layout.title_row, 1, school_class)]
    semester = about.semester or layout.semester(grid.name)
    if semester is None:
        return [_no_semester(grid.name, layout.title_row, 1)]
    return [Section(grid.name, school_class.id, subject.code, semester, layout)]


def _mapped(
    grid: Grid, mapping: mappings.Mapping, school: _School, about: Said
) -> list[Section | Unplaced]:
    """The sections of a sheet whose columns a person has explained."""
    above = _layout(grid, mapping, mapping.columns_of(*mapping.lists[0]))
    groups: dict[tuple[Value, Value, Value], list[int]] = {}
    places = [mapping.column(field) for field in (Field.CLASS, Field.SUBJECT, Field.SEMESTER)]
    for row in range(mapping.first_row, len(grid.rows) + 1):
        if _is_pupil(grid, mapping, row):
            key = tuple(None if place is None else _cell(grid, row, place) for place in places)
            groups.setdefault((key[0], key[1], key[2]), []).append(row)
    found: list[Section | Unplaced] = []
    sections: dict[_ListKey, Section] = {}
    for (class_word, subject_word, semester_word), rows in groups.items():
        first = rows[0]
        named = _text(class_word) or above.class_name or ""
        school_class = (
            school.by_id.get(about.class_id) if about.class_id is not None
            else (school.named(named) if named else school.in_sheet_name(grid.name))
        )  # fmt: skip
        if school_class is None:
            where = f"Trường không có lớp {named}" if named else "Không rõ lớp"
            column = places[0] or 1
            found.append(
                Unplaced(grid.name, first, column, f"{where}. Hãy chọn lớp cho trang này.")
            )
            continue
        for list_subject, list_semester in mapping.lists:
            text = _text(subject_word)
            subject = _subject(
                school_class, list_subject or about.subject_code, f"mon {folded(text)}" if text
                else above.title, "" if text else grid.name,
            )  # fmt: skip
            if subject is None:
                found.append(_no_subject(grid.name, first, places[1] or 1, school_class))
                continue
            semester = list_semester or _semester(semester_word)
            semester = semester or about.semester or above.semester(grid.name)
            if semester is None:
                found.append(_no_semester(grid.name, first, places[2] or 1))
                continue
            layout = replace(above, columns=mapping.columns_of(list_subject, list_semester))
            meant = (school_class.id, subject.code, semester, list_subject, list_semester)
            earlier = sections.get(meant)  # The same may be written in two ways: 1 and HK I.
            sections[meant] = Section(
                grid.name,
                school_class.id,
                subject.code,
                semester,
                layout,
                tuple(sorted([*((earlier.rows or ()) if earlier else ()), *rows])),
            )
    return [*found, *sections.values()]


def _layout(grid: Grid, mapping: mappings.Mapping, columns: Columns) -> Layout:
    """What stands above the header, as for a layout that was recognised."""
    return Layout.above(
        grid.rows[: mapping.header_row - 1],
        header_row=mapping.header_row,
        first_row=mapping.first_row,
        columns=columns,
    )


def _subject(
    school_class: KnownClass, code: str | None, title: str, sheet: str
) -> KnownSubject | None:
    if code is not None:
        return next((one for one in school_class.subjects if one.code == code), None)
    _, _, after = title.partition("mon ")
    for text in (after, folded(sheet.replace("_", " "))):
        found = named_in(text, school_class.subjects)
        if found is not None:
            return found
    return None


def named_in(text: str, subjects: Sequence[KnownSubject]) -> KnownSubject | None:
    """The subject whose name comes first in `text` (folded), the longest where several begin there.

    First, because teachers are called Văn and Tin, and schools Chu Văn An.
    """
    found = [
        (match.start(), -len(name), place)
        for place, subject in enumerate(subjects)
        for name in map(folded, (subject.name, *subject.aliases, subject.code))
        if (match := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
    ]
    return subjects[min(found)[2]] if found else None


def _semester(word: Value) -> Semester | None:
    text = folded(_text(word))
    found = re.fullmatch(r"(?:hoc k[iy]|hk|ki|ky)?\s*(ii|i|2|1)", text)
    if found is None:
        return None
    return Semester.SECOND if found[1] in ("ii", "2") else Semester.FIRST


def _is_pupil(grid: Grid, mapping: mappings.Mapping, row: int) -> bool:
    """A row with marks, or one that names a pupil by code, or by name with a number beside it."""
    marks = any(
        _text(_cell(grid, row, one.column))
        for one in mapping.columns
        if one.field in mappings.OF_MARKS
    )
    code = mapping.column(Field.CODE)
    ordinal = mapping.column(Field.ORDINAL)
    name = mapping.column(Field.NAME) or mapping.column(Field.GIVEN_NAME)
    has_code = code is not None and bool(_text(_cell(grid, row, code)))
    if name is not None and is_below_the_list(_text(_cell(grid, row, name))):
        return False
    has_name = name is not None and bool(_text(_cell(grid, row, name)))
    numbered = ordinal is not None and _text(_cell(grid, row, ordinal)).isdigit()
    return (marks and (has_code or has_name)) or has_code or (has_name and numbered)


def _cell(grid: Grid, row: int, column: int) -> Value:
    cells = grid.rows[row - 1]
    return cells[column - 1] if column <= len(cells) else None


def _text(value: Value) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else " ".join(str(value).split())


def _bare(class_name: str) -> str:
    return folded(class_name).replace(" ", "")


def _no_subject(sheet: str, row: int, column: int, school_class: KnownClass) -> Unplaced:
    return Unplaced(
        sheet, row, column,
        f"Không nhận ra môn học của lớp {school_class.name}. Hãy chọn môn cho trang này.",
    )  # fmt: skip


def _no_semester(sheet: str, row: int, column: int) -> Unplaced:
    return Unplaced(sheet, row, column, "Không rõ học kì. Hãy chọn học kì cho trang này.")
