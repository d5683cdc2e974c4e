"""The printed form of Decree 30/2020, Annex I: what stands where, and that it is PDF/A."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from eoffice.documents import types
from eoffice.documents.form import rendering
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.types import DocumentType, Urgency
from eoffice.people.rules import Capacity
from eoffice.printing import pdf_fields, typesetting
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.pdfa import assert_pdfa

AT = datetime(2018, 8, 13, 2, tzinfo=UTC)
SCHOOL = Letterhead(
    "UBND huyện Lấp Vò",
    "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai",
    "THTHCSNTMK",
    "Lấp Vò",
)
DECISION = replace(
    LETTER_960,
    subject="Về việc thành lập Tổ công tác triển khai học bạ số",
    addressees=(),
    authority="Hiệu trưởng Trường Nguyễn Thị Minh Khai",
    legal_bases=("Căn cứ Luật Giáo dục", "Theo đề nghị của Tổ trưởng Tổ Văn phòng"),
    paragraphs=("# Chương I", "**Điều 1.** Thành lập tổ.", "**Điều 2.** Thi hành./."),
    recipients=("Như Điều 2",),
    capacity=Capacity.FOR_HEAD,
    on_behalf_of="Hiệu trưởng",
    signer_title="Phó Hiệu trưởng",
    contact="Số 6, đường Võ Trường Toản",
)


def dispatch(**changes: object) -> bytes:
    return rendering.render(
        DocumentType.DISPATCH,
        replace(LETTER_960, **changes),  # type: ignore[arg-type]
        DONG_THAP,
        notation="SGDĐT-CNTTTBTV",
        at=AT,
    )


def decision(urgency: Urgency = Urgency.ORDINARY) -> bytes:
    return rendering.render(
        DocumentType.DECISION,
        DECISION,
        SCHOOL,
        notation="QĐ-THTHCSNTMK",
        stamps=rendering.Stamps(urgency),
        at=AT,
    )


def words(pdf: bytes) -> str:
    """All text of the file, hyphens as typed, lines joined by single blanks."""
    file = pypdfium2.PdfDocument(pdf)
    try:
        file.init_forms()
        pages = []
        for number in range(len(file)):
            # Puts what stands in the form fields into the page, where text is looked for.
            file[number].flatten()
            pages.append(file[number].get_textpage().get_text_bounded())
    finally:
        file.close()
    return " ".join("\n".join(pages).replace("\ufffe", "-").split())


def boxes(pdf: bytes) -> dict[str, tuple[int, list[float]]]:
    """Page and rectangle of each form field, in points from the bottom left corner."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return {
            str(widget.T): (number, [float(edge) for edge in widget.Rect])
            for number, page in enumerate(file.pages, start=1)
            for widget in page.get("/Annots", [])
        }


def test_the_dispatch_is_archival() -> None:
    assert_pdfa(dispatch())


def test_a_document_with_a_name_is_archival() -> None:
    assert_pdfa(decision(Urgency.EXPRESS))


def test_the_same_text_gives_the_same_bytes() -> None:
    assert dispatch() == dispatch()


