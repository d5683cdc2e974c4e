"""A document is quoted as a legal base with all that the decree asks for, and stays linked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents.drafts import quoting
from eoffice.documents.types import Urgency
from eoffice.routing.model import Delivery
from eoffice.routing.outside_rules import Origin
from eoffice.routing.states import DeliveryState
from tests import browser
from tests.documents import hostile
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun, sealed
from tests.documents.test_look import at_desk
from tests.documents.test_pages import location

DECREE = {
    "type_name": "Nghị định",
    "code": "30/2020/NĐ-CP",
    "issued_on": "2020-03-05",
    "issuer": "Chính phủ",
    "subject": "về công tác văn thư",
}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (
            ("Nghị định", "30/2020/NĐ-CP", date(2020, 3, 5), "Chính phủ", "về công tác văn thư"),
            "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác "
            "văn thư",
        ),
        (
            ("Quyết định", "12/QĐ-SGDĐT", date(2018, 9, 15), "Sở GDĐT", "thành lập Tổ công tác."),
            "Căn cứ Quyết định số 12/QĐ-SGDĐT ngày 15 tháng 9 năm 2018 của Sở GDĐT về việc thành "
            "lập Tổ công tác",
        ),
        (
            ("Công văn", "7/UBND-VX", date(2018, 10, 1), "UBND tỉnh", "V/v báo cáo"),
            "Căn cứ Công văn số 7/UBND-VX ngày 01 tháng 10 năm 2018 của UBND tỉnh về việc báo cáo",
        ),
        (
            ("Thông tư", "1/TT", date(2018, 1, 1), "Bộ", "Quy định mức chi"),
            "Căn cứ Thông tư số 1/TT ngày 01 tháng 01 năm 2018 của Bộ quy định mức chi",
        ),
        (
            ("Luật", "43/2019/QH14", date(2019, 6, 14), "Quốc hội", "Giáo dục"),
            "Căn cứ Luật Giáo dục ngày 14 tháng 6 năm 2019",
        ),
        (
            ("Báo cáo", "1/BC", date(2018, 12, 31), "Sở", ""),
            "Căn cứ Báo cáo số 1/BC ngày 31 tháng 12 năm 2018 của Sở",
        ),
    ],
)
def test_a_citation_says_what_the_decree_asks_for(
    parts: tuple[str, str, date, str, str], words: str
) -> None:
    assert quoting.citation(*parts) == words


def issued(desk: Desk) -> str:
    document = sealed(desk)
    answer = desk.post("clerk", f"{DOCUMENTS}/{document}/issuance")
    assert answer.status_code < 300, answer.text
    return document


def received(desk: Desk) -> UUID:
    """A paper of the province that came to the department."""
    agency = desk.cast.clerk.agency_id
    with Session(desk.superuser) as session, session.begin():
        row = Delivery(
            id=new_id(),
            origin=Origin.HAND,
            recipient_unit_id=agency,
            recipient_agency_id=agency,
            sender_name="UBND tỉnh Đồng Tháp",
            type_name="Quyết định",
            number="88",
            notation="QĐ-UBND",
            issued_on=date(2018, 7, 2),
            subject="phê duyệt kế hoạch chuyển đổi số",
            signer_name="Nguyễn Văn Dương",
            urgency=Urgency.ORDINARY,
            page_count=1,
            state=DeliveryState.DELIVERED,
            delivered_at=clock.now(),
        )
        session.add(row)
        return row.id


def bases(desk: Desk, draft: str) -> list[str]:
    found: list[str] = desk.get("specialist", f"{DOCUMENTS}/{draft}").json()["versions"][-1][
        "text"
    ]["legal_bases"]
    return found


def test_a_law_is_registered_found_without_diacritics_cited_and_given_up(desk: Desk) -> None:
    registered = desk.post("specialist", "/api/v1/legal-texts", DECREE)
    assert registered.status_code == 201, registered.text
    assert desk.post("specialist", "/api/v1/legal-texts", DECREE).status_code == 409
    (hit,) = desk.get("specialist", "/api/v1/citable", q="cong tac van thu").json()
    assert hit == registered.json()

    draft = begun(desk)
    before = bases(desk, draft)
    sent = {"source": hit["source"], "source_id": hit["source_id"]}
    for _ in range(2):
        assert desk.post("specialist", f"{DOCUMENTS}/{draft}/citations", sent).status_code == 201
    assert bases(desk, draft) == [*before, hit["words"]]
    assert desk.get("specialist", f"{DOCUMENTS}/{draft}/citations").json() == [hit]

    gone = desk.client.delete(
        f"{DOCUMENTS}/{draft}/citations/law/{hit['source_id']}",
        headers={"x-login": "specialist"},
    )
    assert gone.status_code == 204
    assert bases(desk, draft) == before
    assert desk.get("specialist", f"{DOCUMENTS}/{draft}/citations").json() == []


def test_issued_and_received_documents_are_found_and_linked_both_ways(desk: Desk) -> None:
    document = issued(desk)
    delivery = received(desk)
    hits = desk.get("clerk", "/api/v1/citable", q="Vnedu").json()
    assert [(each["source"], each["source_id"]) for each in hits] == [("issued", document)]
    assert hits[0]["words"].startswith("Căn cứ Công văn số 01/SGDĐT-CNTTTBTV ngày ")
    (came,) = desk.get("clerk", "/api/v1/citable", q="chuyen doi so").json()
    assert came["source_id"] == str(delivery)
    assert came["words"] == (
        "Căn cứ Quyết định số 88/QĐ-UBND ngày 02 tháng 7 năm 2018 của UBND tỉnh Đồng Tháp "
        "phê duyệt kế hoạch chuyển đổi số"
    )

    draft = desk.post("clerk", DOCUMENTS, {"type": "plan", "text": {"subject": "kế hoạch"}})
    path = f"/documents/{draft.json()['id']}/legal-bases"
    for hit in (hits[0], came):
        seen = desk.page("clerk", f"{path}?q={hit['words'].split()[-1]}").text
        assert hit["words"] in seen
        sent = {"source": hit["source"], "source_id": hit["source_id"]}
        assert location(desk.send("clerk", path, sent, seen_on=path)) == path
    shown = desk.page("clerk", path).text
    assert f'href="/documents/{document}"' in shown
    assert f'href="/incoming/deliveries/{delivery}"' in shown


def test_nobody_cites_what_they_may_not_read(desk: Desk) -> None:
    document = issued(desk)
    draft = begun(desk)
    theirs = {"source": "issued", "source_id": str(UUID(int=7))}
    assert desk.post("specialist", f"{DOCUMENTS}/{draft}/citations", theirs).status_code == 404
    other = {"source": "received", "source_id": document}
    assert desk.post("specialist", f"{DOCUMENTS}/{draft}/citations", other).status_code == 404
    own = {"source": "issued", "source_id": document}
    assert desk.post("office_head", f"{DOCUMENTS}/{document}/citations", own).status_code >= 400
    bad = desk.client.delete(
        f"{DOCUMENTS}/{draft}/citations/rumour/{document}", headers={"x-login": "specialist"}
    )
    assert bad.status_code == 422


def test_a_citation_changes_neither_marks_nor_pages_that_came_finished(desk: Desk) -> None:
    law = desk.post("specialist", "/api/v1/legal-texts", DECREE).json()
    sent = {"source": "law", "source_id": law["source_id"]}
    draft = begun(desk)
    with desk.superuser.begin() as connection:
        connection.exec_driver_sql("update documents set circulation = 'LƯU HÀNH NỘI BỘ'")
    assert desk.post("specialist", f"{DOCUMENTS}/{draft}/citations", sent).status_code == 201
    with desk.superuser.connect() as connection:
        kept = connection.exec_driver_sql("select circulation from documents").scalar_one()
    assert kept == "LƯU HÀNH NỘI BỘ"

    finished = begun(desk)
    desk.upload("specialist", f"{DOCUMENTS}/{finished}/content", "a.pdf", hostile.blank(2))
    before = desk.get("specialist", f"{DOCUMENTS}/{finished}").json()["versions"]
    assert desk.post("specialist", f"{DOCUMENTS}/{finished}/citations", sent).status_code == 201
    assert desk.get("specialist", f"{DOCUMENTS}/{finished}").json()["versions"] == before
    assert desk.get("specialist", f"{DOCUMENTS}/{finished}/citations").json() == [law]


def test_a_law_is_written_down_on_the_page_and_what_is_missing_comes_back(desk: Desk) -> None:
    draft = begun(desk)
    path = f"/documents/{draft}/legal-bases"
    refused = desk.send(
        "specialist", f"/documents/{draft}/laws", {**DECREE, "code": ""}, seen_on=path
    )
    assert refused.status_code == 422
    assert 'value="Chính phủ"' in refused.text
    done = desk.send("specialist", f"/documents/{draft}/laws", DECREE, seen_on=path)
    assert location(done) == path
    assert "Căn cứ Nghị định số 30/2020/NĐ-CP" in bases(desk, draft)[-1]
    (linked,) = desk.get("specialist", f"{DOCUMENTS}/{draft}/citations").json()
    gone = desk.send(
        "specialist",
        f"{path}/removal",
        {"source": "law", "source_id": linked["source_id"]},
        seen_on=path,
    )
    assert location(gone) == path
    assert desk.get("specialist", f"{DOCUMENTS}/{draft}/citations").json() == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_legal_bases_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, width: int
) -> None:
    desk.post("specialist", "/api/v1/legal-texts", DECREE)
    draft = begun(desk)
    hit = desk.get("specialist", "/api/v1/citable", q="van thu").json()[0]
    sent = {"source": hit["source"], "source_id": hit["source_id"]}
    desk.post("specialist", f"{DOCUMENTS}/{draft}/citations", sent)
    page = at_desk(desk, chromium, "specialist", width=width)
    page.goto(f"/documents/{draft}/legal-bases?q=van+thu")
    assert page.get_by_text("Đã là căn cứ của dự thảo này.").is_visible()
    browser.screenshot(page, f"documents-legal-bases-{width}")
    browser.assert_no_serious(page)
    browser.assert_fits(page)
    page.context.close()
