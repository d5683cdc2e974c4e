"""Phiếu giải quyết văn bản đến: one sheet that says who told whom what about an incoming document.

Decree 30/2020, Annex IV: three blocks, of the head of the agency, of the head of the unit, and of
whoever handles it. Adapter: the typesetter; no database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from eoffice import clock
from eoffice.files import letters
from eoffice.people.kinds import PositionKind
from eoffice.people.views import Letterhead
from eoffice.printing import typesetting

_FORM: Final = Path(__file__).parent / "forms" / "slip.typ"
_HEADS_OF_UNITS: Final = frozenset(
    {PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY, PositionKind.DEPUTY_HEAD}
)


class Block(StrEnum):
    HEAD = "head"
    UNIT_HEAD = "unit_head"
    HANDLER = "handler"


BLOCK_NAMES: Final = {
    Block.HEAD: "Ý kiến của lãnh đạo cơ quan, tổ chức",
    Block.UNIT_HEAD: "Ý kiến của lãnh đạo đơn vị",
    Block.HANDLER: "Ý kiến đề xuất và việc đã làm của người giải quyết",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody wrote, and when."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Slip:
    """All that stands on the sheet."""

    number: int
    arrived_on: date
    code: str
    type_name: str
    issued_on: date
    sender_name: str
    subject: str
    #: Who leads, cooperates, is to know: "Chủ trì: …"
    handed_to: tuple[str, ...]
    due_on: date | None
    blocks: dict[Block, tuple[Entry, ...]]


def block_of(position_kind: str) -> Block:
    """In which block somebody in this position writes."""
    if position_kind == PositionKind.HEAD:
        return Block.HEAD
    return Block.UNIT_HEAD if position_kind in _HEADS_OF_UNITS else Block.HANDLER


def arranged(written: Iterable[tuple[Block, Entry]]) -> dict[Block, tuple[Entry, ...]]:
    """Every block with its entries, oldest first; an empty one is there too."""
    entries = sorted(written, key=lambda each: each[1].at)
    return {block: tuple(entry for of, entry in entries if of is block) for block in Block}


def pdf(slip: Slip, letterhead: Letterhead, *, printed_by: str, at: datetime) -> bytes:
    """The sheet as PDF/A-2b, the same bytes for the same arguments. Raises CannotBePrinted."""
    facts = [
        ("Văn bản", f"{slip.type_name} {slip.code} ngày {slip.issued_on:%d/%m/%Y}"),
        ("Cơ quan ban hành", slip.sender_name),
        ("Trích yếu", slip.subject),
        ("Phân công", "; ".join(slip.handed_to)),
        ("Thời hạn giải quyết", "" if slip.due_on is None else f"{slip.due_on:%d/%m/%Y}"),
    ]
    data: dict[str, object] = {
        "title": f"Phiếu giải quyết văn bản đến số {slip.number}",
        "superior": letterhead.superior.upper(),
        "agency": letterhead.own.upper(),
        "came": f"Số đến: {slip.number}, ngày đến: {slip.arrived_on:%d/%m/%Y}",
        "facts": [[name, letters.normalised(value)] for name, value in facts if value],
        "blocks": [
            {
                "title": name,
                "entries": [
                    {"text": letters.normalised(each.text), "by": f"{each.who}, {_said(each.at)}"}
                    for each in slip.blocks[block]
                ],
            }
            for block, name in BLOCK_NAMES.items()
        ],
        "foot": f"In bởi {printed_by} lúc {_said(at)}",
    }
    return typesetting.compose(_FORM, data, at=at).pdf


def _said(at: datetime) -> str:
    return f"{clock.vietnam_time(at):%H:%M ngày %d/%m/%Y}"
