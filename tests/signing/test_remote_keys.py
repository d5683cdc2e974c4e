"""Keys of VNPT SmartCA and Viettel MySign, against servers of their shape: what is asked, what is
taken, and which words of theirs mean what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from eoffice.embedded.pki import Pki
from eoffice.signing.keys import services
from eoffice.signing.keys.confirmed import MySignKeyStore, SmartCaKeyStore
from eoffice.signing.keys.contract import AnswerKind, KeyUnavailable, RemoteKeyStore, ToSign
from eoffice.signing.keys.services import Provider
from eoffice.signing.mechanisms import Mechanism, is_signed_by
from tests import pki as cast
from tests.signing import phone_services, test_ceremony
from tests.signing.phone_services import Phone

pki = test_ceremony.pki
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PKCS1 = Mechanism.RSA_PKCS1_SHA256
MESSAGES = (b"one", b"two", b"three")


def phone_of(pki: Pki, label: str = "director") -> Phone:
    content = pki.key_file(label).read_bytes()
    key, own, chain = pkcs12.load_key_and_certificates(content, cast.PIN.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    assert own is not None
    return Phone(key, tuple(each.public_bytes(Encoding.DER) for each in (own, *chain)))


def declared(address: str, kind: str) -> dict[str, Any]:
    """As an operator declares one of the two."""
    if kind == "smartca":
        own = {"address": f"{address}/sca", "declined": ["SIGNER_REJECTED"], "lapsed": ["4001"]}
    else:
        own = {
            "address": f"{address}/vtss",
            "profile": phone_services.PROFILE,
            "declined": ["4"],
            "lapsed": ["expired_transaction"],
        }
    return {"name": kind, "kind": kind, "client_id": phone_services.CLIENT, "secret": "PHONE"} | own


LOCATORS = {
    "smartca": f"smartca/{phone_services.USER}/{phone_services.SERIAL}",
    "mysign": f"mysign/{phone_services.USER}/{phone_services.CREDENTIAL}",
}
KINDS: dict[str, Callable[[Provider, str], RemoteKeyStore]] = {
    "mysign": MySignKeyStore,
    "smartca": SmartCaKeyStore,
}


@pytest.fixture
def phone(pki: Pki) -> Phone:
    return phone_of(pki)


@pytest.fixture(params=sorted(KINDS))
def store(
    request: pytest.FixtureRequest, phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RemoteKeyStore]:
    monkeypatch.setenv("EOFFICE_SECRET_PHONE", phone_services.SECRET)
    with phone_services.served(phone) as address:
        file = tmp_path / "services.json"
        file.write_text(json.dumps({"services": [declared(address, request.param)]}))
        yield KINDS[request.param](*services.of_locator(LOCATORS[request.param], file))


def items() -> list[ToSign]:
    return [
        ToSign(uuid4(), hashlib.sha256(each).digest(), f"Công văn {number}")
        for number, each in enumerate(MESSAGES, start=1)
    ]


def ids(asked: list[ToSign]) -> list[UUID]:
    return [each.id for each in asked]


def test_whose_key_it_is_is_asked_of_the_service(store: RemoteKeyStore, phone: Phone) -> None:
    found = store.identity()
    assert found.certificate == phone.certificates[0]
    assert found.chain[0] == phone.certificates[1]


def test_the_telephone_is_asked_once_for_all(store: RemoteKeyStore, phone: Phone) -> None:
    asked = items()
    question = store.ask(asked, PKCS1, at=AT)
    assert question.lapses_at == AT + timedelta(minutes=5)
    assert phone.questions == [[(str(each.id), each.digest) for each in asked]]
    assert phone.said == ["3 văn bản: Công văn 1"]
    assert store.answer(question.ticket, ids(asked)).kind is AnswerKind.WAITING


def test_one_thing_is_named_itself(store: RemoteKeyStore, phone: Phone) -> None:
    store.ask(items()[:1], PKCS1, at=AT)
    assert phone.said == ["Công văn 1"]


def test_each_gets_its_own_signature(store: RemoteKeyStore, phone: Phone) -> None:
    asked = items()
    question = store.ask(asked, PKCS1, at=AT)
    phone.answers = "signed"
    for _ in range(2):  # As often as one likes.
        answer = store.answer(question.ticket, ids(asked))
        assert answer.kind is AnswerKind.SIGNED
        for each, message in zip(asked, MESSAGES, strict=True):
            assert is_signed_by(phone.certificates[0], answer.values[each.id], message, PKCS1)


@pytest.mark.parametrize(
    ("said", "kind"), [("declined", AnswerKind.DECLINED), ("lapsed", AnswerKind.LAPSED)]
)
def test_the_words_of_the_service_are_data(
    store: RemoteKeyStore, phone: Phone, said: str, kind: AnswerKind
) -> None:
    asked = items()
    question = store.ask(asked, PKCS1, at=AT)
    phone.answers = said
    assert store.answer(question.ticket, ids(asked)).kind is kind


def test_silence_is_no_answer(store: RemoteKeyStore, phone: Phone) -> None:
    asked = items()
    question = store.ask(asked, PKCS1, at=AT)
    phone.silent = True
    for ask in (store.identity, lambda: store.answer(question.ticket, ids(asked))):
        with pytest.raises(KeyUnavailable, match="không trả lời"):
            ask()


def test_a_bearer_that_is_over_is_got_anew(store: RemoteKeyStore, phone: Phone) -> None:
    asked = items()
    question = store.ask(asked, PKCS1, at=AT)
    phone.tokens = set()
    assert store.answer(question.ticket, ids(asked)).kind is AnswerKind.WAITING


def test_other_mechanisms_are_not_asked_for(store: RemoteKeyStore, phone: Phone) -> None:
    with pytest.raises(KeyUnavailable, match=r"PKCS#1 v1\.5"):
        store.ask(items(), Mechanism.RSA_PSS_SHA256, at=AT)
    assert phone.questions == []


def test_a_secret_that_the_service_does_not_know_is_said_in_its_words(
    store: RemoteKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EOFFICE_SECRET_PHONE", "another")
    with pytest.raises(KeyUnavailable, match="từ chối yêu cầu") as raised:
        store.ask(items(), PKCS1, at=AT)
    assert "another" not in raised.value.detail


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "EOFFICE_SIGNING_SERVICES"),
        ('{"services": [{"name": "a b", "kind": "csc", "address": "https://x"}]}', "name"),
        ('{"services": [{"name": "a", "kind": "other", "address": "https://x"}]}', "kind"),
        ('{"services": [{"name": "a", "kind": "csc", "address": "https://x", "pin": "1"}]}', "pin"),
        ('{"services": [{"name": "a", "kind": "csc", "address": "http://x.vn"}]}', "https"),
        ('{"services": [{"name": "a", "kind": "csc", "address": "ftp://127.0.0.1"}]}', "https"),
        (
            '{"services": [{"name": "a", "kind": "csc", "address": "https://x"}, '
            '{"name": "a", "kind": "csc", "address": "https://y"}]}',
            "cùng tên",
        ),
    ],
)
def test_a_declaration_that_is_wrong_says_what_is_wrong(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "services.json"
    file.write_text(content)
    with pytest.raises(KeyUnavailable, match=said):
        services.read(file)


def test_what_is_not_declared_is_unavailable(tmp_path: Path) -> None:
    for file in (None, tmp_path / "missing.json"):
        with pytest.raises(KeyUnavailable):
            services.of_locator("smartca/user/serial", file)
