"""Codes of six digits: those of RFC 6238, one step to either side, each once; recovery codes."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import UUID
from xml.etree import ElementTree

import pytest

from eoffice.people import one_time_codes as codes
from eoffice.people.one_time_codes import SecretUnreadable

#: RFC 6238, appendix B (SHA-1), the last six of eight digits.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
PERSON = UUID(int=7)
OFFICE_KEY = "a secret of the tests, at least 32 characters"


@pytest.mark.parametrize("second", RFC_CODES)
def test_codes_are_those_of_the_standard(second: int) -> None:
    at = datetime.fromtimestamp(second, UTC)

    assert codes.code_at(RFC_SECRET, at) == RFC_CODES[second]
    step = codes.accepted_step(RFC_SECRET, RFC_CODES[second], at=at, last_step=0)
    assert step == second // 30


@pytest.mark.parametrize(("drift_s", "fits"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(drift_s: int, fits: bool) -> None:
    code = codes.code_at(RFC_SECRET, AT + timedelta(seconds=drift_s))

    assert (codes.accepted_step(RFC_SECRET, code, at=AT, last_step=0) is not None) is fits


def test_a_code_works_once_and_so_do_those_before_it() -> None:
    code = codes.code_at(RFC_SECRET, AT)
    step = codes.accepted_step(RFC_SECRET, code, at=AT, last_step=0)
    assert step is not None

    assert codes.accepted_step(RFC_SECRET, code, at=AT, last_step=step) is None
    earlier = codes.code_at(RFC_SECRET, AT - timedelta(seconds=30))
    assert codes.accepted_step(RFC_SECRET, earlier, at=AT, last_step=step) is None


@pytest.mark.parametrize("entered", ["", "000000", "abcdef", "số sáu", "1234567"])
def test_anything_else_is_no_code(entered: str) -> None:
    assert codes.accepted_step(RFC_SECRET, entered, at=AT, last_step=0) is None


def test_blanks_in_a_code_do_not_matter() -> None:
    code = codes.code_at(RFC_SECRET, AT)

    spaced = f" {code[:3]} {code[3:]} "
    assert codes.accepted_step(RFC_SECRET, spaced, at=AT, last_step=0) is not None


def test_a_key_opens_only_for_its_person_and_with_the_secret_of_the_office() -> None:
    stored = codes.encrypt(RFC_SECRET, person_id=PERSON, secret_key=OFFICE_KEY)

    assert codes.decrypt(stored, person_id=PERSON, secret_key=OFFICE_KEY) == RFC_SECRET
    with pytest.raises(SecretUnreadable):
        codes.decrypt(stored, person_id=UUID(int=8), secret_key=OFFICE_KEY)
    with pytest.raises(SecretUnreadable):
        codes.decrypt(stored, person_id=PERSON, secret_key=OFFICE_KEY + "!")


def test_a_device_reads_key_and_login_from_the_image() -> None:
    uri = codes.provisioning_uri(RFC_SECRET, login="gd.liem")
    image = codes.qr_image(uri)

    assert uri.startswith("otpauth://totp/")
    assert f"secret={RFC_SECRET}" in uri
    assert image.startswith("data:image/svg+xml")


def test_recovery_codes_are_ten_long_and_all_different() -> None:
    made = codes.new_recovery_codes()

    assert len(set(made)) == codes.RECOVERY_CODES
    assert all(codes.looks_like_recovery_code(code) for code in made)


def test_a_recovery_code_is_known_however_it_is_typed_but_only_for_its_person() -> None:
    code = codes.new_recovery_codes()[0]
    kept = codes.recovery_code_hash(PERSON, code)

    assert codes.recovery_code_hash(PERSON, code.upper().replace("-", " ")) == kept
    assert codes.recovery_code_hash(UUID(int=8), code) != kept


def test_six_digits_are_not_taken_for_a_recovery_code() -> None:
    assert not codes.looks_like_recovery_code("287082")


def test_secrets_have_160_bits() -> None:
    assert len(base64.b32decode(codes.new_secret())) == 20


def test_the_image_is_well_formed() -> None:
    image = codes.qr_image("otpauth://totp/x")
    ElementTree.fromstring(unquote(image.partition(",")[2]))  # noqa: S314  (our own image)
