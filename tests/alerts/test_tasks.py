"""The worker finds what is new, mails it once, and calls webhooks until they answer."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice import clock, outbox, settings
from eoffice.alerts import actions, mail, news, queries, rules, tasks, told
from eoffice.alerts.model import Alert
from eoffice.alerts.states import CallState, Timing
from eoffice.db import system_transaction, transaction
from eoffice.documents.model import Document
from eoffice.documents.types import Secrecy
from eoffice.outbox import Promise, PromiseState
from eoffice.people import credentials
from eoffice.routing import reminders
from tests.alerts.conftest import Receiver, World
from tests.conftest import AT
from tests.postbox import Postbox


def text_of(postbox: Postbox, place: int = -1) -> str:
    body = postbox.messages[place].get_body()
    assert body is not None
    return str(body.get_content())


def test_the_code_goes_to_the_address_that_it_proves(world: World, postbox: Postbox) -> None:
    who = world.cast.high_school_clerk
    with transaction(who.acting) as session:
        actions.add_address(session, "vt@school.example.vn", Timing.AT_ONCE, by=who, at=clock.now())
    world.work()

    (message,) = postbox.messages
    assert message["to"] == "vt@school.example.vn"
    assert message["auto-submitted"] == "auto-generated"
    (digits,) = [word for word in text_of(postbox).split() if word.isdigit() and len(word) == 6]

    with transaction(who.acting) as session:
        (row,) = queries.addresses_of(session, who.person_id)
        assert actions.confirm_address(
            session,
            row.id,
            digits,
            secret_key=settings.settings().secret_key,
            by=who,
            at=clock.now(),
        )


def test_who_has_something_new_gets_one_mail_and_no_second(world: World, postbox: Postbox) -> None:
    world.tell(world.cast.high_school_clerk, Timing.AT_ONCE)
    world.deliver()
    world.work()
    postbox.messages.clear()

    tasks.look()
    world.work()
    tasks.look()
    world.work()

    (message,) = postbox.messages
    assert message["subject"] == "1 việc chờ bạn"
    said = text_of(postbox)
    assert "Văn bản đến chờ vào sổ (1)" in said
    assert "Sở Giáo dục và Đào tạo Đồng Tháp" in said
    assert f"{settings.settings().base_url}/incoming/deliveries/" in said


def test_nobody_is_told_what_the_desk_would_not_show(world: World, postbox: Postbox) -> None:
    world.tell(world.cast.other_high_school_clerk, Timing.AT_ONCE)
    world.tell(world.cast.high_school_teacher, Timing.AT_ONCE, "b@school.example.vn")
    world.deliver()
    world.work()
    postbox.messages.clear()

    tasks.look()
    world.work()

    assert postbox.messages == []


def test_an_address_that_was_not_proved_gets_no_news(world: World, postbox: Postbox) -> None:
    who = world.cast.high_school_clerk
    with transaction(who.acting) as session:
        actions.add_address(session, "x@example.vn", Timing.AT_ONCE, by=who, at=clock.now())
    world.work()
    world.deliver()
    tasks.look()
    world.work()

    assert [message["to"] for message in postbox.messages] == ["x@example.vn"]
    assert "mã xác nhận" in postbox.messages[0]["subject"]


def test_what_was_done_meanwhile_is_not_mailed(world: World, postbox: Postbox) -> None:
    clerk = world.cast.high_school_clerk
    address_id = world.tell(clerk, Timing.AT_ONCE)
    world.deliver()
    world.work()
    postbox.messages.clear()
    tasks.look()
    with transaction(clerk.acting) as session:
        actions.end_address(session, address_id, by=clerk, at=clock.now())

    world.work()

    assert postbox.messages == []
    with system_transaction() as session:
        assert session.scalars(
            select(Promise.state).where(Promise.task == "alerts.send_news")
        ).all() == [PromiseState.KEPT]


def test_a_look_that_dies_is_made_again_and_doubles_nothing(world: World, postbox: Postbox) -> None:
    clerk = world.cast.high_school_clerk
    world.tell(clerk, Timing.AT_ONCE)
    world.deliver()
    items = tasks.items_of(clerk.person_id, clock.now())
    with system_transaction() as session:
        assert news.tell(session, clerk.person_id, items, at=clock.now()) == 1

    tasks.look()

    with system_transaction() as session:
        assert len(session.scalars(select(Alert)).all()) == 1
        promised = select(Promise.id).where(Promise.task == "alerts.send_news")
        assert len(session.scalars(promised).all()) == 1


def test_mail_that_the_server_refuses_is_tried_again(world: World, postbox: Postbox) -> None:
    world.tell(world.cast.high_school_clerk, Timing.AT_ONCE)
    world.work()
    world.deliver()
    postbox.messages.clear()
    postbox.is_refusing = True
    tasks.look()
    world.work()
    assert postbox.messages == []

    postbox.is_refusing = False
    world.set_clock(AT + timedelta(minutes=1))
    world.work()

    (message,) = postbox.messages
    with system_transaction() as session:
        promise = session.scalars(select(Promise).where(Promise.task == "alerts.send_news")).one()
    assert promise.state is PromiseState.KEPT
    assert message["message-id"] == f"<{promise.id}@sgddt.example.vn>"


def test_the_mornings_mail_has_everything_once_a_working_day(
    world: World, postbox: Postbox
) -> None:
    world.tell(world.cast.high_school_clerk, Timing.DAILY)
    world.deliver()
    world.work()
    postbox.messages.clear()

    for _ in range(3):
        tasks.look()
        world.work()
    assert len(postbox.messages) == 1

    # Saturday and Sunday pass without mail; on Monday what still waits is told again.
    world.set_clock(datetime(2018, 8, 18, 3, 0, tzinfo=UTC))
    tasks.look()
    world.work()
    assert len(postbox.messages) == 1
    world.set_clock(datetime(2018, 8, 20, 1, 0, tzinfo=UTC))
    tasks.look()
    world.work()
    assert len(postbox.messages) == 2
    assert "quá hạn" in postbox.messages[1]["subject"]


def test_a_secret_document_leaves_no_subject_in_the_mail(world: World, postbox: Postbox) -> None:
    director = world.cast.director
    with system_transaction() as session:
        row = session.scalars(select(Document)).first()
        assert row is not None
        subject, row.secrecy = row.subject, Secrecy.SECRET
        row.state = row.state.__class__("awaiting_signature")
    items = tasks.items_of(director.person_id, clock.now())
    message = mail.news(
        "a@b.vn",
        items,
        today=clock.civil_date(clock.now()),
        base_url="https://x",
        key=director.person_id,
    )

    assert subject not in message.as_string()
    assert all(subject != item.subject for item in items)


def hook(world: World, receiver: Receiver, *chosen: str) -> str:
    """A webhook of the high school; its secret."""
    operator = world.cast.operator
    with transaction(operator.acting) as session:
        webhook_id = actions.add_webhook(
            session,
            receiver.url,
            chosen,
            inside=settings.settings().webhook_hosts,
            by=operator,
            at=clock.now() - timedelta(minutes=1),
        )
    return rules.webhook_secret(settings.settings().secret_key, webhook_id)


def test_a_program_is_told_once_and_can_check_who_tells(world: World, receiver: Receiver) -> None:
    secret = hook(world, receiver, "delivery.*")
    world.deliver()

    tasks.look()
    tasks.look()
    world.work()

    told = [body for _, body in receiver.requests]
    assert len({body["data"]["event_id"] for body in told}) == len(told) > 0
    headers, body = receiver.requests[0]
    assert body["type"].startswith("delivery.")
    assert set(body["data"]) == {"event_id", "object_kind", "object_id", "agency_id"}
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    tag = base64.b64encode(hmac.digest(key, content + receiver.bodies[0], "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{tag}"


def test_only_the_events_that_were_chosen_are_told(world: World, receiver: Receiver) -> None:
    hook(world, receiver, "gradebook.*")
    world.deliver()
    tasks.look()
    world.work()
    assert receiver.requests == []


def test_a_receiver_that_fails_is_called_again_and_given_up_in_the_end(
    world: World, receiver: Receiver
) -> None:
    hook(world, receiver, "delivery.*")
    receiver.status = 503
    world.deliver()
    tasks.look()
    world.work()
    operator = world.cast.operator
    with transaction(operator.acting) as session:
        (set_up,) = queries.webhooks(session, who=operator)
        log = queries.calls(session, set_up.id, who=operator)
    assert {(each.state, each.attempts, each.last_status) for each in log} == {
        (CallState.WAITING, 1, 503)
    }

    for minute in range(1, outbox.MOST_ATTEMPTS):
        world.set_clock(AT + timedelta(minutes=15 * minute))
        world.work()

    with transaction(operator.acting) as session:
        log = queries.calls(session, set_up.id, who=operator)
    assert {(each.state, each.attempts) for each in log} == {
        (CallState.GIVEN_UP, outbox.MOST_ATTEMPTS)
    }
    with system_transaction() as session:
        states = session.scalars(select(Promise.state).where(Promise.task == "alerts.call")).all()
    assert set(states) == {PromiseState.KEPT}, "another's fault is no fault of this office"


def test_a_redirect_is_not_followed(world: World, receiver: Receiver) -> None:
    hook(world, receiver, "delivery.*")
    receiver.status = 302
    world.deliver()
    tasks.look()
    world.work()
    with transaction(world.cast.operator.acting) as session:
        (set_up,) = queries.webhooks(session, who=world.cast.operator)
        (call, *_) = queries.calls(session, set_up.id, who=world.cast.operator)
    assert (call.state, call.failure) == (CallState.WAITING, "HTTP 302")


def test_a_host_that_was_closed_again_is_not_called(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(world, receiver, "delivery.*")
    world.deliver()
    tasks.look()
    monkeypatch.setenv("EOFFICE_WEBHOOK_HOSTS", "")
    settings.settings.cache_clear()
    world.work()

    assert receiver.requests == []


def test_the_principal_of_every_position_is_asked(world: World) -> None:
    clerk = world.cast.high_school_clerk
    world.deliver()
    with system_transaction() as session:
        who = credentials.principal_of_appointment(session, clerk.appointment_id, at=clock.now())
    assert who.agency_id == clerk.agency_id
    assert [item.due_on is not None for item in tasks.items_of(clerk.person_id, clock.now())] == [
        True
    ]


def reminded(world: World) -> None:
    """What the calendar does half-hourly, and the promises that it makes."""
    with system_transaction() as session:
        reminders.remind(session, at=clock.now())
    with system_transaction() as session:
        for promised in session.scalars(
            select(Promise).where(Promise.task == "routing.remind_one")
        ):
            said = promised.payload
            reminders.remind_one(
                session,
                UUID(said["delivery_id"]),
                None,
                due_on=date.fromisoformat(said["due_on"]),
                working_days=said["working_days"],
                at=clock.now(),
            )


def test_a_reminder_is_mailed_once(world: World, postbox: Postbox) -> None:
    """Whoever asked for the work reminds; who owes it is told as they chose, and once."""
    world.tell(world.cast.high_school_clerk, Timing.AT_ONCE)
    world.deliver()
    asking = world.cast.specialist
    with transaction(asking.acting) as session:
        reminders.add_rule(session, -1, by=asking, at=clock.now())
    tasks.look()
    world.work()
    postbox.messages.clear()

    world.set_clock(datetime(2018, 8, 23, 2, tzinfo=UTC))
    for _ in range(2):
        reminded(world)
        tasks.look()
        world.work()

    (message,) = postbox.messages
    assert message["subject"] == "1 việc chờ bạn"
    assert "Nhắc hạn xử lý (1)" in text_of(postbox)
    assert "24/08/2018" in text_of(postbox)


def told_of(world: World, person_id: UUID, cause: str) -> None:
    with system_transaction() as session:
        tasks.tell(
            session,
            {
                "person_id": str(person_id),
                "kind": "rights",
                "object_id": str(person_id),
                "cause": cause,
                "text": "Bạn được mở hồ sơ 01.CNTT năm 2018",
                "path": "/case-files",
            },
            clock.now(),
        )


def test_what_another_part_of_the_office_says_is_told_once_for_its_cause(
    world: World, postbox: Postbox
) -> None:
    clerk = world.cast.high_school_clerk
    world.tell(clerk, Timing.AT_ONCE)
    world.work()
    postbox.messages.clear()

    for cause in ("first", "first", "second"):
        told_of(world, clerk.person_id, cause)
        tasks.look()
        world.work()

    first, second = (text_of(postbox, place) for place in range(2))
    assert len(postbox.messages) == 2
    assert "Quyền đối với hồ sơ (1)" in first
    assert "Bạn được mở hồ sơ 01.CNTT năm 2018" in second


def test_a_notice_is_its_persons_own_and_is_put_away(world: World) -> None:
    clerk, head = world.cast.high_school_clerk, world.cast.high_school_principal
    told_of(world, clerk.person_id, "first")
    with transaction(clerk.acting) as session:
        (notice,) = told.unread(session, clerk.person_id)
    with pytest.raises(told.NoticeNotThere), transaction(head.acting) as session:
        told.put_away(session, notice.id, by=head, at=clock.now())

    with transaction(clerk.acting) as session:
        told.put_away(session, notice.id, by=clerk, at=clock.now())

    with transaction(clerk.acting) as session:
        assert told.unread(session, clerk.person_id) == ()
