"""The log leaves the building, and another machine finds what the database's superuser did.

PostgreSQL and the time-stamp authority are real; the witness reads the office's own addresses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar.testing import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from eoffice import clock
from eoffice.audit import actions as audit
from eoffice.audit.checkpoint import Cosigned
from eoffice.audit.cosignature import WitnessSigner
from eoffice.audit.verification import LogReport
from eoffice.db import system_transaction, transaction
from eoffice.embedded.pki import Pki
from eoffice.embedded.postgres import SUPERUSER, Server
from eoffice.settings import settings
from eoffice.signing import signed_pdf
from eoffice.transparency import actions, http, queries, tasks, witnessing
from eoffice.transparency.actions import WitnessKnown, WitnessUnknown
from eoffice.transparency.witnessing import Finding, Unreachable
from eoffice.web import application
from eoffice.web.application import Application
from tests.audit.test_record import CLERK
from tests.audit.test_sequence import SIGNER
from tests.conftest import Office
from tests.pki import office_clock
from tests.signing import test_ceremony
from tests.signing.papers import SIGNED_AT

pki = test_ceremony.pki
WITNESS = WitnessSigner("phong-giao-duc", Ed25519PrivateKey.from_private_bytes(b"w" * 32))


@dataclass(frozen=True)
class Log:
    """What a witness reads, and what the office does."""

    client: TestClient[Application]
    memory: Path
    superuser_url: str

    def get(self, path: str) -> bytes:
        answer = self.client.get(f"/log/{path}")
        if answer.status_code != 200:
            raise Unreachable(f"HTTP {answer.status_code}")
        return answer.content

    def happened(self, times: int) -> None:
        with system_transaction() as session:
            for number in range(times):
                audit.record(
                    session,
                    "document.numbered",
                    object_kind="document",
                    object_id=UUID(int=number + 1),
                    by=CLERK,
                    at=clock.now(),
                    details={"number": number},
                )
        with system_transaction() as session:
            audit.sequence(session, at=clock.now(), limit=5000, signer=SIGNER)

    def grown(self, times: int) -> None:
        self.happened(times)
        tasks.publish()

    def witnessed(self, *, everything: bool = True) -> Finding:
        """As the command does: judge, and remember what is good."""
        old = witnessing.remembered(self.memory, SIGNER.verifier)
        new = self.shown()
        found = witnessing.judge(self, new, old, everything=everything)
        if found.is_good:
            witnessing.write(self.memory, witnessing.cosigned(new, WITNESS, clock.now()))
        return found.finding

    def shown(self) -> Cosigned:
        return witnessing.shown(self, SIGNER.verifier)

    def verified(self, *, remembering: bool = False) -> LogReport:
        """What `eoffice audit verify` says, with or without the memory of a witness."""
        kept = witnessing.remembered(self.memory, SIGNER.verifier) if remembering else None
        with system_transaction(as_of_one_moment=True) as session:
            return audit.verify_log(
                session,
                verifier=SIGNER.verifier,
                remembered=[] if kept is None else [kept.head],
            )

    def tampered(self, *statements: str) -> None:
        """By somebody with the whole database in hand: triggers do not stop them."""
        engine = create_engine(self.superuser_url)
        with engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def log(
    office: Office, server: Server, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Log]:
    trust = tmp_path / "trust"
    trust.mkdir()
    for file in pki.trust_directory.iterdir():
        (trust / file.name).write_bytes(file.read_bytes())
    (trust / "log.pub").write_text(f"{SIGNER.verifier}\n")
    monkeypatch.setenv("EOFFICE_TRUST", str(trust))
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    settings.cache_clear()
    database = make_url(office.databases.owner_url).database
    assert database is not None
    app = application.make(
        [http.router, http.witnesses],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
    )
    with (
        office_clock(office.var / "clock.json", SIGNED_AT),
        TestClient(app, raise_server_exceptions=True) as client,
    ):
        yield Log(client, tmp_path / "head.txt", server.url(SUPERUSER, database))


def test_before_anything_is_published_there_is_nothing_to_see(log: Log) -> None:
    for path in ("checkpoint", "tile/0/000.p/1", "timestamps/1"):
        assert log.client.get(f"/log/{path}").status_code == 404


def test_a_head_is_published_once_with_its_time_stamp(log: Log) -> None:
    log.grown(3)
    tasks.publish()
    shown = log.shown()
    assert shown.head.size == 3
    token = cms.ContentInfo.load(log.get("timestamps/3"))["content"]
    imprint = signed_pdf.imprint(token)["hashed_message"].native
    assert imprint == hashlib.sha256(shown.note.encode()).digest()


def test_a_silent_authority_leaves_the_head_to_the_next_run(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = settings().timestamp_url
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", "http://127.0.0.1:9/tsa")
    settings.cache_clear()
    log.grown(2)
    assert log.shown().head.size == 2
    assert log.client.get("/log/timestamps/2").status_code == 404
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", right)
    settings.cache_clear()
    tasks.publish()
    assert log.client.get("/log/timestamps/2").status_code == 200


def test_tiles_stay_as_they_are_and_the_head_is_asked_anew(log: Log) -> None:
    log.grown(300)
    tile = log.client.get("/log/tile/0/000")
    assert len(tile.content) == 256 * 32
    assert "immutable" in tile.headers["cache-control"]
    assert log.client.get("/log/checkpoint").headers["cache-control"] == "no-cache"
    # Not full, not there, and no name of a tile.
    for path in ("tile/0/001", "tile/1/000.p/2", "tile/9/000", "tile/0/0", "tile/0/000.p/300"):
        assert log.client.get(f"/log/{path}").status_code == 404


def test_nothing_that_names_anybody_is_published(log: Log) -> None:
    log.grown(5)
    everything = log.get("checkpoint") + log.get("tile/0/000.p/5")
    assert CLERK.full_name.encode() not in everything
    assert len(log.get("tile/0/000.p/5")) == 5 * 32


def test_a_witness_follows_the_log_as_it_grows(log: Log) -> None:
    log.grown(3)
    assert log.witnessed() is Finding.FIRST
    assert log.witnessed() is Finding.UNCHANGED
    log.grown(600)
    assert log.witnessed(everything=False) is Finding.GREW
    assert log.verified(remembering=True).is_intact


#: What somebody does with all rights over the database -> what a witness finds, and whether
#: `eoffice audit verify` finds it alone.
DEEDS: dict[str, tuple[tuple[str, ...], Finding, bool]] = {
    "an event is edited": (
        ("update audit_events set details = '{\"number\": 77}' where leaf_index = 2",),
        Finding.GREW,
        True,
    ),
    "an event is edited with its hash": (
        (
            "update audit_events set details = '{\"number\": 77}', leaf_hash = '\\x00'::bytea "
            "where leaf_index = 2",
        ),
        Finding.TILES_BROKEN,
        True,
    ),
    "an event is deleted": (
        ("delete from audit_events where leaf_index = 2",),
        Finding.TILES_BROKEN,
        True,
    ),
    "two events change places": (
        (
            "update audit_events set leaf_index = 1000 where leaf_index = 2",
            "update audit_events set leaf_index = 2 where leaf_index = 3",
            "update audit_events set leaf_index = 3 where leaf_index = 1000",
        ),
        Finding.TILES_BROKEN,
        True,
    ),
    "the log is rolled back": (
        (
            "delete from cosignatures where size > 4",
            "delete from head_timestamps where size > 4",
            "delete from published_heads where size > 4",
            "delete from tree_heads where size > 4",
            "delete from merkle_nodes where (index + 1) << level > 4",
            "delete from audit_events where leaf_index >= 4",
        ),
        Finding.ROLLED_BACK,
        False,
    ),
}


#: Everything is gone, as if the office began today.
EMPTIED = (
    "delete from cosignatures",
    "delete from head_timestamps",
    "delete from published_heads",
    "delete from tree_heads",
    "delete from merkle_nodes",
    "delete from audit_events",
)


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_what_the_superuser_does_is_found(log: Log, deed: str) -> None:
    statements, finding, is_found_alone = DEEDS[deed]
    log.grown(4)
    log.grown(5)
    assert log.witnessed() is Finding.FIRST
    log.tampered(*statements)
    if finding is Finding.GREW:
        # A digest that was left alone accuses the event, and only the office has the event.
        log.grown(1)
    try:
        assert log.witnessed() is finding
    except Unreachable:
        # What is gone cannot be read either: the office must say why.
        assert deed == "an event is deleted"
    assert log.verified().is_intact is not is_found_alone
    report = log.verified(remembering=True)
    assert not report.is_intact
    if deed == "the log is rolled back":
        assert any("bị lùi" in fault for fault in report.faults)


def test_a_history_that_was_made_anew_from_the_beginning_is_found(log: Log) -> None:
    """With the log's own key in hand: nothing inside contradicts itself any more."""
    log.grown(6)
    assert log.witnessed() is Finding.FIRST
    log.tampered(*EMPTIED)
    log.grown(8)
    assert log.verified().is_intact
    assert log.witnessed() is Finding.REWRITTEN
    report = log.verified(remembering=True)
    assert any("Lịch sử bị sửa" in fault for fault in report.faults)


