"""What a document seems to say about itself, read from its words: proposals, never facts.

The layout is that of Decree 30/2020, Annex I: agency and national motto on top, beneath them number
and date, then the name of the type with the subject, or "V/v" in a dispatch. A reader of pages
mixes the two columns and confuses letters, so everything may be missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.documents import types
from eoffice.documents.form.text import SUBJECT_LENGTH
from eoffice.documents.types import DocumentType
from eoffice.routing import outside_rules

#: Everything that is proposed stands on the first page or two.
MOST_CHARACTERS: Final = 6_000
_NUMBER: Final = re.compile(
    r"\bS[ốôóo60ỗ]\s*[:;.]?\s*(?P<number>[0-9]{1,6}[a-zđ]?)\s*/\s*"
    r"(?P<notation>(?:[0-9]{4}/)?[A-ZĐa-zđ0-9ƯưÀ-ỹ&.\-–]*[A-ZĐ&.\-–]{2}[A-ZĐa-zđ0-9Ưư&.\-–]*)"
)
_DATE: Final = re.compile(
    r"ng[àaáả]y\s*(?P<day>[0-9]{1,2})\s*th[áaàả]ng\s*(?P<month>[0-9]{1,2})\s*n[ăaâã]m\s*"
    r"(?P<year>(?:19|20)[0-9]{2})",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(r"^\W*(?:V\s*/\s*v|Về việc)\s*:?\s*(?P<subject>.+)", re.IGNORECASE)
_NATION: Final = re.compile(
    r"C[ỘOÔ]NG\s+H[ÒOÓ]A\s+X[ÃA]\s+H[ỘOÔ]I.*|"
    r"[ĐD][ộoô]c\s+l[ậaâ]p\s*[-–—].*",
    re.IGNORECASE,
)
#: Where the subject of a dispatch ends.
_BODY: Final = re.compile(r"^\W*(?:Kính\s+gửi|Căn\s+cứ|Thực\s+hiện|Theo)\b", re.IGNORECASE)
_TYPES: Final = {
    name.upper(): name
    for name in (
        *(types.name(kind) for kind in DocumentType if kind is not DocumentType.DISPATCH),
        *outside_rules.FURTHER_TYPES,
    )
}


@dataclass(frozen=True, slots=True)
class Proposals:
    """None for what was not found."""

    number: str | None = None
    notation: str | None = None
    issued_on: date | None = None
    sender_name: str | None = None
    type_name: str | None = None
    subject: str | None = None

    @property
    def found(self) -> tuple[str, ...]:
        """Names of the fields that are proposed."""
        return tuple(name for name in self.__slots__ if getattr(self, name) is not None)


def proposed(text: str, *, known_senders: Iterable[str] = ()) -> Proposals:
    """What the first page seems to say; a sender that is known is written as it is known."""
    lines = [" ".join(line.split()) for line in text[:MOST_CHARACTERS].splitlines()]
    lines = [line for line in lines if line]
    # Below there stand numbers and dates of other documents.
    body = next((i for i, line in enumerate(lines) if i and _BODY.match(line)), len(lines))
    whole = "\n".join(lines[:body])
    number = _NUMBER.search(whole)
    type_line = next((i for i, line in enumerate(lines) if _type_of(line)), None)
    type_name, subject = None, None
    if type_line is not None:
        type_name = _type_of(lines[type_line])
        subject = _subject_below(lines, type_line + 1)
    found = _dispatch_subject(lines)
    if found is not None and type_name is None:
        type_name, subject = types.name(DocumentType.DISPATCH), found
    return Proposals(
        number=None if number is None else outside_rules.written_number(number["number"]),
        notation=None if number is None else number["notation"].strip(".-–"),
        issued_on=_date(whole),
        sender_name=_sender(lines, known_senders),
        type_name=type_name,
        subject=None if not subject else subject[:SUBJECT_LENGTH],
    )


def folded(text: str) -> str:
    """Without diacritics, case and what is no letter: how two readings of one name are compared."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _type_of(line: str) -> str | None:
    letters = re.sub(r"[^\w\s]", "", line).strip()
    return _TYPES.get(letters) if letters == letters.upper() else None


def _subject_below(lines: list[str], start: int) -> str | None:
    taken: list[str] = []
    for line in lines[start : start + 4]:
        if _BODY.match(line) or not re.search(r"\w", line) or _is_heading(line):
            break
        taken.append(line)
    joined = " ".join(taken)
    without = _SUBJECT.match(joined)
    return (without["subject"] if without else joined).strip(" .-–_") or None


def _dispatch_subject(lines: list[str]) -> str | None:
    for i, line in enumerate(lines):
        begun = _SUBJECT.match(line)
        if begun is None:
            continue
        taken = [begun["subject"]]
        for further in lines[i + 1 : i + 4]:
            if _BODY.match(further) or _DATE.search(further) or _is_heading(further):
                break
            taken.append(further)
        return " ".join(taken).strip(" .-–_") or None
    return None


def _date(whole: str) -> date | None:
    for found in _DATE.finditer(whole):
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue
    return None


def _sender(lines: list[str], known: Iterable[str]) -> str | None:
    """The last line in capitals above the number: the agency stands below the one above it."""
    top: list[str] = []
    for line in lines[:8]:
        if _NUMBER.search(line):
            break
        named = _NATION.sub("", line).strip(" .-–_*|")
        if named and _is_heading(named) and _type_of(named) is None:
            top.append(named)
    by_letters = {folded(name): name for name in known}
    for name in (" ".join(top[-2:]), *reversed(top)):
        if folded(name) in by_letters:
            return by_letters[folded(name)]
    return top[-1] if top else None


def _is_heading(line: str) -> bool:
    letters = [letter for letter in line if letter.isalpha()]
    return len(letters) >= 4 and sum(letter.isupper() for letter in letters) >= 0.8 * len(letters)
