"""Looks at one PDF in a child process: `inspect` or `find PAGE WORDS`.

Started by `eoffice.files.bounded`; reads the file from standard input and writes JSON.
Imports the two parsers and nothing of the office. What is found is judged in `intake.py`.
"""

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2

#: More text than a decree of a thousand pages.
MOST_CHARACTERS = 2_000_000
DEEPEST = 60

#: Actions that do more than jump within the file or open an address which the reader sees.
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/ResetForm",
        "/Rendition",
        "/Sound",
        "/Movie",
        "/GoToE",
        "/GoToR",
        "/GoTo3DView",
        "/RichMediaExecute",
        "/SetOCGState",
        "/Hide",
        "/Trans",
    }
)
ACTIVE_ANNOTATIONS = frozenset(
    {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
)


def inspect(content: bytes) -> dict[str, Any]:
    """Pages, text, and the kinds of active content, encryption and signatures that are in it."""
    try:
        with pikepdf.open(io.BytesIO(content)) as file:
            found = {"encrypted"} if file.is_encrypted else set()
            found |= set(_catalogue(file))
            for each in file.objects:
                found |= set(_active(each, 0))
            pages = len(file.pages)
            sizes = [[float(edge) for edge in page.mediabox] for page in file.pages[:1]]
    except pikepdf.PasswordError:
        return {"found": ["password"], "pages": 0, "text": "", "sizes": []}
    return {"found": sorted(found), "pages": pages, "text": text(content), "sizes": sizes}


def text(content: bytes) -> str:
    """The words of all pages with what stands in the form fields, a form feed between pages."""
    file = pypdfium2.PdfDocument(content)
    file.init_forms()
    pages: list[str] = []
    length = 0
    for number in range(len(file)):
        if file.formenv is not None:
            file[number].flatten()
        words = file[number].get_textpage().get_text_bounded()
        pages.append(words)
        length += len(words)
        if length > MOST_CHARACTERS:
            break
    return "\f".join(pages)[:MOST_CHARACTERS].replace("\ufffe", "-")


def find(content: bytes, number: int, words: str) -> list[float] | None:
    """Where `words` stand first: page, left, bottom, right, top; then the page's width and height.

    Page -1 is the last one.
    """
    file = pypdfium2.PdfDocument(content)
    index = len(file) - 1 if number == -1 else number - 1
    page = file[index]
    textpage = page.get_textpage()
    match = textpage.search(words, match_case=True).get_next()
    if match is None:
        return None
    start, count = match
    boxes = [textpage.get_charbox(place) for place in range(start, start + count)]
    return [
        float(index + 1),
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
        page.get_width(),
        page.get_height(),
    ]


def _catalogue(file: pikepdf.Pdf) -> Iterator[str]:
    root = file.Root
    names: Any = root.get("/Names", {})
    for key in ("/JavaScript", "/EmbeddedFiles"):
        if key in names:
            yield f"names{key}"
    if isinstance(root.get("/OpenAction"), pikepdf.Dictionary):
        action = str(root.OpenAction.get("/S", ""))
        if action != "/GoTo":
            yield "OpenAction"
    form = root.get("/AcroForm")
    if form is not None and "/XFA" in form:
        yield "XFA"


def _active(found: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        yield "too deep"
        return
    if isinstance(found, pikepdf.Stream):
        found = found.stream_dict
    if isinstance(found, pikepdf.Dictionary):
        # An indirect object is looked at when its own turn comes.
        if depth and found.is_indirect:
            return
        action = str(found.get("/S", ""))
        if action in ACTIVE_ACTIONS:
            yield f"action{action}"
        for key in ("/AA", "/JS", "/EF"):
            if key in found:
                yield key[1:]
        if str(found.get("/Subtype", "")) in ACTIVE_ANNOTATIONS:
            yield f"annotation{found.Subtype}"
        if str(found.get("/FT", "")) == "/Sig" and "/V" in found:
            yield "signed"
        for key in list(found.keys()):
            yield from _active(found[key], depth + 1)
    elif isinstance(found, pikepdf.Array):
        if depth and found.is_indirect:
            return
        for each in found:
            yield from _active(each, depth + 1)


if __name__ == "__main__":
    received = sys.stdin.buffer.read()
    if sys.argv[1] == "inspect":
        sys.stdout.write(json.dumps(inspect(received)))
    else:
        sys.stdout.write(json.dumps(find(received, int(sys.argv[2]), sys.argv[3])))
