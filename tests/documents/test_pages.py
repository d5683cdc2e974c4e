"""Pages of documents: what can be done now is one button, and nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from eoffice.documents.form import text as texts
from tests.documents.cast import LETTER_960
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, awaiting_signature, begun, sealed, signed

FIELDS: dict[str, Any] = {
    key: "\n".join(value) if isinstance(value, list) else value
    for key, value in texts.serialise(LETTER_960).items()
}


def location(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def begun_on_the_page(desk: Desk) -> str:
    answer = desk.send(
        "specialist",
        "/documents",
        {"type": "dispatch", "subject": LETTER_960.subject, "urgency": "ordinary"},
        seen_on="/documents/new",
    )
    return location(answer).removesuffix("/draft")


def test_a_draft_is_begun_with_signer_and_filing_filled_in(desk: Desk) -> None:
    path = begun_on_the_page(desk)

    editor = desk.page("specialist", f"{path}/draft").text

    assert 'value="Trần Thanh Liêm"' in editor
    assert 'value="VT, CNTTTBTV"' in editor
    assert LETTER_960.subject in editor


def test_a_draft_without_subject_comes_back_with_what_was_typed(desk: Desk) -> None:
    answer = desk.send(
        "specialist",
        "/documents",
        {"type": "plan", "subject": "", "urgency": "urgent"},
        seen_on="/documents/new",
    )
    assert answer.status_code == 422
    assert "Cần điền mục này." in answer.text
    assert '<option value="plan" selected>' in answer.text


def test_what_is_typed_is_saved_and_the_new_revision_goes_back_into_the_form(desk: Desk) -> None:
    path = f"{begun_on_the_page(desk)}/draft"
    token = re.search(r'name="_token" value="([^"]+)"', desk.page("specialist", path).text)
    assert token is not None

    def typed(revision: str, **changed: str) -> Any:
        return desk.client.post(
            path,
            headers={"x-login": "specialist", "x-page": "1", "accept": "application/json"},
            data={**FIELDS, **changed, "revision": revision, "_token": token[1]},
        )

    first = typed("1").json()
    assert first["revision"] == "2"
    assert re.fullmatch(r"\d\d:\d\d:\d\d", first["saved_at"])
    assert typed("2").json()["revision"] == "3"
    late = typed("2", subject="của người chưa thấy lần lưu trước")
    assert late.status_code == 409
    assert "người khác lưu" in late.json()["detail"]
    assert late.json()["revision"] == "3"
    assert "báo tin cho cha mẹ học sinh" in desk.page("specialist", path).text


def test_a_saving_that_comes_too_late_comes_back_with_what_was_typed(desk: Desk) -> None:
    path = begun_on_the_page(desk)
    fields = {**FIELDS, "revision": "7", "subject": "câu đang gõ dở"}
    answer = desk.send("specialist", f"{path}/draft", fields, seen_on=f"{path}/draft")
    assert answer.status_code == 409
    assert "câu đang gõ dở" in answer.text


def test_the_way_of_a_dispatch_by_buttons(desk: Desk) -> None:
    """One primary action at a time, each for the person whose step it is."""
    path = begun_on_the_page(desk)
    saved = desk.send(
        "specialist", f"{path}/draft", {**FIELDS, "revision": "1"}, seen_on=f"{path}/draft"
    )
    assert location(saved) == path
    chosen = desk.send(
        "specialist",
        f"{path}/distribution",
        {"add": ["group:district_offices", "group:upper_secondary_schools"], "do": "save"},
        seen_on=f"{path}/distribution",
    )
    assert location(chosen) == path

    def press(login: str, noun: str, **fields: str) -> None:
        assert f'action="{path}/{noun}"' in desk.page(login, path).text, noun
        answer = desk.send(login, f"{path}/{noun}", fields, seen_on=path)
        assert location(answer).partition("#")[0] == path

    press("specialist", "submission")
    assert "Đang chờ Trưởng phòng Bùi Văn Đức duyệt nội dung" in desk.page("clerk", path).text
    press("office_head", "comments", text="Đề nghị xem lại tỉ lệ.")
    press("office_head", "return", reason="Tỉ lệ 40/43 chưa đúng.")
    assert "Tỉ lệ 40/43 chưa đúng." in desk.page("specialist", path).text
    press("specialist", "submission")
    press("office_head", "approval")
    checking = desk.page("clerk", path).text
    assert "40/43 là 93,02%" in checking
    press("clerk", "form-check")
    assert f'href="{path}/signature"' in desk.page("director", path).text
    desk.signed_by_the_director(path.rpartition("/")[2])
    press("clerk", "number")
    assert "01/SGDĐT-CNTTTBTV" in desk.page("clerk", path).text
    assert f'href="{path}/seal"' in desk.page("clerk", path).text
    desk.sealed_by_the_clerk(path.rpartition("/")[2])
    before = desk.page("clerk", f"{path}/issuance").text
    assert "Phát hành đến 4 nơi nhận" in before
    assert "Trường THPT Sen Hồng" in before
    issued = desk.send("clerk", f"{path}/issuance", {}, seen_on=f"{path}/issuance")
    assert location(issued) == path
    after = desk.page("clerk", path).text
    assert "Đã phát hành đến 4 nơi nhận" in after
    assert f'href="{path}/recipients"' in after


def test_who_can_do_nothing_now_sees_no_step(desk: Desk) -> None:
    path = f"/documents/{awaiting_signature(desk)}"
    shown = desk.page("specialist", path).text
    assert "Đang chờ Giám đốc Trần Thanh Liêm ký" in shown
    for noun in ("submission", "approval", "form-check", "number", "issuance", "withdrawal"):
        assert f'action="{path}/{noun}"' not in shown


def test_a_number_whose_page_is_missing_can_be_written_again(desk: Desk) -> None:
    document = signed(desk)
    assert "Số tiếp theo của sổ: 01." in desk.page("clerk", f"/documents/{document}").text


def test_an_earlier_version_shows_what_changed_since(desk: Desk) -> None:
    document = begun(desk)
    path = f"{DOCUMENTS}/{document}"
    desk.post("specialist", f"{path}/submission")
    desk.post("office_head", f"{path}/return", {"reason": "Sửa lại căn cứ của văn bản."})
    text = texts.serialise(LETTER_960)
    desk.put(
        "specialist",
        f"{path}/draft",
        {"text": {**text, "paragraphs": ["Đoạn mới./."]}, "expected_revision": 1},
    )

    shown = desk.page("specialist", f"/documents/{document}/versions/2").text

    assert "Phần được sửa: Nội dung." in shown
    assert "<ins>Đoạn mới./.</ins>" in shown
    assert "<del>" in shown


def test_a_form_of_another_session_is_refused(desk: Desk) -> None:
    document = begun(desk)
    answer = desk.client.post(
        f"/documents/{document}/submission",
        headers={"x-login": "specialist", "x-page": "1"},
        data={"_token": "x", "_key": uuid4().hex},
    )
    assert answer.status_code in (403, 409, 422)
    assert desk.get("specialist", f"{DOCUMENTS}/{document}").json()["state"] == "draft"


def test_the_list_and_the_book_show_what_was_issued(desk: Desk) -> None:
    document = sealed(desk)
    desk.post("clerk", f"{DOCUMENTS}/{document}/issuance")
    code = desk.get("clerk", f"{DOCUMENTS}/{document}").json()["code"]

    for address in ("/documents", "/documents?show=issued"):
        assert code in desk.page("clerk", address).text
    assert code not in desk.page("clerk", "/documents?show=mine").text
    year = desk.get("clerk", f"{DOCUMENTS}/{document}").json()["issued_on"][:4]
    book = desk.page("clerk", f"/documents/books/{year}").text
    assert f"Sổ đăng ký văn bản đi năm {year}" in book
    assert code in book


def test_empty_lists_say_what_will_appear(desk: Desk) -> None:
    assert "Chưa có văn bản nào ở đây." in desk.page("clerk", "/documents").text
    assert "Sổ chưa có văn bản nào." in desk.page("clerk", "/documents/books/2018").text


def test_the_clerk_opens_the_book_behind_the_paper_book(desk: Desk) -> None:
    path = "/documents/books/2018"
    answer = desk.send("clerk", path, {"opening_number": "959"}, seen_on=path)
    assert location(answer) == path
    assert "Số cuối đã cấp: 959." in desk.page("clerk", path).text
    wrong = desk.send("clerk", path, {"opening_number": "nhiều"}, seen_on=path)
    assert wrong.status_code == 422
    assert "Cần một số nguyên." in wrong.text
