"""The letters in which the office writes; every font that it prints with must have all of them."""

from __future__ import annotations

import re
import unicodedata

_VOWELS = "aăâeêioôơuưy"
_CONSONANTS = "bcdđghklmnpqrstvx" + "fjwz"
#: The level tone has no mark; then huyền, sắc, hỏi, ngã, nặng.
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")

_LOWER = frozenset(
    unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES
) | frozenset(_CONSONANTS)

#: The 186 letters (93 small, 93 capital) of Vietnamese, with f, j, w, z of names and abbreviations.
VIETNAMESE = _LOWER | frozenset(letter.upper() for letter in _LOWER)

#: What a form field may hold besides: digits, punctuation, the hyphen that does not break.
FIELD_CHARACTERS = VIETNAMESE | frozenset("0123456789 .,;:/-–&()%'\"+\u00a0\u2011")


#: Format marks, surrogates, private and unassigned characters: nothing that a reader could see.
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})
#: Every blank but the one that does not break, which somebody typed on purpose.
_BLANKS = re.compile("[\\x00-\\x20\\x7f-\\x9f\\u2028\\u2029]+")


def normalised(text: str) -> str:
    """The same text in NFC, on one line, without invisible characters and doubled blanks.

    Office software writes both composed and decomposed letters; a comparison, a search and a font
    must see one form.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = (each for each in composed if unicodedata.category(each) not in _INVISIBLE)
    return _BLANKS.sub(" ", "".join(seen)).strip(" ")
