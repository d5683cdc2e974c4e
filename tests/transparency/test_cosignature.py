"""What a witness adds to a head: its own line, with the time, over exactly this head."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice.audit import checkpoint
from eoffice.audit.checkpoint import CheckpointInvalid
from eoffice.audit.cosignature import Witness, WitnessSigner
from tests.audit.test_checkpoint import HEAD, NOTE, SIGNER

AT = datetime(2018, 8, 13, 2, 0, tzinfo=UTC)
WITNESS = WitnessSigner("phong-giao-duc/may-1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))


def test_the_line_says_who_and_when() -> None:
    line = WITNESS.cosign(HEAD.body(), AT)
    assert line.startswith("— phong-giao-duc/may-1 ")
    assert WITNESS.public.cosigned_at(HEAD.body(), line) == AT


def test_the_head_with_the_line_is_still_the_logs_own() -> None:
    note = NOTE + WITNESS.cosign(HEAD.body(), AT) + "\n"
    found = checkpoint.cosigned(note, SIGNER.verifier)
    assert (found.head, found.note, len(found.lines)) == (HEAD, NOTE, 1)


def test_no_bit_of_the_line_can_be_flipped() -> None:
    line = WITNESS.cosign(HEAD.body(), AT)
    raw = line.encode()
    for position in range(len(raw)):
        touched = bytearray(raw)
        touched[position] ^= 1
        text = touched.decode(errors="surrogateescape")
        with pytest.raises((CheckpointInvalid, UnicodeEncodeError)):
            WITNESS.public.cosigned_at(HEAD.body(), text)


def test_another_head_or_another_witness_is_refused() -> None:
    line = WITNESS.cosign(HEAD.body(), AT)
    with pytest.raises(CheckpointInvalid):
        WITNESS.public.cosigned_at(HEAD.body().replace("960", "961"), line)
    other = WitnessSigner(WITNESS.name, Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    with pytest.raises(CheckpointInvalid):
        other.public.cosigned_at(HEAD.body(), line)


def test_a_key_is_read_back_and_no_other_text() -> None:
    text = str(WITNESS.public)
    assert Witness.parse(text) == WITNESS.public
    for wrong in ("", text[:-4], text.replace("may-1", "may-2"), "A+00000000+AAAA"):
        with pytest.raises(CheckpointInvalid):
            Witness.parse(wrong)


@pytest.mark.parametrize("name", ["", "Nhân chứng", "a b", "a+b", "-a", "x" * 101])
def test_a_name_that_cannot_stand_in_a_note_is_refused(name: str) -> None:
    with pytest.raises(CheckpointInvalid):
        WitnessSigner(name, Ed25519PrivateKey.generate())
