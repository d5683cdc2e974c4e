"""What is sealed opens for its recipients under its name, whole, or not at all."""

from __future__ import annotations

import tracemalloc

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eoffice.backup import sealing
from eoffice.backup.sealing import FORMAT, PIECE_BYTES, RECIPIENT_BYTES, TAG_BYTES, SealBroken

KEY, OTHER = X25519PrivateKey.generate(), X25519PrivateKey.generate()
HEAD_BYTES = len(FORMAT) + 1 + RECIPIENT_BYTES
SIZES = (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES)


def sealed(content: bytes, name: str = "objects/a") -> bytes:
    return b"".join(sealing.sealed([content], name=name, recipients=[KEY.public_key()]))


def opened(content: bytes, name: str = "objects/a", key: X25519PrivateKey = KEY) -> bytes:
    return b"".join(sealing.opened([content], name=name, key=key))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    kept = sealed(content)
    assert opened(kept) == content
    assert content == b"" or content not in kept
    pieces = max(1, -(-size // PIECE_BYTES))
    assert len(kept) == HEAD_BYTES + size + pieces * TAG_BYTES


def test_pieces_may_come_in_any_size() -> None:
    content = bytes(range(256)) * 3000
    kept = b"".join(
        sealing.sealed(
            [content[:1], b"", content[1:700_000], content[700_000:]],
            name="objects/a",
            recipients=[KEY.public_key()],
        )
    )
    small = (kept[start : start + 1000] for start in range(0, len(kept), 1000))
    assert b"".join(sealing.opened(small, name="objects/a", key=KEY)) == content


def test_each_recipient_opens_it() -> None:
    kept = b"".join(
        sealing.sealed([b"content"], name="x", recipients=[OTHER.public_key(), KEY.public_key()])
    )
    assert opened(kept, "x", KEY) == opened(kept, "x", OTHER) == b"content"


def test_nobody_else_opens_it() -> None:
    with pytest.raises(SealBroken):
        opened(sealed(b"content"), key=OTHER)


def test_it_does_not_open_under_another_name() -> None:
    with pytest.raises(SealBroken):
        opened(sealed(b"content"), name="objects/b")


def test_the_same_content_is_never_sealed_twice_alike() -> None:
    assert sealed(b"content")[HEAD_BYTES:] != sealed(b"content")[HEAD_BYTES:]


def test_every_flipped_byte_is_found() -> None:
    kept = sealed(b"short content")
    for place in range(len(kept)):
        changed = bytearray(kept)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            opened(bytes(changed))


def test_every_shortening_is_found() -> None:
    kept = sealed(b"short content")
    for length in range(len(kept)):
        with pytest.raises(SealBroken):
            opened(kept[:length])


def test_what_is_appended_is_found() -> None:
    with pytest.raises(SealBroken):
        opened(sealed(b"short content") + b"x")


def test_pieces_cannot_be_left_out_doubled_or_exchanged() -> None:
    kept = sealed(bytes(3 * PIECE_BYTES))
    head, body = kept[:HEAD_BYTES], kept[HEAD_BYTES:]
    step = PIECE_BYTES + TAG_BYTES
    one, two, three = (body[start : start + step] for start in range(0, 3 * step, step))
    for order in ((one, two), (one, three), (two, one, three), (one, one, two, three), (three,)):
        with pytest.raises(SealBroken):
            opened(head + b"".join(order))


def test_nothing_is_sealed_for_nobody() -> None:
    with pytest.raises(ValueError, match="0 recipients"):
        list(sealing.sealed([b"content"], name="x", recipients=[]))


def test_a_large_file_takes_no_more_memory_than_a_small_one() -> None:
    pieces = 128
    tracemalloc.start()
    try:
        coming = (bytes(2**20) for _ in range(pieces))
        kept = sealing.sealed(coming, name="x", recipients=[KEY.public_key()])
        size = sum(map(len, sealing.opened(kept, name="x", key=KEY)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == pieces * 2**20
    assert peak < 8 * 2**20
