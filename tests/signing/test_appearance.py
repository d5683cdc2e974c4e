"""Signatures look as Decree 30/2020 says: blue, red and real size, transparent, or plain words."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest
from PIL import Image

from eoffice.signing import appearance
from eoffice.signing.appearance import Appearance, Handwriting, Seal, Words
from tests.pdfa import assert_pdfa

AT = datetime(2018, 8, 13, 1, 15, 30, tzinfo=UTC)
SEAL = Seal("Sở Giáo dục và Đào tạo", "Ủy ban nhân dân tỉnh Đồng Tháp", AT)
LONG = Seal(
    "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai",
    "Ủy ban nhân dân thị xã Hồng Ngự, tỉnh Đồng Tháp",
    AT,
)


def picture(page: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(page)
    image: Image.Image = (
        document[0].render(scale=2, fill_color=(0, 0, 0, 0), maybe_alpha=True).to_pil()
    )
    document.close()
    return image.convert("RGBA")


def words(page: bytes) -> str:
    document = pypdfium2.PdfDocument(page)
    text: str = document[0].get_textpage().get_text_range()
    document.close()
    return text


def inked(image: Image.Image) -> list[tuple[int, int, int]]:
    pixels = image.tobytes()
    return [
        (pixels[at], pixels[at + 1], pixels[at + 2])
        for at in range(0, len(pixels), 4)
        if pixels[at + 3] > 200
    ]


def test_a_persons_signature_is_blue_on_a_transparent_ground() -> None:
    image = picture(appearance.render(Handwriting("Trần Thanh Liêm"), width_pt=140, height_pt=70))
    ink = inked(image)
    assert ink
    assert len(ink) < image.width * image.height / 4
    assert all(blue > red and blue > green for red, green, blue in ink)


def test_a_seal_is_red_and_of_its_real_size_however_large_its_field() -> None:
    image = picture(appearance.render(SEAL, width_pt=300, height_pt=102.05))
    assert all(red > green and red > blue for red, green, blue in inked(image))
    box = image.getbbox()
    assert box is not None
    assert (box[2] - box[0]) / 2 == pytest.approx(appearance.SEAL_DIAMETER_PT, abs=1.5)


def test_a_seal_names_agency_and_time_where_there_is_room_below_it() -> None:
    page = appearance.render(SEAL, width_pt=180, height_pt=126)
    assert "Cơ quan ký: Sở Giáo dục và Đào tạo" in words(page)
    assert "Thời gian ký: 13-08-2018 08:15:30 +07:00" in words(page)


@pytest.mark.parametrize(
    ("look", "width", "height"),
    [
        (Handwriting("Nguyễn Thị Ánh Tuyết", ("Nguyễn Thị Ánh Tuyết",)), 90, 40),
        (SEAL, 102, 102),
        (LONG, 102, 102),
        (LONG, 60, 60),
        (Words(("960/SGDĐT-CNTTTBTV", "13-08-2018; 08:15:30; +07:00")), 150, 40),
    ],
)
def test_every_appearance_fits_its_field_and_is_pdf_a(
    look: Appearance, width: float, height: float
) -> None:
    page = appearance.render(look, width_pt=width, height_pt=height)
    assert_pdfa(page, "2b")
    with pypdfium2.PdfDocument(page) as document:
        assert len(document) == 1
        assert document[0].get_size() == pytest.approx((width, height), abs=0.1)


def test_the_same_name_always_signs_the_same_and_another_name_differently() -> None:
    first, again, other = (
        appearance.render(Handwriting(name), width_pt=140, height_pt=70)
        for name in ("Trần Thanh Liêm", "Trần Thanh Liêm", "Lê Văn Năm")
    )
    assert first == again
    assert first != other
