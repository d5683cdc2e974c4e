"""What the worker does for families: it sends them their link and code, and withdraws what a
corrected book no longer says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from eoffice import clock, mailing, outbox
from eoffice.db import system_transaction
from eoffice.families import actions, letters, rules
from eoffice.families.rules import Slip
from eoffice.outbox import Claim
from eoffice.promised import keeps, keeps_in_steps
from eoffice.registers import correcting
from eoffice.settings import settings

CORRECTED: Final = f"worker:{correcting.SUPERSEDED_TASK}"


@keeps(correcting.SUPERSEDED_TASK)
def withdraw_corrected(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A corrected book took the place of another: results that families read are withdrawn."""
    actions.withdraw_corrected(
        session,
        UUID(payload["class_id"]),
        [UUID(one) for one in payload["pupil_ids"]],
        payload["semesters"],
        by=CORRECTED,
        at=at,
    )


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
