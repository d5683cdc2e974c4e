"""An office with a dispatch before a school, a mail server and a receiver of webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar.testing import TestClient

from eoffice import clock, outbox, settings
from eoffice.alerts import actions, http, pages, rules, tasks
from eoffice.alerts.states import Timing
from eoffice.db import system_transaction, transaction
from eoffice.people.authentication import Authentication
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import postbox as postboxes
from tests.cast import Cast, load_cast
from tests.conftest import AT, Office
from tests.people.conftest import Desk
from tests.postbox import Postbox
from tests.routing import stage

DUE_ON = date(2018, 8, 24)


@dataclass
class Receiver:
    """A program that webhooks call: what came, and how it answers."""

    url: str = ""
    status: int = 200
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@pytest.fixture
def postbox(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with postboxes.opened(monkeypatch) as found:
        yield found


@pytest.fixture
def receiver(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.bodies.append(body)
            found.requests.append(
                ({name.lower(): value for name, value in self.headers.items()}, json.loads(body))
            )
            self.send_response(found.status)
            self.send_header("location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/nhan"
    monkeypatch.setenv("EOFFICE_WEBHOOK_HOSTS", "127.0.0.1")
    settings.settings.cache_clear()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True, slots=True)
class World(Desk):
    """The desk of a browser, and what the worker does behind it."""

    dispatch: UUID

    def work(self) -> None:
        """Keep every promise of alerts that is due, as the worker would."""
        due = {
            "alerts.send_code": tasks.send_code,
            "alerts.send_news": tasks.send_news,
            "alerts.send_digest": tasks.send_digest,
            "alerts.call": tasks.call,
            "alerts.push_news": tasks.push_news,
            "alerts.push_digest": tasks.push_digest,
        }
        with system_transaction() as session:
            handed = outbox.hand_over(session, at=clock.now())
        for promise_id, task in handed:
            if task not in due:
                continue
            with system_transaction() as session:
                claim = outbox.claim(session, promise_id, at=clock.now())
            if claim is None:
                continue
            try:
                due[task](claim, clock.now())
            except Exception as failure:  # noqa: BLE001 -- as the frame of the tasks does
                with system_transaction() as session:
                    outbox.put_off(session, claim, at=clock.now(), why=str(failure))

    def tell(self, who: Principal, timing: Timing, address: str = "a@sgddt.example.vn") -> UUID:
        """A confirmed address of somebody."""
        at = clock.now()
        with transaction(who.acting) as session:
            address_id = actions.add_address(session, address, timing, by=who, at=at)
        with transaction(who.acting) as session:
            assert actions.confirm_address(
                session,
                address_id,
                rules.code(settings.settings().secret_key, address_id, at),
                secret_key=settings.settings().secret_key,
                by=who,
                at=clock.now(),
            )
        return address_id

    def deliver(self) -> UUID:
        """Dispatch 960 arrives at the THPT Sen Hồng."""
        with system_transaction() as session:
            return stage.delivered(session, self.dispatch, self.cast.high_school, at=clock.now())


@pytest.fixture
def world(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    clock_file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(clock_file))
    clock.set_office_clock(clock_file, AT)
    with system_transaction() as session:
        cast: Cast = load_cast(session, AT)
        dispatch = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=AT, due_on=DUE_ON
        )
    app = application.make(
        [http.router, http.feeds, pages.pages],
        secret_key=settings.settings().secret_key,
        base_url=settings.settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as client:
        client.follow_redirects = False
        yield World(client, cast, clock_file, dispatch)
