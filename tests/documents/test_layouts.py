"""Each of the 29 types is printed on its form: Decree 30/2020, Annex III, forms 1.1 to 1.10."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from eoffice.documents import types
from eoffice.documents.form import check as form_check
from eoffice.documents.form import layouts, particulars, rendering
from eoffice.documents.form.appendices import Appendix
from eoffice.documents.form.findings import Draft
from eoffice.documents.form.layouts import Heading, Signing
from eoffice.documents.form.rendering import Stamps
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from tests.documents.cast import DONG_THAP
from tests.documents.every_type import INDIRECT, TEXTS
from tests.documents.test_rendering import boxes, words
from tests.pdfa import assert_pdfa

AT = datetime(2018, 8, 13, 2, tzinfo=UTC)
KINDS = sorted(types.COMPOSED)


def printed(
    kind: DocumentType, text: DispatchText | None = None, stamps: Stamps | None = None
) -> bytes:
    return rendering.render(
        kind,
        text or TEXTS[kind],
        DONG_THAP,
        notation=types.notation(kind, "SGDĐT", "VP"),
        stamps=stamps,
        at=AT,
    )


def test_all_but_the_copies_are_composed() -> None:
    assert len(KINDS) == 29


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_is_printed_with_its_name_and_places_for_number_and_signatures(
    kind: DocumentType,
) -> None:
    pdf = printed(kind)

    shown = words(pdf)
    if kind is DocumentType.DISPATCH:
        assert "V/v thực hiện chương trình" in shown
    elif kind is DocumentType.OFFICIAL_LETTER:
        assert "Thư chúc mừng năm học mới" in shown
    else:
        assert types.name(kind).upper() in shown
    fields = set(boxes(pdf))
    assert {"number_notation", "signature_person", "signature_seal"} <= fields
    assert ("issued_on" in fields) == (kind is not DocumentType.MINUTES)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_of_the_cast_has_the_form_that_the_check_wants(kind: DocumentType) -> None:
    attachments = 1 if kind is DocumentType.DISPATCH else 0
    found = form_check.check(Draft(kind, TEXTS[kind], DONG_THAP, "VP", attachments))
    assert form_check.passes(found), found


@pytest.mark.parametrize("kind", sorted(particulars.BLANKS))
def test_a_blank_that_nobody_filled_in_is_an_error_and_is_printed_as_dots(
    kind: DocumentType,
) -> None:
    text = replace(TEXTS[kind], particulars=())

    missing = {
        each.field
        for each in form_check.check(Draft(kind, text, DONG_THAP, "VP"))
        if each.rule == "blank-missing"
    }

    wanted = {f"particular_{each.key}" for each in particulars.of(kind) if each.is_required}
    assert missing == wanted
    assert printed(kind, text)


@pytest.mark.parametrize(
    ("kind", "sentences"),
    [
        (
            DocumentType.RESOLUTION,
            ("HỘI ĐỒNG TRƯỜNG", "QUYẾT NGHỊ:", "TM. HỘI ĐỒNG TRƯỜNG", "CHỦ TỊCH"),
        ),
        (DocumentType.DECISION, ("GIÁM ĐỐC SỞ", "Căn cứ Luật Giáo dục;", "QUYẾT ĐỊNH:")),
        (
            DocumentType.TELEGRAM,
            ("Giám đốc Sở Giáo dục và Đào tạo điện:", "- Các trường THPT."),
        ),
        (
            DocumentType.INVITATION,
            (
                "Sở Giáo dục và Đào tạo trân trọng kính mời: Hiệu trưởng",
                "Tới dự cuộc họp",
                "Chủ trì: ông Trần Thanh Liêm",
                "Thời gian: 8 giờ 00",
                "Địa điểm: Hội trường",
            ),
        ),
        (
            DocumentType.INTRODUCTION,
            (
                "trân trọng giới thiệu:",
                "Được cử đến: VNPT Đồng Tháp",
                "Đề nghị Quý cơ quan tạo điều kiện",
                "đến hết ngày 31 tháng 8 năm 2018./.",
            ),
        ),
        (
            DocumentType.MINUTES,
            (
                "Thời gian bắt đầu: 8 giờ 00",
                "Cuộc họp kết thúc vào 11 giờ 30, ngày 20 tháng 8 năm 2018./.",
                "THƯ KÝ",
                "CHỦ TỌA",
                "Phạm Thị Ngọc Ánh",
                "Nơi nhận:",
            ),
        ),
        (
            DocumentType.LEAVE_PAPER,
            (
                "Xét Đơn đề nghị nghỉ phép ngày 13 tháng 8 năm 2018",
                "Được nghỉ phép trong thời gian 05 ngày",
                "được tính vào thời gian nghỉ hằng năm có hưởng lương./.",
                "Xác nhận của cơ quan (tổ chức)",
            ),
        ),
        (
            DocumentType.CONTRACT,
            ("ĐẠI DIỆN BÊN B", "PHÓ GIÁM ĐỐC", "Nguyễn Hoàng Phúc", "ĐẠI DIỆN BÊN A"),
        ),
    ],
)
def test_the_sentences_of_the_form_stand_around_the_writers(
    kind: DocumentType, sentences: tuple[str, ...]
) -> None:
    shown = words(printed(kind))
    for sentence in sentences:
        assert sentence in shown


def test_an_invitation_without_matters_to_note_ends_with_the_place() -> None:
    text = replace(TEXTS[DocumentType.INVITATION], paragraphs=())
    assert "Sở Giáo dục và Đào tạo./." in words(printed(DocumentType.INVITATION, text))


def test_forms_without_subject_and_forms_of_two_signers_are_told_apart() -> None:
    head = DONG_THAP

    def of(kind: DocumentType) -> layouts.Layout:
        return layouts.layout(kind, TEXTS[kind], head)

    assert of(DocumentType.DISPATCH).heading is Heading.LEFT
    assert of(DocumentType.LEAVE_PAPER).heading is Heading.NAME_ONLY
    assert of(DocumentType.MINUTES).signing is Signing.MINUTES
    assert of(DocumentType.AGREEMENT).signing is Signing.PARTIES
    assert of(DocumentType.PLAN).other is None


def test_stamps_stand_in_their_boxes() -> None:
    express_at = datetime(2018, 8, 14, 3, tzinfo=UTC)
    pdf = printed(
        DocumentType.TELEGRAM,
        stamps=Stamps(Urgency.EXPRESS_AT, express_at, Secrecy.SECRET, "Lưu hành nội bộ"),
    )

    shown = words(pdf)
    for stamp in ("LƯU HÀNH NỘI BỘ", "TỐI MẬT", "HỎA TỐC", "Hẹn giờ: 10 giờ 00, ngày 14/8/2018"):
        assert stamp in shown
    assert_pdfa(pdf)


def test_an_appendix_begins_a_page_of_its_own_that_is_counted_from_one() -> None:
    text = replace(
        TEXTS[DocumentType.PLAN],
        appendices=(
            Appendix("Danh sách trường", tuple(f"Trường số {n}." for n in range(80))),
            Appendix("Biểu mẫu", ("Mẫu thứ nhất.",)),
        ),
    )
    pdf = printed(DocumentType.PLAN, text)

    pages = page_words(pdf)
    assert len(pages) == 5
    assert pages[1].startswith("Phụ lục I DANH SÁCH TRƯỜNG (Kèm theo Kế hoạch số")
    assert pages[2].startswith("2 ")
    assert pages[3].startswith("3 ")
    assert pages[4].startswith("Phụ lục II BIỂU MẪU")
    assert_pdfa(pdf)


def test_a_decision_carries_the_document_that_it_issues() -> None:
    pdf = printed(DocumentType.DECISION, INDIRECT)

    _, attached, appendix = page_words(pdf)
    assert "UBND TỈNH ĐỒNG THÁP" in attached
    assert "QUY CHẾ" in attached
    assert "(Kèm theo Quyết định số" in attached
    # One appendix among attached documents needs no number.
    assert appendix.startswith("Phụ lục MẪU SỔ THEO DÕI")


def page_words(pdf: bytes) -> list[str]:
    """The words of each page, without what stands in fields."""
    file = pypdfium2.PdfDocument(pdf)
    try:
        return [
            " ".join(page.get_textpage().get_text_bounded().replace("\ufffe", "-").split())
            for page in file
        ]
    finally:
        file.close()
