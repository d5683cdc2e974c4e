"""The body of a document is blocks, written as lines that are read again as the same blocks."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eoffice.documents.form import body, rendering, text
from eoffice.documents.form.body import (
    Align,
    Block,
    BodyRefused,
    Heading,
    Level,
    Paragraph,
    Point,
    Run,
    Table,
)
from eoffice.documents.types import DocumentType
from eoffice.files.intake import inspect_pdf
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.pdfa import assert_pdfa

EVERYTHING: tuple[Block, ...] = (
    Heading(Level.CHAPTER, "Chương I"),
    Heading(Level.CHAPTER, "QUY ĐỊNH CHUNG"),
    Heading(Level.SECTION, "Mục 1"),
    Heading(Level.ARTICLE, "Điều 1. Phạm vi"),
    Heading(Level.CLAUSE, "1. Hồ sơ"),
    Paragraph("Căn cứ **đậm** và _nghiêng_."),
    Point("1.", "Các trường"),
    Point("1.1.", "Trường công lập"),
    Point("a)", "báo cáo;"),
    Point("đ)", "lưu trữ;"),
    Point("-", "một"),
    Point("+", "hai"),
    Table(
        (Align.CENTRE, Align.LEFT, Align.RIGHT),
        ("STT", "**Tên** trường", "Số | lớp"),
        (("1", "THPT \\ Lấp Vò", "24"), ("", "", "")),
    ),
    Table((Align.LEFT,), ("---",), (("---",), (":---:",))),
    Paragraph("Kết thúc./."),
)


def test_every_block_is_read_back_from_its_lines() -> None:
    assert body.blocks(body.lines(EVERYTHING)) == EVERYTHING


def test_every_block_is_read_back_from_its_json() -> None:
    assert body.parse(body.serialise(EVERYTHING)) == EVERYTHING


def test_any_two_blocks_may_stand_one_after_the_other() -> None:
    for first, second in itertools.product(EVERYTHING, repeat=2):
        assert body.blocks(body.lines((first, second))) == (first, second)


def test_whatever_is_typed_is_kept_the_same_from_the_first_saving_on() -> None:
    """A thousand bodies of odd pieces: what was tidied once is never changed again."""
    pieces = ["|", "---", ":", "\\", "a", " ", "# ", "1. ", "**", "_", "- ", "\\|", "|---|", "-"]
    of_chance = random.Random(30)
    for _ in range(1_000):
        typed = [
            "".join(of_chance.choices(pieces, k=of_chance.randint(1, 8)))
            for _ in range(of_chance.randint(1, 5))
        ]
        kept = body.tidy(typed)
        assert body.tidy(kept) == kept
        assert body.parse(body.serialise(body.blocks(kept))) == body.blocks(kept)


def test_texts_of_the_first_release_mean_what_they_meant() -> None:
    old = ("# Chương I", "**Điều 1.** Thành lập tổ.", "| không phải bảng |", "# ", "Kết thúc./.")

    assert text.parse({"paragraphs": list(old[:3])}).paragraphs == old[:3]
    assert body.blocks(old[:3]) == (
        Heading(Level.CHAPTER, "Chương I"),
        Paragraph("**Điều 1.** Thành lập tổ."),
        Paragraph("| không phải bảng |"),
    )


def test_letters_and_blanks_are_normalised_and_blank_lines_fall_away() -> None:
    assert body.tidy(["  Gia\u0301o\u200b   du\u0323c ", " ", "|a|b|", "| --- |:---:|"]) == (
        "Giáo dục",
        "| a | b |",
        "|---|:---:|",
    )


def test_rows_get_as_many_cells_as_the_table_has_columns() -> None:
    (table,) = body.blocks(["| a | b |", "|---|---|", "| 1 |", "| 1 | 2 | 3 |"])
    assert isinstance(table, Table)
    assert table.rows == (("1", ""), ("1", "2"))


def test_a_line_of_alignments_makes_the_row_above_it_a_header() -> None:
    tables = body.blocks(["| a |", "|---|", "| 1 |", "| b |", "|---:|", "| 2 |"])
    assert tables == (
        Table((Align.LEFT,), ("a",), (("1",),)),
        Table((Align.RIGHT,), ("b",), (("2",),)),
    )


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("1. Một", "1."),
        ("12.3.4. Một", "12.3.4."),
        ("đ) một", "đ)"),
        ("aa) một", "aa)"),
        ("- một", "-"),
        ("1.Một", None),
        ("1 Một", None),
        ("2024 là năm", None),
        ("A) một", None),
        ("-một", None),
        ("**1.** Một", None),
    ],
)
def test_a_point_begins_with_a_label_and_a_blank(line: str, label: str | None) -> None:
    (block,) = body.blocks([line])
    assert (block.label if isinstance(block, Point) else None) == label


TOO_WIDE = "|" + " a |" * (body.MOST_COLUMNS + 1)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["x", "x" * 20_001], "Đoạn thứ 2"),
        (["x"] * 1_001, "nhiều hơn 1000 đoạn"),
        (["x", TOO_WIDE, "|" + "---|" * (body.MOST_COLUMNS + 1)], "Bảng ở đoạn thứ 2"),
        (["| a |", "|---|", *["| 1 |"] * 1_001], "Bảng ở đoạn thứ 1"),
        (["x"] * 4_001, "dài hơn 4000 dòng"),
    ],
)
def test_what_is_too_long_is_refused_by_its_place(typed: list[str], said: str) -> None:
    found = body.fault(typed)
    assert found is not None
    assert said in found


def test_the_bounds_themselves_are_kept() -> None:
    assert body.fault(["x"] * 1_000) is None
    assert body.fault(["| a |", "|---|", *["| 1 |"] * 1_000]) is None


TABLE = {"kind": "table", "aligns": ["left"], "header": ["a"], "rows": [["1"]]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("chữ", "danh sách"),
        ([7], "Khối thứ 1"),
        ([{"kind": "picture", "text": "x"}], "Khối thứ 1"),
        ([{"kind": "paragraph", "text": "x"}, {"kind": "paragraph"}], "Khối thứ 2"),
        ([{"kind": "paragraph", "text": "x" * 20_001}], "Khối thứ 1"),
        ([{"kind": "heading", "level": 5, "text": "x"}], "cấp 1 đến 4"),
        ([{"kind": "heading", "level": True, "text": "x"}], "cấp 1 đến 4"),
        ([{"kind": "point", "label": "một", "text": "x"}], "“một”"),
        ([{**TABLE, "aligns": ["slanted"]}], "căn cột"),
        ([{**TABLE, "aligns": []}], "1 đến 16 cột"),
        ([{**TABLE, "aligns": 7}], "1 đến 16 cột"),
        ([{**TABLE, "rows": 7}], "hàng"),
        ([{**TABLE, "header": ["a", "b"]}], "hàng 0 phải có đúng 1 ô"),
        ([{**TABLE, "rows": [["1"], ["1", "2"]]}], "hàng 2 phải có đúng 1 ô"),
        ([{**TABLE, "rows": [[7]]}], "hàng 1, ô 1"),
        ([{"kind": "paragraph", "text": "x"}] * 1_001, "nhiều hơn 1000"),
    ],
)
def test_wrong_json_is_refused_by_its_place(value: object, said: str) -> None:
    with pytest.raises(BodyRefused) as refused:
        body.parse(value)
    assert said in refused.value.detail


def test_programs_send_blocks_where_people_type_lines() -> None:
    sent = text.parse({"paragraphs": body.serialise(EVERYTHING)})
    assert body.blocks(sent.paragraphs) == EVERYTHING

    with pytest.raises(text.TextRefused) as refused:
        text.parse({"paragraphs": [{"kind": "heading", "level": 9, "text": "x"}]})
    assert "cấp 1 đến 4" in refused.value.fields["paragraphs"]


def test_words_are_read_without_marks() -> None:
    assert body.plain("## Mục **1**") == "Mục 1"
    assert body.plain("| **a** | b |") == "a b"
    assert body.plain("|---|---|") == ""
    assert body.words(EVERYTHING[12]) == "STT\tTên trường\tSố | lớp\n1\tTHPT \\ Lấp Vò\t24\n\t\t"
    assert body.words(Point("a)", "_báo_ cáo")) == "a) báo cáo"


def test_marks_change_the_style_at_the_edges_of_words() -> None:
    assert body.runs("a **b _c_** so_gd@x _d") == (
        Run("a "),
        Run("b ", bold=True),
        Run("c", bold=True, italic=True),
        Run(" so_gd@x _d"),
    )


LONG_TABLE = (
    "# Chương I",
    "# QUY ĐỊNH CHUNG",
    "## Mục 1",
    "### Điều 1. Phạm vi điều chỉnh",
    "1. Các trường trung học phổ thông trên địa bàn tỉnh báo cáo số liệu **trước ngày 20** hằng "
    "tháng theo mẫu dưới đây, không sử dụng mẫu của năm học trước.",
    "a) Trường công lập;",
    "| STT | Tên trường | Số lớp | Ghi chú |",
    "|:---:|---|---:|---|",
    *(f"| {n} | Trường THPT số {n} huyện _Lấp Vò_ | {n * 3} | |" for n in range(1, 61)),
    "Yêu cầu các đơn vị thực hiện nghiêm túc./.",
)


def test_a_table_goes_on_over_pages_under_its_header() -> None:
    pdf = rendering.render(
        DocumentType.DISPATCH,
        replace(LETTER_960, paragraphs=LONG_TABLE),
        DONG_THAP,
        notation="SGDĐT-VP",
        at=datetime(2018, 8, 13, 2, tzinfo=UTC),
    )
    assert_pdfa(pdf)
    pages = inspect_pdf(pdf).text
    assert rendering.page_count(pdf) == 3
    assert pages.count("Tên trường") == 3
    assert pages.index("Chương I") < pages.index("Mục 1") < pages.index("Trường THPT số 60")
