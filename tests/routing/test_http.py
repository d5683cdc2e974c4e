"""What HTTP adds to routing: parsing, statuses, problem documents, cursors, repeated requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.authentication import Authentication
from eoffice.routing import http
from eoffice.routing.model import Arrival, Delivery
from eoffice.web import application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast, sign_in
from tests.conftest import Office
from tests.routing import stage


class Program:
    """A program that acts for somebody."""

    def __init__(self, client: TestClient, who: Principal, at: datetime) -> None:  # type: ignore[type-arg]
        self._client = client
        with db.system_transaction() as session:
            self._headers = {"authorization": f"Bearer {sign_in(session, who, at)}"}

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> Any:
        headers = self._headers | ({} if key is None else {"idempotency-key": key})
        return self._client.post(f"/api/v1{path}", json=body, headers=headers)


@pytest.fixture
def at() -> datetime:
    """Now: the API asks the office clock."""
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:  # type: ignore[type-arg]
    store = MemoryStore(clock.now)
    store.put(stage.CONTENT_BYTES, "application/pdf")
    configured.use(store)
    app = application.make(
        [http.router],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as made:
        yield made
    configured.use(None)


@pytest.fixture
def dispatch(cast: Cast, at: datetime) -> UUID:
    """Dispatch 960 at two high schools."""
    with db.system_transaction() as session:
        document_id = stage.issued_by_the_department(
            session, cast, [cast.high_school, cast.other_high_school], at=at
        )
        for unit in (cast.high_school, cast.other_high_school):
            stage.delivered(session, document_id, unit, at=at)
    return document_id


def test_a_dispatch_is_received_assigned_answered_and_followed_through_the_api(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    clerk = Program(client, cast.high_school_clerk, at)
    head = Program(client, cast.high_school_principal, at)
    teacher = Program(client, cast.high_school_teacher, at)
    sender = Program(client, cast.specialist, at)

    [came] = clerk.get("/deliveries").json()["items"]
    delivery = f"/deliveries/{came['id']}"
    assert (came["state"], came["code"]) == ("delivered", "960/SGDĐT-CNTTTBTV")
    assert clerk.get(f"{delivery}/content").status_code == 404
    assert clerk.post(f"{delivery}/opening").json()["state"] == "opened"
    assert clerk.get(f"{delivery}/content").content == stage.CONTENT_BYTES
    assert [each["name"] for each in clerk.get(f"{delivery}/files").json()] == ["phu-luc.xlsx"]

    registered = clerk.post(f"{delivery}/registration", key="registration-1")
    again = clerk.post(f"{delivery}/registration", key="registration-1")
    assert registered.status_code == again.status_code == 201
    assert registered.json() == again.json()
    assert registered.json()["number"] == 1
    arrival = f"/arrivals/{registered.json()['id']}"
    assert registered.headers["location"] == f"/api/v1{arrival}"

    assert clerk.post(f"{arrival}/submission").json()["state"] == "submitted"
    offered = {each["unit_id"]: each["people"] for each in head.get("/arrivals/colleagues").json()}
    people = dict(offered[str(cast.high_school.id)])
    assert str(cast.high_school_teacher.person_id) in people
    assigned = head.post(
        f"{arrival}/assignment",
        {
            "assignees": [
                {
                    "role": "lead",
                    "unit_id": str(cast.high_school.id),
                    "person_id": str(cast.high_school_teacher.person_id),
                }
            ],
            "instruction": "Trả lời Sở.",
        },
    ).json()
    assert [each["person_name"] for each in assigned["assignments"]] == ["Lương Hữu Phước"]

    assert teacher.post(f"{arrival}/work", {"text": "Đã đọc."}).json()["state"] == "in_progress"
    answer = teacher.post(f"{arrival}/answer")
    assert answer.status_code == 201
    document_id = answer.json()["document_id"]
    assert answer.headers["location"] == f"/api/v1/documents/{document_id}"
    finished = teacher.post(f"{arrival}/completion", {"outcome": "Đã trả lời."}).json()
    assert (finished["state"], finished["steps"]) == ("done", [])

    with db.system_transaction() as session:
        stage.issue(
            session,
            UUID(document_id),
            [cast.department.id],
            number=12,
            notation="THPTSH",
            signer=cast.high_school_principal,
            at=at,
        )
        stage.delivered(session, UUID(document_id), cast.department, at=at)
    status = sender.get(f"/documents/{dispatch}/recipients-status").json()
    rows = {row["unit_name"]: row for row in status["recipients"]}
    mine = rows[cast.high_school.name]
    assert (mine["word"], mine["status_code"], mine["arrival_number"]) == ("Hoàn thành", "06", 1)
    assert mine["answer"]["code"] == "12/THPTSH"
    assert status["counts"]["done"] == status["counts"]["delivered"] == 1
    shown = sender.get(f"/documents/{dispatch}/recipients-status?show=done").json()["recipients"]
    assert [row["unit_name"] for row in shown] == [cast.high_school.name]
    notices = sender.get("/notices").json()
    assert len(notices) == 1
    assert sender.post(f"/notices/{notices[0]['id']}/reading").status_code == 204
    assert sender.get("/notices").json() == []


def test_steps_that_do_not_fit_are_problem_documents(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    clerk = Program(client, cast.high_school_clerk, at)
    teacher = Program(client, cast.high_school_teacher, at)
    delivery = f"/deliveries/{clerk.get('/deliveries').json()['items'][0]['id']}"

    unopened = clerk.post(f"{delivery}/registration")
    not_mine = teacher.post(f"{delivery}/opening")
    clerk.post(f"{delivery}/opening")
    silent = clerk.post(f"{delivery}/refusal", {"reason": ""})
    refused = clerk.post(f"{delivery}/refusal", {"reason": "Gửi nhầm nơi nhận."})
    after = clerk.post(f"{delivery}/registration")

    assert (unopened.status_code, not_mine.status_code) == (409, 403)
    assert unopened.headers["content-type"].startswith("application/problem+json")
    assert "chưa được mở" in unopened.json()["detail"]
    assert silent.status_code == 422
    assert "reason" in silent.text
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    assert after.status_code == 409
    with db.system_transaction() as session:
        assert session.scalars(select(Arrival)).all() == []


def test_a_delivery_or_arrival_of_another_agency_is_not_found(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        delivery = session.scalars(
            select(Delivery.id).where(Delivery.recipient_unit_id == cast.high_school.id)
        ).one()
        arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    stranger = Program(client, cast.other_high_school_clerk, at)

    statuses = [
        stranger.get(f"/deliveries/{delivery}").status_code,
        stranger.get(f"/deliveries/{delivery}/files").status_code,
        stranger.post(f"/deliveries/{delivery}/opening").status_code,
        stranger.get(f"/arrivals/{arrival}").status_code,
        stranger.post(f"/arrivals/{arrival}/submission").status_code,
        stranger.get(f"/documents/{dispatch}/recipients-status").status_code,
    ]

    assert statuses == [404] * 6


def test_lists_are_read_page_by_page(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        for number in range(1, 6):
            document = stage.issued_by_the_department(
                session, cast, [cast.high_school], at=at, number=number
            )
            moment = at + timedelta(seconds=number)
            delivery = stage.delivered(session, document, cast.high_school, at=moment)
            if number > 2:
                stage.registered(session, delivery, by=cast.high_school_clerk, at=moment)
    clerk = Program(client, cast.high_school_clerk, at)

    def read(path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = clerk.get(f"{path}&cursor={cursor}").json()
            found += page["items"]
            cursor = page["next_cursor"]
        return found

    assert [each["code"][:2] for each in read("/deliveries?limit=2")] == [
        "05",
        "04",
        "03",
        "02",
        "01",
    ]
    assert len(read("/deliveries?limit=2&among=delivered")) == 2
    assert [line["number"] for line in read("/arrivals?limit=2")] == [3, 2, 1]
    assert read("/arrivals?limit=2&show=done") == []
