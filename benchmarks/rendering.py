"""How long the pages take that are made most: dispatch 960 and the gradebook of a class.

Peer: the typesetter with an empty page and our fonts, which is what any document costs at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typst

import eoffice
from benchmarks.figures import Figure, Peer, repeated
from eoffice.demo import dispatch_960
from eoffice.documents.form import rendering, text
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.types import DocumentType
from eoffice.registers import rendering as gradebooks
from tests.registers import cast

AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
_FONTS = Path(eoffice.__file__).parent / "documents" / "forms" / "fonts"


def measure() -> Sequence[Figure]:
    written = text.parse(dispatch_960.text(corrected=True))
    letterhead = Letterhead("UBND tỉnh Đồng Tháp", "Sở Giáo dục và Đào tạo", "SGDĐT", "Đồng Tháp")
    data = cast.data()

    def empty() -> bytes:
        return typst.compile(
            b'#set document(title: "empty"); #set text(font: "Tinos")\n.',
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)]),
            format="pdf",
            pdf_standards="a-2b",
        )

    def dispatch() -> bytes:
        return rendering.render(
            DocumentType.DISPATCH, written, letterhead, notation="SGDĐT-CNTTTBTV", at=AT
        )

    def gradebook() -> bytes:
        return gradebooks.render(data, at=cast.MADE_AT)

    bare = repeated(empty, times=15)
    peer = Peer("an empty page, typst alone, ms", bare.median_ms)
    dispatches = repeated(dispatch, times=15)
    books = repeated(gradebook, times=5)
    pages = gradebooks.page_count(gradebook())
    return [
        Figure(
            f"dispatch 960, {rendering.page_count(dispatch())} pages, with form fields",
            "ms",
            dispatches.median_ms,
            peer,
            "15, median",
        ),
        Figure(
            f"gradebook, 42 pupils, 13 subjects, {pages} pages, data inside",
            "ms",
            books.median_ms,
            peer,
            "5, median",
        ),
    ]
