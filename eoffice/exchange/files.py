"""Files inside of messages: base64 of a ZIP that holds the file, or of the file itself.

Most systems pack each file into a ZIP of its own; some send it plainly. Unpacking is bounded before
anything is unpacked, by what the archive declares, and while it is, by what really comes out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import zipfile
import zlib
from typing import Final

from eoffice.errors import Invalid
from eoffice.exchange.message import Attachment, Reference

LARGEST_FILE_BYTES: Final = 48 * 1024 * 1024
MOST_MEMBERS: Final = 100
#: Office files and PDF shrink to a tenth at most; a hundredfold is built to harm.
MOST_RATIO: Final = 100
_SLACK: Final = 1024 * 1024
ZIP: Final = "application/zip"


class AttachmentDamaged(Invalid):
    """A file of the message cannot be taken out of it, or may not."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Không lấy được tệp “{name[:120]}” ra khỏi thông điệp: {why}")


def packed(name: str, content: bytes, *, description: str = "") -> tuple[Reference, Attachment]:
    """A file as it travels: line of the manifest and attachment. The same file, the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o600 << 16
        archive.writestr(member, content)
    content_id = f"cid:{hashlib.sha256(name.encode() + content).hexdigest()[:32]}"
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return (
        Reference(content_id, name, ZIP, description or name),
        Attachment(content_id, name, ZIP, description or name, encoded),
    )


def content(attachment: Attachment) -> bytes:
    """The file. A ZIP with one file gives that file; any other content is given as it is.

    A ZIP with several members is what was sent when the name says so (".zip"), and Office files
    are ZIPs themselves. Raises AttachmentDamaged.
    """
    name = attachment.name or attachment.content_id
    if len(attachment.encoded) > LARGEST_FILE_BYTES * 4 // 3 + 4:
        raise AttachmentDamaged(name, f"lớn hơn {LARGEST_FILE_BYTES // 2**20} MB.")
    try:
        raw = base64.b64decode(attachment.encoded, validate=True)
    except (binascii.Error, ValueError) as failure:
        raise AttachmentDamaged(name, "nội dung không phải base64 hoặc bị cắt.") from failure
    if not raw:
        raise AttachmentDamaged(name, "tệp rỗng.")
    if not raw.startswith((b"PK\x03\x04", b"PK\x05\x06")) or _is_package(raw, name):
        return raw
    return _only_member(raw, name)


def _is_package(raw: bytes, name: str) -> bool:
    """An Office file, or an archive that was itself attached, is not a wrapping."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as failure:
        raise AttachmentDamaged(name, "tệp nén bị hỏng.") from failure
    if "[Content_Types].xml" in names or names[:1] == ["mimetype"]:
        return True
    files = [each for each in names if not each.endswith("/")]
    return name.lower().endswith(".zip") and files != [name]


def _only_member(raw: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if not 1 <= len(members) <= MOST_MEMBERS:
                raise AttachmentDamaged(name, "tệp nén rỗng hoặc có quá nhiều tệp.")
            if len(members) > 1:
                raise AttachmentDamaged(name, "tệp nén có nhiều hơn một tệp.")
            member = members[0]
            limit = min(LARGEST_FILE_BYTES, len(raw) * MOST_RATIO + _SLACK)
            if member.flag_bits & 1:
                raise AttachmentDamaged(name, "tệp nén có mật khẩu.")
            if member.file_size > limit:
                raise AttachmentDamaged(name, "tệp nén bung ra quá lớn so với dung lượng gửi.")
            with archive.open(member) as stream:
                found = stream.read(limit + 1)
            if len(found) > limit:
                raise AttachmentDamaged(name, "tệp nén bung ra quá lớn so với dung lượng gửi.")
            return found
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as failure:
        raise AttachmentDamaged(name, "tệp nén bị hỏng.") from failure
