"""Uploads are bounded, recognised by their bytes, and looked at in a child that may be lost."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest

from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.files import intake
from eoffice.files.intake import (
    MediaType,
    UploadKindRefused,
    UploadSigned,
    UploadTooLarge,
    UploadUnreadable,
    UploadUnsafe,
)
from tests.documents import hostile
from tests.documents.cast import DONG_THAP, LETTER_960
from tests.documents.test_pdf_fields import certified


@pytest.fixture(scope="module")
def composed() -> bytes:
    at = datetime(2018, 8, 13, 2, tzinfo=UTC)
    return rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=at
    )


def test_a_draft_is_accepted_as_it_came_with_its_pages_and_words(composed: bytes) -> None:
    received = intake.receive_draft(composed)

    assert received.content == composed
    assert received.media_type is MediaType.PDF
    assert received.page_count == 2
    assert "/SGDĐT-CNTTTBTV" in received.text
    assert "Trần Thanh Liêm" in received.text


ACTIVE = [
    hostile.with_script_on_opening,
    hostile.with_named_script,
    hostile.with_launch_on_a_page,
    hostile.with_launch_behind_a_link,
    hostile.with_embedded_file,
    hostile.with_attached_note,
    hostile.with_xfa,
    hostile.encrypted_for_everybody,
]


@pytest.mark.parametrize("made", ACTIVE)
def test_a_draft_with_active_content_is_refused(made: Callable[[], bytes]) -> None:
    with pytest.raises(UploadUnsafe):
        intake.receive_draft(made())


@pytest.mark.parametrize("made", ACTIVE)
def test_the_same_file_from_outside_is_kept_and_its_content_named(
    made: Callable[[], bytes],
) -> None:
    content = made()
    received = intake.receive(content)
    assert received.content == content
    assert received.active


def test_a_signed_file_is_no_draft(composed: bytes) -> None:
    signed = certified(composed)
    assert intake.receive(signed).is_signed
    with pytest.raises(UploadSigned):
        intake.receive_draft(signed)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90 a program",
        b"GIF89a",
        b"<html></html>",
        b"plain words",
    ],
)
def test_other_kinds_are_refused_whatever_they_are_called(content: bytes) -> None:
    with pytest.raises(UploadKindRefused):
        intake.sniff(content)


def test_kinds_are_read_from_the_bytes(composed: bytes) -> None:
    assert intake.sniff(composed) is MediaType.PDF
    assert intake.sniff(hostile.word()) is MediaType.DOCX
    assert intake.sniff(_archive({"xl/workbook.xml": b""})) is MediaType.XLSX


def test_a_word_file_has_no_pages_yet() -> None:
    received = intake.receive(hostile.word())
    assert received.page_count is None
    with pytest.raises(UploadKindRefused):
        intake.receive_draft(hostile.word())


def test_an_archive_of_something_else_is_refused() -> None:
    with pytest.raises(UploadKindRefused):
        intake.sniff(_archive({"readme.txt": b"x"}))


def test_a_word_file_with_macros_is_refused() -> None:
    with pytest.raises(UploadUnsafe):
        intake.sniff(hostile.word(**{"word__vbaProject.bin": b"x"}))


def test_an_archive_that_unfolds_without_end_is_refused() -> None:
    many = _archive({f"word/{number}.xml": b"" for number in range(intake.MOST_PARTS + 1)})
    huge = hostile.word(b" " * (intake.LARGEST_UNFOLDED + 1))
    for content in (many, huge):
        assert len(content) < intake.LARGEST_UPLOAD
        with pytest.raises(UploadUnreadable):
            intake.sniff(content)


def test_a_broken_archive_is_refused() -> None:
    with pytest.raises(UploadUnreadable):
        intake.sniff(b"PK\x03\x04 and then nothing")


def test_a_file_above_the_bound_is_refused() -> None:
    with pytest.raises(UploadTooLarge):
        intake.sniff(b"%PDF-1.7" + b"\x00" * intake.LARGEST_UPLOAD)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"%PDF-1.7\n" + b"\x00" * 100, id="no objects"),
        pytest.param(hostile.with_password(), id="password"),
        pytest.param(hostile.blank(intake.MOST_PAGES + 1), id="too many pages"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(UploadUnreadable):
        intake.receive(content)


def test_a_renderer_that_dies_does_not_take_the_office_with_it() -> None:
    """Read in part or refused; either way this process goes on."""
    content = hostile.with_a_page_that_draws_itself()
    with contextlib.suppress(UploadUnreadable):
        assert intake.receive(content).page_count == 1


def _archive(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
