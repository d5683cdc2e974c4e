"""Pictures of signatures and seals as people would bring them: drawn here, none is a real one's."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

BLUE = (28, 60, 170, 255)
RED = (214, 22, 30, 255)
BLACK = (20, 20, 20, 255)
CLEAR = (255, 255, 255, 0)
WHITE = (255, 255, 255, 255)
#: 36 mm at 300 dpi.
REAL_SIZE = 425


def signature(
    *,
    ink: tuple[int, int, int, int] = BLUE,
    ground: tuple[int, int, int, int] = CLEAR,
    width: int = 640,
    height: int = 240,
) -> Image.Image:
    """A wave with a loop, with a margin of a twentieth."""
    image = Image.new("RGBA", (width, height), ground)
    draw = ImageDraw.Draw(image)
    points = [
        (
            width * (0.05 + 0.9 * step / 400),
            height * (0.5 + 0.4 * math.sin(step / 18) * math.cos(step / 90)),
        )
        for step in range(401)
    ]
    draw.line(points, fill=ink, width=max(3, height // 40), joint="curve")
    return image


def seal(
    *,
    ink: tuple[int, int, int, int] = RED,
    ground: tuple[int, int, int, int] = CLEAR,
    size: int = REAL_SIZE,
    margin: int = 20,
    stretch: float = 1.0,
    square: bool = False,
) -> Image.Image:
    """Two rings and a star-like cross in the middle."""
    wide, high = round(size * stretch), size
    image = Image.new("RGBA", (wide + 2 * margin, high + 2 * margin), ground)
    draw = ImageDraw.Draw(image)
    frame = (margin, margin, margin + wide - 1, margin + high - 1)
    shape = draw.rectangle if square else draw.ellipse
    shape(frame, outline=ink, width=size // 40)
    inner = size // 6
    shape(
        (frame[0] + inner, frame[1] + inner, frame[2] - inner, frame[3] - inner),
        outline=ink,
        width=size // 90,
    )
    across, down = image.width // 2, image.height // 2
    draw.rectangle((across - size // 6, down - 8, across + size // 6, down + 8), fill=ink)
    return image


def as_png(image: Image.Image, **how: Any) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **how)
    return out.getvalue()
