"""Sổ quản lý cấp phát văn bằng, chứng chỉ of a school year.

What was granted in the year, what happened in it to certificates and blanks of whatever year, and
how many blanks are left: of every kind the received are the granted, spoiled and left together.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.registers.kinds.parts import School

FORMAT: Final = "eoffice-certificates-register/1"


@dataclass(frozen=True, slots=True)
class GrantedCertificate:
    """A line of the ledger, as it was written; empty text where nothing is on record."""

    ordinal: int
    kind: str
    serial: str
    entry_number: str
    name: str
    born_on: date
    sex: str
    birthplace: str
    ethnicity: str
    graduation_year: int
    grading: str
    decision: str
    signed_on: date
    #: When and by whom it was taken, showing what, signed where.
    taken: str
    #: Written wrongly, lost or revoked: why; null while it stands.
    ended_because: str | None
    note: str


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """What happened in the year: taken, copied, corrected, lost, revoked."""

    ordinal: int
    serial: str
    name: str
    on: date
    what: str


@dataclass(frozen=True, slots=True)
class ReceivedBlanks:
    kind: str
    on: date
    received_from: str
    decision: str
    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class SpoiledBlank:
    """Damaged, lost, destroyed or given back in the year, as minutes say."""

    kind: str
    serial: str
    on: date
    what: str
    minutes: str


@dataclass(frozen=True, slots=True)
class Stock:
    """The blanks of a kind at the hour of the book, of all years."""

    kind: str
    received: int
    granted: int
    damaged: int
    lost: int
    destroyed: int
    returned: int


@dataclass(frozen=True, slots=True)
class CertificatesRegister:
    version: int
    school: School
    school_year: str
    principal: str
    certificates: tuple[GrantedCertificate, ...]
    events: tuple[LedgerEvent, ...]
    batches: tuple[ReceivedBlanks, ...]
    spoiled: tuple[SpoiledBlank, ...]
    stocks: tuple[Stock, ...]


@dataclass(frozen=True, slots=True)
class KindSums:
    kind: str
    #: Granted in the year, and of those how many were taken and how many ended.
    granted: int
    taken: int
    ended: int


@dataclass(frozen=True, slots=True)
class CertificatesResults:
    kinds: tuple[KindSums, ...]
    #: Blanks left, in the order of the stocks.
    left: tuple[int, ...]
    events: int
    received: int
    spoiled: int


def compute(book: CertificatesRegister) -> CertificatesResults:
    """Raises ValueError: lines out of order, or more blanks gone than were received."""
    ordinals = [one.ordinal for one in book.certificates]
    if any(one >= other for one, other in itertools.pairwise(ordinals)):
        raise ValueError("Dòng của sổ không theo thứ tự tăng dần")
    left = tuple(
        one.received - one.granted - one.damaged - one.lost - one.destroyed - one.returned
        for one in book.stocks
    )
    if any(count < 0 for count in left):
        raise ValueError("Số phôi đã dùng nhiều hơn số phôi đã nhận")
    kinds = sorted({one.kind for one in book.certificates})
    of = {kind: [one for one in book.certificates if one.kind == kind] for kind in kinds}
    return CertificatesResults(
        kinds=tuple(
            KindSums(
                kind,
                len(of[kind]),
                sum(bool(one.taken) for one in of[kind]),
                sum(one.ended_because is not None for one in of[kind]),
            )
            for kind in kinds
        ),
        left=left,
        events=len(book.events),
        received=sum(one.count for one in book.batches),
        spoiled=len(book.spoiled),
    )
