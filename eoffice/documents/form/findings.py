"""What a form check says, and the few words that all its rules share. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from eoffice.documents.form import text as texts
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType, Urgency

DECREE = "Nghị định 30/2020/NĐ-CP"


ANNEX = f"{DECREE}, Phụ lục I, Phần I, Mục II"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    #: Name of the rule; stable, for programs.
    rule: str
    #: The law or the reason behind the rule.
    source: str
    severity: Severity
    #: What is wrong and what to do, a whole sentence.
    message: str
    #: Name of the part of the text, as in DispatchText.
    field: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the check looks at."""

    kind: DocumentType
    text: DispatchText
    letterhead: Letterhead
    #: None where the agency drafts by itself.
    drafting_unit_notation: str | None
    attachment_count: int = 0
    urgency: Urgency = Urgency.ORDINARY
    #: The hour by which an express document has to be there.
    express_at: datetime | None = None


def error(rule: str, source: str, message: str, field: str) -> Finding:
    return Finding(rule, source, Severity.ERROR, message, field)


def warning(rule: str, source: str, message: str, field: str) -> Finding:
    return Finding(rule, source, Severity.WARNING, message, field)


def repeated(lines: tuple[str, ...], rule: str, source: str, field: str) -> Iterator[Finding]:
    ordered = sorted(line.casefold() for line in lines)
    for first in sorted({one for one, other in pairwise(ordered) if one == other}):
        shown = next(line for line in lines if line.casefold() == first)
        yield warning(rule, source, f"“{short(shown)}” được ghi hai lần.", field)


def read_lines(text: DispatchText) -> Iterator[tuple[str, str]]:
    """Lines with the field in which they stand, in the order in which they are read."""
    yield "subject", text.subject
    for basis in text.legal_bases:
        yield "legal_bases", basis
    for paragraph in text.paragraphs:
        yield "paragraphs", texts.plain(paragraph)


def short(line: str, most: int = 60) -> str:
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
