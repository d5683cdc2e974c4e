"""Reads one PDF in a child process: `sizes`, `draw`, `words` or `places`.

Started by `eoffice.files.page_images` in a directory of its own with the file `document.pdf`,
which is read by parts: of a scan of 200 pages only what one page needs comes into memory. Imports
the parser and nothing of the office.
"""

import json
import sys
from pathlib import Path

import pypdfium2
from pypdfium2 import raw

HERE = Path()
#: Of a picture: four pages of the widest size. A page may be given the shape of a mile of tape.
MOST_PIXELS = 4 * 2000 * 2829
#: More text than a decree of a thousand pages.
MOST_CHARACTERS = 2_000_000
#: A page's width and height in the places of words.
WHOLE = 10_000


def sizes() -> list[list[float]]:
    """Width and height of each page in points, as it is seen."""
    file = pypdfium2.PdfDocument(HERE / "document.pdf")
    return [list(file.get_page_size(index)) for index in range(len(file))]


def draw(width: int, numbers: list[int]) -> None:
    """Pages (from one) as `N.png`, `width` pixels wide, or less where one is very long.

    A page behind the last one is left out.
    """
    file = pypdfium2.PdfDocument(HERE / "document.pdf")
    file.init_forms()
    for number in numbers:
        if not 1 <= number <= len(file):
            continue
        page = file[number - 1]
        scale = width / page.get_width()
        most = (MOST_PIXELS / (page.get_width() * page.get_height())) ** 0.5
        bitmap = page.render(scale=min(scale, most), may_draw_forms=True)
        picture = bitmap.to_pil().convert("RGB").quantize(128)
        picture.save(HERE / f"{number}.png", "PNG", optimize=False)
        page.close()


def words() -> list[str]:
    """The characters of each page, as many as `places` counts, form fields included."""
    file = pypdfium2.PdfDocument(HERE / "document.pdf")
    file.init_forms()
    pages: list[str] = []
    length = 0
    for index in range(len(file)):
        page, textpage = _text_of(file, index)
        count = textpage.count_chars()
        found = textpage.get_text_range(0, count) if count else ""
        if len(found) != count:
            found = "".join(_letter(textpage, place) for place in range(count))
        pages.append(found[: MOST_CHARACTERS - length])
        length += len(found)
        page.close()
        if length > MOST_CHARACTERS:
            break
    return pages


def places(asked: list[list[int]]) -> list[list[list[int]]]:
    """For each page (from one), first character and count: boxes of its lines.

    A box is left, top, width and height in ten-thousandths of the page as it is seen.
    """
    file = pypdfium2.PdfDocument(HERE / "document.pdf")
    file.init_forms()
    found: list[list[list[int]]] = [[] for _ in asked]
    for number in sorted({of_page for of_page, _, _ in asked}):
        page, textpage = _text_of(file, number - 1)
        for position, (of_page, start, count) in enumerate(asked):
            if of_page == number:
                rects = range(textpage.count_rects(start, count))
                found[position] = [_box(page, textpage.get_rect(each)) for each in rects]
        page.close()
    return found


def _text_of(
    file: pypdfium2.PdfDocument, index: int
) -> tuple[pypdfium2.PdfPage, pypdfium2.PdfTextPage]:
    if file.formenv is not None:
        file[index].flatten()
    page = file[index]
    return page, page.get_textpage()


def _letter(textpage: pypdfium2.PdfTextPage, place: int) -> str:
    code = raw.FPDFText_GetUnicode(textpage, place)
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else " "


def _box(page: pypdfium2.PdfPage, rect: tuple[float, ...]) -> list[int]:
    """Turned and cut as the page is seen."""
    left, bottom, right, top = rect
    first = _device(page, left, top)
    second = _device(page, right, bottom)
    x, y = min(first[0], second[0]), min(first[1], second[1])
    return [x, y, abs(first[0] - second[0]), abs(first[1] - second[1])]


def _device(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    from_left, from_top = raw.c_int(), raw.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, WHOLE, WHOLE, 0, x, y, from_left, from_top)
    return from_left.value, from_top.value


if __name__ == "__main__":
    if sys.argv[1] == "sizes":
        sys.stdout.write(json.dumps(sizes()))
    elif sys.argv[1] == "words":
        sys.stdout.write(json.dumps(words()))
    elif sys.argv[1] == "places":
        sys.stdout.write(json.dumps(places(json.load(sys.stdin))))
    else:
        draw(int(sys.argv[2]), [int(each) for each in sys.argv[3:]])
