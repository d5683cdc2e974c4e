"""The code on each page of what the office sets and signs: by it, paper leads to its verification.

A code is 128 random bits: nothing about the document follows from it, and nobody guesses one. It is
drawn before the first signature, in the margin, where no text and no number of a page stands
(Decree 30/2020, Annex I: the lower margin has 20 to 25 mm, the left one at least 15 in registers).
"""

from __future__ import annotations

import base64
import io
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import segno

#: The name of the picture among the files of a form.
PICTURE: Final = "page_code.svg"
_BYTES: Final = 16
_CODE: Final = re.compile(r"[a-z2-7]{26}")


class Corner(StrEnum):
    """Where it stands, how wide it is, and how far from the edges of the sheet, in millimetres."""

    #: In the lower margin of a document, under the right end of the text.
    BELOW_TEXT = "below_text"
    #: In the left margin of a register, whose footer takes the lower one.
    BESIDE_TEXT = "beside_text"


@dataclass(frozen=True, slots=True)
class PageCode:
    """An address to be drawn on each page."""

    address: str
    corner: Corner

    @property
    def preamble(self) -> bytes:
        """What stands before a form; forms that draw over their pages themselves have no code."""
        return (
            f"#set page(foreground: place({_PLACES[self.corner]},"
            f' image("/{PICTURE}", width: {_WIDTHS[self.corner]}mm)))\n'
        ).encode()

    @property
    def picture(self) -> bytes:
        """The QR code as SVG; the same bytes for the same address."""
        out = io.BytesIO()
        segno.make(self.address, error="m", micro=False).save(
            out, kind="svg", border=2, xmldecl=False
        )
        return out.getvalue()


_PLACES: Final = {
    Corner.BELOW_TEXT: "bottom + right, dx: -15mm, dy: -4.5mm",
    Corner.BESIDE_TEXT: "bottom + left, dx: 3.5mm, dy: -4mm",
}
_WIDTHS: Final = {Corner.BELOW_TEXT: 14, Corner.BESIDE_TEXT: 9}


def new_code() -> str:
    """26 letters and digits that nobody has seen before."""
    return base64.b32encode(secrets.token_bytes(_BYTES)).decode("ascii").rstrip("=").lower()


def is_code(text: str) -> bool:
    """Whether it looks like one; whether the office gave it out, only the database knows."""
    return _CODE.fullmatch(text) is not None


def address(base_url: str, code: str) -> str:
    """Where the code leads."""
    return f"{base_url}/v/{code}"
