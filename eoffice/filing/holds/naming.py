"""Records as people call them: "960/SGDĐT-VP", an arrival's number and year, a case file's code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.documents.model import Document
from eoffice.filing import case_queries
from eoffice.filing.case_model import CaseFile
from eoffice.filing.holds.actions import Named
from eoffice.filing.holds.rules import HeldKind, HoldWrong
from eoffice.people import queries as people
from eoffice.routing.model import Arrival
from eoffice.web.principal import Principal

HINTS: Final = {
    HeldKind.OUTGOING: "số, ký hiệu, ví dụ 960/SGDĐT-VP",
    HeldKind.INCOMING: "số đến và năm, ví dụ 12/2018",
    HeldKind.CASE_FILE: "mã hoặc năm và ký hiệu hồ sơ, ví dụ 2018.01.TCCB",
}
_MOST_NAMED: Final = 10


def by_codes(
    session: Session, kind: HeldKind, codes: Iterable[str], *, who: Principal
) -> list[Named]:
    """Raises HoldWrong naming every code that is unknown or means several records."""
    unknown: list[str] = []
    several: list[str] = []
    found: list[Named] = []
    for code in codes:
        ids = called(session, kind, code, who)
        if len(ids) == 1:
            found.append(Named(kind, ids[0]))
        else:
            (several if ids else unknown).append(code)
    wrong = []
    if unknown:
        wrong.append(f"Không tìm thấy: {', '.join(unknown[:_MOST_NAMED])}.")
    if several:
        wrong.append(
            f"Có nhiều văn bản cùng số: {', '.join(several[:_MOST_NAMED])}. "
            "Hãy giữ từ trang của văn bản."
        )
    if wrong:
        raise HoldWrong(" ".join(wrong), fields={"codes": " ".join(wrong)})
    return found


def called(session: Session, kind: HeldKind, code: str, who: Principal) -> Sequence[UUID]:
    """The records that are called so, at most two."""
    first, _, rest = code.partition("/")
    match kind:
        case HeldKind.OUTGOING:
            if not first.isdecimal() or len(first) > 9 or not rest:
                return ()
            query = select(Document.id).where(
                Document.agency_id == who.agency_id,
                Document.number == int(first),
                Document.notation == rest,
            )
        case HeldKind.INCOMING:
            if not first.isdecimal() or len(first) > 9 or not rest.isdecimal() or len(rest) != 4:
                return ()
            query = select(Arrival.id).where(
                Arrival.agency_id == who.agency_id,
                Arrival.number == int(first),
                Arrival.year == int(rest),
            )
        case _:
            organ_id = people.unit(session, who.agency_id).organ_id
            plain = code.removeprefix(f"{organ_id}.") if organ_id else code
            year, _, notation = plain.partition(".")
            named = CaseFile.notation == plain
            if year.isdecimal() and len(year) == 4:
                named = or_(named, (CaseFile.year == int(year)) & (CaseFile.notation == notation))
            query = select(CaseFile.id).where(case_queries.may_open(who), named)
    return session.scalars(query.limit(2)).all()
