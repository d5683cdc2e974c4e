"""What happens to the log: an event is recorded, gets its place, and all places are checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.audit import leaf
from eoffice.audit.model import ActorKind, AuditEvent
from eoffice.db import new_id
from eoffice.web.principal import Principal


def record(
    session: Session,
    action: str,
    *,
    object_kind: str,
    object_id: UUID,
    by: Principal | str,
    at: datetime,
    details: Mapping[str, object] = {},
) -> UUID:
    """Put on record that `by` did `action`, in the transaction in which it happens.

    `by` is a person in a position, or the name of a process such as "worker:routing.deliver".
    `details` are identifiers, digests, numbers and states: identifiers and dates become text, and
    nothing in them is personal data, because the log can never forget. Raises TypeError for
    fractions.
    """
    particulars = json.loads(json.dumps(details, default=str))
    leaf.canonical(particulars)
    event = AuditEvent(
        id=new_id(),
        at=at,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        details=particulars,
    )
    if isinstance(by, str):
        event.actor_kind, event.actor_name = ActorKind.PROCESS, by
    else:
        event.actor_kind, event.actor_name = ActorKind.PERSON, by.full_name
        event.person_id, event.appointment_id = by.person_id, by.appointment_id
        event.position_title = by.position_title
        event.unit_id, event.unit_name, event.agency_id = by.unit_id, by.unit_name, by.agency_id
    session.add(event)
    return event.id
