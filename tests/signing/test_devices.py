"""A signer's own computer: paired by a code, called by a pass, retired, and never another's.

The code is good once and for ten minutes; the key must be there and carry the holder's name; a pass
is good once, for its person, for what the page has shown.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.embedded.pki import Pki
from eoffice.errors import NotAllowed
from eoffice.outbox import Claim, Promise
from eoffice.people.authentication import Authentication
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.devices import actions, http, pages, rules, tasks
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.mechanisms import Mechanism
from eoffice.signing.model import KeyStoreKind, SignatureRequest, SigningKey
from eoffice.signing.requests.actions import CONCLUDE
from eoffice.signing.requests.states import RequestState
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.routing.test_pages import Browser
from tests.signing import test_ceremony
from tests.signing.test_ceremony import Desk
from tests.signing.test_faults import moved

pki = test_ceremony.pki
desk = test_ceremony.desk
API = "/api/v1/devices"


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient[Application]]:
    app = application.make(
        [http.router, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield client


@dataclass(frozen=True, slots=True)
class Laptop:
    """A computer with the key of `label` on its token."""

    desk: Desk
    client: TestClient[Application]
    label: str = "director"

    def pairs(self, code: str, **other: Any) -> Any:
        pem = self.desk.pki.key_file(self.label).with_suffix(".pem").read_bytes()
        own, *chain = [
            each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(pem)
        ]
        with Pkcs12KeyStore(self.desk.pki.key_file(self.label)).open(test_pki.PIN) as token:
            proof = token.sign(rules.proven(code, own), Mechanism.RSA_PSS_SHA256)
        body = {
            "code": code,
            "name": "Máy ở phòng làm việc",
            "certificate": encoded(own),
            "chain": [encoded(each) for each in chain],
            "mechanism": Mechanism.RSA_PSS_SHA256.value,
            "proof": encoded(proof),
        }
        return self.client.post(f"{API}/pairings", json=body | other)


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def offered(who: Principal, *, for_seal: bool = False) -> str:
    with db.transaction(who.acting) as session:
        return actions.offer(session, for_seal=for_seal, by=who, at=clock.now())


def device(desk: Desk, client: TestClient[Application]) -> dict[str, str]:
    """Headers of the director's device."""
    answer = Laptop(desk, client).pairs(offered(desk.cast.director))
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}


def registered() -> None:
    with db.system_transaction() as session:
        rows = session.execute(
            select(Promise.id, Promise.payload).where(Promise.task == actions.REGISTER)
        ).all()
    for row in rows:
        tasks.register_key(Claim(row.id, row.payload, 1), clock.now())


def test_a_device_is_paired_and_its_key_is_the_holders(
    desk: Desk, client: TestClient[Application]
) -> None:
    headers = device(desk, client)
    assert client.get(f"{API}/requests", headers=headers).json() == []
    registered()
    with db.system_transaction() as session:
        key = session.scalars(
            select(SigningKey).where(
                SigningKey.holder_person_id == desk.cast.director.person_id,
                SigningKey.retired_at.is_(None),
            )
        ).one()
    assert key.store is KeyStoreKind.AGENT
    assert len(key.chain) == 1


def test_its_token_can_do_nothing_else(desk: Desk, client: TestClient[Application]) -> None:
    headers = device(desk, client)
    assert client.get(pages.HERE, headers=headers).status_code == 403


def test_the_clerk_pairs_the_token_of_the_seal_and_nobody_else_does(
    desk: Desk, client: TestClient[Application]
) -> None:
    with pytest.raises(NotAllowed, match="văn thư"):
        offered(desk.cast.director, for_seal=True)
    answer = Laptop(desk, client, "seal").pairs(offered(desk.cast.clerk, for_seal=True))
    assert answer.status_code == 201
    registered()
    with db.system_transaction() as session:
        key = session.scalars(
            select(SigningKey).where(
                SigningKey.holder_unit_id == desk.cast.department.id,
                SigningKey.retired_at.is_(None),
            )
        ).one()
    assert key.store is KeyStoreKind.AGENT


def test_a_certificate_in_another_name_is_not_taken(
    desk: Desk, client: TestClient[Application]
) -> None:
    answer = Laptop(desk, client, "seal").pairs(offered(desk.cast.director))
    assert answer.status_code == 409
    assert "Trần Thanh Liêm" in answer.json()["detail"]


def test_who_cannot_show_the_key_is_not_paired_and_the_code_is_used_up(
    desk: Desk, client: TestClient[Application]
) -> None:
    code = offered(desk.cast.director)
    answer = Laptop(desk, client).pairs(code, proof=encoded(bytes(256)))
    assert answer.status_code == 422
    assert "chứng minh" in answer.json()["detail"]
    assert Laptop(desk, client).pairs(code).status_code == 404


@pytest.mark.parametrize("proof", ["?", ""])
def test_what_is_no_base64_or_empty_is_refused(
    desk: Desk, client: TestClient[Application], proof: str
) -> None:
    answer = Laptop(desk, client).pairs(offered(desk.cast.director), proof=proof)
    assert answer.status_code == 422


