"""Bytes of a file are found wherever they lie: at the seams of the pieces too."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eoffice.signing.content import PIECE_BYTES, Content

OBJECT = re.compile(rb"(?<![^\s])\d+\s+\d+\s+obj")


@pytest.mark.parametrize("shift", [-20, -9, -8, -7, -1, 0, 1, 20])
def test_what_lies_over_a_seam_is_found_once_and_at_its_place(shift: int) -> None:
    at = PIECE_BYTES + shift
    content = Content.of(b" " * at + b"12 0 obj" + b" " * 50)
    assert [place for place, _ in content.search(OBJECT)] == [at]


def test_a_pattern_sees_what_stands_before_the_place_from_which_it_searches() -> None:
    content = Content.of(b"x12 0 obj 3 0 obj")
    assert [place for place, _ in content.search(OBJECT, after=1)] == [10]
    assert [place for place, _ in content.search(OBJECT, after=10)] == [10]
    assert [place for place, _ in content.search(OBJECT, after=11)] == []
    assert content.has(OBJECT, after=10)
    assert not content.has(OBJECT, after=11)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 3 * PIECE_BYTES), max_size=8), st.integers(0, 3 * PIECE_BYTES))
def test_a_search_in_pieces_finds_what_a_search_in_the_whole_finds(
    places: list[int], after: int
) -> None:
    data = bytearray(b" " * (3 * PIECE_BYTES + 10))
    for place in places:
        data[place : place + 9] = b"12 0 obj "
    whole = [match.start() for match in OBJECT.finditer(bytes(data), after)]
    assert [place for place, _ in Content.of(bytes(data)).search(OBJECT, after=after)] == whole


@given(st.binary(max_size=200), st.integers(0, 220), st.integers(0, 220))
def test_parts_and_their_digest_are_those_of_the_bytes(data: bytes, start: int, end: int) -> None:
    content = Content.of(data)
    assert content.read(start, end) == data[start:end]
    parts = (0, min(start, end)), (end, 300)
    expected = hashlib.sha256(data[: min(start, end)] + data[end:300]).digest()
    assert content.digest("sha256", *parts) == expected


def test_a_file_on_disk_is_as_good_as_bytes_and_may_stand_anywhere(tmp_path: Path) -> None:
    file = tmp_path / "content"
    file.write_bytes(b"12 0 obj")
    with file.open("rb") as opened:
        opened.seek(5)
        content = Content.of(opened)
        assert content.size_bytes == 8
        assert content.has(OBJECT)
    assert Content.of(io.BytesIO(b"")).digest("sha256", (0, 9)) == hashlib.sha256().digest()
