"""Metadata beside a document: written with the draft, added to by the clerk, never without a trace.

Decree 30/2020, Annex VI: language, description and number of copies of an outgoing document; what
is in the books can be added to, and its number, date and signed content stay as they are.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import text

from eoffice.documents.metadata import rules as metadata_rules
from eoffice.documents.metadata.rules import Metadata, MetadataWrong
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun, sealed, signed

WHY = "Bổ sung số bản in gửi bưu điện"
SAID: dict[str, Any] = {
    "language": "Tiếng Anh",
    "description": "Bản dịch kèm bản gốc",
    "issued_amount": 12,
}


def numbered(desk: Desk) -> str:
    document = signed(desk)
    assert desk.post("clerk", f"{DOCUMENTS}/{document}/number").status_code == 200
    return document


def test_what_is_typed_is_trimmed_and_vietnamese_where_nothing_is_said() -> None:
    assert metadata_rules.checked(Metadata("  ", " một  hai ")) == Metadata("Tiếng Việt", "một hai")


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        (Metadata("x" * 31), "language"),
        (Metadata(description="x" * 501), "description"),
        (Metadata(issued_amount=0), "issued_amount"),
        (Metadata(issued_amount=1000), "issued_amount"),
    ],
)
def test_each_field_has_the_length_of_the_annex(entered: Metadata, field: str) -> None:
    with pytest.raises(MetadataWrong) as refused:
        metadata_rules.checked(entered)
    assert set(refused.value.fields) == {field}


def test_only_what_differs_is_a_change() -> None:
    (found,) = metadata_rules.changes(
        {"language": "Tiếng Việt", "issued_amount": None},
        {"language": "Tiếng Việt", "issued_amount": 3},
    )
    assert (found.name, found.before, found.after) == ("Số lượng bản phát hành", "", "3")


@pytest.mark.parametrize("reason", ["", "sửa lại", "x" * 501])
def test_a_reason_is_a_sentence(reason: str) -> None:
    with pytest.raises(MetadataWrong):
        metadata_rules.checked_reason(reason)


def test_the_writer_of_a_draft_says_it_without_a_reason(desk: Desk) -> None:
    path = f"{DOCUMENTS}/{begun(desk)}/metadata"
    assert desk.get("specialist", path).json()["language"] == "Tiếng Việt"

    done = desk.put("specialist", path, SAID)

    assert done.status_code == 200, done.text
    assert {name: done.json()[name] for name in SAID} == SAID
    assert desk.put("secondary_office_head", path, SAID).status_code == 403


def test_what_is_in_the_books_is_added_to_by_the_clerk_with_a_reason(desk: Desk) -> None:
    document = numbered(desk)
    path = f"{DOCUMENTS}/{document}/metadata"

    assert desk.put("specialist", path, SAID).status_code == 403
    assert desk.put("director", path, {**SAID, "because": WHY}).status_code == 403
    refused = desk.put("clerk", path, SAID)
    assert refused.status_code == 422
    assert "because" in refused.text
    done = desk.put("clerk", path, {**SAID, "because": WHY})

    assert done.status_code == 200, done.text
    changed = {each["field"]: each for each in done.json()["changes"]}
    assert set(changed) == set(SAID)
    assert (changed["language"]["before"], changed["language"]["after"]) == (
        "Tiếng Việt",
        "Tiếng Anh",
    )
    assert changed["issued_amount"]["because"] == WHY


def test_old_and_new_values_are_sworn_to_in_the_log(desk: Desk) -> None:
    document = numbered(desk)
    desk.put("clerk", f"{DOCUMENTS}/{document}/metadata", {**SAID, "because": WHY})

    with desk.superuser.connect() as connection:
        (details,) = connection.scalars(
            text("select details from audit_events where action = 'document.described'")
        )

    assert details["fields"] == "ngôn ngữ, mô tả, số lượng bản phát hành"
    digest = hashlib.sha256("Tiếng Việt".encode()).hexdigest()
    assert details["before_sha256"]["language"] == digest
    assert "Bản dịch" not in str(details)


def test_the_same_once_more_changes_nothing(desk: Desk) -> None:
    path = f"{DOCUMENTS}/{numbered(desk)}/metadata"
    desk.put("clerk", path, {**SAID, "because": WHY})

    again = desk.put("clerk", path, SAID)

    assert again.status_code == 200
    assert len(again.json()["changes"]) == 3


def test_a_recalled_document_keeps_its_metadata(desk: Desk) -> None:
    document = sealed(desk)
    assert desk.post("clerk", f"{DOCUMENTS}/{document}/issuance").status_code == 200
    recalled = desk.post(
        "director", f"{DOCUMENTS}/{document}/withdrawal", {"reason": "Ban hành nhầm thẩm quyền."}
    )
    assert recalled.status_code == 200, recalled.text

    refused = desk.put("clerk", f"{DOCUMENTS}/{document}/metadata", {**SAID, "because": WHY})

    assert refused.status_code == 409


def test_the_book_says_how_many_copies_were_issued(desk: Desk) -> None:
    document = numbered(desk)
    desk.put("clerk", f"{DOCUMENTS}/{document}/metadata", {**SAID, "because": WHY})
    year = desk.get("clerk", f"{DOCUMENTS}/{document}").json()["issued_on"][:4]

    (line,) = desk.get("clerk", f"/api/v1/books/outgoing/{year}").json()["lines"]

    assert line["copies"] == 12


def test_the_page_keeps_what_was_typed_and_shows_what_changed(desk: Desk) -> None:
    document = numbered(desk)
    here = f"/documents/{document}/metadata"
    assert f'href="{here}"' in desk.page("clerk", f"/documents/{document}").text

    refused = desk.send("clerk", here, {**SAID, "because": "ngắn"}, seen_on=here)
    assert refused.status_code == 422
    assert 'value="Tiếng Anh"' in refused.text
    assert desk.send("clerk", here, {**SAID, "because": WHY}, seen_on=here).status_code == 303

    page = desk.page("clerk", here).text
    assert "Siêu dữ liệu đã bổ sung, sửa" in page
    assert WHY in page
    reader = desk.page("director", here).text
    assert "Bản dịch kèm bản gốc" in reader
    assert "<textarea" not in reader
