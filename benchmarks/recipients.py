"""An issue to a thousand units: the preview, the issue itself, and until every recipient sees it.

The wall time runs from the clerk's button to the moment when the last recipient has its delivery,
through relay, broker and a worker of two processes. Peer: bare INSERTs of as many rows as there
are recipients, each in its own transaction, on one connection to the same PostgreSQL.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import psycopg
from sqlalchemy import func, select

from benchmarks.figures import Figure, Peer, repeated
from benchmarks.issue import _insert, _office
from eoffice import clock, db, outbox
from eoffice.documents import queries
from eoffice.documents.actions import Recipient
from eoffice.documents.issue import actions as issuing
from eoffice.documents.recipients.rules import Rule
from eoffice.outbox import Promise, PromiseState
from eoffice.people.kinds import SchoolLevel, UnitKind
from eoffice.people.model import Unit
from eoffice.routing.model import Delivery
from tests.cast import FOUNDED, Cast, load_cast
from tests.documents import sealed_papers

SCHOOLS = 1_000
PREVIEWS = 20
SEEN_WITHIN_S = 600.0


def measure() -> Sequence[Figure]:
    with _office() as backing:
        at = clock.now()
        with db.system_transaction() as session:
            cast = load_cast(session, at)
        _found_schools(cast)
        rule = Rule(levels=(SchoolLevel.PRIMARY,))
        with db.system_transaction() as session:
            document_id = sealed_papers.sealed(session, cast, [Recipient(rule=rule)], at=at)
        preview = repeated(lambda: _previewed(document_id, cast), times=PREVIEWS)
        with psycopg.connect(backing.owner_database_url.replace("+psycopg", "")) as bare:
            bare.execute("create table bare (id uuid primary key, at timestamptz, payload jsonb)")
            bare.commit()
            batch = repeated(lambda: _insert(bare, SCHOOLS), times=5)
            begun = time.perf_counter()
            for _ in range(SCHOOLS):
                _insert(bare, 1)
            singles_s = time.perf_counter() - begun
        issued_s, seen_s = _issued_and_seen(document_id, cast)
    return [
        Figure(
            f"preview of {SCHOOLS} recipients by a rule",
            "ms",
            preview.median_ms,
            Peer(f"{SCHOOLS} bare INSERTs in one transaction", batch.median_ms),
            f"{PREVIEWS}, median",
        ),
        Figure(
            f"issue to {SCHOOLS} recipients, until it is committed",
            "ms",
            issued_s * 1000,
            Peer(f"{SCHOOLS} bare INSERTs in one transaction", batch.median_ms),
            "1",
        ),
        Figure(
            f"issue to {SCHOOLS} recipients, until every recipient sees it",
            "s",
            seen_s,
            Peer(f"{SCHOOLS} bare INSERTs, a transaction each", singles_s),
            "1",
        ),
    ]


def _found_schools(cast: Cast) -> None:
    """A thousand primary schools below the Sở."""
    with db.system_transaction() as session:
        for number in range(1, SCHOOLS + 1):
            unit_id = db.new_id()
            session.add(
                Unit(
                    id=unit_id,
                    code=f"TH-{number:04}",
                    name=f"Trường Tiểu học số {number}",
                    notation=f"TH{number}",
                    kind=UnitKind.SCHOOL,
                    level=SchoolLevel.PRIMARY,
                    parent_id=cast.department.id,
                    agency_id=unit_id,
                    place="Đồng Tháp",
                    valid_from=FOUNDED,
                )
            )


def _previewed(document_id: UUID, cast: Cast) -> None:
    with db.transaction(cast.clerk.acting) as session:
        meant = queries.resolution(session, document_id, who=cast.clerk, at=clock.now())
    assert len(meant.units) == SCHOOLS


def _issued_and_seen(document_id: UUID, cast: Cast) -> tuple[float, float]:
    """Seconds until the issue is committed, and until each recipient has its delivery."""
    commands = [["relay"], ["worker", "--concurrency", "2"]]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "eoffice", *command],
            env=dict(os.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    try:
        _awake(running)
        begun = time.perf_counter()
        with db.transaction(cast.clerk.acting) as session:
            sent = issuing.issue(session, document_id, by=cast.clerk, at=clock.now())
        issued = time.perf_counter()
        assert sent == SCHOOLS
        _seen_by_all(document_id, running)
        return issued - begun, time.perf_counter() - begun
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _awake(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until relay and worker keep promises: one that finds nothing to recall is kept."""
    with db.system_transaction() as session:
        promise_id = outbox.promise(
            session, "routing.recall", at=clock.now(), document_id=db.new_id()
        )
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at and all(one.poll() is None for one in running):
        with db.system_transaction() as session:
            if session.get_one(Promise, promise_id).state is PromiseState.KEPT:
                return
        time.sleep(0.1)
    raise TimeoutError("relay and worker do not keep promises")


def _seen_by_all(document_id: UUID, running: Sequence[subprocess.Popen[bytes]]) -> None:
    give_up_at = time.monotonic() + SEEN_WITHIN_S
    while True:
        with db.system_transaction() as session:
            delivered = session.scalars(
                select(func.count())
                .select_from(Delivery)
                .where(Delivery.document_id == document_id)
            ).one()
        if delivered == SCHOOLS:
            return
        if time.monotonic() > give_up_at or any(one.poll() is not None for one in running):
            raise TimeoutError(f"{delivered} of {SCHOOLS} recipients see it")
        time.sleep(0.02)
