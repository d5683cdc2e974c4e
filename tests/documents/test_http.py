"""A dispatch goes from draft to issue over HTTP; who may not, and what is not ready, is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from eoffice.documents.form import text as texts
from eoffice.objects.sha256 import Sha256
from eoffice.printing import pdf_fields
from tests.documents import hostile
from tests.documents.cast import LETTER_960
from tests.documents.conftest import Desk

DOCUMENTS = "/api/v1/documents"
TEXT: dict[str, Any] = texts.serialise(LETTER_960)


def begun(desk: Desk) -> str:
    answer = desk.post("specialist", f"{DOCUMENTS}/", {"type": "dispatch", "text": TEXT})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def awaiting_signature(desk: Desk) -> str:
    document = begun(desk)
    recipients = [
        {"group_code": "district_offices"},
        {"group_code": "upper_secondary_schools"},
    ]
    put = desk.put("specialist", f"{DOCUMENTS}/{document}/recipients", {"recipients": recipients})
    assert put.status_code == 200, put.text
    for login, step in (
        ("specialist", "submission"),
        ("office_head", "approval"),
        ("clerk", "form-check"),
    ):
        answer = desk.post(login, f"{DOCUMENTS}/{document}/{step}")
        assert answer.status_code == 200, answer.text
    return document


def signed(desk: Desk) -> str:
    document = awaiting_signature(desk)
    desk.signed_by_the_director(document)
    return document


def sealed(desk: Desk) -> str:
    document = signed(desk)
    assert desk.post("clerk", f"{DOCUMENTS}/{document}/number").status_code == 200
    desk.sealed_by_the_clerk(document)
    return document


def promises(desk: Desk) -> list[str]:
    with desk.superuser.connect() as connection:
        return list(connection.scalars(text("select task from outbox order by task")))


def test_a_dispatch_is_drafted_returned_approved_checked_numbered_and_issued(desk: Desk) -> None:
    opening = desk.put("clerk", "/api/v1/books/outgoing/2018", {"opening_number": 959})
    assert opening.status_code == 200
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}"
    desk.put(
        "specialist",
        f"{path}/recipients",
        {"recipients": [{"group_code": "district_offices"}]},
    )
    desk.upload("specialist", f"{path}/attachments", "611.pdf", hostile.blank())

    assert desk.post("specialist", f"{path}/submission").json()["state"] == "submitted"
    returned = desk.post("office_head", f"{path}/return", {"reason": "Tỉ lệ chưa đúng."}).json()
    assert returned["state"] == "draft"
    assert [version["ordinal"] for version in returned["versions"]] == [1, 2]
    assert returned["comments"][0]["text"] == "Tỉ lệ chưa đúng."

    corrected = {**TEXT, "paragraphs": [p.replace("93,1%", "93,02%") for p in TEXT["paragraphs"]]}
    saved = desk.put("specialist", f"{path}/draft", {"text": corrected, "expected_revision": 1})
    assert saved.json() == {"revision": 2}
    assert desk.post("specialist", f"{path}/submission").json()["state"] == "submitted"
    assert desk.post("office_head", f"{path}/approval").json()["state"] == "checking"
    assert desk.get("clerk", f"{path}/form-check").json() == {"passes": True, "findings": []}
    passed = desk.post("clerk", f"{path}/form-check").json()
    assert passed["state"] == "awaiting_signature"

    desk.signed_by_the_director(document)
    numbered = desk.post("clerk", f"{path}/number").json()
    year = numbered["issued_on"][:4]
    assert numbered["code"].endswith("/SGDĐT-CNTTTBTV")
    page = desk.store.get(Sha256.parse(numbered["versions"][-1]["content_sha256"]))
    assert pdf_fields.field_values(page)["number_notation"] == numbered["code"]

    desk.sealed_by_the_clerk(document)
    issued = desk.post("clerk", f"{path}/issuance").json()
    assert issued["state"] == "issued"
    assert issued["issuance"]["recipients"] == 2
    assert promises(desk) == ["archive.ingest", "routing.deliver"]
    lines = desk.get("clerk", f"/api/v1/books/outgoing/{year}").json()["lines"]
    assert [line["code"] for line in lines] == [numbered["code"]]
    assert lines[0]["recipients"] == "Phòng GDĐT huyện, thị xã, thành phố"


def test_a_step_that_is_sent_twice_is_done_once(desk: Desk) -> None:
    document = signed(desk)
    path = f"{DOCUMENTS}/{document}/number"

    first = desk.post("clerk", path, key="one number only")
    again = desk.post("clerk", path, key="one number only")

    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"


def test_numbering_that_was_interrupted_is_finished_with_the_same_number(desk: Desk) -> None:
    """Given a number in the book and no number on the page, as after a kill in between."""
    document = signed(desk)
    with desk.superuser.begin() as connection:
        source = connection.scalar(
            text("select content_sha256 from document_versions where kind = 'signed'")
        )
    first = desk.post("clerk", f"{DOCUMENTS}/{document}/number").json()
    with desk.superuser.begin() as connection:
        connection.execute(text("delete from document_versions where kind = 'numbered'"))

    second = desk.post("clerk", f"{DOCUMENTS}/{document}/number").json()

    assert second["code"] == first["code"]
    assert (
        second["versions"][-1]["content_sha256"]
        == first["versions"][-1]["content_sha256"]
        != source
    )


def test_the_form_check_stops_a_broken_draft_and_names_the_fields(desk: Desk) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}"
    broken = {**TEXT, "signer_name": "", "paragraphs": ["Không có kết thúc."]}
    desk.put("specialist", f"{path}/draft", {"text": broken, "expected_revision": 1})
    desk.post("specialist", f"{path}/submission")
    desk.post("office_head", f"{path}/approval")

    answer = desk.post("clerk", f"{path}/form-check")

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert set(answer.json()["fields"]) == {"paragraphs", "signer_name"}
    assert desk.get("clerk", path).json()["state"] == "checking"


def test_a_draft_that_somebody_else_saved_is_not_overwritten(desk: Desk) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}/draft"
    first = desk.put("specialist", path, {"text": TEXT, "expected_revision": 1})
    late = desk.put("specialist", path, {"text": {}, "expected_revision": 1})

    assert first.status_code == 200
    assert late.status_code == 409
    kept = desk.get("specialist", f"{DOCUMENTS}/{document}").json()["versions"][0]["text"]
    assert kept["subject"] == LETTER_960.subject


@pytest.mark.parametrize(
    ("login", "step"),
    [
        ("secondary_office_head", "approval"),
        ("specialist", "approval"),
        ("clerk", "approval"),
        ("clerk", "return"),
    ],
)
def test_who_may_not_take_the_step_is_told_whose_it_is(desk: Desk, login: str, step: str) -> None:
    document = begun(desk)
    desk.post("specialist", f"{DOCUMENTS}/{document}/submission")

    answer = desk.post(login, f"{DOCUMENTS}/{document}/{step}", {"reason": "x"})

    assert answer.status_code == 403
    assert "lãnh đạo đơn vị soạn thảo" in answer.json()["detail"]


@pytest.mark.parametrize("login", ["district_head", "school_clerk"])
def test_another_agency_does_not_learn_that_the_document_exists(desk: Desk, login: str) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}"

    assert desk.get(login, path).status_code == 404
    assert desk.get(login, f"{path}/versions/1/content").status_code == 404
    assert desk.post(login, f"{path}/comments", {"text": "x"}).status_code == 404
    assert desk.get(login, f"{DOCUMENTS}/").json()["items"] == []


def test_nobody_reads_without_signing_in(desk: Desk) -> None:
    assert desk.get("nobody", f"{DOCUMENTS}/").status_code == 401


def test_a_step_out_of_turn_is_refused(desk: Desk) -> None:
    document = begun(desk)
    answer = desk.post("clerk", f"{DOCUMENTS}/{document}/issuance")
    assert answer.status_code == 409
    assert "đang được soạn thảo" in answer.json()["detail"]


def test_a_document_without_recipients_is_not_issued(desk: Desk) -> None:
    document = sealed(desk)
    with desk.superuser.begin() as connection:
        connection.execute(text("delete from document_recipients"))

    answer = desk.post("clerk", f"{DOCUMENTS}/{document}/issuance")

    assert answer.status_code == 422
    assert promises(desk) == []


def test_a_number_of_a_document_that_never_went_out_stays_in_the_book_annulled(
    desk: Desk,
) -> None:
    document = sealed(desk)
    answer = desk.post("director", f"{DOCUMENTS}/{document}/withdrawal", {"reason": "Sai tên."})
    assert answer.json()["state"] == "withdrawn"

    year = answer.json()["issued_on"][:4]
    (line,) = desk.get("clerk", f"/api/v1/books/outgoing/{year}").json()["lines"]
    assert line["annulled_because"] == "Sai tên."


def test_recipients_that_do_not_exist_are_refused(desk: Desk) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}/recipients"
    for wrong in (
        {"group_code": "nobody"},
        {"unit_id": "0198c0de-0000-7000-8000-000000000000"},
        {},
    ):
        answer = desk.put("specialist", path, {"recipients": [wrong]})
        assert answer.status_code in (400, 404, 422), answer.text


def test_the_distribution_names_the_units_of_the_groups(desk: Desk) -> None:
    document = awaiting_signature(desk)
    names = [
        each["name"] for each in desk.get("clerk", f"{DOCUMENTS}/{document}/distribution").json()
    ]
    assert len(names) == 4
    assert "Trường THPT Sen Hồng" in names


def test_a_finished_pdf_becomes_the_draft_with_fields_for_number_and_signatures(
    desk: Desk,
) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}"
    answer = desk.upload("specialist", f"{path}/content", "du-thao.pdf", hostile.blank(2))
    assert answer.json() == {"revision": 2}

    submitted = desk.post("specialist", f"{path}/submission").json()

    version = submitted["versions"][-1]
    assert version["page_count"] == 2
    pdf = desk.store.get(Sha256.parse(version["content_sha256"]))
    assert set(pdf_fields.field_values(pdf)) == {"number_notation", "issued_on"}


@pytest.mark.parametrize(
    ("content", "status"),
    [(hostile.with_script_on_opening(), 422), (b"GIF89a", 422), (hostile.word(), 422)],
)
def test_an_upload_that_cannot_be_signed_is_refused(
    desk: Desk, content: bytes, status: int
) -> None:
    document = begun(desk)
    answer = desk.upload("specialist", f"{DOCUMENTS}/{document}/content", "x.pdf", content)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_an_attachment_comes_back_byte_for_byte_and_never_opens_in_the_page(desk: Desk) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}/attachments"
    content = hostile.blank()
    made = desk.upload("specialist", path, "../../Thông tin 611.pdf", content)

    got = desk.get("clerk", made.headers["location"])

    assert got.content == content
    assert got.headers["content-disposition"].startswith("attachment;")
    assert desk.get("clerk", f"{DOCUMENTS}/{document}").json()["attachments"][0]["name"] == (
        "Thông tin 611.pdf"
    )


def test_a_page_of_a_version_is_a_picture(desk: Desk) -> None:
    document = begun(desk)
    answer = desk.get("specialist", f"{DOCUMENTS}/{document}/versions/1/pages/1", width=200)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, no-cache"
    missing = desk.get("specialist", f"{DOCUMENTS}/{document}/versions/1/pages/9", width=200)
    assert missing.status_code == 404


def test_two_versions_are_compared_paragraph_by_paragraph(desk: Desk) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}"
    desk.post("specialist", f"{path}/submission")
    desk.post("office_head", f"{path}/return", {"reason": "Sửa lại căn cứ của văn bản."})
    paragraphs = ["Mở đầu khác.", *TEXT["paragraphs"][1:]]
    desk.put(
        "specialist",
        f"{path}/draft",
        {"text": {**TEXT, "paragraphs": paragraphs}, "expected_revision": 1},
    )

    answer = desk.get("clerk", f"{path}/comparison", older=1, newer=2).json()

    assert answer["fields"] == ["Nội dung"]
    assert answer["paragraphs"] == [[TEXT["paragraphs"][0], "Mở đầu khác."]]


def test_lists_are_cut_by_state_and_words_and_go_on_by_cursor(desk: Desk) -> None:
    first = begun(desk)
    second = begun(desk)
    desk.post("specialist", f"{DOCUMENTS}/{first}/submission")

    drafts = desk.get("clerk", f"{DOCUMENTS}/", state="draft").json()["items"]
    assert [each["id"] for each in drafts] == [second]
    assert len(desk.get("clerk", f"{DOCUMENTS}/", q="dieu hanh giao duc").json()["items"]) == 2
    assert desk.get("clerk", f"{DOCUMENTS}/", q="tuyen sinh").json()["items"] == []
    top = desk.get("clerk", f"{DOCUMENTS}/", limit=1).json()
    rest = desk.get("clerk", f"{DOCUMENTS}/", limit=1, cursor=top["next_cursor"]).json()
    assert [top["items"][0]["id"], rest["items"][0]["id"]] == [second, first]


def test_only_the_clerk_opens_the_book(desk: Desk) -> None:
    path = "/api/v1/books/outgoing/2018"
    assert desk.put("specialist", path, {"opening_number": 959}).status_code == 403
    assert desk.put("clerk", path, {"opening_number": 959}).status_code == 200
    assert desk.put("clerk", path, {"opening_number": -1}).status_code in (400, 422)
