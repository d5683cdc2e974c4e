"""What the file of a register holds, for the recheck: its embedded data and the text of its pages.

Adapter: the parsers run in a bounded child process, since a crafted file can make them use much
memory or abort; no database.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eoffice.files import bounded
from eoffice.registers import gradebook, gradebook_shape, recheck
from eoffice.registers.gradebook import DataUnreadable, Json, NotComplete
from eoffice.registers.kinds import recheck as kinds_recheck
from eoffice.registers.kinds import rendering as kinds_rendering
from eoffice.registers.kinds import table

_CHILD: Final = str(Path(__file__).with_name("gradebook_child.py"))


@dataclass(frozen=True, slots=True)
class GradebookFile:
    data: Json
    #: Exactly the bytes that are embedded.
    data_bytes: bytes
    pages: tuple[str, ...]
    #: None in files of release 0.1.0, which had no XML.
    xml: bytes | None = None


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """The same of the other kinds of registers."""

    data: Json
    data_bytes: bytes
    #: None where the file has lost its XML.
    xml: bytes | None
    pages: tuple[str, ...]


def read(pdf: bytes) -> GradebookFile | None:
    """The data and page texts of a gradebook; None for a file that carries no gradebook data.

    Raises DataUnreadable.
    """
    return _gradebook(*_looked_into(pdf))


def read_register(pdf: bytes) -> RegisterFile | None:
    """The same of a register of another kind. Raises DataUnreadable."""
    return _register(*_looked_into(pdf))


def data_of(pdf: bytes) -> Json | None:
    """The data inside a book of any kind; None for another file. Raises DataUnreadable."""
    files, pages = _looked_into(pdf)
    found = _gradebook(files, pages) or _register(files, pages)
    return None if found is None else found.data


def xml_of(pdf: bytes) -> bytes | None:
    """The XML inside a book of any kind, byte for byte; None where there is none.

    Raises DataUnreadable.
    """
    files, _ = _looked_into(pdf)
    return files.get(gradebook_shape.XML_FILE) or files.get(kinds_rendering.XML_FILE)


def check(pdf: bytes) -> tuple[recheck.Difference, ...] | None:
    """Compute every figure of a gradebook anew from its own marks, and look for it on its pages.

    None for a file that is no gradebook. Raises DataUnreadable, NotComplete.
    """
    found = read(pdf)
    return None if found is None else _gradebook_differences(found)


def differences(pdf: bytes) -> tuple[str, ...]:
    """What a register says that its own data do not, as sentences; none for other files.

    Data that cannot be read, or lack something, are a difference too: for whoever verifies, a
    register that cannot be rechecked is not in order.
    """
    try:
        files, pages = _looked_into(pdf)
        sentences: list[str] = []
        of_class = _gradebook(files, pages)
        if of_class is not None:
            sentences += (one.sentence for one in _gradebook_differences(of_class))
        register = _register(files, pages)
        if register is not None:
            told = kinds_recheck.differences(register.data, register.xml, register.pages)
            sentences += (one.sentence for one in told)
    except (DataUnreadable, NotComplete) as refusal:
        return (refusal.detail,)
    return tuple(sentences)


def _looked_into(pdf: bytes) -> tuple[Mapping[str, bytes], tuple[str, ...]]:
    try:
        answered = bounded.run((sys.executable, "-I", _CHILD), content=pdf)
    except bounded.ChildFailed as failed:
        raise DataUnreadable("Không đọc được dữ liệu và các trang của tệp PDF.") from failed
    found = json.loads(answered)
    files = {name: base64.b64decode(content) for name, content in found["files"].items()}
    return files, tuple(found["pages"])


def _gradebook(files: Mapping[str, bytes], pages: tuple[str, ...]) -> GradebookFile | None:
    content = files.get(gradebook.DATA_FILE)
    if content is None:
        return None
    xml = files.get(gradebook_shape.XML_FILE)
    return GradebookFile(gradebook.decoded(content), content, pages, xml)


def _register(files: Mapping[str, bytes], pages: tuple[str, ...]) -> RegisterFile | None:
    content = files.get(kinds_rendering.DATA_FILE)
    if content is None:
        return None
    xml = files.get(kinds_rendering.XML_FILE)
    return RegisterFile(table.decoded(content), content, xml, pages)


def _gradebook_differences(found: GradebookFile) -> tuple[recheck.Difference, ...]:
    differences = (
        *recheck.data_differences(found.data),
        *recheck.page_differences(found.data, found.pages),
    )
    # Data that follow the schema so far can be written as XML too.
    if found.xml is None or found.xml == gradebook_shape.xml_of(found.data):
        return differences
    sentence = "Dữ liệu XML của sổ khác dữ liệu JSON của sổ."
    return (*differences, recheck.Difference(gradebook_shape.XML_FILE, "", "", sentence))
