"""A copy for paper says on every page who printed it, when and from what; it is no original."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.files import page_images
from eoffice.printing import pdf_fields, print_copies
from eoffice.printing.print_copies import Mark, NotPrintable
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.documents.test_pdf_fields import certified

AT = datetime(2018, 8, 13, 2, tzinfo=UTC)
MARK = Mark(
    "Trần Thị Hoa, Văn thư",
    "Văn phòng Sở, Sở Giáo dục và Đào tạo tỉnh Đồng Tháp",
    AT,
    "960/SGDĐT-CNTTTBTV ngày 13/08/2018",
)


@pytest.fixture(scope="module")
def signed() -> bytes:
    composed = rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=AT
    )
    return pdf_fields.fill(certified(composed), {"issued_on": "ngày 13 tháng 8 năm 2018"})


@pytest.fixture(scope="module")
def printed(signed: bytes) -> bytes:
    return print_copies.make(signed, MARK)


def words(pdf: bytes) -> list[str]:
    file = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in file]


def test_every_page_says_who_printed_it_when_and_from_what(printed: bytes) -> None:
    pages = words(printed)

    assert len(pages) == 2
    for page in pages:
        assert "In bởi Trần Thị Hoa, Văn thư lúc 09:00:00 ngày 13/08/2018" in page
        assert "Văn phòng Sở, Sở Giáo dục và Đào tạo tỉnh Đồng Tháp" in page
        assert "Bản in từ hệ thống, từ văn bản 960/SGDĐT-CNTTTBTV ngày 13/08/2018." in page


def test_it_says_that_signatures_are_not_kept_in_it(printed: bytes) -> None:
    for page in words(printed):
        assert "Bản in không giữ chữ ký số; giá trị pháp lý ở bản gốc điện tử." in page


def test_no_signature_and_no_field_is_left_but_what_they_look_like(printed: bytes) -> None:
    with pikepdf.open(BytesIO(printed)) as file:
        assert not {"/AcroForm", "/Perms", "/DSS", "/Metadata", "/OpenAction"} & set(file.Root)
        assert all("/Annots" not in page.obj for page in file.pages)
    assert "ngày 13 tháng 8 năm 2018" in words(printed)[0]
    assert b"/ByteRange" not in printed


def test_the_original_stays_as_it_was(signed: bytes) -> None:
    before = bytes(signed)
    print_copies.make(signed, MARK)
    assert signed == before


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_the_mark_stands_in_the_left_margin_however_the_page_lies(
    signed: bytes, angle: int
) -> None:
    with pikepdf.open(BytesIO(signed)) as file:
        file.pages[0].rotate(angle, relative=False)
        out = BytesIO()
        file.save(out)
    turned = out.getvalue()
    before = Image.open(BytesIO(page_images.page_image(turned, 1, 1240))).convert("L")
    after = Image.open(
        BytesIO(page_images.page_image(print_copies.make(turned, MARK), 1, 1240))
    ).convert("L")

    changed = [
        x
        for x in range(before.width)
        if before.crop((x, 0, x + 1, before.height)).tobytes()
        != after.crop((x, 0, x + 1, after.height)).tobytes()
    ]
    # 3 to 11 mm of a page of 210 or 297 mm.
    width_mm = 210 if angle in (0, 180) else 297
    near = [x for x in changed if x < 1240 * 12 / width_mm]
    assert near
    assert min(near) >= 1240 * 2.5 / width_mm


def test_long_names_are_shortened_and_strange_letters_do_not_stop_the_printer(
    signed: bytes,
) -> None:
    strange = Mark("Nguyễn " * 60, "Trường 🏫", AT, "bản quét 😀.pdf")
    assert len(words(print_copies.make(signed, strange))) == 2


def test_what_cannot_be_read_cannot_be_printed() -> None:
    with pytest.raises(NotPrintable):
        print_copies.make(b"%PDF-1.7 nothing", MARK)
