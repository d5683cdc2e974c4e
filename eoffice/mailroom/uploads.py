"""Files that a clerk brings with an incoming document: looked at, kept as they are, named."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.files import intake
from eoffice.files.intake import MediaType
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing.outside_rules import OutsideFile

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """One file in the object store: the document itself, or what goes with it."""

    content: Sha256 | None
    page_count: int | None
    files: tuple[OutsideFile, ...]


NOTHING = Kept(None, None, ())


def keep(name: str, content: bytes) -> Kept:
    """Put an acceptable file into the store. A PDF is the document, anything else goes with it.

    Raises what `intake.receive` raises.
    """
    received = intake.receive(content)
    digest = configured.store().put(content, received.media_type)
    if received.media_type is MediaType.PDF:
        return Kept(digest, received.page_count, ())
    file = OutsideFile(plain_name(name), received.media_type, len(content), digest)
    return Kept(None, None, (file,))


def plain_name(name: str) -> str:
    """The last part of a path, without what cannot be seen, of a length that file systems take."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    stem, dot, extension = shown.rpartition(".")
    if len(shown) > LONGEST_NAME:
        shown = f"{stem[: LONGEST_NAME - len(extension) - 1]}{dot}{extension}"[:LONGEST_NAME]
    return shown or "tệp không tên"
