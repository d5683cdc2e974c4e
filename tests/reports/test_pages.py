"""Pages and interface of report books: asked for by class, made by the worker, signed, closed,
withdrawn; each person finds what waits, and nobody reads what is not theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from eoffice import clock, db, outbox
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.registers import extraction
from eoffice.registers.model import Gradebook
from eoffice.reports import http, pages, tasks
from eoffice.reports.model import ReportPart
from eoffice.reports.states import PartState
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk
from tests.reports import report_stage as reports
from tests.signing import papers

HERE = "/registers/reports"
YEAR = "2024-2025"


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, http.router, http.withdrawals, pages.pages) as made:
        yield made


@pytest.fixture
def class_id(desk: Desk, at: datetime) -> UUID:
    """Its book is closed."""
    with db.system_transaction() as session:
        found = stage.open_class(session, desk.cast, at)
        book = stage.rendered_book(session, found, desk.cast, at)
        stage.sign_all(session, book, desk.cast, at)
    return found


def work() -> int:
    """What the worker does until nothing is promised any more; how many promises it kept."""
    kept = 0
    while True:
        with db.system_transaction() as session:
            found = session.scalars(
                select(Promise)
                .where(Promise.task == "reports.make", Promise.state != PromiseState.KEPT)
                .order_by(Promise.id)
                .limit(1)
            ).one_or_none()
            if found is None:
                return kept
            claim = outbox.Claim(found.id, found.payload, 1)
        tasks.make(claim, clock.now())
        kept += 1


def parts(class_id: UUID) -> list[ReportPart]:
    with db.system_transaction() as session:
        found = reports.parts(session, class_id)
        session.expunge_all()
    return found


def laid(desk: Desk, class_id: UUID) -> list[ReportPart]:
    path = f"{HERE}/classes/{class_id}"
    answer = desk.send("homeroom_teacher", f"{path}/parts", {}, seen_on=path)
    assert answer.status_code == 303, answer.text
    work()
    return parts(class_id)


def sealed(desk: Desk, class_id: UUID, at: datetime) -> list[ReportPart]:
    with db.system_transaction() as session:
        for part in reports.parts(session, class_id):
            reports.sealed(session, part, desk.cast, at)
    return parts(class_id)


def test_parts_of_a_class_are_asked_for_made_and_read(
    desk: Desk, store: MemoryStore, class_id: UUID
) -> None:
    path = f"{HERE}/classes/{class_id}"
    assert "Lập 3 học bạ" in desk.page("homeroom_teacher", path).text
    assert "Lập 3 học bạ" not in desk.page("school_clerk", path).text
    answer = desk.send("homeroom_teacher", f"{path}/parts", {}, seen_on=path)
    assert answer.status_code == 303, answer.text
    progress = desk.page("homeroom_teacher", f"{path}/progress").json()
    assert (progress["done"], progress["total"], progress["finished"]) == (0, 3, False)

    assert work() == 1
    found = parts(class_id)
    assert [part.state for part in found] == [PartState.AWAITING_HOMEROOM] * 3
    assert desk.page("homeroom_teacher", f"{path}/progress").json()["finished"]
    first = desk.page("homeroom_teacher", f"{HERE}/parts/{found[0].id}")
    assert "Học bạ của Đặng Văn An" in first.text
    assert "Ký phần của tôi" in first.text
    assert found[0].class_book_sha256 in first.text
    with db.system_transaction() as session:
        book = session.scalars(select(Gradebook)).one()
        assert found[0].class_book_sha256 == book.content_sha256
    pdf = desk.page("homeroom_teacher", f"{HERE}/parts/{found[0].id}/content").content
    assert extraction.differences(pdf) == ()
    image = desk.page("homeroom_teacher", f"{HERE}/parts/{found[0].id}/pages/1?width=400")
    assert image.content.startswith(b"\x89PNG")


def test_a_portion_that_runs_again_leaves_what_is_made_as_it_is(desk: Desk, class_id: UUID) -> None:
    """A worker that died between two parts: the next run makes the rest and nothing twice."""
    path = f"{HERE}/classes/{class_id}"
    desk.send("homeroom_teacher", f"{path}/parts", {}, seen_on=path)
    with db.system_transaction() as session:
        promise = session.scalars(select(Promise).where(Promise.task == "reports.make")).one()
        ids = list(promise.payload["part_ids"])
        half = outbox.Claim(promise.id, {**promise.payload, "part_ids": ids[:1]}, 1)
    prepared = half.payload["part_ids"]
    tasks.make(half, clock.now())
    before = {part.id: part.content_sha256 for part in parts(class_id)}
    assert [str(key) for key, value in before.items() if value] == prepared

    tasks.make(outbox.Claim(promise.id, {**promise.payload}, 2), clock.now())
    after = {part.id: part.content_sha256 for part in parts(class_id)}
    assert after[UUID(prepared[0])] == before[UUID(prepared[0])]
    assert all(after.values())


def test_the_head_closes_a_class_and_a_withdrawal_goes_up_and_comes_back(
    desk: Desk, class_id: UUID, at: datetime
) -> None:
    laid(desk, class_id)
    first, *_ = sealed(desk, class_id, at)
    path, part = f"{HERE}/classes/{class_id}", f"{HERE}/parts/{first.id}"
    assert "Chốt 3 học bạ của lớp" in desk.page("school_clerk", path).text
    closed = desk.send(
        "school_clerk",
        f"{HERE}/closing",
        {"school_year": YEAR, "class_id": str(class_id)},
        seen_on=path,
    )
    assert closed.headers["location"] == path
    assert {each.state for each in parts(class_id)} == {PartState.CLOSED}

    short = desk.send("school_principal", f"{part}/withdrawals", {"reason": "x"}, seen_on=part)
    assert short.status_code == 422
    assert "x</textarea>" in short.text
    asked = desk.send(
        "school_principal", f"{part}/withdrawals", {"reason": reports.REASON}, seen_on=part
    )
    assert asked.status_code == 303, asked.text
    waiting = desk.page("district_head", f"{HERE}/withdrawals")
    assert reports.REASON in waiting.text
    assert "Giải quyết đề nghị" in waiting.text
    assert "Giải quyết đề nghị" not in desk.page("specialist", f"{HERE}/withdrawals").text
    (row,) = desk.get("district_head", "/report-withdrawals").json()
    refused = desk.post(
        "other_district_head",
        f"/report-withdrawals/{row['id']}/decision",
        {"is_granted": True, "reason": "Đồng ý cho thu hồi."},
    )
    assert refused.status_code == 404
    granted = desk.send(
        "district_head",
        f"{HERE}/withdrawals/{row['id']}/decision",
        {"decision": "grant", "reason": "Đồng ý cho thu hồi."},
        seen_on=f"{HERE}/withdrawals",
    )
    assert granted.status_code == 303, granted.text
    reopened = desk.post("homeroom_teacher", f"/report-parts/{first.id}/reopening")
    assert reopened.status_code == 201, reopened.text
    assert reopened.json()["version"] == 2
    work()
    old = desk.page("school_clerk", part).text
    assert "Đã có bản thay thế" in old
    assert f"{HERE}/parts/{reopened.json()['id']}" in old


def test_lists_and_the_book_of_a_pupil_are_for_their_readers(desk: Desk, class_id: UUID) -> None:
    found = laid(desk, class_id)
    assert "Ký 3 học bạ của 1 lớp" in desk.page("homeroom_teacher", HERE).text
    above = desk.page("specialist", f"{HERE}?year={YEAR}").text
    assert "Tình hình chốt học bạ theo trường" in above
    assert (
        "Học bạ theo lớp"
        in desk.page("specialist", f"{HERE}?year={YEAR}&school={desk.cast.school.id}").text
    )
    assert "Bản 1" in desk.page("homeroom_teacher", f"{HERE}/pupils/{found[0].pupil_id}").text
    for path in (f"{HERE}/parts/{found[0].id}", f"{HERE}/classes/{class_id}"):
        assert desk.page("high_school_principal", path).status_code == 404
    assert desk.page("inspector", f"{HERE}/classes/{class_id}").status_code == 403
    (mine, *_) = desk.get("homeroom_teacher", "/report-parts").json()
    assert mine["pupil_name"] == "Đặng Văn An"
    assert (
        desk.get("homeroom_teacher", "/report-parts", class_id=str(class_id)).json()[0]["state"]
        == "awaiting_homeroom"
    )
    days = desk.get("homeroom_teacher", "/report-parts/deadlines", school_year=YEAR).json()
    assert [each["on"] for each in days] == ["2025-06-30", "2025-07-10", "2025-08-15", "2025-08-25"]
    (row,) = desk.get("specialist", "/report-parts/coverage", school_year=YEAR).json()
    assert (row["parts"], row["closed"]) == (3, 0)


def test_nobody_else_is_told_that_a_report_book_is_there(desk: Desk, class_id: UUID) -> None:
    part = laid(desk, class_id)[0]
    desks.enter("another_teacher", replace(desk.cast.homeroom_teacher, person_id=uuid4()))
    doors = [
        f"{HERE}/parts/{part.id}",
        f"{HERE}/parts/{part.id}/content",
        f"{HERE}/parts/{part.id}/pages/1",
        f"{HERE}/pupils/{part.pupil_id}",
        f"/api/v1/report-parts/{part.id}",
        f"/api/v1/report-parts/{part.id}/content",
        f"/api/v1/report-parts?pupil_id={part.pupil_id}",
    ]
    for door in doors:
        # A teacher of another class, another school, an office beside, an inspector without a
        # decision; and an address that names nothing says the same.
        for login in ("another_teacher", "high_school_principal", "other_district_head"):
            assert desk.page(login, door).status_code == 404, (login, door)
        assert desk.page("inspector", door).status_code == 404, door
        # Parents have no account: whoever is not signed in is sent to the sign-in.
        assert desk.page("", door).status_code in (303, 401), door
        assert desk.page("homeroom_teacher", door).status_code == 200, door
    refused = desk.post("another_teacher", f"/report-parts/{part.id}/return", {"reason": "Sai rồi"})
    assert refused.status_code in (403, 404)
    assert parts(class_id)[0].state is PartState.AWAITING_HOMEROOM


def test_the_evidence_of_a_withdrawal_comes_with_the_request_of_a_program(
    desk: Desk, class_id: UUID, at: datetime
) -> None:
    laid(desk, class_id)
    part = sealed(desk, class_id, at)[0]
    paper = papers.plain()
    desk.post("school_clerk", "/report-parts/closings", {"school_year": YEAR})
    answer = desk.client.post(
        f"/api/v1/report-parts/{part.id}/withdrawals",
        headers={"x-login": "school_principal", "idempotency-key": "withdrawal"},
        data={"reason": reports.REASON},
        files={"file": ("giay-khai-sinh.pdf", paper)},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "withdrawal_requested"
    (row,) = desk.get("district_head", "/report-withdrawals").json()
    assert row["evidence_sha256"] == str(Sha256.of(paper))


def test_an_officer_of_the_department_sets_the_days(desk: Desk) -> None:
    rules = f"{HERE}/rules"
    assert "Ghi hạn" not in desk.page("school_principal", rules).text
    entered = {
        "kind": "school", "from_year": YEAR, "day": "20", "month": "6", "warn_days": "10",
        "source": "QĐ 12/QĐ-SGDĐT", "reason": "Kế hoạch năm học.",
    }  # fmt: skip
    wrong = desk.send("specialist", f"{rules}/deadlines", {**entered, "day": "31"}, seen_on=rules)
    assert wrong.status_code == 422
    assert "Không có ngày này" in wrong.text
    assert "QĐ 12/QĐ-SGDĐT" in wrong.text
    done = desk.send("specialist", f"{rules}/deadlines", entered, seen_on=rules)
    assert done.status_code == 303, done.text
    assert "20/06" in desk.page("school_principal", rules).text
    signing = desk.send(
        "specialist",
        f"{rules}/signing",
        {
            "from_year": YEAR, "subjects_sign": "report_book", "source": "QĐ 12/QĐ-SGDĐT",
            "reason": "Kế hoạch năm học.",
        },
        seen_on=rules,
    )  # fmt: skip
    assert signing.status_code == 303, signing.text
