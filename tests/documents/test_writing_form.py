"""The writing page: stamps, blanks of the form, signers offered by today's rights, appendices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from eoffice.documents.drafts import writing_form
from eoffice.errors import Invalid
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, TEXT
from tests.documents.test_pages import location


def begun(desk: Desk, kind: str, **given: Any) -> str:
    answer = desk.post(
        "specialist", f"{DOCUMENTS}/", {"type": kind, "text": {"subject": "Họp"}, **given}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def saved(desk: Desk, document: str, **fields: str) -> dict[str, Any]:
    path = f"/documents/{document}/draft"
    answer = desk.send(
        "specialist", path, {"revision": "1", "subject": "Họp", **fields}, seen_on=path
    )
    assert location(answer) == f"/documents/{document}"
    found: dict[str, Any] = desk.get("specialist", f"{DOCUMENTS}/{document}").json()
    return found


def test_secrecy_circulation_and_the_hour_are_kept_with_the_document(desk: Desk) -> None:
    document = begun(desk, "plan")

    found = saved(
        desk,
        document,
        urgency="express_at",
        express_at="14/8/2018 10:00",
        secrecy="secret",
        circulation="lưu hành nội bộ",
    )

    assert found["urgency"] == "express_at"
    assert datetime.fromisoformat(found["express_at"]) == datetime(2018, 8, 14, 3, tzinfo=UTC)
    assert found["secrecy"] == "secret"
    assert found["circulation"] == "LƯU HÀNH NỘI BỘ"
    page = desk.page("specialist", f"/documents/{document}").text
    assert "Tối mật" in page
    assert "LƯU HÀNH NỘI BỘ" in page
    editor = desk.page("specialist", f"/documents/{document}/draft").text
    assert 'value="14/8/2018 10:00"' in editor


def test_an_hour_falls_away_with_the_urgency_that_it_belongs_to(desk: Desk) -> None:
    document = begun(desk, "plan", urgency="express_at", express_at="2018-08-14T10:00:00+07:00")
    put = desk.put(
        "specialist",
        f"{DOCUMENTS}/{document}/draft",
        {"text": {"subject": "Họp"}, "expected_revision": 1, "urgency": "urgent"},
    )
    assert put.status_code == 200
    found = desk.get("specialist", f"{DOCUMENTS}/{document}").json()
    assert (found["urgency"], found["express_at"]) == ("urgent", None)


def test_what_the_program_leaves_out_stays_as_it_is(desk: Desk) -> None:
    document = begun(desk, "plan", secrecy="confidential", circulation="XEM XONG TRẢ LẠI")
    desk.put(
        "specialist",
        f"{DOCUMENTS}/{document}/draft",
        {"text": {"subject": "Họp giao ban"}, "expected_revision": 1},
    )
    found = desk.get("specialist", f"{DOCUMENTS}/{document}").json()
    assert (found["secrecy"], found["circulation"]) == ("confidential", "XEM XONG TRẢ LẠI")


def test_a_wrong_hour_comes_back_with_what_was_typed(desk: Desk) -> None:
    path = f"/documents/{begun(desk, 'plan')}/draft"
    answer = desk.send(
        "specialist",
        path,
        {"revision": "1", "subject": "câu đang gõ", "express_at": "mười giờ"},
        seen_on=path,
    )
    assert answer.status_code == 422
    assert "Ghi ngày và giờ" in answer.text
    assert "câu đang gõ" in answer.text


def test_the_blanks_of_an_invitation_stand_on_its_page_and_are_kept(desk: Desk) -> None:
    document = begun(desk, "invitation")
    assert "Kính mời" in desk.page("specialist", f"/documents/{document}/draft").text

    found = saved(desk, document, particular_invited="Hiệu trưởng", particular_venue="Hội trường")

    assert found["versions"][0]["text"]["particulars"] == {
        "invited": "Hiệu trưởng",
        "venue": "Hội trường",
    }
    assert 'value="Hội trường"' in desk.page("specialist", f"/documents/{document}/draft").text


def test_who_may_sign_today_is_offered_and_fills_in_the_words_above_the_signature(
    desk: Desk,
) -> None:
    document = begun(desk, "plan")
    editor = desk.page("specialist", f"/documents/{document}/draft").text
    deputy = desk.cast.deputy_director
    assert f"KT. Giám đốc, Phó Giám đốc: {deputy.full_name}" in editor

    found = saved(
        desk,
        document,
        signer=f"{deputy.person_id}:for_head:Phó Giám đốc",
        collective="Ban Chỉ đạo",
    )

    text = found["versions"][0]["text"]
    assert (text["capacity"], text["on_behalf_of"]) == ("for_head", "Giám đốc")
    assert (text["signer_title"], text["signer_name"]) == ("Phó Giám đốc", deputy.full_name)
    assert text["collective"] == "Ban Chỉ đạo"


def test_the_head_signs_for_a_collective_when_one_is_named(desk: Desk) -> None:
    document = begun(desk, "resolution")
    signer = f"{desk.cast.director.person_id}:head:Giám đốc"
    text = saved(desk, document, signer=signer, collective="Hội đồng")["versions"][0]["text"]
    assert (text["capacity"], text["on_behalf_of"], text["collective"]) == (
        "on_behalf",
        "Hội đồng",
        "",
    )


def test_somebody_without_a_right_cannot_be_chosen(desk: Desk) -> None:
    path = f"/documents/{begun(desk, 'plan')}/draft"
    answer = desk.send(
        "specialist",
        path,
        {"revision": "1", "subject": "Họp", "signer": f"{desk.cast.specialist.person_id}:head:X"},
        seen_on=path,
    )
    assert answer.status_code == 422
    assert "không còn thẩm quyền" in answer.text


def test_appendices_are_written_on_their_page_and_survive_the_saving_of_the_text(
    desk: Desk,
) -> None:
    document = begun(desk, "decision")
    path = f"/documents/{document}/appendices"
    fields = {
        "revision": "1",
        "appendix_1_type": "statute",
        "appendix_1_title": "Sử dụng học bạ số",
        "appendix_1_paragraphs": "**Điều 1.** Một./.",
        "more": "1",
    }
    answer = desk.send("specialist", path, fields, seen_on=path)
    assert location(answer) == path

    more = {
        **fields,
        "revision": "2",
        "appendix_2_title": "Danh sách",
        "appendix_2_paragraphs": "Một.\nHai.",
    }
    del more["more"]
    answer = desk.send("specialist", path, more, seen_on=path)
    assert location(answer) == f"/documents/{document}/draft"

    saved(desk, document, revision="3", paragraphs="**Điều 1.** Ban hành kèm theo./.")
    found = desk.get("specialist", f"{DOCUMENTS}/{document}").json()["versions"][0]["text"]
    assert [each["title"] for each in found["appendices"]] == ["Sử dụng học bạ số", "Danh sách"]
    assert found["appendices"][0]["type"] == "statute"
    assert found["appendices"][1]["paragraphs"] == ["Một.", "Hai."]
    page = desk.client.get(
        f"{DOCUMENTS}/{document}/versions/1/content", headers={"x-login": "specialist"}
    )
    assert page.status_code == 200
    assert page.content.startswith(b"%PDF")


def test_too_long_appendices_are_refused_and_come_back(desk: Desk) -> None:
    path = f"/documents/{begun(desk, 'plan')}/appendices"
    answer = desk.send(
        "specialist",
        path,
        {"revision": "1", "appendix_1_title": "x" * 501, "appendix_1_paragraphs": "Một."},
        seen_on=path,
    )
    assert answer.status_code == 422
    assert "x" * 501 in answer.text


@pytest.mark.parametrize("body", [{"appendices": "x"}, {"particulars": {"unknown": "x"}}])
def test_odd_parts_of_a_text_are_refused(desk: Desk, body: dict[str, Any]) -> None:
    answer = desk.post("specialist", f"{DOCUMENTS}/", {"type": "plan", "text": {**TEXT, **body}})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("words", "hour"),
    [("14/8/2018 10:00", 3), ("14/08/2018, 10 giờ", 3), ("14/8/2018 10h30", 3)],
)
def test_hours_are_read_as_people_write_them(words: str, hour: int) -> None:
    at = writing_form.instant("express_at", words)
    assert at is not None
    assert at.astimezone(UTC).hour == hour


def test_an_hour_that_is_none_is_refused() -> None:
    assert writing_form.instant("express_at", " ") is None
    with pytest.raises(Invalid):
        writing_form.instant("express_at", "31/2/2018 10:00")
