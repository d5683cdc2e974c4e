"""The promise that report books keep: to make the pages of the parts that were asked for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from eoffice import clock, outbox
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps_in_steps
from eoffice.reports import actions, asking_actions, making, sources
from eoffice.reports.actions import Made
from eoffice.reports.making import Prepared

WORKER = f"worker:{asking_actions.TASK}"


@keeps_in_steps(asking_actions.TASK)
def make(claim: outbox.Claim, at: datetime) -> None:
    """Read the data of a portion once; set the pages of one part after the other, store them, lay
    each before the first who sign.

    Idempotent: nothing in a class whose book is closed changes, the same data give the same bytes,
    and a part that stands elsewhere already is left as it is. A worker that dies leaves each part
    either made or to be made. Data that cannot be set give that part back with the reason.
    """
    part_ids = [UUID(each) for each in claim.payload["part_ids"]]
    with system_transaction() as session:
        prepared = making.prepared(session, part_ids)
    for part in prepared:
        _make(part, at)
    with system_transaction() as session:
        outbox.keep(session, claim.id, at=clock.now())


def _make(part: Prepared, at: datetime) -> None:
    store = configured.store()
    try:
        earlier = None if part.earlier is None else store.get(part.earlier)
        pages = sources.make(part.entered, earlier, part.page_code, made_at=part.made_at)
        made = Made(
            content_sha256=store.put(pages.pdf, "application/pdf"),
            data_sha256=Sha256.of(pages.data),
            page_count=pages.page_count,
            is_reassessed=part.is_reassessed,
        )
    except Unavailable:
        raise
    except Refusal as refusal:
        with system_transaction() as session:
            actions.refuse_making(session, part.part_id, refusal.detail, by=WORKER, at=at)
        return
    with system_transaction() as session:
        actions.record_made(session, part.part_id, made, by=WORKER, at=at)
