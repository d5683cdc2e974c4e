"""Bản in: a copy of a document for paper, with the mark of who printed it on every page.

The document itself, with its signatures, is never rewritten: the copy says of itself that it is
one, from which document it was made, and that it holds no signature that could be verified.

Source: Decree 30/2020, Annex VI: what is printed from the system says who printed it and when.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from eoffice.errors import Invalid
from eoffice.files import bounded
from eoffice.printing import printed_table, typesetting
from eoffice.web.principal import Principal

_FORM: Final = typesetting.FORMS / "print_mark.typ"
_CHILD: Final = str(Path(__file__).with_name("print_child.py"))
_SECONDS: Final = 60
_LONGEST: Final = 160


class NotPrintable(Invalid):
    """No copy with a mark can be made of this file."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The two lines in the margin."""

    printed_by: str
    unit: str
    at: datetime
    #: "960/SGDĐT-VP ngày 13/08/2018"; the name of a scan.
    document: str

    @classmethod
    def of(cls, who: Principal, document: str, at: datetime) -> Mark:
        unit = (
            who.agency_name
            if who.unit_id == who.agency_id
            else f"{who.unit_name}, {who.agency_name}"
        )
        return cls(f"{who.full_name}, {who.position_title}", unit, at, document)

    @property
    def lines(self) -> tuple[str, str]:
        """Who printed it and when; from what, and what the copy is not."""
        return (
            f"{printed_table.print_mark(_short(self.printed_by), self.at)} – {_short(self.unit)}",
            f"Bản in từ hệ thống, từ văn bản {_short(self.document)}."
            " Bản in không giữ chữ ký số; giá trị pháp lý ở bản gốc điện tử.",
        )


def make(pdf: bytes, mark: Mark) -> bytes:
    """The document with the mark in the left margin of every page. Raises NotPrintable."""
    with tempfile.TemporaryDirectory(prefix="eoffice-print-") as name:
        directory = Path(name)
        (directory / "document.pdf").write_bytes(pdf)
        (directory / "mark.pdf").write_bytes(_drawn(mark))
        try:
            bounded.run((sys.executable, "-I", _CHILD), seconds=_SECONDS, directory=directory)
        except bounded.ChildFailed as failed:
            raise NotPrintable(
                "Không lập được bản in của tệp này. Có thể tải bản gốc để in."
            ) from failed
        return (directory / "copy.pdf").read_bytes()


def _drawn(mark: Mark) -> bytes:
    lines = [printed_table.printable(line) for line in mark.lines]
    return typesetting.compose(_FORM, {"lines": lines}, at=mark.at).pdf


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
