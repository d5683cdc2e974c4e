"""Handing over through the browser's door: day, list, answer of the archive, files to keep."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import select

from eoffice import clock, outbox
from eoffice.db import system_transaction, transaction
from eoffice.filing import tasks, transfer_actions, transfer_rules
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from tests.archive.packages import small_pdf
from tests.conftest import AT
from tests.filing.test_case_pages import desk, dispatch
from tests.filing.test_transfers import YEAR, closed
from tests.people.conftest import Desk
from tests.routing import stage

__all__ = ["desk", "dispatch"]

HERE = "/case-files/transfers"
LIST = f"{HERE}?year={YEAR}"


@pytest.fixture
def case(desk: Desk, dispatch: UUID) -> UUID:
    who = desk.cast.specialist
    with transaction(who.acting) as session:
        return closed(session, who, dispatch, AT)


def handed_over(desk: Desk) -> str:
    """The address of a hand-over by the head of the office."""
    desk.enter(desk.cast.office_head)
    unit = str(desk.cast.technology_office.id)
    made = desk.post(HERE, {"unit": unit, "year": str(YEAR), "note": "Đủ."}, on=LIST)
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def test_the_clerk_sets_the_day_and_the_page_says_how_long_it_is(desk: Desk, case: UUID) -> None:
    desk.enter(desk.cast.clerk)
    unit = str(desk.cast.technology_office.id)
    day = clock.civil_date(AT) + timedelta(days=40)
    assert "Chưa định ngày nộp lưu" in desk.client.get(LIST).text

    wrong = desk.post(
        f"{HERE}/days", {"unit": unit, "year": str(YEAR), "due_on": "2017-01-01"}, on=LIST
    )
    assert wrong.status_code == 422
    assert "Ngày nộp lưu từ hôm nay" in wrong.text
    assert 'value="2017-01-01"' in wrong.text
    done = desk.post(f"{HERE}/days", {"unit": unit, "year": str(YEAR), "due_on": f"{day}"}, on=LIST)

    assert done.headers["location"] == LIST
    assert f"Ngày nộp lưu: {day:%d/%m/%Y}" in desk.client.get(LIST).text


def test_a_unit_hands_over_and_the_archive_accepts(desk: Desk, case: UUID) -> None:
    address = handed_over(desk)
    shown = desk.client.get(address).text
    assert "Rút lại danh sách" in shown
    assert "Nhận vào lưu trữ cơ quan" not in shown
    assert desk.client.get(f"{address}?format=pdf").content.startswith(b"%PDF")
    assert desk.client.get(f"{address}?format=xlsx").content.startswith(b"PK")

    desk.enter(desk.cast.clerk)
    assert "Nhận vào lưu trữ cơ quan" in desk.client.get(address).text
    assert desk.post(f"{address}/acceptance", {}, on=address).status_code == 303

    assert "Đã giao nhận" in desk.client.get(address).text
    minutes = desk.client.get(f"{address}?format=pdf&minutes=true")
    assert minutes.content.startswith(b"%PDF")
    assert "bien-ban-giao-nhan" in minutes.headers["content-disposition"]
    assert "Đã nộp lưu" in desk.client.get(f"/case-files/{case}").text
    desk.enter(desk.cast.specialist)
    assert "Đổi quyền" not in desk.client.get(f"/case-files/{case}").text


def test_a_list_comes_back_with_the_reason(desk: Desk, case: UUID) -> None:
    address = handed_over(desk)
    desk.enter(desk.cast.clerk)
    refused = desk.post(f"{address}/return", {"answer": "thiếu"}, on=address)
    assert refused.status_code == 422
    assert "thiếu</textarea>" in refused.text
    done = desk.post(f"{address}/return", {"answer": "Thiếu phụ lục của hồ sơ."}, on=address)
    assert done.status_code == 303

    desk.enter(desk.cast.director)
    assert "Thiếu phụ lục của hồ sơ." in desk.client.get(address).text
    assert "1 hồ sơ phải nộp" in desk.client.get(LIST).text


def test_whose_list_it_is_not_finds_nothing(desk: Desk, case: UUID) -> None:
    address = handed_over(desk)
    desk.enter(desk.cast.secondary_office_head)
    assert desk.client.get(address).status_code == 404


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore(clock.now)
    configured.use(made)
    yield made
    configured.use(None)


def test_what_was_accepted_goes_into_the_archive_as_one(desk: Desk, store: MemoryStore) -> None:
    """With each original inside, byte for byte, kept as long as its retention says."""
    cast = desk.cast
    original = small_pdf()
    content = store.put(original, "application/pdf")
    with system_transaction() as session:
        filed = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=AT, content=content
        )
    with transaction(cast.specialist.acting) as session:
        case = closed(session, cast.specialist, filed, AT)
    with transaction(cast.office_head.acting) as session:
        made = transfer_actions.offer(
            session, cast.technology_office.id, YEAR, "", by=cast.office_head, at=AT
        )
    with transaction(cast.clerk.acting) as session:
        transfer_actions.accept(session, made, by=cast.clerk, at=AT)

    with system_transaction() as session:
        handed = outbox.hand_over(session, at=AT)
        (promised,) = (each for each, task in handed if task == "filing.archive_case")
        claim = outbox.claim(session, promised, at=AT)
    assert claim is not None
    tasks.archive_case(claim, AT)

    with system_transaction() as session:
        (order,) = session.scalars(
            select(Promise.payload).where(
                Promise.task == "archive.ingest",
                Promise.payload["kind"].astext == "case_file",
            )
        )
    assert order["source_id"] == str(case)
    assert order["number_notation"].endswith("2018.01.CNTT")
    assert order["retain_until"] == "2028-12-31"
    with pikepdf.open(io.BytesIO(store.get(Sha256.parse(order["content_sha256"])))) as whole:
        (name,) = whole.attachments
        assert whole.attachments[name].get_file().read_bytes() == original


@pytest.mark.parametrize(
    ("maintenance", "until"),
    [("10 năm", date(2028, 12, 31)), ("5 năm", date(2023, 12, 31)), ("Vĩnh viễn", None)],
)
def test_years_are_counted_from_the_year_after_closing(
    maintenance: str, until: date | None
) -> None:
    assert transfer_rules.retained_until(maintenance, date(2018, 8, 13)) == until
