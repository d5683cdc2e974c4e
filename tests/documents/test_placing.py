"""On a page that was not composed here, number, date and signatures find their printed places."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pytest

from eoffice.documents.form import placing, rendering
from eoffice.documents.types import DocumentType
from eoffice.files import page_images
from eoffice.printing import pdf_fields
from tests.documents import hostile
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.documents.test_rendering import boxes
from tests.pdfa import assert_pdfa


@pytest.fixture(scope="module")
def printed() -> bytes:
    """A page as Word would print it: the words of a dispatch with blanks, and no form."""
    at = datetime(2018, 8, 13, 2, tzinfo=UTC)
    return rendering.render(
        DocumentType.DISPATCH,
        replace(LETTER_960, paragraphs=("Nội dung ngắn./.",)),
        DONG_THAP,
        notation="SGDĐT-CNTTTBTV",
        at=at,
    )


def without_form(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        del file.Root.AcroForm
        for page in file.pages:
            if "/Annots" in page.obj:
                del page.obj.Annots
        out = io.BytesIO()
        file.save(out)
        return out.getvalue()


def test_the_fields_stand_where_the_composed_form_has_them(printed: bytes) -> None:
    placed = boxes(
        placing.with_fields(without_form(printed), signer_name="Trần Thanh Liêm", page_count=1)
    )
    composed = boxes(printed)

    assert set(placed) == set(composed)
    for name in ("number_notation", "signature_person", "signature_seal"):
        assert placed[name][0] == composed[name][0]
        assert placed[name][1][0] == pytest.approx(composed[name][1][0], abs=6), name
        assert placed[name][1][1] == pytest.approx(composed[name][1][1], abs=12), name


def test_a_page_without_the_printed_words_gets_the_places_of_the_diagram() -> None:
    placed = boxes(placing.with_fields(hostile.blank(2), signer_name="Ai đó", page_count=2))
    number, date = placed["number_notation"], placed["issued_on"]
    assert number[0] == date[0] == 1
    assert number[1][2] < date[1][0]
    person, seal = placed["signature_person"], placed["signature_seal"]
    assert person[0] == seal[0] == 2
    assert seal[1][0] < person[1][0] < seal[1][2] < person[1][2]


def test_printed_blanks_are_hidden_by_what_is_filled_in_and_the_file_stays_archival(
    printed: bytes,
) -> None:
    bare = without_form(printed)
    pdf = placing.with_fields(bare, signer_name="Trần Thanh Liêm", page_count=1)
    before = page_images.page_image(pdf, 1, 400)

    filled = pdf_fields.fill(pdf, {"number_notation": "960/SGDĐT-CNTTTBTV"})

    with pikepdf.open(io.BytesIO(filled)) as file:
        field = next(f for f in file.Root.AcroForm.Fields if f.T == "number_notation")
        assert field.AP.N.read_bytes().startswith(b"q 1 g 0 0")
    assert page_images.page_image(filled, 1, 400) != before
    assert_pdfa(filled)


def test_without_a_signer_the_place_is_that_of_the_diagram() -> None:
    assert "signature_person" in boxes(
        placing.with_fields(hostile.blank(), signer_name="", page_count=1)
    )
