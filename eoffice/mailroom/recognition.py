"""Reading the words of a page from its picture, by tesseract where the machine has it.

A picture comes from a stranger's file: it is drawn, read and put together in bounded children.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eoffice.files import bounded, page_images
from eoffice.files.letters import normalised
from eoffice.settings import settings

_CHILD: Final = str(Path(__file__).with_name("pictures_child.py"))
#: A4 at about 240 dots per inch, the widest picture that is drawn.
_WIDTH_PX: Final = page_images.WIDEST
_DOTS_PER_INCH: Final = "240"
_A_PAGE_S: Final = 25


class ReaderUnavailable(Exception):
    """The machine has no reader of pages, or not for the languages that are set."""


@dataclass(frozen=True, slots=True)
class PageRead:
    text: str
    #: A PDF of one page with the words alone, invisible, where they stand.
    layer: bytes


@dataclass(frozen=True, slots=True)
class Reader:
    program: str
    #: As the program wants them: "vie" or "vie+eng".
    languages: str

    def read(self, pdf: bytes, number: int) -> PageRead | None:
        """The words of a page (from one); None where they cannot be made out."""
        with tempfile.TemporaryDirectory(prefix="eoffice-page-") as name:
            directory = Path(name)
            try:
                picture = page_images.page_image(pdf, number, _WIDTH_PX)
                bounded.run(
                    (
                        self.program,
                        "stdin",
                        str(directory / "page"),
                        "-l",
                        self.languages,
                        "--dpi",
                        _DOTS_PER_INCH,
                        "-c",
                        "textonly_pdf=1",
                        "pdf",
                        "txt",
                    ),
                    content=picture,
                    seconds=_A_PAGE_S,
                    environment={"OMP_THREAD_LIMIT": "1", "TMPDIR": name},
                    directory=directory,
                )
                text = (directory / "page.txt").read_text(encoding="utf-8", errors="replace")
                return PageRead(plain(text), (directory / "page.pdf").read_bytes())
            except (bounded.ChildFailed, page_images.PageMissing, FileNotFoundError):
                return None


def reader() -> Reader:
    """The reader of this machine. Raises ReaderUnavailable."""
    wanted = [each for each in settings().ocr_languages.split("+") if each]
    program = shutil.which(settings().ocr_program) if settings().ocr_program else None
    if program is None or not wanted:
        raise ReaderUnavailable("no program")
    try:
        listed = bounded.run((program, "--list-langs"), seconds=5).decode("utf-8", "replace")
    except bounded.ChildFailed as failed:
        raise ReaderUnavailable("the program fails") from failed
    known = [each for each in wanted if each in listed.split()]
    if not known:
        raise ReaderUnavailable("no language")
    return Reader(program, "+".join(known))


def with_words(pdf: bytes, layers: Mapping[int, bytes]) -> bytes:
    """A copy of the file whose pages (from one) bear their words, invisible and to be found.

    Raises ChildFailed.
    """
    with tempfile.TemporaryDirectory(prefix="eoffice-layers-") as name:
        directory = Path(name)
        (directory / "document.pdf").write_bytes(pdf)
        for number, layer in layers.items():
            (directory / f"{number}.layer.pdf").write_bytes(layer)
        bounded.run((sys.executable, "-I", _CHILD, "layers"), seconds=60, directory=directory)
        return (directory / "copy.pdf").read_bytes()


def one_pdf(pictures: Sequence[bytes]) -> bytes:
    """The pictures as the pages of one PDF, in their order; a TIFF can hold several.

    Raises ChildFailed for what is no picture, too large, or too many pages.
    """
    with tempfile.TemporaryDirectory(prefix="eoffice-pictures-") as name:
        directory = Path(name)
        for position, picture in enumerate(pictures):
            (directory / f"{position:04d}.picture").write_bytes(picture)
        bounded.run((sys.executable, "-I", _CHILD, "combine"), seconds=60, directory=directory)
        return (directory / "document.pdf").read_bytes()


def plain(text: str) -> str:
    """The words as they are kept: composed letters, no control characters, no trailing blanks."""
    lines = (normalised(line.replace("\f", " ")).rstrip() for line in text.splitlines())
    return "\n".join(lines).strip()
