"""The contract of a key store, kept by files, tokens and services alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.embedded.pki import Pki
from eoffice.signing.keys.contract import KeyUnavailable, WrongKey, WrongPin
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.mechanisms import Family, Mechanism, RsaScheme, is_signed_by
from eoffice.signing.policy import mechanism_for
from tests import pki as cast
from tests.signing import key_stores, softhsm
from tests.signing.key_stores import Keys, Stores

MESSAGE = "nội dung được ký".encode()


@pytest.fixture(scope="module")
def keys(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return key_stores.make_keys(pki, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def token_with_keys(token: Path, keys: Keys) -> Path:
    key_stores.put_on_token(keys)
    return token


@pytest.fixture(params=sorted(key_stores.KINDS))
def stores(request: pytest.FixtureRequest, keys: Keys) -> Iterator[Stores]:
    with key_stores.KINDS[request.param](request, keys) as made:
        yield made


def test_the_certificate_is_known_without_a_pin(stores: Stores, pki: Pki) -> None:
    on_file = Pkcs12KeyStore(pki.key_file(cast.DIRECTOR.label)).identity()
    assert stores.rsa.identity().certificate == on_file.certificate


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("scheme", RsaScheme)
def test_rsa_signs_as_the_setting_says(stores: Stores, scheme: RsaScheme, digest: str) -> None:
    certificate = stores.rsa.identity().certificate
    mechanism = mechanism_for(certificate, scheme, digest=digest)
    with stores.rsa.open(cast.PIN) as key:
        value = key.sign(MESSAGE, mechanism)
    assert is_signed_by(certificate, value, MESSAGE, mechanism)


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("curve", ["p256", "p384"])
def test_an_elliptic_key_signs_with_each_hash(stores: Stores, curve: str, digest: str) -> None:
    store = {"p256": stores.elliptic, "p384": stores.p384}[curve]
    certificate = store.identity().certificate
    mechanism = Mechanism(f"ecdsa-{digest}")
    with store.open(cast.PIN) as key:
        value = key.sign(MESSAGE, mechanism)
    assert is_signed_by(certificate, value, MESSAGE, mechanism)


def test_the_setting_for_rsa_does_not_touch_an_elliptic_key(stores: Stores) -> None:
    certificate = stores.elliptic.identity().certificate
    assert mechanism_for(certificate, RsaScheme.PKCS1).family is Family.ECDSA


def test_one_pin_entry_signs_many_items(stores: Stores) -> None:
    certificate = stores.rsa.identity().certificate
    items = [f"sổ {number}".encode() for number in range(40)]
    with stores.rsa.open(cast.PIN) as key:
        values = [key.sign(item, Mechanism.RSA_PSS_SHA256) for item in items]
    assert all(
        is_signed_by(certificate, value, item, Mechanism.RSA_PSS_SHA256)
        for item, value in zip(items, values, strict=True)
    )


@pytest.mark.parametrize("pin", ["000000", "1"])
def test_a_wrong_pin_opens_nothing_and_the_right_one_still_works(stores: Stores, pin: str) -> None:
    # A service learns of the PIN when it signs, a token and a file when they are opened.
    with pytest.raises(WrongPin), stores.rsa.open(pin) as key:
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)
    stores.rsa.open(cast.PIN).close()


def test_a_closed_session_signs_nothing_and_closes_twice(stores: Stores) -> None:
    key = stores.rsa.open(cast.PIN)
    key.close()
    key.close()
    with pytest.raises(KeyUnavailable):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)


def test_a_key_refuses_the_mechanism_of_another_kind_and_signs_its_own_then(
    stores: Stores,
) -> None:
    with stores.elliptic.open(cast.PIN) as key, pytest.raises(KeyUnavailable):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)
    with stores.rsa.open(cast.PIN) as key:
        with pytest.raises(KeyUnavailable):
            key.sign(MESSAGE, Mechanism.ECDSA_SHA256)
        value = key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)
        certificate = key.identity.certificate
    assert is_signed_by(certificate, value, MESSAGE, Mechanism.RSA_PSS_SHA256)


def test_a_key_that_is_not_there_is_unavailable(stores: Stores) -> None:
    with pytest.raises(KeyUnavailable):
        stores.missing.identity()
    with pytest.raises(KeyUnavailable):
        stores.missing.open(cast.PIN)
    stores.rsa.open(cast.PIN).close()


def test_two_people_may_sign_with_the_same_store_at_once(stores: Stores) -> None:
    certificate = stores.rsa.identity().certificate
    values: list[bytes] = []

    def ceremony() -> None:
        with stores.rsa.open(cast.PIN) as key:
            values.append(key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256))

    threads = [threading.Thread(target=ceremony) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(values) == 4
    assert all(
        is_signed_by(certificate, value, MESSAGE, Mechanism.RSA_PSS_SHA256) for value in values
    )


@pytest.mark.parametrize("stores", sorted(key_stores.SHOW_BOTH_HALVES), indirect=True)
def test_a_certificate_that_is_not_the_keys_own_opens_nothing(stores: Stores) -> None:
    with pytest.raises(WrongKey):
        stores.mixed.open(cast.PIN)
    stores.rsa.open(cast.PIN).close()


def test_a_token_whose_library_is_missing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable):
        Pkcs11KeyStore(tmp_path / "none.so", token=softhsm.TOKEN, key="x").identity()
