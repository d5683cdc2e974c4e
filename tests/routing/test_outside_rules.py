"""Numbers and types of other people's documents, and the lengths of Appendix VI."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from eoffice.documents.types import DocumentType
from eoffice.routing import outside_rules
from eoffice.routing.outside_rules import Origin, OutsideDocument, OutsideUnacceptable

TODAY = date(2018, 8, 13)
CIRCULAR = OutsideDocument(
    origin=Origin.HAND,
    recipient_unit_id=uuid4(),
    external_id=None,
    sender_name="Bộ Giáo dục và Đào tạo",
    type_name="Thông tư",
    number="58",
    notation="TT-BGDĐT",
    issued_on=date(2011, 12, 12),
    subject="Quy chế đánh giá, xếp loại học sinh trung học",
)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("05", "5"), (" 960 ", "960"), ("15a", "15a"), ("", None), (None, None), ("0", "0")],
)
def test_a_number_is_kept_without_zeros_in_front(written: str | None, kept: str | None) -> None:
    assert outside_rules.written_number(written) == kept


@pytest.mark.parametrize(
    ("number", "notation", "read"),
    [
        ("5", "BC-THPTSH", "05/BC-THPTSH"),
        ("15a", "QĐ-UBND", "15a/QĐ-UBND"),
        ("12", None, "12"),
        (None, "CV-UBND", "CV-UBND"),
        (None, None, "Không số"),
    ],
)
def test_a_code_is_read_as_it_stands_on_the_paper(
    number: str | None, notation: str | None, read: str
) -> None:
    assert outside_rules.code(number, notation) == read


@pytest.mark.parametrize("kind", DocumentType)
def test_each_type_of_the_decree_is_known_by_its_name(kind: DocumentType) -> None:
    assert outside_rules.kind_of(outside_rules.type_name(kind, None).upper()) is kind


@pytest.mark.parametrize("name", outside_rules.FURTHER_TYPES)
def test_what_is_none_of_them_stays_in_words(name: str) -> None:
    assert outside_rules.kind_of(name) is None
    assert outside_rules.type_name(None, name) == name


@pytest.mark.parametrize("field", outside_rules.LONGEST)
def test_no_field_is_longer_than_the_appendix_allows(field: str) -> None:
    _, longest = outside_rules.LONGEST[field]
    outside_rules.checked(replace(CIRCULAR, **{field: "x" * longest}), today=TODAY)  # type: ignore[arg-type]
    with pytest.raises(OutsideUnacceptable) as refused:
        outside_rules.checked(
            replace(CIRCULAR, **{field: "x" * (longest + 1)}),  # type: ignore[arg-type]
            today=TODAY,
        )
    assert set(refused.value.fields) == {field}


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = replace(
        CIRCULAR, sender_name=" ", type_name="", subject="", issued_on=date(2018, 8, 14)
    )
    with pytest.raises(OutsideUnacceptable) as refused:
        outside_rules.checked(replace(wrong, page_count=0), today=TODAY)
    assert set(refused.value.fields) == {
        "sender_name",
        "type_name",
        "subject",
        "issued_on",
        "page_count",
    }
