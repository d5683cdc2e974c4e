"""What another part of the office told a person stands on their desk until they put it away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from eoffice import clock, db
from eoffice.alerts import pages as alerts_pages
from eoffice.alerts import told
from eoffice.desk import pages
from eoffice.people.authentication import Authentication
from eoffice.web import application
from eoffice.web.application import Application
from tests.cast import load_cast
from tests.conftest import Office
from tests.desk.test_pages import Desk


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    at = clock.now().replace(microsecond=0)
    with db.system_transaction() as session:
        cast = load_cast(session, at)
    app: Application = application.make(
        [pages.pages, alerts_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app) as client:
        client.follow_redirects = False
        yield Desk(cast, client, at)


def test_a_notice_stands_on_the_desk_until_it_is_put_away(desk: Desk) -> None:
    specialist = desk.cast.specialist
    with db.system_transaction() as session:
        told.note(
            session,
            {
                "person_id": str(specialist.person_id),
                "kind": "transfer",
                "object_id": str(specialist.unit_id),
                "cause": "transfer:2018",
                "text": "Nộp lưu 3 hồ sơ năm 2018, hạn 22/09/2019",
                "path": "/case-files/transfers?year=2018",
                "due_on": "2019-09-22",
            },
            at=desk.at,
        )
    mine = desk.browser(specialist)
    other = desk.browser(desk.cast.office_head)

    assert "Nộp lưu 3 hồ sơ năm 2018" in mine.get("/").text
    assert "Nộp lưu 3 hồ sơ năm 2018" not in other.get("/").text
    with db.transaction(specialist.acting) as session:
        (notice,) = told.unread(session, specialist.person_id)
    done = mine.send(f"/account/alerts/notices/{notice.id}/reading")

    assert done.headers["location"] == "/"
    assert "Nộp lưu 3 hồ sơ năm 2018" not in mine.get("/").text
