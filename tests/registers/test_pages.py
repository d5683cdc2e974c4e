"""Pages of registers: what awaits me comes first, faults stand by cell, and signing says before
what it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest

from eoffice import clock
from eoffice.objects.memory import MemoryStore
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_http import sheet
from tests.registers.test_tasks import run


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at) as made:
        yield made


def with_class(desk: Desk, at: datetime, *, finished: bool = False) -> str:
    return "/registers" + desks.with_class(desk, at, finished=finished)


def test_a_teacher_without_classes_is_told_what_will_be_here(desk: Desk) -> None:
    answer = desk.page("high_school_teacher", "/registers")

    assert answer.status_code == 200
    assert "Chưa có lớp nào ở đây" in answer.text


def test_the_class_page_shows_subjects_pupils_and_the_upload(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    own = desk.page("homeroom_teacher", path).text
    others = desk.page("school_principal", path).text

    assert "Toán học" in own
    assert "Đặng Văn An" in own
    assert "Tải lên và kiểm tra" in own
    assert "Tải lên và kiểm tra" not in others
    assert "Nhận xét của hiệu trưởng" in others


def test_marks_are_brought_in_looked_at_and_accepted(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    def bring(first: Decimal | str) -> str:
        answer = desk.send(
            "homeroom_teacher", f"{path}/imports", {}, seen_on=path, file=sheet(path, first)
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    faulty = desk.page("homeroom_teacher", bring("7,5")).text
    assert ">F8<" in faulty
    assert "dưới dạng chữ có dấu phẩy" in faulty
    assert "Chấp nhận" not in faulty

    good = bring(Decimal("7.5"))
    assert "<ins>7,5</ins>" in desk.page("homeroom_teacher", good).text
    accepted = desk.send("homeroom_teacher", f"{good}/acceptance", {}, seen_on=good)
    assert accepted.headers["location"] == path
    assert "Đủ" in desk.page("homeroom_teacher", path).text


def test_a_file_that_is_no_workbook_comes_back_with_the_reason(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    answer = desk.send("homeroom_teacher", f"{path}/imports", {}, seen_on=path, file=b"nothing")

    assert answer.status_code == 422
    assert "Tệp không phải là bảng tính .xlsx." in answer.text


def test_conduct_and_attendance_are_written_on_their_pages(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    conduct = desk.send(
        "homeroom_teacher",
        f"{path}/conduct",
        {"HS001-1": "good", "HS002-1": "", "HS001-2": "fair"},
        seen_on=f"{path}/conduct",
    )
    day = f"{path}/attendance?on=2024-09-10"
    absent = desk.send(
        "homeroom_teacher",
        f"{path}/attendance",
        {"on": "2024-09-10", "HS001-morning": "P", "HS001-afternoon": "K"},
        seen_on=day,
    )

    assert (conduct.status_code, absent.status_code) == (303, 303)
    assert '<option value="fair" selected>' in desk.page("homeroom_teacher", f"{path}/conduct").text
    assert '<option value="K" selected>' in desk.page("homeroom_teacher", day).text


def test_results_name_what_is_missing(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    empty = desk.page("homeroom_teacher", f"{path}/results").text

    assert "Còn thiếu" in empty
    for period in ("1", "2", "year"):
        answer = desk.page("homeroom_teacher", f"{path}/results?period={period}")
        assert answer.status_code == 200


def test_a_book_that_cannot_be_made_yet_says_why(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    answer = desk.send("homeroom_teacher", f"{path}/gradebooks", {}, seen_on=path)

    assert answer.status_code == 422
    assert "Chưa đủ dữ liệu để lập sổ" in answer.text


def test_the_book_shows_its_pages_who_is_next_and_my_part(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at, finished=True)
    asked = desk.send("homeroom_teacher", f"{path}/gradebooks", {}, seen_on=path)
    book = str(asked.headers["location"])
    assert "Đang lập các trang sổ" in desk.page("homeroom_teacher", book).text
    assert desk.page("homeroom_teacher", f"{book}/progress").json()["finished"] is False

    run(UUID(book.rpartition("/")[2]))

    shown = desk.page("TOAN", book).text
    assert "Ký phần của tôi" in shown
    assert "Ký số vào phần “Toán học” của sổ lớp 7A1" in shown
    assert f"{book}/pages/1" in shown
    assert "Sổ chờ tôi ký" in desk.page("TOAN", "/registers").text
    assert "Ký phần của tôi" not in desk.page("school_principal", book).text
    assert desk.page("homeroom_teacher", f"{book}/progress").json()["finished"] is True


def test_signing_without_a_key_comes_back_with_the_reason(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at, finished=True)
    asked = desk.send("homeroom_teacher", f"{path}/gradebooks", {}, seen_on=path)
    book = str(asked.headers["location"])
    run(UUID(book.rpartition("/")[2]))

    answer = desk.send("TOAN", f"{book}/signatures", {"pin": ""}, seen_on=book)

    assert answer.status_code == 404
    assert "Chưa đăng ký chứng thư số của bạn" in answer.text
    assert "Ký phần của tôi" in answer.text


def test_a_returned_book_says_why(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at, finished=True)
    asked = desk.send("homeroom_teacher", f"{path}/gradebooks", {}, seen_on=path)
    book = str(asked.headers["location"])

    desk.send("homeroom_teacher", f"{book}/return", {"reason": "Sai điểm Toán."}, seen_on=book)

    assert "Sai điểm Toán." in desk.page("homeroom_teacher", book).text


def test_another_school_finds_nothing_at_these_addresses(desk: Desk, at: datetime) -> None:
    path = with_class(desk, at)

    for login in ("high_school_principal", "high_school_teacher"):
        for page in (path, f"{path}/results", f"{path}/conduct", f"{path}/attendance"):
            assert desk.page(login, page).status_code == 404
