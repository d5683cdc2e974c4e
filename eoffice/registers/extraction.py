"""What a gradebook file holds, for the recheck: its embedded data and the text of its pages.

Adapter: pikepdf and pdfium, no database. Both may be made to use much memory by a crafted file;
files that the office did not make itself are opened in a bounded child process only.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import pikepdf
import pypdfium2

from eoffice.registers import gradebook, recheck
from eoffice.registers.gradebook import DataUnreadable, Json

_LARGEST_DATA_BYTES = 20 * 2**20


@dataclass(frozen=True, slots=True)
class GradebookFile:
    data: Json
    #: Exactly the bytes that are embedded.
    data_bytes: bytes
    pages: tuple[str, ...]


def read(pdf: bytes) -> GradebookFile | None:
    """The data and page texts of a gradebook; None for a file that carries no gradebook data.

    Raises DataUnreadable.
    """
    content = _embedded(pdf)
    if content is None:
        return None
    return GradebookFile(gradebook.decoded(content), content, _page_texts(pdf))


def check(pdf: bytes) -> tuple[recheck.Difference, ...] | None:
    """Compute every figure of a gradebook anew from its own marks, and look for it on its pages.

    None for a file that is no gradebook. Raises DataUnreadable, NotComplete.
    """
    found = read(pdf)
    if found is None:
        return None
    return (
        *recheck.data_differences(found.data),
        *recheck.page_differences(found.data, found.pages),
    )


def _embedded(pdf: bytes) -> bytes | None:
    try:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            attachment = file.attachments.get(gradebook.DATA_FILE)
            if attachment is None:
                return None
            stream = attachment.get_file()
            if stream.size > _LARGEST_DATA_BYTES:
                raise DataUnreadable("Dữ liệu kèm theo sổ lớn hơn mức một sổ có thể có.")
            return stream.read_bytes()
    except pikepdf.PdfError as error:
        raise DataUnreadable("Không mở được tệp PDF của sổ.") from error


def _page_texts(pdf: bytes) -> tuple[str, ...]:
    try:
        file = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise DataUnreadable("Không đọc được các trang của tệp PDF.") from error
    try:
        texts = []
        for page in file:
            text = page.get_textpage()
            texts.append(text.get_text_range())
            text.close()
            page.close()
        return tuple(texts)
    finally:
        file.close()
