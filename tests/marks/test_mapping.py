"""A layout is explained once: it is checked, kept, and known again by the words of its header."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment.marks import Semester
from eoffice.files.tables import headers, pasted
from eoffice.marks import mapping as mappings
from eoffice.marks.mapping import Field, MappedColumn, Mapping, MappingRefused

#: A layout of one subject; its words are none that are known.
GRID = pasted.grid("Danh sách\n\nSố,Học trò,Lần một,Lần hai,Giữa,Hết\n1,An,8,7,9,10\n", name="A")
MAPPING = Mapping(
    3,
    4,
    (
        MappedColumn(1, Field.ORDINAL),
        MappedColumn(2, Field.NAME),
        MappedColumn(3, Field.REGULAR, 1),
        MappedColumn(4, Field.REGULAR, 2),
        MappedColumn(5, Field.MIDTERM),
        MappedColumn(6, Field.FINAL),
    ),
)


def known(mapping: Mapping = MAPPING) -> dict[str, Mapping]:
    signed = headers.signature(GRID.rows, mapping.header_row, mapping.header_height)
    return {signed: mapping}


def test_the_columns_are_those_that_were_said() -> None:
    columns = MAPPING.columns_of(None, None)

    assert columns.name_columns == (2,)
    assert columns.regular == (3, 4)
    assert (columns.midterm, columns.final, columns.code) == (5, 6, None)


def test_a_header_is_found_again_further_down_and_in_other_letters() -> None:
    moved = pasted.grid(
        "TRƯỜNG\nLỚP 8A\nMôn\nHK I\n\nSỐ,HỌC TRÒ,LẦN MỘT,LẦN HAI,GIỮA,HẾT\n1,Bình,6,6,6,6\n",
        name="B",
    )

    found = mappings.found_again(moved, known())

    assert found is not None
    assert (found.header_row, found.first_row) == (6, 7)
    assert found.columns == MAPPING.columns


@pytest.mark.parametrize("changed", ["Lần ba", "", "Lần hai,Thêm"])
def test_another_header_is_another_layout(changed: str) -> None:
    other = pasted.grid(f"Số,Học trò,Lần một,{changed},Giữa,Hết\n1,An,8,7,9,10\n", name="C")

    assert mappings.found_again(other, known()) is None


def test_the_header_that_looks_most_like_one_is_offered() -> None:
    assert headers.likely_header(GRID.rows) == 3


columns = st.lists(
    st.builds(
        MappedColumn,
        column=st.integers(1, 80),
        field=st.sampled_from(Field),
        place=st.integers(1, 4),
        subject_code=st.sampled_from([None, "TOAN"]),
        semester=st.sampled_from([None, *Semester]),
    ),
    max_size=8,
)


@given(columns)
def test_what_is_kept_is_read_back_the_same(given_columns: list[MappedColumn]) -> None:
    mapping = Mapping(2, 3, tuple(given_columns))
    assert mappings.from_json(mappings.as_json(mapping)) == mapping


@given(columns)
def test_a_mapping_is_refused_or_can_be_read_by(given_columns: list[MappedColumn]) -> None:
    mapping = Mapping(1, 2, tuple(given_columns))
    try:
        mappings.checked(mapping)
    except MappingRefused:
        return
    for subject_code, semester in mapping.lists:
        made = mapping.columns_of(subject_code, semester)
        assert made.of_marks
        assert made.name_columns or made.code


def with_columns(*made: MappedColumn) -> dict[str, Any]:
    return {"header_row": 1, "first_row": 2, "columns": made}


NAME, CODE = MappedColumn(1, Field.NAME), MappedColumn(2, Field.CODE)
FIRST = MappedColumn(3, Field.REGULAR, 1)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (with_columns(NAME), "cột điểm"),
        (with_columns(FIRST), "mã học sinh"),
        (with_columns(NAME, MappedColumn(4, Field.NAME), FIRST), "2 cột"),
        (with_columns(CODE, MappedColumn(3, Field.REGULAR, 2)), "lần lượt"),
        (with_columns(CODE, FIRST, MappedColumn(4, Field.REGULAR, 1)), "lần lượt"),
        (with_columns(CODE, MappedColumn(3, Field.FINAL), MappedColumn(4, Field.FINAL)), "hai cột"),
        (with_columns(CODE, MappedColumn(2, Field.FINAL)), "hai lần"),
        ({**with_columns(CODE, FIRST), "first_row": 1}, "Dòng tiêu đề"),
    ],
)
def test_what_no_marks_can_be_read_by_is_refused_with_the_reason(
    made: dict[str, Any], words: str
) -> None:
    with pytest.raises(MappingRefused, match=words):
        mappings.checked(Mapping(**made))


def test_one_column_may_be_of_two_semesters_side_by_side() -> None:
    mapping = Mapping(
        1,
        2,
        (
            CODE,
            MappedColumn(3, Field.FINAL, semester=Semester.FIRST),
            MappedColumn(4, Field.FINAL, semester=Semester.SECOND),
        ),
    )

    assert mappings.checked(mapping).lists == ((None, Semester.FIRST), (None, Semester.SECOND))
    assert mapping.columns_of(None, Semester.SECOND).final == 4
