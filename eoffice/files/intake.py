"""Files that people bring: what they are, whether they can be accepted, and what is in them.

The kind is read from the bytes, never from the name. Nothing of an upload is parsed in this
process: PDF in a bounded child, Word by a converter in one. A file is kept exactly as received or
refused; it is never cleaned in silence, because cleaning would destroy signatures and evidence.
"""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Final

from eoffice.errors import Invalid, TooLarge
from eoffice.files import bounded
from eoffice.files.letters import normalised

LARGEST_UPLOAD: Final = 25 * bounded.MEBIBYTE
MOST_PAGES: Final = 2_000
#: Bounds on the parts of an Office file, against archives that unfold without end.
MOST_PARTS: Final = 5_000
LARGEST_UNFOLDED: Final = 100 * bounded.MEBIBYTE

PDF_CHILD: Final = str(Path(__file__).with_name("pdf_child.py"))


class MediaType(StrEnum):
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadTooLarge(TooLarge):
    """The file is larger than the office accepts."""


class UploadKindRefused(Invalid):
    """The file is of a kind that the office does not accept here."""


class UploadUnreadable(Invalid):
    """The file cannot be read."""


class UploadUnsafe(Invalid):
    """The file holds programs, other files or other active content."""


class UploadSigned(Invalid):
    """The file bears signatures already, so it is no draft."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a PDF holds."""

    page_count: int
    text: str
    #: Kinds of active content, as a technician names them.
    active: tuple[str, ...]
    is_encrypted: bool
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came."""

    content: bytes
    media_type: MediaType
    #: None where the file has no pages to count.
    page_count: int | None
    text: str
    active: tuple[str, ...] = ()
    is_signed: bool = False


def receive(content: bytes) -> Received:
    """Any acceptable file, with what is active in it named but not refused.

    For attachments and for documents from outside, which are kept as they came.
    Raises UploadTooLarge, UploadKindRefused, UploadUnreadable.
    """
    media_type = sniff(content)
    if media_type is not MediaType.PDF:
        return Received(content, media_type, None, "")
    found = inspect_pdf(content)
    return Received(
        content,
        media_type,
        found.page_count,
        found.text,
        found.active,
        found.is_signed,
    )


def receive_draft(content: bytes) -> Received:
    """A finished page layout in PDF that is to be signed and sealed here.

    Raises UploadUnsafe, UploadSigned and what `receive` raises.
    """
    if sniff(content) is not MediaType.PDF:
        raise UploadKindRefused("Bản thảo phải là tệp PDF hoặc Word (.docx).")
    received = receive(content)
    if received.active:
        raise UploadUnsafe(
            "Tệp PDF có nội dung động (chương trình, tệp nhúng hoặc biểu mẫu tự chạy) nên không "
            "thể trình ký. Đề nghị in lại thành PDF thường rồi tải lên.",
        )
    if received.is_signed:
        raise UploadSigned(
            "Tệp PDF đã có chữ ký số. Bản thảo phải là tệp chưa ký; văn bản đã ký của cơ quan khác "
            "được đăng ký ở mục Văn bản đến."
        )
    return received


def sniff(content: bytes) -> MediaType:
    """The kind of a file by its bytes.

    Raises UploadTooLarge, UploadKindRefused, UploadUnreadable.
    """
    if len(content) > LARGEST_UPLOAD:
        raise UploadTooLarge(
            f"Tệp lớn hơn {LARGEST_UPLOAD // bounded.MEBIBYTE} MB. Đề nghị giảm độ phân giải ảnh "
            "hoặc chia thành nhiều tệp."
        )
    # The header may stand a little behind the start (ISO 32000-1, 7.5.2 as implemented).
    if b"%PDF-" in content[:1024]:
        return MediaType.PDF
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    raise UploadKindRefused(
        "Chỉ nhận tệp PDF, Word (.docx) hoặc Excel (.xlsx); phần đuôi của tên tệp không quyết định "
        "loại tệp."
    )


def inspect_pdf(content: bytes) -> Inspected:
    """Pages, words and active content of a PDF. Raises UploadUnreadable for what cannot be read."""
    try:
        answer = bounded.run((sys.executable, "-I", PDF_CHILD, "inspect"), content=content)
    except bounded.ChildFailed as failed:
        raise UploadUnreadable(
            "Không đọc được tệp PDF: tệp bị hỏng hoặc quá phức tạp. Đề nghị xuất lại thành PDF."
        ) from failed
    found = json.loads(answer)
    kinds: set[str] = set(found["found"])
    if "password" in kinds:
        raise UploadUnreadable("Tệp PDF có mật khẩu. Đề nghị bỏ mật khẩu rồi tải lên lại.")
    if not 1 <= found["pages"] <= MOST_PAGES:
        raise UploadUnreadable(f"Tệp PDF phải có từ 1 đến {MOST_PAGES} trang.")
    return Inspected(
        page_count=found["pages"],
        text="\n".join(normalised(line) for line in found["text"].splitlines()),
        active=tuple(sorted(kinds - {"signed"})),
        is_encrypted="encrypted" in kinds,
        is_signed="signed" in kinds,
    )


def _office_kind(content: bytes) -> MediaType:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as bad:
        raise UploadUnreadable("Không đọc được tệp: tệp bị hỏng.") from bad
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNFOLDED:
        raise UploadUnreadable("Tệp chứa quá nhiều dữ liệu nén nên không được nhận.")
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UploadUnsafe("Tệp có macro. Đề nghị lưu lại dưới dạng không có macro.")
    if "word/document.xml" in names:
        return MediaType.DOCX
    if "xl/workbook.xml" in names:
        return MediaType.XLSX
    raise UploadKindRefused("Chỉ nhận tệp PDF, Word (.docx) hoặc Excel (.xlsx).")
