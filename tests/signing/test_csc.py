"""Keys of a service of the Cloud Signature Consortium, against a server of that interface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from eoffice import db
from eoffice.documents.states import State
from eoffice.embedded.pki import Pki
from eoffice.settings import settings
from eoffice.signing.actions import KeyLocked
from eoffice.signing.keys.contract import KeyUnavailable, TokenLocked, WrongPin
from eoffice.signing.keys.csc import CscKeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.mechanisms import Mechanism, is_signed_by
from eoffice.signing.model import KeyStoreKind, SigningKey
from tests import pki as cast
from tests.signing import csc_service, test_ceremony
from tests.signing.csc_service import Service
from tests.signing.test_ceremony import Desk, document, sign
from tests.signing.test_faults import is_intact

pki = test_ceremony.pki
desk_here = test_ceremony.desk
MESSAGE = "nội dung được ký".encode()


@pytest.fixture
def service(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("EOFFICE_SECRET_CSC", csc_service.SECRET)
    files = {"rsa": pki.key_file("director"), "elliptic": pki.key_file("teacher")}
    with csc_service.served(Service(cast.PIN, files)) as served:
        yield served


def store(service: Service, credential: str = "rsa") -> CscKeyStore:
    return CscKeyStore(service.declared, credential)


def test_the_certificate_and_its_chain_are_known_without_a_pin(service: Service, pki: Pki) -> None:
    found = store(service).identity()
    on_file = Pkcs12KeyStore(pki.key_file("director")).identity()
    assert found.certificate == on_file.certificate
    assert len(found.chain) >= 1


@pytest.mark.parametrize(
    ("credential", "mechanism"),
    [
        ("rsa", Mechanism.RSA_PSS_SHA256),
        ("rsa", Mechanism.RSA_PSS_SHA512),
        ("rsa", Mechanism.RSA_PKCS1_SHA256),
        ("rsa", Mechanism.RSA_PKCS1_SHA384),
        ("elliptic", Mechanism.ECDSA_SHA256),
        ("elliptic", Mechanism.ECDSA_SHA384),
    ],
)
def test_it_signs(service: Service, credential: str, mechanism: Mechanism) -> None:
    with store(service, credential).open(cast.PIN) as key:
        value = key.sign(MESSAGE, mechanism)
        assert is_signed_by(key.identity.certificate, value, MESSAGE, mechanism)


def test_what_the_key_cannot_do_is_refused_before_the_pin_is_sent(service: Service) -> None:
    with store(service, "elliptic").open(cast.PIN) as key, pytest.raises(KeyUnavailable):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)
    assert "credentials/authorize" not in service.calls


def test_one_pin_is_good_for_many_and_for_none_once_it_is_closed(service: Service) -> None:
    key = store(service).open(cast.PIN)
    for _ in range(3):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)
    assert service.calls["credentials/info"] == 1
    key.close()
    key.close()
    with pytest.raises(KeyUnavailable):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)


def test_a_wrong_pin_and_a_locked_one_are_told_apart(service: Service) -> None:
    with store(service).open("000000") as key, pytest.raises(WrongPin):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)
    service.is_locked = True
    with store(service).open(cast.PIN) as key, pytest.raises(TokenLocked):
        key.sign(MESSAGE, Mechanism.RSA_PSS_SHA256)


def test_a_bearer_that_is_refused_is_got_anew(service: Service) -> None:
    store(service).identity()
    service.tokens = set()
    store(service).identity()
    assert service.calls["oauth2/token"] == 2


def test_who_is_unknown_silent_or_disabled_is_unavailable(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyUnavailable):
        store(service, "nobody").identity()
    service.is_enabled = False
    with pytest.raises(KeyUnavailable, match="bị khóa ở dịch vụ"):
        store(service).identity()
    service.is_silent = True
    with pytest.raises(KeyUnavailable, match="không trả lời"):
        store(service).identity()


@pytest.fixture
def desk(
    desk_here: Desk, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """The director's key is with the service."""
    declared = {
        "name": "bo",
        "kind": "csc",
        "address": service.address,
        "client_id": csc_service.CLIENT,
        "secret": "CSC",
        "token_address": f"{service.address}/oauth2/token",
    }
    file = tmp_path / "services.json"
    file.write_text(json.dumps({"services": [declared]}))
    monkeypatch.setenv("EOFFICE_SIGNING_SERVICES", str(file))
    settings.cache_clear()
    with db.system_transaction() as session:
        session.execute(
            update(SigningKey)
            .where(SigningKey.holder_person_id == desk_here.cast.director.person_id)
            .values(store=KeyStoreKind.CSC, locator="bo/rsa")
        )
    yield desk_here
    settings.cache_clear()


def test_a_document_is_signed_by_the_service_with_the_pin_entered_here(
    desk: Desk, service: Service
) -> None:
    sign(desk)
    assert document(desk).state is State.SIGNED
    assert is_intact(desk)
    assert service.calls["signatures/signHash"] == 1


def test_wrong_pins_count_though_only_the_signature_shows_them(desk: Desk) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongPin, match=f"Còn {left} lần thử"):
            sign(desk, "000000")
    with pytest.raises(WrongPin, match="tạm khóa 15 phút"):
        sign(desk, "000000")
    with pytest.raises(KeyLocked):
        sign(desk)


def test_a_right_pin_forgets_the_wrong_ones(desk: Desk) -> None:
    with pytest.raises(WrongPin):
        sign(desk, "000000")
    sign(desk)
    with db.system_transaction() as session:
        (wrong,) = session.scalars(
            select(SigningKey.wrong_pins).where(SigningKey.store == KeyStoreKind.CSC)
        )
    assert wrong == 0
