"""What a writer types is kept: bounded, normalised, without loss, apart from any layout."""

from __future__ import annotations

import pytest

from eoffice.documents.form import text
from eoffice.documents.form.body import Run
from eoffice.documents.form.text import ChangedParagraph, DispatchText, TextRefused
from eoffice.people.rules import Capacity

FULL = DispatchText(
    subject="thực hiện chương trình Vnedu",
    addressees=("Trưởng phòng Phòng GDĐT", "Hiệu trưởng các trường THPT"),
    authority="Giám đốc Sở Giáo dục và Đào tạo",
    legal_bases=("Căn cứ Luật Giáo dục ngày 14 tháng 6 năm 2005",),
    paragraphs=("**1.** Mở đầu _nghiêng_.", "Kết thúc./."),
    recipients=("Như trên", "VNPT Đồng Tháp (để phối hợp)"),
    filing="VT, VH",
    copies="07b",
    capacity=Capacity.FOR_HEAD,
    on_behalf_of="Giám đốc",
    signer_title="Phó Giám đốc",
    signer_name="Nguyễn Văn A",
    contact="Số 6, đường Võ Trường Toản",
)


def test_what_was_serialised_is_read_back_the_same() -> None:
    assert text.parse(text.serialise(FULL)) == FULL


def test_an_empty_draft_is_a_draft() -> None:
    assert text.parse({}) == DispatchText()


def test_decomposed_letters_and_invisible_characters_are_normalised() -> None:
    parsed = text.parse({"subject": "Gia\u0301o\u200b du\u0323c\n"})
    assert parsed.subject == "Giáo dục"


def test_dashes_and_final_punctuation_which_the_form_prints_are_taken_off_lists() -> None:
    parsed = text.parse(
        {
            "addressees": ["- Trưởng phòng;", "- Hiệu trưởng các trường THPT.", ""],
            "recipients": ["- Như trên;", "Các phòng ban, v.v."],
            "legal_bases": ["Căn cứ Luật Giáo dục;"],
        }
    )

    assert parsed.addressees == ("Trưởng phòng", "Hiệu trưởng các trường THPT")
    assert parsed.recipients == ("Như trên", "Các phòng ban, v.v.")
    assert parsed.legal_bases == ("Căn cứ Luật Giáo dục",)


def test_paragraphs_keep_their_punctuation_and_lose_their_blank_lines() -> None:
    assert text.parse({"paragraphs": ["- Một.", " ", "Hai;"]}).paragraphs == ("- Một.", "Hai;")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"subject": "x" * 501}, "subject"),
        ({"signer_name": "x" * 51}, "signer_name"),
        ({"filing": "x" * 301}, "filing"),
        ({"addressees": ["x" * 301]}, "addressees"),
        ({"addressees": ["x"] * 101}, "addressees"),
        ({"paragraphs": ["x" * 20_001]}, "paragraphs"),
        ({"paragraphs": ["x"] * 1_001}, "paragraphs"),
        ({"paragraphs": ["x" * 20_000] * 16}, "paragraphs"),
        ({"paragraphs": "một chuỗi"}, "paragraphs"),
        ({"paragraphs": [1]}, "paragraphs"),
        ({"subject": 7}, "subject"),
        ({"subject": None}, "subject"),
        ({"capacity": "king"}, "capacity"),
        ({"nonsense": "x"}, "nonsense"),
    ],
)
def test_what_is_too_long_or_of_the_wrong_kind_is_refused_by_field(
    content: dict[str, object], field: str
) -> None:
    with pytest.raises(TextRefused) as refused:
        text.parse(content)
    assert set(refused.value.fields) == {field}


def test_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(TextRefused) as refused:
        text.parse({"subject": "x" * 501, "signer_name": "y" * 51})
    assert set(refused.value.fields) == {"subject", "signer_name"}
    assert "Trích yếu, Họ tên người ký" in refused.value.detail


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("", ()),
        ("trơn", (Run("trơn"),)),
        ("**đậm** rồi trơn", (Run("đậm", bold=True), Run(" rồi trơn"))),
        ("một _nghiêng_ hai", (Run("một "), Run("nghiêng", italic=True), Run(" hai"))),
        ("(_đạt 93,1%_)", (Run("("), Run("đạt 93,1%", italic=True), Run(")"))),
        (
            "**đậm _cả hai_ đậm**",
            (Run("đậm ", bold=True), Run("cả hai", bold=True, italic=True), Run(" đậm", bold=True)),
        ),
        ("hai ** dấu lẻ", (Run("hai ** dấu lẻ"),)),
        ("gạch _ lẻ", (Run("gạch _ lẻ"),)),
        ("so_gd@example.vn và a_b_c", (Run("so_gd@example.vn và a_b_c"),)),
        ("_mở không đóng", (Run("_mở không đóng"),)),
    ],
)
def test_marks_become_runs_and_lone_marks_stay_characters(
    paragraph: str, expected: tuple[Run, ...]
) -> None:
    assert text.runs(paragraph) == expected


def test_plain_text_has_neither_marks_nor_heading_signs() -> None:
    assert text.plain("# Chương **I**") == "Chương I"


def test_searchable_text_has_every_word_a_reader_sees() -> None:
    words = text.searchable(FULL)
    for expected in ("Vnedu", "Hiệu trưởng", "Căn cứ", "Mở đầu nghiêng", "VNPT", "KT. Giám đốc"):
        assert expected in words


def test_searchable_text_of_an_empty_draft_is_empty() -> None:
    assert text.searchable(DispatchText()) == ""


def test_the_parts_in_which_two_versions_differ_are_named_in_the_words_of_the_office() -> None:
    newer = text.parse({**text.serialise(FULL), "subject": "khác", "filing": "VT, GDTrH"})
    assert text.changed_fields(FULL, newer) == ("Trích yếu", "Lưu")


def test_changed_paragraphs_are_paired_between_those_that_stayed() -> None:
    older = DispatchText(paragraphs=("A", "B", "C", "D"))
    newer = DispatchText(paragraphs=("A", "B2", "B3", "C"))

    assert text.changed_paragraphs(older, newer) == (
        ChangedParagraph("B", "B2"),
        ChangedParagraph(None, "B3"),
        ChangedParagraph("D", None),
    )


def test_equal_versions_have_no_changed_paragraphs() -> None:
    assert text.changed_paragraphs(FULL, FULL) == ()
