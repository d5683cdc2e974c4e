"""The pages of a certified copy. Adapter: bytes in, bytes out; no database.

A copy of a whole book is for two readers. People see the pages as they were signed and, behind
them, the page of the school that copies. Programs find the original inside, byte for byte
(PDF/A-3): the pages alone could not show its signatures, since a signature covers its own file and
ends where the pages are put into another.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pikepdf

from eoffice.clock import civil_date
from eoffice.documents import types
from eoffice.extracts.lines import Lines
from eoffice.printing import pdf_fields, typesetting

PRINCIPAL_FIELD: Final = "principal"
SEAL_FIELD: Final = "school_seal"
_FORM: Final = Path(__file__).parent / "forms" / "copy.typ"


@dataclass(frozen=True, slots=True)
class Block:
    """What the copying school writes."""

    #: "SAO Y", "TRÍCH SAO"
    form: str
    #: "12/SY-THCSNTMK"
    code: str
    school: str
    place: str
    #: What is copied: "Sổ theo dõi và đánh giá học sinh lớp 7A1, năm học 2024-2025".
    source: str
    digest: str
    signing_lines: Sequence[str]
    signer: str
    #: Who asked for the copy; the clerk's office keeps one in any case.
    recipient: str = ""


#: The name of the original inside the copy of a whole.
ORIGINAL: Final = "original.pdf"


def whole(original: bytes, block: Block, *, at: datetime) -> bytes:
    """PDF/A-3b: the pages of the original as they are seen, the page of the copy, the original."""
    composed = typesetting.compose(
        _FORM,
        _laid_out(block, None, at),
        at=at,
        profile=typesetting.Profile.WITH_DATA,
    )
    with (
        pikepdf.open(io.BytesIO(original)) as file,
        pikepdf.open(io.BytesIO(composed.pdf)) as made,
    ):
        # On these pages signatures are seen; what they prove is proved by the file inside.
        file.flatten_annotations("print")
        before = len(file.pages)
        for number, seen in enumerate(file.pages):
            made.pages.insert(number, seen)
        _attach(made, original, at)
        out = io.BytesIO()
        made.save(out, deterministic_id=True)
    moved = [replace(one, page=one.page + before) for one in composed.placeholders]
    return pdf_fields.add_fields(out.getvalue(), moved)


def _attach(file: pikepdf.Pdf, original: bytes, at: datetime) -> None:
    """As the source of the file, the way PDF/A-3 (ISO 19005-3, 6.8) asks for."""
    moment = f"D:{at.astimezone(UTC):%Y%m%d%H%M%S}Z"
    spec = pikepdf.AttachedFileSpec(
        file,
        original,
        filename=ORIGINAL,
        description="Bản gốc đã ký số, nguyên vẹn",
        mime_type="application/pdf",
        creation_date=moment,
        mod_date=moment,
    )
    spec.obj.AFRelationship = pikepdf.Name.Source
    file.attachments[ORIGINAL] = spec
    file.Root.AF = pikepdf.Array([spec.obj])


def extract(lines: Lines, block: Block, *, at: datetime) -> bytes:
    """One pupil's lines above the block of the school."""
    composed = typesetting.compose(_FORM, _laid_out(block, lines, at), at=at)
    return pdf_fields.add_fields(composed.pdf, composed.placeholders)


def page_count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return len(file.pages)


def _laid_out(block: Block, lines: Lines | None, at: datetime) -> dict[str, object]:
    what = "từ bản chính" if lines is not None else "bản chính"
    return {
        "title": f"{block.form.capitalize()} {block.code}",
        "school": block.school,
        "form": block.form,
        "number": block.code,
        "place-and-date": types.place_and_date(block.place, civil_date(at)),
        "sentence": f"{block.form.capitalize()} {what} {block.source}, bản đã ký số và đóng dấu.",
        "digest": block.digest,
        "original": ORIGINAL if lines is None else "",
        "signing-lines": list(block.signing_lines),
        "signer": block.signer,
        "recipients": [*([f"{block.recipient};"] if block.recipient else []), "Lưu: VT."],
        "heading": block.source.upper(),
        "facts": []
        if lines is None
        else [
            ("Họ và tên học sinh", lines.name),
            ("Ngày sinh", f"{date.fromisoformat(lines.born_on):%d/%m/%Y}"),
            ("Lớp", lines.class_name),
            ("Năm học", lines.school_year),
        ],
        "year": []
        if lines is None
        else [f"{label} cả năm: {words}." for label, words in lines.year],
        "rows": []
        if lines is None
        else [[str(n), *row] for n, row in enumerate(lines.subjects, start=1)],
    }
