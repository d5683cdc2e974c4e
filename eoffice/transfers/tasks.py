"""The promise of a decision about a package: the receipt for the school that sent it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eoffice import clock, outbox
from eoffice.audit import log_key
from eoffice.db import system_transaction
from eoffice.objects import configured
from eoffice.promised import keeps_in_steps
from eoffice.transfers import package, receipts


@keeps_in_steps(receipts.TASK)
def sign_receipt(claim: outbox.Claim, at: datetime) -> None:
    """Body committed, key asked, signature committed; a second run gives the same receipt."""
    intake_id = UUID(claim.payload["intake_id"])
    with system_transaction() as session:
        content = receipts.content_of(session, intake_id)
    manifest = package.opened(configured.store().get(content)).members[package.MANIFEST]
    with system_transaction() as session:
        body = receipts.prepare(session, intake_id, manifest, at=at)
    document = None if body is None else receipts.sign(body, log_key.of_settings())
    with system_transaction() as session:
        if document is not None:
            receipts.conclude(session, intake_id, document, at=clock.now())
        outbox.keep(session, claim.id, at=clock.now())
