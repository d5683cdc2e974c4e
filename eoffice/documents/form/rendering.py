"""The printed form of a document under Decree 30/2020, with places for number and signatures."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import pikepdf

from eoffice import clock
from eoffice.documents import types
from eoffice.documents.form import appendices, body, layouts
from eoffice.documents.form import text as texts
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import (
    SECRECY_STAMPS,
    URGENCY_STAMPS,
    DocumentType,
    Secrecy,
    Urgency,
)
from eoffice.printing import pdf_fields, typesetting
from eoffice.printing.page_codes import PageCode

#: Names of the form fields on every document that the office composes.
NUMBER_FIELD: Final = "number_notation"
DATE_FIELD: Final = "issued_on"
PERSON_SIGNATURE_FIELD: Final = "signature_person"
SEAL_FIELD: Final = "signature_seal"

FORMS: Final = Path(__file__).parent / "forms"
#: What forms of documents are put together of, to be handed to `compose` as files.
PARTS: Final[Mapping[str, bytes]] = {
    f"/{name}": (FORMS / name).read_bytes() for name in ("body.typ", "parts.typ")
}

_BLANK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Stamps:
    """What is stamped upon the first page: boxes 10a, 10b and 11."""

    urgency: Urgency = Urgency.ORDINARY
    #: By when it has to be with the recipients, for an express document by the hour.
    express_at: datetime | None = None
    secrecy: Secrecy = Secrecy.NONE
    circulation: str = ""


def render(
    kind: DocumentType,
    text: DispatchText,
    letterhead: Letterhead,
    *,
    notation: str,
    stamps: Stamps | None = None,
    page_code: PageCode | None = None,
    at: datetime,
) -> bytes:
    """A PDF/A-2b whose form fields are empty; the same bytes for the same arguments.

    Fields for number, date, signature and seal; minutes have none for the date. Raises
    CannotBePrinted for a character outside the fonts of the office.
    """
    data = _data(kind, text, letterhead, notation, stamps or Stamps())
    composed = typesetting.compose(
        FORMS / "document.typ", data, at=at, files=PARTS, page_code=page_code
    )
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
    stamps: Stamps,
) -> dict[str, object]:
    filing = ", ".join(part for part in (text.filing, text.copies) if part)
    layout = layouts.layout(kind, text, letterhead)
    return {
        "title": text.subject or types.name(kind),
        "agency": letterhead.agency_name.upper(),
        "parent": _abbreviated(letterhead.parent_name).upper(),
        "place": letterhead.place,
        "notation": notation,
        # Shown until the clerk fills the fields in: room for the number before its notation.
        "number-before": f"{_BLANK * 8}/{notation}",
        "date-before": f"ngày{_BLANK * 6}tháng{_BLANK * 6}năm",
        "is-dated": layout.is_dated,
        "heading": layout.heading.value,
        "type-name": types.name(kind).upper(),
        "subject": text.subject,
        "secrecy": SECRECY_STAMPS.get(stamps.secrecy, ""),
        "urgency": _urgency(stamps),
        "circulation": stamps.circulation.upper(),
        "address": layout.address,
        # A single addressee stands on the line of "Kính gửi" without any mark behind it.
        "addressees": _listed(text.addressees)
        if len(text.addressees) > 1
        else list(text.addressees),
        "authority": text.authority.upper() if kind in types.RULING else "",
        "legal-bases": _listed(text.legal_bases),
        "resolves": layout.resolves,
        "paragraphs": body.printed((*layout.opening, *text.paragraphs, *layout.closing)),
        "recipients": list(text.recipients),
        "filing": f"Lưu: {filing}.",
        "signing": layout.signing.value,
        "signing-lines": [
            line.upper() for line in (layout.signs_as, *texts.capacity_lines(text)) if line
        ],
        "signer-name": text.signer_name,
        "other": layout.other and {"lines": list(layout.other.lines), "name": layout.other.name},
        "contact": text.contact,
        "appendices": _appendices(kind, text, letterhead),
    }


def _urgency(stamps: Stamps) -> dict[str, object] | None:
    stamp = URGENCY_STAMPS.get(stamps.urgency)
    if stamp is None:
        return None
    note = ""
    if stamps.express_at is not None:
        by = clock.vietnam_time(stamps.express_at)
        note = f"Hẹn giờ: {by:%H} giờ {by:%M}, ngày {by.day:02d}/{by.month}/{by.year}"
    return {"words": stamp[0], "width": stamp[1], "note": note}


def _appendices(
    kind: DocumentType, text: DispatchText, letterhead: Letterhead
) -> list[dict[str, object]]:
    reference = appendices.reference(kind, letterhead.agency_name)
    return [
        {
            "heading": heading,
            "is-document": each.type is not None,
            # The title of an appendix stands in capitals, the subject of a document does not.
            "title": each.title.upper() if each.type is None else each.title,
            "reference": reference,
            "paragraphs": body.printed(each.paragraphs),
        }
        for heading, each in zip(appendices.headings(text.appendices), text.appendices, strict=True)
    ]


def _abbreviated(superior: str) -> str:
    """ "UBND tỉnh Đồng Tháp": the superior agency is written with usual abbreviations (II.2.a)."""
    return re.sub(r"(?i)\b(?:ủy|uỷ) ban nhân dân\b", "UBND", superior)


def _listed(lines: tuple[str, ...]) -> list[str]:
    """Lines end with ";", the last with "."."""
    return [f"{line}{';' if index < len(lines) - 1 else '.'}" for index, line in enumerate(lines)]
