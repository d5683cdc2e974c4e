"""What a picture of a signature or of a seal has to be. Pixels in, reasons out.

The colours, the ground and the real size of the seal are Decree 30/2020's (annex I, part IV,
sections 7 and 8); how much of a picture has to keep to them is ours: scans are never exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from eoffice.errors import Invalid

LARGEST_BYTES: Final = 1_000_000
LONGEST_SIDE_PX: Final = 2_000
#: Diameter of the seal of a department and of a school.
SEAL_MM: Final = 36.0
LEAST_DPI: Final = 300
#: Of the diameter, either way; also how much a seal may be wider than high.
TOLERANCE: Final = 0.02
#: How much of the picture lets the paper through.
LEAST_CLEAR: Final = 0.30
#: How much of it may be opaque and white: rests of the paper that was scanned.
MOST_PAPER: Final = 0.03
#: How much of the ink has the colour it should have.
LEAST_COLOURED: Final = 0.90
#: How much of the picture is ink at all.
LEAST_INK: Final = 0.005
#: Of the full circle, how much of a seal's rim bears ink; a stamp is never quite even.
LEAST_RIM: Final = 0.60
LEAST_SIGNATURE_PX: Final = 300
#: Width by height of a signature's ink.
SLIMMEST, BROADEST = 0.8, 8.0
#: What is kept of a picture: enough for print at 300 dpi in the largest field, and no more, since
#: each signed file carries it.
KEPT_SIDE_PX: Final = 800

_SECTORS: Final = 72
#: Hues of 256, with how far they reach to both sides: red 0°, blue 225°.
_RED: Final = (0, 18)
_BLUE: Final = (160, 26)
#: Least saturation and brightness (of 255) of ink that has a colour at all.
_SATURATED, _BRIGHT = 70, 40
#: Paper: brighter and less saturated than this (of 255).
_WHITE, _PALE = 215, 40
#: Opacity (of 255) from which a pixel is ink, and up to which it is ground.
_INK, _GROUND = 128, 16


class Kind(StrEnum):
    #: hình ảnh chữ ký
    SIGNATURE = "signature"
    #: hình ảnh dấu
    SEAL = "seal"


class ImageRefused(Invalid):
    """The picture is not what the decree asks for; all that is wrong with it at once."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(
            "Ảnh chưa dùng được. " + " ".join(faults), fields={"file": " ".join(faults)}
        )
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Measures:
    """What was found on a picture. Shares are from 0 to 1."""

    width: int
    height: int
    #: The ink's own frame.
    ink_width: int
    ink_height: int
    ink: float
    clear: float
    paper: float
    #: Of the ink.
    red: float
    blue: float
    #: Of the ink: outside of the circle in the ink's frame; of the circle's rim: with ink on it.
    outside: float
    rim: float


def measure(image: Image.Image) -> Measures:
    """Look at an RGBA picture. Opaque white is paper, not ink."""
    alpha = image.getchannel("A")
    whole = image.width * image.height
    opaque, hue, saturation, brightness = _layers(image)
    paper = _paper(opaque, saturation, brightness)
    ink = ImageChops.subtract(opaque, paper)
    inked = _count(ink)
    clear = sum(alpha.histogram()[: _GROUND + 1]) / whole
    white = _count(paper) / whole
    frame = ink.getbbox()
    if frame is None:
        return Measures(image.width, image.height, 0, 0, 0.0, clear, white, 0.0, 0.0, 0.0, 0.0)
    left, top, right, bottom = frame
    coloured = ImageChops.multiply(
        ImageChops.multiply(ink, saturation.point(_from(_SATURATED))),
        brightness.point(_from(_BRIGHT)),
    )
    return Measures(
        width=image.width,
        height=image.height,
        ink_width=right - left,
        ink_height=bottom - top,
        ink=inked / whole,
        clear=clear,
        paper=white,
        red=_count(ImageChops.multiply(coloured, hue.point(_near(*_RED)))) / inked,
        blue=_count(ImageChops.multiply(coloured, hue.point(_near(*_BLUE)))) / inked,
        outside=_outside(ink.crop(frame)) / inked,
        rim=_rim(ink.crop(frame)),
    )


