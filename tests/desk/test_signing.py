"""Several things are signed with one entry of the PIN, each with an outcome of its own.

Nothing is signed twice, nothing that was not seen, nothing after the PIN's time, and a worker that
is killed leaves every thing either signed and said so, or unsigned and waiting. Database, keys,
time-stamp authority and PDF are real.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from eoffice import clock, db, outbox
from eoffice.desk import signables, tasks
from eoffice.documents.books import numbering
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.model import Document, DocumentVersion, VersionKind
from eoffice.documents.states import State
from eoffice.embedded.pki import Pki
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people.model import Appointment
from eoffice.settings import settings
from eoffice.signing import actions as signing
from eoffice.signing import opened_keys
from eoffice.signing.batches import actions, pins, queries, rules, running
from eoffice.signing.batches.actions import BatchUnknown
from eoffice.signing.batches.model import SignatureBatchPin
from eoffice.signing.batches.rules import Chosen, ItemState, ItemStepRefused
from eoffice.signing.keys.contract import WrongPin
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.states import RequestState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import pki as test_pki
from tests.conftest import Office, owner_transaction
from tests.desk.signing_stage import (
    OnDisk,
    begun,
    offered,
    promises,
    read,
    retried,
    states,
    stopped,
    work,
)
from tests.killing import killed_at_each_step
from tests.signing import test_ceremony
from tests.signing.test_ceremony import MORNING, Desk, awaiting_signature, in_transaction

WAITING, SIGNED, FAILED, STOPPED, AWAITED = ItemState
desk = test_ceremony.desk


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with test_pki.trust_services(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture
def three(desk: Desk) -> list[Chosen]:
    """Three documents that wait for the director, as the desk offers them."""
    awaiting_signature(desk.cast)
    awaiting_signature(desk.cast)
    return offered(desk.cast.director)


def document_states() -> list[State]:
    with db.system_transaction() as session:
        return list(session.scalars(select(Document.state).order_by(Document.id)))


def made() -> int:
    """Signatures on record."""
    with db.system_transaction() as session:
        query = select(func.count()).where(SignatureRequest.state == RequestState.SIGNED)
        return session.scalar(query) or 0


def kept_pins() -> int:
    with db.system_transaction() as session:
        return session.scalar(select(func.count()).select_from(SignatureBatchPin)) or 0


def test_all_are_signed_with_one_pin_and_each_is_intact(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    assert states(director, batch_id) == [WAITING] * 3

    work()

    assert states(director, batch_id) == [SIGNED] * 3
    assert document_states() == [State.SIGNED] * 3
    assert (made(), kept_pins()) == (3, 0)
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    with db.system_transaction() as session:
        contents = session.scalars(
            select(DocumentVersion.content_sha256).where(DocumentVersion.kind == VersionKind.SIGNED)
        ).all()
    for sha256 in contents:
        assert sha256 is not None
        pdf = desk.store.get(Sha256.parse(sha256))
        assert verify_pdf(pdf, trust=trust, at=clock.now(), online=True).verdict is Finding.INTACT


def test_the_clerk_seals_the_numbered_ones_with_the_pin_of_the_seal(
    desk: Desk, three: list[Chosen]
) -> None:
    begun(desk.cast.director, three)
    work()
    clerk = desk.cast.clerk
    assert offered(clerk) == [], "what has no number is not sealed"
    for each in three:
        numbering.take_number(each.id, by=clerk, within=in_transaction(clerk))

    to_seal = offered(clerk)
    assert {each.kind for each in to_seal} == {"document-seal"}
    batch_id = begun(clerk, to_seal)
    work()

    assert states(clerk, batch_id) == [SIGNED] * 3
    assert document_states() == [State.SEALED] * 3


def test_only_who_is_to_sign_is_offered_it(desk: Desk, three: list[Chosen]) -> None:
    cast = desk.cast
    assert {each.kind for each in three} == {"document-signature"}
    for who in (cast.deputy_director, cast.specialist, cast.clerk, cast.district_clerk):
        assert offered(who) == []


def test_one_that_cannot_be_signed_does_not_hold_up_the_others(
    desk: Desk, three: list[Chosen]
) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    with db.transaction(director.acting) as session:
        flow_actions.send_back(session, three[1].id, "Thiếu nơi nhận.", by=director, at=MORNING)

    work()

    assert states(director, batch_id) == [SIGNED, FAILED, SIGNED]
    assert "trả lại để sửa" in read(director, batch_id).items[1].said
    assert made() == 2


def test_what_changed_since_it_was_seen_is_not_signed(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    unseen = Chosen(three[0].kind, three[0].id, "0" * 64)
    batch_id = begun(director, [unseen, *three[1:]])

    work()

    assert states(director, batch_id) == [FAILED, SIGNED, SIGNED]
    assert "đọc bản mới" in read(director, batch_id).items[0].said


def test_what_changes_while_it_is_signed_is_not_signed_either(
    desk: Desk, three: list[Chosen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fingerprint is asked again in the transaction that records the signature."""
    director = desk.cast.director
    batch_id = begun(director, three[:1])
    with db.system_transaction() as session:
        part = running.portion(session, batch_id, at=clock.now())
    assert part is not None

    class Changing:
        """The document's own step, after which somebody has written another draft."""

        def __init__(self) -> None:
            self.asked = 0

        def __getattr__(self, name: str) -> object:
            return getattr(signables.SIGNABLE["document-signature"], name)

        def seen(self, session: object, item_id: UUID) -> str:
            self.asked += 1
            return three[0].seen if self.asked == 1 else "another"

    running.sign(part, 1, Changing())  # type: ignore[arg-type]

    assert states(director, batch_id) == [FAILED]
    assert document_states()[0] is State.AWAITING_SIGNATURE
    assert made() == 0


