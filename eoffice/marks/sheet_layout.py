"""Where a marks sheet has its header, and what each column of it holds.

Headers are recognised by their words, without diacritics and punctuation, because every program
that schools use writes them a little differently: ĐĐGtx over four columns numbered below it,
ĐĐGtx1 to ĐĐGtx4, "Thường xuyên 1", the name in one cell or in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from eoffice.assessment.marks import Part, Semester
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Value

_MOST_TITLE_ROWS = 30
_MOST_HEADER_ROWS = 3
_Rows = tuple[tuple[Value, ...], ...]

#: Rows under the list of pupils: statistics, signatures, notices of the exporting program.
_BELOW_THE_LIST = re.compile(
    r"^(tong so|tong cong|so hoc sinh|so hs|si so|ty le|ti le|giao vien|nguoi lap|hieu truong|"
    r"ngay \d|ghi chu|luu y|chu y|bang diem|trong trang nay)"
)


class NoHeader(Exception):
    """No row of the sheet looks like the header of a marks sheet."""


class Meaning(Enum):
    ORDINAL = auto()
    CODE = auto()
    NAME = auto()
    FAMILY_NAME = auto()
    GIVEN_NAME = auto()
    BORN_ON = auto()
    REGULAR = auto()
    MIDTERM = auto()
    FINAL = auto()
    #: Circular 58/2011: coefficient 1 spoken and written, coefficient 2.
    ORAL = auto()
    WRITTEN = auto()
    PERIODIC = auto()
    #: Circular 27/2020: the tests beside the judgements.
    MIDTERM_TEST = auto()
    FINAL_TEST = auto()
    AVERAGE = auto()
    AVERAGE_FIRST = auto()
    AVERAGE_SECOND = auto()
    #: Known columns that are of no use here: sex, averages of other periods, remarks.
    PASSED_OVER = auto()


_NUMBERED = r"( ?(i|ii|1|2))?"
_MIDDLE = rf"(giua (hoc )?k[iy]|gk){_NUMBERED}"
_END = rf"(cuoi (hoc )?k[iy]|ck|cuoi nam( hoc)?){_NUMBERED}"
_TEST = r"(diem|kt|diem kt|kt ?dk|diem kt ?dk|diem bai kiem tra|diem kiem tra)"
_LEVEL = r"(muc|muc dat|muc dat duoc|mdd)"
_COUNTED_ONCE = r"(diem )?((hs|he so) ?1 )?"
_WORDS: tuple[tuple[str, Meaning], ...] = (
    (r"(so )?(stt|tt|so thu tu)", Meaning.ORDINAL),
    (r"ma (dinh danh )?(hoc sinh|hs)|ma dinh danh|mhs", Meaning.CODE),
    (r"ho (va )?ten( hoc sinh)?", Meaning.NAME),
    (r"ho( va)?( ten)? dem|ho( va)? dem|ho", Meaning.FAMILY_NAME),
    (r"ten", Meaning.GIVEN_NAME),
    (r"ngay( thang nam)? sinh|ngay thang nam sinh", Meaning.BORN_ON),
    (rf"{_MIDDLE} {_TEST}|{_TEST} {_MIDDLE}", Meaning.MIDTERM_TEST),
    (rf"{_END} {_TEST}|{_TEST} {_END}", Meaning.FINAL_TEST),
    (rf"{_MIDDLE} {_LEVEL}|{_LEVEL} {_MIDDLE}", Meaning.MIDTERM),
    (rf"{_END} {_LEVEL}|{_LEVEL} {_END}", Meaning.FINAL),
    (rf"{_COUNTED_ONCE}(kiem tra |kt )?mieng ?\d*", Meaning.ORAL),
    (rf"{_COUNTED_ONCE}(kiem tra |kt )?(viet|15 ?(phut|p|')|thuc hanh) ?\d*", Meaning.WRITTEN),
    (r"(diem )?((hs|he so) ?2|(kiem tra |kt )?(1|mot) tiet|kt ?dk)( \d+)?", Meaning.PERIODIC),
    (r"(thi|kiem tra|kt) ?(ck|hk|cuoi (hoc )?k[iy]|hoc k[iy])|thi", Meaning.FINAL),
    (r"tb( mon)?", Meaning.AVERAGE),
    (r"(d?dg ?)?tx ?\d*|(danh gia )?thuong xuyen ?\d*", Meaning.REGULAR),
    (r"(d?dg ?)?gk|(danh gia )?giua (hoc )?k[iy]", Meaning.MIDTERM),
    (r"(d?dg ?)?ck|(danh gia )?cuoi (hoc )?k[iy]", Meaning.FINAL),
    (r"d?tbm? ?hk|tbm(hk)?|hoc k[iy]", Meaning.AVERAGE),
    (r"(d?tbm? ?hk|tb hk|hoc k[iy]) ?(i|1)", Meaning.AVERAGE_FIRST),
    (r"(d?tbm? ?hk|tb hk|hoc k[iy]) ?(ii|2)", Meaning.AVERAGE_SECOND),
    (r"d?tbm? ?cn|ca nam|cn", Meaning.PASSED_OVER),
    (r"gioi( tinh)?|nam/nu|nam nu|nu|dan toc|lop", Meaning.PASSED_OVER),
    (r"(muc )?danh gia lai|ghi chu|nhan xet.*|ket qua", Meaning.PASSED_OVER),
)


#: What a sheet of one subject and semester can have only once.
_ONCE = (
    Meaning.NAME,
    Meaning.CODE,
    Meaning.BORN_ON,
    Meaning.MIDTERM,
    Meaning.FINAL,
    Meaning.MIDTERM_TEST,
    Meaning.FINAL_TEST,
    Meaning.AVERAGE,
)
#: What circulars other than 22/2021 have.
_OTHERS = {
    Meaning.ORAL: Part.ORAL,
    Meaning.WRITTEN: Part.WRITTEN,
    Meaning.PERIODIC: Part.PERIODIC,
    Meaning.MIDTERM_TEST: Part.MIDTERM_TEST,
    Meaning.FINAL_TEST: Part.FINAL_TEST,
}
_OTHER_LABELS = {
    Part.ORAL: "Miệng {}",
    Part.WRITTEN: "Viết {}",
    Part.PERIODIC: "Hệ số 2 lần {}",
    Part.MIDTERM_TEST: "Điểm KTĐK giữa kì",
    Part.FINAL_TEST: "Điểm KTĐK cuối kì",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Column numbers from 1 by what they hold."""

    name: int
    name_columns: tuple[int, ...]
    code: int | None
    born_on: int | None
    ordinal: int | None
    regular: tuple[int, ...]
    midterm: int | None
    final: int | None
    #: The column of the semester's average, where the sheet does not name the semester; else None.
    average: int | None
    averages: tuple[tuple[Semester, int], ...]
    unknown: tuple[tuple[int, str], ...]
    repeated: tuple[tuple[int, str], ...]
    #: Columns of other circulars: column, part, and place from 1.
    others: tuple[tuple[int, Part, int], ...] = ()

    def label(self, column: int) -> str:
        """The name of a marks column as the register prints it."""
        for one, part, place in self.others:
            if one == column:
                return _OTHER_LABELS[part].format(place)
        if column in self.regular:
            return f"ĐĐGtx{self.regular.index(column) + 1}"
        return "ĐĐGgk" if column == self.midterm else "ĐĐGck"

    def average_of(self, semester: Semester | None) -> int | None:
        """The column in which the sheet itself states the average of `semester`."""
        return dict(self.averages).get(semester, self.average) if semester else self.average

    @property
    def cells(self) -> tuple[tuple[Part, int], ...]:
        """What these columns state for every pupil."""
        regular = [(Part.REGULAR, place) for place in range(1, len(self.regular) + 1)]
        periodic = [
            (part, 1)
            for part, column in ((Part.MIDTERM, self.midterm), (Part.FINAL, self.final))
            if column is not None
        ]
        return (*regular, *periodic, *((part, place) for _, part, place in self.others))

    @property
    def of_others(self) -> frozenset[int]:
        return frozenset(column for column, _, _ in self.others)

    @property
    def of_marks(self) -> tuple[int, ...]:
        periodic = (column for column in (self.midterm, self.final) if column is not None)
        return (*self.regular, *periodic, *(column for column, _, _ in self.others))


