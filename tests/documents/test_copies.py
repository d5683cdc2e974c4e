"""Sao y, trích sao, sao lục: what they look like, who makes them, and the book that counts them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pikepdf
import pytest

from eoffice.documents.copies import making as copy_making
from eoffice.documents.copies.making import Block
from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid
from tests.documents import hostile
from tests.documents.cast import DONG_THAP
from tests.documents.conftest import Desk
from tests.documents.every_type import TEXTS
from tests.documents.test_http import DOCUMENTS, sealed
from tests.documents.test_pages import location
from tests.documents.test_rendering import boxes, words

AT = datetime(2018, 8, 13, 2, tzinfo=UTC)
BLOCK = Block(
    form="SAO Y",
    agency="Sở Giáo dục và Đào tạo",
    place="Đồng Tháp",
    notation="SY-SGDĐT",
    recipients=("Các trường THPT",),
    signing_lines=("TL. Giám đốc", "Chánh Văn phòng"),
    signer_name="Nguyễn Văn Hùng",
)


def original(kind: DocumentType = DocumentType.PLAN) -> bytes:
    return rendering.render(kind, TEXTS[kind], DONG_THAP, notation="KH-SGDĐT", at=AT)


def page_count(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return len(file.pages)


def test_the_block_of_a_paper_copy_stands_right_below_the_last_part() -> None:
    pdf = copy_making.paper(original(), (1,), BLOCK, at=AT)

    assert page_count(pdf) == 1
    shown = words(pdf)
    for part in (
        "KẾ HOẠCH",
        "SAO Y",
        "/SY-SGDĐT",
        "TL. GIÁM ĐỐC",
        "CHÁNH VĂN PHÒNG",
        "Nguyễn Văn Hùng",
        "- Các trường THPT;",
        "- Lưu: VT.",
    ):
        assert part in shown
    page, (_, bottom, _, _) = boxes(pdf)["signature_person"]
    assert page == 1
    # Below the signature of the original, which ends about the middle of the page.
    assert bottom < 842 / 2


def test_a_full_last_page_leaves_the_block_a_page_of_its_own() -> None:
    text = TEXTS[DocumentType.DISPATCH]
    full = rendering.render(DocumentType.DISPATCH, text, DONG_THAP, notation="X", at=AT)
    only_first = copy_making.paper(full, (1,), BLOCK, at=AT)
    assert page_count(only_first) == 2
    assert boxes(only_first)["signature_person"][0] == 2


def test_an_electronic_copy_has_room_for_a_signature_without_image_top_right() -> None:
    pdf = copy_making.electronic(original(), (1,))

    placed = boxes(pdf)
    assert set(placed) == {"signature_person", "signature_seal"}
    _, (left, bottom, right, top) = placed["signature_seal"]
    assert (left > 595 * 0.4, right > 540, bottom > 800, top < 842) == (True,) * 4
    person = placed["signature_person"][1]
    assert person[0] == person[2]


def test_signatures_of_the_original_are_seen_but_are_none_any_more() -> None:
    pdf = copy_making.electronic(hostile.blank(pages=3), (2, 3))
    assert page_count(pdf) == 2
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert len(file.Root.AcroForm.Fields) == 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("", (1, 2, 3, 4)), ("1", (1,)), ("1, 3-4", (1, 3, 4)), ("2–3,2", (2, 3))],
)
def test_pages_are_read_as_people_write_them(typed: str, meant: tuple[int, ...]) -> None:
    assert copy_making.chosen_pages(typed, 4) == meant


@pytest.mark.parametrize("typed", ["0", "5", "3-1", "một", "1,,2"])
def test_pages_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        copy_making.chosen_pages(typed, 4)


def issued(desk: Desk) -> str:
    document = sealed(desk)
    answer = desk.post("clerk", f"{DOCUMENTS}/{document}/issuance")
    assert answer.status_code == 200, answer.text
    return document


def signer(desk: Desk) -> str:
    return f"{desk.cast.director.person_id}:head:Giám đốc"


def wanted(desk: Desk, **changed: str) -> dict[str, Any]:
    return {
        "type": "certified_copy",
        "medium": "paper",
        "pages": "",
        "signer": signer(desk),
        "recipients": "Thanh tra Sở",
        **changed,
    }


def test_a_copy_of_an_issued_document_is_made_on_its_page_and_goes_its_own_way(desk: Desk) -> None:
    document = issued(desk)
    path = f"/documents/{document}/copies"
    assert path in desk.page("clerk", f"/documents/{document}").text

    copy = location(desk.send("clerk", path, wanted(desk), seen_on=path))

    page = desk.page("clerk", copy).text
    assert "Văn bản số 01/SGDĐT-CNTTTBTV" in page
    assert "Chưa cấp số" in desk.page("clerk", path).text
    identifier = copy.removeprefix("/documents/")
    put = desk.put(
        "clerk",
        f"{DOCUMENTS}/{identifier}/recipients",
        {"recipients": [{"group_code": "district_offices"}]},
    )
    assert put.status_code == 200
    for login, step in (
        ("clerk", "submission"),
        ("chief_of_administration", "approval"),
        ("clerk", "form-check"),
    ):
        answer = desk.post(login, f"{DOCUMENTS}/{identifier}/{step}")
        assert answer.status_code == 200, answer.text
    desk.signed_by_the_director(identifier)
    assert desk.post("clerk", f"{DOCUMENTS}/{identifier}/number").status_code == 200
    numbered = desk.get("clerk", f"{DOCUMENTS}/{identifier}").json()
    # Copies count for themselves: the dispatch was number one of its own book.
    assert numbered["code"] == "01/SY-SGDĐT"
    desk.sealed_by_the_clerk(identifier)
    assert desk.post("clerk", f"{DOCUMENTS}/{identifier}/issuance").status_code == 200
    listed = desk.get("clerk", f"{DOCUMENTS}/{document}/copies").json()
    assert [(each["code"], each["medium"], each["state"]) for each in listed] == [
        ("01/SY-SGDĐT", "paper", "issued")
    ]


def test_an_extract_names_its_pages_and_a_whole_copy_none(desk: Desk) -> None:
    path = f"/documents/{issued(desk)}/copies"
    for changed in (
        {"type": "extract", "pages": ""},
        {"type": "certified_copy", "pages": "1"},
        {"type": "extract", "pages": "9"},
        {"type": "dispatch"},
        {"signer": ""},
    ):
        answer = desk.send("clerk", path, wanted(desk, **changed), seen_on=path)
        assert answer.status_code == 422, changed
        assert "Thanh tra Sở" in answer.text
    made = desk.post(
        "clerk",
        f"{DOCUMENTS}/{path.split('/')[2]}/copies",
        wanted(desk, type="extract", pages="1", medium="electronic"),
    )
    assert made.status_code == 201, made.text
    found = desk.get("clerk", made.headers["location"]).json()
    assert found["type"] == "extract"
    assert found["versions"][0]["page_count"] == 1


def test_only_the_clerk_copies_and_only_what_was_issued(desk: Desk) -> None:
    document = sealed(desk)
    assert desk.get("clerk", f"{DOCUMENTS}/{document}/copies").status_code == 409
    desk.post("clerk", f"{DOCUMENTS}/{document}/issuance")
    refused = desk.post("specialist", f"{DOCUMENTS}/{document}/copies", wanted(desk))
    assert refused.status_code == 403
    page = desk.page("specialist", f"/documents/{document}/copies").text
    assert "Văn thư cơ quan lập bản sao." in page


def test_the_pages_of_a_copy_are_not_written_or_replaced(desk: Desk) -> None:
    made = desk.post("clerk", f"{DOCUMENTS}/{issued(desk)}/copies", wanted(desk))
    path = made.headers["location"]
    draft = {"text": {"subject": "khác"}, "expected_revision": 2}
    assert desk.put("clerk", f"{path}/draft", draft).status_code == 409
    assert desk.upload("clerk", f"{path}/content", "a.pdf", hostile.blank()).status_code == 409
    assert desk.get("clerk", f"{path}/form-check").json() == {"passes": True, "findings": []}