def test_without_a_time_stamp_each_is_awaited_and_concluded_without_the_pin(
    desk: Desk, three: list[Chosen], monkeypatch: pytest.MonkeyPatch
) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", "http://127.0.0.1:9/tsa")
    settings.cache_clear()
    work()
    assert states(director, batch_id) == [AWAITED] * 3
    assert kept_pins() == 0
    assert "tự hoàn tất" in read(director, batch_id).items[0].said

    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", desk.pki.timestamp_url)
    settings.cache_clear()
    clock.set_office_clock(Path(os.environ[clock.CLOCK_FILE]), MORNING + timedelta(minutes=10))
    tasks.go_on_with_signatures()

    assert states(director, batch_id) == [SIGNED] * 3
    assert made() == 3


def test_a_failed_one_is_signed_when_it_is_tried_again(
    desk: Desk, three: list[Chosen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    monkeypatch.setenv("EOFFICE_KEYS", str(tmp_path))
    settings.cache_clear()
    work()
    assert states(director, batch_id) == [FAILED] * 3
    assert kept_pins() == 0

    monkeypatch.setenv("EOFFICE_KEYS", str(desk.pki.key_directory))
    settings.cache_clear()
    assert retried(director, batch_id) == 3
    work()

    assert states(director, batch_id) == [SIGNED] * 3
    assert made() == 3
    with pytest.raises(ItemStepRefused):
        retried(director, batch_id)


def test_a_wrong_pin_is_tried_once_and_not_for_every_thing(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    batch_id = begun(director, three, pin="000000")
    work()
    assert states(director, batch_id) == [FAILED] * 3
    assert {each.said for each in read(director, batch_id).items} == {
        "Mã PIN không đúng. Còn 4 lần thử."
    }


def test_the_pin_is_tried_before_a_batch_begins(desk: Desk) -> None:
    director = desk.cast.director
    with pytest.raises(WrongPin, match="Còn 4 lần thử"):
        opened_keys.authorise(director, "000000", seal_unit_id=None, unit_name="")
    opened_keys.authorise(director, test_pki.PIN, seal_unit_id=None, unit_name="")
    clerk = desk.cast.clerk
    opened_keys.authorise(clerk, test_pki.PIN, seal_unit_id=clerk.agency_id, unit_name="Sở")
    with pytest.raises(signing.NoKey):
        opened_keys.authorise(clerk, test_pki.PIN, seal_unit_id=None, unit_name="")


def test_what_waits_when_the_pin_has_lost_its_force_has_failed_and_says_so(
    desk: Desk, three: list[Chosen]
) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    work(clock.now() + rules.PIN_HOLDS)
    assert states(director, batch_id) == [FAILED] * 3
    assert "nhập lại mã PIN" in read(director, batch_id).items[0].said
    assert (made(), kept_pins()) == (0, 0)


def test_nothing_waits_for_ever_where_a_promise_was_lost(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    with db.system_transaction() as session:
        assert actions.expire(session, at=clock.now()) == 0
    assert states(director, batch_id) == [WAITING] * 3
    with db.system_transaction() as session:
        assert actions.expire(session, at=clock.now() + rules.PIN_HOLDS) == 1
    assert states(director, batch_id) == [FAILED] * 3
    assert kept_pins() == 0


def test_who_has_left_the_position_signs_nothing_more_in_it(
    desk: Desk, three: list[Chosen]
) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    with owner_transaction() as session:
        session.execute(
            update(Appointment)
            .where(Appointment.id == director.appointment_id)
            .values(valid_to=clock.civil_date(clock.now()) - timedelta(days=1))
        )
    work()
    assert states(director, batch_id) == [FAILED] * 3
    assert "không còn giữ chức vụ" in read(director, batch_id).items[0].said


def test_what_was_stopped_is_not_signed_and_can_go_on(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    batch_id = begun(director, three)
    assert stopped(director, batch_id) == 3
    assert stopped(director, batch_id) == 0
    work()
    assert states(director, batch_id) == [STOPPED] * 3
    assert (made(), kept_pins()) == (0, 0)
    retried(director, batch_id)
    work()
    assert states(director, batch_id) == [SIGNED] * 3


def test_two_batches_of_the_same_thing_sign_it_once(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    first, second = begun(director, three), begun(director, three)
    work()
    assert states(director, first) == [SIGNED] * 3
    assert states(director, second) == [FAILED] * 3
    assert made() == 3


def test_a_promise_that_is_kept_twice_signs_once(desk: Desk, three: list[Chosen]) -> None:
    begun(desk.cast.director, three)
    (claim,) = promises()
    tasks.sign_batch(claim, clock.now())
    tasks.sign_batch(claim, clock.now())
    assert made() == 3


def test_long_batches_are_signed_in_portions(
    desk: Desk, three: list[Chosen], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PORTION", 2)
    batch_id = begun(desk.cast.director, three)
    (claim,) = promises()
    tasks.sign_batch(claim, clock.now())
    assert states(desk.cast.director, batch_id) == [SIGNED, SIGNED, WAITING]
    assert kept_pins() == 1
    assert work() == 1
    assert states(desk.cast.director, batch_id) == [SIGNED] * 3


def test_a_bug_in_one_thing_is_put_on_record_and_the_others_are_signed(
    desk: Desk, three: list[Chosen], monkeypatch: pytest.MonkeyPatch
) -> None:
    director = desk.cast.director
    documents = signables.SIGNABLE["document-signature"]

    class Broken:
        def __getattr__(self, name: str) -> object:
            return getattr(documents, name)

        def sign(self, item_id: UUID, *args: Any, **named: Any) -> None:
            if item_id == three[0].id:
                raise ValueError("nobody foresaw this")
            documents.sign(item_id, *args, **named)

    monkeypatch.setattr(tasks, "SIGNABLE", {"document-signature": Broken()})
    batch_id = begun(director, three)

    work()

    assert states(director, batch_id) == [FAILED, SIGNED, SIGNED]
    assert "Hệ thống gặp lỗi" in read(director, batch_id).items[0].said


def test_a_batch_is_its_persons_in_that_position(desk: Desk, three: list[Chosen]) -> None:
    batch_id = begun(desk.cast.director, three)
    for who in (desk.cast.deputy_director, desk.cast.clerk):
        with pytest.raises(BatchUnknown):
            read(who, batch_id)
        with pytest.raises(BatchUnknown):
            retried(who, batch_id)
        with pytest.raises(BatchUnknown):
            stopped(who, batch_id)


def test_the_desk_tells_of_batches_that_are_not_through(desk: Desk, three: list[Chosen]) -> None:
    director = desk.cast.director
    unseen = Chosen(three[0].kind, three[0].id, "")
    batch_id = begun(director, [unseen, *three[1:]])

    def told() -> list[tuple[UUID, int, int]]:
        with db.transaction(director.acting) as session:
            found = queries.unfinished(session, director, since=MORNING)
        return [(each.id, each.waiting, each.failed) for each in found]

    assert told() == [(batch_id, 3, 0)]
    work()
    assert told() == [(batch_id, 0, 1)]


def test_a_pin_opens_for_its_own_batch_and_person_only(office: Office) -> None:
    batch, person = uuid4(), uuid4()
    sealed = pins.seal("12345678", batch_id=batch, person_id=person)
    assert b"12345678" not in sealed
    assert pins.opened(sealed, batch_id=batch, person_id=person) == "12345678"
    assert pins.opened(sealed, batch_id=uuid4(), person_id=person) is None
    assert pins.opened(sealed, batch_id=batch, person_id=uuid4()) is None
    assert pins.opened(sealed[:-1] + bytes([sealed[-1] ^ 1]), batch_id=batch, person_id=person) is (
        None
    )
    assert sealed != pins.seal("12345678", batch_id=batch, person_id=person)


@dataclass(frozen=True)
class Signing:
    """The worker with the promise of a batch, whoever held it before."""

    promise_id: UUID
    batch_id: UUID
    directory: Path

    def __call__(self) -> None:
        configured.use(OnDisk(self.directory))
        claim = outbox.Claim(self.promise_id, {"batch_id": str(self.batch_id)}, 1)
        tasks.sign_batch(claim, clock.now())


FACTS = """
select jsonb_build_object(
  'items', (select jsonb_agg(i.state order by i.ordinal) from signature_batch_items i),
  'documents', (select jsonb_agg(d.state order by i.ordinal)
    from signature_batch_items i join documents d on d.id = i.object_id),
  'versions', (select count(*) from document_versions where kind = 'signed'),
  'requests', (select count(*) from signature_requests where state = 'signed'),
  'pins', (select count(*) from signature_batch_pins))
"""


def test_a_worker_killed_at_any_step_signs_each_thing_once(desk: Desk, tmp_path: Path) -> None:
    """Two letters; whatever is true after a death, a letter is signed exactly where its item says
    so, and the next run signs the rest."""
    second = awaiting_signature(desk.cast)
    director = desk.cast.director
    with db.system_transaction() as session:
        for sha256 in session.scalars(select(DocumentVersion.content_sha256)):
            assert sha256 is not None
            (tmp_path / sha256).write_bytes(desk.store.get(Sha256.parse(sha256)))
    batch_id = begun(director, offered(director))
    with db.system_transaction() as session:
        promise_id = session.scalars(select(Promise.id).where(Promise.task == actions.TASK)).one()

    *deaths, end = killed_at_each_step(Signing(promise_id, batch_id, tmp_path), facts=FACTS)

    assert second
    assert len(deaths) >= 30
    seen = []
    for each in (*deaths, end):
        facts = each.facts
        signed = [state == "signed" for state in facts["items"]]
        assert [state == "signed" for state in facts["documents"]] == signed
        assert facts["versions"] == facts["requests"] == sum(signed)
        assert all(state in ("waiting", "signed") for state in facts["items"])
        assert facts["pins"] == 1 or all(signed)
        seen.append(sum(signed))
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2}
    assert not end.was_killed
    assert end.facts["pins"] == 0