@dataclass(frozen=True, slots=True)
class Layout:
    """A found header: rows from 1, what stands above it, and its columns."""

    #: Everything above the header, folded to plain letters.
    title: str
    title_row: int
    header_row: int
    first_row: int
    columns: Columns
    class_name: str | None
    school_year: str | None

    @classmethod
    def above(
        cls, title_rows: _Rows, *, header_row: int, first_row: int, columns: Columns
    ) -> Layout:
        """A header at a known place, with what the rows above it say."""
        written = " ".join(str(cell) for row in title_rows for cell in row if cell is not None)
        title = folded(re.sub(r"[:“”\"]", " ", written))
        return cls(
            title=title,
            title_row=_title_row(title_rows),
            header_row=header_row,
            first_row=first_row,
            columns=columns,
            class_name=_class_name(title),
            school_year=_school_year(title),
        )

    def semester(self, sheet_name: str) -> Semester | None:
        """From the title, or else from the name of the worksheet."""
        for text in (self.title, folded(sheet_name.replace("_", " "))):
            found = re.search(r"\b(?:hoc k[iy]|hk)\s*:?\s*(ii|i|2|1)\b", text)
            if found:
                return Semester.SECOND if found[1] in ("ii", "2") else Semester.FIRST
        return None

    def pupil_rows(self, rows: _Rows) -> Iterator[int]:
        """Rows that mean a pupil: with marks, or a name that has a number or a code beside it."""
        for row in range(self.first_row, len(rows) + 1):
            cells = rows[row - 1]
            name = " ".join(_text(cells, c) for c in self.columns.name_columns).strip()
            first = next((text for text in map(_plain, cells) if text), "")
            if _BELOW_THE_LIST.match(folded(name)) or _BELOW_THE_LIST.match(first):
                continue
            beside = (self.columns.ordinal, self.columns.code)
            has_marks = any(_text(cells, column) for column in self.columns.of_marks)
            named = name or _text(cells, self.columns.code or 0)
            if has_marks or (named and any(_text(cells, c or 0) for c in beside)):
                yield row


