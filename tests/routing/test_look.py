"""The pages of routing in a real browser: readable for all, within 1280 and 360 px."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.people.authentication import Authentication
from eoffice.people.model import SignedIn
from eoffice.routing import actions, handling, http, pages
from eoffice.routing.rules import Assignee, Role
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests.cast import Cast, load_cast, sign_in
from tests.conftest import Office
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.routing import stage

PDF = "routing-look.pdf"


def app() -> application.Application:
    """For the server: the pages of routing over the database and the one file of the test."""
    store = MemoryStore(clock.now)
    store.put(Path(os.environ["EOFFICE_VAR"], PDF).read_bytes(), "application/pdf")
    configured.use(store)
    return application.make(
        [http.router, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture
def at() -> datetime:
    """Now: pages ask the office clock."""
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


@pytest.fixture
def story(office: Office, cast: Cast, at: datetime) -> dict[str, tuple[Principal, str]]:
    """Who looks at which page: one dispatch at five units, each at another point of the way."""
    pdf = rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=at
    )
    (office.var / PDF).write_bytes(pdf)
    began = at - timedelta(days=6)
    content = Sha256.of(pdf)
    schools = [cast.high_school, cast.other_high_school, cast.school]
    with db.system_transaction() as session:
        document = stage.issued_by_the_department(
            session,
            cast,
            [*schools, cast.district, cast.other_district],
            at=began,
            due_on=clock.civil_date(at - timedelta(days=1)),
            content=content,
        )
        came = stage.delivered(session, document, cast.high_school, at=began)
        unopened = stage.delivered(session, document, cast.other_high_school, at=began)
        opened = stage.delivered(session, document, cast.school, at=began)
        actions.open_delivery(session, opened, by=cast.school_clerk, at=began)
        refused = stage.delivered(session, document, cast.district, at=began)
        actions.open_delivery(session, refused, by=cast.district_clerk, at=began)
        reason = "Văn bản gửi nhầm nơi nhận, đề nghị gửi lại Phòng GDĐT huyện Tam Nông."
        actions.refuse(session, refused, reason, by=cast.district_clerk, at=at)
        actions.tell_sender_of_refusal(session, refused, at=at)
        arrival = stage.registered(session, came, by=cast.high_school_clerk, at=began)
        handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=began)
        teacher = cast.high_school_teacher
        handling.assign(
            session,
            arrival,
            [
                Assignee(Role.LEAD, cast.high_school.id, teacher.person_id),
                Assignee(Role.COOPERATING, cast.high_school.id, cast.high_school_deputy.person_id),
            ],
            instruction="Lập kế hoạch triển khai trong toàn trường, trả lời Sở trước hạn.",
            due_on=None,
            by=cast.high_school_principal,
            at=began + timedelta(days=1),
        )
        answer = handling.start_answer(session, arrival, by=teacher, at=began + timedelta(days=2))
        stage.issue(
            session,
            answer,
            [cast.department.id],
            number=12,
            notation="THPTSH",
            signer=cast.high_school_principal,
            content=content,
            at=began + timedelta(days=3),
        )
        stage.delivered(session, answer, cast.department, at=at)
        second = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, number=961, content=content
        )
        waiting = stage.delivered(session, second, cast.high_school, at=at)
        waiting_arrival = stage.registered(session, waiting, by=cast.high_school_clerk, at=at)
        handling.submit_to_head(session, waiting_arrival, by=cast.high_school_clerk, at=at)
    return {
        "desk-drafter": (cast.specialist, "/desk"),
        "desk-teacher": (teacher, "/desk"),
        "desk-empty": (cast.deputy_director, "/desk"),
        "book": (cast.high_school_clerk, "/incoming"),
        "book-ticked": (cast.high_school_principal, "/incoming?ticked=book"),
        "metadata": (cast.high_school_clerk, f"/incoming/{arrival}/metadata"),
        "book-with-unregistered": (cast.other_high_school_clerk, "/incoming"),
        "delivery-unopened": (
            cast.other_high_school_clerk,
            f"/incoming/deliveries/{unopened}",
        ),
        "delivery-opened": (cast.school_clerk, f"/incoming/deliveries/{opened}"),
        "delivery-refused": (cast.district_clerk, f"/incoming/deliveries/{refused}"),
        "arrival-to-assign": (cast.high_school_principal, f"/incoming/{waiting_arrival}"),
        "arrival-in-work": (teacher, f"/incoming/{arrival}"),
        "recipients": (cast.specialist, f"/documents/{document}/recipients"),
        "recipients-none": (cast.specialist, f"/documents/{document}/recipients?show=done"),
    }


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


def test_pages_have_no_serious_fault_and_fit(
    chromium: Browser, story: dict[str, tuple[Principal, str]], at: datetime
) -> None:
    with browser.served("tests.routing.test_look:app") as address:
        for name, (who, path) in story.items():
            with db.system_transaction() as session:
                token = sign_in_once(session, who, at)
            for width in (1280, 360):
                page = browser.tab(chromium, width=width, base_url=address)
                page.context.add_cookies([{"name": "session", "value": token, "url": address}])
                answered = page.goto(path)
                assert answered is not None
                assert answered.status == 200, name
                page.wait_for_load_state("networkidle")
                browser.assert_fits(page)
                browser.assert_no_serious(page)
                browser.screenshot(page, f"routing-{name}-{width}")
                page.context.close()


def sign_in_once(session: Session, who: Principal, at: datetime) -> str:
    """A token of `who`; the same one when they have signed in before."""
    present = session.scalar(select(SignedIn.id).where(SignedIn.person_id == who.person_id))
    return sign_in(session, who, at) if present is None else f"eos_tests-{who.person_id.hex}"
