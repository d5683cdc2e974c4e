"""Each registration gives a receipt, signed, that anybody judges without this office.

Decree 30/2020, Annex VI: an automatic receipt to the sender. A flipped byte is named.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.archive import verify_command
from eoffice.audit import leaf, receipt
from eoffice.audit.checkpoint import Signer
from eoffice.audit.receipt import Outcome
from eoffice.outbox import Promise
from eoffice.routing import receipts
from eoffice.routing.model import Arrival
from eoffice.routing.receipts import ReceiptUnknown
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
BODY: receipt.Body = {
    "document": "960/SGDĐT-CNTTTBTV",
    "content_sha256": "ab" * 32,
    "recipient": "Trường THPT Sen Hồng",
    "arrival_number": 7,
    "registered_at": "2018-08-13T01:15:00.000000Z",
}


def test_a_receipt_is_canonical_and_verifies_under_the_trusted_key() -> None:
    made = receipt.signed(BODY, SIGNER)

    assert made == receipt.signed(BODY, SIGNER)
    assert list(json.loads(made)) == sorted(json.loads(made))
    said = receipt.verify(made.encode(), SIGNER.verifier)
    assert said.outcome is Outcome.INTACT
    assert "số đến 7" in said.reason


def test_no_flipped_byte_goes_unnoticed() -> None:
    made = receipt.signed(BODY, SIGNER).encode()

    for place in range(len(made)):
        for mask in (0x01, 0x20, 0x80):
            flipped = made[:place] + bytes([made[place] ^ mask]) + made[place + 1 :]
            assert receipt.verify(flipped, SIGNER.verifier).outcome is Outcome.CHANGED, place


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('"arrival_number":7', '"arrival_number":8', "“số đến”"),
        ("Sen Hồng", "Sen Hằng", "“nơi nhận”"),
        ('"content_sha256":"ab', '"content_sha256":"bb', "“mã băm nội dung”"),
    ],
)
def test_the_changed_field_is_named(before: str, after: str, named: str) -> None:
    made = receipt.signed(BODY, SIGNER)
    assert before in made

    said = receipt.verify(made.replace(before, after).encode(), SIGNER.verifier)

    assert said.outcome is Outcome.CHANGED
    assert named in said.reason


def test_a_field_that_was_added_or_taken_out_is_named() -> None:
    found = json.loads(receipt.signed(BODY, SIGNER))
    found["body"]["note"] = "x"
    del found["body"]["recipient"]

    said = receipt.verify(leaf.canonical(found), SIGNER.verifier)

    assert said.outcome is Outcome.CHANGED
    assert "“note”" in said.reason
    assert "“nơi nhận”" in said.reason


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'{"digests"',
        b'{"type":"eoffice-receipt-1","body":[],"digests":{},"key":"","signature":""}',
        b'{"type":"eoffice-receipt-1","body":{},"digests":{},"key":"x","signature":""}',
    ],
)
def test_what_is_no_receipt_is_never_intact(data: bytes) -> None:
    assert receipt.verify(data, SIGNER.verifier).outcome is Outcome.CHANGED


def test_a_good_signature_under_a_key_that_nobody_trusts_says_so() -> None:
    stranger = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    made = receipt.signed(BODY, stranger).encode()

    assert receipt.verify(made, SIGNER.verifier).outcome is Outcome.UNKNOWN_KEY
    assert receipt.verify(made, None).outcome is Outcome.UNKNOWN_KEY


def test_the_command_judges_receipts_offline(tmp_path: Path) -> None:
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "log.pub").write_text(f"{SIGNER.verifier}\n", encoding="utf-8")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(receipt.signed(BODY, SIGNER), encoding="utf-8")
    bad.write_text(good.read_text(encoding="utf-8").replace("960/", "961/"), encoding="utf-8")
    at = datetime(2018, 8, 13, tzinfo=UTC)

    text, code = verify_command.verify_paths([good], trust_dir=trust, at=at, as_json=False)
    assert code == 0, text
    assert "NGUYÊN VẸN" in text
    text, code = verify_command.verify_paths([bad], trust_dir=trust, at=at, as_json=False)
    assert code == 1
    assert "ĐÃ BỊ THAY ĐỔI" in text
    assert "“văn bản”" in text


def test_registration_promises_a_receipt_and_both_sides_have_it(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    session.flush()
    promised = session.scalars(select(Promise).where(Promise.task == "routing.receipt")).all()
    assert [each.payload["delivery_id"] for each in promised] == [str(delivery)]
    with pytest.raises(ReceiptUnknown):
        receipts.document(session, delivery, who=cast.high_school_clerk)

    body = receipts.prepare(session, delivery, at=at)
    assert body is not None
    assert receipts.prepare(session, delivery, at=at) == body
    receipts.conclude(session, delivery, receipts.sign(body, SIGNER), at=at)
    session.flush()
    assert receipts.prepare(session, delivery, at=at) is None

    for who in (cast.high_school_clerk, cast.specialist):
        with web_role(session, who):
            found = receipts.document(session, delivery, who=who)
        assert receipt.verify(found.encode(), SIGNER.verifier).outcome is Outcome.INTACT
    said = json.loads(found)["body"]
    assert said["arrival_number"] == session.get_one(Arrival, arrival).number
    for stranger in (cast.other_high_school_clerk, cast.high_school_teacher, cast.operator):
        with web_role(session, stranger), pytest.raises(ReceiptUnknown):
            receipts.document(session, delivery, who=stranger)


def test_a_second_signature_does_not_take_the_place_of_the_first(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    session.flush()
    body = receipts.prepare(session, delivery, at=at)
    assert body is not None
    first = receipts.sign(body, SIGNER)
    stranger = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    receipts.conclude(session, delivery, first, at=at)
    receipts.conclude(session, delivery, receipts.sign(body, stranger), at=at)
    session.flush()

    assert receipts.document(session, delivery, who=cast.high_school_clerk) == first
