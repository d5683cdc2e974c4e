"""The three books of a school's rolls as files: their pages say what their data say.

An altered figure, a number out of order or a sum that does not match is caught.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.registers import extraction
from eoffice.registers.gradebook import DataUnreadable
from eoffice.registers.kinds import (
    certificates_register,
    enrolment_register,
    moves_register,
    recheck,
    rendering,
    table,
)
from eoffice.registers.kinds.certificates_register import Stock
from eoffice.registers.kinds.table import RegisterKind
from tests.pdfa import assert_pdfa
from tests.registers import register_cast, rolls_cast
from tests.registers.test_kind_pages import with_files

#: Kind, and paper in points.
KINDS = {
    RegisterKind.ENROLMENT_REGISTER: (1191, 842),
    RegisterKind.MOVES_REGISTER: (842, 595),
    RegisterKind.CERTIFICATES_REGISTER: (1191, 842),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_book_of_rolls_is_pdf_a_with_its_data_fields_and_every_row_on_its_page(
    kind: RegisterKind,
) -> None:
    data = register_cast.data(kind)
    pdf = rendering.render(data)

    assert_pdfa(pdf, "3b")
    assert extraction.differences(pdf) == ()
    found = extraction.read_register(pdf)
    assert found is not None
    assert found.data_bytes == table.encoded(data)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in file.pages}
        fields = {str(field.T) for field in file.Root.AcroForm.Fields if field.FT == "/Sig"}
    assert sizes == {KINDS[kind]}
    assert fields == {"keeper", "principal", "school_seal"}
    for number, text in enumerate(found.pages[1:], start=2):
        assert f"Trang {number}/{len(found.pages)}" in text
    assert rolls_cast.YEAR in found.pages[0]
    assert rendering.render(data) == pdf


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (RegisterKind.ENROLMENT_REGISTER, "results/girls", 999),
        (RegisterKind.ENROLMENT_REGISTER, "entered/pupils/3/sex", "Nam"),
        (RegisterKind.ENROLMENT_REGISTER, "results/numbers", "1201–1300"),
        (RegisterKind.MOVES_REGISTER, "results/balance", 0),
        (RegisterKind.CERTIFICATES_REGISTER, "results/left/0", 16),
        (RegisterKind.CERTIFICATES_REGISTER, "entered/stocks/0/lost", 1),
        (RegisterKind.CERTIFICATES_REGISTER, "results/kinds/0/taken", 45),
    ],
)
def test_an_altered_sum_is_told(kind: RegisterKind, path: str, value: object) -> None:
    altered = register_cast.changed(register_cast.data(kind), path, value)
    assert recheck.data_differences(altered)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        (RegisterKind.ENROLMENT_REGISTER, "entered/pupils/3/number", 1203),
        (RegisterKind.MOVES_REGISTER, "entered/came/2/number", 5),
        (RegisterKind.CERTIFICATES_REGISTER, "entered/certificates/1/ordinal", 301),
        (RegisterKind.CERTIFICATES_REGISTER, "entered/stocks/0/destroyed", 400),
    ],
)
def test_lines_out_of_order_and_sums_that_cannot_be_are_told(
    kind: RegisterKind, path: str, value: object
) -> None:
    altered = register_cast.changed(register_cast.data(kind), path, value)
    with pytest.raises(DataUnreadable):
        recheck.data_differences(altered)


def test_data_that_agree_with_themselves_but_not_with_the_pages_are_told() -> None:
    kind = RegisterKind.CERTIFICATES_REGISTER
    book = rolls_cast.certificates_register_of(6)
    pdf = rendering.render(register_cast.data(kind, book))
    other = replace(book, certificates=(replace(book.certificates[0], grading="Trung bình"),
                                        *book.certificates[1:]))  # fmt: skip
    data = register_cast.data(kind, other)
    assert recheck.data_differences(data) == ()

    files = {"register.json": table.encoded(data), "register.xml": table.xml_of(data)}
    told = extraction.differences(with_files(pdf, files))

    assert told
    assert all("không ghi đúng dòng" in sentence for sentence in told)


def test_a_book_without_a_line_is_a_book() -> None:
    for kind, book in (
        (RegisterKind.ENROLMENT_REGISTER, replace(rolls_cast.enrolment_register_of(0), events=())),
        (RegisterKind.MOVES_REGISTER, rolls_cast.moves_register_of(0)),
    ):
        assert extraction.differences(rendering.render(register_cast.data(kind, book))) == ()


@given(st.sets(st.integers(1, 400), max_size=40), st.data())
def test_lines_pupils_and_annulled_numbers_match(numbers: set[int], more: st.DataObject) -> None:
    sample = rolls_cast.enrolment_register_of(1)
    pupils = tuple(
        replace(
            sample.pupils[0],
            number=number,
            sex=more.draw(st.sampled_from(["Nam", "Nữ", ""])),
            annulled_because=more.draw(st.sampled_from([None, "Cấp nhầm."])),
        )
        for number in sorted(numbers)
    )
    found = enrolment_register.compute(replace(sample, pupils=pupils, events=()))
    assert found.lines == found.pupils + found.annulled == len(numbers)
    assert found.girls <= found.pupils


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_balance_is_who_came_less_who_went(came: int, went: int) -> None:
    book = rolls_cast.moves_register_of(30)
    book = replace(book, came=book.came[:came], went=rolls_cast.moves_register_of(30).came[:went])
    found = moves_register.compute(book)
    assert (found.came.pupils, found.went.pupils, found.balance) == (came, went, came - went)


@given(st.lists(st.integers(0, 50), min_size=5, max_size=5), st.integers(0, 100))
def test_received_blanks_are_granted_spoiled_and_left(gone: list[int], left: int) -> None:
    stock = Stock("Bằng", sum(gone) + left, *gone)
    book = replace(rolls_cast.certificates_register_of(0), events=(), stocks=(stock,))
    assert certificates_register.compute(book).left == (left,)
    assert book.certificates == ()
    with pytest.raises(ValueError, match="nhiều hơn"):
        certificates_register.compute(
            replace(book, stocks=(replace(stock, received=stock.received - left - 1),))
        )


def test_days_of_what_happened_are_in_order() -> None:
    book = rolls_cast.enrolment_register_of(2)
    late = replace(book.events[0], on=date(2025, 7, 30))
    with pytest.raises(ValueError, match="thứ tự ngày"):
        enrolment_register.compute(replace(book, events=(late, *book.events[1:])))
