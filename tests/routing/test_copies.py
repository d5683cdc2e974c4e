"""A clerk copies what came in: the copy is an outgoing document of the school."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from litestar.testing import TestClient

from eoffice import clock, db
from eoffice.documents.copies import actions as copies
from eoffice.documents.types import DocumentType
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from tests.cast import Cast
from tests.documents import hostile
from tests.routing import stage, test_pages
from tests.routing.test_pages import Browser

at = test_pages.at
cast = test_pages.cast
client = test_pages.client


@pytest.fixture
def arrival(cast: Cast, at: datetime) -> Iterator[UUID]:
    """A dispatch of the department in the book of a high school, with two pages."""
    store = MemoryStore(clock.now)
    configured.use(store)
    content = store.put(hostile.blank(pages=2), "application/pdf")
    with db.system_transaction() as session:
        document_id = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, content=content
        )
        delivery_id = stage.delivered(session, document_id, cast.high_school, at=at)
    clerk = cast.high_school_clerk
    with db.transaction(clerk.acting) as session:
        made = stage.registered(session, delivery_id, by=clerk, at=at)
    yield made
    configured.use(None)


def test_the_clerk_of_a_school_copies_a_dispatch_that_came(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    arrival: UUID,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    path = f"/incoming/{arrival}/copies"
    assert path in clerk.get(f"/incoming/{arrival}").text
    assert "Cơ quan chưa lập bản sao nào" in clerk.get(path).text

    head = cast.high_school_principal
    made = clerk.send(
        path,
        type="extract",
        medium="electronic",
        pages="2",
        signer=f"{head.person_id}:head:{head.position_title}",
        recipients="",
    )

    assert made.status_code == 303, made.text
    copy_id = UUID(made.headers["location"].rpartition("/")[2])
    with db.transaction(cast.high_school_clerk.acting) as session:
        found = copies.copied(session, copy_id)
    assert found is not None
    assert (found.type, found.pages) == (DocumentType.EXTRACT, "2")
    assert found.source_delivery_id is not None
    assert found.source_code.startswith("960/")
    assert made.headers["location"] in clerk.get(path).text


def test_another_school_does_not_see_it(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    arrival: UUID,
    at: datetime,
) -> None:
    stranger = Browser(client, cast.other_high_school_clerk, at)
    assert stranger.get(f"/incoming/{arrival}/copies").status_code == 404
