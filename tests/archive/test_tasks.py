"""What was promised to the archive is taken in once, locked, and read again from time to time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from eoffice import clock, outbox
from eoffice.archive import queries, tasks
from eoffice.archive.actions import Order
from eoffice.archive.model import ArchiveEntry
from eoffice.archive.queries import FixityDue
from eoffice.archive.states import EntryKind, Fixity
from eoffice.audit.model import AuditEvent
from eoffice.db import system_transaction, transaction
from eoffice.embedded.pki import Pki
from eoffice.objects import configured
from eoffice.objects.contract import ObjectMissing
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Claim
from eoffice.settings import settings
from eoffice.signing.verdict import Finding
from tests.archive.packages import small_pdf
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.pki import office_clock
from tests.signing.papers import SIGNED_AT, Dispatch

LATER = SIGNED_AT + timedelta(minutes=5)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore(clock.now)
    configured.use(made)
    yield made
    configured.use(None)


@pytest.fixture
def archive(
    office: Office, store: MemoryStore, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cast]:
    """The office with its archive, at the time of the dispatch, and its people."""
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    settings.cache_clear()
    with office_clock(office.var / "clock.json", LATER):
        with system_transaction() as session:
            cast = load_cast(session, LATER)
        yield cast


def promised(cast: Cast, content: bytes, **changes: object) -> Claim:
    """What the slice that issues a document promises."""
    payload: dict[str, Any] = {
        "kind": "document",
        "source_id": UUID(int=960),
        "content_sha256": str(Sha256.of(content)),
        "agency_id": cast.department.id,
        "unit_id": cast.department.id,
        "title": "Công văn về việc khảo sát ứng dụng công nghệ thông tin",
        "number_notation": "960/SGDĐT-CNTTTBTV",
        "issued_on": date(2018, 8, 13),
        "school_year": None,
        "class_name": None,
    } | changes
    with system_transaction() as session:
        made = outbox.promise(session, "archive.ingest", at=LATER, **payload)
    with system_transaction() as session:
        claimed = outbox.claim(session, made, at=LATER)
    assert claimed is not None
    return claimed


def test_a_signed_dispatch_becomes_a_locked_entry_that_can_be_verified_for_decades(
    archive: Cast, store: MemoryStore, dispatch: Dispatch
) -> None:
    store.put(dispatch.sealed, "application/pdf")

    tasks.ingest(promised(archive, dispatch.sealed), LATER)

    with transaction(archive.clerk.acting) as session:
        (line,) = queries.search(session, "khao sat 960/SGDĐT", on=clock.civil_date(LATER))
        entry = queries.entry(session, line.id, on=clock.civil_date(LATER))
    assert (entry.level, entry.verdict.verdict) == ("B-LTA", Finding.INTACT)
    assert entry.description.school_year == "2018-2019"
    assert entry.description.agency_name == archive.department.name
    kept = store.get_locked(entry.content, entry.object_version)
    assert kept.startswith(dispatch.sealed)
    assert entry.locked_until > LATER + timedelta(days=3600)


def test_the_words_of_the_document_are_found(
    archive: Cast, store: MemoryStore, dispatch: Dispatch
) -> None:
    store.put(dispatch.sealed, "application/pdf")

    tasks.ingest(promised(archive, dispatch.sealed), LATER)

    with transaction(archive.clerk.acting) as session:
        words = '"kinh gui cac phong giao duc" -zalo'
        assert len(queries.search(session, words, on=clock.civil_date(LATER))) == 1


def test_the_log_swears_to_content_and_description(
    archive: Cast, store: MemoryStore, dispatch: Dispatch
) -> None:
    store.put(dispatch.sealed, "application/pdf")
    tasks.ingest(promised(archive, dispatch.sealed), LATER)

    with system_transaction() as session:
        entry = session.scalars(select(ArchiveEntry)).one()
        event = session.get_one(AuditEvent, entry.audit_event_id)

    assert event.action == "archive.ingested"
    assert event.details["content_sha256"] == entry.content_sha256
    assert event.details["source_sha256"] == str(Sha256.of(dispatch.sealed))
    assert event.details.keys().isdisjoint({"title", "agency_name"})


def test_the_same_promise_twice_makes_one_entry(
    archive: Cast, store: MemoryStore, dispatch: Dispatch
) -> None:
    store.put(dispatch.sealed, "application/pdf")
    claims = [promised(archive, dispatch.sealed) for _ in range(2)]

    for claim in claims:
        tasks.ingest(claim, LATER)

    with system_transaction() as session:
        assert len(session.scalars(select(ArchiveEntry.id)).all()) == 1
        states = session.scalars(select(outbox.Promise.state)).all()
    assert states == [outbox.PromiseState.KEPT] * 2


def test_an_unsigned_register_is_kept_with_the_verdict_that_it_is_unsigned(
    archive: Cast, store: MemoryStore
) -> None:
    store.put(small_pdf(), "application/pdf")
    claim = promised(
        archive,
        small_pdf(),
        kind="gradebook",
        agency_id=archive.school.id,
        unit_id=archive.school.id,
        title="Sổ theo dõi và đánh giá học sinh lớp 7A1",
        number_notation=None,
        issued_on=None,
        school_year="2024-2025",
        class_name="7A1",
    )

    tasks.ingest(claim, LATER)

    with transaction(archive.school_principal.acting) as session:
        (line,) = queries.search(session, "so theo doi 7a1", on=clock.civil_date(LATER))
    assert (line.verdict, line.level) == ("unsigned", None)


def test_content_that_is_not_in_the_store_leaves_no_entry(archive: Cast) -> None:
    claim = promised(archive, b"never put")

    with pytest.raises(ObjectMissing):
        tasks.ingest(claim, LATER)

    with system_transaction() as session:
        assert session.scalars(select(ArchiveEntry.id)).all() == []


class Broken(MemoryStore):
    """A store with one fault."""

    def __init__(self, now: Any, fault: Fixity) -> None:
        super().__init__(now)
        self.fault = fault

    def get_locked(self, name: Sha256, version_id: str) -> bytes:
        if self.fault is Fixity.MISSING:
            raise ObjectMissing(name)
        if self.fault is Fixity.CHANGED:
            self._archive[name][version_id].content += b"."
        return super().get_locked(name, version_id)


@pytest.mark.parametrize("fault", list(Fixity))
def test_reading_again_finds_what_is_wrong_with_a_copy(fault: Fixity, at: datetime) -> None:
    now = [at]
    store = Broken(lambda: now[0], fault)
    name = store.put(b"%PDF", "application/pdf")
    lock = store.put_locked(name, retain_until=at + timedelta(days=1))
    if fault is Fixity.UNLOCKED:
        now[0] += timedelta(days=2)

    assert tasks.fixity_of(store, FixityDue(UUID(int=1), name, lock.version_id)) is fault


def test_a_sweep_reads_what_is_due_and_puts_a_fault_on_record(
    archive: Cast, store: MemoryStore, office: Office
) -> None:
    store.put(small_pdf(), "application/pdf")
    tasks.ingest(promised(archive, small_pdf()), LATER)
    assert tasks.check_fixity() == 0

    with office_clock(office.var / "clock.json", LATER + tasks.FIXITY_PERIOD + timedelta(days=1)):
        assert tasks.check_fixity() == 0
        with system_transaction() as session:
            entry = session.scalars(select(ArchiveEntry)).one()
            entry.fixity_checked_at = LATER
            store._archive[Sha256(entry.content_sha256)][entry.object_version].content = b""
        assert tasks.check_fixity() == 1
        assert tasks.check_fixity() == 0

    with system_transaction() as session:
        entry = session.scalars(select(ArchiveEntry)).one()
        actions = session.scalars(select(AuditEvent.action)).all()
    assert entry.fixity is Fixity.CHANGED
    assert actions.count("archive.fixity_checked") == 1


def test_the_payload_of_a_promise_is_an_order(archive: Cast) -> None:
    order = msgspec.convert(promised(archive, b"x").payload, Order)

    assert (order.kind, order.issued_on) == (EntryKind.DOCUMENT, date(2018, 8, 13))