def test_a_code_ends_after_ten_minutes_and_with_the_next_one(
    desk: Desk, client: TestClient[Application]
) -> None:
    first = offered(desk.cast.director)
    second = offered(desk.cast.director)
    assert Laptop(desk, client).pairs(first).status_code == 404
    moved(clock.now() + rules.CODE_HOLDS)
    assert Laptop(desk, client).pairs(second).status_code == 404


def test_codes_cannot_be_guessed_for_long(desk: Desk, client: TestClient[Application]) -> None:
    laptop = Laptop(desk, client)
    found = [laptop.pairs(rules.new_code()).status_code for _ in range(8)]
    assert found[0] == 404
    assert found[-1] == 429


def test_five_devices_are_enough(desk: Desk, client: TestClient[Application]) -> None:
    for _ in range(rules.MOST_DEVICES):
        device(desk, client)
    answer = Laptop(desk, client).pairs(offered(desk.cast.director))
    assert answer.status_code == 409
    assert "thu hồi" in answer.json()["detail"].lower()


def test_a_device_that_was_retired_has_no_door_any_more(
    desk: Desk, client: TestClient[Application]
) -> None:
    headers = device(desk, client)
    director = Browser(client, desk.cast.director, clock.now())
    page = director.get(pages.HERE).text
    assert "Máy ở phòng làm việc" in page
    (path,) = {each.split('"')[0] for each in page.split('action="')[1:] if "/retirement" in each}
    assert director.send(path).status_code == 303
    assert client.get(f"{API}/requests", headers=headers).status_code == 401
    assert "đã thôi dùng" in director.get(pages.HERE).text


def test_the_code_is_shown_once_and_only_as_a_digest_kept(
    desk: Desk, client: TestClient[Application]
) -> None:
    director = Browser(client, desk.cast.director, clock.now())
    director.get(pages.HERE)
    page = director.send(pages.HERE, holder="person").text
    code = page.split("<pre")[1].split(">")[1].split("<")[0]
    assert len(code) == rules.CODE_LETTERS + 1
    assert code not in director.get(pages.HERE).text
    assert Laptop(desk, client).pairs(code.lower().replace("-", " ")).status_code == 201


def given(who: Principal, *shown: Any) -> str:
    with db.transaction(who.acting) as session:
        return actions.give_pass(session, shown, by=who, at=clock.now())


def taken(client: TestClient[Application], headers: dict[str, str], passed: str) -> Any:
    return client.post(f"{API}/passes", json={"given": passed}, headers=headers).json()


def test_a_pass_is_good_once_for_its_person_and_what_was_shown(
    desk: Desk, client: TestClient[Application]
) -> None:
    headers = device(desk, client)
    shown = uuid4()
    passed = given(desk.cast.director, shown)
    assert taken(client, headers, passed) == {"valid": True, "requests": [str(shown)]}
    assert taken(client, headers, passed) == {"valid": False, "requests": []}
    assert taken(client, headers, given(desk.cast.clerk, shown))["valid"] is False
    late = given(desk.cast.director, shown)
    moved(clock.now() + rules.PASS_HOLDS)
    assert taken(client, headers, late)["valid"] is False


def test_the_script_of_the_page_gets_a_pass_and_a_page_without_script_is_told_what_to_run(
    desk: Desk, client: TestClient[Application]
) -> None:
    headers = device(desk, client)
    director = Browser(client, desk.cast.director, clock.now())
    assert "Không có gì chờ ký" in director.get(f"{pages.HERE}/signing").text
    policy = client.get(f"{pages.HERE}/signing", headers=director._headers()).headers[
        "content-security-policy"
    ]
    assert f"connect-src 'self' {pages.LOOPBACK};" in policy
    elsewhere = client.get(pages.HERE, headers=director._headers())
    assert pages.LOOPBACK not in elsewhere.headers["content-security-policy"]
    assert client.post(f"{pages.HERE}/passes", headers=headers).status_code in (401, 403)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A real request that waits for the director's device."""

    headers: dict[str, str]
    request: dict[str, Any]

    def value_by(self, pki: Pki, label: str) -> str:
        """What the key of this label makes of what is asked."""
        with Pkcs12KeyStore(pki.key_file(label)).open(test_pki.PIN) as token:
            attributes = base64.b64decode(self.request["signed_attributes"])
            return encoded(token.sign(attributes, Mechanism(self.request["mechanism"])))


@pytest.fixture
def waiting(desk: Desk, client: TestClient[Application]) -> Waiting:
    headers = device(desk, client)
    registered()
    with pytest.raises(SignatureAwaited):
        test_ceremony.sign(desk, "")
    (request,) = client.get(f"{API}/requests", headers=headers).json()
    return Waiting(headers, request)


def brought(client: TestClient[Application], headers: dict[str, str], one: str, value: str) -> Any:
    answer = client.post(
        f"{API}/values", json={"values": [{"id": one, "value": value}]}, headers=headers
    )
    assert answer.status_code == 200
    return answer.json()[0]


def kept() -> tuple[RequestState, bytes | None]:
    with db.system_transaction() as session:
        row = session.execute(select(SignatureRequest.state, SignatureRequest.value)).one()
    return row.state, row.value


