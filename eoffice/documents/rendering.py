"""The printed form of a document under Decree 30/2020, with places for number and signatures."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Final

import pikepdf

from eoffice.documents import pdf_fields, types, typesetting
from eoffice.documents import text as texts
from eoffice.documents.letterhead import Letterhead
from eoffice.documents.text import DispatchText
from eoffice.documents.types import URGENCY_STAMPS, DocumentType, Urgency

#: Names of the form fields on every document that the office composes.
NUMBER_FIELD: Final = "number_notation"
DATE_FIELD: Final = "issued_on"
PERSON_SIGNATURE_FIELD: Final = "signature_person"
SEAL_FIELD: Final = "signature_seal"

_BLANK = "\u00a0"


def render(
    kind: DocumentType,
    text: DispatchText,
    letterhead: Letterhead,
    *,
    notation: str,
    urgency: Urgency = Urgency.ORDINARY,
    at: datetime,
) -> bytes:
    """A PDF/A-2b whose four form fields are empty; the same bytes for the same arguments.

    Raises CannotBePrinted for a character outside the fonts of the office.
    """
    data = _data(kind, text, letterhead, notation, urgency)
    composed = typesetting.compose(typesetting.FORMS / "dispatch.typ", data, at=at)
    return pdf_fields.add_fields(composed.pdf, composed.placeholders)


def page_count(pdf: bytes) -> int:
    """How many pages a file has that was composed here."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return len(file.pages)


def _data(
    kind: DocumentType,
    text: DispatchText,
    letterhead: Letterhead,
    notation: str,
    urgency: Urgency,
) -> dict[str, object]:
    stamp = URGENCY_STAMPS.get(urgency)
    filing = ", ".join(part for part in (text.filing, text.copies) if part)
    return {
        "title": text.subject or types.name(kind),
        "agency": letterhead.agency_name.upper(),
        "parent": _abbreviated(letterhead.parent_name).upper(),
        "place": letterhead.place,
        "notation": notation,
        # Shown until the clerk fills the fields in: room for the number before its notation.
        "number-before": f"{_BLANK * 8}/{notation}",
        "date-before": f"ngày{_BLANK * 6}tháng{_BLANK * 6}năm",
        "is-dispatch": kind is DocumentType.DISPATCH,
        "type-name": types.name(kind).upper(),
        "subject": text.subject,
        "urgency": stamp and {"words": stamp[0], "width": stamp[1], "height": stamp[2]},
        # A single addressee stands on the line of "Kính gửi" without any mark behind it.
        "addressees": _listed(text.addressees)
        if len(text.addressees) > 1
        else list(text.addressees),
        "authority": text.authority.upper(),
        "legal-bases": _listed(text.legal_bases),
        "resolves": "QUYẾT ĐỊNH:" if kind is DocumentType.DECISION else "",
        "paragraphs": [_paragraph(paragraph) for paragraph in text.paragraphs],
        "recipients": list(text.recipients),
        "filing": f"Lưu: {filing}.",
        "capacity-lines": [
            line.upper()
            for line in types.capacity_lines(text.capacity, text.signer_title, text.on_behalf_of)
        ],
        "signer-name": text.signer_name,
        "contact": text.contact,
    }


def _abbreviated(superior: str) -> str:
    """ "UBND tỉnh Đồng Tháp": the superior agency is written with usual abbreviations (II.2.a)."""
    return re.sub(r"(?i)\b(?:ủy|uỷ) ban nhân dân\b", "UBND", superior)


def _listed(lines: tuple[str, ...]) -> list[str]:
    """Lines end with ";", the last with "."."""
    return [f"{line}{';' if index < len(lines) - 1 else '.'}" for index, line in enumerate(lines)]


def _paragraph(paragraph: str) -> dict[str, object]:
    heading = paragraph.startswith(texts.HEADING_MARK)
    runs = texts.runs(paragraph.removeprefix(texts.HEADING_MARK))
    return {
        "heading": heading,
        "runs": [{"text": run.text, "bold": run.bold, "italic": run.italic} for run in runs],
    }
