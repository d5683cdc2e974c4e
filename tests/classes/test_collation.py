"""Class lists run in Vietnamese order: by given name, letters before tones."""

from __future__ import annotations

import unicodedata

from eoffice.classes.collation import name_key, word_key
from eoffice.files.tables.words import folded


def test_letters_decide_before_tones() -> None:
    words = ["Ưng", "Đào", "Ạn", "An", "Dũng", "Ẩn", "Dung", "Án", "Ân", "Đạt", "Ơn", "Ôn", "On"]

    assert sorted(words, key=word_key) == [
        "An", "Án", "Ạn", "Ân", "Ẩn", "Dung", "Dũng", "Đào", "Đạt", "On", "Ôn", "Ơn", "Ưng",
    ]  # fmt: skip


def test_tones_run_level_falling_asking_tumbling_rising_heavy() -> None:
    words = ["mạ", "má", "mã", "mả", "mà", "ma"]

    assert sorted(words, key=word_key) == list(reversed(words))


def test_a_class_list_goes_by_the_given_name_then_by_the_family_name() -> None:
    names = ["Trần Văn An", "Lê Thị Ánh", "Nguyễn Thị An", "Đặng Văn An", "Võ Minh Ân"]

    assert sorted(names, key=name_key) == [
        "Đặng Văn An", "Nguyễn Thị An", "Trần Văn An", "Lê Thị Ánh", "Võ Minh Ân",
    ]  # fmt: skip


def test_the_way_a_letter_is_encoded_does_not_matter() -> None:
    name = "Nguyễn Thị Ngọc Ẩn"

    assert name_key(unicodedata.normalize("NFD", name)) == name_key(name)


def test_a_name_of_one_word_and_no_name_have_their_place() -> None:
    assert sorted(["An", ""], key=name_key) == ["", "An"]


def test_folding_forgets_diacritics_case_and_spaces() -> None:
    assert folded("  HỌC  kì Đường ") == "hoc ki duong"
