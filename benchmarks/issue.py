"""How many dispatches an agency issues in a second to 55 recipients, and how fast they arrive.

Issuing runs at the level of actions, as the web process does it: its role, row-level security, one
transaction each, PostgreSQL with fsync. Peer: bare INSERTs of as many rows in one transaction.
Delivery runs through relay, broker and a worker of two processes. Peer: transactions of one bare
row each, one after the other: no delivery can be faster on one connection.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import func, select

from benchmarks.figures import Figure, Peer, Samples, repeated
from eoffice import clock, db, migrations, outbox
from eoffice.audit import log_key
from eoffice.documents import actions
from eoffice.documents.actions import Content, Recipient
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.form.text import DispatchText
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import IssuanceRecipient
from eoffice.documents.types import DocumentType, Urgency
from eoffice.embedded import services
from eoffice.embedded.services import Backing
from eoffice.embedded.supervisor import Supervisor
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people import unit_actions
from eoffice.people.kinds import SchoolLevel, UnitKind
from eoffice.routing.model import Delivery
from eoffice.settings import settings
from tests.cast import FOUNDED, Cast, load_cast

DISTRICTS, SCHOOLS = 12, 43
RECIPIENTS = DISTRICTS + SCHOOLS
ONE_BY_ONE, AT_ONCE, THREADS = 15, 16, 4
BY = "benchmarks"
DELIVERED_WITHIN_S = 600.0


def measure() -> Sequence[Figure]:
    with _office() as backing:
        at = clock.now()
        with db.system_transaction() as session:
            cast = load_cast(session, at)
        _found_units(cast, at)
        waiting = [_sealed(cast, at) for _ in range(1 + ONE_BY_ONE + AT_ONCE)]
        _issue(waiting.pop(), cast)

        alone = Samples()
        for document_id in waiting[:ONE_BY_ONE]:
            with alone.one():
                _issue(document_id, cast)
        begun = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as hands:
            list(hands.map(lambda document_id: _issue(document_id, cast), waiting[ONE_BY_ONE:]))
        together = AT_ONCE / (time.perf_counter() - begun)

        with psycopg.connect(backing.owner_database_url.replace("+psycopg", "")) as bare:
            bare.execute("create table bare (id uuid primary key, at timestamptz, payload jsonb)")
            bare.commit()
            rows = _rows_of_an_issue(backing)
            batches = repeated(lambda: _insert(bare, rows), times=ONE_BY_ONE)
            singles = repeated(lambda: _insert(bare, 1), times=200)

        peer = Peer(f"{rows} bare INSERTs in one transaction", batches.per_second)
        deliveries, rate = _delivered()
    return [
        Figure(
            f"dispatches issued to {RECIPIENTS}, one by one",
            "1/s",
            alone.per_second,
            peer,
            f"{ONE_BY_ONE}, mean",
        ),
        Figure(
            f"dispatches issued to {RECIPIENTS}, {THREADS} threads",
            "1/s",
            together,
            peer,
            f"{AT_ONCE}, mean",
        ),
        Figure(
            "deliveries through relay, broker and one worker of two processes",
            "1/s",
            rate,
            Peer("transactions of one bare row", singles.per_second),
            f"{deliveries} deliveries, mean",
        ),
    ]


@contextmanager
def _office() -> Iterator[Backing]:
    """PostgreSQL, broker and store of their own, and settings of this process that name them."""
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as name:
        var = Path(name)
        var.chmod(0o711)
        with Supervisor(var, signals=False) as supervisor:
            backing = services.start_backing(var, supervisor=supervisor)
            with _settings(var, backing):
                migrations.upgrade(backing.owner_database_url)
                log_key.ensure(settings().log_key_file)
                yield backing
        services.forget(var)
        var.mkdir(exist_ok=True)


@contextmanager
def _settings(var: Path, backing: Backing) -> Iterator[None]:
    """This process and those that it starts work on these services."""
    before = dict(os.environ)
    os.environ.update(
        {
            "DATABASE_URL": backing.app_database_url,
            "EOFFICE_WORKER_DATABASE_URL": backing.worker_database_url,
            "EOFFICE_OWNER_DATABASE_URL": backing.owner_database_url,
            "EOFFICE_BROKER_URL": backing.broker_url,
            "EOFFICE_S3_ENDPOINT": backing.s3_endpoint,
            "EOFFICE_S3_ACCESS_KEY": backing.s3_access_key,
            "EOFFICE_S3_SECRET_KEY": backing.s3_secret_key,
            "EOFFICE_SECRET_KEY": "of a benchmark, at least 32 characters",
            "EOFFICE_VAR": str(var),
        }
    )
    settings.cache_clear()
    yield
    db.close_engines()
    settings.cache_clear()
    os.environ.clear()
    os.environ.update(before)


def _found_units(cast: Cast, at: datetime) -> None:
    """The units that the cast lacks of the 12 district offices and 43 upper secondary schools."""
    with db.system_transaction() as session:
        for number in range(3, DISTRICTS + 1):
            unit_actions.create_unit(
                session,
                code=f"PGD-{number:02}",
                name=f"Phòng Giáo dục và Đào tạo huyện số {number}",
                kind=UnitKind.DISTRICT_OFFICE,
                parent_id=cast.department.id,
                notation="PGDĐT",
                place="Đồng Tháp",
                valid_from=FOUNDED,
                by=BY,
                at=at,
            )
        for number in range(3, SCHOOLS + 1):
            unit_actions.create_unit(
                session,
                code=f"THPT-{number:02}",
                name=f"Trường THPT số {number}",
                kind=UnitKind.SCHOOL,
                level=SchoolLevel.UPPER_SECONDARY,
                parent_id=cast.department.id,
                notation=f"THPT{number}",
                place="Đồng Tháp",
                valid_from=FOUNDED,
                by=BY,
                at=at,
            )


def _sealed(cast: Cast, at: datetime) -> UUID:
    """A dispatch that only waits to be issued; nobody will read its pages, so there are none."""
    page = Sha256.of(b"a page")
    content = Content(page, 6, 1)
    with db.transaction(cast.specialist.acting) as session:
        document_id = actions.begin(
            session,
            DocumentType.DISPATCH,
            DispatchText(subject="thực hiện chương trình Vnedu ở các trường phổ thông"),
            urgency=Urgency.ORDINARY,
            due_on=None,
            by=cast.specialist,
            at=at,
        )
        groups = ("district_offices", "upper_secondary_schools")
        actions.choose_recipients(
            session,
            document_id,
            [Recipient(group_code=code) for code in groups],
            by=cast.specialist,
            at=at,
        )
        session.flush()
        flow_actions.submit(session, document_id, content, of_revision=1, by=cast.specialist, at=at)
    with db.transaction(cast.office_head.acting) as session:
        flow_actions.approve(session, document_id, by=cast.office_head, at=at)
    with db.transaction(cast.clerk.acting) as session:
        flow_actions.pass_form(session, document_id, by=cast.clerk, at=at, warnings=0)
    with db.transaction(cast.director.acting) as session:
        actions.record_signed(
            session,
            document_id,
            content,
            source=page,
            capacity="GIÁM ĐỐC",
            by=cast.director,
            at=at,
        )
    with db.transaction(cast.clerk.acting) as session:
        actions.take_number(session, document_id, by=cast.clerk, at=at)
        session.flush()
        actions.record_numbered_page(
            session, document_id, content, source=page, by=cast.clerk, at=at
        )
        session.flush()
        actions.record_sealed(session, document_id, content, source=page, by=cast.clerk, at=at)
    return document_id


def _issue(document_id: UUID, cast: Cast) -> None:
    with db.transaction(cast.clerk.acting) as session:
        sent = issuing.issue(session, document_id, by=cast.clerk, at=clock.now())
    assert sent == RECIPIENTS


def _rows_of_an_issue(backing: Backing) -> int:
    """Rows that one issue writes: issuance, recipients, promises and events."""
    with psycopg.connect(backing.worker_database_url.replace("+psycopg", "")) as connection:
        found = connection.execute(
            "select (select count(*) from issuances) + (select count(*) from issuance_recipients)"
            " + (select count(*) from outbox)"
            " + (select count(*) from audit_events where action = 'document.issued')"
        ).fetchone()
    assert found is not None
    issued = 1 + ONE_BY_ONE + AT_ONCE
    return int(found[0]) // issued


def _insert(connection: psycopg.Connection, rows: int) -> None:
    payload = json.dumps({"document_id": str(db.new_id()), "recipient_unit_id": str(db.new_id())})
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into bare values (%s, now(), %s)", [(db.new_id(), payload) for _ in range(rows)]
        )


def _delivered() -> tuple[int, float]:
    """Let relay and worker keep all promises; how many deliveries, and how many in a second."""
    _keep_what_is_no_delivery()
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
        return _watched(running)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _watched(running: Sequence[subprocess.Popen[bytes]]) -> tuple[int, float]:
    """From the first delivery that is seen to the last."""
    give_up_at = time.monotonic() + DELIVERED_WITHIN_S
    first: tuple[float, int] | None = None
    with db.system_transaction() as session:
        expected = session.scalars(select(func.count()).select_from(IssuanceRecipient)).one()
    while True:
        with db.system_transaction() as session:
            made = session.scalars(select(func.count()).select_from(Delivery)).one()
        now = time.perf_counter()
        if first is None and made:
            first = (now, made)
        if first is not None and made == expected:
            return made - first[1], (made - first[1]) / (now - first[0])
        if time.monotonic() > give_up_at or any(one.poll() is not None for one in running):
            raise TimeoutError(f"{made} of {expected} deliveries")
        time.sleep(0.05)


def _keep_what_is_no_delivery() -> None:
    """Archiving would fail: these dispatches have no pages. It is not what is measured."""
    with db.system_transaction() as session:
        others = session.scalars(select(Promise.id).where(Promise.task != "routing.deliver")).all()
        for promise_id in others:
            outbox.keep(session, promise_id, at=clock.now())
