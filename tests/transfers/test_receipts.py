"""A school gives a signed receipt for a package that came as a file, and the sender's package ends
by it: as the receipt says, only of this package, only by a key that the sender trusts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from eoffice import clock, db, outbox
from eoffice.audit import leaf, log_key, receipt
from eoffice.audit.checkpoint import Signer, Verifier
from eoffice.audit.receipt import Outcome
from eoffice.embedded.pki import Pki
from eoffice.outbox import Promise, PromiseState
from eoffice.settings import settings
from eoffice.transfers import intake_actions, queries, receipts, receiving, tasks
from eoffice.transfers.receipts import OtherPackage, ReceiptInvalid
from eoffice.transfers.states import TransferState, TransferStepRefused
from tests.transfers.conftest import Schools
from tests.transfers.test_transfers import handed_over, state, strangers, taken_in, within, zipped

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
BODY: receipt.Body = {
    "package_id": "0198c0de-0000-7000-8000-0000000000f1",
    "manifest_sha256": "ab" * 32,
    "sender": "Trường khác",
    "recipient": "Trường THPT Sen Hồng",
    "recipient_organ_id": None,
    "outcome": "refused",
    "reason": "Trường đã đủ chỉ tiêu.",
    "decided_at": "2025-06-02T01:15:00.000000Z",
}
MADE = receipt.signed(BODY, SIGNER, receipt.PUPIL_TYPE).encode()


def test_it_is_read_under_any_key_that_is_trusted() -> None:
    assert receipts.read(MADE, [OTHER.verifier, SIGNER.verifier]) == dict(BODY)
    said = receipt.verify(MADE, SIGNER.verifier)
    assert said.outcome is Outcome.INTACT
    assert said.reason.startswith("Trường THPT Sen Hồng từ chối hồ sơ chuyển trường 0198c0de")


@pytest.mark.parametrize("trusted", [[], [OTHER.verifier]])
def test_and_not_under_others(trusted: list[Verifier]) -> None:
    with pytest.raises(ReceiptInvalid, match="chưa được tin cậy"):
        receipts.read(MADE, trusted)


@pytest.mark.parametrize("place", range(0, len(MADE), 7))
def test_a_changed_byte_makes_it_void(place: int) -> None:
    changed = MADE[:place] + bytes([MADE[place] ^ 1]) + MADE[place + 1 :]
    with pytest.raises(ReceiptInvalid):
        receipts.read(changed, [SIGNER.verifier])


def test_another_kind_of_receipt_or_of_outcome_is_none_of_a_package() -> None:
    told = json.loads(MADE)
    as_other = leaf.canonical({**told, "type": receipt.TYPE})
    assert receipt.verify(as_other, SIGNER.verifier).outcome is Outcome.CHANGED
    for body, type_ in ((BODY, receipt.TYPE), ({**BODY, "outcome": "made"}, receipt.PUPIL_TYPE)):
        with pytest.raises(ReceiptInvalid, match="không phải là biên nhận"):
            receipts.read(receipt.signed(body, SIGNER, type_).encode(), [SIGNER.verifier])


@pytest.fixture
def keys(schools: Schools, pki: Pki) -> Iterator[tuple[Verifier, ...]]:
    """The office has a key of its log, whose public half lies beside the trust anchors."""
    log_key.of_settings.cache_clear()
    log_key.publish(log_key.ensure(settings().log_key_file), pki.trust_directory)
    yield log_key.partners(pki.trust_directory)
    log_key.of_settings.cache_clear()


def receipted() -> int:
    """What the worker does; how many receipts were promised."""
    with db.system_transaction() as session:
        rows = session.scalars(
            select(Promise).where(Promise.task == receipts.TASK, Promise.state != PromiseState.KEPT)
        )
        claims = [outbox.Claim(row.id, row.payload, 1) for row in rows]
    for claim in claims:
        tasks.sign_receipt(claim, clock.now())
        tasks.sign_receipt(claim, clock.now())  # A second run gives the same.
    return len(claims)


def test_the_sender_learns_of_the_intake_by_the_receipt_and_the_package_ends(
    schools: Schools, keys: tuple[Verifier, ...]
) -> None:
    transfer_id = handed_over(schools, None)
    content = zipped(schools, transfer_id)
    strangers(schools)
    receiver, sender = schools.cast.high_school_clerk, schools.cast.school_clerk
    intake_id = receiving.brought(content, by=receiver, within=within(receiver))
    taken_in(schools, intake_id)
    with db.transaction(receiver.acting) as session:
        assert receipts.of_intake(session, intake_id, who=receiver) is None
    assert receipted() == 1

    with db.transaction(receiver.acting) as session:
        document = receipts.of_intake(session, intake_id, who=receiver)
    assert document is not None
    assert "Trần Mỹ Chi" not in document
    with db.transaction(sender.acting) as session:
        assert receipts.of_intake(session, intake_id, who=sender) is None
        receipts.record(session, transfer_id, document.encode(), keys, by=sender, at=clock.now())
    assert state(schools, transfer_id) is TransferState.TAKEN_IN
    with db.transaction(sender.acting) as session:
        assert receipts.of_transfer(session, transfer_id, who=sender) == document
        assert queries.transfer(session, transfer_id, sender).has_receipt
        with pytest.raises(TransferStepRefused):
            receipts.record(
                session, transfer_id, document.encode(), keys, by=sender, at=clock.now()
            )


def test_a_refusal_comes_with_its_reason_and_another_package_may_be_made(
    schools: Schools, keys: tuple[Verifier, ...]
) -> None:
    transfer_id = handed_over(schools, None)
    content = zipped(schools, transfer_id)
    strangers(schools)
    receiver, sender = schools.cast.high_school_clerk, schools.cast.school_clerk
    intake_id = receiving.brought(content, by=receiver, within=within(receiver))
    with db.transaction(receiver.acting) as session:
        intake_actions.refuse(session, intake_id, "Hết chỗ học.", by=receiver, at=clock.now())
    receipted()
    with db.transaction(receiver.acting) as session:
        document = receipts.of_intake(session, intake_id, who=receiver)
    assert document is not None

    with db.transaction(sender.acting) as session:
        receipts.record(session, transfer_id, document.encode(), keys, by=sender, at=clock.now())
    with db.transaction(sender.acting) as session:
        view = queries.transfer(session, transfer_id, sender)
    assert (view.state, view.because) == (TransferState.REFUSED, "Hết chỗ học.")

    another = handed_over(schools, None)
    with db.transaction(sender.acting) as session, pytest.raises(OtherPackage):
        receipts.record(session, another, document.encode(), keys, by=sender, at=clock.now())


def test_schools_of_one_office_need_none(schools: Schools, keys: tuple[Verifier, ...]) -> None:
    transfer_id = handed_over(schools, schools.cast.high_school.id)
    receiver, sender = schools.cast.high_school_clerk, schools.cast.school_clerk
    taken_in(schools, receiving.handed_over(transfer_id, by=receiver, within=within(receiver)))
    assert receipted() == 0
    with db.transaction(sender.acting) as session, pytest.raises(OtherPackage):
        receipts.record(session, transfer_id, MADE, [SIGNER.verifier], by=sender, at=clock.now())
