"""Books on screen and as files: columns in their order, links only where they lead somewhere."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest

from eoffice import clock
from eoffice.documents.books.kinds import BookKind
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun, signed
from tests.documents.test_pages import location

PAPER = {
    "type": "decision",
    "notation": "QĐ-SGDĐT",
    "subject": "Về việc cử cán bộ đi học",
    "signer_name": "Trần Thanh Liêm",
    "recipients": "Văn phòng Sở",
    "filed_with": "Văn thư",
    "copies": "3",
}


def this_year() -> int:
    return clock.civil_date(clock.now()).year


def book(kind: str = "outgoing") -> str:
    return f"/documents/books/{kind}/{this_year()}"


def paper(desk: Desk, **more: str) -> str:
    today = clock.civil_date(clock.now())
    answer = desk.send(
        "clerk",
        f"{book()}/papers",
        {**PAPER, "issued_on": f"{today}", **more},
        seen_on=f"{book()}/papers",
    )
    return location(answer) if answer.status_code == 303 else answer.text


def test_a_numbered_document_is_a_line_for_all_and_a_link_for_those_who_may_read_it(
    desk: Desk,
) -> None:
    """The head of another office and the specialist are not to click on a page that says 404."""
    document = signed(desk)
    desk.post("clerk", f"{DOCUMENTS}/{document}/number")
    code = desk.get("clerk", f"{DOCUMENTS}/{document}").json()["code"]

    for login in ("clerk", "director", "specialist", "secondary_office_head"):
        text = desk.page(login, book()).text
        assert code in text
        opens = desk.page(login, f"/documents/{document}").status_code == 200
        assert (f'href="/documents/{document}"' in text) is opens
        (line,) = desk.get(login, f"/api/v1/books/outgoing/{this_year()}").json()["lines"]
        assert (line["document_id"] == document) is opens


def test_a_paper_is_entered_by_hand_and_asked_about_when_it_is_there_already(desk: Desk) -> None:
    assert paper(desk) == book()
    assert "01/QĐ-SGDĐT" in desk.page("clerk", book()).text

    again = paper(desk)
    assert "Có văn bản giống văn bản này." in again
    assert "01/QĐ-SGDĐT, văn bản giấy" in again
    assert "Về việc cử cán bộ đi học" in again
    assert paper(desk, confirmed="on") == book()
    assert "02/QĐ-SGDĐT" in desk.page("clerk", book()).text


def test_a_number_is_held_used_by_a_document_or_struck_out(desk: Desk) -> None:
    until = clock.civil_date(clock.now())
    held = desk.send(
        "clerk",
        f"{book()}/reservations",
        {"until": f"{until}", "purpose": "Quyết định khen thưởng"},
        seen_on=f"{book()}/reservations",
    )
    here = location(held)
    assert here == f"{book()}/numbers/1"
    document = signed(desk)
    assigned = desk.send("clerk", f"{here}/document", {"document_id": document}, seen_on=here)
    assert location(assigned) == f"/documents/{document}"
    desk.post("clerk", f"{DOCUMENTS}/{document}/number")
    assert desk.get("clerk", f"{DOCUMENTS}/{document}").json()["code"].startswith("01/")

    api = f"/api/v1/books/outgoing/{this_year()}"
    tomorrow = min(until + timedelta(days=1), until.replace(month=12, day=31))
    kept = desk.post(
        "clerk",
        "/api/v1/books/outgoing/reservations",
        {"until": f"{tomorrow}", "purpose": "Việc khác"},
    ).json()
    assert kept["number"] == 2
    struck = desk.post("clerk", f"{api}/numbers/2/annulment", {"because": "Không dùng."})
    assert struck.status_code == 200
    (line,) = desk.get("clerk", api, state="annulled").json()["lines"]
    assert line["note"] == "Hủy số: Không dùng."


@pytest.mark.parametrize("login", ["specialist", "office_head", "director"])
def test_only_the_clerk_enters_reserves_and_annuls(desk: Desk, login: str) -> None:
    assert desk.page(login, f"{book()}/papers").status_code == 403
    assert desk.page(login, f"{book()}/reservations").status_code == 403
    body = {"because": "Nhầm."}
    path = f"/api/v1/books/outgoing/{this_year()}/numbers/1/annulment"
    assert desk.post(login, path, body).status_code == 403


def test_the_secret_book_is_shut_for_others_and_every_other_book_open(desk: Desk) -> None:
    assert desk.page("specialist", book("secret")).status_code == 403
    assert desk.get("specialist", f"/api/v1/books/secret/{this_year()}").status_code == 403
    for kind in BookKind:
        assert desk.page("clerk", book(kind.value)).status_code == 200
    assert desk.page("clerk", book("other")).status_code == 404


def test_a_book_is_narrowed_and_saved_as_the_page_shows_it(desk: Desk) -> None:
    paper(desk)
    paper(desk, subject="=HYPERLINK(1)", type="report", notation="BC-SGDĐT")
    narrowed = f"{book()}?type=report&state=paper&since={this_year()}-01-01"
    text = desk.page("clerk", narrowed).text
    assert "02/BC-SGDĐT" in text
    assert "01/QĐ-SGDĐT" not in text

    pdf = desk.page("clerk", f"{narrowed}&format=pdf")
    assert pdf.content.startswith(b"%PDF")
    saved = desk.page("clerk", f"{narrowed}&format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(saved.content)).active
    assert sheet is not None
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Báo cáo =HYPERLINK(1)" in cells
    assert "01/QĐ-SGDĐT" not in cells


def test_odd_filters_are_refused_in_a_sentence(desk: Desk) -> None:
    assert desk.page("clerk", f"{book()}?since=hôm-qua").status_code == 422
    assert desk.page("clerk", f"{book()}?unit=1&type=letter").status_code == 422


def test_a_draft_cannot_be_chosen_for_a_held_number_of_another_book(desk: Desk) -> None:
    body = {"until": f"{clock.civil_date(clock.now())}", "purpose": "Bản sao"}
    desk.post("clerk", "/api/v1/books/copy/reservations", body)
    here = f"{book('copy')}/numbers/1"
    answer = desk.send(
        "clerk",
        f"{here}/document",
        {"document_id": str(UUID(begun(desk)))},
        seen_on=here if "_token" in desk.page("clerk", here).text else f"{book()}/papers",
    )
    assert answer.status_code == 422
    assert "Văn bản này lấy số ở sổ khác." in answer.text
