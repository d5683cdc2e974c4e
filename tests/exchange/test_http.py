"""A partner hands over and collects with its own token, and sees nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from litestar.testing import TestClient
from sqlalchemy import text

from eoffice import db
from eoffice.exchange import edxml, http, peers
from eoffice.exchange.http_gateway import ORGAN_HEADER, TOKEN_HEADER
from eoffice.exchange.model import GatewayKind
from eoffice.exchange.peers import PeerEntry
from eoffice.exchange.states import Direction, State
from eoffice.outbox import promise
from eoffice.people.authentication import Authentication
from eoffice.web import application
from tests.exchange.house import House, sent_document

ADDRESS = "/api/v1/exchange/messages"
TOKEN = "token-of-a-collecting-school"
ORGAN = "000.77.00.H41"


@pytest.fixture
def client(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:  # type: ignore[type-arg]
    """With a partner that comes by itself and collects."""
    monkeypatch.setenv("EOFFICE_SECRET_SCHOOL_IN", TOKEN)
    with db.system_transaction() as session:
        peers.add(
            session,
            PeerEntry(
                organ_id=ORGAN,
                name="Trường ngoài tỉnh",
                gateway=GatewayKind.HTTP,
                incoming_secret="SCHOOL_IN",
            ),
            by="tests",
            at=house.at,
        )
    app = application.make(
        [http.router],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app) as made:
        yield made


def headers(token: str = TOKEN, organ_id: str = ORGAN) -> dict[str, str]:
    return {ORGAN_HEADER: organ_id, TOKEN_HEADER: token}


def put(client: TestClient, content: bytes, name: str = "m-1", **more: str) -> httpx.Response:  # type: ignore[type-arg]
    return client.put(f"{ADDRESS}/{name}", content=content, headers=headers(**more))


def test_what_is_handed_over_is_kept_once_however_often_it_comes(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
) -> None:
    content = edxml.build(sent_document(house))

    answers = [put(client, content).status_code for _ in range(3)]

    assert answers == [202, 202, 202]
    (row,) = house.rows()
    assert row.state is State.RECEIVED


def test_an_identifier_for_another_content_is_a_conflict(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
) -> None:
    put(client, b"<one/>")

    answer = put(client, b"<two/>")

    assert answer.status_code == 409
    assert len(house.rows()) == 1


@pytest.mark.parametrize(
    ("token", "organ_id"),
    [("wrong", ORGAN), ("", ORGAN), (TOKEN, "H99"), (TOKEN, ""), (TOKEN, "000.00.00.H41")],
)
def test_nobody_comes_in_without_the_right_token(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
    token: str,
    organ_id: str,
) -> None:
    for answer in (
        put(client, b"<one/>", token=token, organ_id=organ_id),
        client.get(ADDRESS, headers=headers(token, organ_id)),
        client.get(f"{ADDRESS}/m-1", headers=headers(token, organ_id)),
        client.post(f"{ADDRESS}/m-1/receipt", headers=headers(token, organ_id)),
    ):
        assert answer.status_code == 401
        assert TOKEN not in answer.text
    assert house.rows() == []


def test_an_empty_message_is_refused(client: TestClient, house: House) -> None:  # type: ignore[type-arg]
    assert put(client, b"").status_code == 404
    assert house.rows() == []


def test_a_partner_that_collects_has_each_message_once(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
) -> None:
    document_id = house.issued()
    with db.system_transaction() as session:
        promise(
            session,
            "exchange.send_issued",
            at=house.at,
            document_id=document_id,
            organ_id=ORGAN,
            organ_name="Trường ngoài tỉnh",
        )
    house.keep_promises()

    (name,) = client.get(ADDRESS, headers=headers()).json()["messages"]
    content = client.get(f"{ADDRESS}/{name}", headers=headers()).content
    receipts = [
        client.post(f"{ADDRESS}/{name}/receipt", headers=headers()).status_code for _ in range(2)
    ]

    assert edxml.parse(content).message.sender.organ_id == house.ours
    assert receipts == [204, 204]
    assert client.get(ADDRESS, headers=headers()).json() == {"messages": []}
    assert [row.state for row in house.rows(Direction.OUT)] == [State.SENT]


def test_a_partner_sees_no_message_of_another(
    client: TestClient,  # type: ignore[type-arg]
    house: House,
) -> None:
    house.leave(sent_document(house))
    house.fetch()
    (other, *_) = house.rows(Direction.OUT)

    assert client.get(ADDRESS, headers=headers()).json() == {"messages": []}
    answer = client.get(f"{ADDRESS}/{other.message_id}", headers=headers())
    assert answer.status_code == 404


def test_without_a_partner_the_web_process_sees_no_message(house: House) -> None:
    house.leave(sent_document(house))
    house.fetch()

    with db.transaction(None) as session:
        assert session.scalar(text("select count(*) from exchange_messages")) == 0
    with db.transaction(house.cast.high_school_clerk.acting) as session:
        assert session.scalar(text("select count(*) from exchange_messages")) == 0
    with db.transaction(house.cast.clerk.acting) as session:
        assert session.scalar(text("select count(*) from exchange_messages")) == 2
