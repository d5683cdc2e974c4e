"""Promises that the mailroom keeps: pages read, put together, handed to their documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.db import system_transaction
from eoffice.documents import bounded
from eoffice.documents.intake import MediaType
from eoffice.mailroom import recognition, scan_actions, scan_queries
from eoffice.mailroom.recognition import ReaderUnavailable
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps, keeps_in_steps


@keeps("mailroom.recognise")
def recognise(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A document that came by another way has pictures only."""
    scan_actions.read_delivery(session, UUID(payload["delivery_id"]), at=at)


@keeps_in_steps("mailroom.begin_reading")
def begin_reading(claim: outbox.Claim, at: datetime) -> None:
    """Whether this machine can read pages, and then a promise for each."""
    try:
        recognition.reader()
        available = True
    except ReaderUnavailable:
        available = False
    with system_transaction() as session:
        scan_actions.begin_reading(
            session, UUID(claim.payload["scan_id"]), available=available, at=at
        )
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("mailroom.read_page")
def read_page(claim: outbox.Claim, at: datetime) -> None:
    """One page: its words and where they stand."""
    scan_id, number = UUID(claim.payload["scan_id"]), int(claim.payload["number"])
    with system_transaction() as session:
        digest = scan_queries.content_of(session, scan_id)
    store = configured.store()
    found = recognition.reader().read(store.get(Sha256.parse(digest)), number)
    layer = None if found is None else store.put(found.layer, MediaType.PDF)
    with system_transaction() as session:
        scan_actions.keep_page(
            session, scan_id, number, None if found is None else found.text, layer, at=at
        )
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("mailroom.finish_reading")
def finish_reading(claim: outbox.Claim, at: datetime) -> None:
    """All pages were read: a copy with their words, beside the bytes as they came."""
    scan_id = UUID(claim.payload["scan_id"])
    with system_transaction() as session:
        digest = scan_queries.content_of(session, scan_id)
        pages = scan_queries.pages_of(session, scan_id)
        session.expunge_all()
    store = configured.store()
    layers = {
        page.number: store.get(Sha256.parse(page.layer_sha256))
        for page in pages
        if page.layer_sha256 is not None
    }
    searchable = None
    if layers:
        try:
            copy = recognition.with_words(store.get(Sha256.parse(digest)), layers)
            searchable = store.put(copy, MediaType.PDF)
        except bounded.ChildFailed:
            # The words are kept all the same; only the copy cannot be made of such a file.
            searchable = None
    with system_transaction() as session:
        scan_actions.finish_reading(
            session, scan_id, scan_actions.whole_text(pages), searchable, at=at
        )
        outbox.keep(session, claim.id, at=clock.now())
