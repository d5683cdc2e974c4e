"""What somebody typed into the search, taken apart: words, phrases, numbers, fields. Pure.

    số 05/qđ-sgdđt "chuyển đổi số" -dự_thảo từ:01/08/2018 gửi:"Sở Giáo dục"

A word stands for itself with or without diacritics; "…" for words in this order; -word for what
must not be there; 960/sgddt for the number of a document; key:value for a field. Whatever cannot
be understood as a field is taken as words: a search never refuses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

#: Characters of what is typed, and how many terms of it count.
LENGTH: Final = 400
MOST_TERMS: Final = 30

_TERM: Final = re.compile(r'(-?)(?:([^\s:"]+):)?(?:"([^"]*)"?|(\S+))')
#: "960/sgddt", "05/QĐ-SGDĐT", "15a/CV"
_NUMBER: Final = re.compile(r"0*(\d+[a-z]?)/(\w[\w\-–/.&]*)", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})|(\d{4})-(\d{2})-(\d{2})")


class Kind(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"
    CASE_FILE = "case_file"
    ARCHIVE = "archive"


KIND_NAMES: Final[Mapping[Kind, str]] = {
    Kind.OUTGOING: "Văn bản đi",
    Kind.INCOMING: "Văn bản đến",
    Kind.CASE_FILE: "Hồ sơ",
    Kind.ARCHIVE: "Lưu trữ",
}


#: Those that stand in the index of documents; the archive has one of its own.
INDEXED: Final = (Kind.OUTGOING, Kind.INCOMING, Kind.CASE_FILE)


class Order(StrEnum):
    """In which order results stand; what has no number or deadline stands last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NUMBER = "number"
    DEADLINE = "deadline"


ORDER_NAMES: Final[Mapping[Order, str]] = {
    Order.NEWEST: "Mới nhất trước",
    Order.OLDEST: "Cũ nhất trước",
    Order.NUMBER: "Theo số (văn bản đến: số đến)",
    Order.DEADLINE: "Theo thời hạn, gần nhất trước",
}


class TermKind(StrEnum):
    WORD = "word"
    PHRASE = "phrase"
    #: Number and notation, the number without zeros in front.
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Term:
    kind: TermKind
    text: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """What the search is narrowed to; None and "" stand for everything."""

    kind: Kind | None = None
    #: Value of a `DocumentType`.
    type: str = ""
    from_day: date | None = None
    to_day: date | None = None
    #: Words of the sender of an incoming document, or of the drafting unit of an own one.
    sender: str = ""
    signer: str = ""
    #: Words of the recipients of an own document, or of what stands in an opened one.
    recipient: str = ""
    language: str = ""
    unit_id: UUID | None = None
    #: Value of an `Urgency`.
    urgency: str = ""
    #: Value of the state of any kind.
    state: str = ""
    due_from: date | None = None
    due_to: date | None = None
    pages_from: int | None = None
    pages_to: int | None = None
    #: Words of notation or title of a case file in which the document is.
    case_file: str = ""
    #: Value of an `EntryKind` of the archive, and a school year there: "2017-2018".
    archive_kind: str = ""
    school_year: str = ""

    @property
    def is_of_archive(self) -> bool:
        """Whether the archive can be asked: nothing is narrowed that it does not know."""
        return replace(self, kind=None, archive_kind="", school_year="") == Fields()

    @property
    def is_of_index(self) -> bool:
        """Whether documents and case files are asked for, not the archive alone."""
        return self.kind is not Kind.ARCHIVE and not self.archive_kind and not self.school_year


@dataclass(frozen=True, slots=True)
class Asked:
    terms: tuple[Term, ...] = ()
    fields: Fields = field(default_factory=Fields)

    @property
    def is_empty(self) -> bool:
        return not self.terms and self.fields == Fields()


#: Fields of words, by how they may be typed, without diacritics and marks.
_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("gui", "noigui"), "sender"),
    **dict.fromkeys(("ky", "nguoiky"), "signer"),
    **dict.fromkeys(("nhan", "noinhan"), "recipient"),
    **dict.fromkeys(("ngonngu", "tieng"), "language"),
    "hoso": "case_file",
}
#: Fields of days.
_DAYS: Final[Mapping[str, str]] = {
    "tu": "from_day",
    "den": "to_day",
    "han": "due_to",
    "hantu": "due_from",
    "handen": "due_to",
}


def parse(typed: str, given: Fields = Fields()) -> Asked:
    """Terms and fields of what was typed; a field in the words counts before the given one."""
    terms: list[Term] = []
    found = given
    for excluded, key, quoted, bare in _TERM.findall(_clean(typed)):
        value = (quoted or bare).strip()
        narrowed = None if excluded else _narrowed(found, key, value)
        if narrowed is not None:
            found = narrowed
            continue
        text = f"{key}:{value}" if key else value
        term = _term(text, is_phrase=bool(quoted), is_excluded=bool(excluded))
        if term is not None and term not in terms and len(terms) < MOST_TERMS:
            terms.append(term)
    return Asked(tuple(terms), found)


def query(terms: tuple[Term, ...]) -> str:
    """The terms in the language of PostgreSQL's websearch; "" where there are none.

    Each stands in quotation marks, so that no word of a person is an operator.
    """
    return " ".join(f'{"-" if each.is_excluded else ""}"{each.text}"' for each in terms)


def typed(terms: tuple[Term, ...]) -> str:
    """The terms as a person types them; `parse` gives the same terms back."""
    return " ".join(
        ("-" if each.is_excluded else "")
        + (f'"{each.text}"' if each.kind is TermKind.PHRASE else each.text)
        for each in terms
    )


def without(narrowed: Fields, name: str) -> Fields:
    """The fields with one of them taken away."""
    left: dict[str, Any] = {name: getattr(Fields(), name)}
    return replace(narrowed, **left)


def read_date(text: str) -> date | None:
    """dd/mm/yyyy or yyyy-mm-dd; None for anything else."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year, iso_year, iso_month, iso_day = found.groups()
    try:
        if iso_year is not None:
            return date(int(iso_year), int(iso_month), int(iso_day))
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def folded(text: str) -> str:
    """Without diacritics, case and marks between the letters: "Nơi-gửi" -> "noigui"."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(each for each in plain if each.isalnum())


def _clean(text: str) -> str:
    shown = "".join(
        " " if unicodedata.category(each) in ("Cc", "Cf", "Zs", "Zl", "Zp") else each
        for each in unicodedata.normalize("NFC", text)
        if unicodedata.category(each) != "Cs"
    )
    for mark in "“”„«»":
        shown = shown.replace(mark, '"')
    return shown[:LENGTH]


def _narrowed(found: Fields, key: str, value: str) -> Fields | None:
    """The fields with what was typed as key:value; None where that is no field."""
    name = folded(key)
    if not value:
        return None
    if name in _WORDS:
        told: dict[str, Any] = {_WORDS[name]: value}
        return replace(found, **told)
    day = read_date(value) if name in _DAYS else None
    if day is None:
        return None
    told = {_DAYS[name]: day}
    return replace(found, **told)


def _term(text: str, *, is_phrase: bool, is_excluded: bool) -> Term | None:
    text = " ".join(text.replace('"', " ").split())
    if not any(each.isalnum() for each in text):
        return None
    if is_phrase:
        return Term(TermKind.PHRASE, text, is_excluded)
    number = _NUMBER.fullmatch(text)
    if number is not None:
        return Term(TermKind.NUMBER, f"{number[1]}/{number[2]}", is_excluded)
    return Term(TermKind.WORD, text, is_excluded)
