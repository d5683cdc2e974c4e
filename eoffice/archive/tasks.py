"""Work of the archive outside of requests: taking in what was promised, and reading it again."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import msgspec
import structlog
from celery import shared_task

from eoffice import clock, outbox
from eoffice.archive import actions, queries
from eoffice.archive.actions import Kept, Order
from eoffice.archive.queries import FixityDue
from eoffice.archive.renewal import renew_due
from eoffice.archive.states import MADE_HERE, Fixity
from eoffice.db import system_transaction
from eoffice.files import intake
from eoffice.objects import configured
from eoffice.objects.contract import (
    LockMissing,
    ObjectCorrupt,
    ObjectMissing,
    ObjectStore,
)
from eoffice.objects.sha256 import Sha256
from eoffice.promised import keeps_in_steps
from eoffice.settings import settings
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.lasting import Lasts, lasts, make_lasting
from eoffice.signing.pades import NotSignable
from eoffice.signing.trust import TrustStore
from eoffice.signing.verification import verify_pdf

INGEST = "worker:archive.ingest"
FIXITY = "worker:archive.check_fixity"
#: How often everything is read again, and how many objects one run reads at most.
FIXITY_PERIOD = timedelta(days=90)
FIXITY_BATCH = 200

log = structlog.get_logger()


@keeps_in_steps("archive.ingest")
def ingest(claim: outbox.Claim, at: datetime) -> None:
    """Make the content verifiable for decades, lock it away, and describe it.

    The payload is an `actions.Order`. Idempotent: the entry is found by the digest of what was
    handed over. A crash between lock and description leaves a locked copy that no entry names; the
    repetition gets a time-stamp of its own and locks another one.
    """
    order = msgspec.convert(claim.payload, Order)
    with system_transaction() as session:
        if actions.ingested(session, order) is not None:
            outbox.keep(session, claim.id, at=at)
            return
    is_own = order.kind in MADE_HERE
    kept = lock_away(configured.store(), Sha256.parse(order.content_sha256), is_own=is_own, at=at)
    with system_transaction() as session:
        actions.ingest(session, order, kept, by=INGEST, at=at)
        outbox.keep(session, claim.id, at=clock.now())


def lock_away(store: ObjectStore, handed_over: Sha256, *, is_own: bool, at: datetime) -> Kept:
    """Augment, lock, read and verify the content; no transaction may be open.

    What the office set and signed itself, byte for byte, is verified here; anything else in a child
    of its own, which takes four times as long.

    Raises what the store, the time-stamp authority and the certificate authorities refuse.
    """
    content = store.get(handed_over)
    file = io.BytesIO(content)
    trust = TrustStore.from_directory(settings().trust_directory)
    try:
        make_lasting(file, trust=trust, timestamp_url=settings().timestamp_url, at=at)
        lasting = file.getvalue()
    except NotSignable:
        # Nothing can be appended to it, by us or anybody: it is kept as it came.
        lasting = content
    name = store.put(lasting, intake.MediaType.PDF)
    until = store.now() + timedelta(days=settings().worm_days)
    lock = store.put_locked(name, retain_until=until)
    inspected = intake.inspect_pdf(lasting)
    verify = verify_pdf if is_own else verify_pdf_bounded
    return Kept(
        lasts=_lasts(lasting, trust),
        content_sha256=name,
        size_bytes=len(lasting),
        page_count=inspected.page_count,
        lock=lock,
        text=inspected.text,
        verdict=verify(lasting, trust=trust, at=clock.now()),
    )


def _lasts(content: bytes, trust: TrustStore) -> Lasts | None:
    try:
        return lasts(io.BytesIO(content), trust=trust)
    except NotSignable:
        return None


def check_fixity() -> int:
    """Read the longest unread objects of the archive again; returns how many are not well."""
    at = clock.now()
    with system_transaction() as session:
        due = queries.fixity_due(session, before=at - FIXITY_PERIOD, limit=FIXITY_BATCH)
    unwell = 0
    for one in due:
        outcome = fixity_of(configured.store(), one)
        with system_transaction() as session:
            actions.note_fixity(session, one.entry_id, outcome, by=FIXITY, at=at)
        if outcome is not Fixity.INTACT:
            unwell += 1
            log.error("archive.unwell", entry_id=str(one.entry_id), outcome=outcome.value)
    return unwell


shared_task(name="archive.check_fixity", ignore_result=True)(check_fixity)
shared_task(name="archive.renew", ignore_result=True)(renew_due)


def fixity_of(store: ObjectStore, due: FixityDue) -> Fixity:
    """What reading a locked copy finds. Raises StoreUnavailable."""
    try:
        store.get_locked(due.content, due.object_version)
        lock = store.retention(due.content)
    except ObjectMissing:
        return Fixity.MISSING
    except ObjectCorrupt:
        return Fixity.CHANGED
    except LockMissing:
        return Fixity.UNLOCKED
    is_locked = lock is not None and lock.retain_until > store.now()
    return Fixity.INTACT if is_locked else Fixity.UNLOCKED
