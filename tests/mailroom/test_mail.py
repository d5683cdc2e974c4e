"""E-mail is fetched from a real IMAP server, only what is new, each message once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import db
from eoffice.demo.pdf import information_sheet
from eoffice.mailroom import mail_actions, tasks
from eoffice.mailroom.mail_actions import MailboxSetting, MailboxUnacceptable
from eoffice.mailroom.model import Mailbox, MailMessage
from eoffice.mailroom.states import MailboxSecurity, MailState
from eoffice.named_secrets import SecretNameWrong
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people.operators import OnlyOperators
from eoffice.routing.model import Delivery, DeliveryFile
from eoffice.routing.outside_rules import Origin
from tests import services
from tests.cast import Cast
from tests.mailroom import imap_server
from tests.mailroom.hands import Browser
from tests.mailroom.imap_server import ImapServer
from tests.mailroom.test_entering import CIRCULAR
from tests.mailroom.test_mime import EDXML, message


@pytest.fixture(scope="session")
def dovecot() -> Iterator[ImapServer]:
    if imap_server.PROGRAM is None:
        pytest.skip("dovecot (dovecot-imapd) is not installed")
    with services.scratch_directory() as directory, imap_server.running(directory) as post:
        yield post


@pytest.fixture
def post(dovecot: ImapServer) -> Iterator[ImapServer]:
    dovecot.empty()
    yield dovecot
    dovecot.empty()


@pytest.fixture
def mailbox(
    post: ImapServer,
    cast: Cast,
    at: datetime,
    store: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> MailboxSetting:
    monkeypatch.setenv("EOFFICE_SECRET_SEN_HONG", imap_server.PASSWORD)
    setting = MailboxSetting(
        host="127.0.0.1",
        port=post.port,
        security=MailboxSecurity.NONE,
        user_name=imap_server.USER,
        password_name="SEN_HONG",
        folder="INBOX",
        is_active=True,
    )
    with db.system_transaction() as session:
        mail_actions.set_mailbox(session, cast.high_school.id, setting, by=cast.operator, at=at)
    return setting


def mail(number: int, *files: tuple[str, bytes]) -> bytes:
    made: EmailMessage = message(
        message_id=f"<{number}@lapvo.example>", subject=f"Công văn số {number}"
    )
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def subjects() -> list[str]:
    with db.system_transaction() as session:
        return list(session.scalars(select(MailMessage.subject).order_by(MailMessage.id)))


def mailbox_row() -> Mailbox:
    with db.system_transaction() as session:
        row = session.scalars(select(Mailbox)).one()
        session.expunge_all()
        return row


def test_only_what_is_new_is_fetched(post: ImapServer, mailbox: MailboxSetting) -> None:
    post.deliver("1", mail(1))
    post.deliver("2", mail(2))
    tasks.fetch_mail()
    assert subjects() == ["Công văn số 1", "Công văn số 2"]
    tasks.fetch_mail()
    post.deliver("3", mail(3))
    tasks.fetch_mail()
    assert subjects() == ["Công văn số 1", "Công văn số 2", "Công văn số 3"]
    assert mailbox_row().failure is None
    assert mailbox_row().last_uid == 3


def test_a_message_is_kept_once_when_the_server_forgets_its_numbers(
    post: ImapServer, mailbox: MailboxSetting
) -> None:
    post.deliver("1", mail(1))
    tasks.fetch_mail()
    before = mailbox_row().uid_validity
    post.forget_uids()
    post.deliver("2", mail(2))
    tasks.fetch_mail()
    assert mailbox_row().uid_validity != before
    assert sorted(subjects()) == ["Công văn số 1", "Công văn số 2"]


def test_a_worker_that_died_before_it_noted_how_far_it_was_doubles_nothing(
    post: ImapServer, mailbox: MailboxSetting, cast: Cast
) -> None:
    post.deliver("1", mail(1))
    tasks.fetch_mail()
    with db.system_transaction() as session:
        session.get_one(Mailbox, cast.high_school.id).last_uid = 0
    tasks.fetch_mail()
    assert subjects() == ["Công văn số 1"]


def test_nothing_on_the_server_is_changed(post: ImapServer, mailbox: MailboxSetting) -> None:
    post.deliver("1", mail(1))
    tasks.fetch_mail()
    kept = [file for part in ("new", "cur") for file in (post.maildir / part).iterdir()]
    assert len(kept) == 1
    assert "S" not in kept[0].name.partition(":2,")[2]


def test_a_wrong_password_is_told_to_the_operator_and_never_logged(
    client: TestClient,  # type: ignore[type-arg]
    post: ImapServer,
    mailbox: MailboxSetting,
    cast: Cast,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("EOFFICE_SECRET_SEN_HONG", "sai mat khau 4711")
    post.deliver("1", mail(1))
    with caplog.at_level(logging.DEBUG):
        tasks.fetch_mail()
    page = Browser(client, cast.operator, at).get("/admin/mailboxes").text
    assert "từ chối đăng nhập" in page
    said = "".join((page, caplog.text, *capsys.readouterr()))
    assert "4711" not in said
    assert subjects() == []


def test_a_missing_password_and_a_dead_server_stop_no_other_mailbox(
    post: ImapServer,
    mailbox: MailboxSetting,
    cast: Cast,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with db.system_transaction() as session:
        for unit, port, name in (
            (cast.district, 9, "SEN_HONG"),
            (cast.other_district, post.port, "NOBODY_KNOWS"),
        ):
            setting = MailboxSetting(
                "127.0.0.1", port, MailboxSecurity.NONE, imap_server.USER, name, "INBOX", True
            )
            mail_actions.set_mailbox(session, unit.id, setting, by=cast.operator, at=at)
    post.deliver("1", mail(1))
    tasks.fetch_mail()
    assert subjects() == ["Công văn số 1"]
    with db.system_transaction() as session:
        assert session.get_one(Mailbox, cast.high_school.id).failure is None
        assert session.get_one(Mailbox, cast.district.id).failure is not None
        assert "NOBODY_KNOWS" in (session.get_one(Mailbox, cast.other_district.id).failure or "")


def test_a_message_becomes_an_incoming_document_with_its_files(
    client: TestClient,  # type: ignore[type-arg]
    post: ImapServer,
    mailbox: MailboxSetting,
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    pdf = information_sheet()
    post.deliver("1", mail(1, ("công văn.pdf", pdf), ("biểu mẫu.txt", b"m\xe1\xba\xabu")))
    tasks.fetch_mail()
    clerk = Browser(client, cast.high_school_clerk, at)
    tray = clerk.get("/incoming/mail").text
    assert "Công văn số 1" in tray
    with db.system_transaction() as session:
        place = f"/incoming/mail/{session.scalars(select(MailMessage.id)).one()}"
    shown = clerk.get(place).text
    for expected in ("công văn.pdf (1 trang)", "biểu mẫu.txt", "vanthu@lapvo.example"):
        assert expected in shown
    assert clerk.get(f"{place}/files/1").content == pdf
    assert clerk.get(f"{place}/files/1").headers["content-disposition"].startswith("attachment")

    clerk.get(place)
    done = clerk.send(f"{place}/document", **CIRCULAR, document="1")
    assert done.status_code == 303
    with db.system_transaction() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.origin, row.content_sha256) == (Origin.MAIL, str(Sha256.of(pdf)))
        assert row.external_id is not None
        assert row.external_id.startswith("<1@lapvo.example>")
        assert session.scalars(select(DeliveryFile.name)).all() == ["biểu mẫu.txt"]
        assert session.scalars(select(MailMessage.state)).one() is MailState.TAKEN
    assert "Công văn số 1" not in clerk.get("/incoming/mail").text
    assert "Xem văn bản đến" in clerk.get(place).text

    # The next message from there knows who writes.
    post.deliver("2", mail(2))
    tasks.fetch_mail()
    assert CIRCULAR["sender_name"] in clerk.get("/incoming/mail").text


def test_what_is_no_document_is_put_aside_with_a_reason(
    client: TestClient,  # type: ignore[type-arg]
    post: ImapServer,
    mailbox: MailboxSetting,
    cast: Cast,
    at: datetime,
) -> None:
    post.deliver("1", mail(1))
    tasks.fetch_mail()
    with db.system_transaction() as session:
        place = f"/incoming/mail/{session.scalars(select(MailMessage.id)).one()}"
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get(place)
    assert clerk.send(f"{place}/putting-aside", reason=" ").status_code == 422
    clerk.get(place)
    before = clerk.page
    assert clerk.send(f"{place}/putting-aside", reason="Thư quảng cáo.").status_code == 303
    assert "Thư quảng cáo." in clerk.get("/incoming/mail?show=put_aside").text
    clerk.page = before
    assert clerk.send(f"{place}/document", **CIRCULAR).status_code == 409


def test_an_edxml_message_is_handed_to_the_exchange(
    post: ImapServer, mailbox: MailboxSetting, cast: Cast
) -> None:
    post.deliver("1", mail(1, ("12.edxml", EDXML)))
    tasks.fetch_mail()
    tasks.fetch_mail()
    with db.system_transaction() as session:
        promised = session.scalars(
            select(Promise).where(Promise.task == "exchange.take_mailed")
        ).one()
        assert promised.payload["content_sha256"] == str(Sha256.of(EDXML))
        assert promised.payload["agency_id"] == str(cast.high_school.id)


def test_mail_is_its_agencys_alone(
    client: TestClient,  # type: ignore[type-arg]
    post: ImapServer,
    mailbox: MailboxSetting,
    cast: Cast,
    at: datetime,
) -> None:
    post.deliver("1", mail(1, ("a.pdf", information_sheet())))
    tasks.fetch_mail()
    with db.system_transaction() as session:
        message_id = session.scalars(select(MailMessage.id)).one()
    with db.transaction(cast.clerk.acting) as session:
        assert session.scalars(select(MailMessage.id)).all() == []
        assert session.scalars(select(Mailbox.agency_id)).all() == []
    stranger = Browser(client, cast.clerk, at)
    assert stranger.get(f"/incoming/mail/{message_id}").status_code == 404
    assert stranger.get(f"/incoming/mail/{message_id}/files/1").status_code == 404
    teacher = Browser(client, cast.high_school_teacher, at)
    assert teacher.get("/incoming/mail").status_code == 403


class TestMailboxes:
    """Operators set them; the password is named and never entered."""

    def test_an_operator_sets_the_mailbox_of_any_agency(
        self,
        client: TestClient,  # type: ignore[type-arg]
        cast: Cast,
        at: datetime,
    ) -> None:
        operator = Browser(client, cast.operator, at)
        operator.get("/admin/mailboxes")
        done = operator.send(
            "/admin/mailboxes",
            agency_id=str(cast.high_school.id),
            host="imap.senhong.example",
            port="993",
            security="tls",
            user_name="vanthu",
            password_name="SEN_HONG",
            folder="INBOX",
            is_active="on",
        )
        assert done.status_code == 303, operator.page
        assert "imap.senhong.example:993" in operator.get("/admin/mailboxes").text
        clerk = Browser(client, cast.high_school_clerk, at)
        assert clerk.get("/admin/mailboxes").status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [
            {"host": ""},
            {"host": "a b"},
            {"port": 0},
            {"user_name": " "},
            {"folder": "Thư đến"},
            {"security": MailboxSecurity.NONE},
        ],
    )
    def test_what_cannot_work_is_refused(
        self, cast: Cast, at: datetime, wrong: dict[str, object]
    ) -> None:
        right: dict[str, object] = {
            "host": "imap.example",
            "port": 993,
            "security": MailboxSecurity.TLS,
            "user_name": "vanthu",
            "password_name": "SEN_HONG",
            "folder": "INBOX",
            "is_active": True,
        }
        setting = MailboxSetting(**right | wrong)  # type: ignore[arg-type]
        with db.system_transaction() as session, pytest.raises(MailboxUnacceptable):
            mail_actions.set_mailbox(session, cast.high_school.id, setting, by=cast.operator, at=at)

    def test_a_password_that_was_typed_for_its_name_is_not_repeated(
        self, cast: Cast, at: datetime
    ) -> None:
        setting = MailboxSetting(
            "imap.example", 993, MailboxSecurity.TLS, "vanthu", "bí mật 4711", "INBOX", True
        )
        with db.system_transaction() as session:
            with pytest.raises(SecretNameWrong) as refused:
                mail_actions.set_mailbox(
                    session, cast.high_school.id, setting, by=cast.operator, at=at
                )
            assert "4711" not in str(refused.value.detail)
            with pytest.raises(OnlyOperators):
                mail_actions.set_mailbox(
                    session, cast.high_school.id, setting, by=cast.high_school_clerk, at=at
                )


def test_the_work_of_the_mail_task_needs_no_promise(work: Callable[[str], int]) -> None:
    tasks.fetch_mail()
    assert work("exchange.take_mailed") == 0
