"""The pages of the mailroom in a real browser: readable for all, within 1280 and 360 px."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from eoffice import clock, db
from eoffice.demo.pdf import information_sheet
from eoffice.documents.types import Urgency
from eoffice.files.intake import MediaType
from eoffice.mailroom import entering, http, mail_actions, mime, pages, scan_actions, scanning
from eoffice.mailroom.entering import Brought, Entry
from eoffice.mailroom.mail_actions import KeptPart, MailboxSetting
from eoffice.mailroom.model import MailMessage, Scan
from eoffice.mailroom.states import AttachmentKind, MailboxSecurity
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.authentication import Authentication
from eoffice.routing import http as routing_http
from eoffice.routing import pages as routing_pages
from eoffice.routing.outside_rules import Origin, OutsideFile
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests.cast import Cast, sign_in
from tests.conftest import Office
from tests.mailroom.test_mime import message
from tests.mailroom.test_scanning import picture

FILES = "mailroom-look"


def app() -> application.Application:
    """For the server: the pages of the mailroom over the database and the files of the test."""
    store = MemoryStore(clock.now)
    for file in Path(os.environ["EOFFICE_VAR"], FILES).iterdir():
        store.put(file.read_bytes(), MediaType.PDF)
    configured.use(store)
    return application.make(
        [http.router, pages.pages, routing_http.router, routing_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture
def story(
    office: Office, cast: Cast, at: datetime, store: MemoryStore
) -> dict[str, tuple[Principal, str]]:
    """Who looks at which page."""
    clerk = cast.high_school_clerk
    kept = office.var / FILES
    kept.mkdir()
    pdf = information_sheet()
    scanned = scanning.received([("trang 1.png", picture()), ("trang 2.png", picture())])
    (kept / "sheet.pdf").write_bytes(pdf)
    (kept / "scan.pdf").write_bytes(store.get(scanned.content))
    sheet = store.put(pdf, MediaType.PDF)
    part = KeptPart(
        OutsideFile("Công văn 12.pdf", MediaType.PDF, len(pdf), sheet),
        AttachmentKind.DOCUMENT,
        1,
        "Số: 12/PGDĐT\nLấp Vò, ngày 13 tháng 8 năm 2018\nV/v báo cáo đầu năm học",
    )
    circular = Entry(
        sender_name="Bộ Giáo dục và Đào tạo",
        type_name="Thông tư",
        number="58",
        notation="TT-BGDĐT",
        issued_on=clock.civil_date(at),
        subject="Quy chế đánh giá, xếp loại học sinh trung học",
        urgency=Urgency.URGENT,
        register=True,
    )
    with db.system_transaction() as session:
        reading = scan_actions.upload(session, scanned, by=clerk, at=at)
        session.get_one(Scan, reading).pages_read = 1
        raw = message(subject="Gửi công văn 12/PGDĐT về báo cáo đầu năm học").as_bytes()
        mail_actions.keep_message(
            session, cast.high_school.id, mime.letter(raw), sheet, [part], at=at
        )
        mail = session.scalars(select(MailMessage.id)).one()
        brought = Brought(Origin.HAND, content=sheet, page_count=1)
        entered = entering.enter(session, circular, brought, by=clerk, at=at)
        setting = MailboxSetting(
            "imap.dongthap.example",
            993,
            MailboxSecurity.TLS,
            "vanthu.senhong",
            "SEN_HONG",
            "INBOX",
            True,
        )
        mail_actions.set_mailbox(session, cast.high_school.id, setting, by=cast.operator, at=at)
    return {
        "new": (clerk, "/incoming/new"),
        "scans": (clerk, "/incoming/scans"),
        "scan": (clerk, f"/incoming/scans/{reading}"),
        "mail": (clerk, "/incoming/mail"),
        "message": (clerk, f"/incoming/mail/{mail}"),
        "mailboxes": (cast.operator, "/admin/mailboxes"),
        "arrival": (clerk, entered.path),
    }


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


def test_pages_have_no_serious_fault_and_fit(
    chromium: Browser, story: dict[str, tuple[Principal, str]], at: datetime
) -> None:
    with browser.served("tests.mailroom.test_look:app") as address:
        tokens: dict[Principal, str] = {}
        for name, (who, path) in story.items():
            if who not in tokens:
                with db.system_transaction() as session:
                    tokens[who] = sign_in(session, who, at)
            for width in (1280, 360):
                page = browser.tab(chromium, width=width, base_url=address)
                page.context.add_cookies(
                    [{"name": "session", "value": tokens[who], "url": address}]
                )
                answered = page.goto(path)
                assert answered is not None
                assert answered.status == 200, name
                page.wait_for_load_state("networkidle")
                browser.assert_fits(page)
                browser.assert_no_serious(page)
                browser.screenshot(page, f"mailroom-{name}-{width}")
                page.context.close()
