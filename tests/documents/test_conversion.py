"""Word files become PDF without fetching anything, where the machine has a converter."""

from __future__ import annotations

import shutil
import zipfile
from io import BytesIO

import pytest

from eoffice.files.intake import UploadUnreadable, inspect_pdf
from eoffice.printing import conversion
from eoffice.printing.conversion import ConversionUnavailable
from tests.documents import hostile
from tests.pdfa import assert_pdfa

RELATIONSHIPS = (
    b'<?xml version="1.0"?><Relationships>'
    b'<Relationship Id="r1" Type="image" Target="http://127.0.0.1:9/a.png" TargetMode="External"/>'
    b"<Relationship TargetMode = 'external' Target='file:///etc/passwd' Id='r2'/>"
    b'<Relationship Id="r3" Type="styles" Target="styles.xml"/></Relationships>'
)
WORD = (
    b'<?xml version="1.0" encoding="UTF-8"?><w:document '
    b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    b"<w:t>Xin ch\xc3\xa0o</w:t></w:r></w:p></w:body></w:document>"
)
CONTENT_TYPES = (
    b'<?xml version="1.0" encoding="UTF-8"?><Types '
    b'xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" '
    b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/word/document.xml" ContentType="application/'
    b'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
ROOT = (
    b'<?xml version="1.0" encoding="UTF-8"?><Relationships '
    b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)


def test_what_points_outside_is_taken_out_and_the_rest_stays() -> None:
    content = hostile.word(WORD, **{"word___rels__document.xml.rels": RELATIONSHIPS})

    cleaned = conversion.without_external_targets(content)

    with zipfile.ZipFile(BytesIO(cleaned)) as archive:
        (rels,) = (name for name in archive.namelist() if name.endswith(".rels"))
        kept = archive.read(rels)
        assert archive.read("word/document.xml") == WORD
    assert b"127.0.0.1" not in kept
    assert b"passwd" not in kept
    assert b"styles.xml" in kept


def test_only_word_files_are_converted() -> None:
    with pytest.raises(UploadUnreadable):
        conversion.docx_to_pdf(hostile.blank())


def test_without_a_converter_the_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert not conversion.is_available()
    with pytest.raises(ConversionUnavailable) as refused:
        conversion.docx_to_pdf(hostile.word())
    assert "tải tệp PDF lên" in refused.value.detail


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed on this machine"
)
def test_a_word_file_becomes_archival() -> None:
    content = hostile.word(WORD, **{"[Content_Types].xml": CONTENT_TYPES, "_rels__.rels": ROOT})
    pdf = conversion.docx_to_pdf(content)
    assert_pdfa(pdf)
    assert "Xin chào" in inspect_pdf(pdf).text
