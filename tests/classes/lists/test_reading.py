"""A list of any layout is read into pupils; every fault says its sheet, row, column and reason."""

from __future__ import annotations

from datetime import date

import pytest

from eoffice.classes.lists import columns as list_columns
from eoffice.classes.lists import reading
from eoffice.classes.lists.columns import Columns, ColumnsRefused, Field
from eoffice.classes.lists.reading import Listed, Reading
from eoffice.files.tables import headers, pasted
from eoffice.files.tables.workbook import Grid, Value

TODAY = date(2025, 9, 5)


def read(*rows: tuple[Value, ...], name: str = "Trang 1", class_name: str = "") -> Reading:
    grid = Grid(name, rows, frozenset())
    columns = list_columns.recognised(grid)
    assert columns is not None
    return reading.read(grid, columns, class_name=class_name, today=TODAY)


def one(*rows: tuple[Value, ...], name: str = "7A1") -> tuple[Listed, list[tuple[str, str]]]:
    found = read(*rows, name=name)
    (pupil,) = found.listed
    return pupil, [(fault.column, fault.sentence) for _, fault in found.faults]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("STT", Field.ORDINAL),
        ("Mã học sinh", Field.CODE),
        ("Mã HS", Field.CODE),
        ("Số định danh cá nhân", Field.PERSONAL_ID),
        ("CCCD", Field.PERSONAL_ID),
        ("Số CMND/CCCD", Field.PERSONAL_ID),
        ("Họ và tên", Field.NAME),
        ("Họ tên học sinh", Field.NAME),
        ("Ngày, tháng, năm sinh", Field.BORN_ON),
        ("Giới tính", Field.SEX),
        ("Nữ", Field.FEMALE),
        ("Lớp", Field.CLASS),
        ("GVCN", Field.HOMEROOM),
        ("Giáo viên chủ nhiệm", Field.HOMEROOM),
        ("Nơi sinh", Field.BIRTHPLACE),
        ("Dân tộc", Field.ETHNICITY),
        ("Diện chính sách", Field.POLICY_GROUP),
        ("Chỗ ở hiện nay", Field.ADDRESS),
        ("Hộ khẩu thường trú", Field.PERMANENT_ADDRESS),
        ("Họ tên cha", Field.FATHER),
        ("SĐT của cha", Field.FATHER_PHONE),
        ("Điện thoại mẹ", Field.MOTHER_PHONE),
        ("Email mẹ", Field.MOTHER_EMAIL),
        ("Họ tên bố", Field.FATHER),
        ("Người giám hộ", Field.GUARDIAN),
        ("Môn chuyên", None),
    ],
)
def test_headers_are_known_by_their_words(words: str, field: Field | None) -> None:
    assert list_columns.meaning_of(words) is field


def test_every_field_that_a_person_can_choose_is_known_by_its_own_name() -> None:
    """The JSON door writes these words, and the reader of files reads them."""
    for field, name in list_columns.FIELD_NAMES.items():
        if field is not Field.NOTHING:
            assert list_columns.meaning_of(name) is field, name


def test_a_list_of_the_whole_school_is_read_row_by_row() -> None:
    grid = pasted.grid(
        "TRƯỜNG THCS SEN HỒNG\n\n"
        "STT\tMã HS\tHọ và tên\tNgày sinh\tGiới tính\tLớp\tSĐT mẹ\tHọ tên mẹ\n"
        "1\tHS1\tNguyễn Văn An\t03/05/2012\tNam\t7A1\t0912345678\tLê Thị Sáu\n"
        "2\tHS2\tTrần Mỹ Chi\t4/6/2011\tNữ\tlớp 8a2\t\t\n"
        "Tổng số: 2 học sinh\n",
        name="Bảng dán",
    )
    columns = list_columns.recognised(grid)
    assert columns is not None

    found = reading.read(grid, columns, today=TODAY)

    assert [(p.class_name, p.code, p.row) for p in found.listed] == [
        ("7A1", "HS1", 4), ("8A2", "HS2", 5),
    ]  # fmt: skip
    assert found.listed[0].born_on == date(2012, 5, 3)
    assert found.listed[0].values[Field.MOTHER_PHONE] == "0912345678"
    assert found.listed[0].columns[Field.MOTHER] == "H"
    assert Field.MOTHER not in found.listed[1].values
    assert not found.faults


