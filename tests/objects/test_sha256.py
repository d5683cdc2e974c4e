"""A digest is parsed once and is then known to be one."""

from __future__ import annotations

from io import BytesIO

import pytest

from eoffice.objects.sha256 import Sha256

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_of_nothing_is_the_published_one() -> None:
    assert str(Sha256.of(b"")) == EMPTY
    assert Sha256.of_file(BytesIO()) == Sha256.of(b"")


def test_text_in_either_case_names_the_same_digest() -> None:
    assert Sha256.parse(EMPTY.upper()) == Sha256.parse(EMPTY)
    assert Sha256.parse(EMPTY).digest == bytes.fromhex(EMPTY)


@pytest.mark.parametrize("text", ["", EMPTY[:-1], EMPTY + "0", EMPTY[:-1] + "g", f" {EMPTY}"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        Sha256.parse(text)
