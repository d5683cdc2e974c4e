"""Groups of recipients that a unit keeps under a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import rules
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.model import RecipientGroup
from eoffice.documents.recipients.rules import Rule
from eoffice.errors import Invalid, NotAllowed, NotFound
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


class GroupNotKept(NotFound):
    """The acting unit keeps no such group."""


@dataclass(frozen=True, slots=True)
class KeptGroup:
    id: UUID
    name: str
    rule: Rule


def groups_of(session: Session, *, who: Principal) -> list[KeptGroup]:
    """What the acting unit keeps, by name."""
    rows = session.scalars(
        select(RecipientGroup)
        .where(RecipientGroup.unit_id == who.unit_id)
        .order_by(RecipientGroup.name)
    )
    return [KeptGroup(row.id, row.name, recipient_rules.parse(row.rule)) for row in rows]


def keep_group(session: Session, name: str, rule: Rule, *, by: Principal, at: datetime) -> UUID:
    """Keep a rule or list under a name; one of the same name is replaced.

    Documents that chose it before keep what they chose. Raises NotAllowed, Invalid, RuleEmpty.
    """
    if not rules.may_write(PositionKind(by.position_kind)):
        raise NotAllowed(f"{by.position_title} không soạn thảo văn bản trong hệ thống này.")
    named = name.strip()
    if not named or len(named) > recipient_rules.LONGEST_NAME:
        raise Invalid(
            "Hãy đặt tên cho nhóm nơi nhận.",
            fields={"rule_name": f"Ghi tên nhóm, nhiều nhất {recipient_rules.LONGEST_NAME} ký tự."},
        )
    kept = recipient_rules.serialise(recipient_rules.checked(rule))
    changed = {"rule": kept, "kept_by": by.person_id, "kept_at": at}
    group_id = session.scalars(
        insert(RecipientGroup)
        .values(id=new_id(), agency_id=by.agency_id, unit_id=by.unit_id, name=named, **changed)
        .on_conflict_do_update(constraint="uq_recipient_groups_name", set_=changed)
        .returning(RecipientGroup.id)
    ).one()
    _record(session, "recipient_group.kept", group_id, by=by, at=at)
    return group_id


def remove_group(session: Session, group_id: UUID, *, by: Principal, at: datetime) -> None:
    """Raises GroupNotKept."""
    gone = session.scalars(
        delete(RecipientGroup)
        .where(RecipientGroup.id == group_id, RecipientGroup.unit_id == by.unit_id)
        .returning(RecipientGroup.id)
    ).one_or_none()
    if gone is None:
        raise GroupNotKept("Đơn vị bạn đang làm việc không có nhóm nơi nhận này.")
    _record(session, "recipient_group.removed", group_id, by=by, at=at)


def _record(session: Session, action: str, group_id: UUID, *, by: Principal, at: datetime) -> None:
    audit.record(
        session,
        action,
        object_kind="recipient_group",
        object_id=group_id,
        by=by,
        at=at,
        details={},
    )
