"""A page is shown as a picture, with what was written into its fields."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid
from eoffice.files import page_images
from eoffice.files.page_images import PageMissing, page_image
from eoffice.printing import pdf_fields
from tests.documents.cast import DONG_THAP, LETTER_960


@pytest.fixture(scope="module")
def composed() -> bytes:
    at = datetime(2018, 8, 13, 2, tzinfo=UTC)
    return rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=at
    )


def test_a_page_becomes_a_picture_of_the_width_asked_for(composed: bytes) -> None:
    picture = Image.open(BytesIO(page_image(composed, 1, 300)))

    assert picture.format == "PNG"
    assert picture.width == 300
    # A4 is as high as wide times the root of two.
    assert picture.height == pytest.approx(300 * 2**0.5, abs=2)


def test_number_and_date_are_in_the_picture(composed: bytes) -> None:
    filled = pdf_fields.fill(composed, {"issued_on": "ngày 13 tháng 8 năm 2018"})
    assert page_image(filled, 1, 300) != page_image(composed, 1, 300)


def test_a_picture_that_was_drawn_lately_is_drawn_once(composed: bytes) -> None:
    assert page_image(composed, 2, 200) is page_image(composed, 2, 200)


@pytest.mark.parametrize("page", [-1, 0, 3, 99])
def test_a_page_that_is_not_there_is_refused(composed: bytes, page: int) -> None:
    with pytest.raises(PageMissing):
        page_image(composed, page, 200)


@pytest.mark.parametrize("width", [0, page_images.NARROWEST - 1, page_images.WIDEST + 1])
def test_a_picture_is_neither_a_dot_nor_a_poster(composed: bytes, width: int) -> None:
    with pytest.raises(Invalid):
        page_image(composed, 1, width)


def test_what_is_no_pdf_has_no_pages() -> None:
    with pytest.raises(PageMissing):
        page_image(b"nothing", 1, 200)