def find_layout(rows: _Rows) -> Layout:
    """The first header in the sheet. Raises NoHeader."""
    for index in range(min(len(rows), _MOST_TITLE_ROWS)):
        if not {Meaning.NAME, Meaning.FAMILY_NAME} & {_meaning(_plain(c)) for c in rows[index]}:
            continue
        band = rows[index : index + _header_height(rows, index)]
        columns = _columns(band, rows[index + len(band) :])
        if columns is not None:
            return Layout.above(
                rows[:index],
                header_row=index + 1,
                first_row=index + 1 + len(band),
                columns=columns,
            )
    raise NoHeader


def _header_height(rows: _Rows, index: int) -> int:
    """How many rows the header has: those below belong to it while no data begins in them."""
    height = 1
    while height < _MOST_HEADER_ROWS and index + height < len(rows):
        cells = rows[index + height]
        texts = [text for text in map(_plain, cells) if text]
        if not texts or not all(map(_is_of_header, texts)):
            break
        # A row "1 2 3 4 …" that also numbers the first columns is a row of column numbers.
        height += 1
    return height


def _is_of_header(text: str) -> bool:
    """Whether a word that stands below a header can belong to it."""
    return text.isdigit() or bool(_meaning(text) or re.fullmatch(rf"{_LEVEL}|{_TEST}", text))


