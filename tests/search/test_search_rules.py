"""What is typed is taken apart into words, phrases, numbers and fields; nothing is ever refused."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from eoffice.search import rules
from eoffice.search.rules import Asked, Fields, Kind, Term, TermKind

W, P, N = TermKind.WORD, TermKind.PHRASE, TermKind.NUMBER


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("   \t\n ", ()),
        ("vnedu", (Term(W, "vnedu"),)),
        ("chuyển  đổi", (Term(W, "chuyển"), Term(W, "đổi"))),
        ('"chuyển đổi số"', (Term(P, "chuyển đổi số"),)),
        ("“chuyển đổi số”", (Term(P, "chuyển đổi số"),)),
        ('"chưa đóng', (Term(P, "chưa đóng"),)),
        ('""', ()),
        ('"', ()),
        ("960/sgddt", (Term(N, "960/sgddt"),)),
        ("005/QĐ-SGDĐT", (Term(N, "5/QĐ-SGDĐT"),)),
        ("15a/CV", (Term(N, "15a/CV"),)),
        ("960", (Term(W, "960"),)),
        ("960/", (Term(W, "960/"),)),
        ("13/08/2018", (Term(N, "13/08/2018"),)),
        ("-nháp", (Term(W, "nháp", True),)),
        ('-"bản nháp"', (Term(P, "bản nháp", True),)),
        ("-960/sgddt", (Term(N, "960/sgddt", True),)),
        ("Sở - Phòng", (Term(W, "Sở"), Term(W, "Phòng"))),
        ("a a A", (Term(W, "a"), Term(W, "A"))),
        ("& | ! ( )", ()),
        ("10:30", (Term(W, "10:30"),)),
        ("x\x00y", (Term(W, "x"), Term(W, "y"))),
        ("lạ:từ", (Term(W, "lạ:từ"),)),
        ("từ:hôm-qua", (Term(W, "từ:hôm-qua"),)),
        ("từ:31/02/2018", (Term(W, "từ:31/02/2018"),)),
        ("-từ:01/08/2018", (Term(W, "từ:01/08/2018", True),)),
    ],
)
def test_terms_are_what_was_typed(typed: str, terms: tuple[Term, ...]) -> None:
    assert rules.parse(typed) == Asked(terms)


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ("từ:01/08/2018", Fields(from_day=date(2018, 8, 1))),
        ("tu:1-8-2018 den:2018-08-31", Fields(from_day=date(2018, 8, 1), to_day=date(2018, 8, 31))),
        ("Đến:31.8.2018", Fields(to_day=date(2018, 8, 31))),
        ('gửi:"Sở Giáo dục"', Fields(sender="Sở Giáo dục")),
        ("nơi-gửi:Bộ", Fields(sender="Bộ")),
        ("ký:Liêm", Fields(signer="Liêm")),
        ("nhận:Sa", Fields(recipient="Sa")),
        ('nơinhận:"THPT Sa Đéc"', Fields(recipient="THPT Sa Đéc")),
        ("ngôn-ngữ:Anh", Fields(language="Anh")),
        ("hồsơ:01.CNTT", Fields(case_file="01.CNTT")),
        ("hạn:31/08/2018", Fields(due_to=date(2018, 8, 31))),
        ("hạntừ:01/08/2018", Fields(due_from=date(2018, 8, 1))),
        ('người-ký:"Trần Thanh Liêm"', Fields(signer="Trần Thanh Liêm")),
    ],
)
def test_fields_may_be_typed_with_or_without_diacritics(typed: str, fields: Fields) -> None:
    assert rules.parse(typed) == Asked((), fields)


def test_a_typed_field_counts_before_a_given_one_and_leaves_the_others() -> None:
    given = Fields(kind=Kind.INCOMING, sender="Bộ", urgency="urgent")
    asked = rules.parse("vnedu gửi:Sở", given)
    assert asked.fields == Fields(kind=Kind.INCOMING, sender="Sở", urgency="urgent")
    assert asked.terms == (Term(W, "vnedu"),)


def test_what_is_endless_is_cut() -> None:
    assert len(rules.parse(" ".join(f"w{n}" for n in range(500))).terms) == rules.MOST_TERMS
    assert len(rules.parse("a" * 10_000).terms[0].text) == rules.LENGTH


@pytest.mark.parametrize(
    "typed",
    ['số 5/qđ "chuyển đổi số" -nháp', "a or b", '-"x y" z', "một", '"960/sgddt"', "lạ:từ"],
)
def test_terms_that_are_written_out_are_read_as_the_same_terms(typed: str) -> None:
    terms = rules.parse(typed).terms
    assert rules.parse(rules.typed(terms)).terms == terms


def test_no_word_of_a_person_is_an_operator() -> None:
    asked = rules.parse('học or "thi đua" -nháp 05/sgddt')
    assert rules.query(asked.terms) == '"học" "or" "thi đua" -"nháp" "5/sgddt"'
    assert rules.query(()) == ""


def test_each_field_can_be_taken_away_alone() -> None:
    full = Fields(
        kind=Kind.OUTGOING,
        type="dispatch",
        from_day=date(2018, 1, 1),
        to_day=date(2018, 12, 31),
        sender="Sở",
        signer="Liêm",
        unit_id=uuid4(),
        urgency="urgent",
        state="issued",
        recipient="THPT",
        language="Anh",
        due_from=date(2018, 1, 1),
        due_to=date(2018, 12, 31),
        pages_from=1,
        pages_to=2,
        case_file="01.CNTT",
        archive_kind="document",
        school_year="2017-2018",
    )
    for name in full.__dataclass_fields__:
        left = rules.without(full, name)
        gone = [each for each in full.__dataclass_fields__ if not getattr(left, each)]
        assert gone == [name]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13/08/2018", date(2018, 8, 13)),
        (" 2018-08-13 ", date(2018, 8, 13)),
        ("", None),
        ("13/8", None),
        ("2018-13-01", None),
    ],
)
def test_dates_are_read_in_both_manners(text: str, day: date | None) -> None:
    assert rules.read_date(text) == day


@pytest.mark.parametrize(
    ("fields", "index", "archive"),
    [
        (Fields(), True, True),
        (Fields(kind=Kind.OUTGOING), True, True),
        (Fields(kind=Kind.ARCHIVE), False, True),
        (Fields(school_year="2017-2018"), False, True),
        (Fields(archive_kind="gradebook"), False, True),
        (Fields(signer="Liêm"), True, False),
        (Fields(pages_from=0), True, False),
        (Fields(signer="Liêm", school_year="2017-2018"), False, False),
    ],
)
def test_who_is_asked_follows_from_the_fields(fields: Fields, index: bool, archive: bool) -> None:
    assert (fields.is_of_index, fields.is_of_archive) == (index, archive)


def test_a_kind_alone_is_a_search() -> None:
    assert Asked().is_empty
    assert not Asked(fields=Fields(kind=Kind.ARCHIVE)).is_empty
