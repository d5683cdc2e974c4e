"""What happens to the log: an event is recorded, gets its place, and all places are checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from eoffice.audit import leaf, log_key, merkle, queries, verification
from eoffice.audit.checkpoint import Checkpoint, Signer, Verifier
from eoffice.audit.model import ActorKind, AuditEvent, MerkleNode, TreeHead
from eoffice.audit.verification import LogReport
from eoffice.db import new_id
from eoffice.web.principal import Principal

#: Any constant will do, as long as every sequencer of this database takes the same one.
SEQUENCER_LOCK = 6962_9162


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


def sequence(session: Session, *, at: datetime, limit: int, signer: Signer | None = None) -> int:
    """Give up to `limit` events their places in the tree and sign its new head; returns how many.

    In the order of their identifiers, which is nearly the order in which they happened; an event
    that was committed late comes behind. One sequencer at a time: a second one waits. Without
    `signer` the key of the settings signs.
    """
    session.execute(select(func.pg_advisory_xact_lock(SEQUENCER_LOCK)))
    waiting = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.leaf_index.is_(None))
        .order_by(AuditEvent.id)
        .limit(limit)
    ).all()
    if not waiting:
        return 0
    signer = signer or log_key.of_settings()
    growth = merkle.Growth.of(queries.size(session), queries.node_of(session))
    complete: list[dict[str, object]] = []
    for event in waiting:
        event.leaf_index, event.leaf_hash = growth.size, merkle.leaf_hash(queries.leaf_of(event))
        complete += (
            {"level": level, "index": index, "hash": found}
            for level, index, found in growth.add(event.leaf_hash)
        )
    session.flush()  # Places before nodes, so that a failure names the event.
    if complete:
        session.execute(insert(MerkleNode), complete)
    head = Checkpoint(signer.verifier.origin, growth.size, growth.root, at)
    session.add(
        TreeHead(
            size=head.size,
            root_hash=head.root,
            at=at,
            log_id=head.origin,
            note=signer.sign(head.body()),
        )
    )
    return len(waiting)


def verify_log(
    session: Session,
    *,
    verifier: Verifier | None = None,
    remembered: Sequence[Checkpoint] = (),
) -> LogReport:
    """Recompute the whole log from its events and compare it with what was stored and signed.

    Finds changed, missing and inserted events, wrong hashes, and heads that are not signed by the
    log or are no beginning of it, and a log that lacks what a head that was `remembered` outside
    of the database swears to. Without `verifier` the key of the settings counts.
    """
    return verification.examine(session, verifier or log_key.of_settings().verifier, remembered)