def faults(kind: Kind, found: Measures, *, dpi: float | None) -> tuple[str, ...]:
    """All that is wrong with a picture and what to do about it; nothing where it is as it should.

    `dpi`: as the file declares it; None where it does not, and then the seal's ink counts as wide
    as the seal.
    """
    if found.ink < LEAST_INK:
        return (
            "Ảnh gần như trống: không thấy nét mực. Hãy kiểm tra lại tệp và xuất lại ảnh có nét.",
        )
    wrong = _ground(found)
    wrong += _signature(found) if kind is Kind.SIGNATURE else _seal(found, dpi)
    return tuple(wrong)


def kept(image: Image.Image) -> Image.Image:
    """What is kept: the ink's frame, no larger than needed, and nothing below a clear ground."""
    opaque, _, saturation, brightness = _layers(image)
    ink = ImageChops.subtract(opaque, _paper(opaque, saturation, brightness))
    cut = image.crop(ink.getbbox())
    if max(cut.size) > KEPT_SIDE_PX:
        # Weighed by opacity: what stands unseen below a clear ground would bleed into the edges.
        cut = cut.convert("RGBa")
        cut.thumbnail((KEPT_SIDE_PX, KEPT_SIDE_PX), Image.Resampling.LANCZOS)
        cut = cut.convert("RGBA")
    alpha = cut.getchannel("A").point([0 if each <= _GROUND else each for each in range(256)])
    plain = Image.new("RGBA", cut.size, (0, 0, 0, 0))
    plain.paste(cut, mask=alpha.point(_from(1)))
    plain.putalpha(alpha)
    return plain


def _ground(found: Measures) -> list[str]:
    if found.clear >= LEAST_CLEAR and found.paper <= MOST_PAPER:
        return []
    if found.clear >= LEAST_CLEAR:
        return [
            f"Còn nền giấy trắng chưa xoá hết ({found.paper:.0%} diện tích ảnh). Hãy xoá cả phần "
            "trắng nằm giữa các nét rồi lưu lại dưới dạng PNG có nền trong suốt."
        ]
    return [
        f"Nền chưa trong suốt: mới có {found.clear:.0%} diện tích ảnh trong suốt, cần ít nhất "
        f"{LEAST_CLEAR:.0%}. Hãy xoá nền trắng rồi lưu lại dưới dạng PNG có nền trong suốt."
    ]


def _signature(found: Measures) -> list[str]:
    wrong = []
    if found.blue < LEAST_COLOURED:
        wrong.append(
            f"Chữ ký phải màu xanh: mới có {found.blue:.0%} nét mực màu xanh, cần ít nhất "
            f"{LEAST_COLOURED:.0%}. Hãy ký bằng bút mực xanh rồi quét màu lại."
        )
    if found.ink_width < LEAST_SIGNATURE_PX:
        wrong.append(
            f"Chữ ký chỉ rộng {found.ink_width} điểm ảnh, in ra sẽ nhoè. Hãy quét lại ở "
            f"{LEAST_DPI} dpi trở lên để chữ ký rộng ít nhất {LEAST_SIGNATURE_PX} điểm ảnh."
        )
    if not SLIMMEST <= found.ink_width / found.ink_height <= BROADEST:
        wrong.append(
            "Khung chữ ký quá cao hoặc quá dẹt so với chỗ ký. Hãy cắt ảnh chỉ còn chữ ký, không "
            "kèm chữ khác, và xoay ảnh cho chữ ký nằm ngang."
        )
    return wrong


