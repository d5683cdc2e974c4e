"""Marks sheets of schools: the layout of their headers, and what is wrong with their cells.

One worksheet holds the marks of one class in one subject and semester, in the layouts that the
schools' programs export: a title row, a header found by its words in one to three rows, one row a
pupil. Reading never guesses a mark: whatever is not plainly one becomes a fault with its cell, and
a sheet with a fault of severity ERROR is not accepted. An empty cell is no mark, and no zero.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from openpyxl.utils import get_column_letter

from eoffice.assessment import marks as scale
from eoffice.assessment.marks import Part, Result, Semester, SubjectKind, Verdict
from eoffice.assessment.year import Column
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid, Value
from eoffice.marks import mark_cells, sheet_cells
from eoffice.marks.mark_cells import CellRefused
from eoffice.marks.sections import Section
from eoffice.marks.sheet_faults import Fault, FaultKind, Severity
from eoffice.marks.sheet_layout import Columns, Layout, NoHeader, find_layout

#: Part, place and what a cell holds.
Cell = tuple[Part, int, Decimal | Verdict | None]


@dataclass(frozen=True, slots=True)
class ExpectedPupil:
    """A pupil of the class, as the school's list has them."""

    code: str
    name: str
    born_on: date | None


@dataclass(frozen=True, slots=True)
class ExpectedSubject:
    """A subject of the class, with the regular marks that its periods require."""

    code: str
    name: str
    kind: SubjectKind
    regular_marks: int
    aliases: tuple[str, ...] = ()
    #: The cells of a semester where the circular has others than 22/2021; else empty.
    places: Mapping[Semester, Mapping[tuple[Part, int], Column]] = field(default_factory=dict)
    #: The circular by which averages are compared, and what it makes of the cells of a semester.
    circular: str = "Thông tư 22/2021"
    result: Callable[[Semester, Collection[Cell]], Result] | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """What a sheet of this class has to agree with."""

    class_name: str
    school_year: str
    subjects: tuple[ExpectedSubject, ...]
    pupils: tuple[ExpectedPupil, ...]


@dataclass(frozen=True, slots=True)
class ReadMark:
    """One mark of one pupil; `place` counts regular marks from 1 and is 1 for the others."""

    pupil_code: str
    part: Part
    place: int
    value: Decimal | Verdict


@dataclass(frozen=True, slots=True)
class SheetReading:
    """What a worksheet says, as far as it could be understood, and what is wrong with it."""

    sheet: str
    subject_code: str | None
    semester: Semester | None
    marks: tuple[ReadMark, ...]
    faults: tuple[Fault, ...]
    #: The cells that the sheet states for every pupil; None where they are those of the circular.
    covered: tuple[tuple[Part, int], ...] | None = None

    @property
    def is_acceptable(self) -> bool:
        return not any(fault.severity is Severity.ERROR for fault in self.faults)


def read(grids: Iterable[Grid], roster: Roster) -> tuple[SheetReading, ...]:
    """Read every worksheet against the class; the order of the sheets is kept.

    A sheet without a header, such as a page of instructions, is an error only where no other sheet
    has one. Two sheets of one subject and semester are an error: which of them holds?
    """
    readings = [_Sheet(grid, roster).read() for grid in grids]
    if any(reading.subject_code for reading in readings):
        readings = [_passed_over(reading) for reading in readings]
    return without_doubles(readings)


def read_section(grid: Grid, section: Section, roster: Roster) -> SheetReading:
    """Read a part of a worksheet of which class, subject and semester are known already."""
    return _Sheet(grid, roster).read_section(section)


def without_doubles(readings: Sequence[SheetReading]) -> tuple[SheetReading, ...]:
    """The readings, with an error on each that says a subject and semester for the second time."""
    found = list(readings)
    seen: dict[tuple[str | None, Semester | None], str] = {}
    for place, reading in enumerate(found):
        meant = (reading.subject_code, reading.semester)
        if None not in meant and meant in seen:
            again = Fault(
                reading.sheet, 1, "A", FaultKind.SHEET_TWICE, Severity.ERROR,
                f"Trang “{seen[meant]}” đã ghi cùng môn học và học kì; hãy chỉ giữ một trang.",
            )  # fmt: skip
            found[place] = replace(reading, faults=(again, *reading.faults))
        seen.setdefault(meant, reading.sheet)
    return tuple(found)


def _passed_over(reading: SheetReading) -> SheetReading:
    """The reading of a sheet that is not a marks sheet beside others that are."""
    return replace(
        reading,
        faults=tuple(
            replace(fault, severity=Severity.WARNING)
            if fault.kind is FaultKind.HEADER_NOT_FOUND
            else fault
            for fault in reading.faults
        ),
    )


