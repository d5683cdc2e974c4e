"""A copy is what its signed manifest says, and nobody but the office signs one."""

from __future__ import annotations

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice.audit.checkpoint import Signer
from eoffice.backup.manifest import Manifest, ManifestInvalid, Sealed, Sum
from eoffice.objects.sha256 import Sha256
from tests.backup.offices import AT, SIGNER

MANIFEST = Manifest(
    id="20261123T011500Z-abcdef",
    at=AT,
    on=date(2026, 11, 23),
    program="0.2.0",
    revision="0054",
    server_major=18,
    database=Sealed(Sha256.of(b"dump"), 4),
    list=Sealed(Sha256.of(b"list"), 4),
    objects=2,
    objects_bytes=100,
    tables={"units": Sum(3, -17), "persons": Sum(0, 0)},
    log_head="eoffice/x\n1\nroot\n\n— eoffice/x signature\n",
    missing=(Sha256.of(b"lost"),),
    missing_count=1,
)


def opened(note: bytes, copy_id: str = MANIFEST.id) -> Manifest:
    return Manifest.opened(copy_id, note, SIGNER.verifier)


def test_it_is_read_as_it_was_signed() -> None:
    assert opened(MANIFEST.signed(SIGNER).encode()) == MANIFEST
    assert not MANIFEST.is_complete


def test_every_changed_byte_is_found() -> None:
    note = MANIFEST.signed(SIGNER).encode()
    for place in range(len(note)):
        changed = bytearray(note)
        changed[place] ^= 1
        with pytest.raises(ManifestInvalid):
            opened(bytes(changed))


def test_every_shortening_is_found() -> None:
    note = MANIFEST.signed(SIGNER).encode()
    for length in range(len(note)):
        with pytest.raises(ManifestInvalid):
            opened(note[:length])


def test_one_of_another_office_is_refused() -> None:
    note = MANIFEST.signed(Signer(Ed25519PrivateKey.generate())).encode()
    with pytest.raises(ManifestInvalid, match="Chữ ký"):
        opened(note)


def test_one_does_not_pass_for_another() -> None:
    with pytest.raises(ManifestInvalid, match=MANIFEST.id):
        opened(MANIFEST.signed(SIGNER).encode(), "20270101T000000Z-abcdef")


def test_a_head_of_the_log_is_no_manifest() -> None:
    with pytest.raises(ManifestInvalid):
        opened(SIGNER.sign("eoffice/x\n1\nroot\nat 2026\n").encode())
