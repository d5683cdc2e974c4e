"""Appendices in the same file: numbered in Roman where there are several, bounded as texts are."""

from __future__ import annotations

import pytest

from eoffice.documents.form import appendices
from eoffice.documents.form.appendices import Appendix
from eoffice.documents.types import DocumentType

PART = Appendix("Tên", ("Một.",))
STATUTE = Appendix("Tên", ("Một.",), DocumentType.STATUTE)


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "I"), (3, "III"), (4, "IV"), (8, "VIII"), (9, "IX"), (14, "XIV"), (29, "XXIX")],
)
def test_numbers_are_roman(number: int, written: str) -> None:
    assert appendices.roman(number) == written


def test_one_appendix_needs_no_number_and_attached_documents_have_their_name() -> None:
    assert appendices.headings((PART,)) == ("Phụ lục",)
    assert appendices.headings((PART, PART)) == ("Phụ lục I", "Phụ lục II")
    assert appendices.headings((STATUTE, PART)) == ("QUY CHẾ", "Phụ lục")


def test_what_is_kept_is_read_back() -> None:
    wrong: dict[str, str] = {}
    kept = appendices.serialise((STATUTE, PART))
    assert appendices.parse(kept, wrong) == (STATUTE, PART)
    assert wrong == {}


@pytest.mark.parametrize(
    "value",
    [
        "x",
        [{"title": "x"}] * (appendices.MOST + 1),
        ["x"],
        [{"unknown": "x"}],
        [{"title": 7}],
        [{"title": "x" * 501}],
        [{"title": "x", "paragraphs": ["x" * 20_001]}],
        [{"title": "x", "paragraphs": ["x"], "type": "poem"}],
        [{"title": "x", "paragraphs": ["x"], "type": "certified_copy"}],
    ],
)
def test_what_is_no_appendix_is_refused_with_a_sentence(value: object) -> None:
    wrong: dict[str, str] = {}
    appendices.parse(value, wrong)
    assert wrong["appendices"].endswith(".")


def test_blank_appendices_fall_away() -> None:
    assert appendices.parse([{"title": " ", "paragraphs": ["", " "]}], {}) == ()
