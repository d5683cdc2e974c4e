"""What the worker does for families: it sends them their link and code."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from eoffice import clock, mailing, outbox
from eoffice.db import system_transaction
from eoffice.families import actions, letters, rules
from eoffice.families.rules import Slip
from eoffice.outbox import Claim
from eoffice.promised import keeps_in_steps
from eoffice.settings import settings


@keeps_in_steps(actions.TASK)
def mail(claim: Claim, at: datetime) -> None:  # noqa: ARG001 -- every task is called so
    """The letters of one slip, to each address of the family; one that was withdrawn has none."""
    slip_id = UUID(claim.payload["slip_id"])
    with system_transaction() as session:
        found = actions.letter_of(session, slip_id)
    if found is not None:
        row, addresses = found
        key = settings().secret_key.encode()
        link = f"{settings().base_url}/results/{rules.address(key, row.id, row.renewals)}"
        code = rules.code(key, row.id, row.renewals)
        for to in addresses:
            slip = msgspec.convert(row.content, Slip)
            mailing.send(letters.letter(to, slip, link=link, code=code, key=claim.id))
    with system_transaction() as session:
        if found is not None:
            actions.note_mailed(session, slip_id, found[0].renewals, at=clock.now())
        outbox.keep(session, claim.id, at=clock.now())
