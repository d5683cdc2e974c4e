"""The edges of archive and log over HTTP: people sign in by a header, the store is in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import httpx
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.testing import TestClient

from eoffice import clock
from eoffice.archive import actions, http, pages
from eoffice.archive.actions import Kept, Order
from eoffice.audit import actions as audit_actions
from eoffice.audit import http as audit_http
from eoffice.audit import pages as audit_pages
from eoffice.db import system_transaction
from eoffice.files import intake
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.signing.trust import TrustStore
from eoffice.signing.verification import verify_pdf
from eoffice.verification import http as verification_http
from eoffice.verification import pages as verification_pages
from eoffice.verification import public
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests.archive.packages import SIGNER
from tests.cast import Cast, load_cast
from tests.signing.papers import SIGNED_AT

#: A little after the dispatch of the tests was signed, sealed and time-stamped.
AT = SIGNED_AT + timedelta(hours=1)
SESSION = UUID(int=0x5E55)
_SIGNED_IN: dict[str, Principal] = {}


class SignInByHeader(AbstractAuthenticationMiddleware):
    """`X-Login: inspector`; with `X-Page: 1` as somebody in a browser."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        who = _SIGNED_IN.get(connection.headers.get("x-login", ""))
        if who is not None and connection.headers.get("x-page"):
            who = replace(who, session_id=SESSION)
        return AuthenticationResult(user=who, auth=None)


Client: TypeAlias = TestClient[Application]


@dataclass(frozen=True, slots=True)
class Room:
    client: Client
    cast: Cast
    store: MemoryStore
    trust: TrustStore
    entries: list[UUID] = field(default_factory=list)

    def get(self, login: str, path: str, **params: Any) -> httpx.Response:
        return self.client.get(path, headers={"x-login": login}, params=params)

    def post(self, login: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"x-login": login, "idempotency-key": uuid4().hex}
        return self.client.post(path, headers=headers, json=body)

    def upload(self, login: str, path: str, name: str, content: bytes) -> httpx.Response:
        return self.client.post(path, headers={"x-login": login}, files={"file": (name, content)})

    def page(self, login: str, path: str) -> httpx.Response:
        return self.client.get(path, headers={"x-login": login, "x-page": "1"})

    def send(
        self, login: str, path: str, fields: dict[str, Any], *, seen_on: str, **more: Any
    ) -> httpx.Response:
        """Post a form with the token of a page on which such a form stands."""
        found = re.search(r'name="_token" value="([^"]+)"', self.page(login, seen_on).text)
        assert found, f"{seen_on} has no form"
        return self.client.post(
            path,
            headers={"x-login": login, "x-page": "1"},
            data={**fields, "_token": found[1], "_key": uuid4().hex},
            **more,
        )

    def take_in(self, order: Order, pdf: bytes, at: datetime) -> UUID:
        """What the worker does with a promise, without a time-stamp authority."""
        inspected = intake.inspect_pdf(pdf)
        name = self.store.put(pdf, "application/pdf")
        kept = Kept(
            content_sha256=name,
            size_bytes=len(pdf),
            page_count=inspected.page_count,
            lock=self.store.put_locked(name, retain_until=at.replace(year=at.year + 10)),
            text=inspected.text,
            verdict=verify_pdf(pdf, trust=self.trust, at=at),
        )
        with system_transaction() as session:
            return actions.ingest(session, order, kept, by="worker:archive.ingest", at=at)


def sequence(at: datetime) -> None:
    """What the relay does."""
    with system_transaction() as session:
        audit_actions.sequence(session, at=at, limit=1000, signer=SIGNER)


@contextmanager
def opened(at: datetime, trust: TrustStore) -> Iterator[Room]:
    with system_transaction() as session:
        cast = load_cast(session, at)
    _SIGNED_IN.clear()
    for name in Cast.__dataclass_fields__:
        who = getattr(cast, name)
        if isinstance(who, Principal):
            _SIGNED_IN[name] = replace(who, session_id=None)
    store = MemoryStore(clock.now)
    configured.use(store)
    public.GATE.forget()
    app = application.make(
        [
            http.router,
            pages.pages,
            verification_http.router,
            verification_pages.pages,
            audit_http.router,
            audit_pages.pages,
        ],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[SignInByHeader],
    )
    try:
        with TestClient(app, raise_server_exceptions=True) as client:
            client.follow_redirects = False
            yield Room(client, cast, store, trust)
    finally:
        configured.use(None)
