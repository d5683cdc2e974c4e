"""The pages of a certified copy. Adapter: bytes in, bytes out; no database."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
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


def whole(original: bytes, block: Block, *, at: datetime) -> bytes:
    """The pages of the original, their signatures as they are seen, and the page of the copy."""
    composed = typesetting.compose(_FORM, _laid_out(block, None, at), at=at)
    with (
        pikepdf.open(io.BytesIO(original)) as file,
        pikepdf.open(io.BytesIO(composed.pdf)) as last,
    ):
        file.flatten_annotations("print")
        # The copy is vouched for by whom copies: signatures of the original end as signatures.
        for key in ("/AcroForm", "/Perms", "/DSS", "/AF"):
            if key in file.Root:
                del file.Root[key]
        if "/Names" in file.Root and "/EmbeddedFiles" in file.Root.Names:
            del file.Root.Names["/EmbeddedFiles"]
        before = len(file.pages)
        file.pages.extend(last.pages)
        out = io.BytesIO()
        file.save(out, deterministic_id=True)
    moved = [replace(one, page=one.page + before) for one in composed.placeholders]
    return pdf_fields.add_fields(out.getvalue(), moved)


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
        "signing-lines": list(block.signing_lines),
        "signer": block.signer,
        "heading": f"TRÍCH SAO: {block.source.upper()}",
        "facts": []
        if lines is None
        else [
            ("Họ và tên học sinh", lines.name),
            ("Ngày sinh", f"{date.fromisoformat(lines.born_on):%d/%m/%Y}"),
            ("Lớp", lines.class_name),
            ("Năm học", lines.school_year),
        ],
        "rows": []
        if lines is None
        else [[str(n), *row] for n, row in enumerate(lines.subjects, start=1)],
    }
