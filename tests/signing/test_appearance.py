"""Signatures look as Decree 30/2020 says: blue, red and real size, transparent, or plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from PIL import Image

from eoffice import clock
from eoffice.embedded.pki import Pki
from eoffice.signing import appearance
from eoffice.signing.appearance import Appearance, Handwriting, Seal, Words
from eoffice.signing.images import receiving
from eoffice.signing.images.rules import Kind
from eoffice.signing.pades import Purpose
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests.pdfa import assert_pdfa
from tests.pki import DIRECTOR
from tests.pki import SEAL as SEAL_KEY
from tests.signing import papers, pictures

AT = datetime(2018, 8, 13, 1, 15, 30, tzinfo=UTC)
SEAL = Seal("Sở Giáo dục và Đào tạo", "Ủy ban nhân dân tỉnh Đồng Tháp", AT)
LONG = Seal(
    "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai",
    "Ủy ban nhân dân thị xã Hồng Ngự, tỉnh Đồng Tháp",
    AT,
)
OWN = receiving.receive(pictures.as_png(pictures.signature()), Kind.SIGNATURE).content
OWN_SEAL = receiving.receive(pictures.as_png(pictures.seal(size=850)), Kind.SEAL).content


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


def _opaque(alpha: float) -> float:
    return 255 if alpha > 200 else 0


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
        (Handwriting("Trần Thanh Liêm", ("Trần Thanh Liêm",), OWN), 140, 70),
        (replace(SEAL, picture=OWN_SEAL), 180, 126),
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


def test_an_approved_signature_takes_the_place_of_the_drawn_one_and_keeps_its_shape() -> None:
    look = Handwriting("Trần Thanh Liêm", ("Trần Thanh Liêm",), OWN)
    image = picture(appearance.render(look, width_pt=140, height_pt=90))
    ink = image.crop((0, 0, image.width, image.height - 20)).getchannel("A").point(_opaque)
    box = ink.getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert right - left == pytest.approx(image.width, abs=4)
    assert (right - left) / (bottom - top) == pytest.approx(580 / 189, rel=0.05)
    assert all(blue > red and blue > green for red, green, blue in inked(image))
    assert len(inked(image)) < image.width * image.height / 3


def test_an_approved_seal_is_drawn_in_its_real_size_and_lets_the_paper_through() -> None:
    look = replace(SEAL, picture=OWN_SEAL)
    page = appearance.render(look, width_pt=300, height_pt=130)
    image = picture(page).crop((0, 0, 300, 208))
    box = image.getchannel("A").point(_opaque).getbbox()
    assert box is not None
    assert (box[2] - box[0]) / 2 == pytest.approx(appearance.SEAL_DIAMETER_PT, abs=1.5)
    assert (box[3] - box[1]) / 2 == pytest.approx(appearance.SEAL_DIAMETER_PT, abs=1.5)
    assert image.getpixel((round(appearance.SEAL_DIAMETER_PT), 40)) == (0, 0, 0, 0)
    assert "Thời gian ký: 13-08-2018 08:15:30 +07:00" in words(page)


def test_what_is_drawn_without_a_picture_would_do_in_the_first_part_of_pdf_a() -> None:
    """No soft mask and no group that is transparent (ISO 19005-1, 6.4)."""
    for look in (SEAL, Handwriting("Trần Thanh Liêm")):
        page = appearance.render(look, width_pt=140, height_pt=102)
        assert b"/SMask" not in page.replace(b"/SMask/None", b"")


def test_the_same_name_always_signs_the_same_and_another_name_differently() -> None:
    first, again, other = (
        appearance.render(Handwriting(name), width_pt=140, height_pt=70)
        for name in ("Trần Thanh Liêm", "Trần Thanh Liêm", "Lê Văn Năm")
    )
    assert first == again
    assert first != other


@pytest.mark.usefixtures("in_2018")
def test_a_page_that_is_signed_and_sealed_with_pictures_stays_pdf_a_and_intact(
    pki: Pki, trust: TrustStore
) -> None:
    """The seal's ground lets the signature below it through: blue, red, and no white between."""
    look = Handwriting("Trần Thanh Liêm", picture=OWN)
    signed = papers.sign(
        pki, papers.plain(), "signature_person", DIRECTOR, purpose=Purpose.CERTIFY, appearance=look
    )
    sealed = papers.sign(
        pki,
        papers.fill(signed),
        "signature_seal",
        SEAL_KEY,
        purpose=Purpose.SEAL,
        appearance=replace(SEAL, picture=OWN_SEAL),
    )
    assert_pdfa(sealed, "2b", signed=True)
    found = verify_pdf(sealed, trust=trust, at=clock.now(), online=True)
    assert found.verdict is Finding.INTACT, found.reason

    with pypdfium2.PdfDocument(sealed) as document:
        document.init_forms()
        page = document[0].render(scale=3).to_pil()
    below_both = page.convert("RGB").crop((990, 1500, 1131, 1776)).tobytes()
    pixels = list(zip(below_both[::3], below_both[1::3], below_both[2::3], strict=True))
    assert any(b > 120 and r < 90 for r, _, b in pixels)
    assert any(r > 150 and b < 90 for r, _, b in pixels)
