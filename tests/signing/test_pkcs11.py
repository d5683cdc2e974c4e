"""What only tokens do: keys found by their certificates, tokens that are alike, sessions that are
lost, PINs that run out, and tokens that do not hash."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import TokenFlag
from pkcs11.exceptions import DeviceRemoved, PinIncorrect, SessionHandleInvalid

from eoffice.signing.keys import pkcs11 as store_of_tokens
from eoffice.signing.keys.contract import (
    KeyUnavailable,
    TokenLocked,
    WrongKey,
    WrongPin,
)
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.mechanisms import Mechanism, is_signed_by
from tests import pki as cast
from tests.signing import softhsm
from tests.signing.key_stores import certificate_of
from tests.signing.softhsm import Pkcs12Key

MESSAGE = "nội dung được ký".encode()
PSS = Mechanism.RSA_PSS_SHA256


def certified(key: Pkcs12Key, name: str, *, days_ago: int = 10) -> bytes:
    return certificate_of(key, name, days_ago=days_ago).public_bytes(Encoding.DER)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def store(token: Path, key: str, *, label: str = softhsm.TOKEN) -> Pkcs11KeyStore:
    return Pkcs11KeyStore(token, token=label, key=key)


def signs(opened: Any, mechanism: Mechanism) -> bool:
    value = opened.sign(MESSAGE, mechanism)
    return is_signed_by(opened.identity.certificate, value, MESSAGE, mechanism)


@pytest.mark.parametrize(
    ("curve", "mechanism"),
    [
        (ec.SECP256R1(), Mechanism.ECDSA_SHA256),
        (ec.SECP384R1(), Mechanism.ECDSA_SHA384),
        (ec.SECP384R1(), Mechanism.ECDSA_SHA512),
    ],
    ids=["p256", "p384", "p384-sha512"],
)
def test_both_curves_sign_with_each_hash(
    token: Path, curve: ec.EllipticCurve, mechanism: Mechanism
) -> None:
    key = ec.generate_private_key(curve)
    name = f"{curve.name}-{mechanism.value}"
    softhsm.put(name, name.encode(), key=key, certificate=certified(key, name))
    with store(token, name).open(cast.PIN) as opened:
        assert signs(opened, mechanism)


def test_a_certificate_of_another_name_is_found_by_its_identifier(
    token: Path, rsa_key: rsa.RSAPrivateKey
) -> None:
    softhsm.put("by-id", b"\x71", key=rsa_key)
    softhsm.put("Certificate 0", b"\x71", certificate=certified(rsa_key, "by-id"))
    assert store(token, "by-id").identity().certificate == certified_on(token, "by-id")
    with store(token, "by-id").open(cast.PIN) as opened:
        assert signs(opened, PSS)


def certified_on(token: Path, key: str) -> bytes:
    with store(token, key).open(cast.PIN) as opened:
        return opened.identity.certificate


def test_the_newest_certificate_of_the_key_is_used_and_not_one_of_another_key(
    token: Path, rsa_key: rsa.RSAPrivateKey
) -> None:
    other = rsa.generate_private_key(65537, 2048)
    older, newer = (certified(rsa_key, "renewed", days_ago=days) for days in (900, 5))
    stranger = certified(other, "renewed", days_ago=1)
    softhsm.put("renewed", b"\x72", key=rsa_key)
    for der in (newer, older, stranger):
        softhsm.put("renewed", b"\x72", certificate=der)
    with store(token, "renewed").open(cast.PIN) as opened:
        assert opened.identity.certificate == newer
        shown = opened.identity
        assert signs(opened, PSS)
    assert store(token, "renewed").identity() == shown


def test_a_certificate_that_is_not_the_keys_own_signs_nothing(
    token: Path, rsa_key: rsa.RSAPrivateKey
) -> None:
    other = rsa.generate_private_key(65537, 2048)
    softhsm.put("mixed", b"\x73", key=rsa_key, certificate=certified(other, "mixed"))
    with pytest.raises(WrongKey, match="không phải của khóa"):
        store(token, "mixed").open(cast.PIN)


def test_tokens_that_are_alike_are_told_apart_by_their_serial_numbers(token: Path) -> None:
    with pytest.raises(KeyUnavailable, match="nhiều thiết bị ký số cùng tên"):
        store(token, "any", label=softhsm.TWINS).identity()
    twins = pkcs11.lib(str(token)).get_tokens(token_label=softhsm.TWINS)
    serials = {each.serial.decode().strip("\0 ") for each in twins}
    assert len(serials) == 2
    for serial in serials:
        with pytest.raises(KeyUnavailable, match="Không tìm thấy"):
            store(token, "any", label=f"{softhsm.TWINS}#{serial}").identity()
    (own,) = pkcs11.lib(str(token)).get_tokens(token_label=softhsm.TOKEN)
    named = f"{softhsm.TOKEN}#{own.serial.decode().strip()}"
    assert store(token, cast.DIRECTOR.label, label=named).identity()
    with pytest.raises(KeyUnavailable):
        store(token, cast.DIRECTOR.label, label=f"{softhsm.TOKEN}#0000").identity()


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The PIN of each login on a token."""
    made: list[str] = []
    login = Pkcs11KeyStore._login

    def counted(self: Pkcs11KeyStore, pin: str, serial: str | None = None) -> Any:
        made.append(pin)
        return login(self, pin, serial)

    monkeypatch.setattr(Pkcs11KeyStore, "_login", counted)
    return made


