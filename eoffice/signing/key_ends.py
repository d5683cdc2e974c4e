"""Which certificates of a person end soon, or have ended: said on the desk until a newer one is
on record, for to get one takes weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.clock import vietnam_time
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.signing import policy
from eoffice.signing.gathering_x509 import UNREADABLE, certificate_fact
from eoffice.signing.model import SigningKey
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that ends within the weeks that the policy names, or has ended."""

    #: "Chứng thư số của bạn", "Con dấu số của Sở …".
    whose: str
    ends_at: datetime
    is_over: bool

    def __str__(self) -> str:
        day = f"{vietnam_time(self.ends_at):%d/%m/%Y}"
        if self.is_over:
            return f"{self.whose} đã hết hạn ngày {day}. Chưa có chứng thư mới thì không ký được."
        return f"{self.whose} hết hạn ngày {day}. Hãy gia hạn trước ngày đó."


def ending(session: Session, who: Principal, *, at: datetime) -> tuple[Ending, ...]:
    """Of the person's own key, and of the agency's seal where they keep it; the first end first."""
    held = [SigningKey.holder_person_id == who.person_id]
    if who.position_kind == PositionKind.CLERK:
        held.append(SigningKey.holder_unit_id == who.agency_id)
    rows = session.execute(
        select(SigningKey.certificate, Unit.name)
        .outerjoin(Unit, Unit.id == SigningKey.holder_unit_id)
        .where(or_(*held), SigningKey.retired_at.is_(None))
    )
    latest = at + timedelta(days=_warn_days())
    found = [_ending(der, seal_of, at) for der, seal_of in rows]
    soon = [one for one in found if one is not None and one.ends_at <= latest]
    return tuple(sorted(soon, key=lambda one: (one.ends_at, one.whose)))


def _warn_days() -> int:
    """A desk opens though the office's own rules cannot be read; signing says so."""
    try:
        return policy.current().before_signing.warn_days
    except policy.PolicyUnreadable:
        return policy.shipped().before_signing.warn_days


def _ending(certificate: bytes, seal_of: str | None, at: datetime) -> Ending | None:
    """None: nobody can say when it ends."""
    try:
        ends_at = certificate_fact(certificate).not_after
    except UNREADABLE:
        return None
    whose = f"Chứng thư số con dấu của {seal_of}" if seal_of else "Chứng thư số của bạn"
    return Ending(whose, ends_at, is_over=at > ends_at)
