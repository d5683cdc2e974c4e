"""Puts the mark of a print into the margin of every page, in a child: `document.pdf` → `copy.pdf`.

What is left is for reading and for paper: fields, signatures and everything that acts are taken
out, what they look like stays.
"""

from pathlib import Path

import pikepdf

HERE = Path()
MILLIMETRE = 72 / 25.4
FROM_EDGE = 3 * MILLIMETRE
#: What is done in the file when it is opened, and what claims that it is still the signed one.
GONE = (
    "/AcroForm",
    "/AA",
    "/OpenAction",
    "/Perms",
    "/DSS",
    "/Metadata",
    "/Extensions",
    "/Collection",
)


def mark() -> None:
    with (
        pikepdf.open(HERE / "document.pdf") as document,
        pikepdf.open(HERE / "mark.pdf") as drawn,
    ):
        document.flatten_annotations("print")
        for name in GONE:
            if name in document.Root:
                del document.Root[name]
        for name in ("/JavaScript", "/EmbeddedFiles"):
            if "/Names" in document.Root and name in document.Root.Names:
                del document.Root.Names[name]
        strip = drawn.pages[0]
        width, height = float(strip.mediabox[2]), float(strip.mediabox[3])
        for page in document.pages:
            if "/AA" in page.obj:
                del page.obj["/AA"]
            if "/Annots" in page.obj:
                # Links act; what they look like is on the page.
                del page.obj["/Annots"]
            page.add_overlay(strip, _margin(page, width, height))
        document.save(HERE / "copy.pdf")


def _margin(page: pikepdf.Page, width: float, height: float) -> pikepdf.Rectangle:
    """The left margin as the page is seen, in the coordinates of the page as it lies."""
    left, bottom, right, top = (float(each) for each in page.cropbox)
    angle = int(page.obj.get("/Rotate", 0)) % 360
    seen_height = top - bottom if angle in (0, 180) else right - left
    length = min(height, seen_height - 2 * FROM_EDGE)
    across = width * length / height
    middle_x, middle_y = (left + right) / 2, (bottom + top) / 2
    if angle == 90:
        first = bottom + FROM_EDGE
        return pikepdf.Rectangle(
            middle_x - length / 2, first, middle_x + length / 2, first + across
        )
    if angle == 180:
        last = right - FROM_EDGE
        return pikepdf.Rectangle(last - across, middle_y - length / 2, last, middle_y + length / 2)
    if angle == 270:
        last = top - FROM_EDGE
        return pikepdf.Rectangle(middle_x - length / 2, last - across, middle_x + length / 2, last)
    first = left + FROM_EDGE
    return pikepdf.Rectangle(first, middle_y - length / 2, first + across, middle_y + length / 2)


if __name__ == "__main__":
    mark()
