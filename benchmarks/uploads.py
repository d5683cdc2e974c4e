"""A hundred text PDFs from the clerk's upload until each is found by its words.

Through the JSON interface (in this process, one request after the other), store, relay, broker
and a worker of two processes, which verifies the file and reads its words. Peer: the same words
on one connection to the same PostgreSQL, a bare INSERT with its tsvector under a GIN index, each
in its own transaction. EOFFICE_BENCHMARK_FILES says how many files there are (100).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence

import psycopg
import typst
from litestar.testing import TestClient

from benchmarks.figures import Figure, Peer
from benchmarks.issue import _office
from benchmarks.recipients import _awake
from benchmarks.search import ACTS, PLACES, TOPICS
from eoffice import clock, db
from eoffice.mailroom import http
from eoffice.objects import configured
from eoffice.people.authentication import Authentication
from eoffice.search import queries, rules
from eoffice.search.rules import Kind
from eoffice.settings import settings
from eoffice.web import application
from tests.cast import Cast, load_cast, sign_in

FILES = int(os.environ.get("EOFFICE_BENCHMARK_FILES", "100"))
FOUND_WITHIN_S = 600.0
#: A word that stands in each file and nowhere else.
WORD = "đochỉđạo"

_SOURCE = """
#set page(paper: "a4")
#let data = json("data.json")
#for line in data.lines [ #line #parbreak() ]
"""


def measure() -> Sequence[Figure]:
    with _office() as backing:
        configured.s3().prepare()
        # Trusts nobody: the files have no signatures.
        settings().trust_directory.mkdir(parents=True)
        with db.system_transaction() as session:
            cast = load_cast(session, clock.now())
            token = sign_in(session, cast.clerk, clock.now())
        texts = [_lines(number) for number in range(FILES)]
        pages = [_pdf(lines) for lines in texts]
        with psycopg.connect(
            backing.owner_database_url.replace("+psycopg", ""), autocommit=True
        ) as bare:
            bare_s = _bare(bare, texts)
        uploaded_s, found_s = _uploaded_and_found(pages, cast, token)
    peer = Peer(f"{FILES} bare INSERTs with their tsvector", bare_s)
    return [
        Figure(f"{FILES} text PDFs uploaded", "s", uploaded_s, peer, "1"),
        Figure(f"{FILES} text PDFs from upload to searchable", "s", found_s, peer, "1"),
    ]


def _lines(number: int) -> list[str]:
    """Two pages of what an office writes."""
    return [
        f"{line}. Văn bản {WORD} số {number}: {ACTS[(number + line) % len(ACTS)]} "
        f"{TOPICS[(number * 7 + line) % len(TOPICS)]} tại {PLACES[(number + line) % len(PLACES)]}, "
        f"{ACTS[(number * 3 + line) % len(ACTS)]} {TOPICS[(number + line * 5) % len(TOPICS)]}."
        for line in range(1, 45)
    ]


def _pdf(lines: list[str]) -> bytes:
    # The dictionary form of sources is missing in the library's annotations.
    made: bytes = typst.compile(  # type: ignore[call-overload]
        {"main.typ": _SOURCE.encode(), "data.json": json.dumps({"lines": lines}).encode()}
    )
    return made


def _bare(owner: psycopg.Connection, texts: Sequence[Sequence[str]]) -> float:
    owner.execute("create table bare_words (id uuid primary key, words text, tsv tsvector)")
    owner.execute("create index on bare_words using gin (tsv)")
    begun = time.perf_counter()
    for lines in texts:
        owner.execute(
            "insert into bare_words values (gen_random_uuid(), %(words)s, vn_tsv(%(words)s))",
            {"words": " ".join(lines)},
        )
    return time.perf_counter() - begun


def _uploaded_and_found(pages: Sequence[bytes], cast: Cast, token: str) -> tuple[float, float]:
    """Seconds until the last upload was answered, and until a search finds all of them."""
    app = application.make(
        [http.router],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "eoffice", *command],
            env=dict(os.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in (["relay"], ["worker", "--concurrency", "2"])
    ]
    try:
        _awake(running)
        with TestClient(app, base_url=settings().base_url) as client:
            begun = time.perf_counter()
            for number, content in enumerate(pages):
                _upload(client, token, number, content)
            uploaded = time.perf_counter()
            _all_found(cast, running)
            return uploaded - begun, time.perf_counter() - begun
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _upload(client: TestClient, token: str, number: int, content: bytes) -> None:  # type: ignore[type-arg]
    body = {
        "sender_name": "Bộ Giáo dục và Đào tạo",
        "type_name": "Công văn",
        "number": str(number + 1),
        "notation": "BGDĐT-GDTrH",
        "issued_on": "2018-08-10",
        "subject": f"Hướng dẫn số {number}",
        "register": True,
        "file": {"name": "cong-van.pdf", "content": base64.b64encode(content).decode()},
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"upload-{number:04}"}
    client.post("/api/v1/incoming", json=body, headers=headers).raise_for_status()


def _all_found(cast: Cast, running: Sequence[subprocess.Popen[bytes]]) -> None:
    asked = rules.parse(WORD)
    give_up_at = time.monotonic() + FOUND_WITHIN_S
    while True:
        with db.transaction(cast.clerk.acting) as session:
            found = queries.found(session, asked, Kind.INCOMING, who=cast.clerk, most=FILES)
        if len(found.ids) == FILES:
            return
        if time.monotonic() > give_up_at or any(one.poll() is not None for one in running):
            raise TimeoutError(f"{len(found.ids)} of {FILES} are found")
        time.sleep(0.1)
