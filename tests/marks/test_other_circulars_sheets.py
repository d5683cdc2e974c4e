"""Sheets of classes under Circulars 58/2011 and 27/2020 are read by the columns of their own time.

The layouts are those that schools' programs exported: marks of coefficient 1 spoken and written,
coefficient 2, the examination; in primary schools a judgement and a test beside it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.assessment.year import Holds
from eoffice.files.tables import pasted
from eoffice.files.tables.workbook import Grid, Value
from eoffice.marks import canonical, marks_sheet, record_queries, rosters, sheet_cells
from eoffice.marks.canonical import PupilMarks
from eoffice.marks.mapping import Field
from eoffice.marks.mark_cells import CellRefused
from eoffice.marks.marks_sheet import SheetReading
from eoffice.marks.sheet_faults import FaultKind, Severity
from eoffice.marks.sheet_layout import Meaning, find_layout, meaning_of
from tests.cast import Cast
from tests.marks.test_years import opened
from tests.registers import stage

Row = tuple[Value, ...]
OLD_HEAD: tuple[Row, ...] = (
    ("BẢNG ĐIỂM LỚP 8A1 MÔN TOÁN HỌC KỲ I NĂM HỌC 2018-2019",),
    (),
    ("Số TT", "Họ và tên", None, "Ngày sinh", "Điểm hs1", None, None, None, "Điểm hs2", None,
     "Thi ck", "TB"),
    (None, None, None, None, "Miệng", None, "Viết", None, None, None, None, None),
    (None, None, None, None, 1, 2, 1, 2, 1, 2, None, None),
)  # fmt: skip


def old_row(number: int, family: str, given: str, *marks: Value) -> Row:
    return (number, family, given, None, *marks)


def read(
    session: Session, cast: Cast, at: datetime, era: str, *rows: Row
) -> tuple[SheetReading, dict[tuple[str, Part, int], object]]:
    class_id = opened(session, cast, at, era)
    grid = Grid("Trang 1", rows, frozenset())
    (found,) = marks_sheet.read([grid], rosters.of_class(session, class_id))
    return found, {(one.pupil_code, one.part, one.place): one.value for one in found.marks}


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("Điểm hs1-Miệng 1", Meaning.ORAL),
        ("Miệng", Meaning.ORAL),
        ("Điểm hs1 - Viết 2", Meaning.WRITTEN),
        ("15 phút", Meaning.WRITTEN),
        ("Điểm hs2 3", Meaning.PERIODIC),
        ("1 tiết", Meaning.PERIODIC),
        ("Thi ck", Meaning.FINAL),
        ("KT HK", Meaning.FINAL),
        ("TB", Meaning.AVERAGE),
        ("TB HK I", Meaning.AVERAGE_FIRST),
        ("Mức đạt được giữa học kì I", Meaning.MIDTERM),
        ("Điểm KTĐK cuối kì", Meaning.FINAL_TEST),
        ("Cuối năm: Điểm KTĐK", Meaning.FINAL_TEST),
        ("ĐĐGtx1", Meaning.REGULAR),
        ("Học kì", Meaning.AVERAGE),
    ],
)
def test_headers_of_every_era_are_known(words: str, meaning: Meaning) -> None:
    assert meaning_of(words) is meaning


def test_the_header_of_the_old_sheet_in_three_rows() -> None:
    columns = find_layout((*OLD_HEAD, old_row(1, "Trần Mỹ", "Chi", 8))).columns

    assert columns.others == (
        (5, Part.ORAL, 1), (6, Part.ORAL, 2), (7, Part.WRITTEN, 1), (8, Part.WRITTEN, 2),
        (9, Part.PERIODIC, 1), (10, Part.PERIODIC, 2),
    )  # fmt: skip
    assert (columns.name_columns, columns.final, columns.average) == ((2, 3), 11, 12)
    assert columns.unknown == ()
    assert columns.label(8) == "Viết 2"


def test_an_old_sheet_is_read_and_its_averages_compared_by_its_own_circular(
    session: Session, cast: Cast, at: datetime
) -> None:
    """Circular 58/2011: 8 8 7 9, 7.5 8 and 8.5 make 88.5/11, that is 8.0."""
    found, marks = read(
        session, cast, at, "TT58/2011", *OLD_HEAD,
        old_row(1, "Trần Mỹ", "Chi", 8, 8, 7, 9, 7.5, 8, 8.5, 8.0),
        old_row(2, "Đặng Văn", "An", 8, 8, 7, 9, 7.5, 8, 8.5, 8.1),
        old_row(3, "Lê Thị", "Bình", 8, 8, 7, 9, 75, 8, 8.5, None),
    )  # fmt: skip

    assert marks["HS001", Part.ORAL, 1] == Decimal(8)
    assert marks["HS001", Part.WRITTEN, 2] == Decimal(9)
    assert marks["HS001", Part.PERIODIC, 2] == Decimal(8)
    assert marks["HS001", Part.FINAL, 1] == Decimal("8.5")
    differs = [one for one in found.faults if one.kind is FaultKind.AVERAGE_DIFFERS]
    assert [(one.cell, one.severity) for one in differs] == [("L7", Severity.WARNING)]
    assert "tính theo Thông tư số 58/2011/TT-BGDĐT là 8,0" in differs[0].sentence
    (wrong,) = [one for one in found.faults if one.severity is Severity.ERROR]
    assert wrong.cell == "I8"
    assert found.covered is not None
    assert (Part.PERIODIC, 2) in found.covered


def test_a_primary_sheet_has_judgements_and_whole_marks(
    session: Session, cast: Cast, at: datetime
) -> None:
    found, marks = read(
        session, cast, at, "TT27/2020",
        ("BẢNG ĐIỂM LỚP 4A1 MÔN TOÁN HỌC KỲ I",),
        ("STT", "Mã HS", "Họ và tên", "Giữa học kì I", None, "Cuối học kì I", None),
        (None, None, None, "Mức đạt được", "Điểm KTĐK", "Mức đạt được", "Điểm KTĐK"),
        (1, "HS001", "Trần Mỹ Chi", "T", 9, "H", 8),
        (2, "HS002", "Đặng Văn An", "Hoàn thành", 7.5, "x", 10),
    )  # fmt: skip

    assert marks["HS001", Part.MIDTERM, 1] is Verdict.WELL_DONE
    assert marks["HS001", Part.MIDTERM_TEST, 1] == Decimal(9)
    assert marks["HS001", Part.FINAL, 1] is Verdict.DONE
    assert marks["HS001", Part.FINAL_TEST, 1] == Decimal(8)
    assert marks["HS002", Part.MIDTERM, 1] is Verdict.DONE
    errors = [(one.cell, one.kind) for one in found.faults if one.severity is Severity.ERROR]
    assert ("E5", FaultKind.TOO_PRECISE) in errors
    assert ("F5", FaultKind.NOT_A_MARK) in errors


def test_a_column_of_another_time_is_refused_where_somebody_wrote_in_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    found, marks = read(
        session, cast, at, "TT22/2021",
        ("BẢNG ĐIỂM LỚP 9A1 MÔN TOÁN HỌC KỲ I",),
        ("STT", "Mã HS", "Họ và tên", "Miệng", "ĐĐGgk"),
        (1, "HS001", "Trần Mỹ Chi", 8, 9),
    )  # fmt: skip

    assert not any(part is Part.ORAL for _, part, _ in marks)
    assert "không có cột Miệng 1" in next(
        one.sentence for one in found.faults if one.kind is FaultKind.TOO_MANY_MARKS
    )


def test_the_plan_of_the_school_says_how_many_regular_marks_a_sheet_has(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = stage.open_class(session, cast, at)
    before = rosters.of_class(session, class_id)
    assert [one.regular_marks for one in before.subjects] == [
        one.regular_marks for one in record_queries.roster(session, class_id).subjects
    ]
    assert not any(one.places for one in before.subjects)
    assert before.subjects[0].result is not None
    usual = [(Part.REGULAR, n, Decimal(8)) for n in (1, 2, 3, 4)]
    cells = [*usual, (Part.MIDTERM, 1, Decimal(8)), (Part.FINAL, 1, Decimal(8))]
    assert before.subjects[0].result(Semester.FIRST, cells) == Decimal(8)


@pytest.mark.parametrize(
    ("value", "holds"),
    [(7.5, Holds.WHOLE_MARK), ("8", Holds.JUDGEMENT), ("T", Holds.MARK), ("T", Holds.VERDICT)],
)
def test_a_cell_that_its_column_does_not_take_is_refused(value: Value, holds: Holds) -> None:
    with pytest.raises(CellRefused):
        sheet_cells.held(value, holds)


def test_programs_send_the_marks_of_every_era() -> None:
    rows = [
        PupilMarks(class_name="8A1", pupil_code="HS001", subject="TOAN", semester="1",
                   oral=("8",), written=("7", "9"), periodic=("7.5",), final="8"),
        PupilMarks(class_name="4A1", pupil_code="HS002", subject="TV", semester="1",
                   midterm="T", midterm_test="9"),
    ]  # fmt: skip
    grid = pasted.grid(canonical.table(rows).decode(), name="a")

    mapping = canonical.mapping_of(grid)

    assert mapping is not None
    fields = [(one.field, one.place) for one in mapping.columns[5:]]
    assert fields == [
        (Field.ORAL, 1), (Field.WRITTEN, 1), (Field.WRITTEN, 2), (Field.PERIODIC, 1),
        (Field.MIDTERM, 1), (Field.FINAL, 1), (Field.MIDTERM_TEST, 1),
    ]  # fmt: skip
    assert grid.rows[1][5:10] == (8.0, 7.0, 9.0, 7.5, None)
    assert grid.rows[2][9:] == ("T", None, 9.0)
