"""Ten thousand numbers taken by 32 threads from one book, every fifth transaction failing.

Through the action that numbers a document, in transactions of the web process's role with
row-level security, each on a connection of its own. Afterwards the book is checked: no gap, no
double, and documents and log say the same. Peer: as many threads and transactions, of which every
fifth is rolled back too, that only do `update counter … returning` and commit; nothing that gives
numbers without gaps can be faster.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import local

import psycopg

from benchmarks.figures import Figure, Peer
from benchmarks.issue import _office
from eoffice import clock, db
from eoffice.embedded.services import Backing
from eoffice.settings import settings
from tests.cast import load_cast
from tests.documents.numbers_at_once import ONE_DIES_OF, check_book, signed_documents, take_all

NUMBERS = 10_000
THREADS = 32


def measure() -> Sequence[Figure]:
    with _office() as backing:
        os.environ["EOFFICE_WEB_THREADS"] = str(THREADS)
        settings.cache_clear()
        at = clock.now()
        with db.system_transaction() as session:
            cast = load_cast(session, at)
        documents = signed_documents(cast, NUMBERS, at=at)
        bare = _bare_counter(backing)
        begun = time.perf_counter()
        died = take_all(cast, documents, threads=THREADS, at=at)
        rate = NUMBERS / (time.perf_counter() - begun)
        check_book(cast, documents)
    return [
        Figure(
            f"numbers taken by {THREADS} threads from one book, no gap and no double",
            "1/s",
            rate,
            Peer("bare update counter … returning", bare),
            f"{NUMBERS} numbers, {died} transactions failed",
        )
    ]


def _bare_counter(backing: Backing) -> float:
    """Numbers in a second from one row, by as many threads, every fifth transaction undone."""
    url = backing.owner_database_url.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("create table counter (last integer not null)")
        connection.execute("insert into counter values (0)")
    own, turns = local(), itertools.count(1)
    opened: list[psycopg.Connection] = []

    def work(_: int) -> int:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(url)
            opened.append(own.connection)
        connection: psycopg.Connection = own.connection
        while True:
            row = connection.execute("update counter set last = last + 1 returning last").fetchone()
            if next(turns) % ONE_DIES_OF:
                connection.commit()
                assert row is not None
                return int(row[0])
            connection.rollback()

    try:
        with ThreadPoolExecutor(THREADS) as takers:
            begun = time.perf_counter()
            taken = list(takers.map(work, range(NUMBERS)))
            took_s = time.perf_counter() - begun
    finally:
        for connection in opened:
            connection.close()
    assert sorted(taken) == list(range(1, NUMBERS + 1))
    return NUMBERS / took_s
