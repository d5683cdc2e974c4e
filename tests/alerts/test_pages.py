"""People choose where they are told; operators choose which programs are; a calendar is secret."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select, text

from eoffice import clock, settings
from eoffice.alerts import actions, rules
from eoffice.alerts.model import AlertAddress, CalendarFeed, Webhook
from eoffice.alerts.states import Timing
from eoffice.db import system_transaction, transaction
from tests.alerts.conftest import DUE_ON, Receiver, World
from tests.conftest import AT
from tests.postbox import Postbox
from tests.routing import stage

PAGE = "/account/alerts"


def addresses() -> list[AlertAddress]:
    with system_transaction() as session:
        return list(session.scalars(select(AlertAddress)))


def add(world: World, address: str) -> int:
    fields = {"address": address, "timing": "daily"}
    return world.post(f"{PAGE}/addresses", fields, on=PAGE).status_code


def test_an_address_counts_once_its_code_came_back(world: World, postbox: Postbox) -> None:
    world.enter(world.cast.high_school_clerk)
    assert add(world, "vt@school.example.vn") == 303
    (row,) = addresses()
    assert (row.timing, row.confirmed_at) == (Timing.DAILY, None)

    confirmation = f"{PAGE}/addresses/{row.id}/confirmation"
    refused = world.post(confirmation, {f"code-{row.id}": "000 000"}, on=PAGE)
    assert refused.status_code == 422
    assert "Mã không đúng" in refused.text
    assert addresses()[0].tries == 1

    digits = rules.code(settings.settings().secret_key, row.id, row.created_at)
    assert world.post(confirmation, {f"code-{row.id}": digits}, on=PAGE).status_code == 303
    assert addresses()[0].confirmed_at is not None
    assert "Xác nhận" not in world.client.get(PAGE).text


def test_a_code_cannot_be_guessed_for_long(world: World, postbox: Postbox) -> None:
    world.enter(world.cast.high_school_clerk)
    add(world, "vt@school.example.vn")
    (row,) = addresses()
    for _ in range(rules.MOST_TRIES):
        world.post(f"{PAGE}/addresses/{row.id}/confirmation", {f"code-{row.id}": "1"}, on=PAGE)
    digits = rules.code(settings.settings().secret_key, row.id, row.created_at)
    answer = world.post(
        f"{PAGE}/addresses/{row.id}/confirmation", {f"code-{row.id}": digits}, on=PAGE
    )
    assert answer.status_code == 429
    assert addresses()[0].confirmed_at is None


def test_a_wrong_address_comes_back_as_it_was_typed(world: World, postbox: Postbox) -> None:
    world.enter(world.cast.high_school_clerk)
    shown = world.post(f"{PAGE}/addresses", {"address": "vt(at)school", "timing": "daily"}, on=PAGE)
    assert shown.status_code == 422
    assert 'value="vt(at)school"' in shown.text
    assert addresses() == []


def test_nobody_has_an_address_twice_or_more_than_three(world: World, postbox: Postbox) -> None:
    world.enter(world.cast.high_school_clerk)
    assert [add(world, each) for each in ("a@x.vn", "b@x.vn", "a@x.vn")] == [303, 303, 409]
    assert [add(world, each) for each in ("c@x.vn", "d@x.vn")] == [303, 422]


def test_the_page_says_that_there_is_no_mail_server(world: World) -> None:
    world.enter(world.cast.high_school_clerk)
    shown = world.client.get(PAGE).text
    assert "chưa nối với máy chủ thư" in shown
    assert "Gửi mã xác nhận" not in shown, "nobody waits for a mail that cannot come"


def test_an_address_of_somebody_else_is_out_of_reach(world: World, postbox: Postbox) -> None:
    address_id = world.tell(world.cast.high_school_clerk, Timing.DAILY)
    world.enter(world.cast.high_school_teacher)
    assert "a@sgddt.example.vn" not in world.client.get(PAGE).text
    removal = f"{PAGE}/addresses/{address_id}/removal"
    assert world.post(removal, {}, on=PAGE).status_code == 404
    assert addresses()[0].ended_at is None


def test_the_timing_changes_and_the_address_goes(world: World, postbox: Postbox) -> None:
    who = world.cast.high_school_clerk
    address_id = world.tell(who, Timing.DAILY)
    world.enter(who)
    world.post(f"{PAGE}/addresses/{address_id}/timing", {"timing": "at_once"}, on=PAGE)
    assert addresses()[0].timing is Timing.AT_ONCE
    world.post(f"{PAGE}/addresses/{address_id}/removal", {}, on=PAGE)
    assert addresses()[0].ended_at is not None
    assert add(world, "a@sgddt.example.vn") == 303, "it may be added again"


def feed_of(world: World) -> str:
    """The path of a new calendar of whoever is signed in."""
    shown = world.post(f"{PAGE}/calendar", {}, on=PAGE).text
    found = re.search(r"/calendar/[\w-]+\.ics", shown)
    assert found, shown
    return found[0]


def test_a_calendar_program_reads_deadlines_without_signing_in(world: World) -> None:
    with system_transaction() as session:
        stage.delivered(session, world.dispatch, world.cast.high_school, at=clock.now())
    world.enter(world.cast.high_school_clerk)
    path = feed_of(world)
    world.client.cookies.clear()

    answer = world.client.get(path)

    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.content).events
    assert str(event["summary"]).startswith("Sở Giáo dục và Đào tạo Đồng Tháp: ")
    assert event.start <= DUE_ON
    assert str(event["url"]).startswith(settings.settings().base_url)
    assert world.client.get(path).content.count(b"BEGIN:VEVENT") == 1


def test_a_new_calendar_address_ends_the_old_one(world: World) -> None:
    world.enter(world.cast.high_school_clerk)
    old, new = feed_of(world), feed_of(world)
    assert world.client.get(old).status_code == 404
    assert world.client.get(new).status_code == 200
    world.post(f"{PAGE}/calendar/removal", {}, on=PAGE)
    assert world.client.get(new).status_code == 404
    with system_transaction() as session:
        tokens = session.scalars(select(CalendarFeed.token_sha256)).all()
    assert all(len(token) == 32 for token in tokens), "only hashes are kept"


@pytest.mark.parametrize("name", ["x.ics", "x", "%00.ics", "a" * 300 + ".ics"])
def test_a_calendar_that_is_not_there_says_nothing(world: World, name: str) -> None:
    assert world.client.get(f"/calendar/{name}").status_code == 404


def test_an_operator_adds_a_webhook_and_sees_its_log(world: World, receiver: Receiver) -> None:
    world.enter(world.cast.operator)
    made = world.post(
        "/admin/webhooks", {"url": receiver.url, "actions": ["document.*", "delivery.*"]}
    )
    assert made.status_code == 303
    shown = world.client.get(made.headers["location"]).text
    assert "whsec_" in shown
    assert receiver.url in world.client.get("/admin/webhooks").text

    world.post(f"{made.headers['location']}/removal", {}, on=made.headers["location"])
    assert receiver.url not in world.client.get("/admin/webhooks").text


def test_a_webhook_into_the_network_comes_back_with_a_sentence(world: World) -> None:
    world.enter(world.cast.operator)
    shown = world.post("/admin/webhooks", {"url": "https://10.0.0.1/", "actions": ["document.*"]})
    assert shown.status_code == 422
    assert "mạng nội bộ" in shown.text
    assert 'value="https://10.0.0.1/"' in shown.text


@pytest.mark.parametrize("who", ["clerk", "director", "specialist", "high_school_clerk"])
def test_webhooks_are_for_operators_only(world: World, who: str) -> None:
    person = getattr(world.cast, who)
    world.enter(person)
    assert world.client.get("/admin/webhooks").status_code == 403
    assert world.client.get("/api/v1/webhooks").status_code == 403


def test_programs_get_the_secret_once_and_see_the_log(world: World, receiver: Receiver) -> None:
    operator = world.cast.operator
    world.enter(operator)
    made = world.client.post(
        "/api/v1/webhooks",
        json={"url": receiver.url, "actions": ["document.*"]},
        headers={"idempotency-key": "webhook-1"},
    )
    assert made.status_code == 201
    body = made.json()
    assert body["secret"].startswith("whsec_")
    (listed,) = world.client.get("/api/v1/webhooks").json()
    assert listed["id"] == body["id"]
    assert world.client.get(f"/api/v1/webhooks/{body['id']}/calls").json() == []
    assert world.client.delete(f"/api/v1/webhooks/{body['id']}").status_code == 204
    assert world.client.get("/api/v1/webhooks").json() == []


def test_the_database_itself_shows_nobody_else_anything(
    world: World, postbox: Postbox, receiver: Receiver
) -> None:
    clerk, other, operator = (
        world.cast.high_school_clerk,
        world.cast.high_school_teacher,
        world.cast.operator,
    )
    world.tell(clerk, Timing.AT_ONCE)
    with transaction(clerk.acting) as session:
        actions.open_feed(session, by=clerk, at=clock.now())
    with transaction(operator.acting) as session:
        actions.add_webhook(
            session,
            receiver.url,
            ["document.*"],
            inside=["127.0.0.1"],
            by=operator,
            at=clock.now(),
        )

    with transaction(other.acting) as session:
        for table in (AlertAddress, CalendarFeed, Webhook):
            assert session.scalars(select(table)).all() == []
    with transaction(None) as session:
        for name in ("alert_addresses", "calendar_feeds", "webhooks", "alerts", "webhook_calls"):
            assert session.execute(text(f"select 1 from {name}")).all() == []  # noqa: S608


def test_a_code_is_over_after_half_an_hour(world: World, postbox: Postbox) -> None:
    who = world.cast.high_school_clerk
    with transaction(who.acting) as session:
        address_id: UUID = actions.add_address(session, "a@x.vn", Timing.DAILY, by=who, at=AT)
    with transaction(who.acting) as session:
        assert not actions.confirm_address(
            session,
            address_id,
            rules.code(settings.settings().secret_key, address_id, AT),
            secret_key=settings.settings().secret_key,
            by=who,
            at=AT + rules.CODE_LIFE + timedelta(seconds=1),
        )