def _columns(band: _Rows, below: _Rows) -> Columns | None:
    found: dict[Meaning, list[tuple[int, str]]] = {}
    unknown: list[tuple[int, str]] = []
    unlabelled: list[int] = []
    width = max((len(row) for row in (*band, *below[:5])), default=0)
    above = [""] * len(band)
    for column in range(1, width + 1):
        texts = [_text(row, column) for row in band]
        first = next((level for level, text in enumerate(texts) if text), None)
        if first is None:
            unlabelled.append(column)
            continue
        # What stands in a row is said of the columns beside it, until something else is.
        above = [*above[:first], *texts[first:]]
        words = [_label(text) for text in above if text]
        tried = (" ".join(words), *reversed(words))
        meaning = next((m for m in map(_meaning, tried) if m), None)
        written = " ".join(text for text in texts if text)
        if meaning is None:
            unknown.append((column, written))
        else:
            found.setdefault(meaning, []).append((column, written))
    names = _name_columns(found, unlabelled, below)
    marks = (Meaning.REGULAR, Meaning.MIDTERM, Meaning.FINAL, *_OTHERS)
    if not names or not any(meaning in found for meaning in marks):
        return None
    repeated = [again for meaning in _ONCE for again in found.get(meaning, [])[1:]]
    return Columns(
        name=names[0],
        name_columns=names,
        code=_first(found, Meaning.CODE),
        born_on=_first(found, Meaning.BORN_ON),
        ordinal=_first(found, Meaning.ORDINAL),
        regular=tuple(column for column, _ in found.get(Meaning.REGULAR, [])),
        midterm=_first(found, Meaning.MIDTERM),
        final=_first(found, Meaning.FINAL),
        average=_first(found, Meaning.AVERAGE),
        averages=tuple(
            (semester, found[meaning][0][0])
            for semester, meaning in (
                (Semester.FIRST, Meaning.AVERAGE_FIRST),
                (Semester.SECOND, Meaning.AVERAGE_SECOND),
            )
            if meaning in found
        ),
        unknown=tuple(unknown),
        repeated=tuple(repeated),
        others=tuple(
            (column, part, place)
            for meaning, part in _OTHERS.items()
            for place, (column, _) in enumerate(found.get(meaning, []), start=1)
        ),
    )


def _name_columns(
    found: dict[Meaning, list[tuple[int, str]]], unlabelled: list[int], below: _Rows
) -> tuple[int, ...]:
    whole = _first(found, Meaning.NAME)
    family, given = _first(found, Meaning.FAMILY_NAME), _first(found, Meaning.GIVEN_NAME)
    if whole is not None and given is not None:
        return whole, given
    if whole is not None:
        # A merged header over two cells: family and middle names, then the given name.
        second = whole + 1
        has_text = any(re.search(r"[^\W\d]", _text(row, second)) for row in below[:5])
        return (whole, second) if second in unlabelled and has_text else (whole,)
    if family is not None and given is not None:
        return family, given
    return ()


def meaning_of(header: str) -> Meaning | None:
    """What a column with this header usually holds."""
    return _meaning(_label(header))


def is_below_the_list(text: str) -> bool:
    """Whether a row that begins so stands under the list of pupils: statistics, signatures."""
    return _BELOW_THE_LIST.match(folded(text)) is not None


def _meaning(label: str) -> Meaning | None:
    for pattern, meaning in _WORDS:
        if re.fullmatch(pattern, label):
            return meaning
    return None


def _label(text: str) -> str:
    """A header text as compared: folded, without dots, colons, stars and what is in brackets."""
    bare = re.sub(r"\(.*?\)", " ", folded(text))
    return " ".join(re.sub(r"[.:*_-]", " ", bare).split())


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _label(str(value))


def _text(cells: tuple[Value, ...], column: int) -> str:
    value = cells[column - 1] if 0 < column <= len(cells) else None
    return "" if value is None else str(value).strip()


def _first(found: dict[Meaning, list[tuple[int, str]]], meaning: Meaning) -> int | None:
    return found[meaning][0][0] if meaning in found else None


def _title_row(rows: _Rows) -> int:
    """The row above the header that names the sheet, for faults that concern the title."""
    for number, row in enumerate(rows, start=1):
        if any("bang diem" in folded(str(cell)) for cell in row if cell is not None):
            return number
    return 1


def _class_name(title: str) -> str | None:
    found = re.search(
        r"\blop\s+(\d{1,2}(?:\s?(?!mon\b)[a-z]{1,3})?\d{0,2}(?:[./]\d{1,2})?)\b", title
    )
    return found[1].replace(" ", "").upper() if found else None


def _school_year(title: str) -> str | None:
    found = re.search(r"\b(20\d\d)\s*[-–/]\s*(20\d\d)\b", title)
    return f"{found[1]}-{found[2]}" if found else None
