"""Identifiers of organisations in the national exchange: what they look like. Pure.

Two styles are in use: that of QCVN 102:2016 (thirteen characters, the highest level last) and that
of Quyết định 20/2020/QĐ-TTg (the highest level first). Others are seen in the wild, and codes were
given anew after mergers: what fits neither is warned of, and refused only where it cannot travel.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from eoffice.errors import Invalid

#: In characters; the column of units holds no more.
LONGEST: Final = 35


class Style(StrEnum):
    #: 000.00.14.H20
    BOTTOM_UP = "bottom_up"
    #: H20.14
    TOP_DOWN = "top_down"


#: A letter and two digits are the highest level: a ministry or a province.
PATTERNS: Final[dict[Style, re.Pattern[str]]] = {
    Style.BOTTOM_UP: re.compile(r"[0-9A-Z]{3}\.[0-9A-Z]{2}\.[0-9A-Z]{2}\.[A-Z][0-9]{2}"),
    Style.TOP_DOWN: re.compile(r"[A-Z][0-9]{2}(?:\.[0-9A-Z]{2,3}){0,8}"),
}
_UNFIT: Final = re.compile(r"[\s,|]|[^\x21-\x7e]")


def style(organ_id: str) -> Style | None:
    """None: neither of the two."""
    return next((each for each, form in PATTERNS.items() if form.fullmatch(organ_id)), None)


def checked(organ_id: str, *, field: str = "organ_id") -> str:
    """The identifier, trimmed; empty stays empty.

    Raises Invalid for what cannot be part of a message: too long, with blanks or commas (which
    part the name of a document), or with letters outside of ASCII.
    """
    trimmed = organ_id.strip()
    if len(trimmed) > LONGEST:
        words = f"Mã định danh dài nhất {LONGEST} ký tự."
        raise Invalid(words, fields={field: words})
    if _UNFIT.search(trimmed):
        words = "Mã định danh chỉ gồm chữ không dấu, số và dấu chấm, không có dấu cách."
        raise Invalid(words, fields={field: words})
    return trimmed


def warning(organ_id: str | None) -> str:
    """A sentence about an identifier that looks like none of the two styles; else empty."""
    if not organ_id or style(organ_id) is not None:
        return ""
    return (
        f"Mã định danh {organ_id} không theo mẫu nào đã biết (000.00.14.H20 hoặc H20.14). Mã đã "
        "được ghi; hãy kiểm tra lại với nơi cấp."
    )


def said(words: str, *organ_ids: str | None) -> str:
    """What a page says after it was done, with the warnings that there are."""
    return " ".join(filter(None, (words, *map(warning, organ_ids))))
