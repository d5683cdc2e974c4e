"""The order of Vietnamese words and of people's names in a class list.

Letters come before tones: a word is placed by its letters (a ă â b c d đ e ê …), and only where all
letters are equal by its tones (level, hook … in dictionary order). No library in the standard
library knows this order, and the order by code point puts Đ behind Z.
"""

from __future__ import annotations

import unicodedata

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACE = {letter: place for place, letter in enumerate(_ALPHABET, start=1)}
#: Combining tone marks in dictionary order: huyền, hỏi, ngã, sắc, nặng; no mark comes first.
_TONE = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_BEHIND_THE_ALPHABET = 1000

_Key = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]


def word_key(text: str) -> _Key:
    """Sort key of a text: the letters of all syllables first, then their tones."""
    letters: list[tuple[int, ...]] = []
    tones: list[int] = []
    for syllable in unicodedata.normalize("NFD", text.casefold()).split():
        tone = max((_TONE.get(sign, 0) for sign in syllable), default=0)
        bare = unicodedata.normalize("NFC", "".join(s for s in syllable if s not in _TONE))
        letters.append(tuple(_PLACE.get(s, _BEHIND_THE_ALPHABET + ord(s)) for s in bare))
        tones.append(tone)
    return tuple(letters), tuple(tones)


def name_key(full_name: str) -> tuple[_Key, _Key]:
    """Sort key of a person in a class list: the given name, which stands last, then the others."""
    *others, given = full_name.split() or [""]
    return word_key(given), word_key(" ".join(others))
