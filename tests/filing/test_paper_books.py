"""The books of paper: what goes by post (Annex IV.III), which file copies are lent (Annex IV.IV).

The clerk keeps them; a line is struck out with a reason and never removed; a copy that is out is
not lent again; both are printed with the columns and the cover of the annex.
"""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from openpyxl import load_workbook

from eoffice import clock
from eoffice.db import transaction
from eoffice.filing import case_actions
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.filing.paper import actions, queries, rules, tables
from eoffice.filing.paper.queries import LoanSeen, PostSeen
from eoffice.filing.paper.rules import (
    CopyIsBack,
    CopyIsOut,
    LineStruck,
    LineUnknown,
    PaperNotYours,
    PaperWrong,
)
from eoffice.people.kinds import PositionKind
from tests.conftest import AT
from tests.filing.test_case_pages import desk, dispatch
from tests.filing.test_hold_pages import code
from tests.people.conftest import Desk

__all__ = ["code", "desk", "dispatch"]

TODAY = clock.civil_date(AT)
YEAR = TODAY.year


def posted(desk: Desk, code: str = "15/BC-TH", recipients: str = "UBND xã A\nUBND xã B") -> None:
    who = desk.cast.clerk
    entered = rules.checked_post(TODAY, code, recipients, 2, "Gửi bảo đảm.", today=TODAY)
    with transaction(who.acting) as session:
        actions.post(session, entered, by=who, at=AT)


def lines(desk: Desk) -> tuple[PostSeen, ...]:
    who = desk.cast.clerk
    with transaction(who.acting) as session:
        return queries.post_lines(session, YEAR, who=who)


def lent(desk: Desk, code: str) -> UUID:
    who = desk.cast.clerk
    entered = rules.checked_loan(TODAY, "Nguyễn Văn A", code, None, "", today=TODAY)
    with transaction(who.acting) as session:
        return actions.lend(session, entered, desk.cast.director.person_id, by=who, at=AT)


def loans(desk: Desk, *, out: bool = False) -> tuple[LoanSeen, ...]:
    who = desk.cast.clerk
    with transaction(who.acting) as session:
        return queries.loans(session, YEAR, who=who, out=out)


def test_only_the_clerk_writes_and_those_in_charge_read() -> None:
    readers = {position for position in PositionKind if rules.may_read(position)}
    assert PositionKind.CLERK in readers
    assert PositionKind.HEAD in readers
    assert PositionKind.TEACHER not in readers
    for position in PositionKind:
        if position is not PositionKind.CLERK:
            with pytest.raises(PaperNotYours):
                rules.require_keeper(position)


def test_every_wrong_field_of_a_line_is_named() -> None:
    with pytest.raises(PaperWrong) as wrong:
        rules.checked_post(TODAY + timedelta(days=1), "", " \n", 0, "x" * 501, today=TODAY)
    assert set(wrong.value.fields) == {"sent_on", "code", "recipients", "envelopes", "note"}
    with pytest.raises(PaperWrong) as wrong:
        rules.checked_loan(TODAY, " ", "", TODAY - timedelta(days=1), "", today=TODAY)
    assert set(wrong.value.fields) == {"borrower", "code", "due_on"}
    for on in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(PaperWrong):
            rules.checked_receipt("A", on, TODAY, today=TODAY)
        with pytest.raises(PaperWrong):
            rules.checked_return(on, TODAY, today=TODAY)


def test_each_recipient_is_a_line_and_lines_count_through_the_year(desk: Desk, code: str) -> None:
    posted(desk)
    posted(desk, code, "Trường THCS C")
    found = lines(desk)
    assert [(each.ordinal, each.recipient) for each in found] == [
        (1, "UBND xã A"),
        (2, "UBND xã B"),
        (3, "Trường THCS C"),
    ]
    assert [each.document_id is None for each in found] == [True, True, False]


