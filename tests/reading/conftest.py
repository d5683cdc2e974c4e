"""A reading room: one long document as it lies with its sender, its recipient, in the mailroom and
in the archive, and everybody of the cast by a header over the whole office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import pytest
import typst
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.testing import TestClient

from eoffice import clock, db
from eoffice.app import ROUTES
from eoffice.archive import actions as archive
from eoffice.archive.actions import Kept
from eoffice.db import new_id
from eoffice.mailroom.model import Scan
from eoffice.mailroom.states import ScanState
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.printing import typesetting
from eoffice.routing import actions as routing
from eoffice.signing.verdict import Finding, Verdict
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests.archive import shelf
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.routing import stage

PAGES = 25
SESSION = UUID("0198c0de-0000-7000-8000-0000000000aa")
_EVERYBODY: dict[str, Principal] = {}

_SOURCE = """
#set page(paper: "a4", margin: 30mm)
#set text(font: "Tinos", size: 14pt, lang: "vi")
#for n in range(1, 26) [
  = Trang số #n
  Kính gửi các trường trung học phổ thông trong tỉnh. #lorem(60)
  #if n == 14 [Hạn nộp báo cáo là ngày 24/8/2018, báo cáo gửi về Văn phòng Sở.]
  #if n < 25 { pagebreak() }
]
"""


@cache
def long_document() -> bytes:
    """25 pages; only page 14 speaks of a report."""
    made: bytes = typst.compile(  # type: ignore[call-overload]
        {"main.typ": _SOURCE.encode()},
        font_paths=[str(typesetting.FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        timestamp=0,
    )
    return made


@cache
def pictures_only() -> bytes:
    """One page without a single word, as a scanner makes it."""
    made: bytes = typst.compile(  # type: ignore[call-overload]
        {"main.typ": b'#set page(paper: "a4")\n#rect(width: 100%, height: 30mm)'},
        ignore_system_fonts=True,
        format="pdf",
        timestamp=0,
    )
    return made


class SignInByHeader(AbstractAuthenticationMiddleware):
    """`X-Login: director`. For tests only."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        return AuthenticationResult(
            user=_EVERYBODY.get(connection.headers.get("x-login", "")), auth=None
        )


Client: TypeAlias = TestClient[Application]


@dataclass(frozen=True, slots=True)
class Room:
    client: Client
    cast: Cast
    store: MemoryStore
    #: Dispatch 960 of the Sở, and as it lies at the THPT Sen Hồng, opened.
    document: UUID
    delivery: UUID
    scan: UUID
    entry: UUID

    def get(self, login: str, path: str, **params: Any) -> httpx.Response:
        return self.client.get(path, headers={"x-login": login}, params=params or None)

    def address(self, kind: str) -> str:
        """/reading/documents/…"""
        things = {
            "documents": self.document,
            "deliveries": self.delivery,
            "scans": self.scan,
            "archive": self.entry,
        }
        return f"/reading/{kind}/{things[kind]}"


@pytest.fixture
def room(office: Office, at: datetime) -> Iterator[Room]:
    store = MemoryStore(clock.now)
    configured.use(store)
    with db.system_transaction() as session:
        cast = load_cast(session, at)
    for name in Cast.__dataclass_fields__:
        who = getattr(cast, name)
        if isinstance(who, Principal):
            _EVERYBODY[name] = replace(who, session_id=SESSION)
    laid = lay_out(cast, store, at)
    app = application.make(
        ROUTES,
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[SignInByHeader],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Room(client, cast, store, *laid)
    configured.use(None)
    _EVERYBODY.clear()


def lay_out(cast: Cast, store: MemoryStore, at: datetime) -> tuple[UUID, UUID, UUID, UUID]:
    """The long document everywhere: issued, delivered and opened, scanned, archived."""
    content = store.put(long_document(), "application/pdf")
    picture = store.put(pictures_only(), "application/pdf")
    with db.system_transaction() as session:
        document = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, content=content
        )
        delivery = stage.delivered(session, document, cast.high_school, at=at)
        routing.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
        scan = Scan(
            id=new_id(),
            agency_id=cast.high_school.id,
            name="Bản quét 01.pdf",
            state=ScanState.READ,
            content_sha256=str(picture),
            # As if its words had been read: the copy has them.
            searchable_sha256=str(content),
            size_bytes=len(pictures_only()),
            page_count=1,
            pages_read=1,
            text="Kính gửi",
            uploaded_at=at,
            uploaded_by=cast.high_school_clerk.person_id,
        )
        session.add(scan)
        entry = archived(cast, store, at)
        made = archive.ingest(session, shelf.dispatch(cast.department), entry, by="worker", at=at)
    return document, delivery, scan.id, made


def archived(cast: Cast, store: MemoryStore, at: datetime) -> Kept:
    name = Sha256.of(long_document())
    locked = store.put_locked(name, retain_until=at.replace(year=at.year + 20))
    return Kept(
        content_sha256=Sha256.of(long_document()),
        size_bytes=len(long_document()),
        page_count=PAGES,
        lock=locked,
        text="",
        verdict=Verdict(Finding.UNSIGNED, "Tệp không có chữ ký số nào."),
    )