def _seal(found: Measures, dpi: float | None) -> list[str]:
    wrong = []
    if found.red < LEAST_COLOURED:
        wrong.append(
            f"Dấu phải màu đỏ: mới có {found.red:.0%} nét mực màu đỏ, cần ít nhất "
            f"{LEAST_COLOURED:.0%}. Hãy đóng dấu bằng mực đỏ trên giấy trắng rồi quét màu lại."
        )
    longer, shorter = (
        max(found.ink_width, found.ink_height),
        min(found.ink_width, found.ink_height),
    )
    if longer > shorter * (1 + TOLERANCE) or found.outside > 0.01 or found.rim < LEAST_RIM:
        wrong.append(
            "Không thấy một con dấu tròn trọn vẹn. Hãy cắt ảnh chỉ còn con dấu, đủ cả vành ngoài, "
            "không kèm chữ ký hay chữ in, và không kéo giãn ảnh."
        )
    least = math.ceil(SEAL_MM / 25.4 * LEAST_DPI * (1 - TOLERANCE))
    if longer < least:
        wrong.append(
            f"Con dấu chỉ rộng {longer} điểm ảnh, in đúng cỡ {SEAL_MM:.0f} mm sẽ nhoè. Hãy quét "
            f"lại ở {LEAST_DPI} dpi trở lên để con dấu rộng ít nhất {least} điểm ảnh."
        )
    if dpi is not None and abs((longer / dpi * 25.4) / SEAL_MM - 1) > TOLERANCE:
        wide = f"{longer / dpi * 25.4:.1f}".replace(".", ",")
        wrong.append(
            f"Theo độ phân giải ghi trong tệp ({dpi:.0f} dpi) con dấu rộng {wide} mm, còn con dấu "
            f"thật rộng {SEAL_MM:.0f} mm (chênh lệch cho phép {TOLERANCE:.0%}). Hãy quét lại và "
            "giữ nguyên độ phân giải của máy quét khi lưu."
        )
    return wrong


def _layers(image: Image.Image) -> tuple[Image.Image, ...]:
    """Where the picture is opaque; its hue, saturation and brightness."""
    opaque = image.getchannel("A").point(_from(_INK))
    return opaque, *image.convert("RGB").convert("HSV").split()


def _paper(opaque: Image.Image, saturation: Image.Image, brightness: Image.Image) -> Image.Image:
    pale = saturation.point([255 if each <= _PALE else 0 for each in range(256)])
    return ImageChops.multiply(ImageChops.multiply(opaque, pale), brightness.point(_from(_WHITE)))


def _count(mask: Image.Image) -> int:
    return mask.histogram()[255]


def _from(least: int) -> list[int]:
    return [255 if each >= least else 0 for each in range(256)]


def _near(hue: int, reach: int) -> list[int]:
    """A table of hues, which go round."""
    return [255 if min((h - hue) % 256, (hue - h) % 256) <= reach else 0 for h in range(256)]


def _outside(ink: Image.Image) -> int:
    """Ink beyond the largest circle of its frame, a little more of which is allowed for."""
    disc = Image.new("L", ink.size, 255)
    spare = round(max(ink.size) * 0.01) + 1
    ImageDraw.Draw(disc).ellipse(
        (-spare, -spare, ink.width - 1 + spare, ink.height - 1 + spare), fill=0
    )
    return _count(ImageChops.multiply(ink, disc))


def _rim(ink: Image.Image) -> float:
    """Share of the directions in which there is ink near the rim."""
    across, down = (ink.width - 1) / 2, (ink.height - 1) / 2
    pixels = ink.load()
    assert pixels is not None

    def bears(sector: int) -> bool:
        angle = 2 * math.pi * (sector + 0.5) / _SECTORS
        steps = [0.90 + 0.1 * step / 24 for step in range(25)]
        return any(
            pixels[
                round(across * (1 + reach * math.cos(angle))),
                round(down * (1 + reach * math.sin(angle))),
            ]
            for reach in steps
        )

    return sum(bears(sector) for sector in range(_SECTORS)) / _SECTORS
