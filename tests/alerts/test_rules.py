"""Addresses, codes, times of mail, and calls that a receiver can check (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from eoffice.alerts import rules
from eoffice.alerts.rules import (
    AddressWrong,
    CodeWrong,
    TooManyTries,
    WebhookWrong,
    check_code,
    checked_actions,
    checked_address,
    checked_url,
    digest_due,
    goes_out,
    wants,
)
from eoffice.alerts.states import Timing

KEY = "a secret of the tests, at least 32 characters"
ID = UUID(int=7)
MADE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KNOWN = ("document.issue", "document.sign", "delivery.delivered")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("van.thu@sgddt.dongthap.gov.vn", "van.thu@sgddt.dongthap.gov.vn"),
        ("  Ha@SGDDT.Gov.VN ", "Ha@sgddt.gov.vn"),
        ("a+b@x.vn", "a+b@x.vn"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_small_letters(typed: str, kept: str) -> None:
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "vanthu",
        "@x.vn",
        "a@",
        "a@vn",
        "a b@x.vn",
        "a@x.vn\nBcc: z@y.vn",
        "a@x.vn, z@y.vn",
        '"a"@x.vn',
        "a@x..vn",
        "a" * 65 + "@x.vn",
        "a@" + "x" * 250 + ".vn",
    ],
)
def test_what_is_no_address_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(AddressWrong) as refused:
        checked_address(typed)
    assert set(refused.value.fields) == {"address"}


def test_the_code_belongs_to_one_address_and_one_key() -> None:
    digits = rules.code(KEY, ID, MADE)
    assert len(digits) == 6
    assert digits.isdigit()
    others = {
        rules.code(KEY, UUID(int=8), MADE),
        rules.code(KEY + "!", ID, MADE),
        rules.code(KEY, ID, MADE + timedelta(seconds=1)),
    }
    assert digits not in others


def test_the_right_code_is_accepted_with_blanks_for_half_an_hour() -> None:
    digits = rules.code(KEY, ID, MADE)
    typed = f" {digits[:3]} {digits[3:]} "
    for after in (timedelta(0), rules.CODE_LIFE):
        check_code(typed, secret_key=KEY, address_id=ID, made_at=MADE, tries=4, at=MADE + after)
    with pytest.raises(CodeWrong):
        check_code(
            typed,
            secret_key=KEY,
            address_id=ID,
            made_at=MADE,
            tries=0,
            at=MADE + rules.CODE_LIFE + timedelta(seconds=1),
        )


@pytest.mark.parametrize("typed", ["", "000000x", "१२३४५६", "12345"])
def test_a_wrong_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeWrong):
        check_code(typed, secret_key=KEY, address_id=ID, made_at=MADE, tries=0, at=MADE)


def test_after_five_wrong_codes_not_even_the_right_one_is_taken() -> None:
    with pytest.raises(TooManyTries):
        check_code(
            rules.code(KEY, ID, MADE),
            secret_key=KEY,
            address_id=ID,
            made_at=MADE,
            tries=rules.MOST_TRIES,
            at=MADE,
        )


MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("hour", "told_on", "works", "due"),
    [
        (7, None, True, True),
        (23, MONDAY - timedelta(days=3), True, True),
        (6, None, True, False),
        (9, MONDAY, True, False),
        (9, None, False, False),
    ],
)
def test_the_mornings_mail_goes_out_once_on_a_working_day(
    hour: int, told_on: date | None, works: bool, due: bool
) -> None:
    assert digest_due(MONDAY, hour, told_on, is_working_day=works) is due


def test_each_timing_has_its_own_reason() -> None:
    assert goes_out(Timing.AT_ONCE, has_news=True, is_digest_due=False)
    assert not goes_out(Timing.AT_ONCE, has_news=False, is_digest_due=True)
    assert goes_out(Timing.DAILY, has_news=False, is_digest_due=True)
    assert not goes_out(Timing.DAILY, has_news=True, is_digest_due=False)


@pytest.mark.parametrize(
    "url", ["https://phanmem.example.vn/nhan", "https://example.vn:8443/a?b=c", "https://8.8.8.8/"]
)
def test_a_public_encrypted_address_can_be_called(url: str) -> None:
    assert checked_url(f" {url} ", inside=()) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "phanmem.example.vn",
        "http://phanmem.example.vn/",
        "ftp://example.vn/",
        "https://",
        "https://a:b@example.vn/",
        "https://example.vn/#x",
        "https://example.vn:99999/",
        "https://localhost/",
        "https://may1/",
        "https://127.0.0.1/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://192.168.1.1/",
        "https://db.internal/",
        "https://example.vn/" + "a" * 500,
    ],
)
def test_an_address_that_leads_inside_or_in_the_clear_is_refused(url: str) -> None:
    with pytest.raises(WebhookWrong) as refused:
        checked_url(url, inside=())
    assert set(refused.value.fields) == {"url"}


def test_the_operator_of_the_server_may_open_a_host_of_the_own_network() -> None:
    assert checked_url("http://may1:8000/nhan", inside={"may1"}) == "http://may1:8000/nhan"
    with pytest.raises(WebhookWrong):
        checked_url("file://may1/etc", inside={"may1"})


def test_events_are_chosen_by_name_or_by_family() -> None:
    chosen = checked_actions([" document.* ", "delivery.delivered", "document.*"], KNOWN)
    assert chosen == ("document.*", "delivery.delivered")
    assert wants(chosen, "document.issue")
    assert wants(chosen, "delivery.delivered")
    assert not wants(chosen, "delivery.opened")


@pytest.mark.parametrize(
    "chosen", [[], [""], ["*"], ["document"], ["document.fly"], ["ship.*"], ["document.is*"]]
)
def test_events_that_do_not_exist_cannot_be_chosen(chosen: list[str]) -> None:
    with pytest.raises(WebhookWrong) as refused:
        checked_actions(chosen, KNOWN)
    assert set(refused.value.fields) == {"actions"}


def test_a_call_is_signed_as_the_receiver_checks_it() -> None:
    secret = rules.webhook_secret(KEY, ID)
    body = b'{"type":"document.issue"}'

    headers = rules.signed_headers(secret, message_id=ID, at=MADE, body=body)

    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(key) == 32
    content = f"{ID}.{int(MADE.timestamp())}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers == {
        "webhook-id": str(ID),
        "webhook-timestamp": str(int(MADE.timestamp())),
        "webhook-signature": f"v1,{expected}",
    }
    assert rules.webhook_secret(KEY, UUID(int=8)) != secret
