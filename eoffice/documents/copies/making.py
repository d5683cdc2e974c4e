"""The pages of a copy: what is copied, flattened, with the block or the room of the copying agency.

Decree 30/2020, Annex I, part II. Signatures of the original stay visible and end as signatures: the
copy is vouched for by whom copies. Adapter: bytes in, bytes out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pikepdf
from PIL import Image

from eoffice.documents.form import rendering
from eoffice.errors import Invalid
from eoffice.files import page_images
from eoffice.files.intake import UploadUnreadable
from eoffice.printing import pdf_fields, typesetting
from eoffice.printing.pdf_fields import Kind, Placeholder

_MM: Final = 72 / 25.4
_PAGE_HEIGHT_MM: Final = 297
_MARGIN_MM: Final = 20
_GAP_MM: Final = 6
#: Of the picture in which the end of the last page is looked for.
_WIDTH_PX: Final = 600
_INK: Final = 200
_BLANK: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class Block:
    """What the copying agency writes below the last part of the original."""

    #: "SAO Y", "TRÍCH SAO", "SAO LỤC"
    form: str
    agency: str
    place: str
    #: "SY-SGDĐT"
    notation: str
    recipients: tuple[str, ...]
    signing_lines: tuple[str, ...]
    signer_name: str


def chosen_pages(words: str, page_count: int) -> tuple[int, ...]:
    """ "1, 3-5" as pages counted from one; none named means all. Raises Invalid."""
    if not words.strip():
        return tuple(range(1, page_count + 1))
    found: list[int] = []
    for part in words.split(","):
        match = re.fullmatch(r"\s*(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?\s*", part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last <= page_count:
            raise Invalid(
                "Trang cần sao ghi chưa đúng.",
                fields={"pages": f"Ghi các trang từ 1 đến {page_count}, ví dụ: 1, 3-5."},
            )
        found += range(first, last + 1)
    return tuple(dict.fromkeys(found))


def electronic(original: bytes, pages: Sequence[int]) -> bytes:
    """The pages with room for the agency's signature without image, top right (form 3.2)."""
    flat = _flattened(original, pages)
    left, _, right, top = _box(flat, 0)
    width = min(96 * _MM, right - left)
    return pdf_fields.add_fields(
        flat,
        (
            # Who decided that it be copied signs unseen: form 3.2 shows the agency alone.
            Placeholder(
                rendering.PERSON_SIGNATURE_FIELD,
                Kind.SIGNATURE,
                page=1,
                x=0,
                y=top,
                width=0,
                height=0,
                label="Chữ ký số của người có thẩm quyền",
            ),
            Placeholder(
                rendering.SEAL_FIELD,
                Kind.SIGNATURE,
                page=1,
                x=right - 15 * _MM - width,
                y=4 * _MM,
                width=width,
                height=9 * _MM,
                label="Chữ ký số của cơ quan, tổ chức sao văn bản",
            ),
        ),
    )


def paper(original: bytes, pages: Sequence[int], block: Block, *, at: datetime) -> bytes:
    """The pages with the block below the last part, on a page of its own where there is no room."""
    flat = _flattened(original, pages)
    height = _height_mm(block)
    end = _end_of_last_page_mm(flat)
    fits = end is not None and end + _GAP_MM + height <= _PAGE_HEIGHT_MM - _MARGIN_MM
    top = end + _GAP_MM if fits and end is not None else float(_MARGIN_MM)
    composed = typesetting.compose(
        rendering.FORMS / "copy.typ", _data(block, top), at=at, files=rendering.PARTS
    )
    with pikepdf.open(io.BytesIO(flat)) as file, pikepdf.open(io.BytesIO(composed.pdf)) as over:
        if fits:
            last = file.pages[-1]
            last.add_overlay(over.pages[0], pikepdf.Rectangle(*_edges(last)))
        else:
            file.pages.append(over.pages[0])
        number = len(file.pages)
        out = io.BytesIO()
        file.save(out, deterministic_id=True)
    moved = [_on_page(each, number) for each in composed.placeholders]
    return pdf_fields.add_fields(out.getvalue(), moved)


def _data(block: Block, top: float) -> dict[str, object]:
    return {
        "title": f"{block.form.capitalize()} văn bản",
        "agency": block.agency.upper(),
        "form": block.form,
        "place": block.place,
        "notation": block.notation,
        "number-before": f"{_BLANK * 8}/{block.notation}",
        "date-before": f"ngày{_BLANK * 6}tháng{_BLANK * 6}năm",
        "recipients": list(block.recipients),
        "filing": "Lưu: VT.",
        "signing-lines": [line.upper() for line in block.signing_lines],
        "signer-name": block.signer_name,
        "top": top,
    }


def _height_mm(block: Block) -> float:
    signed = 31 + 7 * (len(block.signing_lines) + 1)
    listed = 6 * (len(block.recipients) + 2)
    return 32 + max(signed, listed)


def _on_page(place: Placeholder, number: int) -> Placeholder:
    return Placeholder(
        name=place.name,
        kind=place.kind,
        page=number,
        x=place.x,
        y=place.y,
        width=place.width,
        height=place.height,
        size=place.size,
        italic=place.italic,
        alignment=place.alignment,
        initial=place.initial,
        label=place.label,
    )


def _flattened(original: bytes, pages: Sequence[int]) -> bytes:
    """These pages alone, with what fields and signatures show as part of the page."""
    try:
        with pikepdf.open(io.BytesIO(original)) as file:
            file.flatten_annotations("print")
            for key in ("/AcroForm", "/Perms", "/DSS"):
                if key in file.Root:
                    del file.Root[key]
            wanted = set(pages)
            for number in range(len(file.pages), 0, -1):
                if number not in wanted:
                    del file.pages[number - 1]
            out = io.BytesIO()
            file.save(out, deterministic_id=True)
    except pikepdf.PdfError as broken:
        raise UploadUnreadable("Không đọc được tệp PDF của văn bản cần sao.") from broken
    return out.getvalue()


def _end_of_last_page_mm(pdf: bytes) -> float | None:
    """How far down the last page something is printed; None where it is not A4 upright."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        number = len(file.pages)
        rotation = int(file.pages[-1].obj.get("/Rotate", 0))
    left, bottom, right, top = _box(pdf, number - 1)
    is_a4 = abs(right - left - 210 * _MM) < 6 and abs(top - bottom - 297 * _MM) < 6
    if not is_a4 or (left, bottom) != (0, 0) or rotation:
        return None
    with Image.open(io.BytesIO(page_images.page_image(pdf, number, _WIDTH_PX))) as picture:
        dark = picture.convert("L").point(lambda value: 255 if value < _INK else 0)
        box = dark.getbbox()
        height = dark.height
    return 0.0 if box is None else box[3] / height * _PAGE_HEIGHT_MM


def _box(pdf: bytes, index: int) -> tuple[float, float, float, float]:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return _edges(file.pages[index])


def _edges(page: pikepdf.Page) -> tuple[float, float, float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    return left, bottom, right, top
