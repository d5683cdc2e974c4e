"""A teacher takes the own book of a subject as a file, and nobody takes another's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from eoffice.registers import extraction
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk

AT = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
PATH = "/registers/teacher-books"


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    with desks.opened(AT) as opened:
        desks.with_class(opened, AT, finished=True)
        yield opened


def test_a_teacher_finds_the_own_book_and_takes_it_as_a_file(desk: Desk) -> None:
    shown = desk.page("TOAN", PATH)

    assert "Toán học" in shown.text
    assert f"{PATH}/TOAN/2024-2025" in shown.text
    taken = desk.page("TOAN", f"{PATH}/TOAN/2024-2025")
    assert taken.headers["content-type"] == "application/pdf"
    found = extraction.read_register(taken.content)
    assert found is not None
    assert found.data["kind"] == "teacher_book"
    assert extraction.differences(taken.content) == ()


def test_nobody_takes_the_book_of_another(desk: Desk) -> None:
    assert desk.page("VAN", f"{PATH}/TOAN/2024-2025").status_code == 404
    assert "chưa được phân công" in desk.page("school_clerk", PATH).text
