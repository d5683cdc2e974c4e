"""A marks sheet is read cell by cell; what is not plainly a mark is a fault with its address."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.files.tables import workbook
from eoffice.marks import marks_sheet, marks_template
from eoffice.marks.marks_sheet import (
    ExpectedPupil,
    ExpectedSubject,
    ReadMark,
    Roster,
    SheetReading,
)
from eoffice.marks.marks_template import MarksSheet, SheetRow
from eoffice.marks.sheet_faults import Fault, FaultKind

AN = ExpectedPupil("HS001", "Đặng Văn An", date(2012, 3, 4))
BINH = ExpectedPupil("HS002", "Lê Thị Bình", date(2012, 5, 6))
CHI = ExpectedPupil("HS003", "Trần Mỹ Chi", date(2012, 7, 8))
CIVICS = ExpectedSubject("GDCD", "Giáo dục công dân", SubjectKind.SCORED, 2)
ARTS = ExpectedSubject("NT", "Nghệ thuật", SubjectKind.COMMENT, 2)
ROSTER = Roster("7A1", "2024-2025", (CIVICS, ARTS), (AN, BINH, CHI))

Cells = tuple[Decimal | str | None, ...]
GIVEN: dict[ExpectedPupil, Cells] = {
    AN: (Decimal(8), Decimal("7.5"), Decimal(8), Decimal(9)),
    BINH: (Decimal("6.5"), Decimal(7), Decimal(6), Decimal("6.8")),
    CHI: (Decimal(3), Decimal(4), Decimal("3.5"), Decimal("3.3")),
}


def sheet(
    rows: dict[ExpectedPupil, Cells] | None = None, subject: ExpectedSubject = CIVICS
) -> MarksSheet:
    return MarksSheet(
        school="Trường THCS Nguyễn Thị Minh Khai",
        class_name="7A1",
        school_year="2024-2025",
        subject_code=subject.code,
        subject_name=subject.name,
        semester=Semester.FIRST,
        regular_marks=subject.regular_marks,
        rows=tuple(
            SheetRow(pupil.code, pupil.name, pupil.born_on, "Nam", cells)
            for pupil, cells in (GIVEN if rows is None else rows).items()
        ),
    )


def reading(content: bytes) -> SheetReading:
    (only,) = marks_sheet.read(workbook.grids(content), ROSTER)
    return only


def with_cells(**cells: Any) -> SheetReading:
    """The sheet of civics with some cells (`F8="x"`) put in by hand."""

    def put(page: Worksheet) -> None:
        for address, value in cells.items():
            page[address] = value

    return reading(edited(marks_template.write([sheet()]), put))


def edited(content: bytes, edit: Callable[[Worksheet], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def drawn(rows: list[list[object]], *, title: str = "GDCD_HK1") -> bytes:
    """A workbook laid out by hand, as another program would export it."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = title
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def only_fault(found: SheetReading) -> Fault:
    (fault,) = found.faults
    return fault


def marks_of(found: SheetReading, pupil: ExpectedPupil) -> list[Decimal | Verdict]:
    return [mark.value for mark in found.marks if mark.pupil_code == pupil.code]


# What is right


def test_a_sheet_of_our_own_template_reads_back() -> None:
    found = reading(marks_template.write([sheet()]))

    assert found.faults == ()
    assert found.is_acceptable
    assert (found.subject_code, found.semester) == ("GDCD", Semester.FIRST)
    assert marks_of(found, AN) == [*map(Decimal, ("8.0", "7.5", "8.0", "9.0"))]
    assert ReadMark("HS002", Part.REGULAR, 2, Decimal("7.0")) in found.marks
    assert ReadMark("HS003", Part.FINAL, 1, Decimal("3.3")) in found.marks


def test_comment_subjects_take_their_words_in_every_usual_spelling() -> None:
    rows: dict[ExpectedPupil, Cells] = {
        AN: ("Đ", "Đạt", "đ", "CĐ"),
        BINH: ("KĐ", "Chưa đạt", "cđ", "Không đạt"),
        CHI: ("M", "Miễn", "m", "M"),
    }

    found = reading(marks_template.write([sheet(rows, ARTS)]))

    assert found.faults == ()
    assert marks_of(found, AN) == [Verdict.PASSED] * 3 + [Verdict.FAILED]
    assert set(marks_of(found, BINH)) == {Verdict.FAILED}
    assert set(marks_of(found, CHI)) == {Verdict.EXEMPT}


def test_several_worksheets_are_read_in_their_order() -> None:
    passed: dict[ExpectedPupil, Cells] = dict.fromkeys(GIVEN, ("Đ",) * 4)

    found = marks_sheet.read(
        workbook.grids(marks_template.write([sheet(), sheet(passed, ARTS)])), ROSTER
    )

    assert [one.subject_code for one in found] == ["GDCD", "NT"]
    assert all(one.is_acceptable for one in found)


