"""What a school sees of the results that it published: which, for whom, and how often looked at.

Read only; frozen answers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.classes.pupil_model import Guardian
from eoffice.errors import NotAllowed, NotFound
from eoffice.families.model import FamilySlip, Publication
from eoffice.families.rules import Period, Slip
from eoffice.families.states import State
from eoffice.web.principal import Principal


class PublicationUnknown(NotFound):
    """There are no such published results, or they are another school's."""


class NotYours(NotAllowed):
    """Leaders publish; leaders, the clerk and the homeroom teacher hand out slips."""


@dataclass(frozen=True, slots=True)
class PublicationView:
    id: UUID
    class_id: UUID
    period: Period
    state: State
    published_at: datetime
    withdrawn_because: str | None
    slips: int
    #: Slips that were opened at least once.
    looked_at: int


@dataclass(frozen=True, slots=True)
class SlipView:
    id: UUID
    pupil_id: UUID
    slip: Slip
    renewals: int
    looks: int
    last_look_at: datetime | None
    wrong_tries: int
    #: Whether the family left an address.
    can_be_mailed: bool
    mailed_at: datetime | None


def require_leader(session: Session, class_id: UUID, who: Principal) -> None:
    """Raises ClassUnknown, NotYours."""
    team = staff_queries.staff(session, class_id)
    if not class_rules.may_lead(staff_queries.actor(who), team):
        raise NotYours(
            "Chỉ hiệu trưởng hoặc phó hiệu trưởng công bố, thu hồi kết quả gửi gia đình học sinh."
        )


def require_keeper(session: Session, class_id: UUID, who: Principal) -> None:
    """Raises ClassUnknown, NotYours."""
    team = staff_queries.staff(session, class_id)
    actor = staff_queries.actor(who)
    keeps = class_rules.may_keep_homeroom_parts(actor, team)
    if not keeps and not class_rules.may_open_classes(actor, team.school_id):
        raise NotYours(
            "Phiếu kết quả do giáo viên chủ nhiệm, văn thư và ban giám hiệu của trường giữ."
        )


def published(session: Session, class_id: UUID, period: Period) -> UUID | None:
    """The publication of this period that holds now."""
    return session.scalar(
        select(Publication.id).where(
            Publication.class_id == class_id,
            Publication.kind == period.kind,
            Publication.month.is_not_distinct_from(period.month),
            Publication.state == State.PUBLISHED,
        )
    )


def of_class(session: Session, class_id: UUID) -> tuple[PublicationView, ...]:
    """The newest first. Whoever calls has asked `require_keeper`."""
    rows = session.execute(
        select(
            Publication,
            func.count(FamilySlip.id),
            func.count(FamilySlip.id).filter(FamilySlip.looks > 0),
        )
        .join(FamilySlip, FamilySlip.publication_id == Publication.id)
        .where(Publication.class_id == class_id)
        .group_by(Publication.id)
        .order_by(Publication.published_at.desc(), Publication.id)
    )
    return tuple(_view(row, slips, looked_at) for row, slips, looked_at in rows)


def publication(session: Session, publication_id: UUID) -> PublicationView:
    """Raises PublicationUnknown."""
    row = session.get(Publication, publication_id)
    if row is None:
        raise PublicationUnknown("Không có lần công bố này.")
    return next(each for each in of_class(session, row.class_id) if each.id == publication_id)


def slips(session: Session, publication_id: UUID) -> tuple[SlipView, ...]:
    """In the order of the class list."""
    rows = session.scalars(
        select(FamilySlip)
        .where(FamilySlip.publication_id == publication_id)
        .order_by(FamilySlip.ordinal)
    ).all()
    reached = addresses(session, [row.pupil_id for row in rows])
    return tuple(
        SlipView(
            id=row.id,
            pupil_id=row.pupil_id,
            slip=msgspec.convert(row.content, Slip),
            renewals=row.renewals,
            looks=row.looks,
            last_look_at=row.last_look_at,
            wrong_tries=row.wrong_tries,
            can_be_mailed=row.pupil_id in reached,
            mailed_at=row.mailed_at,
        )
        for row in rows
    )


def addresses(session: Session, pupils: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Where the families of these pupils get mail, by pupil; only of those who left an address."""
    found: dict[UUID, dict[str, None]] = {}
    for pupil_id, email in session.execute(
        select(Guardian.pupil_id, Guardian.email)
        .where(Guardian.pupil_id.in_(pupils), Guardian.email != "")
        .order_by(Guardian.pupil_id, Guardian.ordinal)
    ):
        found.setdefault(pupil_id, {})[email] = None
    return {pupil_id: tuple(emails) for pupil_id, emails in found.items()}


def _view(row: Publication, slips: int, looked_at: int) -> PublicationView:
    return PublicationView(
        id=row.id,
        class_id=row.class_id,
        period=Period(row.kind, row.month),
        state=row.state,
        published_at=row.published_at,
        withdrawn_because=row.withdrawn_because,
        slips=slips,
        looked_at=looked_at,
    )
