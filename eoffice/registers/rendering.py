"""The pages of a gradebook as PDF/A-3b with its data inside and room for every signature.

Adapter: typesetter and PDF fields of `documents`; no database.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pikepdf

from eoffice.clock import civil_date
from eoffice.documents import types
from eoffice.printing import pdf_fields, typesetting
from eoffice.registers import gradebook, gradebook_shape, printed
from eoffice.registers.gradebook import Json

_FORM = Path(__file__).parent / "forms" / "gradebook.typ"

#: Names of the signature fields.
HOMEROOM_FIELD = "homeroom"
TEACHER_FIELD = "teacher"
KEEPER_FIELD = "keeper"
PRINCIPAL_FIELD = "principal"
SEAL_FIELD = "school_seal"


def subject_field(subject_code: str) -> str:
    """The field in which the teacher of a subject signs, at the end of the subject's list."""
    return f"subject_{subject_code}"


def render(data: Json, *, at: datetime) -> bytes:
    """The register as PDF/A-3b, unsigned. The same bytes for the same data and instant.

    Raises CannotBePrinted, XmlUnwritable: a name holds a character that the fonts of the office
    lack, or that XML cannot carry.
    """
    composed = typesetting.compose(
        _FORM,
        _laid_out(data, at),
        at=at,
        profile=typesetting.Profile.WITH_DATA,
        files={
            f"/{gradebook.DATA_FILE}": gradebook.encoded(data),
            f"/{gradebook_shape.XML_FILE}": gradebook_shape.xml_of(data),
        },
    )
    return pdf_fields.add_fields(composed.pdf, composed.placeholders)


def page_count(pdf: bytes) -> int:
    """How many pages a file that `render` made has."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return len(file.pages)


def _laid_out(data: Json, at: datetime) -> dict[str, object]:
    totals = data["totals"]
    outcomes = {**totals["promotion"], **totals["titles"]}
    counts = {"learning": totals["learning"], "conduct": totals["conduct"], "outcomes": outcomes}
    return {
        "title": f"Sổ theo dõi và đánh giá học sinh lớp {data['class']['name']} "
        f"năm học {data['class']['school_year']}",
        "version": data["version"],
        "school": data["school"],
        "class": data["class"],
        "subjects": data["subjects"],
        "totals": {"pupils": totals["pupils"], "girls": totals["girls"]},
        "counts": {
            group: [(printed.word(key), number) for key, number in numbers.items()]
            for group, numbers in counts.items()
        },
        "corrected": len(data["corrections"]),
        "cited": printed.cited(data),
        "place_and_date": types.place_and_date(data["school"]["place"], civil_date(at)),
        "remarks": [
            {"month": "/".join(reversed(remark["month"].split("-"))), "text": remark["text"]}
            for remark in data["remarks"]
        ],
        "parts": [asdict(part) for part in printed.parts(data)],
    }
