"""A list as a Word document: it reads as on paper, and nothing that was typed becomes markup."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import docx
import pytest

from eoffice.people.views import Letterhead
from eoffice.printing import conversion, printed_table, word_tables
from eoffice.printing.printed_table import Align, Cell, Column, Table

AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
HEAD = Letterhead("UBND tỉnh Đồng Tháp", "Sở Giáo dục và Đào tạo", "Đồng Tháp", "SGDĐT")


def written(*rows: tuple[Cell, ...], **more: Any) -> bytes:
    table = Table(
        title=more.pop("title", "Kết quả tìm kiếm"),
        columns=tuple(Column(f"Cột {n}", 20, Align.LEFT) for n in range(len(rows[0]))),
        rows=rows,
        **more,
    )
    return word_tables.write(table, HEAD, printed_by="Hoa & Liên", at=AT)


def opened(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def test_cells_read_as_on_paper() -> None:
    found = opened(written((date(2018, 8, 13), AT, 7, Decimal("8.5"), None)))

    cells = [cell.text for cell in found.tables[0].rows[1].cells]
    assert cells == ["13/08/2018", "08:15 13/08/2018", "7", "8,5", ""]


def test_letterhead_title_and_notes_stand_above_and_the_print_mark_below() -> None:
    found = opened(written(("một",), notes=("Từ ngày 01/08/2018",)))

    said = [paragraph.text for paragraph in found.paragraphs if paragraph.text]
    assert said == [
        "UBND TỈNH ĐỒNG THÁP",
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO",
        "KẾT QUẢ TÌM KIẾM",
        "Từ ngày 01/08/2018",
    ]
    foot = found.sections[0].footer.paragraphs[0].text
    assert foot == "In bởi Hoa & Liên lúc 08:15:00 ngày 13/08/2018"


@pytest.mark.parametrize("typed", ["<w:p/>", "a & b", "]]>", '"', "</w:t>", "&lt;", "\x00\x0b"])
def test_typed_text_never_becomes_markup(typed: str) -> None:
    (cell,) = opened(written((typed,), title=typed or "x")).tables[0].rows[1].cells

    assert cell.text == re.sub(r"[\x00-\x1f]+", "", typed)


def test_the_heading_row_comes_again_and_sums_stand_last() -> None:
    found = opened(written(("A", 1), ("B", 2), totals=("Cộng", 3), is_landscape=False))

    rows = found.tables[0].rows
    assert "tblHeader" in rows[0]._tr.xml
    assert [cell.text for cell in rows[3].cells] == ["Cộng", "3"]
    assert found.sections[0].page_height > found.sections[0].page_width


def test_more_rows_than_a_file_holds_are_refused() -> None:
    with pytest.raises(printed_table.TooManyRows):
        written(*((n,) for n in range(printed_table.MOST_ROWS + 1)))


@pytest.mark.skipif(
    not conversion.is_available(), reason="LibreOffice is not installed on this machine"
)
def test_another_program_opens_it() -> None:
    pdf = conversion.docx_to_pdf(written(("Công văn 960/SGDĐT", 55)))

    assert pdf.startswith(b"%PDF")
