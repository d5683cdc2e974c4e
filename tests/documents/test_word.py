"""A Word file as offices write them becomes the pages of a draft: words, tables, pages, places.

The files are made here, part by part, as Word makes them: styles, numbering, a table, a header, a
picture. Nothing that a file links to is read.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.sax.saxutils import escape

import pikepdf
import pytest

from eoffice.documents.form import rendering
from eoffice.files.intake import UploadUnreadable, inspect_pdf, sniff
from eoffice.objects.sha256 import Sha256
from eoffice.printing import conversion
from tests.documents.conftest import Desk
from tests.documents.test_conversion import CONTENT_TYPES, ROOT
from tests.documents.test_http import DOCUMENTS, begun
from tests.pdfa import assert_pdfa

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed on this machine"
)

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_STYLES = f"""<?xml version="1.0" encoding="UTF-8"?><w:styles xmlns:w="{_W}"><w:docDefaults>
<w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"/>
<w:sz w:val="28"/></w:rPr></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:rPr><w:b/></w:rPr>
</w:style></w:styles>"""


def paragraph(text: str, properties: str = "", style: str = "") -> str:
    """One paragraph; `style` is of its words."""
    return (
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{style}</w:rPr>"
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def table(rows: list[list[str]]) -> str:
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
        for row in rows
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{cells}</w:tbl>"


def word(*blocks: str, **parts: str) -> bytes:
    """A Word file of these blocks on A4 with the margins of the decree."""
    body = "".join(blocks)
    relationships = parts.pop("relationships", "")
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>'
        f'{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="850" '
        'w:bottom="1134" w:left="1701" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
        "</w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", ROOT)
        archive.writestr("word/document.xml", document)
        archive.writestr("word/styles.xml", _STYLES)
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}">'
            f'<Relationship Id="rId1" Type="{_R}/styles" Target="styles.xml"/>{relationships}'
            "</Relationships>",
        )
    return out.getvalue()


LETTER = word(
    paragraph("SỞ GIÁO DỤC VÀ ĐÀO TẠO ĐỒNG THÁP", '<w:jc w:val="center"/>', "<w:b/>"),
    paragraph("V/v báo cáo số liệu đầu năm học", '<w:jc w:val="center"/>'),
    paragraph("Ặ Ễ Ộ Ữ Ỵ ẳ ẵ đ ơ ư: chữ có dấu chồng.", "", "<w:i/>"),
    table([["STT", "Tên trường"], *([str(n), f"Trường THPT số {n}"] for n in range(1, 81))]),
    paragraph("Yêu cầu các đơn vị thực hiện./."),
    paragraph("GIÁM ĐỐC", '<w:jc w:val="right"/>', "<w:b/>"),
    paragraph("Trần Thanh Liêm", '<w:spacing w:before="1800"/><w:jc w:val="right"/>', "<w:b/>"),
)


def test_words_tables_and_pages_of_a_word_file_come_through() -> None:
    pdf = conversion.docx_to_pdf(LETTER)

    assert_pdfa(pdf)
    found = inspect_pdf(pdf)
    assert found.page_count >= 2
    assert found.active == ()
    for words in (
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO ĐỒNG THÁP",
        "Ặ Ễ Ộ Ữ Ỵ ẳ ẵ đ ơ ư",
        "Trường THPT số 80",
        "Trần Thanh Liêm",
    ):
        assert words in found.text
    with pikepdf.open(io.BytesIO(pdf)) as file:
        width, height = (float(edge) for edge in file.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


def test_lines_are_set_in_the_typeface_of_the_decree_or_one_of_its_measures() -> None:
    pdf = conversion.docx_to_pdf(LETTER)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        fonts = {
            str(font.get("/BaseFont", "")).partition("+")[2]
            for page in file.pages
            for font in page.resources.get("/Font", {}).values()
        }
    assert all(name.startswith(("Tinos", "TimesNewRoman", "LiberationSerif")) for name in fonts)
    assert fonts


def test_a_field_that_names_a_file_of_the_machine_reads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mật khẩu của máy chủ")
    name = str(secret)

    def field(instruction: str) -> str:
        return (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>'
            f'{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        )

    pdf = conversion.docx_to_pdf(
        word(
            paragraph("Mở đầu."),
            field(f'INCLUDETEXT "{name}"'),
            field(f'LINK Word.Document.8 "{name}" "" \\a'),
            field(f'INCLUDEPICTURE "file://{name}" \\d'),
            relationships=f'<Relationship Id="rId9" Type="{_R}/subDocument" '
            f'Target="file://{name}" TargetMode="External"/>',
        )
    )
    text = inspect_pdf(pdf).text
    assert "Mở đầu." in text
    assert "mật khẩu" not in text


def test_a_word_file_with_broken_parts_is_refused_in_words() -> None:
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("word/document.xml", b"\x00 not at all xml")
    with pytest.raises(UploadUnreadable) as refused:
        conversion.docx_to_pdf(broken.getvalue())
    assert "lưu thành PDF trong Word" in refused.value.detail


def test_two_files_at_once_do_not_meet() -> None:
    with ThreadPoolExecutor(2) as hands:
        first, second = hands.map(
            conversion.docx_to_pdf, (word(paragraph("tệp một")), word(paragraph("tệp hai")))
        )
    assert "tệp một" in inspect_pdf(first).text
    assert "tệp hai" in inspect_pdf(second).text


def test_an_uploaded_word_file_is_the_page_that_is_signed(desk: Desk) -> None:
    draft = begun(desk)
    sniff(LETTER)
    answer = desk.upload("specialist", f"{DOCUMENTS}/{draft}/content", "du-thao.docx", LETTER)
    assert answer.status_code == 201, answer.text

    version = desk.get("specialist", f"{DOCUMENTS}/{draft}").json()["versions"][-1]
    pdf = desk.store.get(Sha256.parse(version["content_sha256"]))
    with pikepdf.open(io.BytesIO(pdf)) as file:
        fields = {str(each.T) for page in file.pages for each in page.get("/Annots", [])}
        assert version["page_count"] == len(file.pages) >= 2
    assert {
        rendering.NUMBER_FIELD,
        rendering.DATE_FIELD,
        rendering.PERSON_SIGNATURE_FIELD,
        rendering.SEAL_FIELD,
    } <= fields
    image = desk.get("specialist", f"{DOCUMENTS}/{draft}/versions/1/pages/1", width=620)
    assert image.headers["content-type"] == "image/png"
    assert desk.post("specialist", f"{DOCUMENTS}/{draft}/submission").status_code < 300
