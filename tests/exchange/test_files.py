"""Files travel as base64 of a ZIP with one file; nothing that is built to harm is unpacked."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eoffice.exchange import files
from eoffice.exchange.files import AttachmentDamaged
from eoffice.exchange.message import Attachment


def attached(raw: bytes, name: str = "a.pdf") -> Attachment:
    return Attachment("cid:1", name, files.ZIP, "", base64.b64encode(raw).decode())


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@given(st.binary(min_size=1, max_size=2000), st.sampled_from(("a.pdf", "Phụ lục.docx", "b.zip")))
@settings(max_examples=60, deadline=None)
def test_what_is_packed_comes_out_the_same(content: bytes, name: str) -> None:
    assert files.content(files.packed(name, content)[1]) == content


def test_the_same_file_gives_the_same_bytes() -> None:
    """A repeated sending is the same message."""
    assert files.packed("a.pdf", b"x" * 100) == files.packed("a.pdf", b"x" * 100)


def test_a_file_that_was_not_packed_is_taken_as_it_is() -> None:
    assert files.content(attached(b"%PDF-1.7 plain")) == b"%PDF-1.7 plain"


def test_an_office_file_is_not_taken_apart() -> None:
    office = zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})

    assert files.content(attached(office, "a.docx")) == office


def test_an_archive_that_was_itself_attached_stays_one() -> None:
    archive = zipped(**{"a.pdf": b"a", "b.pdf": b"b"})

    assert files.content(attached(archive, "hai tep.zip")) == archive


@pytest.mark.parametrize(
    "raw",
    [
        zipped(**{"a.pdf": b"a", "b.pdf": b"b"}),
        zipped(),
        zipped(**{"a.pdf": b"\0" * (200 * 2**20 // 4)}),
        zipped(**{"a.pdf": b"a" * 100})[:-30],
        b"PK\x03\x04 and no more",
        b"",
    ],
    ids=["two files", "no file", "a bomb", "cut", "no archive", "nothing"],
)
def test_a_damaged_or_hostile_archive_is_refused(raw: bytes) -> None:
    with pytest.raises(AttachmentDamaged):
        files.content(attached(raw))


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    raw = bytearray(zipped(**{"a.pdf": b"\0" * 5_000_000}))
    for at in (raw.index(b"PK\x01\x02") + 24, raw.index(b"PK\x03\x04") + 22):
        raw[at : at + 4] = (10).to_bytes(4, "little")

    with pytest.raises(AttachmentDamaged):
        files.content(attached(bytes(raw)))


@pytest.mark.parametrize("encoded", ["không phải", "${__StringFromFile(test.txt,,,)}", "QUJ"])
def test_what_is_no_base64_is_refused(encoded: str) -> None:
    with pytest.raises(AttachmentDamaged):
        files.content(replace(attached(b"x"), encoded=encoded))
