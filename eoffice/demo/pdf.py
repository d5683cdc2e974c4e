"""A plain one-page PDF for the demo: the information sheet that goes with the dispatch."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import typst

from eoffice.printing.typesetting import FONTS

_SOURCE = """
#let page-data = json("data.json")
#set page(paper: "a4", margin: 25mm)
#set text(font: "Tinos", size: 13pt, lang: "vi", top-edge: 0.89em, bottom-edge: -0.22em)
#set document(title: page-data.title, date: auto)
#text(weight: "bold", page-data.title)
#for line in page-data.lines [#line #parbreak()]
"""
#: Fixed, so that the attachment has the same bytes in every run.
_MADE_AT = datetime(2018, 8, 10, 2, tzinfo=UTC)


def information_sheet() -> bytes:
    """What the provider's dispatch 611/CV-TTKD.DTP says, in short; always the same bytes."""
    data = {
        "title": "Thông tin Công văn 611/CV-TTKD.DTP của VNPT Đồng Tháp",
        "lines": [
            "Giới thiệu các phần mềm hỗ trợ giáo dục: Vnedu, sổ liên lạc điện tử, VNPT-iOffice.",
            "Đầu mối hỗ trợ kỹ thuật cho các trường: Trung tâm Kinh doanh VNPT - Đồng Tháp.",
        ],
    }
    # The dictionary form of sources is missing in the library's annotations.
    made: bytes = typst.compile(  # type: ignore[call-overload]
        {
            "main.typ": _SOURCE.encode(),
            "data.json": json.dumps(data, ensure_ascii=False).encode(),
        },
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        timestamp=_MADE_AT,
    )
    return made
