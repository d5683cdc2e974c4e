"""What a signature looks like on the page: a PDF page of exactly the size of its field.

Decree 30/2020, appendix I: the competent person's signature is a blue image on a transparent
ground; the agency's is the image of its seal, red, in the real size of the seal, over about a third
of the person's on its left; the signature on a separate attachment is black text without image.
Where on the page, the field says; documents make the fields.

The pictures are those that were approved (`images`). Where an agency has none, the signature's
strokes and the seal are drawn from the names. A picture keeps its soft mask: allowed in PDF/A-2 and
PDF/A-3 (ISO 19005-2, 6.2.10), which is what is set here; what is drawn would do in PDF/A-1 too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import typst

from eoffice.clock import vietnam_time
from eoffice.printing.typesetting import FONTS

_FORM = Path(__file__).parent / "forms" / "stamp.typ"

#: Diameter of the seal of a department and of a school, in points (36 mm).
SEAL_DIAMETER_PT = 36 / 25.4 * 72
_BLUE = "#1f3fa8"


@dataclass(frozen=True, slots=True)
class Handwriting:
    """A person's signature. Without a picture the strokes follow from the name, the same at every
    signature."""

    name: str
    #: Lines under the strokes; registers use them, dispatches print name and title themselves.
    caption: tuple[str, ...] = ()
    #: PNG with alpha, as `images.receiving` keeps it.
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Seal:
    """A unit's seal, with who signed and when beneath it where the field leaves room."""

    agency: str
    #: Whom the agency belongs to; runs around the seal.
    superior: str
    signed_at: datetime
    #: PNG with alpha, cut to the seal's rim.
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Words:
    """Black text without an image, for separate attachments and copies."""

    lines: tuple[str, ...]


Appearance = Handwriting | Seal | Words

#: As many letters of ten points as stand on a line of the field.
_LINE = 54


def said_at(words: str, at: datetime) -> Words:
    """The words of a signature without image, and its time: "Số: …; 13/08/2018; 14:49:08; +07:00".

    On one line where there is room. Decree 30/2020, Annex III, forms 2.2 and 3.2.
    """
    local = vietnam_time(at)
    time = f"{local:%d/%m/%Y}; {local:%H:%M:%S}; +07:00"
    whole = f"{words}; {time}"
    return Words((whole,)) if len(whole) <= _LINE else Words((f"{words};", time))


@lru_cache(maxsize=128)
def render(appearance: Appearance, *, width_pt: float, height_pt: float) -> bytes:
    """One transparent PDF page of this size. The same input gives the same page."""
    given: dict[str, object] = {"width": width_pt, "height": height_pt}
    picture = None if isinstance(appearance, Words) else appearance.picture
    match appearance:
        case Handwriting(name, caption):
            given |= {
                "kind": "handwriting",
                "stroke": _wrapped(picture) if picture else _strokes(name),
                "caption": caption,
            }
        case Seal(agency, superior, signed_at):
            given |= {
                "kind": "seal",
                "stroke": _wrapped(picture) if picture else "",
                "diameter": SEAL_DIAMETER_PT,
                "agency": _broken(agency.upper()),
                "superior": superior.upper(),
                "caption": (f"Cơ quan ký: {agency}", f"Thời gian ký: {signing_time(signed_at)}"),
            }
        case Words(lines):
            given |= {"kind": "words", "caption": lines}
    normal = unicodedata.normalize("NFC", json.dumps(given, ensure_ascii=False))
    return typst.compile(
        str(_FORM),
        root=str(_FORM.parent),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"given": normal},
        timestamp=0,
        pdf_standards="a-2b",
        pdf_tags=False,
    )


def signing_time(at: datetime) -> str:
    """The time of signing as the decree wants it: date, time to the second, and zone of Vietnam."""
    local = vietnam_time(at)
    return f"{local:%d-%m-%Y %H:%M:%S} +07:00"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def _broken(agency: str) -> tuple[str, ...]:
    """A name in two to four lines of about the same length, for the middle of a seal."""
    words = agency.split()
    lines = min(4, max(1, round(len(agency) / 11)), len(words))
    target = len(agency) / lines
    broken: list[str] = []
    for word in words:
        if broken and (len(broken) == lines or len(broken[-1]) + len(word) / 2 < target):
            broken[-1] += f" {word}"
        else:
            broken.append(word)
    return tuple(broken)


def _wrapped(png: bytes) -> str:
    """A picture in an SVG of its own: what the form is given has to be text."""
    width, height = struct.unpack_from(">II", png, 16)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" '
        f'href="data:image/png;base64,{base64.b64encode(png).decode("ascii")}"/></svg>'
    )


def _strokes(name: str) -> str:
    """A plausible signature as an SVG picture: loops for the letters, then a flourish."""
    seed = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).digest()
    hand = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    x, base = 12.0, 62.0
    path = [f"M {x:.1f} {base - 30:.1f}"]
    # The initial: one tall loop.
    path.append(
        f"c {hand.uniform(-8, 6):.1f} {hand.uniform(-30, -18):.1f}, "
        f"{hand.uniform(22, 34):.1f} {hand.uniform(-26, -6):.1f}, "
        f"{hand.uniform(4, 12):.1f} {hand.uniform(34, 44):.1f}"
    )
    for _ in range(5 + len(name.split()) % 4):
        rise = hand.uniform(10, 34) * (1.6 if hand.random() < 0.25 else 1)
        step = hand.uniform(11, 19)
        path.append(
            f"c {step * 0.9:.1f} {-rise:.1f}, {step * 1.3:.1f} {-rise * 0.8:.1f}, "
            f"{step * 0.5:.1f} {hand.uniform(-3, 5):.1f}"
        )
        path.append(
            f"s {step * 0.4:.1f} {hand.uniform(2, 9):.1f}, {step:.1f} {hand.uniform(-7, 1):.1f}"
        )
    path.append(
        f"c {hand.uniform(20, 40):.1f} {hand.uniform(-26, -10):.1f}, "
        f"{hand.uniform(46, 60):.1f} {hand.uniform(8, 20):.1f}, "
        f"{hand.uniform(-30, -12):.1f} {hand.uniform(12, 20):.1f}"
    )
    path.append(f"s {hand.uniform(-110, -80):.1f} {hand.uniform(-2, 8):.1f}, -96 6")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 100">'
        f'<path d="{" ".join(path)}" fill="none" stroke="{_BLUE}" stroke-width="2.4" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