@dataclass(slots=True)
class _Sheet:
    """One worksheet while it is being read; collects the faults in the order of the cells."""

    grid: Grid
    roster: Roster
    faults: list[Fault] = field(default_factory=list)
    #: The pupils of the class by their folded codes and names.
    by_code: dict[str, list[ExpectedPupil]] = field(default_factory=dict)
    by_name: dict[str, list[ExpectedPupil]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pupil in self.roster.pupils:
            self.by_code.setdefault(folded(pupil.code), []).append(pupil)
            self.by_name.setdefault(folded(pupil.name), []).append(pupil)

    def read(self) -> SheetReading:
        try:
            layout = find_layout(self.grid.rows)
        except NoHeader:
            self._say(
                1, 1, FaultKind.HEADER_NOT_FOUND,
                "Không tìm thấy dòng tiêu đề có “Họ và tên” và các cột điểm (ĐĐGtx, ĐĐGgk, ĐĐGck).",
            )  # fmt: skip
            return self._reading(None, None, ())
        self._check_title(layout)
        subject, semester = self._subject(layout), self._semester(layout)
        if subject is None:
            return self._reading(None, semester, ())
        self._check_columns(layout, subject)
        marks = self._marks(layout, subject, semester)
        found = self._reading(subject, semester, tuple(marks))
        return replace(found, covered=layout.columns.cells) if subject.places else found

    def read_section(self, section: Section) -> SheetReading:
        """Columns that a person explained may be some only: the others keep what they hold."""
        layout = section.layout
        self._check_title(layout, is_class_said=True)
        subject = next(one for one in self.roster.subjects if one.code == section.subject_code)
        self._check_columns(layout, subject, is_partial=section.rows is not None)
        marks = self._marks(layout, subject, section.semester, section.rows)
        return replace(
            self._reading(subject, section.semester, tuple(marks)), covered=layout.columns.cells
        )

    # The sheet as a whole

    def _check_title(self, layout: Layout, *, is_class_said: bool = False) -> None:
        named = None if is_class_said else layout.class_name
        if named is not None and _bare(named) != _bare(self.roster.class_name):
            self._say(
                layout.title_row, 1, FaultKind.CLASS_DIFFERS,
                f"Bảng điểm ghi lớp {named}, không phải lớp {self.roster.class_name}.",
            )  # fmt: skip
        year = layout.school_year
        if year is not None and year != self.roster.school_year:
            self._say(
                layout.title_row, 1, FaultKind.SCHOOL_YEAR_DIFFERS,
                f"Bảng điểm ghi năm học {year}, không phải năm học {self.roster.school_year}.",
            )  # fmt: skip

    def _subject(self, layout: Layout) -> ExpectedSubject | None:
        _, _, after = layout.title.partition("mon ")
        for text in (after, folded(self.grid.name.replace("_", " "))):
            found = _named_in(text, self.roster.subjects)
            if found is not None:
                return found
        self._say(
            layout.title_row, 1, FaultKind.SUBJECT_UNKNOWN,
            "Không nhận ra môn học của lớp trong dòng tiêu đề “BẢNG ĐIỂM LỚP … MÔN … HỌC KÌ …” "
            "và trong tên trang tính.",
        )  # fmt: skip
        return None

    def _semester(self, layout: Layout) -> Semester | None:
        semester = layout.semester(self.grid.name)
        if semester is None:
            self._say(
                layout.title_row, 1, FaultKind.SEMESTER_UNKNOWN,
                "Không nhận ra học kì; hãy ghi “HỌC KÌ I” hoặc “HỌC KÌ II” trong dòng tiêu đề.",
            )  # fmt: skip
        return semester

    def _check_columns(
        self, layout: Layout, subject: ExpectedSubject, *, is_partial: bool = False
    ) -> None:
        columns, row = layout.columns, layout.header_row
        for column, text in columns.unknown:
            self._say(
                row, column, FaultKind.COLUMN_UNKNOWN,
                f"Cột “{text}” không thuộc mẫu bảng điểm nên không được đọc.", Severity.WARNING,
            )  # fmt: skip
        for column, text in columns.repeated:
            self._say(
                row, column, FaultKind.COLUMN_TWICE,
                f"Cột “{text}” có hai lần; mỗi trang chỉ ghi một môn và một học kì.",
            )  # fmt: skip
        if is_partial or subject.places:
            return  # What the sheet does not state stays as it is.
        lacking = [
            name
            for name, column in (("ĐĐGgk", columns.midterm), ("ĐĐGck", columns.final))
            if column is None
        ]
        if len(columns.regular) < subject.regular_marks:
            lacking.insert(0, f"ĐĐGtx{len(columns.regular) + 1}")
        for name in lacking:
            self._say(
                row, columns.name, FaultKind.COLUMN_MISSING,
                f"Thiếu cột {name}; môn {subject.name} cần {subject.regular_marks} cột ĐĐGtx, "
                "một cột ĐĐGgk và một cột ĐĐGck mỗi học kì.",
            )  # fmt: skip

    # Pupils

    def _marks(
        self,
        layout: Layout,
        subject: ExpectedSubject,
        semester: Semester | None,
        rows: Iterable[int] | None = None,
    ) -> list[ReadMark]:
        marks: list[ReadMark] = []
        seen: dict[str, int] = {}
        last_row = layout.first_row - 1
        empty: Counter[int] = Counter()
        first_empty: dict[int, int] = {}
        for row in layout.pupil_rows(self.grid.rows) if rows is None else rows:
            last_row = row
            pupil = self._pupil(layout.columns, row)
            if pupil is None:
                continue
            if pupil.code in seen:
                self._say(
                    row, layout.columns.name, FaultKind.PUPIL_TWICE,
                    f"Học sinh {pupil.name} đã có ở dòng {seen[pupil.code]}.",
                )  # fmt: skip
                continue
            seen[pupil.code] = row
            cells = dict(self._cells(layout.columns, subject, semester, row))
            for column, (part, place, value) in cells.items():
                if value is not None:
                    marks.append(ReadMark(pupil.code, part, place, value))
                elif self._is_blank(row, column):
                    empty[column] += 1
                    first_empty.setdefault(column, row)
            self._compare_average(
                layout.columns.average_of(semester), subject, semester, row, cells.values()
            )
        for column, count in empty.items():
            self._say(
                first_empty[column], column, FaultKind.MARKS_EMPTY,
                f"Cột {layout.columns.label(column)} còn trống ở {count} học sinh; "
                "ô trống là chưa có điểm, không phải điểm 0.", Severity.WARNING,
            )  # fmt: skip
        for pupil in self.roster.pupils:
            if pupil.code not in seen:
                self._say(
                    last_row + 1, layout.columns.name, FaultKind.PUPIL_MISSING,
                    f"Thiếu học sinh {pupil.name} (mã {pupil.code}) của lớp.",
                )  # fmt: skip
        return marks

    def _pupil(self, columns: Columns, row: int) -> ExpectedPupil | None:
        """The pupil of the class whom a row means: by the code where there is one, else by name."""
        name = " ".join(part for part in (self._text(row, c) for c in columns.name_columns) if part)
        code = self._text(row, columns.code) if columns.code is not None else ""
        born_on = self._birth_date(row, columns.born_on)
        if code:
            found = self.by_code.get(folded(code), [])
            if found and name and folded(found[0].name) != folded(name):
                self._say(
                    row, columns.name, FaultKind.NAME_DIFFERS,
                    f"Mã {code} là của học sinh {found[0].name}, không phải {name}.",
                )  # fmt: skip
                return found[0]
        else:
            found = self.by_name.get(folded(name), [])
            if len(found) > 1:
                found = [p for p in found if p.born_on == born_on] or found
        if len(found) > 1:
            self._say(
                row, columns.name, FaultKind.PUPIL_AMBIGUOUS,
                f"Lớp có {len(found)} học sinh tên {name}; hãy ghi mã học sinh hoặc ngày sinh.",
            )  # fmt: skip
            return None
        if not name and not code:
            self._say(
                row, columns.name, FaultKind.PUPIL_UNKNOWN,
                "Dòng có điểm nhưng không ghi họ tên hay mã học sinh.",
            )  # fmt: skip
            return None
        if not found:
            self._say(
                row, columns.name, FaultKind.PUPIL_UNKNOWN,
                f"Học sinh {name or code} không có trong danh sách lớp {self.roster.class_name}.",
            )  # fmt: skip
            return None
        pupil = found[0]
        if born_on is not None and pupil.born_on is not None and born_on != pupil.born_on:
            self._say(
                row, columns.born_on or columns.name, FaultKind.BIRTH_DATE_DIFFERS,
                f"Ngày sinh của {pupil.name} trong danh sách lớp là {pupil.born_on:%d/%m/%Y}.",
                Severity.WARNING,
            )  # fmt: skip
        return pupil

    # Cells

    def _cells(
        self, columns: Columns, subject: ExpectedSubject, semester: Semester | None, row: int
    ) -> Iterator[tuple[int, Cell]]:
        if subject.places or columns.others:
            known = subject.places.get(semester, {}) if semester is not None else {}
            for column, cell in zip(columns.of_marks, columns.cells, strict=True):
                if not subject.places and column not in columns.of_others:
                    continue  # Read below, as Circular 22/2021 has it.
                held = known.get(cell)
                if held is not None:
                    yield column, (*cell, self._held(row, column, held))
                elif self._value(row, column) is not None:
                    self._say(
                        row, column, FaultKind.TOO_MANY_MARKS,
                        f"Môn {subject.name} theo {subject.circular} không có cột "
                        f"{columns.label(column)}.",
                    )  # fmt: skip
        if subject.places:
            return
        for place, column in enumerate(columns.regular, start=1):
            if place > subject.regular_marks:
                if self._value(row, column) is not None:
                    self._say(
                        row, column, FaultKind.TOO_MANY_MARKS,
                        f"Môn {subject.name} chỉ có {subject.regular_marks} ĐĐGtx mỗi học kì, "
                        f"ô này ghi lần thứ {place}.",
                    )  # fmt: skip
                continue
            yield column, (Part.REGULAR, place, self._mark(subject, row, column))
        for part, periodic in ((Part.MIDTERM, columns.midterm), (Part.FINAL, columns.final)):
            if periodic is not None:
                yield periodic, (part, 1, self._mark(subject, row, periodic))

    def _held(self, row: int, column: int, held: Column) -> Decimal | Verdict | None:
        return self._read(row, column, lambda value: sheet_cells.held(value, held.holds))

    def _mark(self, subject: ExpectedSubject, row: int, column: int) -> Decimal | Verdict | None:
        return self._read(row, column, lambda value: mark_cells.understood(value, subject.kind))

    def _read(
        self, row: int, column: int, understood: Callable[[Value], Decimal | Verdict]
    ) -> Decimal | Verdict | None:
        if (row, column) in self.grid.uncalculated:
            self._say(
                row, column, FaultKind.NOT_CALCULATED,
                "Ô chứa công thức chưa được tính; hãy dán giá trị thay cho công thức.",
            )  # fmt: skip
            return None
        value = self._value(row, column)
        try:
            return None if value is None else understood(value)
        except CellRefused as fault:
            self._say(row, column, fault.kind, fault.sentence)
            return None

    def _compare_average(
        self,
        column: int | None,
        subject: ExpectedSubject,
        semester: Semester | None,
        row: int,
        cells: Collection[Cell],
    ) -> None:
        """Warn where the sheet's own average is not the one of the circular."""
        if column is None or semester is None:
            return
        stated = self._value(row, column)
        try:
            result = None if stated is None else mark_cells.understood(stated, subject.kind)
        except CellRefused:
            return
        computed = (
            mark_cells.semester_result(subject.kind, cells)
            if subject.result is None
            else subject.result(semester, cells)
        )
        if result is None or isinstance(computed, scale.Incomplete) or result == computed:
            return
        self._say(
            row, column, FaultKind.AVERAGE_DIFFERS,
            f"Bảng điểm ghi {mark_cells.shown(result)}; "
            f"tính theo {subject.circular} là {mark_cells.shown(computed)}.",
            Severity.WARNING,
        )  # fmt: skip

    def _value(self, row: int, column: int) -> Value:
        """The value of a cell; spaces only count as nothing."""
        cells = self.grid.rows[row - 1] if row <= len(self.grid.rows) else ()
        value = cells[column - 1] if column <= len(cells) else None
        return None if isinstance(value, str) and not value.strip() else value

    def _is_blank(self, row: int, column: int) -> bool:
        return self._value(row, column) is None and (row, column) not in self.grid.uncalculated

    def _text(self, row: int, column: int) -> str:
        value = self._value(row, column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else " ".join(str(value).split())

    def _birth_date(self, row: int, column: int | None) -> date | None:
        if column is None:
            return None
        return sheet_cells.day(self._value(row, column), self._text(row, column))

    def _say(
        self,
        row: int,
        column: int,
        kind: FaultKind,
        sentence: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.faults.append(
            Fault(self.grid.name, row, get_column_letter(column), kind, severity, sentence)
        )

    def _reading(
        self,
        subject: ExpectedSubject | None,
        semester: Semester | None,
        marks: tuple[ReadMark, ...],
    ) -> SheetReading:
        return SheetReading(
            sheet=self.grid.name,
            subject_code=subject.code if subject else None,
            semester=semester,
            marks=marks,
            faults=tuple(sorted(self.faults, key=lambda fault: fault.row)),
        )


def _bare(class_name: str) -> str:
    return folded(class_name).replace(" ", "")


def _named_in(text: str, subjects: Sequence[ExpectedSubject]) -> ExpectedSubject | None:
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