def test_who_signed_is_noted_and_a_wrong_line_is_struck_out_and_stays(desk: Desk) -> None:
    who = desk.cast.clerk
    posted(desk)
    first, second = lines(desk)
    with transaction(who.acting) as session:
        actions.receipted(session, first.id, "Trần Thị B", TODAY, by=who, at=AT)
        actions.strike_post(session, second.id, "Ghi nhầm nơi nhận.", by=who, at=AT)
    first, second = lines(desk)
    assert (first.receipt, first.receipted_on) == ("Trần Thị B", TODAY)
    assert second.struck_because == "Ghi nhầm nơi nhận."
    with pytest.raises(LineStruck), transaction(who.acting) as session:
        actions.receipted(session, second.id, "B", TODAY, by=who, at=AT)
    other = desk.cast.school_clerk
    with pytest.raises(LineUnknown), transaction(other.acting) as session:
        actions.strike_post(session, first.id, "Ghi nhầm nơi nhận.", by=other, at=AT)


def test_a_copy_is_lent_once_until_it_comes_back(desk: Desk, dispatch: UUID, code: str) -> None:
    who, maker = desk.cast.clerk, desk.cast.specialist
    heading = Heading(notation="01.CNTT", title="Hồ sơ VNEDU", maintenance="10 năm")
    with transaction(maker.acting) as session:
        case = case_actions.plan(session, heading, year=2018, by=maker, at=AT)
        case_actions.file_record(session, case, RecordKind.OUTGOING, dispatch, by=maker, at=AT)
    loan = lent(desk, code)
    (seen,) = loans(desk, out=True)
    assert (seen.code, seen.borrower, seen.is_out) == (code, "Nguyễn Văn A", True)
    assert seen.case_notation.endswith("2018.01.CNTT")
    assert seen.allowed_name == desk.cast.director.full_name
    with pytest.raises(CopyIsOut, match="Nguyễn Văn A"):
        lent(desk, code)

    with transaction(who.acting) as session:
        actions.give_back(session, loan, TODAY, by=who, at=AT)
    with pytest.raises(CopyIsBack), transaction(who.acting) as session:
        actions.give_back(session, loan, TODAY, by=who, at=AT)
    assert loans(desk, out=True) == ()
    lent(desk, code)
    assert [each.ordinal for each in loans(desk)] == [1, 2]


def test_a_loan_needs_a_document_of_the_office_and_somebody_in_charge(
    desk: Desk, code: str
) -> None:
    who = desk.cast.clerk
    entered = rules.checked_loan(TODAY, "A", code, None, "", today=TODAY)
    for allowed in (desk.cast.specialist, desk.cast.school_principal):
        with pytest.raises(PaperWrong, match="thẩm quyền"), transaction(who.acting) as session:
            actions.lend(session, entered, allowed.person_id, by=who, at=AT)
    with pytest.raises(PaperWrong, match="không có bản lưu"):
        lent(desk, "9999/KHONG-CO")
    other = desk.cast.specialist
    with pytest.raises(PaperNotYours), transaction(other.acting) as session:
        actions.lend(session, entered, desk.cast.director.person_id, by=other, at=AT)


def test_the_printed_books_have_the_columns_of_the_annex_and_its_cover(
    desk: Desk, code: str
) -> None:
    posted(desk)
    lent(desk, code)
    post, loan = tables.of_post(lines(desk), YEAR), tables.of_loans(loans(desk), YEAR)
    assert [each.title for each in post.columns] == [
        "Ngày chuyển",
        "Số, ký hiệu văn bản",
        "Nơi nhận văn bản",
        "Số lượng bì",
        "Ký nhận và dấu bưu điện",
        "Ghi chú",
    ]
    assert [each.title for each in loan.columns] == [
        "Ngày tháng",
        "Họ tên người sử dụng",
        "Số, ký hiệu, ngày tháng văn bản",
        "Tên loại và trích yếu nội dung văn bản",
        "Số và ký hiệu HS",
        "Ký nhận",
        "Ngày trả",
        "Người cho phép sử dụng",
        "Ghi chú",
    ]
    for table in (post, loan):
        assert table.numbers_columns
        assert table.cover is not None
        assert table.cover.spans[0] == f"Từ ngày {TODAY:%d/%m/%Y} đến ngày {TODAY:%d/%m/%Y}"
    assert post.cover is not None
    assert post.cover.spans[1] == "Từ số 01 đến số 02"


