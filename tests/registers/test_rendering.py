"""The gradebook is PDF/A-3b with its data inside, and its pages say what the data say."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal

import pikepdf
import pytest

from eoffice.assessment.marks import Semester
from eoffice.assessment.tt22 import ScoredMarks
from eoffice.registers import extraction, gradebook, gradebook_shape, recheck, rendering
from eoffice.registers.gradebook import DataUnreadable
from tests.pdfa import assert_pdfa
from tests.registers import cast


@pytest.fixture(scope="module")
def book() -> bytes:
    """42 pupils in 13 subjects."""
    return rendering.render(cast.data(), at=cast.MADE_AT)


def test_the_same_data_give_the_same_bytes(book: bytes) -> None:
    assert rendering.render(cast.data(), at=cast.MADE_AT) == book


def test_it_is_pdf_a_3b(book: bytes) -> None:
    assert_pdfa(book, "3b")


def test_the_embedded_data_are_the_given_data(book: bytes) -> None:
    found = extraction.read(book)

    assert found is not None
    assert found.data_bytes == gradebook.encoded(cast.data())


def test_the_same_data_are_there_as_xml_and_another_xml_is_told(book: bytes) -> None:
    found = extraction.read(book)
    assert found is not None
    assert found.xml == gradebook_shape.xml_of(cast.data())
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(book)) as file:
        del file.attachments["gradebook.xml"]
        file.attachments["gradebook.xml"] = found.xml.replace(b"<final>", b"<final> ", 1)
        file.save(out)

    assert extraction.differences(out.getvalue()) == (
        "Dữ liệu XML của sổ khác dữ liệu JSON của sổ.",
    )


def test_a_file_of_the_first_release_has_no_xml_and_is_in_order(book: bytes) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(book)) as file:
        del file.attachments["gradebook.xml"]
        file.save(out)

    assert extraction.differences(out.getvalue()) == ()


def test_the_register_rechecks_itself(book: bytes) -> None:
    assert extraction.check(book) == ()


def test_every_subject_and_the_class_have_their_signature_fields(book: bytes) -> None:
    with pikepdf.open(io.BytesIO(book)) as file:
        fields = {str(field.T) for field in file.Root.AcroForm.Fields if field.FT == "/Sig"}

    subjects = {rendering.subject_field(subject.code) for subject in cast.taught()}
    assert fields == subjects | {"homeroom", "principal", "school_seal"}


def test_pages_that_say_something_else_than_the_data_are_found_out() -> None:
    data = cast.data(3)
    other = cast.data(3, seed=23)
    pdf = rendering.render(other, at=cast.MADE_AT)
    found = extraction.read(pdf)
    assert found is not None

    differences = recheck.page_differences(data, found.pages)

    assert any("TOÁN HỌC" in difference.where for difference in differences)


def test_a_corrected_mark_stands_on_the_page_with_its_old_value() -> None:
    source = cast.source(3, version=2)
    key = (source.pupils[0].code, "TOAN", Semester.FIRST)
    marks = source.marks[key]
    assert isinstance(marks, ScoredMarks)
    edited = ScoredMarks((Decimal("9.9"), *marks.regular[1:]), marks.midterm, marks.final)
    later = replace(source, marks={**source.marks, key: edited})
    later = replace(later, corrections=gradebook.corrections(source, later))

    pdf = rendering.render(gradebook.data_of(later), at=cast.MADE_AT)

    assert extraction.check(pdf) == ()


def test_a_file_without_gradebook_data_is_no_gradebook() -> None:
    out = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page()
        file.save(out)

    assert extraction.check(out.getvalue()) is None


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(DataUnreadable):
        extraction.read(b"nothing")


def test_a_register_that_is_in_order_has_nothing_to_be_said(book: bytes) -> None:
    assert extraction.differences(book) == ()


def test_data_put_in_place_of_the_original_are_told_in_sentences(book: bytes) -> None:
    data = cast.data()
    data["pupils"][0]["subjects"]["TOAN"]["1"]["result"] = "9.9"
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(book)) as file:
        del file.attachments["gradebook.json"]
        file.attachments["gradebook.json"] = gradebook.encoded(data)
        file.save(out)

    told = extraction.differences(out.getvalue())

    name = data["pupils"][0]["name"]
    assert any(
        sentence.startswith(f"{name} (Toán học, học kì I, kết quả môn học): sổ ghi 9,9")
        for sentence in told
    )
    assert any("MÔN HỌC/HOẠT ĐỘNG GIÁO DỤC: TOÁN HỌC" in sentence for sentence in told)


def test_data_that_cannot_be_read_are_told_too(book: bytes) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(book)) as file:
        del file.attachments["gradebook.json"]
        file.attachments["gradebook.json"] = b"{}"
        file.save(out)

    (sentence,) = extraction.differences(out.getvalue())

    assert sentence.endswith(".")
