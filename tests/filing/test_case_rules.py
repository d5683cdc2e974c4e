"""Case files: fields of Annex VI, ordinals, completeness, and who may open which."""

from __future__ import annotations

import itertools

import pytest

from eoffice.filing.case_rules import (
    LENGTHS,
    CaseClosed,
    CaseFull,
    CaseIncomplete,
    CaseNotYours,
    CaseState,
    CaseWrong,
    Heading,
    checked,
    code,
    following,
    is_among,
    may_plan,
    may_read,
    require_complete,
    require_maker,
    require_open,
)
from eoffice.people.kinds import PositionKind as P

GOOD = Heading(notation="01.TCCB", title="Hồ sơ nâng lương năm 2026", maintenance="10 năm")
KEEPERS = {P.CLERK, P.HEAD, P.DEPUTY_HEAD}
STRANGERS = {P.INSPECTOR, P.OPERATOR}


def with_field(name: str, value: str) -> Heading:
    return Heading(**{**{each: getattr(GOOD, each) for each in LENGTHS}, name: value})


def test_blanks_are_put_in_order_and_the_language_is_vietnamese() -> None:
    kept = checked(with_field("title", "  Hồ sơ \n nâng  lương "))
    assert kept.title == "Hồ sơ nâng lương"
    assert checked(with_field("language", "")).language == "Tiếng Việt"


@pytest.mark.parametrize(("name", "length"), LENGTHS.items())
def test_each_field_has_the_length_of_the_annex(name: str, length: int) -> None:
    assert getattr(checked(with_field(name, "a" * length)), name) == "a" * length
    with pytest.raises(CaseWrong) as refused:
        checked(with_field(name, "a" * (length + 1)))
    assert set(refused.value.fields) == {name}


@pytest.mark.parametrize("name", ["notation", "title", "maintenance"])
def test_a_case_file_has_notation_title_and_retention(name: str) -> None:
    with pytest.raises(CaseWrong) as refused:
        checked(with_field(name, "  "))
    assert set(refused.value.fields) == {name}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(CaseWrong) as refused:
        checked(Heading(notation="a/b", title="", maintenance="x" * 31))
    assert set(refused.value.fields) == {"notation", "title", "maintenance"}


def test_the_code_is_organ_year_and_notation() -> None:
    assert code("000.00.14.H20", 2026, "01.TCCB") == "000.00.14.H20.2026.01.TCCB"
    assert code(None, 2026, "01.TCCB") == "2026.01.TCCB"


def test_ordinals_go_on_behind_the_last_and_none_is_given_again() -> None:
    assert following([]) == 1
    assert following([1, 2, 7]) == 8
    assert following(range(1, 999)) == 999
    with pytest.raises(CaseFull):
        following([999])


def test_a_closed_case_file_is_closed() -> None:
    require_open(CaseState.OPEN)
    with pytest.raises(CaseClosed):
        require_open(CaseState.CLOSED)


def test_a_case_file_is_complete_when_it_has_documents_and_their_work_is_done() -> None:
    require_complete(1, [])
    with pytest.raises(CaseIncomplete):
        require_complete(0, [])
    with pytest.raises(CaseIncomplete, match="số đến 07/2026"):
        require_complete(3, ["số đến 07/2026"])


@pytest.mark.parametrize("position", P)
def test_clerk_and_heads_keep_the_plan(position: P) -> None:
    assert may_plan(position) is (position in KEEPERS)
    assert may_read(position) is (position not in STRANGERS)


@pytest.mark.parametrize(
    ("position", "restricted", "maker", "named"),
    list(itertools.product(P, *([(False, True)] * 3))),
)
def test_who_may_open_a_case_file(position: P, restricted: bool, maker: bool, named: bool) -> None:
    expected = position not in STRANGERS and (
        not restricted or maker or named or position in KEEPERS
    )
    assert (
        is_among(is_restricted=restricted, position=position, is_maker=maker, is_named=named)
        is expected
    )


@pytest.mark.parametrize("position", P)
def test_the_maker_puts_documents_in_and_the_keepers_for_them(position: P) -> None:
    require_maker(position, is_maker=True)
    if position in KEEPERS:
        require_maker(position, is_maker=False)
    else:
        with pytest.raises(CaseNotYours):
            require_maker(position, is_maker=False)
