"""What people typed, made comparable. Pure."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """`text` without diacritics and case and with single spaces, to compare what people typed."""
    bare = "".join(
        sign
        for sign in unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
        if not unicodedata.combining(sign)
    )
    return " ".join(bare.split())
