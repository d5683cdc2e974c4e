"""A photograph is known by its first bytes, never by its name, and bounded in size."""

from __future__ import annotations

import pytest

from eoffice.files import intake, pictures
from eoffice.files.intake import UploadTooLarge


def test_photographs_are_known_by_their_first_bytes() -> None:
    assert pictures.kind_of(b"\xff\xd8\xff\xe0rest") == pictures.JPEG
    assert pictures.kind_of(b"\x89PNG\r\n\x1a\nrest") == pictures.PNG


def test_other_files_are_no_photographs() -> None:
    assert [pictures.kind_of(one) for one in (b"", b"%PDF-1.7", b"PNG", b"GIF89a")] == [None] * 4


def test_a_photograph_larger_than_an_upload_may_be_is_refused() -> None:
    with pytest.raises(UploadTooLarge):
        pictures.kind_of(b"\xff\xd8\xff" + bytes(intake.LARGEST_UPLOAD))
