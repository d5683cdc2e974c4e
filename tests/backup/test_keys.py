"""The office has the public key; the private one is a file that a passphrase may protect."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eoffice.backup import keys
from eoffice.backup.keys import KeyUnreadable, PassphraseNeeded, PassphraseWrong

KEY = X25519PrivateKey.generate()
#: Cheap, because what it costs is not what is tested.
N = 2**4
PASSPHRASE = "mật khẩu của bản sao"


def raw(key: X25519PrivateKey) -> bytes:
    return key.private_bytes_raw()


def test_the_public_key_is_read_as_it_is_written() -> None:
    text = keys.public_text(KEY.public_key())
    assert text.startswith("eoffice-backup-")
    assert " " not in text
    assert keys.public_text(keys.parse_public(text)) == text


@pytest.mark.parametrize("change", sorted(["", "x", "eoffice-backup-", "eoffice-backup-AAAA"]))
def test_what_is_no_public_key_is_refused(change: str) -> None:
    with pytest.raises(KeyUnreadable):
        keys.parse_public(change)


def test_a_file_without_a_passphrase_opens_by_itself() -> None:
    assert raw(keys.parse_file(keys.file_text(KEY, None), None)) == raw(KEY)


def test_a_protected_file_opens_with_its_passphrase_only() -> None:
    text = keys.file_text(KEY, PASSPHRASE, n=N)
    assert raw(keys.parse_file(text, PASSPHRASE)) == raw(KEY)
    with pytest.raises(PassphraseNeeded):
        keys.parse_file(text, None)
    with pytest.raises(PassphraseWrong) as refused:
        keys.parse_file(text, "another")
    assert "another" not in str(refused.value)


def test_a_file_cannot_ask_for_all_memory() -> None:
    described = json.loads(keys.file_text(KEY, PASSPHRASE, n=N))
    described["scrypt"]["n"] = 2**30
    with pytest.raises(KeyUnreadable):
        keys.parse_file(json.dumps(described), PASSPHRASE)


@pytest.mark.parametrize("text", sorted(["", "{}", "[]", '{"format": "eoffice-backup-key/2"}']))
def test_what_is_no_key_file_is_refused(text: str) -> None:
    with pytest.raises(KeyUnreadable):
        keys.parse_file(text, None)


def test_the_public_key_in_the_file_has_to_be_that_of_the_private_one() -> None:
    described = json.loads(keys.file_text(KEY, None))
    described["public"] = keys.public_text(X25519PrivateKey.generate().public_key())
    with pytest.raises(KeyUnreadable):
        keys.parse_file(json.dumps(described), None)


def test_the_file_is_for_its_owner_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    keys.write(file, "first")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        keys.write(file, "second")
    assert file.read_text() == "first"
