"""How another document is named as a legal base (Decree 30/2020, Annex I, part II, 6.b). Pure.

Type, number and notation, day, agency and subject; of laws and ordinances type and name, with the
day on which they were passed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.documents import types

_STATUTE: Final = re.compile(r"(?i)^(?:hiến pháp|bộ luật|luật|pháp lệnh)$")
_ABOUT: Final = re.compile(r"(?i)^(?:v/v|về(?: việc)?|quy định|ban hành|sửa đổi|phê duyệt)\b")


class Source(StrEnum):
    """Where a cited document was found."""

    #: văn bản đi of the agency
    ISSUED = "issued"
    #: văn bản đến
    RECEIVED = "received"
    #: the agency's own register of laws
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Citable:
    """A document that can be named as a legal base, with where it was found."""

    source: Source
    source_id: UUID
    #: "Quyết định"
    type_name: str
    #: "12/QĐ-SGDĐT"
    code: str
    issued_on: date
    issuer: str
    subject: str

    @property
    def words(self) -> str:
        """The line of the draft, without final punctuation."""
        return citation(self.type_name, self.code, self.issued_on, self.issuer, self.subject)


def citation(type_name: str, code: str, issued_on: date, issuer: str, subject: str) -> str:
    """ "Căn cứ Quyết định số 12/QĐ-SGDĐT ngày 05 tháng 9 năm 2018 của Sở … về việc …"."""
    day = types.printed_date(issued_on)
    subject = subject.strip(" .;")
    if _STATUTE.match(type_name):
        return f"Căn cứ {type_name} {subject} {day}"
    return f"Căn cứ {type_name} số {code} {day} của {issuer} {_about(subject)}".rstrip()


def _about(subject: str) -> str:
    if not subject:
        return ""
    if not _ABOUT.match(subject):
        return f"về việc {subject[0].lower()}{subject[1:]}"
    subject = re.sub(r"(?i)^v/v", "về việc", subject)
    return f"{subject[0].lower()}{subject[1:]}"
