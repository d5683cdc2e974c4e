"""Every page of routing, looked at and used by those who work with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.authentication import Authentication
from eoffice.routing import actions, handling, http, pages
from eoffice.routing.model import Arrival, Delivery, Notice
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.web import application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast, sign_in
from tests.conftest import Office
from tests.routing import stage


class Browser:
    """One person in a browser: follows links and sends forms as they were rendered."""

    def __init__(self, client: TestClient, who: Principal, at: datetime) -> None:  # type: ignore[type-arg]
        self._client = client
        with db.system_transaction() as session:
            self._cookies = {"session": sign_in(session, who, at)}
        self.page = ""

    def get(self, path: str) -> httpx.Response:
        response = self._client.get(path, headers=self._headers())
        self.page = response.text
        return response

    def send(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send the form of the page that posts to `path`, without following where it leads."""
        found = re.search(
            rf'action="{re.escape(path)}".*?name="_token" value="([^"]+)".*?name="_key" '
            r'value="([^"]+)"',
            self.page,
            re.DOTALL,
        )
        assert found, f"the page has no form for {path}"
        data = {"_token": found[1], "_key": found[2], **fields}
        response = self._client.post(path, data=data, headers=self._headers())
        if response.status_code != 303:
            self.page = response.text
        return response

    def _headers(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}