def test_forty_signatures_take_one_login(token: Path, logins: list[str]) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        assert all(signs(opened, PSS) for _ in range(40))
    assert len(logins) == 1


def broken(opened: Any, failure: type[Exception], times: int) -> None:
    """The token fails so many times, then it is there again."""
    key = opened._login.key
    left = [times]

    class Failing:
        def sign(self, *args: Any, **named: Any) -> Any:
            if left[0]:
                left[0] -= 1
                raise failure
            return key.sign(*args, **named)

    opened._login.key = Failing()


@pytest.mark.parametrize("failure", [DeviceRemoved, SessionHandleInvalid])
def test_a_session_that_is_lost_is_opened_again_once(
    token: Path, logins: list[str], failure: type[Exception]
) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        broken(opened, failure, 1)
        assert signs(opened, PSS)
        assert signs(opened, PSS)
    assert len(logins) == 2


def test_a_session_that_is_really_closed_is_opened_again(token: Path, logins: list[str]) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        opened._login._session.close()  # type: ignore[union-attr]
        assert signs(opened, PSS)
    assert len(logins) == 2


def test_a_token_that_stays_away_is_asked_no_more(
    token: Path, logins: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        broken(opened, DeviceRemoved, 1)

        def away(*_args: object, **_named: object) -> None:
            raise DeviceRemoved

        monkeypatch.setattr(store_of_tokens, "_begun", away)
        for _ in range(3):
            with pytest.raises(KeyUnavailable, match="cắm thiết bị"):
                opened.sign(MESSAGE, PSS)
    assert len(logins) == 2


def test_a_session_that_is_lost_twice_is_not_opened_a_third_time(
    token: Path, logins: list[str]
) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        broken(opened, DeviceRemoved, 1)
        assert signs(opened, PSS)
        broken(opened, DeviceRemoved, 1)
        with pytest.raises(KeyUnavailable):
            opened.sign(MESSAGE, PSS)
    assert len(logins) == 2


def test_a_pin_that_is_refused_the_second_time_is_not_tried_a_third(
    token: Path, logins: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        broken(opened, DeviceRemoved, 1)

        def refused(*_args: object) -> None:
            raise PinIncorrect

        with monkeypatch.context() as now:
            now.setattr(Pkcs11KeyStore, "_pair", refused)
            with pytest.raises(WrongPin):
                opened.sign(MESSAGE, PSS)
        for _ in range(3):
            with pytest.raises(KeyUnavailable):
                opened.sign(MESSAGE, PSS)
    assert logins == [cast.PIN] * 2


def test_the_pin_is_not_shown_to_another_token_that_was_put_in(
    token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        broken(opened, DeviceRemoved, 1)
        (twin, _) = pkcs11.lib(str(token)).get_tokens(token_label=softhsm.TWINS)

        class Watched:
            flags, serial, opened_with = twin.flags, twin.serial, None

            def open(self, **named: object) -> None:
                type(self).opened_with = named

        monkeypatch.setattr(Pkcs11KeyStore, "_token", lambda _self: Watched())
        with pytest.raises(KeyUnavailable):
            opened.sign(MESSAGE, PSS)
        assert Watched.opened_with is None


def test_what_the_token_says_of_the_next_attempt_is_said(token: Path) -> None:
    with pytest.raises(WrongPin, match="sắp tự khóa") as raised:
        store(token, cast.DIRECTOR.label).open("000000")
    assert raised.value.warning
    store(token, cast.DIRECTOR.label).open(cast.PIN).close()


@pytest.mark.parametrize(
    ("flags", "refusal", "said"),
    [
        (TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_COUNT_LOW, WrongPin, "một lần thử"),
        (TokenFlag.USER_PIN_COUNT_LOW, WrongPin, "sắp tự khóa"),
        (TokenFlag(0), WrongPin, "nhập lại"),
        (TokenFlag.USER_PIN_LOCKED, TokenLocked, "đã bị khóa"),
    ],
    ids=["final", "low", "none", "locked"],
)
def test_each_warning_of_a_token_has_its_words(
    flags: TokenFlag, refusal: type[Exception], said: str
) -> None:
    with pytest.raises(refusal, match=said), store_of_tokens._in_contract(lambda: flags):
        raise PinIncorrect


@pytest.mark.parametrize(
    "mechanism",
    [each for each in Mechanism if each.value.startswith("rsa")],
    ids=[each.value for each in Mechanism if each.value.startswith("rsa")],
)
def test_a_token_that_does_not_hash_is_given_the_digest(token: Path, mechanism: Mechanism) -> None:
    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        assert opened._login is not None
        opened._login.mechanisms = frozenset()
        assert signs(opened, mechanism)


def in_child(work: Callable[[], bool]) -> bool:
    """Whether the work succeeds in a process that is forked from this one."""
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = work()
        finally:
            os._exit(0 if done else 1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def test_a_forked_process_begins_the_library_anew(token: Path) -> None:
    def work() -> bool:
        with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
            return signs(opened, PSS)

    with store(token, cast.DIRECTOR.label).open(cast.PIN) as opened:
        # The parent holds the token's turn; the child's own is free.
        assert in_child(work)

        def inherited() -> bool:
            with pytest.raises(KeyUnavailable):
                opened.sign(MESSAGE, PSS)
            return True

        assert in_child(inherited)
        assert signs(opened, PSS)
