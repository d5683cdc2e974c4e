"""A head of the log is text that the log signed; any other text is refused."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice.audit import checkpoint, log_key, merkle
from eoffice.audit.checkpoint import Checkpoint, CheckpointInvalid, Signer, Verifier
from eoffice.settings import SettingMissing

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
HEAD = Checkpoint(
    SIGNER.verifier.origin, 960, merkle.leaf_hash(b"960"), datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
)
NOTE = SIGNER.sign(HEAD.body())


def test_a_signed_head_is_read_back() -> None:
    assert checkpoint.opened(NOTE, SIGNER.verifier) == HEAD


def test_the_text_is_a_checkpoint_with_the_time_below_the_root() -> None:
    lines = NOTE.splitlines()

    assert lines[0].startswith("eoffice/")
    assert lines[1:2] + lines[3:5] == ["960", "at 2018-08-13T01:15:00.000000Z", ""]
    assert lines[5].startswith(f"— {lines[0]} ")
    assert len(lines) == 6


def test_no_bit_of_the_note_can_be_flipped() -> None:
    raw = NOTE.encode()
    for position in range(len(raw)):
        for bit in range(8):
            touched = bytearray(raw)
            touched[position] ^= 1 << bit
            text = touched.decode(errors="surrogateescape")
            with pytest.raises((CheckpointInvalid, UnicodeEncodeError)):
                checkpoint.opened(text, SIGNER.verifier)


def test_a_head_that_another_log_signed_is_refused() -> None:
    other = Signer(Ed25519PrivateKey.generate())

    with pytest.raises(CheckpointInvalid, match="không do nhật ký này ký"):
        checkpoint.opened(NOTE, other.verifier)


def test_a_key_with_a_stolen_name_is_refused() -> None:
    thief = Verifier(SIGNER.verifier.origin, bytes(32))

    with pytest.raises(CheckpointInvalid, match="bằng một khóa khác"):
        checkpoint.opened(NOTE, thief)


@pytest.mark.parametrize(
    "body", ["", "eoffice/x\n", HEAD.body() + "more\n", HEAD.body().replace("960", "0960")]
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(CheckpointInvalid):
        checkpoint.opened(SIGNER.sign(body), SIGNER.verifier)


def test_a_public_key_is_read_back() -> None:
    assert Verifier.parse(f"{SIGNER.verifier}\n") == SIGNER.verifier


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", str(SIGNER.verifier)[:-4]])
def test_a_broken_public_key_is_refused(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        Verifier.parse(text)


def test_the_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "log-key.pem"

    first = log_key.ensure(file)

    assert log_key.ensure(file).verifier == first.verifier
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_lost_key_is_not_replaced_by_signing(tmp_path: Path) -> None:
    with pytest.raises(SettingMissing, match="phục hồi"):
        log_key.load(tmp_path / "log-key.pem")


def test_what_is_no_key_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "log-key.pem"
    file.write_text("not a key")

    with pytest.raises(SettingMissing, match="không phải là khóa Ed25519"):
        log_key.load(file)


def test_the_published_key_is_the_trusted_one(tmp_path: Path) -> None:
    assert log_key.published(tmp_path) is None

    log_key.publish(SIGNER, tmp_path)

    assert log_key.published(tmp_path) == SIGNER.verifier
