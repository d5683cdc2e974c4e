"""A unit keeps templates with fields; a draft begins from one when all of them are filled in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from eoffice.documents.drafts import template_rules as draft_templates
from eoffice.documents.drafts.template_rules import FieldsOpen, Keeping
from eoffice.documents.form import body
from eoffice.documents.form.text import DispatchText
from eoffice.people.kinds import PositionKind
from tests import browser
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS
from tests.documents.test_look import at_desk
from tests.documents.test_pages import location

TEMPLATES = "/api/v1/document-templates"
INVITATION = DispatchText(
    subject="họp {{nội dung họp}}",
    addressees=("{{ thành phần }}",),
    paragraphs=(
        "Thời gian: {{giờ họp}}, ngày {{ngày họp}}.",
        "| Việc | Người chuẩn bị |",
        "|---|---|",
        "| {{nội dung họp}} | **{{người chuẩn bị}}** |",
        "Trân trọng kính mời./.",
    ),
)
VALUES = {
    "nội dung họp": "giao ban tháng 9",
    "thành phần": "Trưởng các phòng",
    "giờ họp": "08 giờ",
    "ngày họp": "05/9/2018",
    "người chuẩn bị": "Văn phòng | Tổ 1",
}
SENT = {
    "name": "Giấy mời họp",
    "type": "invitation",
    "text": {
        "subject": INVITATION.subject,
        "addressees": list(INVITATION.addressees),
        "paragraphs": list(INVITATION.paragraphs),
    },
}


def test_fields_are_named_once_in_the_order_in_which_they_are_read() -> None:
    assert draft_templates.fields(INVITATION) == (
        "nội dung họp",
        "thành phần",
        "giờ họp",
        "ngày họp",
        "người chuẩn bị",
    )


def test_every_place_of_a_field_is_filled_and_words_make_no_cells() -> None:
    text = draft_templates.filled(INVITATION, VALUES)
    assert text.subject == "họp giao ban tháng 9"
    assert text.addressees == ("Trưởng các phòng",)
    assert text.paragraphs[0] == "Thời gian: 08 giờ, ngày 05/9/2018."
    table = body.blocks(text.paragraphs)[1]
    assert isinstance(table, body.Table)
    assert table.rows == (("giao ban tháng 9", "**Văn phòng | Tổ 1**"),)
    assert draft_templates.fields(text) == ()


@pytest.mark.parametrize("words", ["", "  ", "x" * 2_001])
def test_a_field_without_words_is_refused_by_its_name(words: str) -> None:
    with pytest.raises(FieldsOpen) as refused:
        draft_templates.filled(INVITATION, {**VALUES, "ngày họp": words})
    assert set(refused.value.fields) == {"ngày họp"}


def test_words_are_filled_in_as_they_are_and_not_read_as_fields() -> None:
    text = draft_templates.filled(INVITATION, {**VALUES, "giờ họp": "{{ngày họp}}"})
    assert "{{ngày họp}}" in text.paragraphs[0]


@pytest.mark.parametrize("position", PositionKind)
def test_heads_and_clerks_keep_templates_and_others_use_them(position: PositionKind) -> None:
    expected = {
        PositionKind.HEAD: Keeping.AGENCY,
        PositionKind.DEPUTY_HEAD: Keeping.AGENCY,
        PositionKind.CLERK: Keeping.AGENCY,
        PositionKind.OFFICE_HEAD: Keeping.UNIT,
        PositionKind.OFFICE_DEPUTY: Keeping.UNIT,
    }
    assert draft_templates.keeps(position) is expected.get(position)


def test_a_template_is_kept_used_changed_and_given_up(desk: Desk) -> None:
    kept = desk.post("office_head", TEMPLATES, SENT)
    assert kept.status_code == 201, kept.text
    path = kept.headers["location"]
    assert kept.json()["fields"] == list(VALUES)
    assert kept.json()["is_of_agency"] is False

    (seen,) = desk.get("specialist", TEMPLATES).json()
    assert seen["name"] == "Giấy mời họp"
    begun = desk.post("specialist", f"{path}/drafts", {"values": VALUES})
    assert begun.status_code == 201, begun.text
    draft = desk.get("specialist", begun.headers["location"]).json()
    assert draft["type"] == "invitation"
    assert draft["subject"] == "họp giao ban tháng 9"
    assert draft["versions"][0]["text"]["signer_name"] == "Trần Thanh Liêm"
    open_field = desk.post("specialist", f"{path}/drafts", {"values": {"giờ họp": "08 giờ"}})
    assert open_field.status_code == 422
    assert "ngày họp" in open_field.text

    changed = {**SENT, "name": "Giấy mời", "expected_revision": 1}
    assert desk.put("office_head", path, changed).json() == {"revision": 2}
    assert desk.put("office_head", path, changed).status_code == 409
    assert desk.client.delete(path, headers={"x-login": "office_head"}).status_code == 204
    assert desk.get("specialist", TEMPLATES).json() == []
    assert desk.post("specialist", f"{path}/drafts", {"values": VALUES}).status_code == 404
    assert desk.get("specialist", begun.headers["location"]).status_code == 200


def test_templates_are_for_their_unit_or_for_the_whole_agency(desk: Desk) -> None:
    own = desk.post("office_head", TEMPLATES, SENT).headers["location"]
    common = desk.post("clerk", TEMPLATES, SENT)
    assert common.status_code == 201, common.text
    assert common.json()["is_of_agency"] is True

    assert desk.post("specialist", TEMPLATES, SENT).status_code == 403
    assert desk.post("office_head", TEMPLATES, SENT).status_code == 409
    change = {**SENT, "name": "Tên khác", "expected_revision": 1}
    assert desk.put("office_head", common.headers["location"], change).status_code == 403
    assert desk.put("specialist", own, change).status_code == 403
    seen = {login: len(desk.get(login, TEMPLATES).json()) for login in ("specialist", "director")}
    assert seen == {"specialist": 2, "director": 1}
    assert desk.get("director", own).status_code == 404


def test_each_change_of_a_template_is_on_record(desk: Desk) -> None:
    path = desk.post("office_head", TEMPLATES, SENT).headers["location"]
    desk.put("office_head", path, {**SENT, "expected_revision": 1})
    with desk.superuser.connect() as connection:
        actions = connection.exec_driver_sql(
            "select action from audit_events where object_kind = 'draft_template' order by at, id"
        ).scalars()
        assert list(actions) == ["draft_template.kept", "draft_template.changed"]


def test_a_draft_is_begun_on_the_pages_and_an_open_field_comes_back(desk: Desk) -> None:
    fields = {
        "name": "Giấy mời họp",
        "type": "invitation",
        "revision": "0",
        "subject": INVITATION.subject,
        "paragraphs": body.typed(INVITATION.paragraphs),
    }
    kept = desk.send(
        "office_head", "/documents/templates", fields, seen_on="/documents/templates/new"
    )
    assert location(kept) == "/documents/templates"
    template = desk.get("specialist", TEMPLATES).json()[0]["id"]
    path = f"/documents/templates/{template}/draft"

    refused = desk.send("specialist", path, {"field-1": "08 giờ"}, seen_on=path)
    assert refused.status_code == 422
    assert 'value="08 giờ"' in refused.text
    assert "Cần điền mục này." in refused.text
    values = {"field-0": "giao ban", "field-1": "08 giờ", "field-2": "05/9", "field-3": "Ân"}
    begun = location(desk.send("specialist", path, values, seen_on=path))
    assert begun.endswith("/draft")
    api = f"{DOCUMENTS}/{begun.split('/')[2]}"
    assert desk.get("specialist", api).json()["subject"] == "họp giao ban"

    edit = f"/documents/templates/{template}"
    changed = desk.send(
        "office_head", edit, {**fields, "name": "Mời họp", "revision": "1"}, seen_on=edit
    )
    assert location(changed) == "/documents/templates"
    gone = desk.send("office_head", f"{edit}/retirement", {}, seen_on=edit)
    assert location(gone) == "/documents/templates"
    assert "Chưa có mẫu nào." in desk.page("specialist", "/documents/templates").text


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_templates_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, width: int
) -> None:
    template = desk.post("office_head", TEMPLATES, SENT).json()["id"]
    for address, name in (
        ("/documents/templates", "list"),
        (f"/documents/templates/{template}", "edit"),
        (f"/documents/templates/{template}/draft", "fill"),
    ):
        page = at_desk(desk, chromium, "office_head", width=width)
        page.goto(address)
        browser.screenshot(page, f"documents-templates-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