def test_the_parts_of_a_dispatch_are_on_the_page_in_the_order_of_the_form() -> None:
    shown = words(dispatch())
    parts = [
        "UBND TỈNH ĐỒNG THÁP",
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO",
        "V/v thực hiện chương trình Vnedu",
        "Kính gửi:",
        "- Trưởng phòng Phòng GDĐT huyện, thị xã, thành phố;",
        "- Hiệu trưởng các trường THPT.",
        "Thực hiện Công văn số 199/UBND-VX",
        "để được hướng dẫn./.",
        "Nơi nhận:",
        "- Như trên;",
        "- VNPT Đồng Tháp (để phối hợp);",
        "- Lưu: VT, VH, 07b.",
        "GIÁM ĐỐC",
        "Trần Thanh Liêm",
    ]
    places = [shown.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    for elsewhere in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"):
        assert elsewhere in shown


def test_the_superior_agency_is_written_with_the_usual_abbreviation() -> None:
    head = replace(DONG_THAP, parent_name="Ủy ban nhân dân tỉnh Đồng Tháp")
    pdf = rendering.render(DocumentType.DISPATCH, LETTER_960, head, notation="X-Y", at=AT)
    assert "UBND TỈNH ĐỒNG THÁP" in words(pdf)


def test_one_addressee_stands_on_the_line_without_a_mark() -> None:
    shown = words(dispatch(addressees=("Bộ Giáo dục và Đào tạo",)))
    assert "Kính gửi: Bộ Giáo dục và Đào tạo Thực hiện" in shown


def test_a_decision_names_its_authority_its_bases_and_what_it_resolves() -> None:
    shown = words(decision())
    parts = [
        "QUYẾT ĐỊNH",
        "Về việc thành lập",
        "HIỆU TRƯỞNG TRƯỜNG NGUYỄN THỊ MINH KHAI",
        "Căn cứ Luật Giáo dục;",
        "Theo đề nghị của Tổ trưởng Tổ Văn phòng.",
        "QUYẾT ĐỊNH:",
        "Chương I",
        "Điều 1.",
        "- Như Điều 2;",
        "KT. HIỆU TRƯỞNG",
        "PHÓ HIỆU TRƯỞNG",
    ]
    places: list[int] = []
    for part in parts:
        places.append(shown.find(part, places[-1] + 1 if places else 0))
    assert -1 not in places
    assert "Số 6, đường Võ Trường Toản" in shown
    assert "V/v" not in shown


def test_an_urgent_document_bears_the_stamp() -> None:
    assert "THƯỢNG KHẨN" in words(decision(Urgency.VERY_URGENT))
    assert "KHẨN" not in words(decision())


def test_pages_are_numbered_from_the_second() -> None:
    pdf = dispatch(paragraphs=("Một đoạn văn dài. " * 200,) * 3)
    file = pypdfium2.PdfDocument(pdf)
    try:
        tops = [
            page.get_textpage().get_text_bounded(bottom=page.get_height() - 56).strip()
            for page in file
        ]
    finally:
        file.close()
    assert len(tops) >= 3
    assert tops[0] == ""
    assert tops[1:] == [str(number) for number in range(2, len(tops) + 1)]


def test_the_fields_for_number_date_and_signatures_wait_on_the_page() -> None:
    pdf = dispatch()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        kinds = {str(field.T): str(field.FT) for field in file.Root.AcroForm.Fields}
    assert kinds == {
        "number_notation": "/Tx",
        "issued_on": "/Tx",
        "signature_person": "/Sig",
        "signature_seal": "/Sig",
    }


def test_number_and_date_stand_on_one_line_on_the_first_page() -> None:
    placed = boxes(dispatch())
    number_page, number = placed["number_notation"]
    date_page, date = placed["issued_on"]
    assert number_page == date_page == 1
    assert number[1] == pytest.approx(date[1], abs=2)
    assert number[2] < date[0]


def test_the_seal_covers_the_left_third_of_the_signature() -> None:
    placed = boxes(dispatch())
    person, seal = placed["signature_person"][1], placed["signature_seal"][1]
    covered = (seal[2] - person[0]) / (person[2] - person[0])
    assert covered == pytest.approx(1 / 3, abs=0.01)
    assert (seal[1] + seal[3]) / 2 == pytest.approx((person[1] + person[3]) / 2, abs=1)


def test_the_notation_waits_for_its_number_and_both_can_be_filled_in() -> None:
    pdf = dispatch()
    assert "/SGDĐT-CNTTTBTV" in words(pdf)

    filled = pdf_fields.fill(
        pdf,
        {
            rendering.NUMBER_FIELD: "960/SGDĐT-CNTTTBTV",
            rendering.DATE_FIELD: types.printed_date(AT.date()),
        },
    )

    assert_pdfa(filled)
    shown = words(filled)
    assert "960/SGDĐT-CNTTTBTV" in shown
    assert "ngày 13 tháng 8 năm 2018" in shown


def test_what_looks_like_markup_is_printed_as_it_was_typed() -> None:
    shown = words(dispatch(paragraphs=('#panic("dừng") $x$ *sao* \\ [ngoặc]./.',)))
    assert '#panic("dừng") $x$ *sao* \\ [ngoặc]./.' in shown


def test_a_character_without_a_glyph_is_refused_in_words() -> None:
    with pytest.raises(typesetting.CannotBePrinted) as refused:
        dispatch(paragraphs=("Chữ 漢./.",))
    assert "漢" in refused.value.detail
