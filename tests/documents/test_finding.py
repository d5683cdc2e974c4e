"""Words are found on their pages with or without diacritics, whole and in the order typed."""

from __future__ import annotations

import unicodedata

import pytest

from eoffice.files import finding

PAGES = (
    "SỞ GIÁO DỤC VÀ ĐÀO TẠO\r\nKính gửi: Các trường trung học phổ\nthông trong tỉnh.",
    "",
    "Đề nghị các trường báo cáo trước ngày 24/8/2018 về Sở Giáo dục và Đào tạo.",
)


def places(words: str) -> list[tuple[int, str]]:
    return [(hit.page, hit.words) for hit in finding.find(PAGES, words).hits]


@pytest.mark.parametrize("words", ["Đào tạo", "dao tao", "ĐÀO TẠO", "đào  tạo", " đao tao "])
def test_marks_capitals_and_blanks_do_not_matter(words: str) -> None:
    assert places(words) == [(1, "ĐÀO TẠO"), (3, "Đào tạo")]


def test_words_go_on_over_the_end_of_a_line() -> None:
    assert places("trung học phổ thông") == [(1, "trung học phổ thông")]


@pytest.mark.parametrize("words", ["tao d", "ường", "ao tao", "trườn"])
def test_a_part_of_a_word_is_not_the_word(words: str) -> None:
    assert places(words) == []


def test_letters_that_were_taken_apart_are_the_same_letters() -> None:
    apart = unicodedata.normalize("NFD", PAGES[2])
    found = finding.find((apart,), "báo cáo").hits

    assert [unicodedata.normalize("NFC", hit.words) for hit in found] == ["báo cáo"]
    assert apart[found[0].start : found[0].start + found[0].count] == found[0].words


def test_the_place_is_among_the_characters_of_the_page() -> None:
    (hit,) = finding.find(PAGES, "bao cao").hits
    assert PAGES[2][hit.start : hit.start + hit.count] == "báo cáo"


def test_what_stands_around_is_told_with_the_words() -> None:
    (hit,) = finding.find(PAGES, "24/8/2018").hits
    assert hit.before + hit.words + hit.after == PAGES[2]


def test_a_long_page_is_cut_at_blanks() -> None:
    (hit,) = finding.find(("một hai ba " * 40 + "con dấu " + "bốn năm sáu " * 40,), "con dấu").hits
    assert hit.before.startswith("…")
    assert hit.after.endswith("…")
    assert len(hit.before + hit.words + hit.after) < 140


@pytest.mark.parametrize("words", ["", "  ", "—", "\u0301", "((("])
def test_without_a_letter_nothing_is_looked_for(words: str) -> None:
    assert finding.find(PAGES, words).total == 0


def test_more_places_than_are_shown_are_counted() -> None:
    found = finding.find(("sổ " * 1000,), "so")
    assert (found.total, len(found.hits)) == (1000, finding.MOST_SHOWN)


def test_pages_that_nobody_has_read_are_counted() -> None:
    assert finding.find(PAGES, "xyz").pages_without_words == 1
    assert not finding.find(("", " "), "xyz").has_words
    assert finding.find(("abc",), "xyz").has_words
