"""Fields for initials (ký nháy), made before the first signature, as many as the flow asks for.

Initials for the content stand behind the last words of the text, those for the form behind "Lưu:"
at the end of the recipients, which is where the office puts them on paper. Where neither is found
in a finished file, the place is the foot of the last page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from eoffice.documents.flows.rules import Task
from eoffice.documents.form import placing

_MM: Final = 72 / 25.4
_WIDTH: Final = 15 * _MM
_HEIGHT: Final = 7 * _MM
_GAP: Final = 1 * _MM
#: The right edge of the text on A4, and of the column of recipients.
_TEXT_EDGE: Final = (210 - 15) * _MM
_COLUMN_EDGE: Final = 98 * _MM
_PRINTED_AND_LOCKED: Final = 4 | 128
#: How a dispatch ends.
_END: Final = "./."
_FILING: Final = "Lưu:"
_LABELS: Final = {
    Task.INITIAL_CONTENT: "Chữ ký nháy nội dung",
    Task.INITIAL_FORM: "Chữ ký nháy thể thức",
}


def with_places(
    pdf: bytes,
    tasks: Sequence[Task],
    *,
    page_count: int,
    prefix: str,
    last_words: str,
    filing_line: str,
) -> bytes:
    """The file with one empty signature field for each task, "initials_1", "initials_2" …

    Fields of an earlier submission are taken out first. Only for files that nobody has signed.
    `last_words` end the text, `filing_line` is what follows "Lưu:"; "" where they are not known.
    """
    with pikepdf.open(io.BytesIO(pdf)) as file:
        removed = _remove(file, prefix)
        if not tasks and not removed:
            return pdf
        form = file.Root.AcroForm
        content = _spots(pdf, (_END, last_words), page_count, _TEXT_EDGE, 1)
        forms = _spots(pdf, (filing_line, _FILING), page_count, _COLUMN_EDGE, 2)
        for number, task in enumerate(tasks, start=1):
            page, left, top = (content if task is Task.INITIAL_CONTENT else forms).pop(0)
            sheet = file.pages[page - 1]
            height = float(sheet.mediabox[3])
            field = file.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Widget,
                    FT=Name.Sig,
                    T=String(f"{prefix}{number}"),
                    TU=String(_LABELS[task]),
                    Rect=Array(
                        round(edge, 2)
                        for edge in (left, height - top - _HEIGHT, left + _WIDTH, height - top)
                    ),
                    P=sheet.obj,
                    F=_PRINTED_AND_LOCKED,
                    AP=Dictionary(
                        N=file.make_stream(
                            b"",
                            Type=Name.XObject,
                            Subtype=Name.Form,
                            BBox=Array([0, 0, round(_WIDTH, 2), round(_HEIGHT, 2)]),
                            Resources=Dictionary(),
                        )
                    ),
                )
            )
            if "/Annots" not in sheet.obj:
                sheet.obj.Annots = Array()
            sheet.obj.Annots.append(field)
            form.Fields.append(field)
        out = io.BytesIO()
        file.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return out.getvalue().rstrip(b"\n") + b"\n"


def _remove(file: pikepdf.Pdf, prefix: str) -> bool:
    form = file.Root.get("/AcroForm")
    if form is None:
        return False
    kept = [each for each in form.Fields if not str(each.get("/T", "")).startswith(prefix)]
    removed = len(kept) < len(form.Fields)
    if removed:
        form.Fields = Array(kept)
        for page in file.pages:
            if "/Annots" in page.obj:
                page.obj.Annots = Array(
                    each
                    for each in page.obj.Annots
                    if not str(each.get("/T", "")).startswith(prefix)
                )
    return removed


def _spots(
    pdf: bytes, words: Sequence[str], page_count: int, edge: float, row: int
) -> list[tuple[int, float, float]]:
    """Places in a row behind the words, then in rows below: page, left, top from the top left."""
    found = next(
        (
            hit
            for each in words
            if each
            for page in range(page_count, 0, -1)
            if (hit := placing.find(pdf, page, each)) is not None
        ),
        None,
    )
    if found is None:
        page, left, top = page_count, 30 * _MM, (270 - 8 * row) * _MM
        start = left
    else:
        page, top = found.page, found.bottom - _HEIGHT + _GAP
        left, start = found.right + _GAP, 30 * _MM
        if words[-1] == _FILING and found.right - found.left < 2 * _WIDTH / 3:
            # Only the word was found: what follows it on its line is not to be written over.
            left, top = start, found.bottom + _GAP
    spots: list[tuple[int, float, float]] = []
    while len(spots) < 12:
        if left + _WIDTH > edge:
            left, top = start, top + _HEIGHT + _GAP
        spots.append((page, left, top))
        left += _WIDTH + _GAP
    return spots
