"""Run inside of one office's environment: `python -m tests.scenarios.exchange_partner ENTRY`.

Prints what the exchange of this office holds, and enters a partner when ENTRY names one. There is
no interface for programs to enter partners, because only operators do, on a page.
"""

from __future__ import annotations

import json
import sys

import msgspec
from sqlalchemy import select

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.exchange import peers
from eoffice.exchange.model import MessageRow
from eoffice.exchange.peers import PeerEntry


def main(entry: str) -> None:
    with system_transaction() as session:
        if entry:
            decoded = msgspec.json.decode(entry, type=PeerEntry)
            peers.add(session, decoded, by="scenario", at=clock.now())
        rows = session.scalars(select(MessageRow).order_by(MessageRow.created_at)).all()
        held = [
            {
                "direction": row.direction.value,
                "kind": None if row.kind is None else row.kind.value,
                "state": row.state.value,
                "status": row.status_code,
                "message_id": row.message_id,
                "attempts": row.attempts,
                "failure": row.failure,
                "signature": None if row.signature_state is None else row.signature_state.value,
            }
            for row in rows
        ]
    print(json.dumps(held))


if __name__ == "__main__":
    main(sys.argv[1])
