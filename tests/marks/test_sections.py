"""Each part of a workbook is given to a class, subject and semester, or somebody has to say."""

from __future__ import annotations

from uuid import UUID

import pytest

from eoffice.assessment.marks import Semester
from eoffice.files.tables import headers, pasted
from eoffice.files.tables.workbook import Grid
from eoffice.marks import sections
from eoffice.marks.mapping import Field, MappedColumn, Mapping
from eoffice.marks.sections import KnownClass, KnownSubject, Said

MATHS = KnownSubject("TOAN", "Toán học", ("Toán",))
LETTERS = KnownSubject("VAN", "Ngữ văn", ("Văn",))
A = KnownClass(UUID(int=1), "7A1", (MATHS, LETTERS))
B = KnownClass(UUID(int=2), "7A2", (MATHS,))
HEADER = "STT\tMã học sinh\tHọ và tên\tĐĐGtx1\tĐĐGgk\tĐĐGck"
ROW = "1\tHS1\tĐặng Văn An\t8\t7\t9"


def sheet(name: str, title: str = "", header: str = HEADER, *rows: str) -> Grid:
    return pasted.grid("\n".join([title, header, *(rows or [ROW])]), name=name)


def placed(*grids: Grid, **more: object) -> list[tuple[str, UUID, str, Semester]]:
    plan = sections.planned(grids, [A, B], **more)  # type: ignore[arg-type]
    assert not plan.unplaced, plan.unplaced
    return [(s.sheet, s.class_id, s.subject_code, s.semester) for s in plan.sections]


def reasons(*grids: Grid, **more: object) -> list[tuple[str, str]]:
    plan = sections.planned(grids, [A, B], **more)  # type: ignore[arg-type]
    return [(one.sheet, one.reason) for one in plan.unplaced]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Sheet1", "BẢNG ĐIỂM LỚP 7A1 MÔN TOÁN HỌC KỲ I"),
        ("7A1_TOAN_HK1", ""),
        ("Toán 7A1 HK1", ""),
        ("HK1", "BẢNG ĐIỂM LỚP 7A1 MÔN TOÁN HỌC"),
    ],
)
def test_title_and_name_of_the_sheet_say_what_it_is_about(name: str, title: str) -> None:
    assert placed(sheet(name, title)) == [(name, A.id, "TOAN", Semester.FIRST)]


def test_a_workbook_of_a_school_has_a_sheet_for_each_class_and_subject() -> None:
    found = placed(sheet("7A1_TOAN_HK1"), sheet("7A1_VAN_HK1"), sheet("7A2_TOAN_HK2"))

    assert [(s[1], s[2], s[3].value) for s in found] == [
        (A.id, "TOAN", "1"), (A.id, "VAN", "1"), (B.id, "TOAN", "2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("9C_TOAN_HK1", "không ghi lớp"),
        ("7A1_HK1", "môn học"),
        ("7A2_VAN_HK1", "môn học"),
        ("7A1_TOAN", "học kì"),
    ],
)
def test_what_the_sheet_does_not_say_is_asked_for(name: str, word: str) -> None:
    ((_, reason),) = reasons(sheet(name))
    assert word in reason


def test_a_class_that_the_school_has_not_is_named() -> None:
    ((_, reason),) = reasons(sheet("x", "BẢNG ĐIỂM LỚP 9C MÔN TOÁN HỌC KỲ I"))
    assert "không có lớp 9C" in reason


def test_what_a_person_says_goes_before_what_the_sheet_says() -> None:
    said = {"7A1_TOAN_HK1": Said(B.id, "TOAN", Semester.SECOND)}

    assert placed(sheet("7A1_TOAN_HK1"), said=said) == [
        ("7A1_TOAN_HK1", B.id, "TOAN", Semester.SECOND)
    ]


def test_a_sheet_may_be_skipped() -> None:
    assert (
        placed(sheet("Hướng dẫn", "", "Cách nhập"), said={"Hướng dẫn": Said(is_skipped=True)}) == []
    )


def test_a_sheet_without_a_header_says_so() -> None:
    plan = sections.planned([sheet("Hướng dẫn", "", "Cách nhập")], [A])
    assert [one.is_without_header for one in plan.unplaced] == [True]


OWN = "Lớp\tMã\tMôn\tKì\tLần 1\tLần 2\tGiữa\tHết"
OWN_MAPPING = Mapping(
    1,
    2,
    (
        MappedColumn(1, Field.CLASS),
        MappedColumn(2, Field.CODE),
        MappedColumn(3, Field.SUBJECT),
        MappedColumn(4, Field.SEMESTER),
        MappedColumn(5, Field.REGULAR, 1),
        MappedColumn(6, Field.REGULAR, 2),
        MappedColumn(7, Field.MIDTERM),
        MappedColumn(8, Field.FINAL),
    ),
)


def test_a_list_of_a_whole_school_is_taken_apart_by_class_subject_and_semester() -> None:
    grid = pasted.grid(
        f"{OWN}\n7A1\tHS1\tToán\t1\t8\t7\t6\t5\n7A2\tHS9\tToán\tHK II\t1\t2\t3\t4\n"
        "7A1\tHS2\tToán\tI\t8\t7\t6\t5\n7A1\tHS1\tNgữ văn\t1\t8\t7\t6\t5\n",
        name="Dán",
    )
    known = {headers.signature(grid.rows, 1, 1): OWN_MAPPING}

    plan = sections.planned([grid], [A, B], known=known)

    assert not plan.unplaced
    assert [(s.class_id, s.subject_code, s.semester.value, s.rows) for s in plan.sections] == [
        (A.id, "TOAN", "1", (2, 4)),
        (B.id, "TOAN", "2", (3,)),
        (A.id, "VAN", "1", (5,)),
    ]


def test_two_semesters_side_by_side_are_two_sections() -> None:
    grid = sheet("7A1 Toán", "", "Mã\tCK1\tCK2", "HS1\t8\t9")
    mapping = Mapping(
        1,
        2,
        (
            MappedColumn(1, Field.CODE),
            MappedColumn(2, Field.FINAL, semester=Semester.FIRST),
            MappedColumn(3, Field.FINAL, semester=Semester.SECOND),
        ),
    )
    known = {headers.signature(grid.rows, 2, 1): mapping}

    plan = sections.planned([grid], [A], known=known)

    assert [(s.semester.value, s.layout.columns.final) for s in plan.sections] == [
        ("1", 2), ("2", 3),
    ]  # fmt: skip


def test_rows_of_statistics_below_a_list_are_no_pupils() -> None:
    grid = sheet("7A1 Toán HK1", "", "Số\tTên\tHết", "1\tAn\t8", "\tTỉ lệ đạt\t100", "\t\t")
    mapping = Mapping(
        1,
        2,
        (MappedColumn(1, Field.ORDINAL), MappedColumn(2, Field.NAME), MappedColumn(3, Field.FINAL)),
    )
    known = {headers.signature(grid.rows, 2, 1): mapping}

    (section,) = sections.planned([grid], [A], known=known).sections

    assert section.rows == (3,)


def test_the_table_of_programs_is_known_by_its_words() -> None:
    grid = pasted.grid(
        "class,subject,pupil_code,semester,final,regular_1\n7A2,TOAN,HS9,2,8.5,7\n", name="API"
    )

    (section,) = sections.planned([grid], [A, B]).sections

    assert (section.class_id, section.subject_code, section.semester.value) == (B.id, "TOAN", "2")
    assert section.layout.columns.regular == (6,)