def test_a_name_that_looks_like_a_formula_stays_a_name() -> None:
    trick = ExpectedPupil("HS009", "=1+1", None)
    roster = Roster("7A1", "2024-2025", (CIVICS,), (trick,))
    content = marks_template.write([sheet({trick: GIVEN[AN]})])

    (found,) = marks_sheet.read(workbook.grids(content), roster)

    assert found.faults == ()


def test_names_in_two_cells_and_numbered_columns_are_understood() -> None:
    found = reading(
        drawn(
            [
                ["SỞ GDĐT", None, None],
                ["BẢNG ĐIỂM LỚP 7A1 MÔN GIÁO DỤC CÔNG DÂN HỌC KÌ II"],
                ["STT", "Họ và tên", None, "Ngày sinh", "Giới tính", "ĐĐGtx1", "ĐĐGtx2",
                 "ĐĐGgk", "ĐĐGck", "ĐTBmhkI", "ĐTBmhkII", "ĐTBmcn"],
                [1, "Đặng Văn", "An", "04/03/2012", "Nam", 8, "7.5", 8, 9, 7, 8.4, 7.9],
                [2, "Lê Thị", "Bình", "06/05/2012", "Nữ", 6.5, 7, 6, 6.8, 7, 6.6, 6.7],
                [3, "Trần Mỹ", "Chi", "08/07/2012", "Nữ", 3, 4, 3.5, 3.3, 3, 3.4, 3.3],
                ["Số học sinh đạt – tỷ lệ %", None, None, None, None, 2, 2, 2, 2],
            ],
            title="Bảng điểm",
        )
    )  # fmt: skip

    assert found.faults == ()
    assert found.semester is Semester.SECOND
    assert marks_of(found, AN) == [*map(Decimal, ("8.0", "7.5", "8.0", "9.0"))]


def test_family_and_given_name_may_have_columns_of_their_own() -> None:
    found = reading(
        drawn(
            [
                ["LỚP 7A1", None, "MÔN: GDCD", None, "HK: 1"],
                ["TT", "Họ và tên đệm", "Tên", "Thường xuyên", None, "Giữa kì", "Cuối kì"],
                [None, None, None, 1, 2, None, None],
                [1, "Đặng Văn", "An", 8, 7.5, 8, 9],
                [2, "Lê Thị", "Bình", 6.5, 7, 6, 6.8],
                [3, "TRẦN  MỸ", "Chi", 3, 4, 3.5, 3.3],
            ]
        )
    )

    assert found.faults == ()
    assert len(found.marks) == 12


def test_binary_fractions_of_the_spreadsheet_are_the_marks_they_were_typed_as() -> None:
    found = with_cells(F8=6.3999999999999995)

    assert marks_of(found, AN)[0] == Decimal("6.4")


def test_an_empty_cell_is_no_mark_and_no_zero() -> None:
    found = with_cells(I9=None)

    fault = only_fault(found)
    assert fault.kind is FaultKind.MARKS_EMPTY
    assert fault.cell == "I9"
    assert found.is_acceptable
    assert marks_of(found, BINH) == [*map(Decimal, ("6.5", "7.0", "6.0"))]


def test_an_entered_zero_is_a_mark() -> None:
    assert marks_of(with_cells(F8=0), AN)[0] == Decimal("0.0")


# What is wrong in a cell


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (11, FaultKind.OUT_OF_RANGE),
        (-1, FaultKind.OUT_OF_RANGE),
        ("75", FaultKind.OUT_OF_RANGE),
        (7.25, FaultKind.TOO_PRECISE),
        ("7,5", FaultKind.DECIMAL_COMMA),
        ("tám", FaultKind.NOT_A_MARK),
        ("8 7", FaultKind.NOT_A_MARK),
        ("8;7", FaultKind.NOT_A_MARK),
        ("Đ", FaultKind.NOT_A_MARK),
        ("1e1", FaultKind.NOT_A_MARK),
        ("#REF!", FaultKind.NOT_A_MARK),
        (True, FaultKind.NOT_A_MARK),
        (datetime(2024, 5, 7), FaultKind.IS_A_DATE),  # noqa: DTZ001  as Excel keeps it
        ("=A1+1", FaultKind.NOT_CALCULATED),
    ],
)
def test_whatever_is_not_plainly_a_mark_is_a_fault_at_its_cell(
    value: object, kind: FaultKind
) -> None:
    found = with_cells(G9=value)

    fault = only_fault(found)
    assert (fault.sheet, fault.cell, fault.kind) == ("GDCD_HK1", "G9", kind)
    assert not found.is_acceptable
    assert fault.sentence.endswith((".", ")."))
    assert len(marks_of(found, BINH)) == 3


