"""A class's report books go their whole way by batches: homeroom teacher, principal and clerk enter
a PIN once for the class as a whole; each part has its own outcome, and what failed is tried again.

Database, keys, time-stamp authority and PDF are real; the object store is the one in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice import clock, db, outbox
from eoffice.desk import signables
from eoffice.embedded.pki import Pki
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.reports import actions, asking_actions, tasks
from eoffice.reports.model import ReportPart
from eoffice.reports.states import PartState
from eoffice.settings import settings
from eoffice.signing.batches.rules import Chosen, GroupDiffers, ItemState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.desk.signing_stage import begun, offered, retried, states, work
from tests.registers import stage, test_signatures
from tests.registers.test_signatures import MORNING, register, signers
from tests.reports import report_stage as reports

pki = test_signatures.pki


@dataclass(frozen=True, slots=True)
class School:
    cast: Cast
    pki: Pki
    class_id: UUID


@pytest.fixture
def school(
    office: Office, pki: Pki, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[School]:
    """Its class's parts are made and wait for the homeroom teacher."""
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    with test_pki.office_clock(office.var / "clock.json", MORNING):
        with db.system_transaction() as session:
            cast = load_cast(session, MORNING)
            for login, teacher in zip(test_signatures.SIGNERS, signers(cast), strict=True):
                register(session, pki, login, person_id=teacher.person_id)
            register(session, pki, "school-seal", unit_id=cast.school.id)
            class_id = stage.open_class(session, cast, MORNING)
            book = stage.rendered_book(session, class_id, cast, MORNING)
            stage.sign_all(session, book, cast, MORNING)
            asking_actions.ask(session, class_id, None, by=cast.homeroom_teacher, at=MORNING)
        make()
        yield School(cast, pki, class_id)


def make() -> None:
    with db.system_transaction() as session:
        rows = session.scalars(
            select(Promise).where(
                Promise.task == asking_actions.TASK, Promise.state != PromiseState.KEPT
            )
        )
        claims = [outbox.Claim(row.id, row.payload, 1) for row in rows]
    for claim in claims:
        tasks.make(claim, clock.now())


def parts(school: School) -> list[ReportPart]:
    with db.system_transaction() as session:
        found = reports.parts(session, school.class_id)
        session.expunge_all()
    return found


def group(who: Principal, school: School, kind: str = "report-signature") -> Chosen:
    """The class as the page shows it to this person."""
    with db.transaction(who.acting) as session:
        nothing = Chosen(kind, school.class_id, "")
        (found,), _ = signables.offered_groups(session, [nothing], by=who)
    return found.chosen


def members(who: Principal, chosen: Chosen) -> tuple[Chosen, ...]:
    with db.transaction(who.acting) as session:
        return signables.members(session, [chosen], by=who)


def signed_by(school: School, who: Principal, kind: str = "report-signature") -> None:
    batch_id = begun(who, members(who, group(who, school, kind)))
    work()
    assert states(who, batch_id) == [ItemState.SIGNED] * 3


def test_a_class_is_signed_approved_sealed_and_closed_by_three_batches(
    school: School, store: MemoryStore
) -> None:
    cast = school.cast
    assert offered(cast.homeroom_teacher) == []  # The desk shows the class, not forty pictures.
    signed_by(school, cast.homeroom_teacher)
    signed_by(school, cast.school_principal)
    signed_by(school, cast.school_clerk, "report-seal")
    with db.transaction(cast.school_clerk.acting) as session:
        assert actions.close(session, "2024-2025", None, by=cast.school_clerk, at=clock.now()) == 3

    trust = TrustStore.from_directory(school.pki.trust_directory)
    for part in parts(school):
        assert part.state is PartState.CLOSED
        assert part.content_sha256 is not None
        pdf = store.get(Sha256.parse(part.content_sha256))
        found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
        assert found.verdict is Finding.INTACT, found.reason
        assert len(found.signatures) == 3


def test_what_was_returned_meanwhile_fails_with_its_reason_and_the_others_are_signed(
    school: School,
) -> None:
    teacher = school.cast.homeroom_teacher
    batch_id = begun(teacher, members(teacher, group(teacher, school)))
    first, *_ = parts(school)
    with db.transaction(teacher.acting) as session:
        actions.send_back(session, first.id, reports.REASON, by=teacher, at=clock.now())
    work()

    assert states(teacher, batch_id) == [ItemState.FAILED, ItemState.SIGNED, ItemState.SIGNED]
    assert retried(teacher, batch_id) == 1
    work()
    assert states(teacher, batch_id)[0] is ItemState.FAILED
    assert [each.state for each in parts(school)] == [
        PartState.RETURNED, PartState.AWAITING_PRINCIPAL, PartState.AWAITING_PRINCIPAL,
    ]  # fmt: skip


def test_a_class_to_which_something_was_added_since_it_was_shown_is_not_signed(
    school: School,
) -> None:
    teacher = school.cast.homeroom_teacher
    shown = group(teacher, school)
    first, *_ = parts(school)
    with db.transaction(teacher.acting) as session:
        asking_actions.replace(session, first.id, reports.REASON, by=teacher, at=clock.now())
    make()

    with pytest.raises(GroupDiffers):
        members(teacher, shown)
    assert len(members(teacher, group(teacher, school))) == 3


def test_the_key_of_a_person_does_not_seal(school: School) -> None:
    cast = school.cast
    signed_by(school, cast.homeroom_teacher)
    signed_by(school, cast.school_principal)
    clerk = cast.school_clerk
    seals = members(clerk, group(clerk, school, "report-seal"))
    batch_id = begun(clerk, [Chosen("report-signature", each.id, each.seen) for each in seals])
    work()

    assert states(clerk, batch_id) == [ItemState.FAILED] * 3
    assert {each.state for each in parts(school)} == {PartState.AWAITING_SEAL}
