"""Tables of a school's paper books: every fault by row and column, nothing taken while one is left.

Numbers go on where the register stands, without a hole; columns are known by their words.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from uuid import UUID, uuid4

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from eoffice.files.tables import pasted
from eoffice.files.tables.workbook import Grid
from eoffice.rolls import (
    certificate_queries,
    enrolment_queries,
    list_reading,
    paper_certificates,
    paper_lines,
    taking_over,
)
from eoffice.rolls.certificate_queries import KindSeen
from eoffice.rolls.certificate_states import CertificateState
from eoffice.rolls.list_reading import ListRefused
from eoffice.rolls.paper_lines import KnownPupil, PaperReading
from eoffice.rolls.rules import RollWrong
from tests.cast import Cast

TODAY = date(2025, 6, 2)
HEAD = "STT\tSố đăng bộ\tHọ và tên\tNgày sinh\tGiới tính\tNgày vào trường\tMã học sinh"
LINES = (
    "SỔ ĐĂNG BỘ TRƯỜNG THCS",
    HEAD,
    "1\t101/THCS\tLê Văn Tám\t5/3/1998\tNam\t05/09/2009\t",
    "2\t103\tTrần Mỹ Chi\t08/07/2012\tnữ\t05/09/2023\tHS001",
)
KIND = KindSeen("NPT", "Chứng nhận nghề", None, False, ("Giỏi", "Khá"), True, "", True)
PUPIL = KnownPupil(uuid4(), None)


def table(*lines: str) -> Grid:
    return pasted.grid("\n".join(lines), name="Bảng")


def read(*lines: str, first: int = 101, **known: KnownPupil) -> PaperReading:
    return paper_lines.read(table(*lines), next_number=first, known=known, today=TODAY)


def told(reading: PaperReading) -> list[tuple[int, str]]:
    return [(fault.row, fault.column) for fault in reading.faults]


def test_lines_are_read_and_what_is_missing_becomes_an_annulled_number() -> None:
    found = read(*LINES, HS001=PUPIL)
    assert found.faults == ()
    assert [line.number for line in found.lines] == [101, 102, 103]
    first, hole, last = found.lines
    assert (first.name, first.born_on, first.sex) == ("Lê Văn Tám", date(1998, 3, 5), "Nam")
    assert hole.annulled_because == paper_lines.NO_PUPIL
    assert (last.pupil_id, last.admitted_on) == (PUPIL.id, date(2023, 9, 5))
    assert found.holes == (102,)
    assert found.linked == 1
    assert found.unknown_columns == ("STT",)


def test_every_fault_is_told_by_row_and_column() -> None:
    found = read(
        HEAD,
        "1\tA\tLê Văn Tám\t1998\tNam\t05/09/2009\t",
        "2\t100\tTrần Văn Sáu\t31/02/1998\tx\t05/09/2030\t",
        "3\t101\tLê Bảy\t\t\t\tHS1",
        "4\t101\tLê Tám\t\t\t\tHS2",
        "5\t102\tLê Chín\t\t\t\tHS2",
        HS1=KnownPupil(uuid4(), 7),
        HS2=PUPIL,
    )
    assert sorted(told(found)) == [
        (2, "Ngày sinh"), (2, "Số đăng bộ"),
        (3, "Giới tính"), (3, "Ngày sinh"), (3, "Ngày vào trường"), (3, "Số đăng bộ"),
        (4, "Họ và tên"), (5, "Số đăng bộ"), (6, "Họ và tên"),
    ]  # fmt: skip


def test_a_number_without_a_name_is_annulled_and_a_reason_without_a_day_is_a_remark() -> None:
    head = "Số đăng bộ\tHọ tên\tNgày ra trường\tLý do\tGhi chú"
    found = read(
        head, "101\t\t\t\t", "102\tLê An\t\tChuyển đi\tMất sổ", "103\tLê Ba\t31/05/2002\t\t"
    )
    assert found.faults == ()
    assert found.lines[0].annulled_because == paper_lines.NO_PUPIL
    assert (found.lines[1].note, found.lines[1].ended_as) == ("Mất sổ. Chuyển đi", "")
    assert (found.lines[2].ended_on, found.lines[2].ended_as) == (date(2002, 5, 31), "Ra trường")


def test_a_table_without_its_header_or_far_from_the_register_is_refused() -> None:
    with pytest.raises(ListRefused, match="Số đăng bộ"):
        read("Họ và tên\tLớp", "Lê An\t6A")
    found = read(HEAD, "1\t9000\tLê An\t\t\t\t")
    assert "Bảng thiếu" in found.faults[0].sentence


@given(st.sets(st.integers(50, 120), min_size=1))
def test_whatever_numbers_a_table_has_the_register_goes_on_without_a_hole(
    numbers: set[int],
) -> None:
    lines = [f"{number}\tLê Văn An" for number in sorted(numbers, key=lambda n: n % 7)]
    found = read("Số đăng bộ\tHọ và tên", *lines, first=50)
    assert [line.number for line in found.lines] == list(range(50, max(numbers) + 1))
    assert {line.number for line in found.lines if line.name} == numbers


@pytest.mark.parametrize("value", ["31/02/2010", "hôm qua", "2010", "5/3/10"])
def test_what_is_no_day_is_not_taken_for_one(value: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        list_reading.day(value)


def test_days_are_read_as_people_and_programs_write_them() -> None:
    for value in (
        "05/03/2010",
        "5-3-2010",
        "5.3.2010",
        "2010-03-05",
        date(2010, 3, 5),
        datetime(2010, 3, 5),  # noqa: DTZ001 -- a spreadsheet has civil days
    ):
        assert list_reading.day(value) == date(2010, 3, 5)
    assert list_reading.day("") is None


CERTIFICATES = (
    "Họ và tên\tNgày sinh\tNgày cấp\tNăm tốt nghiệp\tSố hiệu\tXếp loại\tNgày nhận\tNgười nhận"
)


def test_certificates_are_read_with_who_took_them() -> None:
    found = paper_certificates.read(
        table(
            CERTIFICATES,
            "Lê An\t05/03/1990\t30/06/2005\t2005\tB 1\tGiỏi\t01/07/2005\tLê Ba",
            "Lê Tư\t05/03/1990\t30/06/2005\t2005\tB 2\t\t\t",
        ),
        KIND,
        today=TODAY,
    )
    assert found.faults == ()
    first, second = found.rows
    assert first.handover is not None
    assert (first.handover.receiver, first.handover.authorisation) == ("Lê Ba", "Theo sổ giấy")
    assert second.handover is None
    assert first.certificate.is_from_paper


def test_every_fault_of_a_list_of_certificates_is_told() -> None:
    found = paper_certificates.read(
        table(
            CERTIFICATES,
            "Lê An\tx\t30/06/2005\t05\tB 1\tGiỏi\t\t",
            "Lê Ba\t05/03/1990\t30/06/2005\t2005\tB 1\tXuất sắc\t\t",
            "Lê Tư\t05/03/1990\t30/06/2005\t2005\tB 1\tKhá\t01/01/2005\t",
            "Lê Năm\t05/03/1990\t\t2005\tB 1\tKhá\t\t",
            "Lê Sáu\t05/03/1990\t30/06/2005\t2005\tB 7\tKhá\t\t",
            "Lê Bảy\t05/03/1990\t30/06/2005\t2005\tB 7\tKhá\t\t",
        ),
        KIND,
        today=TODAY,
    )
    assert [(fault.row, fault.column) for fault in found.faults] == [
        (2, "Ngày sinh"), (2, "Năm tốt nghiệp"), (3, "Xếp loại"), (4, "Ngày nhận"),
        (5, "Ngày cấp"), (7, "Số hiệu"),
    ]  # fmt: skip


def test_an_accepted_table_is_in_the_register_and_a_faulty_one_is_not(
    session: Session, cast: Cast, opened: UUID, at: datetime
) -> None:
    clerk = cast.school_clerk
    with pytest.raises(RollWrong, match="chỗ sai"):
        taking_over.take_enrolment(session, table(*LINES, "3\tx\tA"), by=clerk, at=at)
    # As the preview carries it to the acceptance.
    carried = taking_over.grid_of(taking_over.as_text(table(*LINES)).encode())
    taking_over.take_enrolment(session, carried, by=clerk, at=at)
    session.flush()
    found = enrolment_queries.lines(session, clerk, cast.school.id)
    assert [(one.number, one.name) for one in found] == [
        (101, "Lê Văn Tám"), (102, ""), (103, "Trần Mỹ Chi"),
    ]  # fmt: skip
    assert found[2].pupil_id is not None


def test_a_workbook_of_certificates_is_taken_with_its_handovers(
    session: Session, cast: Cast, at: datetime
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(CERTIFICATES.split("\t"))
    sheet.append(["Lê An", datetime(1990, 3, 5), "30/06/2005", 2005, "B 1", "Giỏi", "01/07/2005"])  # noqa: DTZ001
    content = io.BytesIO()
    book.save(content)
    grid = taking_over.grid_of(content.getvalue())

    count = taking_over.take_certificates(session, grid, "NPT", by=cast.school_clerk, at=at)

    session.flush()
    (one,) = certificate_queries.certificates(session, cast.school_clerk, cast.school.id)
    assert count == 1
    assert (one.name, one.serial, one.state) == ("Lê An", "B 1", CertificateState.HANDED_OVER)
    with pytest.raises(RollWrong, match="không có dòng"):
        taking_over.take_certificates(
            session, table(CERTIFICATES), "NPT", by=cast.school_clerk, at=at
        )