@pytest.fixture
def at() -> datetime:
    """Now: pages ask the office clock."""
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:  # type: ignore[type-arg]
    app = application.make(
        [http.router, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as made:
        made.follow_redirects = False
        yield made


@pytest.fixture
def dispatch(cast: Cast, at: datetime) -> UUID:
    """Dispatch 960 at two high schools, due in ten days, with its bytes in a store."""
    store = MemoryStore(clock.now)
    configured.use(store)
    assert store.put(stage.CONTENT_BYTES, "application/pdf") == stage.CONTENT
    assert store.put(stage.ATTACHMENT_BYTES, "application/octet-stream") == stage.ATTACHMENT
    with db.system_transaction() as session:
        document_id = stage.issued_by_the_department(
            session,
            cast,
            [cast.high_school, cast.other_high_school],
            at=at,
            due_on=clock.civil_date(at) + timedelta(days=10),
        )
        for unit in (cast.high_school, cast.other_high_school):
            stage.delivered(session, document_id, unit, at=at)
    return document_id


@pytest.fixture(autouse=True)
def forget_store() -> Iterator[None]:
    yield
    configured.use(None)


def delivery_to(cast: Cast) -> UUID:
    with db.system_transaction() as session:
        return session.scalars(
            select(Delivery.id).where(Delivery.recipient_unit_id == cast.high_school.id)
        ).one()


def test_a_dispatch_goes_through_the_school_from_the_clerk_to_the_answer(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    delivery = delivery_to(cast)
    clerk = Browser(client, cast.high_school_clerk, at)
    head = Browser(client, cast.high_school_principal, at)
    teacher = Browser(client, cast.high_school_teacher, at)

    # The clerk opens, reads, registers and submits.
    assert f"/incoming/deliveries/{delivery}" in clerk.get("/desk").text
    assert "Chưa vào sổ" in clerk.get("/incoming").text
    unopened = clerk.get(f"/incoming/deliveries/{delivery}").text
    assert "Văn bản chưa được mở" in unopened
    assert "<img" not in unopened
    assert clerk.send(f"/incoming/deliveries/{delivery}/opening").status_code == 303
    opened = clerk.get(f"/incoming/deliveries/{delivery}").text
    assert f"/incoming/deliveries/{delivery}/pages/1" in opened
    assert clerk.get(f"/incoming/deliveries/{delivery}/files/1").content == stage.ATTACHMENT_BYTES
    assert clerk.get(f"/incoming/deliveries/{delivery}/content").content == stage.CONTENT_BYTES
    clerk.get(f"/incoming/deliveries/{delivery}")
    registered = clerk.send(f"/incoming/deliveries/{delivery}/registration")
    arrival = registered.headers["location"]
    assert "số đến 1" in clerk.get(arrival).text
    assert clerk.send(f"{arrival}/submission").headers["location"] == arrival

    # The head assigns.
    assert arrival in head.get("/desk").text
    head.get(arrival)
    lead = f"{cast.high_school.id}/{cast.high_school_teacher.person_id}"
    deputy = f"{cast.high_school.id}/{cast.high_school_deputy.person_id}"
    assigned = head.send(
        f"{arrival}/assignment",
        lead=lead,
        for_information=[deputy],
        instruction="Lập kế hoạch và trả lời Sở.",
        due_on="",
    )
    assert assigned.status_code == 303

    # The teacher works, answers and finishes.
    assert "Lập kế hoạch và trả lời Sở." in teacher.get("/desk").text
    teacher.get(arrival)
    assert teacher.send(f"{arrival}/work", text="Đã lập kế hoạch.").status_code == 303
    teacher.get(arrival)
    answer = teacher.send(f"{arrival}/answer")
    assert re.fullmatch(r"/documents/[0-9a-f-]{36}", answer.headers["location"])
    page = teacher.get(arrival).text
    assert "Đang soạn thảo" in page
    assert "Đã lập kế hoạch." in page
    assert teacher.send(f"{arrival}/completion", outcome="Đã trả lời Sở.").status_code == 303
    assert "Hoàn thành" in teacher.get(arrival).text

    with db.system_transaction() as session:
        assert session.scalars(select(Arrival.state)).one() is ArrivalState.DONE
        assert session.get_one(Delivery, delivery).state is DeliveryState.DONE


def test_the_deputy_takes_note_and_the_desk_is_empty(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        clerk = cast.high_school_clerk
        arrival = stage.registered(session, delivery_to(cast), by=clerk, at=at)
        handling.submit_to_head(session, arrival, by=clerk, at=at)
        handling.assign(
            session,
            arrival,
            [
                Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id),
                Assignee(
                    Role.FOR_INFORMATION, cast.high_school.id, cast.high_school_deputy.person_id
                ),
            ],
            instruction="Xử lý.",
            due_on=None,
            by=cast.high_school_principal,
            at=at,
        )
    deputy = Browser(client, cast.high_school_deputy, at)

    assert "Gửi tôi để biết" in deputy.get("/desk").text
    deputy.get(f"/incoming/{arrival}")
    assert deputy.send(f"/incoming/{arrival}/acknowledgement").status_code == 303

    assert "Không có việc nào đang chờ." in deputy.get("/desk").text


def test_a_refusal_without_a_reason_comes_back_and_one_with_a_reason_reaches_the_sender(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    delivery = delivery_to(cast)
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get(f"/incoming/deliveries/{delivery}")
    clerk.send(f"/incoming/deliveries/{delivery}/opening")
    clerk.get(f"/incoming/deliveries/{delivery}")

    blank = clerk.send(f"/incoming/deliveries/{delivery}/refusal", reason=" ")
    assert blank.status_code == 422
    assert "Hãy ghi lý do từ chối" in blank.text
    given = clerk.send(f"/incoming/deliveries/{delivery}/refusal", reason="Gửi nhầm nơi nhận.")
    assert given.status_code == 303
    assert "Đã từ chối tiếp nhận" in clerk.get(f"/incoming/deliveries/{delivery}").text

    with db.system_transaction() as session:
        actions.tell_sender_of_refusal(session, delivery, at=at)
        notice = session.scalars(
            select(Notice.id).where(Notice.person_id == cast.specialist.person_id)
        ).one()
    drafter = Browser(client, cast.specialist, at)
    assert "từ chối tiếp nhận 960/SGDĐT-CNTTTBTV: Gửi nhầm nơi nhận." in drafter.get("/desk").text
    assert drafter.send(f"/notices/{notice}/reading").status_code == 303
    assert "Không có việc nào đang chờ." in drafter.get("/desk").text


def test_a_refused_assignment_comes_back_as_it_was_typed(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        clerk = cast.high_school_clerk
        arrival = stage.registered(session, delivery_to(cast), by=clerk, at=at)
        handling.submit_to_head(session, arrival, by=clerk, at=at)
    head = Browser(client, cast.high_school_principal, at)
    head.get(f"/incoming/{arrival}")

    past = head.send(
        f"/incoming/{arrival}/assignment",
        lead=str(cast.high_school.id),
        instruction="Làm ngay trong tuần này.",
        due_on="2001-01-01",
    )
    forged = head.send(f"/incoming/{arrival}/assignment", lead="nobody", instruction="Xử lý.")

    assert past.status_code == forged.status_code == 422
    assert "Làm ngay trong tuần này." in past.text
    assert "đã qua" in past.text
    assert "Hãy chọn người hoặc đơn vị trong danh sách." in forged.text


def test_the_sender_sees_each_recipient_and_filters_by_state(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        stage.registered(session, delivery_to(cast), by=cast.high_school_clerk, at=at)
    drafter = Browser(client, cast.specialist, at)

    everybody = drafter.get(f"/documents/{dispatch}/recipients").text
    registered = drafter.get(f"/documents/{dispatch}/recipients?show=registered").text
    refused = drafter.get(f"/documents/{dispatch}/recipients?show=refused").text

    assert cast.high_school.name in everybody
    assert cast.other_high_school.name in everybody
    assert "Đã vào sổ 1" in everybody
    assert cast.other_high_school.name not in registered
    assert "Không có nơi nhận nào ở tình trạng “Từ chối”." in refused


def test_pages_of_another_agency_are_not_found(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        delivery = delivery_to(cast)
        arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    paths = (
        f"/incoming/deliveries/{delivery}",
        f"/incoming/deliveries/{delivery}/content",
        f"/incoming/deliveries/{delivery}/pages/1",
        f"/incoming/deliveries/{delivery}/files/1",
        f"/incoming/{arrival}",
        f"/documents/{dispatch}/recipients",
    )

    for who in (cast.other_high_school_clerk, cast.district_head):
        stranger = Browser(client, who, at)
        assert {path: stranger.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_the_book_shows_the_year_and_says_how_it_fills_when_empty(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    year = clock.civil_date(at).year
    clerk = Browser(client, cast.high_school_clerk, at)
    empty = clerk.get("/incoming").text
    with db.system_transaction() as session:
        stage.registered(session, delivery_to(cast), by=cast.high_school_clerk, at=at)

    filled = clerk.get("/incoming").text
    late = clerk.get(f"/incoming?year={year}&show=late").text

    assert f"Sổ năm {year} chưa có văn bản nào." in empty
    assert "960/SGDĐT-CNTTTBTV" in filled
    assert "Không có văn bản nào như vậy trong sổ." in late


def test_a_deadline_of_the_sender_is_offered_in_the_form_of_assignment(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    dispatch: UUID,
    at: datetime,
) -> None:
    with db.system_transaction() as session:
        clerk = cast.high_school_clerk
        arrival = stage.registered(session, delivery_to(cast), by=clerk, at=at)
        handling.submit_to_head(session, arrival, by=clerk, at=at)
    due: date = clock.civil_date(at) + timedelta(days=10)

    page = Browser(client, cast.high_school_principal, at).get(f"/incoming/{arrival}").text

    assert f"Để trống thì theo hạn của nơi gửi: {due:%d/%m/%Y}." in page
