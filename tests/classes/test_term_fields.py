"""The terms of a circular as a form say the same as the terms, and refuse what is no value."""

from __future__ import annotations

from typing import Any

import pytest

from eoffice.assessment.circulars import RULE_SETS
from eoffice.assessment.proposals import proposed
from eoffice.assessment.terms import TermsRefused
from eoffice.classes import term_fields
from eoffice.classes.term_fields import SPECS, Kind


def read(rule_set: str, **changed: str) -> dict[str, Any]:
    fields = term_fields.shown(rule_set, proposed()[rule_set]) | {
        name.replace("__", "."): value for name, value in changed.items()
    }
    return term_fields.read(rule_set, lambda name: fields.get(name, ""))


@pytest.mark.parametrize("rule_set", RULE_SETS)
def test_what_is_shown_and_sent_back_is_what_was_kept(rule_set: str) -> None:
    assert read(rule_set) == proposed()[rule_set]
    RULE_SETS[rule_set].with_terms(read(rule_set))


@pytest.mark.parametrize("rule_set", RULE_SETS)
def test_every_value_of_a_circular_has_words(rule_set: str) -> None:
    assert {term.key for term in SPECS[rule_set]} == set(proposed()[rule_set])
    for term in SPECS[rule_set]:
        assert term.label
        assert term.kind is not Kind.ROWS or term.parts


@pytest.mark.parametrize(
    ("rule_set", "field", "text", "said"),
    [
        ("TT22/2021", "reassess_below", "năm", "số như 5,0"),
        ("TT22/2021", "topics", "khác", "trong danh sách"),
        ("TT22/2021", "keeps_better_result", "", "trong danh sách"),
        ("TT58/2011", "most_absences", "-1", "số nguyên"),
        ("TT58/2011", "promotions__0__outcome", "", "trong danh sách"),
        ("TT27/2020", "standards__0__lowest_test", "9,5", "số nguyên"),
        ("TT27/2020", "traits_from_grade__TIN_HOC", "ba", "số nguyên"),
    ],
)
def test_what_is_no_value_is_refused_at_its_field(
    rule_set: str, field: str, text: str, said: str
) -> None:
    with pytest.raises(TermsRefused) as refused:
        read(rule_set, **{field: text})
    assert said in refused.value.fields[field.replace("__", ".")]


def test_a_row_that_is_emptied_is_left_out_and_a_new_one_is_taken() -> None:
    emptied = {f"titles__1__{part}": "" for part in ("title", "learning", "conduct")}
    assert [row["title"] for row in read("TT58/2011", **emptied)["titles"]] == ["excellent_pupil"]

    added = read("TT58/2011", comment_regular__1__up_to="70", comment_regular__2__marks="4",
                 comment_regular__2__up_to="")["comment_regular"]  # fmt: skip
    assert added[1:] == [{"up_to": 70, "marks": 3}, {"up_to": None, "marks": 4}]


def test_a_decimal_comma_and_codes_are_taken_as_people_write_them() -> None:
    found = read("TT58/2011", reassess_below="4,5", key_subjects="toan; van, nn1")

    assert found["reassess_below"] == "4.5"
    assert found["key_subjects"] == ["TOAN", "VAN", "NN1"]
