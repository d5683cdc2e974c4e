"""Pictures, layers of words and a stamp into PDF, in a child: `combine`, `layers` or `stamp`.

Works on the files of its directory, so nothing of a stranger is parsed by the office itself.
"""

import sys
from pathlib import Path

import pikepdf
from PIL import Image, ImageOps, ImageSequence

HERE = Path()
MOST_PAGES = 300
#: A page of A3 at 600 dots per inch.
MOST_PIXELS = 7_100 * 10_000
#: What a scanner makes; decoders for anything else are not started.
FORMATS = ("JPEG", "PNG", "TIFF")
#: Where a picture does not say how large it is, it fills the width of A4.
A4_WIDTH_INCHES = 8.27
#: Where the stamp stands: in the margin's column below number and notation (art. 22).
MILLIMETRE = 72 / 25.4
FROM_LEFT, FROM_TOP = 18, 52
#: A picture that claims to be larger than a poster does not know its size.
SMALLEST_DPI, LARGEST_DPI = 50, 1200


def combine() -> None:
    """All `*.picture` into `document.pdf`."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    pages = pikepdf.new()
    for file in sorted(HERE.glob("*.picture")):
        with Image.open(file, formats=FORMATS) as picture:
            for frame in ImageSequence.Iterator(picture):
                if len(pages.pages) >= MOST_PAGES:
                    raise ValueError("too many pages")
                if frame.width * frame.height > MOST_PIXELS:
                    raise ValueError("too many pixels")
                _add(pages, frame)
    if not pages.pages:
        raise ValueError("no pictures")
    pages.save(HERE / "document.pdf", deterministic_id=True)


def layers() -> None:
    """Each `N.layer.pdf` over page N of `document.pdf`, into `copy.pdf`."""
    with pikepdf.open(HERE / "document.pdf") as document:
        for file in HERE.glob("*.layer.pdf"):
            with pikepdf.open(file) as layer:
                page = document.pages[int(file.name.partition(".")[0]) - 1]
                page.add_overlay(layer.pages[0], pikepdf.Rectangle(*page.trimbox))
        document.save(HERE / "copy.pdf")


def stamp() -> None:
    """`stamp.pdf` over page 1 of `document.pdf`, which alone goes into `copy.pdf`."""
    with (
        pikepdf.open(HERE / "document.pdf") as document,
        pikepdf.open(HERE / "stamp.pdf") as drawn,
        pikepdf.new() as copy,
    ):
        copy.pages.append(document.pages[0])
        page = copy.pages[0]
        left, _, _, top = (float(each) for each in page.trimbox)
        seal = drawn.pages[0]
        width, height = float(seal.mediabox[2]), float(seal.mediabox[3])
        x, y = left + FROM_LEFT * MILLIMETRE, top - FROM_TOP * MILLIMETRE - height
        page.add_overlay(seal, pikepdf.Rectangle(x, y, x + width, y + height))
        copy.save(HERE / "copy.pdf", deterministic_id=True)


def _add(pages: pikepdf.Pdf, frame: Image.Image) -> None:
    upright = ImageOps.exif_transpose(frame)
    dpi = _dpi(upright)
    if upright.mode not in ("1", "L", "RGB"):
        upright = _on_white(upright)
    part = HERE / "page.part.pdf"
    # Black and white is kept without loss (Group 4), anything else as JPEG.
    quality = {} if upright.mode == "1" else {"quality": 90}
    upright.save(part, format="PDF", resolution=dpi, **quality)
    with pikepdf.open(part) as one:
        pages.pages.extend(one.pages)


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: what shone through was paper."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    paper = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(paper, seen).convert("RGB")


def _dpi(picture: Image.Image) -> float:
    told = picture.info.get("dpi", (0, 0))[0]
    if SMALLEST_DPI <= float(told) <= LARGEST_DPI and float(told) != 72:
        return float(told)
    return min(picture.size) / A4_WIDTH_INCHES


if __name__ == "__main__":
    {"combine": combine, "layers": layers, "stamp": stamp}[sys.argv[1]]()
