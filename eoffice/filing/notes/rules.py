"""A note on a closed book. Pure.

A closed book is never changed (Decree 30/2020, art. 15, 22). What turns out to be wrong in it is
said on a page of its own: where, what should stand there, and why; the head signs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eoffice.errors import Conflict, Invalid, NotFound

LONGEST: Final = {"place": 200, "words": 2000, "reason": 1000}
_NAMES: Final = {"place": "chỗ cần đính chính", "words": "nội dung đúng", "reason": "lý do"}
LEAST_REASON: Final = 10


class NoteWrong(Invalid):
    """Something about the note cannot be kept as it was entered."""


class NoteUnknown(NotFound):
    """The book has no such note."""


class NoteSigned(Conflict):
    """The note is signed; it stands."""


class NotesMoved(Conflict):
    """Somebody else wrote a note on this book at the same time."""


@dataclass(frozen=True, slots=True)
class Wording:
    place: str
    words: str
    reason: str


def checked(place: str, words: str, reason: str) -> Wording:
    """Raises NoteWrong with every field that is wrong."""
    values = {"place": place, "words": words, "reason": reason}
    values = {name: " ".join(text.split()) for name, text in values.items()}
    wrong: dict[str, str] = {}
    for name, text in values.items():
        if not text:
            wrong[name] = f"Cần ghi {_NAMES[name]}."
        elif len(text) > LONGEST[name]:
            wrong[name] = f"Phần {_NAMES[name]} dài nhất {LONGEST[name]} ký tự."
    if "reason" not in wrong and len(values["reason"]) < LEAST_REASON:
        wrong["reason"] = "Hãy ghi lý do bằng một câu."
    if wrong:
        raise NoteWrong("Chưa đính chính được: " + " ".join(wrong.values()), fields=wrong)
    return Wording(**values)
