"""The arrival stamp (dấu "ĐẾN"): drawn as a picture, and over the first page for the print.

Decree 30/2020, art. 22 (1) and Annex IV, V: a rectangle of 35 mm by 50 mm. It goes on a print
copy; the document itself, with its signatures, is never rewritten.
"""

from __future__ import annotations

import json
import sys
import tempfile
import unicodedata
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Final

import typst

from eoffice.files import bounded
from eoffice.printing.typesetting import FONTS

_FORM: Final = Path(__file__).parent / "forms" / "arrival.typ"
_CHILD: Final = str(Path(__file__).with_name("pictures_child.py"))
_DOTS_PER_INCH: Final = 220.0
#: The box has no more room.
LONGEST_HANDED: Final = 24


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands in the stamp; empty lines are for the pen."""

    agency: str
    number: str
    day: str
    handed_to: str = ""
    #: Số và ký hiệu hồ sơ.
    case_file: str = ""


def picture(stamp: Stamp) -> bytes:
    """The stamp as PNG on a transparent ground. The same input gives the same picture."""
    return _drawn(stamp, "png")


def print_copy(pdf: bytes, stamp: Stamp) -> bytes:
    """The first page of a document with the stamp on it, as a PDF of its own.

    Raises ChildFailed.
    """
    with tempfile.TemporaryDirectory(prefix="eoffice-stamp-") as name:
        directory = Path(name)
        (directory / "document.pdf").write_bytes(pdf)
        (directory / "stamp.pdf").write_bytes(_drawn(stamp, "pdf"))
        bounded.run((sys.executable, "-I", _CHILD, "stamp"), directory=directory)
        return (directory / "copy.pdf").read_bytes()


def _drawn(stamp: Stamp, kind: str) -> bytes:
    given = asdict(stamp)
    if len(stamp.handed_to) > LONGEST_HANDED:
        given["handed_to"] = f"{stamp.handed_to[: LONGEST_HANDED - 1]}…"
    normal = unicodedata.normalize("NFC", json.dumps(given, ensure_ascii=False))
    made: bytes = typst.compile(  # type: ignore[call-overload]
        str(_FORM),
        root=str(_FORM.parent),
        font_paths=_fonts(),
        format=kind,
        ppi=_DOTS_PER_INCH if kind == "png" else None,
        sys_inputs={"given": normal},
        timestamp=0,
    )
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
