"""The contract of a key store, kept by files, tokens and services alike."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eoffice.embedded.pki import Pki
from eoffice.signing.keys.contract import KeyStore, KeyUnavailable, WrongKey, WrongPin
from eoffice.signing.keys.csc import CscKeyStore
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.mechanisms import Family, Mechanism, RsaScheme, is_signed_by
from eoffice.signing.policy import mechanism_for
from tests import pki as cast
from tests.signing import csc_service, softhsm
from tests.signing.csc_service import Service

MESSAGE = "nội dung được ký".encode()


@dataclass(frozen=True)
class Stores:
    """The same two keys in one kind of store."""

    rsa: KeyStore
    elliptic: KeyStore
    missing: KeyStore


@pytest.fixture(params=["csc", "pkcs11", "pkcs12"])
def stores(
    request: pytest.FixtureRequest, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stores]:
    labels = (cast.DIRECTOR.label, cast.TEACHER.label, "nobody")
    match request.param:
        case "pkcs12":
            yield Stores(*(Pkcs12KeyStore(pki.key_file(label)) for label in labels))
        case "pkcs11":
            library = request.getfixturevalue("token")
            yield Stores(
                *(Pkcs11KeyStore(library, token=softhsm.TOKEN, key=label) for label in labels)
            )
        case _:
            monkeypatch.setenv("EOFFICE_SECRET_CSC", csc_service.SECRET)
            files = {label: pki.key_file(label) for label in labels[:2]}
            with csc_service.served(Service(cast.PIN, files)) as service:
                yield Stores(*(CscKeyStore(service.declared, label) for label in labels))


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
def test_an_elliptic_key_signs_whatever_the_setting(stores: Stores, digest: str) -> None:
    certificate = stores.elliptic.identity().certificate
    mechanism = mechanism_for(certificate, RsaScheme.PKCS1, digest=digest)
    assert mechanism.family is Family.ECDSA
    with stores.elliptic.open(cast.PIN) as key:
        value = key.sign(MESSAGE, mechanism)
    assert is_signed_by(certificate, value, MESSAGE, mechanism)


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


def test_a_key_refuses_the_mechanism_of_another_kind(stores: Stores) -> None:
    with stores.elliptic.open(cast.PIN) as key, pytest.raises(KeyUnavailable):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)


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


def test_a_pkcs12_file_with_another_persons_certificate_beside_it_is_not_used(
    pki: Pki, tmp_path: Path
) -> None:
    own, other = pki.key_file(cast.DIRECTOR.label), pki.key_file(cast.TEACHER.label)
    shutil.copy(own, tmp_path / "mixed.p12")
    shutil.copy(other.with_suffix(".pem"), tmp_path / "mixed.pem")
    with pytest.raises(WrongKey):
        Pkcs12KeyStore(tmp_path / "mixed.p12").open(cast.PIN)


def test_a_token_whose_library_is_missing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable):
        Pkcs11KeyStore(tmp_path / "none.so", token=softhsm.TOKEN, key="x").identity()
