"""The cast in a session that is rolled back; an office with the cast, and clients of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar.testing import TestClient
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people import http, pages
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast, sign_in
from tests.conftest import AT, Office


def people_app() -> application.Application:
    """The pages and the API of people alone, by the settings of this process."""
    return application.make(
        [http.router, pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody's program and browser."""

    client: TestClient[application.Application]
    cast: Cast
    clock_file: Path

    def set_clock(self, at: datetime) -> None:
        clock.set_office_clock(self.clock_file, at)

    def token_of(self, who: Principal) -> str:
        with system_transaction() as session:
            return sign_in(session, who, clock.now())

    def enter(self, who: Principal) -> None:
        """From now on the browser carries a session of `who`."""
        self.client.cookies.set("session", self.token_of(who))

    def api(self, who: Principal) -> dict[str, str]:
        """Headers of a program that works for `who`."""
        return {"authorization": f"Bearer {self.token_of(who)}"}

    def post(self, path: str, fields: dict[str, Any], *, on: str | None = None) -> Response:
        """Send a form of the page `on` (the same address, if not given)."""
        shown = self.client.get(on or path)
        token = re.search(r'name="_token" value="([^"]+)"', shown.text)
        assert token, shown.text
        return self.client.post(path, data={"_token": token[1], **fields})


@pytest.fixture
def desk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock_file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(clock_file))
    clock.set_office_clock(clock_file, AT)
    with system_transaction() as session:
        cast = load_cast(session, AT)
    with TestClient(people_app(), base_url="http://testserver.local") as client:
        client.follow_redirects = False
        yield Desk(client, cast, clock_file)
