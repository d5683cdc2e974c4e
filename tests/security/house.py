"""One whole office for all who try its doors: rows of every kind, and every route that there is.

Made once for a module and looked at by many; a test that changes rows takes the fixture `office`
of its own. People come in with real sessions, as browsers (a cookie) or as programs (a token).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.app import ROUTES
from eoffice.archive import actions as archive
from eoffice.classes import actions as class_actions
from eoffice.db import system_transaction
from eoffice.documents import actions as documents
from eoffice.documents.flows import comment_actions
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import Attachment
from eoffice.documents.types import DocumentType
from eoffice.embedded.postgres import Server
from eoffice.marks.model import MarkImport
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.people import accounts
from eoffice.people.authentication import Authentication
from eoffice.people.kinds import Scope
from eoffice.routing import actions as routing
from eoffice.routing import handling
from eoffice.routing.model import Notice
from eoffice.routing.rules import Assignee, Role
from eoffice.settings import settings
from eoffice.web import application
from eoffice.web.application import Application
from eoffice.web.principal import Principal
from tests import services
from tests.archive import shelf
from tests.cast import Cast, load_cast, sign_in
from tests.registers import stage as registers_stage
from tests.routing import stage as routing_stage

#: The book of the class is of this year; the inspection runs around this day.
AT = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)


@dataclass(slots=True)
class House:
    client: TestClient[Application]
    cast: Cast
    store: MemoryStore
    #: Name of a thing -> its identifier.
    ids: dict[str, UUID] = field(default_factory=dict)
    _tokens: dict[UUID, str] = field(default_factory=dict)

    def session_of(self, who: Principal) -> str:
        token = self._tokens.get(who.appointment_id)
        if token is None:
            with system_transaction() as session:
                token = self._tokens[who.appointment_id] = sign_in(session, who, clock.now())
        return token

    def token_of(self, who: Principal, *scopes: Scope) -> str:
        """A program's token of the person."""
        with system_transaction() as session:
            return accounts.create_token(
                session,
                name="x",
                scopes=scopes,
                life=timedelta(days=1),
                by=who,
                at=clock.now(),
            )

    def ask(self, who: Principal | None, method: str, path: str, **more: Any) -> httpx.Response:
        """As a browser: with the cookie, and for what changes something with a form's token."""
        headers = {"sec-fetch-site": "same-origin", **more.pop("headers", {})}
        if who is not None:
            headers["cookie"] = f"session={self.session_of(who)}"
        if method != "GET" and not path.startswith("/api/"):
            more["data"] = {**more.get("data", {}), "_token": self.form_token(who)}
        return self.client.request(method, path, headers=headers, **more)

    def get(self, who: Principal | None, path: str, **more: Any) -> httpx.Response:
        return self.ask(who, "GET", path, **more)

    def program(self, token: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}", "idempotency-key": uuid4().hex}
        return self.client.request(method, path, headers=headers, **more)

    def form_token(self, who: Principal | None) -> str:
        headers = {} if who is None else {"cookie": f"session={self.session_of(who)}"}
        shown = self.client.get("/account/password", headers=headers).text
        found = re.search(r'name="_token" value="([^"]+)"', shown)
        return found[1] if found else ""


def people(cast: Cast) -> dict[str, Principal]:
    """Everybody of the cast by name."""
    named = {name: getattr(cast, name) for name in cast.__dataclass_fields__}
    found = {name: who for name, who in named.items() if isinstance(who, Principal)}
    return found | {f"teacher {code}": who for code, who in cast.subject_teachers.items()}


