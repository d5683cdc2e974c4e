"""Documents, case files and accesses of a period are counted for those who see all of them.

Decree 30/2020, Annex VI, part II, 7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit import phrases
from eoffice.audit.actions import record
from eoffice.db import new_id, system_transaction
from eoffice.people.authentication import Authentication
from eoffice.search import period_pages, period_queries
from eoffice.settings import settings
from eoffice.web import application
from tests.cast import Cast, load_cast
from tests.conftest import AT, Office, web_role
from tests.people.conftest import Desk
from tests.routing import stage

DAY = date(2018, 8, 13)


@pytest.fixture
def cast(session: Session) -> Cast:
    return load_cast(session, AT)


def test_documents_and_every_way_of_looking_are_counted(session: Session, cast: Cast) -> None:
    for number in (1, 2):
        stage.issued_by_the_department(session, cast, [cast.high_school], at=AT, number=number)
    with web_role(session, cast.clerk):
        before = period_queries.counted(session, DAY, DAY, who=cast.clerk).looks
        for action in phrases.LOOKS:
            kind = action.partition(".")[0]
            record(session, action, object_kind=kind, object_id=new_id(), by=cast.clerk, at=AT)
        found = period_queries.counted(session, DAY, DAY, who=cast.clerk)
        nothing = period_queries.counted(session, date(2018, 8, 14), DAY, who=cast.clerk)
    assert found.outgoing == (("Công văn", 2),)
    assert found.incoming == found.case_files == ()
    looked = sum(count for _, count in found.looks) - sum(count for _, count in before)
    assert looked == len(phrases.LOOKS)
    assert nothing == period_queries.Counted((), (), (), ())


def test_nothing_of_another_agency_is_counted(session: Session, cast: Cast) -> None:
    dispatch = stage.issued_by_the_department(session, cast, [cast.high_school], at=AT)
    stage.delivered(session, dispatch, cast.high_school, at=AT)
    clerk = cast.high_school_clerk
    with web_role(session, clerk):
        found = period_queries.counted(session, DAY, DAY, who=clerk)
    assert found.outgoing == ()
    assert found.incoming == (("Công văn", 1),)


def test_who_does_not_see_all_documents_sees_no_counts(session: Session, cast: Cast) -> None:
    with web_role(session, cast.specialist), pytest.raises(period_queries.CountsNotYours):
        period_queries.counted(session, DAY, DAY, who=cast.specialist)


@pytest.fixture
def desk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock_file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(clock_file))
    clock.set_office_clock(clock_file, AT)
    with system_transaction() as session:
        cast = load_cast(session, AT)
        stage.issued_by_the_department(session, cast, [cast.high_school], at=AT)
    app = application.make(
        [period_pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as client:
        yield Desk(client, cast, clock_file)


def test_the_page_counts_from_the_first_of_january_unless_told(desk: Desk) -> None:
    desk.enter(desk.cast.director)
    shown = desk.client.get("/search/counts").text
    assert "từ 01/01/2018 đến 13/08/2018" in shown
    assert re.search(r"Công văn</th><td[^>]*>1</td>", shown)
    earlier = desk.client.get("/search/counts?from_day=01/01/2017&to_day=2017-12-31").text
    assert "Văn bản đi: 0" in earlier
    turned = desk.client.get("/search/counts?from_day=2018-08-13&to_day=2018-01-01").text
    assert "Văn bản đi: 1" in turned
