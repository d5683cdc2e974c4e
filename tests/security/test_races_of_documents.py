"""Two people who take the same step at the same time: one takes it, the other is told so.

Real threads, real transactions, a real key and a real time-stamp authority.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO, TypeVar

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from eoffice import clock, db, outbox, relay
from eoffice.audit import actions as audit
from eoffice.audit.model import AuditEvent, TreeHead
from eoffice.documents import actions
from eoffice.documents.drafts import drafting
from eoffice.documents.form.text import DispatchText
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import BookEntry, DocumentVersion, Issuance, VersionKind
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.files.intake import inspect_pdf
from eoffice.objects import configured
from eoffice.objects.contract import StoreUnavailable
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.signing import dispatches
from eoffice.signing.actions import KeyLocked
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.model import SigningKey
from eoffice.signing.requests.states import RequestState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.archive.packages import SIGNER
from tests.security.at_once import at_once, refusals
from tests.signing.test_ceremony import (
    MORNING,
    Desk,
    content,
    desk,
    document,
    in_transaction,
    number,
    pki,
    requests,
    seal,
    sign,
)

__all__ = ["desk", "pki"]

SIX = range(6)

T = TypeVar("T")


def versions(desk: Desk) -> list[VersionKind]:
    return [version.kind for version in document(desk).versions]


def promised(task: str) -> int:
    with db.system_transaction() as session:
        return session.scalars(
            select(func.count()).select_from(Promise).where(Promise.task == task)
        ).one()


def is_intact(desk: Desk) -> bool:
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    said = verify_pdf(content(desk), trust=trust, at=clock.now(), online=True)
    return said.verdict is Finding.INTACT


def in_own(who: Principal, step: Callable[..., Any], *arguments: Any) -> Any:
    with db.transaction(who.acting) as session:
        return step(session, *arguments, by=who, at=MORNING)


def test_a_document_is_signed_once_however_often_the_button_is_pressed(desk: Desk) -> None:
    found = at_once([partial(sign, desk)] * 3)

    assert refusals(found) == ["StepRefused", "StepRefused"]
    assert versions(desk) == [VersionKind.DRAFT, VersionKind.SIGNED]
    assert sorted(requests(desk)).count(RequestState.SIGNED) == 1
    assert RequestState.REQUESTED not in requests(desk)
    assert is_intact(desk)


def test_a_document_gets_one_number_and_the_book_no_gap(desk: Desk) -> None:
    sign(desk)

    codes = at_once([partial(number, desk)] * 4)

    assert set(codes) == {"960/SGDĐT-CNTTTBTV"}
    with db.system_transaction() as session:
        assert session.scalars(select(BookEntry.number)).all() == [960]
    assert versions(desk).count(VersionKind.NUMBERED) == 1


def test_a_document_is_sealed_once(desk: Desk) -> None:
    sign(desk)
    number(desk)

    found = at_once([partial(seal, desk)] * 3)

    assert refusals(found) == ["StepRefused", "StepRefused"]
    assert versions(desk).count(VersionKind.SEALED) == 1
    assert is_intact(desk)


def test_a_document_is_issued_once_and_each_recipient_gets_it_once(desk: Desk) -> None:
    sign(desk)
    number(desk)
    seal(desk)
    clerk = desk.cast.clerk

    found = at_once([partial(in_own, clerk, issuing.issue, desk.document_id) for _ in SIX])

    assert refusals(found) == ["StepRefused"] * 5
    assert promised("routing.deliver") == 1
    assert promised("archive.ingest") == 1
    with db.system_transaction() as session:
        assert len(session.scalars(select(Issuance)).all()) == 1


def test_issue_and_withdrawal_at_once_leave_one_order_of_events(desk: Desk) -> None:
    sign(desk)
    number(desk)
    seal(desk)
    cast = desk.cast

    found = at_once(
        [
            partial(in_own, cast.clerk, issuing.issue, desk.document_id),
            partial(in_own, cast.director, issuing.withdraw, desk.document_id, "Sai nội dung."),
        ]
    )

    assert document(desk).state is State.WITHDRAWN
    was_issued = promised("routing.deliver") == 1
    assert refusals(found) == ([] if was_issued else ["StepRefused"])
    with db.system_transaction() as session:
        entry = session.scalars(select(BookEntry)).one()
    # The number of what never went out is struck out; of what went out it stands.
    assert (entry.annulled_at is None) == was_issued


def test_of_two_who_save_one_draft_neither_overwrites_the_other(desk: Desk) -> None:
    cast = desk.cast
    draft_id = in_own(
        cast.specialist, actions.begin, DocumentType.DISPATCH, DispatchText(subject="một")
    )

    def save(words: str) -> int:
        with db.transaction(cast.specialist.acting) as session:
            return actions.save_draft(
                session,
                draft_id,
                DispatchText(subject=words),
                expected_revision=1,
                by=cast.specialist,
                at=MORNING,
            )

    found = at_once([partial(save, f"bản {each}") for each in SIX])

    assert refusals(found) == ["SavedByAnother"] * 5
    assert [each for each in found if isinstance(each, int)] == [2]


def test_a_draft_that_is_saved_while_it_is_submitted_is_not_what_was_printed(desk: Desk) -> None:
    """Either the saving comes too late, or the submission starts over with what was saved."""
    cast = desk.cast
    draft_id = in_own(
        cast.specialist, actions.begin, DocumentType.DISPATCH, DispatchText(subject="một")
    )

    def submit() -> None:
        drafting.submit(draft_id, by=cast.specialist, within=in_transaction(cast.specialist))

    def save() -> None:
        with db.transaction(cast.specialist.acting) as session:
            actions.save_draft(
                session,
                draft_id,
                DispatchText(subject="hai"),
                expected_revision=1,
                by=cast.specialist,
                at=MORNING,
            )

    found = at_once([submit, save])

    with db.system_transaction() as session:
        version = session.scalars(
            select(DocumentVersion).where(DocumentVersion.document_id == draft_id)
        ).one()
    assert refusals(found) in (["ContentDiffers"], ["Frozen"], [])
    assert version.text is not None
    if version.frozen_at is None:
        assert version.text["subject"] == "hai"
    else:
        assert version.content_sha256 is not None
        page = inspect_pdf(desk.store.get(Sha256.parse(version.content_sha256))).text
        assert f"V/v {version.text['subject']}" in page


def test_guessing_the_pin_many_times_at_once_locks_the_key(desk: Desk) -> None:
    found = at_once([partial(sign, desk, f"{each:06}") for each in range(8)])

    assert refusals(found) in (["WrongPin"] * 8, *(
        ["KeyLocked"] * locked + ["WrongPin"] * (8 - locked) for locked in range(1, 4)
    ))  # fmt: skip
    with pytest.raises(KeyLocked):
        sign(desk)
    with db.system_transaction() as session:
        locked_until = session.scalars(
            select(SigningKey.locked_until).where(
                SigningKey.holder_person_id == desk.cast.director.person_id
            )
        ).one()
    assert locked_until is not None
    assert locked_until > clock.now() + timedelta(minutes=10)


def test_two_relays_hand_each_promise_over_once(desk: Desk) -> None:
    with db.system_transaction() as session:
        session.execute(update(Promise).values(state=outbox.PromiseState.KEPT))
        for _ in range(40):
            outbox.promise(session, "tests.nothing", at=clock.now())
    carried: list[str] = []

    def carry() -> int:
        return relay.carry(lambda _, promise_id: carried.append(promise_id))

    found = at_once([carry] * 4)

    assert sum(each for each in found if isinstance(each, int)) == 40
    assert len(set(carried)) == len(carried) == 40


def test_two_sequencers_give_each_event_one_place_without_gaps(desk: Desk) -> None:
    def order() -> int:
        with db.system_transaction() as session:
            return audit.sequence(session, at=clock.now(), limit=7, signer=SIGNER)

    at_once([order] * 6)
    while order():
        pass

    with db.system_transaction() as session:
        places = session.scalars(select(AuditEvent.leaf_index).order_by(AuditEvent.leaf_index))
        assert list(places) == list(range(session.scalar(select(func.max(TreeHead.size))) or 0))
        assert audit.verify_log(session, verifier=SIGNER.verifier).is_intact


# --- What the world does in between ----------------------------------------------------------


class Dying(MemoryStore):
    """A store whose connection breaks at its n-th call, before or after the call took effect."""

    def __init__(self, real: MemoryStore, *, at_call: int, after: bool) -> None:
        self._real, self._left, self._after = real, at_call, after

    def get(self, name: Sha256) -> bytes:
        return self._called(partial(self._real.get, name))

    def put(self, content: bytes | BinaryIO, media_type: str) -> Sha256:
        return self._called(partial(self._real.put, content, media_type))

    def _called(self, call: Callable[[], T]) -> T:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise StoreUnavailable
        answer = call()
        if self._left == 0:
            raise StoreUnavailable
        return answer


class Died(Exception):
    """The process dies here."""


def dying_in_transaction(who: Principal, when: str) -> Callable[..., Any]:
    """The edge's last transaction, in which the process dies."""

    def within(last: Callable[[Session], Any]) -> Any:
        if when == "before":
            raise Died
        with db.transaction(who.acting) as session:
            last(session)
            if when == "in":
                session.flush()
                raise Died
        raise Died

    return within


