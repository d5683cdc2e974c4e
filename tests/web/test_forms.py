"""Forms become values once, with all their faults at once, and come back as they were typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec
import pytest
from litestar.datastructures import UploadFile

from eoffice.errors import Invalid
from eoffice.web.forms import Form, FormState, form_of


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    subject: Annotated[str, msgspec.Meta(min_length=3, max_length=12)]
    due_on: date | None = None
    mark: Decimal | None = None
    copies: Annotated[int, msgspec.Meta(ge=1)] = 1
    urgent: bool = False
    units: list[str] = []

    def __post_init__(self) -> None:
        if self.urgent and self.due_on is None:
            raise ValueError("Việc khẩn phải có hạn.")


def entered(*items: tuple[str, object]) -> Form:
    return form_of(items)


def test_values_become_what_the_struct_says() -> None:
    form = entered(
        ("subject", "  Sổ điểm "),
        ("due_on", "2/9/2018"),
        ("mark", "8,5"),
        ("copies", "2"),
        ("urgent", "on"),
        ("units", "a"),
        ("units", "b"),
    )

    assert form.parse(Entry) == Entry(
        subject="Sổ điểm",
        due_on=date(2018, 9, 2),
        mark=Decimal("8.5"),
        copies=2,
        urgent=True,
        units=["a", "b"],
    )


def test_a_blank_field_is_absent() -> None:
    form = entered(("subject", "Sổ điểm"), ("due_on", ""), ("copies", " "))

    assert form.parse(Entry) == Entry(subject="Sổ điểm")


def test_all_faults_are_told_at_once() -> None:
    form = entered(("due_on", "mai"), ("copies", "0"), ("mark", "tám"))

    with pytest.raises(Invalid) as refusal:
        form.parse(Entry)

    assert refusal.value.fields == {
        "subject": "Cần điền mục này.",
        "due_on": "Cần một ngày, ví dụ 13/08/2018.",
        "copies": "Cần một số từ 1 trở lên.",
        "mark": "Cần một số.",
    }
    assert refusal.value.detail == "Có 4 mục cần sửa."


def test_a_rule_between_fields_speaks_for_itself() -> None:
    with pytest.raises(Invalid, match=r"Việc khẩn phải có hạn\."):
        entered(("subject", "Sổ điểm"), ("urgent", "on")).parse(Entry)


def test_a_refused_form_comes_back_as_typed_without_its_token() -> None:
    form = entered(("subject", "Sổ"), ("units", "a"), ("_token", "t"), ("_key", "k"))

    state = form.refused(Invalid("Có một mục cần sửa.", fields={"subject": "Ngắn quá."}))

    assert state.value("subject") == "Sổ"
    assert state.all("units") == ("a",)
    assert state.error("subject") == "Ngắn quá."
    assert state.detail == "Có một mục cần sửa."
    assert set(state.values) == {"subject", "units"}
    assert form.state().detail is None


def test_a_form_can_begin_filled() -> None:
    state = FormState.of(due_on=date(2018, 9, 2), units=["a", "b"], urgent=True, none=None)

    assert state.value("due_on") == "2018-09-02"
    assert state.all("units") == ("a", "b")
    assert state.value("urgent") == "on"
    assert state.value("none") == ""
    assert FormState.of(urgent=False).all("urgent") == ()


def test_text_has_one_form_of_unicode_and_of_line_ends() -> None:
    form = entered(("note", "So\u0302\u0309\r\nđiểm"))

    assert form["note"] == "Sổ\nđiểm"


def test_text_with_a_null_character_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        entered(("note", "a\0b"))
    assert set(refusal.value.fields) == {"note"}


def test_files_are_apart_and_an_empty_choice_is_none() -> None:
    sheet = UploadFile("text/plain", "toan.xlsx", b"x")
    nothing = UploadFile("", "")
    form = entered(("sheet", sheet), ("attachments", nothing), ("subject", "x"))

    assert form.file("sheet") is sheet
    assert form.uploads("sheet") == (sheet,)
    assert form.file("attachments") is None
    assert form["sheet"] == ""
    for upload in (sheet, nothing):
        upload.file.close()