def app() -> Application:
    """All routes of the office with its own way of knowing who asks."""
    return application.make(
        ROUTES,
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """The settings of this process for the time of a module."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    settings.cache_clear()
    try:
        yield
    finally:
        db.close_engines()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        settings.cache_clear()


@contextmanager
def opened(server: Server, template: str, var: Path, name: str) -> Iterator[House]:
    """The house, with everything in it and all its doors."""
    databases = services.copied_database(server, name, template)
    values = {
        "DATABASE_URL": databases.app_url,
        "EOFFICE_WORKER_DATABASE_URL": databases.worker_url,
        "EOFFICE_OWNER_DATABASE_URL": databases.owner_url,
        "EOFFICE_BROKER_URL": "redis://127.0.0.1:9/0",
        "EOFFICE_S3_ENDPOINT": "http://127.0.0.1:9",
        "EOFFICE_S3_ACCESS_KEY": "tests",
        "EOFFICE_S3_SECRET_KEY": "tests-only",
        "EOFFICE_SECRET_KEY": "a secret of the tests, at least 32 characters",
        "EOFFICE_VAR": str(var),
        "EOFFICE_WEB_THREADS": "4",
        clock.CLOCK_FILE: str(var / "clock.json"),
    }
    clock.set_office_clock(var / "clock.json", AT)
    with environment(values):
        store = MemoryStore(clock.now)
        configured.use(store)
        try:
            with system_transaction() as session:
                cast = load_cast(session, AT)
            # A door that breaks is an answer here, not the end of the test.
            with TestClient(
                app(), base_url="http://testserver.local", raise_server_exceptions=False
            ) as client:
                client.follow_redirects = False
                house = House(client, cast, store)
                _furnish(house)
                yield house
        finally:
            configured.use(None)


def _furnish(house: House) -> None:
    """A row of every kind that an identifier in an address can name."""
    cast, ids = house.cast, house.ids
    with system_transaction() as session:
        ids["draft"] = documents.begin(
            session,
            DocumentType.DISPATCH,
            DispatchText(subject="một dự thảo chưa trình"),
            by=cast.specialist,
            at=AT,
        )
        sha256 = house.store.put(b"an attachment of the draft", "application/pdf")
        ids["attachment"] = documents.attach(
            session, ids["draft"], "a.pdf", "application/pdf", sha256, 26, by=cast.specialist, at=AT
        )
        comment_actions.comment(session, ids["draft"], "Xem lại.", by=cast.specialist, at=AT)
        content = house.store.put(routing_stage.CONTENT_BYTES, "application/pdf")
        house.store.put(routing_stage.ATTACHMENT_BYTES, "application/pdf")
        ids["issued"] = routing_stage.issued_by_the_department(
            session, cast, [cast.high_school, cast.district], at=AT, content=content
        )
        ids["issued attachment"] = session.scalars(
            select(Attachment.id).where(Attachment.document_id == ids["issued"])
        ).one()
        ids["unopened delivery"] = routing_stage.delivered(
            session, ids["issued"], cast.district, at=AT
        )
        ids["delivery"] = routing_stage.delivered(session, ids["issued"], cast.high_school, at=AT)
        ids["arrival"] = routing_stage.registered(
            session, ids["delivery"], by=cast.high_school_clerk, at=AT
        )
        handling.submit_to_head(session, ids["arrival"], by=cast.high_school_clerk, at=AT)
        handling.assign(
            session,
            ids["arrival"],
            [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_deputy.person_id)],
            instruction="Thực hiện.",
            due_on=None,
            by=cast.high_school_principal,
            at=AT,
        )
        refused = routing_stage.issued_by_the_department(
            session, cast, [cast.other_district], at=AT, number=961
        )
        delivery = routing_stage.delivered(session, refused, cast.other_district, at=AT)
        routing.open_delivery(session, delivery, by=cast.other_district_clerk, at=AT)
        routing.refuse(session, delivery, "Gửi nhầm.", by=cast.other_district_clerk, at=AT)
        routing.tell_sender_of_refusal(session, delivery, at=AT)
        ids["notice"] = session.scalars(
            select(Notice.id).where(Notice.unit_id.is_not(None), Notice.person_id.is_(None))
        ).one()
        ids["class"] = registers_stage.open_class(session, cast, AT)
        ids["pupil"] = class_actions.pupil_ids(session, ids["class"])["HS001"]
        book = registers_stage.rendered_book(session, ids["class"], cast, AT)
        ids["gradebook"] = book.id
        ids["import"] = session.scalars(select(MarkImport.id)).one()
        ids["own register"] = shelf.take_in(session, shelf.gradebook(cast.school), AT)
        ids["own document"] = shelf.take_in(session, shelf.dispatch(cast.school), AT)
        ids["other register"] = shelf.take_in(session, shelf.gradebook(cast.high_school), AT)
        ids["inspection"] = archive.decide(
            session,
            shelf.decision(cast.inspector, cast.school, on=clock.civil_date(AT)),
            by=cast.director,
            at=AT,
        )
    for name, subject in (("unsigned", b"unsigned"), ("data", b"data")):
        assert house.store.put(subject, "application/pdf") == Sha256.of(subject), name