def test_the_clerk_writes_in_the_browser_and_saves_both_books(desk: Desk, code: str) -> None:
    desk.enter(desk.cast.clerk)
    fields = {"sent_on": f"{TODAY}", "code": code, "recipients": "UBND xã A", "envelopes": "1"}
    wrong = desk.post("/post-book", {**fields, "recipients": ""})
    assert wrong.status_code == 422
    assert code in wrong.text
    assert desk.post("/post-book", fields).status_code == 303
    (line,) = lines(desk)
    signed = {"receipt": "Bưu tá Lê C", "receipted_on": f"{TODAY}"}
    assert desk.post(f"/post-book/{line.id}/receipt", signed, on="/post-book").status_code == 303
    assert "Bưu tá Lê C" in desk.client.get("/post-book").text

    loan = {
        "lent_on": f"{TODAY}",
        "borrower": "Nguyễn Văn A",
        "code": code,
        "allowed_by": str(desk.cast.director.person_id),
    }
    assert desk.post("/copy-loans", loan).status_code == 303
    again = desk.post("/copy-loans", loan)
    assert again.status_code == 409
    assert "đang do Nguyễn Văn A sử dụng" in again.text
    (out,) = loans(desk, out=True)
    back = {"returned_on": f"{TODAY}"}
    done = desk.post(f"/copy-loans/{out.id}/return", back, on="/copy-loans?out=true")
    assert done.status_code == 303
    struck = {"why": "Ghi nhầm người sử dụng."}
    desk.post(f"/copy-loans/{out.id}/strike", struck, on="/copy-loans")
    assert "Ghi nhầm người sử dụng." in desk.client.get("/copy-loans").text

    for book in ("/post-book", "/copy-loans"):
        pdf = desk.client.get(f"{book}?format=pdf").content
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert len(opened.pages) >= 2
        sheet = load_workbook(io.BytesIO(desk.client.get(f"{book}?format=xlsx").content)).active
        assert sheet is not None
        cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
        assert code in {str(cell).split(",", maxsplit=1)[0] for cell in cells}
    assert 'href="/post-book?year=' in desk.client.get("/books").text
    desk.enter(desk.cast.specialist)
    assert desk.client.get("/post-book").status_code == 403
    assert "/post-book" not in desk.client.get("/books").text


def test_programs_keep_both_books(desk: Desk, code: str) -> None:
    who = desk.api(desk.cast.clerk)

    def send(path: str, body: dict[str, Any]) -> Any:
        answer = desk.client.post(f"/api/v1{path}", json=body, headers=who)
        assert answer.status_code in (200, 201), answer.text
        return answer.json() if answer.content else None

    on = date.isoformat(TODAY)
    made = send("/post-lines", {"sent_on": on, "code": "1/BC", "recipients": ["A", "B"]})
    assert [each["recipient"] for each in made] == ["A", "B"]
    send(f"/post-lines/{made[0]['id']}/receipt", {"receipt": "A ký", "receipted_on": on})
    send(f"/post-lines/{made[1]['id']}/strike", {"why": "Ghi nhầm nơi nhận."})
    found = desk.client.get("/api/v1/post-lines", headers=who).json()
    assert [(each["receipt"], each["struck_because"]) for each in found] == [
        ("A ký", None),
        (None, "Ghi nhầm nơi nhận."),
    ]
    allowed = str(desk.cast.director.person_id)
    loan = send(
        "/copy-loans", {"lent_on": on, "borrower": "A", "code": code, "allowed_by": allowed}
    )
    out = desk.client.get("/api/v1/copy-loans?out=true", headers=who).json()
    assert [each["id"] for each in out] == [loan["id"]]
    send(f"/copy-loans/{loan['id']}/return", {"returned_on": on})
    send(f"/copy-loans/{loan['id']}/strike", {"why": "Ghi nhầm người dùng."})
    assert desk.client.get("/api/v1/copy-loans?out=true", headers=who).json() == []
