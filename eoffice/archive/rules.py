"""Who may decide about inspections, what a school year is, what an entry is described by. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from eoffice.archive.states import EntryKind, InspectionState
from eoffice.audit import leaf
from eoffice.errors import Invalid
from eoffice.signing.verdict import Level

#: Positions that may enter inspection decisions of their agency.
MAY_DECIDE: Final = frozenset({"head", "deputy_head", "operator"})
INSPECTOR: Final = "inspector"
#: A school year begins in August: the plan circulars of the ministry let schools open again from
#: the middle of that month. Documents are counted to the year in which they were issued.
_FIRST_MONTH: Final = 8
_SCHOOL_YEAR = re.compile(r"(\d{4})\s*[-–]\s*(\d{4})")

_LEVELS: Final = (Level.NOT_PADES, Level.B_B, Level.B_T, Level.B_LT, Level.B_LTA)


@dataclass(frozen=True, slots=True)
class Description:
    """What an entry is about: everything that the log swears to beside the content."""

    entry_id: UUID
    kind: EntryKind
    source_id: UUID
    agency_id: UUID
    agency_name: str
    unit_id: UUID
    title: str
    number_notation: str | None
    school_year: str
    class_name: str | None
    issued_on: date | None
    content_sha256: str
    size_bytes: int
    archived_at: datetime

    def canonical(self) -> bytes:
        """As it stands in `metadata.json` of a package; the log has the digest of these bytes."""
        return leaf.canonical(
            {
                "entry_id": str(self.entry_id),
                "kind": self.kind.value,
                "source_id": str(self.source_id),
                "agency": {"id": str(self.agency_id), "name": self.agency_name},
                "unit_id": str(self.unit_id),
                "title": self.title,
                "number_notation": self.number_notation,
                "school_year": self.school_year,
                "class_name": self.class_name,
                "issued_on": None if self.issued_on is None else self.issued_on.isoformat(),
                "content_sha256": self.content_sha256,
                "size_bytes": self.size_bytes,
                "archived_at": leaf.instant(self.archived_at),
            }
        )


def school_year(text: str) -> str:
    """ "2024-2025" from what was typed. Raises Invalid."""
    match = _SCHOOL_YEAR.fullmatch(text.strip())
    if match is None or int(match[2]) != int(match[1]) + 1:
        raise Invalid(f"“{text}” không phải là một năm học. Hãy ghi như 2024-2025.")
    return f"{match[1]}-{match[2]}"


def school_year_of(on: date) -> str:
    """The school year to which a day belongs."""
    first = on.year if on.month >= _FIRST_MONTH else on.year - 1
    return f"{first}-{first + 1}"


def lowest_level(levels: Iterable[Level]) -> Level | None:
    """The level that every signature of a file reaches; None for a file without signatures."""
    return min(levels, key=_LEVELS.index, default=None)


def inspection_state(
    valid_from: date, valid_to: date, ended_at: datetime | None, *, on: date
) -> InspectionState:
    """Both days are included; an inspection that was ended early is over at once."""
    if ended_at is not None or on > valid_to:
        return InspectionState.OVER
    return InspectionState.COMING if on < valid_from else InspectionState.RUNNING


def file_name(title: str, number_notation: str | None) -> str:
    """A name for a downloaded file: ASCII, without its extension, at most 60 characters."""
    text = f"{number_notation} {title}" if number_notation else title
    plain = text.translate(_WITHOUT_MARKS).lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:60].strip("-") or "van-ban"


def _without_marks() -> Mapping[int, str]:
    letters = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư"
    letters += "".join(map(chr, range(0x1EA0, 0x1EFA)))
    return {
        ord(letter): "d" if letter in "Đđ" else unicodedata.normalize("NFD", letter)[0]
        for letter in letters
    }


_WITHOUT_MARKS: Final = _without_marks()