def test_a_decimal_comma_in_text_says_how_to_correct_it() -> None:
    fault = only_fault(with_cells(F8="7,5"))

    assert fault.sentence == (
        "Ô ghi “7,5” dưới dạng chữ có dấu phẩy; hãy nhập lại dưới dạng số "
        "(7.5 hoặc theo dấu thập phân của Excel trên máy)."
    )


def test_a_number_is_no_result_of_a_comment_subject() -> None:
    rows: dict[ExpectedPupil, Cells] = {
        AN: (Decimal(8), "Đ", "Đ", "Đ"), BINH: ("Đ",) * 4, CHI: ("Đ",) * 4,
    }  # fmt: skip

    assert only_fault(reading(marks_template.write([sheet(rows, ARTS)]))).kind is (
        FaultKind.NOT_A_MARK
    )


def test_more_marks_than_the_subject_has_are_refused_where_they_stand() -> None:
    third = {AN: Decimal(9), BINH: None, CHI: None}
    wide = MarksSheet(
        "Trường", "7A1", "2024-2025", "GDCD", CIVICS.name, Semester.FIRST, 3,
        tuple(
            SheetRow(p.code, p.name, p.born_on, "", (*c[:2], third[p], *c[2:]))
            for p, c in GIVEN.items()
        ),
    )  # fmt: skip

    fault = only_fault(reading(marks_template.write([wide])))

    assert (fault.kind, fault.cell) == (FaultKind.TOO_MANY_MARKS, "H8")


def test_a_stated_average_that_the_circular_does_not_give_is_a_warning() -> None:
    found = with_cells(J8=8.2, J9=6.6)

    fault = only_fault(found)
    assert (fault.kind, fault.cell) == (FaultKind.AVERAGE_DIFFERS, "J8")
    assert fault.sentence == "Bảng điểm ghi 8,2; tính theo Thông tư 22/2021 là 8,4."
    assert found.is_acceptable


# What is wrong with pupils


def test_a_pupil_of_the_class_who_is_not_in_the_sheet_is_named() -> None:
    without = {pupil: cells for pupil, cells in GIVEN.items() if pupil is not BINH}

    fault = only_fault(reading(marks_template.write([sheet(without)])))

    assert (fault.kind, fault.cell) == (FaultKind.PUPIL_MISSING, "C10")
    assert "Lê Thị Bình" in fault.sentence


def test_a_pupil_of_another_class_is_unknown() -> None:
    stranger = ExpectedPupil("HS999", "Võ Văn Lạ", None)

    fault = only_fault(reading(marks_template.write([sheet({**GIVEN, stranger: GIVEN[AN]})])))

    assert (fault.kind, fault.cell) == (FaultKind.PUPIL_UNKNOWN, "C11")


def test_the_same_pupil_twice_is_refused_and_the_first_row_stays() -> None:
    found = with_cells(
        B11="HS001", C11="Đặng Văn An", F11=1, G11=1, H11=1, I11=1
    )  # fmt: skip

    assert only_fault(found).kind is FaultKind.PUPIL_TWICE
    assert marks_of(found, AN)[0] == Decimal("8.0")


def test_a_code_with_another_name_is_refused() -> None:
    fault = only_fault(with_cells(C8="Nguyễn Văn Khác"))

    assert (fault.kind, fault.cell) == (FaultKind.NAME_DIFFERS, "C8")


def test_another_birth_date_is_a_warning() -> None:
    found = with_cells(D8="05/03/2012")

    assert only_fault(found).kind is FaultKind.BIRTH_DATE_DIFFERS
    assert found.is_acceptable


def test_marks_in_a_row_without_a_name_are_not_lost_silently() -> None:
    fault = only_fault(with_cells(F14=9))

    assert (fault.kind, fault.cell) == (FaultKind.PUPIL_UNKNOWN, "C14")


@pytest.mark.parametrize(
    ("born", "kinds"),
    [("04/03/2012", set()), ("01/01/2012", {FaultKind.PUPIL_AMBIGUOUS, FaultKind.PUPIL_MISSING})],
)
def test_two_pupils_of_one_name_are_told_apart_by_birth_date(
    born: str, kinds: set[FaultKind]
) -> None:
    twin = ExpectedPupil("HS010", AN.name, date(2012, 9, 9))
    roster = Roster("7A1", "2024-2025", (CIVICS,), (AN, twin))
    content = drawn(
        [
            ["Môn GDCD học kì I"],
            ["STT", "Họ tên", "Ngày sinh", "TX1", "TX2", "GK", "CK"],
            [1, AN.name, born, 8, 8, 8, 8],
            [2, AN.name, "09/09/2012", 9, 9, 9, 9],
        ]
    )

    (found,) = marks_sheet.read(workbook.grids(content), roster)

    assert {fault.kind for fault in found.faults} == kinds


