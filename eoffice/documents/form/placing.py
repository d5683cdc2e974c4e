"""Where number, date and signatures belong on a page that was not composed here.

A finished file is searched for what the decree prints beside them ("Số:", the signer's name); where
it is not found, the place is that of the decree's diagram (Annex I, part I, section IV).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Final

from eoffice.documents.form import rendering
from eoffice.files import bounded, intake
from eoffice.files.intake import UploadUnreadable
from eoffice.printing import pdf_fields
from eoffice.printing.pdf_fields import Alignment, Kind, Placeholder

_MM: Final = 72 / 25.4
_SIGNATURE: Final = (50 * _MM, 24 * _MM)
_SEAL: Final = 36 * _MM
#: How far below its baseline a line of 13 points reaches.
_DESCENT: Final = 0.22 * 13
#: Lines whose feet are closer than this are one line.
_BESIDE: Final = 12
#: Of the text on A4, in points from the left.
_RIGHT_EDGE: Final = (210 - 15) * _MM


@dataclass(frozen=True, slots=True)
class Found:
    """A place of words, in points from the top left corner of its page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


def with_fields(pdf: bytes, *, signer_name: str, page_count: int) -> bytes:
    """The file with the four fields of a document: number, date, signature, seal.

    Raises UploadUnreadable.
    """
    number = find(pdf, 1, "Số:")
    date = find(pdf, 1, "ngày")
    name = find(pdf, -1, signer_name) if signer_name else None
    return pdf_fields.add_fields(pdf, (*_head(number, date), *_signatures(name, page_count)))


def _head(number: Found | None, date: Found | None) -> tuple[Placeholder, Placeholder]:
    left, bottom = (30 * _MM + 34, 20 * _MM + 50)
    if number is not None:
        left, bottom = number.right + 3, number.bottom
    height = 1.11 * 13
    line = bottom - height + _DESCENT
    # The first "ngày" of a page is that of the date, if it stands beside the number.
    is_beside = date is not None and abs(date.bottom - bottom) < _BESIDE and date.left > left
    date_left = date.left if date is not None and is_beside else 115 * _MM
    return (
        Placeholder(
            rendering.NUMBER_FIELD,
            Kind.TEXT,
            page=1,
            x=left,
            y=line,
            # To the middle of the page, over the printed notation.
            width=max(min(58 * _MM, 103 * _MM - left), 30 * _MM),
            height=height,
            size=13,
            label="Số, ký hiệu của văn bản",
            covers=number is not None,
        ),
        Placeholder(
            rendering.DATE_FIELD,
            Kind.TEXT,
            page=1,
            x=date_left,
            y=line,
            width=_RIGHT_EDGE - date_left,
            height=height,
            size=13,
            italic=True,
            alignment=Alignment.LEFT if is_beside else Alignment.RIGHT,
            label="Ngày, tháng, năm ban hành văn bản",
            covers=is_beside,
        ),
    )


def _signatures(name: Found | None, page_count: int) -> tuple[Placeholder, Placeholder]:
    width, height = _SIGNATURE
    if name is None:
        page, center, bottom = page_count, 150 * _MM, 250 * _MM
    else:
        page, center, bottom = name.page, (name.left + name.right) / 2, name.top - 4
    left, top = center - width / 2, max(bottom - height, 0)
    return (
        Placeholder(
            rendering.PERSON_SIGNATURE_FIELD,
            Kind.SIGNATURE,
            page=page,
            x=left,
            y=top,
            width=width,
            height=height,
            label="Chữ ký số của người có thẩm quyền",
        ),
        Placeholder(
            rendering.SEAL_FIELD,
            Kind.SIGNATURE,
            page=page,
            # The seal covers the left third of the signature.
            x=left + width / 3 - _SEAL,
            y=max(top + height / 2 - _SEAL / 2, 0),
            width=_SEAL,
            height=_SEAL,
            label="Chữ ký số của cơ quan, tổ chức",
        ),
    )


def find(pdf: bytes, page: int, words: str) -> Found | None:
    try:
        answer = bounded.run(
            (sys.executable, "-I", intake.PDF_CHILD, "find", str(page), words), content=pdf
        )
    except bounded.ChildFailed as failed:
        raise UploadUnreadable("Không đọc được tệp PDF. Đề nghị xuất lại thành PDF.") from failed
    found = json.loads(answer)
    if found is None:
        return None
    number, left, bottom, right, top, _, height = found
    return Found(int(number), left, height - top, right, height - bottom)
