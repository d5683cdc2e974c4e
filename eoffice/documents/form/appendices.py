"""Appendices in the same file as the document, and what is issued together with a decision.

Decree 30/2020, Annex I, part I, III.1, and Annex III, forms 1.3, 2.1 and 2.2. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eoffice.documents import types
from eoffice.documents.types import DocumentType
from eoffice.files.letters import normalised

MOST: Final = 30
TITLE_LENGTH: Final = 500
PARAGRAPH_LENGTH: Final = 20_000
BODY_LENGTH: Final = 300_000
MOST_PARAGRAPHS: Final = 2_000

_ROMAN: Final = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class Appendix:
    """A part behind the signature, on pages of its own that are counted from one."""

    #: tên phụ lục; for an attached document its subject
    title: str
    paragraphs: tuple[str, ...]
    #: Of a document that is issued with a decision (form 1.3: "QUY CHẾ"); None for an appendix.
    type: DocumentType | None = None


def headings(appendices: Sequence[Appendix]) -> tuple[str, ...]:
    """What stands above each title: "Phụ lục" alone, "Phụ lục II" among several, or "QUY CHẾ"."""
    count = sum(each.type is None for each in appendices)
    found = []
    ordinal = 0
    for each in appendices:
        if each.type is not None:
            found.append(types.name(each.type).upper())
            continue
        ordinal += 1
        found.append("Phụ lục" if count == 1 else f"Phụ lục {roman(ordinal)}")
    return tuple(found)


def roman(number: int) -> str:
    """Roman numerals of 1 to 39."""
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def reference(kind: DocumentType, agency_name: str) -> str:
    """ "(Kèm theo Công văn số … ngày … tháng … năm … của Sở …)", its blanks left to paper.

    In an electronic document they are not filled in (III.1.c): the signature says number and time.
    """
    return f"(Kèm theo {types.name(kind)} số … ngày … tháng … năm … của {agency_name})"


def parse(value: object, wrong: dict[str, str]) -> tuple[Appendix, ...]:
    """From JSON; what is wrong goes into `wrong`. Blank appendices fall away."""
    if not isinstance(value, list | tuple) or len(value) > MOST:
        wrong["appendices"] = f"Phụ lục là một danh sách, nhiều nhất {MOST} phụ lục."
        return ()
    found = [_appendix(each, wrong) for each in value]
    return tuple(each for each in found if each is not None and (each.title or each.paragraphs))


def serialise(appendices: Sequence[Appendix]) -> list[dict[str, object]]:
    """The JSON form that `parse` reads back."""
    return [
        {
            "type": None if each.type is None else each.type.value,
            "title": each.title,
            "paragraphs": list(each.paragraphs),
        }
        for each in appendices
    ]


def _appendix(value: object, wrong: dict[str, str]) -> Appendix | None:
    if not isinstance(value, Mapping) or not set(value) <= {"type", "title", "paragraphs"}:
        wrong["appendices"] = "Mỗi phụ lục có loại, tên và nội dung."
        return None
    title, lines = value.get("title", ""), value.get("paragraphs", ())
    if (
        not isinstance(title, str)
        or not isinstance(lines, list | tuple)
        or not all(isinstance(line, str) for line in lines)
    ):
        wrong["appendices"] = "Tên phụ lục là chữ, nội dung là danh sách các đoạn."
        return None
    if len(title) > TITLE_LENGTH:
        wrong["appendices"] = f"Tên phụ lục dài hơn {TITLE_LENGTH} ký tự."
    if (
        len(lines) > MOST_PARAGRAPHS
        or sum(map(len, lines)) > BODY_LENGTH
        or any(len(line) > PARAGRAPH_LENGTH for line in lines)
    ):
        wrong["appendices"] = "Nội dung phụ lục quá dài: đề nghị đính kèm thành tệp riêng."
        return None
    kept = tuple(line for line in map(normalised, lines) if line)
    try:
        kind = DocumentType(str(value["type"])) if value.get("type") else None
    except ValueError:
        wrong["appendices"] = "Loại của văn bản kèm theo không có trong Nghị định."
        return None
    if kind in types.COPIES:
        wrong["appendices"] = "Bản sao không được ban hành kèm theo như một văn bản."
        return None
    return Appendix(normalised(title), kept, kind)
