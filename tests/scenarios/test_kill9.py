"""Kill -9 of any program at any moment of the story loses nothing and doubles nothing.

The story's own functions play the dispatch from draft to answer through HTTP, with the client that
people's programs would use: it sends a request again, under the same key, until it is answered.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from eoffice.demo import client, delivery_story, dispatch_story, load
from eoffice.demo.telling import Telling
from tests.scenarios.faults import Fault, Moment, Saboteur, Watch, table
from tests.scenarios.running import Running

pytestmark = pytest.mark.scenario

BEFORE, DURING, LOST, WHEN = Moment.BEFORE, Moment.DURING, Moment.ANSWER_LOST, Moment.WHEN

_DELIVERED = "select count(*) >= {} from deliveries"
#: A worker is writing the deliveries of one promise, and has committed none of them.
_DELIVERING = (
    "select count(*) > 0 from pg_stat_activity"
    " where state <> 'idle' and query like 'INSERT INTO deliveries%'"
)
#: The signature was requested: what may be signed is on record, the key is about to be used.
_REQUESTED = "signature_requests"
_ARCHIVING = (
    "select count(*) > 0 from outbox"
    " where task = 'archive.ingest' and state = 'claimed' and attempts >= {}"
)

REQUESTS = (
    Fault("web:child", DURING, "story-draft"),
    Fault("web", LOST, "PUT …/recipients"),
    Fault("store", DURING, "story-attach"),
    Fault("postgres", LOST, "story-submit-1"),
    Fault("postgres", BEFORE, "story-return"),
    Fault("web", LOST, "PUT …/draft"),
    Fault("postgres:child", DURING, "story-approve"),
    # The director's signature: each attempt meets another death.
    Fault("web", DURING, "story-sign", grows=_REQUESTED),
    Fault("postgres", DURING, "story-sign", grows=_REQUESTED),
    Fault("store", DURING, "story-sign", grows=_REQUESTED),
    Fault("web:child", LOST, "story-sign"),
    Fault("web", DURING, "story-number"),
    Fault("postgres", DURING, "story-number"),
    Fault("store", LOST, "story-number"),
    Fault("web:child", DURING, "story-seal", grows=_REQUESTED),
    Fault("store", BEFORE, "story-seal"),
    Fault("web", DURING, "story-issue"),
    Fault("postgres", DURING, "story-issue"),
    Fault("broker", LOST, "story-issue"),
    Fault("web:child", DURING, "story-register-vanthu.pgd02"),
    Fault("postgres", DURING, "story-register-vanthu.pgd09"),
    Fault("web", LOST, "story-register-vanthu.thpt05"),
    Fault("postgres", LOST, "story-open-vanthu.thpt18"),
    Fault("postgres", DURING, "story-assign"),
    Fault("web:child", LOST, "story-answer"),
    Fault("web", DURING, "story-answer-sign", grows=_REQUESTED),
    Fault("postgres", LOST, "story-answer-number"),
    Fault("trust", DURING, "story-answer-seal", grows=_REQUESTED),
    Fault("broker", DURING, "story-answer-issue"),
)

BACKGROUND = (
    Fault("worker", WHEN, "3 of 55 delivered", fact=_DELIVERED.format(3)),
    Fault("relay", WHEN, "8 of 55 delivered", fact=_DELIVERED.format(8)),
    Fault("broker", WHEN, "14 of 55 delivered", fact=_DELIVERED.format(14)),
    Fault("postgres", WHEN, "20 of 55 delivered", fact=_DELIVERED.format(20)),
    Fault("worker:child", WHEN, "28 of 55 delivered", fact=_DELIVERED.format(28)),
    Fault("postgres:child", WHEN, "36 of 55 delivered", fact=_DELIVERED.format(36)),
    Fault("worker", WHEN, "50 of 55 delivered", fact=_DELIVERED.format(50)),
)
#: While the sealed dispatch is taken into the archive, beside everything else.
ARCHIVING = (
    Fault("worker", WHEN, "taking into the archive", fact=_ARCHIVING.format(1)),
    Fault("store", WHEN, "taking in, second attempt", fact=_ARCHIVING.format(2)),
)
#: In the middle of a promise that delivers to twenty-five.
DELIVERING = (Fault("worker:child", WHEN, "while a promise is delivered", fact=_DELIVERING),)
FAULTS = REQUESTS + BACKGROUND + DELIVERING + ARCHIVING

#: Restarts take seconds; what a dead worker held is handed over again after twenty more.
PATIENCE_S = 400.0
SETTLED_WITHIN_S = 240


@pytest.fixture(scope="module")
def told(office: Running) -> Running:
    """An office in which the story was told while its programs were killed; prints the table."""
    folder = Path("var/scenarios")
    folder.mkdir(parents=True, exist_ok=True)
    watches = [Watch(office, each) for each in (BACKGROUND, DELIVERING, ARCHIVING)]
    with (
        pytest.MonkeyPatch.context() as patience,
        httpx.Client(
            base_url=office.base_url, timeout=60, transport=Saboteur(office, REQUESTS)
        ) as http,
    ):
        patience.setattr(client, "PATIENCE_S", PATIENCE_S)
        telling = Telling(load.read_access(office.var), http, office.var / "demo")
        for watch in watches:
            watch.start()
        try:
            document_id = dispatch_story.draft(telling)
            dispatch_story.sign(telling, document_id)
            delivery_story.deliver(telling, document_id)
        finally:
            for watch in watches:
                watch.over.set()
                watch.join()
            text = table(FAULTS)
            (folder / "kill9.txt").write_text(text + "\n", encoding="utf-8")
            print(f"\n{text}")
    return office


def test_every_program_was_killed_at_almost_every_point(told: Running) -> None:
    """Some windows are milliseconds wide; the table says which were missed."""
    killed = [fault.victim for fault in FAULTS if fault.killed is not None]

    assert {"web", "worker", "relay", "broker", "postgres"} <= set(killed)
    assert len(killed) >= len(FAULTS) * 3 // 4


def test_no_promise_is_lost(told: Running) -> None:
    until = time.monotonic() + SETTLED_WITHIN_S
    open_promises = "select task, state, failure from outbox where state <> 'kept'"

    while (left := rows(told, open_promises)) and time.monotonic() < until:
        time.sleep(0.5)

    assert not left


def test_everybody_got_the_dispatch_once(told: Running) -> None:
    deliveries = rows(
        told,
        "select number, notation, count(*), count(distinct recipient_unit_id) from deliveries"
        " group by number, notation order by number desc",
    )

    assert deliveries[0] == ("960", "SGDĐT-CNTTTBTV", 55, 55)
    assert [line[2:] for line in deliveries[1:]] == [(1, 1)]


def test_numbers_have_neither_gaps_nor_duplicates(told: Running) -> None:
    outgoing = rows(told, "select number from book_entries order by number")
    arrivals = rows(
        told, "select number, count(*), count(distinct agency_id) from arrivals group by 1"
    )

    assert outgoing == [(1,), (960,)]
    assert arrivals == [(1, 52, 52)]


def test_each_document_was_signed_numbered_and_sealed_once(told: Running) -> None:
    versions = rows(
        told,
        "select document_id, kind, count(*) from document_versions where kind <> 'draft'"
        " group by 1, 2",
    )
    signatures = rows(
        told,
        "select subject_id, field, count(*) from signature_requests where state = 'signed'"
        " group by 1, 2",
    )
    pending = rows(told, "select count(*) from signature_requests where state = 'requested'")

    assert sorted(kind for _, kind, count in versions if count == 1) == sorted(
        2 * ["signed", "numbered", "sealed"]
    )
    # Two people, two seals, and the seal's text on the separate appendix of the first dispatch.
    assert [count for _, _, count in signatures] == [1, 1, 1, 1, 1]
    assert pending == [(0,)]


def test_every_step_is_in_the_log_once(told: Running) -> None:
    told_once = dict(rows(told, "select action, count(*) from audit_events group by 1"))

    assert {action: told_once.get(action, 0) for action in EXPECTED_EVENTS} == EXPECTED_EVENTS
    verified = told.command("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


#: Two dispatches, of which the first was returned once; what the story does besides.
EXPECTED_EVENTS = {
    "document.begun": 2,
    "document.attached": 1,
    "document.submit": 3,
    "document.return": 1,
    "document.approve": 2,
    "document.pass_form": 2,
    "document.sign": 2,
    "document.number": 2,
    "document.page_numbered": 2,
    "document.seal": 2,
    "document.issue": 2,
    "signature.made": 5,
    "delivery.made": 56,
    "delivery.opened": 54,
    "delivery.refused": 1,
    "arrival.registered": 52,
    "arrival.submitted": 2,
    "arrival.assigned": 2,
    "arrival.finished": 1,
    "archive.ingested": 2,
}


def test_what_was_archived_is_intact(told: Running, tmp_path: Path) -> None:
    archived = 0
    for login in ("vanthu", "vanthu.thpt01"):
        clerk = told.client(login)
        for entry in clerk.get("/api/v1/archive/entries").json()["items"]:
            content = clerk.get(f"/api/v1/archive/entries/{entry['id']}/content").content
            file = tmp_path / f"{login}.pdf"
            file.write_bytes(content)
            archived += 1

            verified = told.command("verify", file)

            assert verified.returncode == 0, verified.stdout + verified.stderr
    assert archived == 2


def test_the_office_is_well_afterwards(told: Running) -> None:
    examined = told.command("doctor")

    assert examined.returncode == 0, examined.stdout + examined.stderr


def rows(office: Running, query: str) -> list[tuple[Any, ...]]:
    """What the database says, seen by the office itself."""
    url = office.settings["EOFFICE_WORKER_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()
