"""A code of 128 random bits stands on each page, in the margin, where it touches no text."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import segno

from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.printing import page_codes, typesetting
from eoffice.printing.page_codes import Corner, PageCode
from eoffice.registers import extraction
from eoffice.registers.kinds import rendering as register_rendering
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.pdfa import assert_pdfa
from tests.registers import register_cast
from tests.registers.test_kind_pages import BOOKS

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ADDRESS = page_codes.address("https://vanphong.dongthap.edu.vn", "k" * 26)
FORM = """
#set page(paper: "a4", margin: (top: 20mm, bottom: 20mm, left: 30mm, right: 15mm))
#set text(font: "Tinos", size: 14pt)
#for line in range(120) [Dòng thứ #line, viết cho đầy trang giấy \\ ]
"""
#: Pixels a millimetre.
SCALE = 12
WHITE = 255


@dataclass(frozen=True, slots=True)
class Square:
    """Where the picture stands on A4, in millimetres from the left and from the top."""

    left: float
    top: float
    width: float

    @property
    def pixels(self) -> tuple[int, int, int, int]:
        edges = (self.left, self.top, self.left + self.width, self.top + self.width)
        left, top, right, bottom = (round(edge * SCALE) for edge in edges)
        return left, top, right, bottom


SQUARES = {
    Corner.BELOW_TEXT: Square(210 - 15 - 14, 297 - 4.5 - 14, 14),
    Corner.BESIDE_TEXT: Square(3.5, 297 - 4 - 9, 9),
}


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forms") / "full.typ"
    path.write_text(FORM, encoding="utf-8")
    return path


def test_codes_are_random_and_look_like_codes() -> None:
    made = {page_codes.new_code() for _ in range(200)}

    assert len(made) == 200
    assert all(page_codes.is_code(code) for code in made)


@pytest.mark.parametrize(
    "text", ["", "k" * 25, "k" * 27, "K" * 26, "k" * 25 + "1", "k" * 26 + "\n"]
)
def test_anything_else_is_no_code(text: str) -> None:
    assert not page_codes.is_code(text)


def test_the_same_code_gives_the_same_bytes(form: Path) -> None:
    code = PageCode(ADDRESS, Corner.BELOW_TEXT)

    once, again = (typesetting.compose(form, {}, at=AT, page_code=code).pdf for _ in range(2))

    assert once == again


@pytest.mark.parametrize("corner", Corner)
def test_every_page_bears_the_code_and_no_text_touches_it(form: Path, corner: Corner) -> None:
    """Each module that is drawn is that of the code; without it there is nothing but paper."""
    square = SQUARES[corner]
    modules = _modules()
    composed = typesetting.compose(form, {}, at=AT, page_code=PageCode(ADDRESS, corner))
    bare = typesetting.compose(form, {}, at=AT)
    with (
        pypdfium2.PdfDocument(io.BytesIO(composed.pdf)) as pdf,
        pypdfium2.PdfDocument(io.BytesIO(bare.pdf)) as without,
    ):
        assert len(pdf) == len(without) > 1
        for page, plain in zip(pdf, without, strict=True):
            paper = plain.render(scale=SCALE * 25.4 / 72).to_pil().convert("L")
            assert paper.crop(square.pixels).getextrema() == (WHITE, WHITE)
            drawn = page.render(scale=SCALE * 25.4 / 72).to_pil().convert("L")
            step = square.width * SCALE / len(modules)
            left, top, *_ = square.pixels
            read = [
                [
                    drawn.getpixel((int(left + (x + 0.5) * step), int(top + (y + 0.5) * step)))
                    < WHITE // 2
                    for x in range(len(modules))
                ]
                for y in range(len(modules))
            ]
            assert read == modules


@pytest.mark.parametrize("name", BOOKS)
def test_on_no_page_of_a_register_anything_stands_where_the_code_is_drawn(name: str) -> None:
    """With the code it is PDF/A still, and says the same."""
    kind, entered, pages, _ = BOOKS[name]
    data = register_cast.data(kind, entered())
    bare = register_rendering.render(data)
    coded = register_rendering.render(data, PageCode(ADDRESS, Corner.BESIDE_TEXT))

    assert_pdfa(coded, "3b")
    assert extraction.differences(coded) == ()
    square = SQUARES[Corner.BESIDE_TEXT]
    with pypdfium2.PdfDocument(io.BytesIO(bare)) as without:
        assert len(without) == pages
        for page in without:
            image = page.render(scale=4 * 25.4 / 72).to_pil().convert("L")
            left, _, right, _ = square.pixels
            corner = (
                left * 4 // SCALE,
                image.height - round((4 + square.width) * 4),
                right * 4 // SCALE,
                image.height - 4 * 4,
            )
            assert image.crop(corner).getextrema() == (WHITE, WHITE)


def test_a_document_with_its_code_is_pdf_a_and_has_as_many_pages() -> None:
    coded, bare = (
        rendering.render(
            DocumentType.DISPATCH,
            LETTER_960,
            DONG_THAP,
            notation="SGDĐT-CNTTTBTV",
            page_code=code,
            at=AT,
        )
        for code in (PageCode(ADDRESS, Corner.BELOW_TEXT), None)
    )

    assert_pdfa(coded, "2b")
    assert rendering.page_count(coded) == rendering.page_count(bare)


def _modules() -> list[list[bool]]:
    code = segno.make(ADDRESS, error="m", micro=False)
    return [[bool(each) for each in row] for row in code.matrix_iter(border=2)]
