"""Copies of a signed book are signed, then sealed, in one action each; a person's key never
seals; the copy of a whole book still proves the signatures of its original.

Database, time-stamp authority, keys and PDF are real; the object store is the one in memory.
"""

from __future__ import annotations

import io
from dataclasses import replace
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import select, update

from eoffice import clock, db
from eoffice.classes.model import Pupil
from eoffice.desk import signables
from eoffice.extracts import actions, making, queries, rendering
from eoffice.extracts.making import Wanted
from eoffice.extracts.queries import CopyView
from eoffice.extracts.states import CopyKind, CopyState, SourceKind
from eoffice.objects.sha256 import Sha256
from eoffice.registers.model import Gradebook
from eoffice.signing.batches.rules import Chosen, ItemState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.signing.verification import verify_pdf
from tests.conftest import owner_transaction
from tests.desk.signing_stage import begun, offered, read, states, work
from tests.extracts.test_copies import within
from tests.pdfa import assert_pdfa
from tests.registers import conftest as registers
from tests.registers import test_signatures
from tests.registers.test_signatures import Desk, content, sign

store = registers.store
pki = test_signatures.pki
desk = test_signatures.desk


@pytest.fixture
def two(desk: Desk) -> tuple[UUID, UUID]:
    """Of a closed book, in which a teacher really signed: an extract and the whole."""
    cast = desk.cast
    sign(desk, cast.subject_teachers["TOAN"])
    with owner_transaction() as session:
        this = Gradebook.id == desk.gradebook_id
        session.execute(update(Gradebook).where(this).values(state="closed"))
    with db.system_transaction() as session:
        pupil_id = session.scalars(select(Pupil.id).where(Pupil.code == "HS002")).one()
    extract = Wanted(
        CopyKind.EXTRACT, SourceKind.GRADEBOOK, desk.gradebook_id, pupil_id, "Bà Lê Thị Tư",
        "Xin học bổng", cast.school_principal.person_id,
    )  # fmt: skip
    clerk = cast.school_clerk
    whole = replace(extract, kind=CopyKind.WHOLE, pupil_id=None)
    return (
        making.make(extract, by=clerk, within=within(clerk)),
        making.make(whole, by=clerk, within=within(clerk)),
    )


def view(desk: Desk, copy_id: UUID) -> CopyView:
    with db.transaction(desk.cast.school_clerk.acting) as session:
        return queries.copy(session, copy_id, desk.cast.school_clerk)


def verdict(desk: Desk, pdf: bytes) -> Verdict:
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    return verify_pdf(pdf, trust=trust, at=clock.now(), online=True)


def test_copies_are_signed_and_sealed_by_batches_and_the_original_inside_stays_proved(
    desk: Desk, two: tuple[UUID, UUID]
) -> None:
    cast = desk.cast
    assert offered(cast.school_clerk) == []
    to_sign = offered(cast.school_principal)
    assert {each.kind for each in to_sign} == {"copy-signature"}
    assert {each.id for each in to_sign} == set(two)
    batch_id = begun(cast.school_principal, to_sign)
    work()
    outcomes = read(cast.school_principal, batch_id).items
    assert [one.state for one in outcomes] == [ItemState.SIGNED] * 2, outcomes
    assert offered(cast.school_principal) == []

    to_seal = offered(cast.school_clerk)
    assert {each.kind for each in to_seal} == {"copy-seal"}
    with db.transaction(cast.school_clerk.acting) as session:
        named = signables.SIGNABLE["copy-seal"].named(session, two)
    assert {title for title, _ in named.values()} == {
        "Trích sao số 01/TrS-THCSNTMK",
        "Sao y số 02/SY-THCSNTMK",
    }
    with_own_key = [Chosen("copy-signature", each.id, each.seen) for each in to_seal]
    failed = begun(cast.school_clerk, with_own_key)
    work()
    assert states(cast.school_clerk, failed) == [ItemState.FAILED] * 2
    sealed = begun(cast.school_clerk, to_seal)
    work()
    assert states(cast.school_clerk, sealed) == [ItemState.SIGNED] * 2

    for copy_id in two:
        issued = view(desk, copy_id)
        assert issued.state is CopyState.ISSUED
        pdf = desk.store.get(Sha256.parse(issued.content_sha256))
        found = verdict(desk, pdf)
        assert found.verdict is Finding.INTACT, found.reason
        assert [one.field for one in found.signatures] == ["principal", "school_seal"]
        if issued.kind is CopyKind.WHOLE:
            assert_pdfa(pdf, "3b", signed=True)
            with pikepdf.open(io.BytesIO(pdf)) as file:
                inside = file.attachments[rendering.ORIGINAL].get_file().read_bytes()
            assert inside == content(desk)
            original = verdict(desk, inside)
            assert original.verdict is Finding.INTACT, original.reason
            assert [one.field for one in original.signatures] == ["subject_TOAN"]


def test_a_cancelled_copy_is_not_signed(desk: Desk, two: tuple[UUID, UUID]) -> None:
    cast = desk.cast
    batch_id = begun(cast.school_principal, offered(cast.school_principal))
    with db.transaction(cast.school_clerk.acting) as session:
        actions.cancel(session, two[0], "Ghi nhầm", by=cast.school_clerk, at=clock.now())
    work()
    assert sorted(states(cast.school_principal, batch_id)) == [
        ItemState.FAILED,
        ItemState.SIGNED,
    ]
