"""The desk in a browser: what was given away, what is late, and several things at once.

Each thing of a batch has its own outcome, nothing is half done, and a press that comes twice is
one press.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import func, select

from eoffice import clock, db
from eoffice.desk import batches, http, pages
from eoffice.desk.batch_rules import BulkStep, Item, ItemState, Particulars, Thing
from eoffice.desk.model import Batch, BatchItem
from eoffice.filing import case_actions
from eoffice.filing.case_rules import Heading
from eoffice.outbox import Promise
from eoffice.people import accounts
from eoffice.people.authentication import Authentication
from eoffice.people.kinds import Scope
from eoffice.routing import handling
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.web import application
from eoffice.web.application import Application
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.routing import stage
from tests.routing.test_pages import Browser


@dataclass(frozen=True, slots=True)
class Desk:
    cast: Cast
    client: TestClient[Application]
    at: datetime

    def browser(self, who: Any) -> Browser:
        return Browser(self.client, who, self.at)


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    at = clock.now().replace(microsecond=0)
    with db.system_transaction() as session:
        cast = load_cast(session, at)
    app = application.make(
        [http.router, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Desk(cast, client, at)


def three_came(desk: Desk, *, days_ago: int = 0) -> list[UUID]:
    """Three dispatches of the Sở at a high school, due yesterday if they are old; deliveries."""
    came = desk.at - timedelta(days=days_ago)
    due_on = clock.civil_date(desk.at) - timedelta(days=10) if days_ago else None
    with db.system_transaction() as session:
        return [
            stage.delivered(
                session,
                stage.issued_by_the_department(
                    session,
                    desk.cast,
                    [desk.cast.high_school],
                    at=came,
                    number=number,
                    due_on=due_on,
                ),
                desk.cast.high_school,
                at=came,
            )
            for number in (961, 962, 963)
        ]


def assigned(desk: Desk, deliveries: list[UUID], *, days_ago: int) -> list[UUID]:
    """Registered, submitted and assigned to the teacher by the principal; arrivals."""
    cast = desk.cast
    at = desk.at - timedelta(days=days_ago)
    arrivals = []
    with db.system_transaction() as session:
        for delivery in deliveries:
            arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
            handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=at)
            handling.assign(
                session,
                arrival,
                [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id)],
                instruction="Triển khai.",
                due_on=None,
                by=cast.high_school_principal,
                at=at,
            )
            arrivals.append(arrival)
    return arrivals


def states_of(batch: UUID) -> list[tuple[ItemState, str]]:
    with db.system_transaction() as session:
        rows = session.scalars(
            select(BatchItem).where(BatchItem.batch_id == batch).order_by(BatchItem.ordinal)
        )
        return [(row.state, row.said) for row in rows]


def the_batch() -> UUID:
    with db.system_transaction() as session:
        return session.scalars(select(Batch.id)).one()


def test_a_clerk_registers_several_at_once_and_each_tells_its_number(desk: Desk) -> None:
    deliveries = three_came(desk)
    clerk = desk.browser(desk.cast.high_school_clerk)

    first = clerk.get("/").text
    offered = re.findall(r'value="(delivery:[0-9a-f-]+)"', first)
    assert set(offered) == {f"delivery:{each}" for each in deliveries}
    assert "checked" not in first
    assert clerk.get("/?ticked=registration").text.count(" checked>") == 3

    query = "&".join(f"item={each}" for each in offered)
    asked = clerk.get(f"/desk/batches/new?step=registration&{query}").text
    assert "mỗi văn bản một số đến" in asked
    sent = clerk.send("/desk/batches", step="registration", item=offered)
    assert sent.status_code == 303
    told = clerk.get(sent.headers["location"]).text
    assert "3 mục đã xong" in told
    for number in (1, 2, 3):
        assert f"Đã vào sổ, số đến {number}." in told


def test_one_that_is_refused_says_why_and_the_others_are_done(desk: Desk) -> None:
    deliveries = three_came(desk)
    clerk = desk.browser(desk.cast.high_school_clerk)
    with db.system_transaction() as session:
        stage.registered(session, deliveries[1], by=desk.cast.high_school_clerk, at=desk.at)
    items = [f"delivery:{each}" for each in deliveries]

    clerk.get("/desk/batches/new?step=registration&" + "&".join(f"item={i}" for i in items))
    told = clerk.get(
        clerk.send("/desk/batches", step="registration", item=items).headers["location"]
    ).text

    assert "2 mục đã xong, 1 mục không làm được" in told
    assert [state for state, _ in states_of(the_batch())] == [
        ItemState.DONE,
        ItemState.REFUSED,
        ItemState.DONE,
    ]
    assert "Không thể vào sổ vì văn bản" in states_of(the_batch())[1][1]
    with db.system_transaction() as session:
        assert session.scalar(select(func.count()).select_from(Arrival)) == 3
        assert sorted(session.scalars(select(Arrival.number))) == [1, 2, 3]


def test_the_same_press_twice_is_one_batch(desk: Desk) -> None:
    deliveries = three_came(desk)
    clerk = desk.browser(desk.cast.high_school_clerk)
    items = [f"delivery:{each}" for each in deliveries]
    clerk.get("/desk/batches/new?step=registration&" + "&".join(f"item={i}" for i in items))

    first = clerk.send("/desk/batches", step="registration", item=items)
    again = clerk.send("/desk/batches", step="registration", item=items)

    assert first.headers["location"] == again.headers["location"]
    assert {state for state, _ in states_of(the_batch())} == {ItemState.DONE}


def test_the_head_assigns_several_to_one_person_and_gets_back_what_was_typed(desk: Desk) -> None:
    cast = desk.cast
    deliveries = three_came(desk)
    with db.system_transaction() as session:
        arrivals = [
            stage.registered(session, each, by=cast.high_school_clerk, at=desk.at)
            for each in deliveries
        ]
    items = [f"arrival:{each}" for each in arrivals]
    clerk = desk.browser(cast.high_school_clerk)
    clerk.get("/desk/batches/new?step=submission&" + "&".join(f"item={i}" for i in items))
    assert clerk.send("/desk/batches", step="submission", item=items).status_code == 303

    head = desk.browser(cast.high_school_principal)
    head.get("/desk/batches/new?step=assignment&" + "&".join(f"item={i}" for i in items))
    assert cast.high_school_teacher.full_name in head.page
    missing = head.send(
        "/desk/batches", step="assignment", item=items, instruction="Lập kế hoạch triển khai."
    )
    assert missing.status_code == 422
    assert "Hãy chọn nơi chủ trì." in missing.text
    assert "Lập kế hoạch triển khai." in missing.text
    lead = f"{cast.high_school.id}/{cast.high_school_teacher.person_id}"
    sent = head.send(
        "/desk/batches",
        step="assignment",
        item=items,
        lead=lead,
        instruction="Lập kế hoạch triển khai.",
    )
    assert "3 mục đã xong" in head.get(sent.headers["location"]).text
    with db.system_transaction() as session:
        assert set(session.scalars(select(Arrival.state))) == {ArrivalState.ASSIGNED}


def test_late_work_is_reminded_moved_and_finished_in_batches(desk: Desk) -> None:
    cast = desk.cast
    arrivals = assigned(desk, three_came(desk, days_ago=30), days_ago=30)
    items = [f"arrival:{each}" for each in arrivals]
    head = desk.browser(cast.high_school_principal)

    late = head.get("/desk/late?of=given").text
    assert late.count("ngày làm việc</span>") == 3
    assert all(f'value="{each}"' in late for each in items)
    assert head.get("/desk/late?of=given&ticked=true").text.count(" checked>") == 3
    chosen = "&".join(f"item={each}" for each in items)

    head.get(f"/desk/batches/new?step=reminder&{chosen}")
    head.send("/desk/batches", step="reminder", item=items)
    with db.system_transaction() as session:
        assert (
            session.scalar(
                select(func.count())
                .select_from(Promise)
                .where(Promise.task == "routing.remind_one")
            )
            == 3
        )

    moved_to = clock.civil_date(desk.at) + timedelta(days=20)
    head.get(f"/desk/batches/new?step=deadline&{chosen}")
    sent = head.send(
        "/desk/batches",
        step="deadline",
        item=items,
        due_on=moved_to.isoformat(),
        reason="Chờ số liệu của các tổ.",
    )
    assert f"Hạn mới: {moved_to:%d/%m/%Y}." in head.get(sent.headers["location"]).text
    assert "Không có việc nào quá hạn." in head.get("/desk/late?of=given").text
    head.get(f"/desk/batches/new?step=reminder&{chosen}")
    sent = head.send("/desk/batches", step="reminder", item=items)
    assert "3 mục không làm được" in head.get(sent.headers["location"]).text

    teacher = desk.browser(cast.high_school_teacher)
    teacher.get(f"/desk/batches/new?step=completion&{chosen}")
    sent = teacher.send("/desk/batches", step="completion", item=items, outcome="Đã triển khai.")
    assert "3 mục đã xong" in teacher.get(sent.headers["location"]).text
    with db.system_transaction() as session:
        assert set(session.scalars(select(Delivery.state))) == {DeliveryState.DONE}
    assert "Không có việc nào đang ở người khác." in head.get("/desk/given").text


def test_the_writer_reminds_the_recipients_of_several_dispatches(desk: Desk) -> None:
    three_came(desk, days_ago=30)
    writer = desk.browser(desk.cast.specialist)
    late = writer.get("/desk/late?of=given").text
    items = re.findall(r'value="(document:[0-9a-f-]+)"', late)
    assert len(items) == 3
    writer.get("/desk/batches/new?step=reminder&" + "&".join(f"item={i}" for i in items))
    sent = writer.send("/desk/batches", step="reminder", item=items)
    assert writer.get(sent.headers["location"]).text.count("Đã nhắc 1 nơi nhận.") == 3


def test_several_go_into_a_case_file_in_the_order_of_the_list(desk: Desk) -> None:
    cast = desk.cast
    arrivals = assigned(desk, three_came(desk), days_ago=0)
    teacher = desk.browser(cast.high_school_teacher)
    with db.system_transaction() as session:
        case = case_actions.plan(
            session,
            Heading("05.CM", "Chương trình Vnedu", "10 năm"),
            year=clock.civil_date(desk.at).year,
            by=cast.high_school_teacher,
            at=desk.at,
        )
    items = [f"arrival:{each}" for each in arrivals]
    teacher.get("/desk/batches/new?step=filing&" + "&".join(f"item={i}" for i in items))
    assert str(case) in teacher.page
    sent = teacher.send("/desk/batches", step="filing", item=items, case_file=str(case))
    told = teacher.get(sent.headers["location"]).text
    assert [f"số thứ tự {n}." in told for n in (1, 2, 3)] == [True, True, True]


def test_what_a_crash_left_is_gone_on_with_and_nothing_is_done_twice(desk: Desk) -> None:
    deliveries = three_came(desk)
    who = desk.cast.high_school_clerk
    with db.transaction(who.acting) as session:
        batch = batches.begin(
            session,
            BulkStep.REGISTRATION,
            [Item(Thing.DELIVERY, each) for each in deliveries],
            Particulars(),
            by=who,
            at=desk.at,
        )
    clerk = desk.browser(who)
    assert "Làm tiếp" in clerk.get(f"/desk/batches/{batch}").text
    assert clerk.send(f"/desk/batches/{batch}/continuation").status_code == 303
    batches.run(batch, who=who, at=desk.at)
    assert [said for _, said in states_of(batch)] == [
        f"Đã vào sổ, số đến {number}." for number in (1, 2, 3)
    ]


def test_nobody_else_sees_a_batch(desk: Desk) -> None:
    deliveries = three_came(desk)
    who = desk.cast.high_school_clerk
    with db.transaction(who.acting) as session:
        batch = batches.begin(
            session,
            BulkStep.REGISTRATION,
            [Item(Thing.DELIVERY, deliveries[0])],
            Particulars(),
            by=who,
            at=desk.at,
        )
    for other in (desk.cast.high_school_principal, desk.cast.clerk):
        assert desk.browser(other).get(f"/desk/batches/{batch}").status_code == 404


def test_what_belongs_to_others_is_refused_without_its_name(desk: Desk) -> None:
    deliveries = three_came(desk)
    stranger = desk.browser(desk.cast.other_high_school_clerk)
    item = f"delivery:{deliveries[0]}"
    asked = stranger.get(f"/desk/batches/new?step=registration&item={item}").text
    assert stage.SUBJECT not in asked
    sent = stranger.send("/desk/batches", step="registration", item=[item])
    assert "1 mục không làm được" in stranger.get(sent.headers["location"]).text


def test_programs_read_the_same_lists_and_counts(desk: Desk) -> None:
    assigned(desk, three_came(desk, days_ago=30), days_ago=30)
    head = desk.browser(desk.cast.high_school_principal)

    listed = head.get("/api/v1/desk/late?of=given&limit=2").json()
    assert len(listed["items"]) == 2
    rest = head.get(f"/api/v1/desk/late?of=given&limit=2&cursor={listed['next_cursor']}").json()
    assert len({each["id"] for each in (*listed["items"], *rest["items"])}) == 3
    assert rest["next_cursor"] is None
    counts = head.get("/api/v1/desk/counts").json()
    assert {"kind": "assigned", "count": 3} in counts["given"]
    assert {"kind": "to_work_on", "count": 3} in counts["late_unit"]
    assert head.get("/api/v1/desk/given?kind=asked").json()["items"] == []
    specialist = desk.browser(desk.cast.specialist)
    assert specialist.get("/api/v1/desk/late?of=unit").status_code == 403
    assert specialist.get("/api/v1/desk/counts").json()["late_unit"] == []


def test_a_program_takes_a_step_on_several_things_once_for_its_key(desk: Desk) -> None:
    deliveries = three_came(desk)
    who = desk.cast.high_school_clerk
    with db.system_transaction() as session:
        token = accounts.create_token(
            session,
            name="chương trình của văn thư",
            scopes=(Scope.READ, Scope.WRITE),
            life=timedelta(days=1),
            by=who,
            at=desk.at,
        )
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "batch-of-three"}
    asked = {
        "step": "registration",
        "items": [{"kind": "delivery", "id": str(each)} for each in deliveries],
    }
    first = desk.client.post("/api/v1/desk/batches", json=asked, headers=headers)
    again = desk.client.post("/api/v1/desk/batches", json=asked, headers=headers)
    assert first.status_code == 201
    assert first.json() == again.json()
    told = desk.client.get(first.headers["location"], headers=headers).json()
    assert [each["said"] for each in told["items"]] == [
        f"Đã vào sổ, số đến {number}." for number in (1, 2, 3)
    ]