def test_a_name_in_two_cells_and_a_header_in_two_rows() -> None:
    pupil, faults = one(
        ("DANH SÁCH LỚP 7A1",),
        ("TT", "Mã HS", "Họ và tên", None, "Ngày sinh", "Nữ", "Cha", None, "Mẹ", None),
        (None, None, None, None, None, None, "Họ và tên", "Điện thoại", "Họ và tên", "Điện thoại"),
        (1, "HS1", "Nguyễn Thị", "An", date(2012, 5, 3), "x", "Nguyễn Ba", 912345678, "Lê Tư",
         "0987 654 321"),
        name="Trang",
    )  # fmt: skip

    assert pupil.name == "Nguyễn Thị An"
    assert pupil.class_name == "7A1"
    assert pupil.values[Field.SEX] == "Nữ"
    assert pupil.values[Field.FATHER] == "Nguyễn Ba"
    assert pupil.values[Field.FATHER_PHONE] == "0912345678"
    assert pupil.values[Field.MOTHER_PHONE] == "0987654321"
    assert not faults


@pytest.mark.parametrize(
    ("column", "value", "letters", "words"),
    [
        ("Ngày sinh", "31/02/2012", "C", "không phải là ngày"),
        ("Ngày sinh", "03/05/1950", "C", "không thể đúng"),
        ("Giới tính", "Khác", "C", "Nam hoặc Nữ"),
        ("Số định danh cá nhân", "0872", "C", "12 chữ số"),
        ("SĐT cha", "123", "C", "Số điện thoại"),
        ("Email mẹ", "khong-co", "C", "thư điện tử"),
        ("Nơi sinh", "x" * 201, "C", "dài hơn 200"),
        ("Lớp", "Lá 1", "C", "không bắt đầu bằng số của khối"),
    ],
)
def test_each_fault_has_its_cell_and_reason(
    column: str, value: str, letters: str, words: str
) -> None:
    _, faults = one(("Mã HS", "Họ và tên", column), ("HS1", "Nguyễn Văn An", value))

    ((found, sentence),) = faults
    assert found == letters
    assert words in sentence


def test_zeros_that_a_spreadsheet_dropped_come_back() -> None:
    pupil, faults = one(
        ("CCCD", "Họ và tên", "Ngày sinh"), (87212009999.0, "Nguyễn Văn An", 41032.0)
    )

    assert pupil.personal_id == "087212009999"
    assert pupil.born_on == date(2012, 5, 3)
    assert not faults


def test_who_stands_twice_in_the_file_is_told_where() -> None:
    found = read(
        ("Mã HS", "Họ và tên", "Lớp"), ("HS1", "Nguyễn Văn An", "7A1"), ("HS1", "Lê Bình", "7A2")
    )

    ((class_name, fault),) = reading.doubles(found.listed)

    assert (class_name, fault.row, fault.column) == ("7A2", 3, "A")
    assert "dòng 2, lớp 7A1" in fault.sentence


def test_a_sheet_without_a_class_is_asked_about_and_its_name_may_say_it() -> None:
    rows: tuple[tuple[Value, ...], ...] = (("Mã HS", "Họ và tên"), ("HS1", "Nguyễn Văn An"))

    assert read(*rows, name="Sheet1").unclear is not None
    assert read(*rows, name="DS lớp 7A1").listed[0].class_name == "7A1"
    assert read(*rows, name="Sheet1", class_name="6B").listed[0].class_name == "6B"


def test_columns_that_nobody_knows_are_named() -> None:
    found = read(("Mã HS", "Họ và tên", "Chiều cao"), ("HS1", "Nguyễn Văn An", 150), name="7A1")

    assert found.unknown == (("C", "Chiều cao"),)


def test_explained_columns_are_found_again_by_the_header_wherever_it_stands() -> None:
    first = pasted.grid("Số hiệu\tHọc trò\tPhòng\nHS1\tNguyễn Văn An\t7A1", name="a")
    again = pasted.grid("Trường\n\nSố hiệu\tHọc trò\tPhòng\nHS2\tLê Bình\t7A2", name="b")
    assert list_columns.recognised(first) is None
    meant = Columns(1, 2, ((1, Field.CODE), (2, Field.NAME), (3, Field.CLASS)))
    known = {headers.signature(first.rows, 1, 1): list_columns.checked(meant)}

    found = list_columns.found_again(again, known)

    assert found is not None
    assert reading.read(again, found, today=TODAY).listed[0].class_name == "7A2"
    assert list_columns.from_json(list_columns.as_json(meant)) == meant


@pytest.mark.parametrize(
    "fields",
    [
        ((1, Field.CODE),),
        ((1, Field.NAME),),
        ((1, Field.GIVEN_NAME), (2, Field.CODE)),
        ((1, Field.NAME), (2, Field.CODE), (3, Field.CODE)),
        ((0, Field.NAME), (2, Field.CODE)),
    ],
)
def test_columns_by_which_nobody_can_be_known_are_refused(
    fields: tuple[tuple[int, Field], ...],
) -> None:
    with pytest.raises(ColumnsRefused):
        list_columns.checked(Columns(1, 2, fields))
