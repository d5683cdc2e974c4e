"""Archived files get a newer time-stamp before the old one weakens, whatever fails.

Two generations of time-stamp authorities: the first closes in 2030. Database, authorities and
signatures are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from eoffice import clock
from eoffice.archive import queries, records, renewal, renewal_actions, tasks
from eoffice.archive.model import ArchiveEntry, EvidenceRecord, RenewedContent
from eoffice.archive.queries import Entry, FixityDue
from eoffice.archive.states import Fixity
from eoffice.audit.model import AuditEvent
from eoffice.commands import verify
from eoffice.db import system_transaction, transaction
from eoffice.embedded.pki import Pki
from eoffice.embedded.pki.issue import Era
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.outbox import Promise
from eoffice.settings import settings
from eoffice.signing import evidence_records, policy
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests.archive.test_tasks import promised
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.pki import office_clock, trust_services
from tests.signing import papers

SIGNED = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
CLOSES = datetime(2030, 1, 1, tzinfo=UTC)
#: 400 days before the end, and a day.
DUE = datetime(2028, 11, 28, 3, 0, tzinfo=UTC)
TOO_LATE = datetime(2031, 1, 1, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Generations:
    first: Pki
    second: Pki
    #: A dispatch signed in 2026, not archived yet.
    sealed: bytes


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generations]:
    eras = (Era(datetime(2015, 1, 1, tzinfo=UTC), CLOSES, CLOSES), Era())
    with ExitStack() as stack:
        first, second = (
            stack.enter_context(trust_services(tmp_path_factory.mktemp(name), era=era))
            for name, era in zip(("first", "second"), eras, strict=True)
        )
        for root in second.trust_directory.glob("*.pem"):
            (first.trust_directory / f"second-{root.name}").write_bytes(root.read_bytes())
        with office_clock(tmp_path_factory.mktemp("clock") / "clock.json", SIGNED):
            sealed = papers.whole_life(first).sealed
        yield Generations(first, second, sealed)


@pytest.fixture
def archive(
    office: Office, generations: Generations, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cast]:
    """The dispatch is in the archive; from now on the second generation stamps."""
    store = MemoryStore(clock.now)
    configured.use(store)
    monkeypatch.setenv("EOFFICE_TRUST", str(generations.first.trust_directory))
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", generations.first.timestamp_url)
    settings.cache_clear()
    with office_clock(office.var / "clock.json", SIGNED):
        with system_transaction() as session:
            cast = load_cast(session, SIGNED)
        store.put(generations.sealed, "application/pdf")
        tasks.ingest(promised(cast, generations.sealed), SIGNED)
        monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", generations.second.timestamp_url)
        settings.cache_clear()
        yield cast
    configured.use(None)


def at(moment: datetime, office: Office) -> None:
    clock.set_office_clock(office.var / "clock.json", moment)


def entry(archive: Cast) -> Entry:
    with transaction(archive.clerk.acting) as session:
        (entry_id,) = session.scalars(select(ArchiveEntry.id))
        return queries.entry(session, entry_id, on=clock.civil_date(clock.now()))


def content(found: Entry) -> bytes:
    return configured.store().get_locked(found.content, found.object_version)


def told() -> list[str]:
    with system_transaction() as session:
        return [
            str(each.payload["text"])
            for each in session.scalars(select(Promise).where(Promise.task == "alerts.tell"))
        ]


def test_at_the_ingest_it_is_known_how_long_the_proof_lasts(archive: Cast) -> None:
    found = entry(archive)
    assert found.lasts_until == CLOSES
    assert "hết hạn" in found.lasts_because
    assert renewal.renew_due() == 0


def test_before_the_end_it_gets_a_newer_time_stamp_and_the_older_copy_stays(
    archive: Cast, office: Office
) -> None:
    before = entry(archive)
    old = content(before)
    at(DUE, office)
    assert renewal.renew_due() == 1

    after = entry(archive)
    new = content(after)
    assert new.startswith(old)
    assert len(new) == after.description.size_bytes
    assert after.lasts_until is not None
    assert after.lasts_until > CLOSES
    assert after.renewed_at is not None
    assert (after.renewed_at.date(), after.renewal_trouble) == (DUE.date(), "")
    assert configured.store().get_locked(before.content, before.object_version) == old
    with transaction(archive.clerk.acting) as session:
        (kept,) = session.scalars(select(RenewedContent))
        assert kept.content_sha256 == str(before.content)
    assert after.locked_until >= before.locked_until

    at(TOO_LATE, office)
    trust = TrustStore.from_directory(settings().trust_directory)
    assert verify_pdf(new, trust=trust, at=TOO_LATE).verdict is Finding.INTACT
    assert verify_pdf(old, trust=trust, at=TOO_LATE).verdict is Finding.UNVERIFIABLE
    assert renewal.renew_due() == 0  # Once is enough.
    due = FixityDue(after.id, after.content, after.object_version)
    assert tasks.fixity_of(configured.store(), due) is Fixity.INTACT


def test_the_log_names_both_contents_and_describes_the_newer(archive: Cast, office: Office) -> None:
    before = entry(archive)
    at(DUE, office)
    renewal.renew_due()
    after = entry(archive)
    with system_transaction() as session:
        event = session.get_one(AuditEvent, after.audit_event_id)
    assert event.action == "archive.renewed"
    assert event.details["previous_sha256"] == str(before.content)
    assert event.details["content_sha256"] == str(after.content)


def test_an_entry_of_an_earlier_release_is_looked_at_first(archive: Cast) -> None:
    with system_transaction() as session:
        session.execute(update(ArchiveEntry).values(lasts_seen_at=None, lasts_until=None))
    assert renewal.renew_due() == 0
    assert entry(archive).lasts_until == CLOSES


def test_a_silent_authority_puts_it_off_for_a_day_and_is_told_of_when_time_is_short(
    archive: Cast, office: Office, monkeypatch: pytest.MonkeyPatch, generations: Generations
) -> None:
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", "http://127.0.0.1:9/tsa")
    settings.cache_clear()
    at(DUE, office)
    assert renewal.renew_due() == 0
    assert entry(archive).renewal_trouble
    assert told() == []

    soon = CLOSES - timedelta(days=30)
    at(soon, office)
    assert renewal.renew_due() == 0
    assert told()
    assert all("chưa gia hạn được" in each and "01/01/2030" in each for each in told())

    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", generations.second.timestamp_url)
    settings.cache_clear()
    assert renewal.renew_due() == 0  # Not before a day is over.
    at(soon + timedelta(days=1, minutes=1), office)
    assert renewal.renew_due() == 1
    assert entry(archive).renewal_trouble == ""


def test_an_authority_that_ends_no_later_is_no_help(
    archive: Cast, office: Office, monkeypatch: pytest.MonkeyPatch, generations: Generations
) -> None:
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", generations.first.timestamp_url)
    settings.cache_clear()
    before = entry(archive).content
    at(DUE, office)
    assert renewal.renew_due() == 0
    found = entry(archive)
    assert "không có giá trị lâu hơn" in found.renewal_trouble
    assert found.content == before


def test_too_late_is_said_once_and_nothing_is_touched(archive: Cast, office: Office) -> None:
    before = entry(archive).content
    at(TOO_LATE, office)
    assert renewal.renew_due() == 0
    found = entry(archive)
    assert found.content == before
    assert "không gia hạn được nữa" in found.renewal_trouble
    assert told()


class Killed(BaseException):
    """Stands for `kill -9`."""


@pytest.mark.parametrize("step", ["renewed", "put_locked"])
def test_killed_in_between_it_is_renewed_once_by_the_next_run(
    archive: Cast, office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    at(DUE, office)
    with monkeypatch.context() as broken:

        def killed(*_args: object, **_named: object) -> None:
            raise Killed

        broken.setattr(renewal_actions if step == "renewed" else configured.store(), step, killed)
        with pytest.raises(Killed):
            renewal.renew_due()
    assert entry(archive).lasts_until == CLOSES
    assert renewal.renew_due() == 1
    with system_transaction() as session:
        assert len(session.scalars(select(RenewedContent)).all()) == 1


def test_two_runs_at_once_leave_one_renewal(archive: Cast, office: Office) -> None:
    at(DUE, office)
    with system_transaction() as session:
        (one,) = renewal_actions.due(session, at=DUE, limit=10)
    trust = TrustStore.from_directory(settings().trust_directory)
    newer = renewal.extended(configured.store(), one, trust=trust, at=DUE)
    assert isinstance(newer, renewal_actions.Renewed)
    assert renewal.renew_due() == 1
    with system_transaction() as session:
        assert not renewal_actions.renewed(session, one, newer, by="test", at=DUE)


@pytest.fixture
def by_record(
    archive: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """The policy prefers records; what this is called with falls on a day."""

    def says(**until: str) -> None:
        found = json.loads(Path(policy.__file__).with_name("policy.json").read_text("utf-8"))
        found["archive_renewal"] = "evidence-record"
        for each in found["accepted"]:
            if each["algorithm"] in until:
                each["until"] = until[each["algorithm"]]
        file = tmp_path / f"policy-{len(until)}.json"
        file.write_text(json.dumps(found), "utf-8")
        monkeypatch.setenv(policy.VARIABLE, str(file))

    says()
    return says


def verdict(found: Entry) -> Finding:
    with system_transaction() as session:
        record = records.record_of(session, found.id)
    trust = TrustStore.from_directory(settings().trust_directory)
    return records.judged(content(found), record, trust=trust, at=clock.now()).verdict


def test_by_record_the_file_stays_as_it_is_and_is_believed_past_its_time_stamp(
    archive: Cast, office: Office, by_record: Callable[..., None]
) -> None:
    before = entry(archive)
    at(DUE, office)
    assert renewal.renew_due() == 1
    after = entry(archive)
    assert after.content == before.content
    assert after.lasts_until is not None
    assert after.lasts_until > CLOSES
    assert after.renewed_at is not None
    at(TOO_LATE, office)
    assert verdict(after) is Finding.INTACT
    assert renewal.renew_due() == 0


def test_a_record_is_renewed_where_it_is_and_under_another_hash_where_the_old_one_falls(
    archive: Cast, office: Office, by_record: Callable[..., None], generations: Generations
) -> None:
    at(DUE, office)
    renewal.renew_due()
    at(DUE + timedelta(days=30), office)
    with system_transaction() as session:
        session.execute(update(ArchiveEntry).values(lasts_until=clock.now()))
        one = session.scalars(select(EvidenceRecord)).one()
        assert len(evidence_records.digests(one.record)) == 1
    assert renewal.renew_due() == 1

    by_record(sha256="2030-06-30")
    at(TOO_LATE - timedelta(days=300), office)
    with system_transaction() as session:
        session.execute(update(ArchiveEntry).values(lasts_until=clock.now()))
    renewal.renew_due()
    with system_transaction() as session:
        one = session.scalars(select(EvidenceRecord)).one()
        assert evidence_records.digests(one.record) == ("sha256", "sha384")
        assert one.digest == "sha384"


def test_the_command_judges_a_file_by_its_record(
    archive: Cast, office: Office, by_record: Callable[..., None], tmp_path: Path
) -> None:
    at(DUE, office)
    renewal.renew_due()
    found = entry(archive)
    file, beside = tmp_path / "van-ban.pdf", tmp_path / "van-ban.ers"
    file.write_bytes(content(found))
    with system_transaction() as session:
        record = records.record_of(session, found.id)
    assert record is not None
    beside.write_bytes(record)
    at(TOO_LATE, office)
    trust = ["--trust", str(settings().trust_directory)]
    alone = CliRunner().invoke(verify.command, [str(file), *trust])
    assert alone.exit_code == 2
    proven = CliRunner().invoke(verify.command, [str(file), "--record", str(beside), *trust])
    assert proven.exit_code == 0, proven.output
    assert "Hồ sơ bằng chứng chứng minh" in proven.output
    file.write_bytes(content(found) + b" ")
    assert (
        CliRunner().invoke(verify.command, [str(file), "--record", str(beside), *trust]).exit_code
    )
