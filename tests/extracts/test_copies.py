"""A copy is made of a closed book, numbered, signed, sealed; only the school's own, and in order.

The book's pages are real; signatures have tests of their own, so here a signature is a digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import pytest
from litestar import Router
from playwright.sync_api import Browser
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes.model import Pupil
from eoffice.errors import Invalid, NotAllowed
from eoffice.extracts import actions, making, pages, queries
from eoffice.extracts.actions import CopyUnknown
from eoffice.extracts.making import NotCopied, Wanted
from eoffice.extracts.queries import CopyView
from eoffice.extracts.states import CopyKind, CopyState, CopyStepRefused, SourceKind
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.registers import gradebooks
from eoffice.registers.model import Gradebook
from eoffice.web.principal import Principal
from tests import browser
from tests.conftest import Office, owner_transaction
from tests.registers import conftest as registers
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk
from tests.registers.test_tasks import run

R = TypeVar("R")
store = registers.store


@dataclass(frozen=True, slots=True)
class Closed:
    desk: Desk
    book_id: UUID
    pupil_id: UUID

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            CopyKind.EXTRACT, SourceKind.GRADEBOOK, self.book_id, self.pupil_id,
            "Bà Lê Thị Tư", "Xin học bổng", self.desk.cast.school_principal.person_id,
        )  # fmt: skip


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def closed(office: Office, store: MemoryStore, at: datetime) -> Iterator[Closed]:
    with of_a_closed_book(at, pages.pages) as found:
        yield found


@contextmanager
def of_a_closed_book(at: datetime, *routers: Router) -> Iterator[Closed]:
    with desks.opened(at, *routers) as desk:
        with db.system_transaction() as session:
            class_id = stage.open_class(session, desk.cast, at)
            stage.finish_year(session, class_id, desk.cast, at)
            book_id = gradebooks.request(session, class_id, by=desk.cast.homeroom_teacher, at=at)
        run(book_id)
        with owner_transaction() as session:
            session.execute(update(Gradebook).where(Gradebook.id == book_id).values(state="closed"))
            pupil_id = session.scalars(select(Pupil.id).where(Pupil.code == "HS002")).one()
        yield Closed(desk, book_id, pupil_id)


def within(who: Principal) -> Callable[[Callable[[Session], R]], R]:
    def go(last: Callable[[Session], R]) -> R:
        with db.transaction(who.acting) as session:
            return last(session)

    return go


def made(closed: Closed, wanted: Wanted) -> UUID:
    clerk = closed.desk.cast.school_clerk
    copy_id: UUID = making.make(wanted, by=clerk, within=within(clerk))
    return copy_id


def view(closed: Closed, copy_id: UUID) -> CopyView:
    who = closed.desk.cast.school_clerk
    with db.transaction(who.acting) as session:
        return queries.copy(session, copy_id, who)


def sign(closed: Closed, copy_id: UUID, by: Principal) -> CopyState:
    source = Sha256.parse(view(closed, copy_id).content_sha256)
    with db.transaction(by.acting) as session:
        return actions.record_signature(
            session, copy_id, source=source, result=source, by=by, at=clock.now()
        )


def test_copies_are_numbered_signed_by_the_head_and_sealed_by_the_clerk(closed: Closed) -> None:
    cast = closed.desk.cast
    first = made(closed, closed.wanted)
    second = made(closed, replace(closed.wanted, kind=CopyKind.WHOLE, pupil_id=None))

    assert view(closed, first).code == "01/TrS-THCSNTMK"
    assert view(closed, second).code == "02/SY-THCSNTMK"
    assert view(closed, first).pupil_name == "Đặng Văn An"
    with pytest.raises(NotAllowed):
        sign(closed, first, cast.school_clerk)
    assert sign(closed, first, cast.school_principal) is CopyState.AWAITING_SEAL
    assert sign(closed, first, cast.school_clerk) is CopyState.ISSUED
    with (
        db.transaction(cast.school_clerk.acting) as session,
        pytest.raises(CopyStepRefused),
    ):
        actions.cancel(session, first, "Ghi nhầm", by=cast.school_clerk, at=clock.now())
    with db.transaction(cast.school_clerk.acting) as session:
        actions.cancel(session, second, "Ghi nhầm", by=cast.school_clerk, at=clock.now())
        listed = queries.listed(session, cast.school_clerk, closed.book_id)
    assert [one.state for one in listed] == [CopyState.CANCELLED, CopyState.ISSUED]


def test_only_closed_books_of_the_school_are_copied_and_by_its_office(closed: Closed) -> None:
    cast = closed.desk.cast
    with pytest.raises(NotAllowed):
        making.make(closed.wanted, by=cast.homeroom_teacher, within=within(cast.homeroom_teacher))
    with pytest.raises(Invalid):
        made(closed, replace(closed.wanted, purpose=" "))
    copy_id = made(closed, closed.wanted)
    with (
        db.transaction(cast.high_school_clerk.acting) as session,
        pytest.raises(CopyUnknown),
    ):
        queries.copy(session, copy_id, cast.high_school_clerk)
    with owner_transaction() as session:
        session.execute(
            update(Gradebook).where(Gradebook.id == closed.book_id).values(state="awaiting_seal")
        )
    with pytest.raises(NotCopied):
        made(closed, closed.wanted)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def test_the_pages_of_copies_can_be_used_by_everybody(closed: Closed, chromium: Browser) -> None:
    copy_id = made(closed, closed.wanted)
    new = f"/registers/copies/new?source_kind=gradebook&source_id={closed.book_id}"
    sent = closed.desk.send(
        "school_clerk",
        "/registers/copies",
        {
            "kind": "whole", "source_kind": "gradebook", "source_id": str(closed.book_id),
            "requester": "Ông Trần Văn Ba", "purpose": "Chuyển trường",
            "signer_id": str(closed.desk.cast.school_principal.person_id),
        },
        seen_on=new,
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    for width in (1280, 360):
        for address, name in (
            ("/registers/copies", "list"),
            (new, "new"),
            (f"/registers/copies/{copy_id}", "show"),
        ):
            page = at_desk(closed.desk, chromium, "school_clerk", width=width)
            page.goto(address)
            page.wait_for_load_state("networkidle")
            browser.screenshot(page, f"extract-{name}-{width}", whole=True)
            browser.assert_no_serious(page)
            browser.assert_fits(page)
            page.context.close()