# What is wrong with the sheet


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("BẢNG ĐIỂM LỚP 7A2 MÔN GIÁO DỤC CÔNG DÂN HỌC KÌ I", FaultKind.CLASS_DIFFERS),
        ("BẢNG ĐIỂM LỚP 7A1 MÔN VẬT LÍ HỌC KÌ I", FaultKind.SUBJECT_UNKNOWN),
        ("BẢNG ĐIỂM LỚP 7A1 MÔN GIÁO DỤC CÔNG DÂN", FaultKind.SEMESTER_UNKNOWN),
        (
            "BẢNG ĐIỂM LỚP 7A1 MÔN GIÁO DỤC CÔNG DÂN HỌC KÌ I NĂM HỌC 2023 - 2024",
            FaultKind.SCHOOL_YEAR_DIFFERS,
        ),
    ],
)
def test_a_title_that_is_not_of_this_class_is_refused(title: str, kind: FaultKind) -> None:
    def edit(page: Worksheet) -> None:
        page["A4"] = title
        page.title = "Trang"

    fault = only_fault(reading(edited(marks_template.write([sheet()]), edit)))

    assert (fault.kind, fault.cell) == (kind, "A4")


def test_the_names_of_schools_and_teachers_are_no_subjects() -> None:
    literature = ExpectedSubject("VAN", "Ngữ văn", SubjectKind.SCORED, 2, ("Văn",))
    computing = ExpectedSubject("TIN", "Tin học", SubjectKind.SCORED, 2, ("Tin",))
    roster = Roster("7A1", "2024-2025", (literature, computing), (AN,))
    content = drawn(
        [
            ["Trường THCS Chu Văn An"],
            ["Lớp 7A1, môn Tin học, học kì I, giáo viên: Nguyễn Thị Ngữ Văn"],
            ["STT", "Họ tên", "TX1", "TX2", "GK", "CK"],
            [1, AN.name, 8, 8, 8, 8],
        ]
    )

    (found,) = marks_sheet.read(workbook.grids(content), roster)

    assert found.subject_code == "TIN"
    assert found.is_acceptable


def test_a_sheet_without_a_header_says_so() -> None:
    found = reading(drawn([["Hướng dẫn nhập điểm"], ["1. Không sửa tiêu đề"]]))

    assert only_fault(found).kind is FaultKind.HEADER_NOT_FOUND
    assert not found.is_acceptable


def test_an_unknown_column_is_reported_and_a_missing_one_refused() -> None:
    found = reading(
        drawn(
            [
                ["Lớp 7A1 môn GDCD học kỳ 1"],
                ["STT", "Họ và tên", "Điểm cộng", "TX1", "TX2", "GK"],
                [1, AN.name, 1, 8, 8, 8],
                [2, BINH.name, None, 8, 8, 8],
                [3, CHI.name, None, 8, 8, 8],
            ]
        )
    )

    assert [(f.kind, f.cell) for f in found.faults] == [
        (FaultKind.COLUMN_UNKNOWN, "C2"),
        (FaultKind.COLUMN_MISSING, "B2"),
    ]
    assert "ĐĐGck" in found.faults[1].sentence


def test_both_semesters_in_one_sheet_are_refused() -> None:
    found = reading(
        drawn(
            [
                ["Lớp 7A1 môn GDCD học kì I"],
                ["STT", "Họ và tên", "TX1", "TX2", "GK", "CK", "TX1", "TX2", "GK", "CK"],
                *([n, p.name, *[8] * 8] for n, p in enumerate(ROSTER.pupils, start=1)),
            ]
        )
    )

    kinds = {fault.kind for fault in found.faults}
    assert FaultKind.COLUMN_TWICE in kinds
    assert not found.is_acceptable


def test_a_page_of_instructions_beside_marks_sheets_is_only_mentioned() -> None:
    def add_page(page: Worksheet) -> None:
        assert page.parent is not None
        page.parent.create_sheet("Hướng dẫn")["A1"] = "1. Không sửa tiêu đề"

    found = marks_sheet.read(
        workbook.grids(edited(marks_template.write([sheet()]), add_page)), ROSTER
    )

    assert [one.is_acceptable for one in found] == [True, True]
    assert only_fault(found[1]).kind is FaultKind.HEADER_NOT_FOUND


def test_two_sheets_of_one_subject_and_semester_are_refused() -> None:
    def copy_page(page: Worksheet) -> None:
        assert page.parent is not None
        page.parent.copy_worksheet(page)

    found = marks_sheet.read(
        workbook.grids(edited(marks_template.write([sheet()]), copy_page)), ROSTER
    )

    assert only_fault(found[1]).kind is FaultKind.SHEET_TWICE
