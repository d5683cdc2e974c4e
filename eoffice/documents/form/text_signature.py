"""Room for the agency's signature without image: top right on the first page.

For each separate appendix (Decree 30/2020, Annex I, part I, III.1.d) and for electronic copies
(part II, I.3). The field is added behind the bytes that are there.
"""

from __future__ import annotations

import io
from typing import Any, Final

import pikepdf
from pyhanko.pdf_utils import misc
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields

from eoffice.files.intake import UploadUnreadable

FIELD: Final = "signature_agency"
_MM: Final = 72 / 25.4
#: Two lines of ten points.
_WIDTH: Final = 96 * _MM
_HEIGHT: Final = 9 * _MM
_FROM_RIGHT: Final = 15 * _MM
_FROM_TOP: Final = 4 * _MM


class _Writer(IncrementalPdfFileWriter):
    """Leaves the metadata of the file alone, which PDF/A compares with one another."""

    def _update_meta(self) -> None:
        return


def is_signed(pdf: bytes) -> bool:
    """Whether somebody signed the file; it stands by itself then. Raises UploadUnreadable."""
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        return any(True for _ in fields.enumerate_sig_fields(reader, filled_status=True))
    except (misc.PdfError, ValueError, TypeError, KeyError) as broken:
        raise UploadUnreadable(
            "Không đọc được tệp PDF đính kèm. Đề nghị xuất lại thành PDF."
        ) from broken


def with_field(pdf: bytes) -> bytes:
    """The file with an empty field FIELD; the same bytes for the same file.

    A file whose structure does not allow an increment is written anew. Raises UploadUnreadable.
    """
    try:
        return _appended(pdf)
    except (misc.PdfError, pikepdf.PdfError, ValueError, TypeError, KeyError):
        try:
            return _appended(_rewritten(pdf))
        except (
            misc.PdfError,
            pikepdf.PdfError,
            ValueError,
            TypeError,
            KeyError,
        ) as broken:
            raise UploadUnreadable(
                "Không ghi được chữ ký số vào tệp PDF đính kèm. Đề nghị xuất lại thành PDF."
            ) from broken


def _appended(pdf: bytes) -> bytes:
    left, bottom, right, top = _first_page(pdf)
    # The library leaves its constructors without annotations.
    writer: Any = _Writer(io.BytesIO(pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"))
    edge = right - min(_FROM_RIGHT, (right - left) / 20)
    fields.append_signature_field(
        writer,
        fields.SigFieldSpec(
            FIELD,
            on_page=0,
            box=(
                round(max(edge - _WIDTH, left)),
                round(max(top - _FROM_TOP - _HEIGHT, bottom)),
                round(edge),
                round(top - _FROM_TOP),
            ),
        ),
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _first_page(pdf: bytes) -> tuple[float, float, float, float]:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        left, bottom, right, top = (float(edge) for edge in file.pages[0].cropbox)
    return left, bottom, right, top


def _rewritten(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        out = io.BytesIO()
        file.save(out, deterministic_id=True)
    return out.getvalue()
