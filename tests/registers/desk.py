"""The edge of registers over HTTP: everybody signs in by a header, transactions really commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import httpx
from litestar import Router
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.testing import TestClient

from eoffice import db
from eoffice.registers import http, pages
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.registers import stage

SESSION = UUID("0198c0de-0000-7000-8000-0000000000bb")
Client: TypeAlias = TestClient[Application]
_everybody: dict[str, Principal] = {}


class SignInByHeader(AbstractAuthenticationMiddleware):
    """`X-Login: school_clerk`; with `X-Page: 1` as somebody in a browser."""

    async def authenticate_request(
        self, connection: ASGIConnection[Any, Any, Any, Any]
    ) -> AuthenticationResult:
        who = _everybody.get(connection.headers.get("x-login", ""))
        if who is not None and connection.headers.get("x-page"):
            who = replace(who, session_id=SESSION)
        return AuthenticationResult(user=who, auth=None)


@dataclass(frozen=True, slots=True)
class Desk:
    """Programs (`get`, `post`…) and browsers (`page`, `send`) of the school's people."""

    client: Client
    cast: Cast

    def get(self, login: str, path: str, **params: Any) -> httpx.Response:
        return self.client.get(f"/api/v1{path}", headers={"x-login": login}, params=params)

    def post(
        self, login: str, path: str, body: object = None, *, key: str | None = None
    ) -> httpx.Response:
        headers = {"x-login": login, "idempotency-key": key or uuid4().hex}
        return self.client.post(f"/api/v1{path}", headers=headers, json=body or {})

    def put(self, login: str, path: str, body: object) -> httpx.Response:
        return self.client.put(f"/api/v1{path}", headers={"x-login": login}, json=body)

    def upload(
        self, login: str, path: str, content: bytes, *, key: str | None = None
    ) -> httpx.Response:
        headers = {"x-login": login, "idempotency-key": key or uuid4().hex}
        files = {"file": ("diem.xlsx", content)}
        return self.client.post(f"/api/v1{path}", headers=headers, files=files)

    def page(self, login: str, path: str) -> httpx.Response:
        return self.client.get(path, headers={"x-login": login, "x-page": "1"})

    def send(
        self,
        login: str,
        path: str,
        fields: dict[str, Any],
        *,
        seen_on: str,
        file: bytes | None = None,
    ) -> httpx.Response:
        """Post a form with the token of a page on which such a form stands."""
        found = re.search(r'name="_token" value="([^"]+)"', self.page(login, seen_on).text)
        assert found, f"{seen_on} has no form"
        return self.client.post(
            path,
            headers={"x-login": login, "x-page": "1"},
            data={**fields, "_token": found[1], "_key": uuid4().hex},
            files=None if file is None else {"file": ("diem.xlsx", file)},
        )


def enter(login: str, who: Principal) -> None:
    """Somebody beside the cast, until the desk is opened again."""
    _everybody[login] = who


@contextmanager
def opened(at: datetime, *further: Router) -> Iterator[Desk]:
    """The desk of the cast's school; with the doors of slices above that a test asks for."""
    with db.system_transaction() as session:
        cast = load_cast(session, at)
    fields = cast.__dataclass_fields__
    _everybody.clear()
    _everybody.update(
        {name: who for name in fields if isinstance(who := getattr(cast, name), Principal)}
    )
    _everybody.update(cast.subject_teachers)
    app = application.make(
        [http.router, pages.pages, *further],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[SignInByHeader],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Desk(client, cast)


def with_class(desk: Desk, at: datetime, *, finished: bool = False) -> str:
    """The path of a class below /api/v1."""
    with db.system_transaction() as session:
        class_id = stage.open_class(session, desk.cast, at)
        if finished:
            stage.finish_year(session, class_id, desk.cast, at)
    return f"/classes/{class_id}"
