"""Who is away is judged by the office's clock, in lists too: the server's date says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from litestar.testing import TestClient

from eoffice import app, clock, db
from eoffice.desk import pages as desk_pages
from eoffice.documents import http as documents_http
from eoffice.documents import pages as documents_pages
from eoffice.people import substitution_actions
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from tests.cast import Cast, load_cast
from tests.conftest import AT, Office
from tests.documents.test_flows import Story
from tests.routing.test_pages import Browser

#: In Vietnam: the evening before, the first and the last day, the morning after.
DAYS = {
    datetime(2018, 8, 19, 16, 59, tzinfo=UTC): 0,
    datetime(2018, 8, 19, 17, 0, tzinfo=UTC): 1,
    datetime(2018, 8, 24, 16, 59, tzinfo=UTC): 1,
    datetime(2018, 8, 24, 17, 0, tzinfo=UTC): 0,
}


@pytest.fixture
def clock_file(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(file))
    clock.set_office_clock(file, AT)
    return file


@pytest.fixture
def cast(clock_file: Path) -> Cast:
    """A document waits for the opinion of an office whose head is away for five days."""
    with db.system_transaction() as session:
        people = load_cast(session, AT)
        Story(session, people, AT)
        substitution_actions.state_absence(
            session,
            appointment_id=people.secondary_office_head.appointment_id,
            substitute_id=people.deputy_director.person_id,
            first_day=date(2018, 8, 20),
            last_day=date(2018, 8, 24),
            reason="Nghỉ phép",
            by=people.secondary_office_head,
            at=AT,
        )
    return people


@pytest.fixture
def client(cast: Cast) -> Iterator[TestClient[application.Application]]:
    made = application.make(
        [desk_pages.pages, documents_http.router, documents_pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(made) as found:
        found.follow_redirects = False
        yield found


@pytest.mark.parametrize(("at", "waiting"), DAYS.items())
def test_the_substitute_sees_the_work_on_the_days_of_the_absence_alone(
    client: TestClient[application.Application],
    cast: Cast,
    clock_file: Path,
    at: datetime,
    waiting: int,
) -> None:
    clock.set_office_clock(clock_file, at)
    substitute = cast.deputy_director

    around = app.around(substitute)
    browser = Browser(client, substitute, at)
    page = browser.get("/")
    mine = browser.get("/documents?show=mine")
    told = browser.get("/api/v1/documents/awaiting")

    assert around.awaiting["documents"] == around.awaiting["desk"] == waiting
    assert page.status_code == 200
    assert page.text.count('href="/documents/0') == waiting
    assert mine.text.count('href="/documents/0') == waiting
    assert len(told.json()) == waiting
