"""What a scanner made, on its way into the mailroom: a PDF as it came, or pictures as one PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice.files import bounded, intake
from eoffice.files.intake import MediaType, UploadKindRefused, UploadTooLarge, UploadUnreadable
from eoffice.mailroom import recognition, uploads
from eoffice.mailroom.scan_actions import Scanned
from eoffice.objects import configured
from eoffice.routing.outside_rules import OutsideFile
from eoffice.web import limits

LARGEST_FILE: Final = intake.LARGEST_UPLOAD
MOST_FILES: Final = 200
LARGEST_BODY: Final = limits.LARGEST_REQUEST
#: Of all files together; what is left is room for the parts of the form.
LARGEST_SCAN: Final = LARGEST_BODY - bounded.MEBIBYTE
#: Longer ones are split, or the reader would be at work for hours.
MOST_PAGES: Final = 300
ACCEPTED: Final = ".pdf,.jpg,.jpeg,.png,.tif,.tiff"
_PICTURES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


def received(files: Sequence[tuple[str, bytes]]) -> Scanned:
    """Look at the files and put them into the store as they are, pictures as one PDF besides.

    One PDF, or pictures in the order of the pages. Raises UploadTooLarge, UploadKindRefused,
    UploadUnreadable.
    """
    _check_size(files)
    name, first = files[0]
    if picture_kind(first) is None:
        if len(files) > 1:
            raise UploadKindRefused("Mỗi lần chỉ nhận một tệp PDF, hoặc nhiều ảnh JPEG, PNG, TIFF.")
        return _pdf(name, first)
    kinds = [picture_kind(content) for _, content in files]
    if None in kinds:
        raise UploadKindRefused("Chỉ nhận một tệp PDF, hoặc các ảnh JPEG, PNG, TIFF.")
    try:
        pdf = recognition.one_pdf([content for _, content in files])
    except bounded.ChildFailed as failed:
        raise UploadUnreadable(
            "Không đọc được ảnh: tệp bị hỏng, quá lớn hoặc có quá nhiều trang. Đề nghị quét lại "
            "với độ phân giải 200–300 dpi."
        ) from failed
    inspected = intake.inspect_pdf(pdf)
    store = configured.store()
    kept = tuple(
        OutsideFile(
            uploads.plain_name(each), kind or "", len(content), store.put(content, kind or "")
        )
        for (each, content), kind in zip(files, kinds, strict=True)
    )
    return Scanned(
        name=uploads.plain_name(name),
        content=store.put(pdf, MediaType.PDF),
        size_bytes=len(pdf),
        page_count=inspected.page_count,
        files=kept,
        text="",
    )


def picture_kind(content: bytes) -> str | None:
    """The media type of a picture by its first bytes; None: it is none that is accepted."""
    return next((kind for magic, kind in _PICTURES if content.startswith(magic)), None)


def _pdf(name: str, content: bytes) -> Scanned:
    if intake.sniff(content) is not MediaType.PDF:
        raise UploadKindRefused("Chỉ nhận một tệp PDF, hoặc các ảnh JPEG, PNG, TIFF.")
    inspected = intake.inspect_pdf(content)
    if inspected.page_count > MOST_PAGES:
        raise UploadTooLarge(f"Mỗi lần quét không quá {MOST_PAGES} trang.")
    digest = configured.store().put(content, MediaType.PDF)
    shown = uploads.plain_name(name)
    return Scanned(
        name=shown,
        content=digest,
        size_bytes=len(content),
        page_count=inspected.page_count,
        files=(OutsideFile(shown, MediaType.PDF, len(content), digest),),
        text=inspected.text,
    )


def _check_size(files: Sequence[tuple[str, bytes]]) -> None:
    if len(files) > MOST_FILES:
        raise UploadTooLarge(f"Mỗi lần không quá {MOST_FILES} ảnh.")
    if any(len(content) > LARGEST_FILE for _, content in files):
        raise UploadTooLarge(f"Mỗi tệp không quá {LARGEST_FILE // bounded.MEBIBYTE} MB.")
    if sum(len(content) for _, content in files) > LARGEST_SCAN:
        raise UploadTooLarge(f"Cả bản quét không quá {LARGEST_SCAN // bounded.MEBIBYTE} MB.")
