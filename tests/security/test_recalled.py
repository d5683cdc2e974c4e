"""A copy that its sender took back is read through no door; what is known of it stays.

Decree 30/2020, art. 18. Whoever adds a door below /incoming that shows content finds it here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pikepdf
import pytest
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import DocumentCopy
from eoffice.filing import case_actions
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.routing import recall_actions
from eoffice.routing.model import Arrival
from eoffice.web.application import Application
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.documents import hostile
from tests.routing import stage
from tests.routing.test_pages import Browser
from tests.security import house as houses

BELOW = (
    "/incoming",
    "/api/v1/incoming",
    "/api/v1/deliveries",
    "/api/v1/arrivals",
    "/reading",
    "/api/v1/reading",
)


class WatchedStore(MemoryStore):
    """Remembers what was read."""

    read: set[Sha256]

    def get(self, name: Sha256) -> bytes:
        self.read.add(name)
        return super().get(name)


@dataclass
class Desk:
    clerk: Browser
    cast: Cast
    store: WatchedStore
    client: TestClient[Application]
    document_id: UUID
    delivery_id: UUID
    arrival_id: UUID
    case_file_id: UUID
    contents: set[Sha256]
    at: datetime

    def recall(self) -> None:
        with db.transaction(self.cast.director.acting) as session:
            issuing.withdraw(
                session, self.document_id, "Phụ lục sai số liệu.", by=self.cast.director, at=self.at
            )
        with db.system_transaction() as session:
            recall_actions.recall(session, self.document_id, at=self.at)
            session.flush()
            for promised in session.scalars(
                select(Promise).where(Promise.task == "routing.recall_copy")
            ):
                copy = UUID(promised.payload["delivery_id"])
                recall_actions.recall_copy(session, copy, at=self.at)

    def read_through(self, path: str) -> tuple[httpx.Response, set[Sha256]]:
        """The answer, and which contents of the document were taken out of the store for it."""
        self.store.read = set()
        answer = self.clerk.get(path)
        # A page that was drawn before is kept, and not taken out of the store again.
        is_page = "/pages/" in path and answer.is_success
        return answer, self.contents if is_page else self.store.read & self.contents


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    """A dispatch with its pages and a file in the book of a school and in a case file there."""
    at = clock.now().replace(microsecond=0)
    store = WatchedStore(clock.now)
    store.read = set()
    configured.use(store)
    content = store.put(hostile.blank(pages=2), "application/pdf")
    attachment = store.put(stage.ATTACHMENT_BYTES, "application/octet-stream")
    with db.system_transaction() as session:
        cast = load_cast(session, at)
        clerk = cast.high_school_clerk
        document_id = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, content=content
        )
        delivery_id = stage.delivered(session, document_id, cast.high_school, at=at)
    with db.transaction(clerk.acting) as session:
        arrival_id = stage.registered(session, delivery_id, by=clerk, at=at)
        session.flush()
        case_file_id = case_actions.plan(
            session,
            Heading(notation="01.VT", title="Hồ sơ VNEDU", maintenance="10 năm"),
            year=clock.civil_date(at).year,
            by=clerk,
            at=at,
        )
        case_actions.file_record(
            session, case_file_id, RecordKind.INCOMING, arrival_id, by=clerk, at=at
        )
    with TestClient(houses.app(), raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Desk(
            Browser(client, clerk, at),
            cast,
            store,
            client,
            document_id,
            delivery_id,
            arrival_id,
            case_file_id,
            {content, attachment},
            at,
        )
    configured.use(None)


def addresses(desk: Desk) -> Iterator[str]:
    """Every page and answer below the incoming documents, about this one."""
    named = {
        "delivery_id": desk.delivery_id,
        "arrival_id": desk.arrival_id,
        "thing_id": desk.delivery_id,
    }
    for route in houses.app().routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(BELOW):
            continue
        if not any("GET" in handler.http_methods for handler in route.route_handlers):
            continue
        path = re.sub(r"{(\w+):uuid}", lambda found: str(named.get(found[1], uuid4())), route.path)
        yield re.sub(r"{\w+:int}", "1", path.replace("{kind:str}", "deliveries"))


def test_every_door_below_the_incoming_documents_is_closed_to_the_content(desk: Desk) -> None:
    paths = list(addresses(desk))
    assert len(paths) > 25
    open_before = {path for path in paths if desk.read_through(path)[1]}
    assert len(open_before) >= 12, "document, page, file and print copy, twice; the reader's doors"

    desk.recall()

    for path in paths:
        answer, read = desk.read_through(path)
        assert read == set(), path
        assert answer.status_code < 500, (path, answer.status_code)
        if path in open_before:
            assert answer.status_code == 409, (path, answer.status_code)
            assert "thu hồi" in answer.text, path
    assert desk.clerk.get(f"/incoming/{desk.arrival_id}").status_code == 200
    assert desk.clerk.get(f"/incoming/{desk.arrival_id}/slip").status_code == 200
    assert "960/" in desk.clerk.get("/incoming").text


def test_no_copy_is_made_of_it(desk: Desk) -> None:
    path = f"/incoming/{desk.arrival_id}/copies"
    assert desk.clerk.get(path).status_code == 200
    desk.recall()
    head = desk.cast.high_school_principal
    desk.store.read = set()

    made = desk.clerk.send(
        path,
        type="certified_copy",
        medium="electronic",
        pages="",
        signer=f"{head.person_id}:head:{head.position_title}",
        recipients="",
    )

    assert made.status_code == 409
    assert "thu hồi" in made.text
    assert desk.store.read & desk.contents == set()
    with db.system_transaction() as session:
        assert session.scalars(select(DocumentCopy)).all() == []


def test_no_copy_is_made_of_what_is_recalled_while_its_pages_are_drawn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/incoming/{desk.arrival_id}/copies"
    desk.clerk.get(path)
    head = desk.cast.high_school_principal
    get = desk.store.get

    def recalled_meanwhile(name: Sha256) -> bytes:
        monkeypatch.undo()
        desk.recall()
        return get(name)

    monkeypatch.setattr(desk.store, "get", recalled_meanwhile)
    made = desk.clerk.send(
        path,
        type="certified_copy",
        medium="electronic",
        pages="",
        signer=f"{head.person_id}:head:{head.position_title}",
        recipients="",
    )
    assert made.status_code == 409
    with db.system_transaction() as session:
        assert session.scalars(select(DocumentCopy)).all() == []


def test_the_print_with_the_stamp_is_closed_and_the_stamp_stays(desk: Desk) -> None:
    assert desk.read_through(f"/incoming/{desk.arrival_id}/print-copy")[1]
    desk.recall()
    answer, read = desk.read_through(f"/incoming/{desk.arrival_id}/print-copy")
    assert (answer.status_code, read) == (409, set())
    assert desk.clerk.get(f"/incoming/{desk.arrival_id}/stamp").status_code == 200


def test_the_slip_tells_of_it_without_its_content(desk: Desk) -> None:
    desk.recall()
    answer, read = desk.read_through(f"/incoming/{desk.arrival_id}/slip.pdf")
    assert (answer.status_code, read) == (200, set())


def test_a_case_file_lists_it_and_gives_its_content_to_nobody(desk: Desk) -> None:
    place = f"/case-files/{desk.case_file_id}"
    whole, read = desk.read_through(f"{place}?format=whole")
    assert read
    assert attachments(whole) == 1
    desk.recall()

    whole, read = desk.read_through(f"{place}?format=whole")

    assert (whole.status_code, read) == (200, set())
    assert attachments(whole) == 0
    shown = desk.clerk.get(place).text
    assert "960/" in shown
    assert "Đã thu hồi" in shown
    assert "Đã thu hồi" in desk.clerk.get(f"{place}?format=xml").text
    told = desk.clerk.get(f"/api/v1{place}").json()
    assert [each["is_recalled"] for each in told["items"]] == [True]


def test_a_case_file_is_closed_though_work_on_a_recalled_document_was_never_done(
    desk: Desk,
) -> None:
    clerk = desk.cast.high_school_clerk
    desk.recall()
    with db.transaction(clerk.acting) as session:
        case_actions.close(session, desk.case_file_id, by=clerk, at=desk.at)
        arrival = session.get_one(Arrival, desk.arrival_id)
        assert arrival.done_at is None


def attachments(answer: httpx.Response) -> int:
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        return len(pdf.attachments)
