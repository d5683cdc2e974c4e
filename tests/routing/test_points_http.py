"""Points by API as on the pages: stated, reported with a line or a file, followed by the sender;
who may not on the page may not here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.documents import actions as documents
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.authentication import Authentication
from eoffice.routing import http
from eoffice.routing.model import Arrival
from eoffice.web import application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.exchange.house import pdf
from tests.routing import stage
from tests.routing.test_http import Program

Call = Callable[[Principal], "Caller"]


class Caller(Program):
    """A program that puts and uploads too."""

    def put(self, path: str, body: object) -> Any:
        return self._client.put(f"/api/v1{path}", json=body, headers=self._headers)

    def upload(self, path: str, fields: dict[str, str], content: bytes) -> Any:
        return self._client.post(
            f"/api/v1{path}",
            data=fields,
            files={"file": ("ket-qua.pdf", content, "application/pdf")},
            headers=self._headers,
        )


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def due_on(at: datetime) -> date:
    return clock.civil_date(at) + timedelta(days=30)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:  # type: ignore[type-arg]
    configured.use(MemoryStore(clock.now))
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
def draft(cast: Cast, at: datetime) -> UUID:
    with db.system_transaction() as session:
        return documents.begin(
            session,
            DocumentType.DISPATCH,
            DispatchText(subject="khai giảng năm học mới"),
            by=cast.specialist,
            at=at,
        )


@pytest.fixture
def call(client: TestClient, at: datetime) -> Call:  # type: ignore[type-arg]
    """Somebody's program; each signs in once."""
    known: dict[UUID, Caller] = {}

    def caller(who: Principal) -> Caller:
        if who.person_id not in known:
            known[who.person_id] = Caller(client, who, at)
        return known[who.person_id]

    return caller


@pytest.fixture
def stated(call: Call, cast: Cast, draft: UUID, due_on: date) -> Any:
    """Two points, of which one is for one recipient alone."""
    answer = call(cast.specialist).put(
        f"/documents/{draft}/points",
        {
            "points": [
                {"text": "Tổ chức lễ khai giảng."},
                {
                    "text": "Báo cáo số học sinh.",
                    "due_on": due_on.isoformat(),
                    "unit_ids": [str(cast.high_school.id)],
                },
            ]
        },
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def arrival(cast: Cast, draft: UUID, stated: Any, at: datetime) -> UUID:
    """Issued to two schools; registered at the first."""
    with db.system_transaction() as session:
        stage.issue(
            session,
            draft,
            [cast.high_school.id, cast.other_high_school.id],
            number=961,
            notation="SGDĐT-CNTTTBTV",
            signer=cast.director,
            at=at,
        )
        stage.delivered(session, draft, cast.other_high_school, at=at)
        delivery = stage.delivered(session, draft, cast.high_school, at=at)
        return stage.registered(session, delivery, by=cast.high_school_clerk, at=at)


def test_points_are_stated_and_read_back_with_whom_they_are_for(
    cast: Cast, stated: Any, due_on: date
) -> None:
    first, second = stated["points"]
    assert (first["ordinal"], first["unit_ids"], first["due_on"]) == (1, [], None)
    assert second["unit_ids"] == [str(cast.high_school.id)]
    assert second["due_on"] == due_on.isoformat()


def test_a_recipient_begins_and_reports_and_the_sender_sees_who_did(
    call: Call,
    cast: Cast,
    draft: UUID,
    arrival: UUID,
    at: datetime,
) -> None:
    school = call(cast.high_school_clerk)
    first, second = school.get(f"/arrivals/{arrival}/points").json()
    path = f"/arrivals/{arrival}/points"

    begun = school.post(f"{path}/{first['id']}/beginning").json()
    reports = [
        school.post(f"{path}/{first['id']}/report", {"report": "Đã tổ chức."}, key="report-0001")
        for _ in range(2)
    ]
    uploaded = school.upload(
        f"{path}/{second['id']}/report-with-file", {"report": "Có danh sách."}, pdf()
    )

    assert begun["progress"] == "under_way"
    assert [each.json()["progress"] for each in reports] == ["done", "done"]
    assert uploaded.json()["file_name"] == "ket-qua.pdf", uploaded.text
    sender = call(cast.specialist)
    seen = sender.get(f"/documents/{draft}/points").json()
    by_unit = {each["unit_id"]: each for each in seen["recipients"]}
    done, waiting = by_unit[str(cast.high_school.id)], by_unit[str(cast.other_high_school.id)]
    assert [each["report"] for each in done["points"]] == ["Đã tổ chức.", "Có danh sách."]
    assert (done["progress"], waiting["progress"]) == ("done", "not_begun")
    assert len(waiting["points"]) == 1
    left = sender.get(f"/documents/{draft}/points?show=not_begun").json()["recipients"]
    assert [each["unit_id"] for each in left] == [str(cast.other_high_school.id)]
    file = sender.get(f"/documents/{draft}/points/{second['id']}/file")
    assert file.content.startswith(b"%PDF")
    today = clock.civil_date(at).isoformat()
    lines = sender.get(f"/documents/progress?since={today}&until={today}").json()
    assert sorted(each["progress"] for each in lines) == ["done", "done", "not_begun"]


def test_a_report_without_words_or_a_second_one_is_refused(
    call: Call,
    cast: Cast,
    arrival: UUID,
    at: datetime,
) -> None:
    school = call(cast.high_school_clerk)
    first = school.get(f"/arrivals/{arrival}/points").json()[0]
    path = f"/arrivals/{arrival}/points/{first['id']}/report"

    assert school.post(path, {"report": " "}).status_code == 422
    assert school.post(path, {"report": "Xong."}).status_code == 200
    assert school.post(path, {"report": "Xong nữa."}).status_code == 409


def test_nobody_else_states_reads_or_reports(
    call: Call,
    cast: Cast,
    draft: UUID,
    arrival: UUID,
    at: datetime,
) -> None:
    first = call(cast.high_school_clerk).get(f"/arrivals/{arrival}/points").json()[0]
    stranger = call(cast.other_high_school_clerk)
    path = f"/arrivals/{arrival}/points"

    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/{first['id']}/beginning").status_code == 404
    assert stranger.post(f"{path}/{first['id']}/report", {"report": "X"}).status_code == 404
    assert (
        stranger.upload(
            f"{path}/{first['id']}/report-with-file", {"report": "X"}, pdf()
        ).status_code
        == 404
    )
    assert stranger.get(f"/documents/{draft}/points").status_code == 404
    assert stranger.put(f"/documents/{draft}/points", {"points": []}).status_code == 404


def test_a_point_of_another_incoming_document_is_not_found_below_this_one(
    call: Call,
    cast: Cast,
    draft: UUID,
    arrival: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        other = stage.issued_by_the_department(session, cast, [cast.high_school], at=at)
        delivery = stage.delivered(session, other, cast.high_school, at=at)
        elsewhere = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
        assert session.scalars(select(Arrival.id)).all()
    school = call(cast.high_school_clerk)
    first = school.get(f"/arrivals/{arrival}/points").json()[0]

    answer = school.post(f"/arrivals/{elsewhere}/points/{first['id']}/beginning")

    assert answer.status_code == 404


def test_what_is_issued_stays_as_it_went_out(
    call: Call,
    cast: Cast,
    draft: UUID,
    arrival: UUID,
    at: datetime,
) -> None:
    answer = call(cast.specialist).put(
        f"/documents/{draft}/points", {"points": [{"text": "Việc mới."}]}
    )

    assert answer.status_code == 409