STORE_FAULTS = [(call, after) for call in (1, 2, 3, 4) for after in (False, True)]


@pytest.mark.parametrize(("call", "after"), STORE_FAULTS)
def test_a_signature_survives_the_store_at_each_call(desk: Desk, call: int, after: bool) -> None:
    """It is asked four times: for the file, to keep the prepared one, for it once the key has
    signed, to keep the signed one. What the key has signed is not lost."""
    configured.use(Dying(desk.store, at_call=call, after=after))
    with pytest.raises(StoreUnavailable if call < 3 else SignatureAwaited):
        sign(desk)
    configured.use(desk.store)
    assert document(desk).state is State.AWAITING_SIGNATURE
    assert requests(desk) == ([] if call < 3 else [RequestState.VALUED])

    sign(desk)

    assert versions(desk) == [VersionKind.DRAFT, VersionKind.SIGNED]
    assert is_intact(desk)


@pytest.mark.parametrize("when", ["before", "in", "after"])
@pytest.mark.parametrize("step", ["signature", "seal"])
def test_a_signature_survives_death_at_the_end(desk: Desk, step: str, when: str) -> None:
    cast = desk.cast
    state, done = State.AWAITING_SIGNATURE, State.SIGNED
    who, make = cast.director, dispatches.sign
    if step == "seal":
        sign(desk)
        number(desk)
        state, done = State.NUMBERED, State.SEALED
        who, make = cast.clerk, dispatches.seal
    with pytest.raises(Died):
        make(desk.document_id, test_pki.PIN, by=who, within=dying_in_transaction(who, when))
    assert document(desk).state is (done if when == "after" else state)

    if when != "after":
        make(desk.document_id, test_pki.PIN, by=who, within=in_transaction(who))

    assert document(desk).state is done
    assert requests(desk).count(RequestState.SIGNED) == (2 if step == "seal" else 1)
    assert RequestState.REQUESTED not in requests(desk)
    assert is_intact(desk)


