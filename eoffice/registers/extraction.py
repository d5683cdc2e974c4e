"""What a gradebook file holds, for the recheck: its embedded data and the text of its pages.

Adapter: the parsers run in a bounded child process, since a crafted file can make them use much
memory or abort; no database.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eoffice.files import bounded
from eoffice.registers import gradebook, recheck
from eoffice.registers.gradebook import DataUnreadable, Json, NotComplete

_CHILD: Final = str(Path(__file__).with_name("gradebook_child.py"))


@dataclass(frozen=True, slots=True)
class GradebookFile:
    data: Json
    #: Exactly the bytes that are embedded.
    data_bytes: bytes
    pages: tuple[str, ...]


def read(pdf: bytes) -> GradebookFile | None:
    """The data and page texts of a gradebook; None for a file that carries no gradebook data.

    Raises DataUnreadable.
    """
    try:
        answered = bounded.run((sys.executable, "-I", _CHILD), content=pdf)
    except bounded.ChildFailed as failed:
        raise DataUnreadable("Không đọc được dữ liệu và các trang của tệp PDF.") from failed
    found = json.loads(answered)
    if found["data"] is None:
        return None
    content = base64.b64decode(found["data"])
    return GradebookFile(gradebook.decoded(content), content, tuple(found["pages"]))


def check(pdf: bytes) -> tuple[recheck.Difference, ...] | None:
    """Compute every figure of a gradebook anew from its own marks, and look for it on its pages.

    None for a file that is no gradebook. Raises DataUnreadable, NotComplete.
    """
    found = read(pdf)
    if found is None:
        return None
    return (
        *recheck.data_differences(found.data),
        *recheck.page_differences(found.data, found.pages),
    )


def differences(pdf: bytes) -> tuple[str, ...]:
    """What a register says that its own data do not, as sentences; none for other files.

    Data that cannot be read, or lack something, are a difference too: for whoever verifies, a
    register that cannot be rechecked is not in order.
    """
    try:
        found = check(pdf)
    except (DataUnreadable, NotComplete) as refusal:
        return (refusal.detail,)
    return () if found is None else tuple(one.sentence for one in found)
