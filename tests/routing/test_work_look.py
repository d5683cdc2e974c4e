"""Deadlines, points, passing on, the map of who is late and the slip, in a real browser.

Readable for all at 1280 and 360 px; the map is complete for five hundred recipients.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid5

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Browser, Route, expect
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions as documents
from eoffice.documents.form import rendering
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import SchoolLevel, UnitKind
from eoffice.people.model import Unit
from eoffice.routing import (
    forwarding_actions,
    handling,
    points_actions,
    progress_queries,
    reminders,
)
from eoffice.routing.points_rules import StatedPoint
from eoffice.routing.rules import Assignee, Role
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests.cast import FOUNDED, Cast, load_cast, sign_in
from tests.conftest import Office
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.routing import stage
from tests.routing.test_look import PDF, app

MANY = 500
ADDRESS = "http://testserver.local"


@pytest.fixture
def at() -> datetime:
    """Now: pages ask the office clock."""
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


def schools(session: Session, cast: Cast) -> list[Unit]:
    """Five hundred schools below two district offices."""
    made = [
        Unit(
            id=uuid5(cast.department.id, f"school {number}"),
            code=f"TH-{number}",
            name=f"Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai {number}",
            notation="TH",
            kind=UnitKind.SCHOOL,
            level=SchoolLevel.PRIMARY,
            parent_id=(cast.district if number % 2 else cast.other_district).id,
            agency_id=uuid5(cast.department.id, f"school {number}"),
            place="Đồng Tháp",
            valid_from=FOUNDED,
        )
        for number in range(MANY)
    ]
    session.add_all(made)
    session.flush()
    return made


@pytest.fixture
def story(office: Office, cast: Cast, at: datetime) -> dict[str, tuple[Principal, str]]:
    """A document with three points at two schools and five hundred more; one passed on."""
    pdf = rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=at
    )
    (office.var / PDF).write_bytes(pdf)
    content = Sha256.of(pdf)
    began = at - timedelta(days=10)
    today = clock.civil_date(at)
    with db.system_transaction() as session:
        document = documents.begin(
            session,
            DocumentType.DISPATCH,
            DispatchText(subject="tổ chức khai giảng và báo cáo số liệu đầu năm học"),
            due_on=today - timedelta(days=4),
            by=cast.specialist,
            at=began,
        )
        points_actions.state_points(
            session,
            document,
            [
                StatedPoint("Tổ chức lễ khai giảng thống nhất trong toàn tỉnh."),
                StatedPoint(
                    "Báo cáo số học sinh, số lớp và số giáo viên theo mẫu đính kèm.",
                    today + timedelta(days=7),
                ),
            ],
            by=cast.specialist,
            at=began,
        )
        many = schools(session, cast)
        stage.issue(
            session,
            document,
            [cast.high_school.id, cast.district.id, *(each.id for each in many)],
            number=962,
            notation="SGDĐT-CNTTTBTV",
            signer=cast.director,
            content=content,
            at=began,
        )
        came = stage.delivered(session, document, cast.high_school, at=began)
        at_district = stage.delivered(session, document, cast.district, at=began)
        for unit in many[:40]:
            stage.delivered(session, document, unit, at=began)
        arrival = stage.registered(session, came, by=cast.high_school_clerk, at=began)
        handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=began)
        handling.assign(
            session,
            arrival,
            [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id)],
            instruction="Tổ chức đúng hướng dẫn; báo cáo Sở trước hạn hai ngày.",
            due_on=None,
            by=cast.high_school_principal,
            at=began,
        )
        first, _ = progress_queries.of_delivery(session, came, today=today)
        points_actions.report(
            session,
            first.id,
            "Đã tổ chức lúc 7 giờ 30 phút.",
            by=cast.high_school_clerk,
            at=began + timedelta(days=1),
        )
        reminders.add_rule(session, -2, by=cast.specialist, at=began)
        reminders.add_rule(session, 1, by=cast.specialist, at=began)
        reminders.remind_one(
            session,
            came,
            None,
            due_on=today - timedelta(days=4),
            working_days=1,
            at=at,
        )
        passed = stage.registered(session, at_district, by=cast.district_clerk, at=began)
        handling.submit_to_head(session, passed, by=cast.district_clerk, at=began)
        forwarding = forwarding_actions.forward(
            session,
            passed,
            [cast.school.id],
            instruction="Phòng chuyển các trường thực hiện, tổng hợp gửi Phòng.",
            due_on=None,
            by=cast.district_head,
            at=began,
        )
        session.flush()
        below = forwarding_actions.deliver_forwarded(session, forwarding, cast.school.id, at=began)
        draft = documents.begin(
            session,
            DocumentType.DISPATCH,
            DispatchText(subject="dự thảo có việc giao"),
            by=cast.specialist,
            at=began,
        )
    return {
        "work-arrival-points": (cast.high_school_principal, f"/incoming/{arrival}"),
        "work-arrival-clerk": (cast.high_school_clerk, f"/incoming/{arrival}"),
        "work-slip": (cast.high_school_clerk, f"/incoming/{arrival}/slip"),
        "work-forwardings": (cast.district_head, f"/incoming/{passed}/forwardings"),
        "work-forwarded": (cast.school_clerk, f"/incoming/deliveries/{below}"),
        "work-desk-reminded": (cast.high_school_clerk, "/desk"),
        "work-points-draft": (cast.specialist, f"/documents/{draft}/points"),
        "work-points": (cast.specialist, f"/documents/{document}/points"),
        "work-map": (cast.specialist, f"/documents/{document}/map"),
        "work-report": (cast.director, "/documents/progress"),
        "work-reminders": (cast.specialist, "/documents/reminders"),
    }


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


@pytest.fixture
def client(story: object) -> Iterator[TestClient[application.Application]]:
    """The application in this process: the browser's requests are answered by it."""
    with TestClient(app(), base_url=ADDRESS) as made:
        yield made


def test_pages_of_work_have_no_serious_fault_and_fit(
    chromium: Browser,
    story: dict[str, tuple[Principal, str]],
    client: TestClient[application.Application],
    at: datetime,
) -> None:
    tokens: dict[UUID, str] = {}
    for name, (who, path) in story.items():
        if who.person_id not in tokens:
            with db.system_transaction() as session:
                tokens[who.person_id] = sign_in(session, who, at)
        for width in (1280, 360):
            page = browser.tab(chromium, width=width, base_url=ADDRESS)
            page.route("**/*", partial(answer, client, tokens[who.person_id]))
            page.goto(path)
            if name == "work-map":
                # All recipients are there, each with a word.
                expect(page.locator(".map > li")).to_have_count(MANY + 2)
                expect(page.locator(".map > li .state")).to_have_count(MANY + 2)
            browser.assert_fits(page)
            browser.assert_no_serious(page)
            browser.screenshot(page, f"{name}-{width}", whole=name != "work-map")
            page.context.close()


def answer(client: TestClient[application.Application], token: str, route: Route) -> None:
    """Answer one request of the browser out of the application of this process."""
    target = route.request.url.removeprefix(ADDRESS)
    found = client.get(target, headers={"cookie": f"session={token}"})
    route.fulfill(status=found.status_code, headers=dict(found.headers.items()), body=found.content)
