"""The cast in a session that is rolled back, and a desk: the whole edge of documents over HTTP.

At the desk everybody signs in by a header, the object store is in memory, and transactions commit
to a database of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.testing import TestClient
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from eoffice import citing_pages, clock, db
from eoffice.documents import actions, http, pages, queries
from eoffice.documents.actions import Content
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.documents.test_pdf_fields import certified

SESSION = UUID("0198c0de-0000-7000-8000-0000000000aa")
_EVERYBODY: dict[str, Principal] = {}


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


class SignInByHeader(AbstractAuthenticationMiddleware):
    """`X-Login: director`; with `X-Page: 1` as somebody in a browser. For tests only."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        who = _EVERYBODY.get(connection.headers.get("x-login", ""))
        if who is not None and connection.headers.get("x-page"):
            who = replace(who, session_id=SESSION)
        return AuthenticationResult(user=who, auth=None)


Client: TypeAlias = TestClient[Application]


@dataclass(frozen=True, slots=True)
class Desk:
    """The office over HTTP, with a hand into its database where signing is not at hand."""

    client: Client
    cast: Cast
    store: MemoryStore
    superuser: Engine

    def get(self, login: str, path: str, **params: Any) -> httpx.Response:
        return self.client.get(path, headers={"x-login": login}, params=params)

    def post(
        self, login: str, path: str, body: dict[str, Any] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        headers = {"x-login": login, "idempotency-key": key or uuid4().hex}
        return self.client.post(path, headers=headers, json=body or {})

    def put(self, login: str, path: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.put(path, headers={"x-login": login}, json=body)

    def upload(self, login: str, path: str, name: str, content: bytes) -> httpx.Response:
        headers = {"x-login": login, "idempotency-key": uuid4().hex}
        return self.client.post(path, headers=headers, files={"file": (name, content)})

    def page(self, login: str, path: str) -> httpx.Response:
        return self.client.get(path, headers={"x-login": login, "x-page": "1"})

    def send(
        self, login: str, path: str, fields: dict[str, Any], *, seen_on: str
    ) -> httpx.Response:
        """Post a form with the token of a page on which such a form stands."""
        found = re.search(r'name="_token" value="([^"]+)"', self.page(login, seen_on).text)
        assert found, f"{seen_on} has no form"
        return self.client.post(
            path,
            headers={"x-login": login, "x-page": "1"},
            data={**fields, "_token": found[1], "_key": uuid4().hex},
        )

    def signed_by_the_director(self, document_id: str) -> None:
        """What the signing slice does at this step, with a key made for the test."""
        who = self.cast.director
        with db.transaction(who.acting) as session:
            latest = queries.document(session, UUID(document_id), who=who).latest
        assert latest.content_sha256 is not None
        source = Sha256.parse(latest.content_sha256)
        # In a thread of its own: a browser's test runs inside an event loop.
        with ThreadPoolExecutor(1) as hand:
            pdf = hand.submit(certified, self.store.get(source)).result()
        content = Content(self.store.put(pdf, "application/pdf"), len(pdf), latest.page_count or 1)
        with db.transaction(who.acting) as session:
            actions.record_signed(
                session,
                UUID(document_id),
                content,
                source=source,
                capacity="GIÁM ĐỐC",
                by=who,
                at=clock.now(),
            )

    def sealed_by_the_clerk(self, document_id: str) -> None:
        who = self.cast.clerk
        with db.transaction(who.acting) as session:
            latest = queries.document(session, UUID(document_id), who=who).latest
        assert latest.content_sha256 is not None
        source = Sha256.parse(latest.content_sha256)
        pdf = self.store.get(source) + b"\n% sealed"
        content = Content(self.store.put(pdf, "application/pdf"), len(pdf), latest.page_count or 1)
        with db.transaction(who.acting) as session:
            actions.record_sealed(
                session, UUID(document_id), content, source=source, by=who, at=clock.now()
            )


@pytest.fixture
def desk(office: Office, server: Any, at: datetime) -> Iterator[Desk]:
    superuser = create_engine(office.databases.owner_url)
    with Session(superuser, expire_on_commit=False) as session, session.begin():
        cast = load_cast(session, at)
    _EVERYBODY.clear()
    for name in Cast.__dataclass_fields__:
        who = getattr(cast, name)
        if isinstance(who, Principal):
            _EVERYBODY[name] = replace(who, session_id=None)
    store = MemoryStore(clock.now)
    configured.use(store)
    app = application.make(
        [http.router, pages.pages, citing_pages.pages, citing_pages.router],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[SignInByHeader],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Desk(client, cast, store, superuser)
    configured.use(None)
    superuser.dispose()