@pytest.mark.parametrize(("call", "after"), STORE_FAULTS)
def test_a_seal_survives_the_store_at_each_call(desk: Desk, call: int, after: bool) -> None:
    sign(desk)
    number(desk)
    configured.use(Dying(desk.store, at_call=call, after=after))
    with pytest.raises(StoreUnavailable if call < 3 else SignatureAwaited):
        seal(desk)
    configured.use(desk.store)
    assert document(desk).state is State.NUMBERED
    assert document(desk).code == "960/SGDĐT-CNTTTBTV"

    seal(desk)

    assert document(desk).state is State.SEALED
    assert is_intact(desk)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("when", ["", "before", "in", "after"])
def test_a_submission_survives_the_store_and_death(desk: Desk, after: bool, when: str) -> None:
    cast = desk.cast
    who = cast.specialist
    draft_id = in_own(who, actions.begin, DocumentType.DISPATCH, DispatchText(subject="một"))

    def submit(within: Callable[..., Any]) -> None:
        drafting.submit(draft_id, by=who, within=within)

    if when:
        with pytest.raises(Died):
            submit(dying_in_transaction(who, when))
    else:
        configured.use(Dying(desk.store, at_call=1, after=after))
        with pytest.raises(StoreUnavailable):
            submit(in_transaction(who))
        configured.use(desk.store)
    if when != "after":
        submit(in_transaction(who))

    with db.system_transaction() as session:
        version = session.scalars(
            select(DocumentVersion).where(DocumentVersion.document_id == draft_id)
        ).one()
    assert version.frozen_at is not None
    assert version.content_sha256 is not None
    assert desk.store.exists(Sha256.parse(version.content_sha256))


def test_a_row_never_names_bytes_that_are_not_there(desk: Desk) -> None:
    """After everything above in one life: sign, number, seal, with a store that breaks between."""
    for step in (sign, number, seal):
        for call in (1, 2):
            configured.use(Dying(desk.store, at_call=call, after=False))
            with pytest.raises(StoreUnavailable):
                step(desk)
        configured.use(desk.store)
        step(desk)

    with db.system_transaction() as session:
        named = session.scalars(select(DocumentVersion.content_sha256)).all()
    assert all(desk.store.exists(Sha256.parse(one)) for one in named if one)
    assert document(desk).code == "960/SGDĐT-CNTTTBTV"
