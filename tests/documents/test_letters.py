"""Every letter of Vietnamese can be printed with each of the four faces that the office ships."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from eoffice.files import letters
from eoffice.printing.typesetting import FONTS


def test_there_are_one_hundred_and_eighty_six_letters() -> None:
    assert len(letters.VIETNAMESE) == 186


@pytest.mark.parametrize("face", ["Regular", "Italic", "Bold", "BoldItalic"])
def test_each_face_has_every_letter_and_every_character_of_a_form_field(face: str) -> None:
    with TTFont(FONTS / f"Tinos-{face}.ttf", lazy=True) as font:
        drawn = {chr(code) for code in font.getBestCmap()}

    assert letters.VIETNAMESE - drawn == frozenset()
    assert letters.FIELD_CHARACTERS - drawn == frozenset()


def test_the_licence_of_the_fonts_lies_beside_them() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_decomposed_letters_are_composed() -> None:
    assert letters.normalised("Gia\u0301o du\u0323c") == "Giáo dục"


def test_control_characters_and_invisible_marks_do_not_survive() -> None:
    assert letters.normalised(" Sở\u200b GD\x00ĐT\r\n\tĐồng Tháp ") == "Sở GD ĐT Đồng Tháp"
