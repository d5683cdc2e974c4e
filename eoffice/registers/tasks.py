"""The promise that registers keep: to make the pages of a gradebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from eoffice import outbox
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps_in_steps
from eoffice.registers import extraction, gradebook, gradebooks, rendering, sources
from eoffice.registers.gradebook import Source
from eoffice.registers.gradebooks import Rendered
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State

WORKER = "worker:registers.render"


@keeps_in_steps("registers.render")
def render(claim: outbox.Claim, at: datetime) -> None:
    """Read the class, set the pages, store them, lay them before the teachers.

    Idempotent: nothing in the class changes while its book is being made, and the same data give
    the same bytes. Data that cannot be set give the book back to the school with the reason.
    """
    gradebook_id = UUID(claim.payload["gradebook_id"])
    with system_transaction() as session:
        book = session.get_one(Gradebook, gradebook_id)
        source: Source | None = None
        if book.state is State.RENDERING:
            source = sources.source(
                session, book.class_id, version=book.version, made_at=book.requested_at
            )
        previous = gradebooks.previous_content(session, gradebook_id)
    try:
        rendered = None if source is None else _rendered(source, previous)
    except Unavailable:
        raise
    except Refusal as refusal:
        with system_transaction() as session:
            gradebooks.refuse_rendering(session, gradebook_id, refusal.detail, by=WORKER, at=at)
            outbox.keep(session, claim.id, at=at)
        return
    with system_transaction() as session:
        if rendered is not None:
            gradebooks.record_rendered(session, gradebook_id, rendered, by=WORKER, at=at)
        outbox.keep(session, claim.id, at=at)


def _rendered(source: Source, previous: Sha256 | None) -> Rendered:
    store = configured.store()
    if previous is not None:
        earlier = extraction.read(store.get(previous))
        if earlier is not None:
            told = gradebook.corrections(gradebook.source_of(earlier.data), source)
            source = replace(source, corrections=told)
    data = gradebook.data_of(source)
    pdf = rendering.render(data, at=source.made_at)
    return Rendered(
        content_sha256=store.put(pdf, "application/pdf"),
        data_sha256=Sha256.of(gradebook.encoded(data)),
        page_count=rendering.page_count(pdf),
    )
