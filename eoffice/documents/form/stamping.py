"""Secrecy, circulation and the hour of an express document: what is stamped on top of a document.

Decree 30/2020, Annex I, part I, III.2. Whose signature decides it is whose document it is: the
writer proposes, the signer decides by signing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eoffice.documents.model import Document
from eoffice.documents.types import CIRCULATION_LENGTH, Secrecy, Urgency
from eoffice.errors import Invalid
from eoffice.files.letters import normalised


@dataclass(frozen=True, slots=True)
class Marks:
    """What a writer says of it; None leaves it as it is."""

    secrecy: Secrecy | None = None
    #: "Lưu hành nội bộ"; empty takes it off.
    circulation: str | None = None
    #: Counts only while the document is express by the hour.
    express_at: datetime | None = None


def mark(document: Document, marks: Marks) -> None:
    """Stamp the draft. An hour falls away with its urgency. Raises Invalid."""
    if marks.secrecy is not None:
        document.secrecy = marks.secrecy
    if marks.circulation is not None:
        document.circulation = _circulation(marks.circulation)
    if marks.express_at is not None:
        document.express_at = marks.express_at
    if document.urgency is not Urgency.EXPRESS_AT:
        document.express_at = None


def bears(document: Document, marks: Marks) -> bool:
    """Whether the document says all of it already."""
    return (
        marks.secrecy in (None, document.secrecy)
        and (marks.circulation is None or _circulation(marks.circulation) == document.circulation)
        and (
            marks.express_at in (None, document.express_at)
            or document.urgency is not Urgency.EXPRESS_AT
        )
    )


def _circulation(words: str) -> str:
    kept = normalised(words).upper()
    if len(kept) > CIRCULATION_LENGTH:
        raise Invalid(
            "Chỉ dẫn về phạm vi lưu hành quá dài.",
            fields={"circulation": f"Ghi nhiều nhất {CIRCULATION_LENGTH} ký tự."},
        )
    return kept
