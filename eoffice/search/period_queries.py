"""How much there is of a period: documents, case files, and how often they were looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import BigInteger, Text, column, func, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit import phrases
from eoffice.audit.model import AuditEvent
from eoffice.documents import types
from eoffice.documents.types import DocumentType
from eoffice.errors import NotAllowed
from eoffice.filing import case_rules
from eoffice.filing.case_rules import CaseState
from eoffice.routing import rules as routing_rules
from eoffice.search.rules import Kind
from eoffice.web.principal import Principal


class CountsNotYours(NotAllowed):
    """The position does not see all documents of its agency and so not how many there are."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Each a name with its count, the highest first."""

    outgoing: tuple[tuple[str, int], ...]
    incoming: tuple[tuple[str, int], ...]
    case_files: tuple[tuple[str, int], ...]
    #: Looks at documents, arrivals, scans and what is in the archive.
    looks: tuple[tuple[str, int], ...]


#: How somebody looked, by the end of the name of the event.
_WAYS: Final = {
    "viewed": "Mở xem",
    "downloaded": "Tải về",
    "printed": "In",
    "opened": "Mở trong lưu trữ",
    "searched": "Tìm trong lưu trữ",
    "page_viewed": "Xem trang trong lưu trữ",
    "verified": "Kiểm tra chữ ký của bản lưu",
    "packaged": "Tải gói bằng chứng",
}


def counted(session: Session, from_day: date, to_day: date, *, who: Principal) -> Counted:
    """Of the acting agency, both days included; documents by the day of their issue.

    Decree 30/2020, Annex VI, part II, 7: statistics of documents, case files and access.
    Raises CountsNotYours.
    """
    if not routing_rules.reads_the_book(who.position_kind):
        raise CountsNotYours("Thống kê dành cho lãnh đạo, văn phòng và văn thư của cơ quan.")
    counts = func.search_counts(from_day, to_day).table_valued(
        column("kind", Text()),
        column("type", Text()),
        column("state", Text()),
        column("count", BigInteger()),
    )
    sums: dict[Kind, Counter[str]] = {kind: Counter() for kind in Kind}
    for kind, type_, state, count in session.execute(select(counts)):
        sums[Kind(kind)][_name(Kind(kind), type_, state)] += count
    return Counted(
        outgoing=tuple(sums[Kind.OUTGOING].most_common()),
        incoming=tuple(sums[Kind.INCOMING].most_common()),
        case_files=tuple(sums[Kind.CASE_FILE].most_common()),
        looks=_looks(session, from_day, to_day, who=who),
    )


def _name(kind: Kind, type_: str | None, state: str) -> str:
    if kind is Kind.CASE_FILE:
        return case_rules.STATE_NAMES[CaseState(state)]
    return types.name(DocumentType(type_)) if type_ else "Loại khác"


def _looks(
    session: Session, from_day: date, to_day: date, *, who: Principal
) -> tuple[tuple[str, int], ...]:
    rows = session.execute(
        select(AuditEvent.action, func.count())
        .where(
            AuditEvent.agency_id == who.agency_id,
            AuditEvent.at >= _begin(from_day),
            AuditEvent.at < _begin(to_day + timedelta(days=1)),
            AuditEvent.action.in_(phrases.LOOKS),
        )
        .group_by(AuditEvent.action)
    )
    ways: Counter[str] = Counter()
    for action, count in rows:
        ways[_WAYS[action.rpartition(".")[2]]] += count
    return tuple(ways.most_common())


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), clock.VIETNAM)
