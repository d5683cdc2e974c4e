"""The desk and the pages of days, absences, hand-over and recall in a real browser.

Readable for all, within 1280 and 360 px; several things are chosen and done by keyboard alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.desk import batches, pages
from eoffice.desk.batch_rules import BulkStep, Item, Particulars, Thing
from eoffice.documents import pages as documents_pages
from eoffice.documents.flows.handover import DocumentWork
from eoffice.filing.handover_part import CaseWork
from eoffice.people import handover, substitution_actions, working_days_actions
from eoffice.people import pages as people_pages
from eoffice.people.authentication import Authentication
from eoffice.people.working_days import DayKind
from eoffice.routing import handling
from eoffice.routing import pages as routing_pages
from eoffice.routing.handover_part import ArrivalWork
from eoffice.routing.rules import Assignee, Role
from eoffice.signing import actions as keys
from eoffice.signing.model import KeyStoreKind
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.routing import stage
from tests.routing.test_look import sign_in_once
from tests.signing import certified


def app() -> application.Application:
    """For the server: the desk over the slices whose pages it leads to."""
    handover.use(DocumentWork(), ArrivalWork(), CaseWork())
    return application.make(
        [pages.pages, routing_pages.pages, documents_pages.pages, people_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


@pytest.fixture
def story(cast: Cast, at: datetime) -> dict[str, tuple[Principal, str]]:
    """Who looks at which page."""
    began = at - timedelta(days=30)
    due_on = clock.civil_date(at) - timedelta(days=12)
    with db.system_transaction() as session:
        for number in range(961, 966):
            document = stage.issued_by_the_department(
                session,
                cast,
                [cast.high_school, cast.other_high_school],
                at=began,
                number=number,
                due_on=due_on,
            )
            stage.delivered(session, document, cast.other_high_school, at=began)
            came = stage.delivered(session, document, cast.high_school, at=began)
            if number < 964:
                _assigned(session, cast, came, began)
        _ending_keys(session, cast, at)
        working_days_actions.set_days(
            session,
            date(at.year, 4, 27),
            date(at.year, 5, 1),
            kind=DayKind.DAY_OFF,
            name="Nghỉ lễ Ngày Chiến thắng và Quốc tế Lao động",
            decision="Thông báo 6150/TB-BLĐTBXH",
            by=cast.operator,
            at=at,
        )
        substitution_actions.state_absence(
            session,
            appointment_id=cast.office_head.appointment_id,
            substitute_id=cast.director.person_id,
            first_day=clock.civil_date(at),
            last_day=clock.civil_date(at) + timedelta(days=4),
            reason="Đi công tác tại Trường Tiểu học và THCS Nguyễn Thị Minh Khai.",
            by=cast.office_head,
            at=at,
        )
    return {
        "clerk": (cast.other_high_school_clerk, "/?ticked=registration"),
        "given": (cast.high_school_principal, "/desk/given"),
        "late-mine": (cast.high_school_teacher, "/desk/late"),
        "late-unit": (cast.high_school_principal, "/desk/late?of=unit&ticked=true"),
        "late-none": (cast.deputy_director, "/desk/late"),
        "asked": (cast.specialist, "/desk/given"),
        "working-days": (cast.operator, f"/admin/working-days?year={at.year}"),
        "absences": (cast.office_head, "/account/absences"),
        "handover": (cast.director, "/handover"),
        "handover-one": (cast.director, f"/handover/{cast.office_head.appointment_id}"),
        "recall": (cast.clerk, f"/documents/{document}/recall"),
        "recall-head": (cast.director, f"/documents/{document}/recall"),
        "documents-ticked": (cast.specialist, "/documents?show=issued&ticked=true"),
        "outcomes": (cast.other_high_school_clerk, f"/desk/batches/{_batch(cast, at)}"),
    }


def _ending_keys(session: Session, cast: Cast, at: datetime) -> None:
    """The clerk's own certificate ends in a week, the school's seal has ended."""
    clerk = cast.other_high_school_clerk
    for name, ends_in, person_id, unit_id in (
        ("clerk", 7, clerk.person_id, None),
        ("seal", -2, None, clerk.agency_id),
    ):
        keys.register_key(
            session,
            person_id=person_id,
            unit_id=unit_id,
            store=KeyStoreKind.PKCS12,
            locator=f"{name}.p12",
            certificate=certified.make(name, closes=at + timedelta(days=ends_in)).der,
            by="test",
            at=at,
        )


def _assigned(session: Session, cast: Cast, delivery: object, at: datetime) -> None:
    arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)  # type: ignore[arg-type]
    handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=at)
    handling.assign(
        session,
        arrival,
        [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id)],
        instruction="Lập kế hoạch triển khai trong toàn trường.",
        due_on=None,
        by=cast.high_school_principal,
        at=at,
    )


def _batch(cast: Cast, at: datetime) -> object:
    """Of one that works, and one that belongs to somebody else."""
    who = cast.other_high_school_clerk
    with db.system_transaction() as session:
        document = stage.issued_by_the_department(
            session, cast, [cast.other_high_school, cast.high_school], at=at, number=970
        )
        items = [
            Item(Thing.DELIVERY, stage.delivered(session, document, unit, at=at))
            for unit in (cast.other_high_school, cast.high_school)
        ]
    with db.transaction(who.acting) as session:
        batch = batches.begin(session, BulkStep.REGISTRATION, items, Particulars(), by=who, at=at)
    batches.run(batch, who=who, at=at)
    return batch


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


def _tab(chromium: Browser, address: str, who: Principal, at: datetime, width: int) -> Page:
    with db.system_transaction() as session:
        token = sign_in_once(session, who, at)
    page = browser.tab(chromium, width=width, base_url=address)
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])
    return page


def test_pages_have_no_serious_fault_and_fit(
    chromium: Browser, story: dict[str, tuple[Principal, str]], at: datetime
) -> None:
    with browser.served("tests.desk.test_look:app") as address:
        for name, (who, path) in story.items():
            for width in (1280, 360):
                page = _tab(chromium, address, who, at, width)
                answered = page.goto(path)
                assert answered is not None
                assert answered.status == 200, name
                page.wait_for_load_state("networkidle")
                browser.screenshot(page, f"desk-{name}-{width}")
                browser.assert_fits(page)
                browser.assert_no_serious(page)
                page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_several_are_chosen_and_assigned_by_keyboard_alone(
    chromium: Browser,
    story: dict[str, tuple[Principal, str]],
    cast: Cast,
    at: datetime,
    width: int,
) -> None:
    with browser.served("tests.desk.test_look:app") as address:
        page = _tab(chromium, address, cast.high_school_principal, at, width)
        page.goto("/desk/given")
        first = page.get_by_role("checkbox").first
        first.focus()
        page.keyboard.press("Space")
        expect(first).to_be_checked()
        # From a box to its link, and on to the next box.
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.get_by_role("checkbox").nth(1)).to_be_checked()
        page.get_by_role("button", name="Đổi hạn xử lý").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/batches/new?**")
        expect(page.get_by_role("heading", level=1)).to_have_text("Đổi hạn xử lý: 2 mục")
        browser.assert_fits(page)
        browser.assert_no_serious(page)
        browser.screenshot(page, f"desk-asking-{width}")
        later = clock.civil_date(at) + timedelta(days=30)
        page.get_by_label("Hạn mới").fill(later.isoformat())
        page.get_by_label("Lý do").focus()
        page.keyboard.type("Chờ số liệu của các tổ chuyên môn.")
        page.get_by_role("button", name="Đổi hạn xử lý").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("2 mục đã xong")).to_be_visible()
        browser.assert_no_serious(page)
