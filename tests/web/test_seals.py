"""What leaves the office signed comes back unchanged, or not at all."""

from __future__ import annotations

import pytest

from eoffice.web import seals

KEY = b"a secret of the tests, at least 32 characters"


def test_a_signed_text_gives_its_payload_back() -> None:
    assert seals.unsign(KEY, "cursor", seals.sign(KEY, "cursor", b"2018")) == b"2018"


def test_a_text_signed_for_one_purpose_is_nothing_for_another() -> None:
    assert seals.unsign(KEY, "flash", seals.sign(KEY, "cursor", b"2018")) is None


@pytest.mark.parametrize("text", ["", ".", "abc", "a.b", "MjAxOA.AAAAAAAAAAAAAAAAAAAAAA", "é.é"])
def test_a_text_that_was_not_signed_here_is_nothing(text: str) -> None:
    assert seals.unsign(KEY, "cursor", text) is None


def test_a_form_token_differs_each_time_and_fits_only_its_session() -> None:
    first, second = seals.form_token(KEY, "session:1"), seals.form_token(KEY, "session:1")
    assert first != second
    assert seals.is_form_token(KEY, "session:1", first)
    assert seals.is_form_token(KEY, "session:1", second)
    assert not seals.is_form_token(KEY, "session:2", first)
    assert not seals.is_form_token(b"another secret", "session:1", first)


@pytest.mark.parametrize("token", ["", "x", "AAAA.BBBB", "."])
def test_something_else_is_no_form_token(token: str) -> None:
    assert not seals.is_form_token(KEY, "session:1", token)