def test_two_heads_of_one_size_are_a_fork(log: Log) -> None:
    log.grown(6)
    assert log.witnessed() is Finding.FIRST
    log.tampered(*EMPTIED)
    log.grown(6)
    assert log.witnessed() is Finding.FORKED


def test_a_log_that_is_not_reached_is_accused_of_nothing(log: Log) -> None:
    log.grown(2)
    assert log.witnessed() is Finding.FIRST
    log.tampered("delete from published_heads")
    with pytest.raises(Unreachable):
        log.witnessed()


def registered() -> None:
    with system_transaction() as session:
        actions.register(session, WITNESS.public, at=clock.now())


def sent(log: Log, note: str) -> int:
    return log.client.post("/api/v1/log/cosignatures", content=note.encode()).status_code


def test_what_a_registered_witness_signs_is_shown_below_the_head(log: Log) -> None:
    log.grown(3)
    registered()
    note = witnessing.cosigned(log.shown(), WITNESS, clock.now())
    assert (sent(log, note), sent(log, note)) == (204, 204)
    (line,) = log.shown().lines
    assert WITNESS.public.cosigned_at(log.shown().body, line) <= clock.now()
    assert log.witnessed() is Finding.FIRST  # Another one reads it as before.


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda note: note.replace("\n3\n", "\n4\n"), 422),
        (lambda note: note[:-6] + "AAAA=\n", 422),
        (lambda note: note[:9], 422),
        (lambda note: note * 100, 413),
    ],
    ids=["another size", "another signature", "no head", "too large"],
)
def test_what_is_wrong_is_refused(log: Log, change: Callable[[str], str], status: int) -> None:
    log.grown(3)
    registered()
    note = witnessing.cosigned(log.shown(), WITNESS, clock.now())
    assert sent(log, change(note)) == status
    assert log.shown().lines == ()


def test_a_witness_that_nobody_registered_or_that_was_retired_is_not_taken(log: Log) -> None:
    log.grown(3)
    note = witnessing.cosigned(log.shown(), WITNESS, clock.now())
    assert sent(log, note) == 403
    registered()
    with system_transaction() as session:
        actions.retire(session, WITNESS.name, at=clock.now())
    assert sent(log, note) == 403
    with system_transaction() as session, pytest.raises(WitnessUnknown):
        actions.retire(session, WITNESS.name, at=clock.now())


def test_a_name_keeps_its_key(log: Log) -> None:
    registered()
    registered()
    other = WitnessSigner(WITNESS.name, Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    with system_transaction() as session, pytest.raises(WitnessKnown):
        actions.register(session, other.public, at=clock.now() + timedelta(days=1))


def test_the_web_process_publishes_nothing_by_itself(log: Log) -> None:
    log.happened(2)
    with transaction(None) as session:
        assert queries.checkpoint(session) is None
        with pytest.raises(Exception, match="permission denied"):
            actions.publish(session, at=clock.now())
        session.rollback()