def test_what_waits_for_somebody_else_is_not_listed_not_fetched_and_not_answered(
    desk: Desk, client: TestClient[Application], waiting: Waiting
) -> None:
    paired = Laptop(desk, client, "seal").pairs(offered(desk.cast.clerk, for_seal=True))
    stranger = {"authorization": f"Bearer {paired.json()['token']}"}
    one = waiting.request["id"]
    assert client.get(f"{API}/requests", headers=stranger).json() == []
    assert client.get(f"{API}/requests/{one}/file", headers=stranger).status_code == 404
    refusal = client.post(
        f"{API}/requests/{one}/refusal", json={"reason": "Không ký."}, headers=stranger
    )
    assert refusal.status_code == 404
    # Even with the right signature: it is the director's to bring.
    answer = brought(client, stranger, one, waiting.value_by(desk.pki, "director"))
    assert answer["taken"] is False
    assert "Không có yêu cầu ký này" in answer["detail"]
    assert kept() == (RequestState.REQUESTED, None)
    assert client.get(f"{API}/requests/{one}/file", headers=waiting.headers).status_code == 200


def test_a_retired_device_is_refused_at_every_door_at_once(
    desk: Desk, client: TestClient[Application], waiting: Waiting
) -> None:
    one = waiting.request["id"]
    passed = given(desk.cast.director, one)
    value = waiting.value_by(desk.pki, "director")
    director = Browser(client, desk.cast.director, clock.now())
    page = director.get(pages.HERE).text
    (path,) = {each.split('"')[0] for each in page.split('action="')[1:] if "/retirement" in each}
    assert director.send(path).status_code == 303
    bodies = {
        "/values": {"values": [{"id": one, "value": value}]},
        f"/requests/{one}/refusal": {"reason": "Không ký."},
        "/passes": {"given": passed},
    }
    for path in ("/requests", f"/requests/{one}/file"):
        assert client.get(API + path, headers=waiting.headers).status_code == 401
    for path, body in bodies.items():
        assert client.post(API + path, json=body, headers=waiting.headers).status_code == 401
    assert kept() == (RequestState.REQUESTED, None)


def test_a_signature_of_another_real_key_is_refused_and_nothing_of_it_is_kept(
    desk: Desk, client: TestClient[Application], waiting: Waiting
) -> None:
    one = waiting.request["id"]
    answer = brought(client, waiting.headers, one, waiting.value_by(desk.pki, "seal"))
    assert answer["taken"] is False
    assert "không khớp" in answer["detail"]
    assert kept() == (RequestState.REQUESTED, None)


def test_the_same_signature_is_taken_twice_and_kept_once_and_a_second_one_is_not(
    desk: Desk, client: TestClient[Application], waiting: Waiting
) -> None:
    one, value = waiting.request["id"], waiting.value_by(desk.pki, "director")
    for _ in range(2):
        assert brought(client, waiting.headers, one, value)["taken"] is True
    assert kept() == (RequestState.VALUED, base64.b64decode(value))
    # PSS has a salt: the same key makes another signature of the same attributes.
    other = waiting.value_by(desk.pki, "director")
    assert other != value
    assert brought(client, waiting.headers, one, other)["taken"] is False
    assert kept() == (RequestState.VALUED, base64.b64decode(value))
    with db.system_transaction() as session:
        promised = session.scalars(select(Promise.id).where(Promise.task == CONCLUDE)).all()
    assert len(promised) == 1


def test_a_pass_is_given_to_a_form_of_the_office_and_to_no_other_site(
    desk: Desk, client: TestClient[Application], waiting: Waiting
) -> None:
    """As the script sends it: multipart, which a form of another site could send as well."""
    director = Browser(client, desk.cast.director, clock.now())
    path = f"{pages.HERE}/passes"
    page = director.get(f"{pages.HERE}/signing").text
    token = page.split(f'action="{path}"')[1].split('name="_token" value="')[1].split('"')[0]
    headers = {**director._headers(), "accept": "application/json"}
    shown = ("shown", (None, waiting.request["id"]))

    def asked(*fields: tuple[str, tuple[None, str]]) -> Any:
        return client.post(path, files=[shown, *fields], headers=headers)

    assert asked().status_code == 403
    assert asked(("_token", (None, token[::-1]))).status_code == 403
    answer = asked(("_token", (None, token)))
    assert answer.status_code == 201
    first = answer.json()["pass"]
    assert taken(client, waiting.headers, first)["requests"] == [waiting.request["id"]]
    assert asked(("_token", (None, token))).json()["pass"] != first


@pytest.mark.parametrize("minutes", [0, 9])
def test_old_codes_and_passes_are_forgotten(desk: Desk, minutes: int) -> None:
    offered(desk.cast.director)
    given(desk.cast.director)
    moved(clock.now() + timedelta(minutes=minutes))
    tasks.forget()
    moved(clock.now() + timedelta(minutes=10))
    tasks.forget()
    with db.transaction(desk.cast.director.acting) as session:
        assert actions.take_pass(session, "x", by=desk.cast.director, at=clock.now()) is None
