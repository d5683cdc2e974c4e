"""Metadata of a document are added or corrected: by its writers, later by the records clerk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import steps
from eoffice.documents.metadata import rules as metadata_rules
from eoffice.documents.metadata.model import DescribedKind, MetadataChange
from eoffice.documents.metadata.rules import Change, Metadata
from eoffice.documents.states import State
from eoffice.errors import Conflict
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


class MetadataFrozen(Conflict):
    """The document was recalled; its metadata stay as they are."""


def describe(
    session: Session,
    document_id: UUID,
    entered: Metadata,
    *,
    because: str = "",
    by: Principal,
    at: datetime,
) -> int:
    """Set language, description and number of copies of an outgoing document.

    Returns how many fields changed; the same once more changes nothing. Whoever writes the draft
    says it; once it has a number the clerk alone, with the reason. The old values stay on record.
    Raises NoDocument, StepNotYours, MetadataNotYours, MetadataWrong, MetadataFrozen.
    """
    document = steps.lock(session, document_id)
    if document.agency_id != by.agency_id:
        raise steps.unknown()
    if document.number is None:
        steps.require_writer(session, document, by)
    else:
        metadata_rules.require_keeper(PositionKind(by.position_kind))
    if document.state is State.WITHDRAWN:
        raise MetadataFrozen("Văn bản đã thu hồi nên siêu dữ liệu được giữ nguyên.")
    checked = asdict(metadata_rules.checked(entered))
    changed = metadata_rules.changes(
        {field: getattr(document, field) for field in checked}, checked
    )
    if not changed:
        return 0
    reason = "" if document.number is None else metadata_rules.checked_reason(because)
    for each in changed:
        setattr(document, each.field, checked[each.field])
    note(session, DescribedKind.DOCUMENT, document.id, changed, because=reason, by=by, at=at)
    return len(changed)


def note(
    session: Session,
    kind: DescribedKind,
    object_id: UUID,
    changed: Iterable[Change],
    *,
    because: str,
    by: Principal,
    at: datetime,
    on_record_as: tuple[str, UUID] | None = None,
) -> None:
    """Keep old and new values, and swear to them in the log.

    The log itself, which never forgets, holds digests: a value may name a person. `on_record_as`
    is the object of the event where that is another one than what is described.
    """
    changes = tuple(changed)
    object_kind, event_object = on_record_as or (kind.value, object_id)
    for each in changes:
        session.add(
            MetadataChange(
                id=new_id(),
                agency_id=by.agency_id,
                kind=kind,
                object_id=object_id,
                field=each.field,
                before=each.before,
                after=each.after,
                because=because,
                changed_by=by.person_id,
                changed_at=at,
            )
        )
    record(
        session,
        f"{object_kind}.described",
        object_kind=object_kind,
        object_id=event_object,
        by=by,
        at=at,
        details={
            "fields": ", ".join(each.name.lower() for each in changes),
            "before_sha256": {each.field: _digest(each.before) for each in changes},
            "after_sha256": {each.field: _digest(each.after) for each in changes},
        },
    )


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
