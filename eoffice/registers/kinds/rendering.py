"""The pages of a register as PDF/A-3b with its data inside and room for every signature.

Adapter: typesetter and PDF fields; no database.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Final

from eoffice.clock import civil_date
from eoffice.documents import types
from eoffice.printing import pdf_fields, typesetting
from eoffice.printing.page_codes import PageCode
from eoffice.registers import printed
from eoffice.registers.kinds import table
from eoffice.registers.kinds.table import Json

FORMS: Final = Path(__file__).parent.parent / "forms"
DATA_FILE: Final = "register.json"
XML_FILE: Final = "register.xml"


def render(data: Json, page_code: PageCode | None = None) -> bytes:
    """The register, unsigned. The same bytes for the same data.

    Raises DataUnreadable; CannotBePrinted and XmlUnwritable where a text holds a character that
    the fonts of the office lack or that XML cannot carry.
    """
    kind = table.kind_of(data)
    at = table.made_at(data)
    composed = typesetting.compose(
        FORMS / kind.form,
        laid_out(data),
        at=at,
        profile=typesetting.Profile.WITH_DATA,
        files={
            "/register.typ": (FORMS / "register.typ").read_bytes(),
            f"/{DATA_FILE}": table.encoded(data),
            f"/{XML_FILE}": table.xml_of(data),
        },
        page_code=page_code,
    )
    return pdf_fields.add_fields(composed.pdf, composed.placeholders)


def laid_out(data: Json) -> dict[str, object]:
    """What the form of the register is given."""
    kind = table.kind_of(data)
    entered = table.entered_of(data)
    return {
        **kind.cover(entered),
        "format": kind.format,
        "cited": printed.cited(data),
        "place-and-date": types.place_and_date(
            entered.school.place, civil_date(table.made_at(data))
        ),
        "sheets": [asdict(sheet) for sheet in table.sheets_of(data)],
    }
