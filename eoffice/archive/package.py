"""The evidence package: one ZIP file with a document and everything that proves it. Pure values.

    DOC-TRUOC.txt          what this is and how to check it
    manifest.json          format, and the size and SHA-256 of every other member
    content/<name>.pdf     the document, byte for byte as it lies in the archive
    history.json           what happened to it: events of the log, each with its proof
    log/checkpoint.txt     the signed head of the log
    log/entry.json         the event of the ingest: the leaf in the tree
    log/inclusion.json     the proof that this leaf stands under the head
    log/key.pub            the public key of the log, for information
    metadata.json          what it is about, as the archive knows it
    trust/<n>.pem          root certificates, for information

Every statement in it is bound to the head that the log signed: the leaf names the digests of
content and metadata, the history carries its own proofs, the manifest follows from the members, and
the text of DOC-TRUOC.txt is fixed. The ZIP has exactly one form (stored, no extras, fixed dates,
members in order): a package that differs in any byte, also between its members, is not this one.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eoffice.archive import rules
from eoffice.archive.rules import Description
from eoffice.audit import leaf
from eoffice.audit.checkpoint import Verifier
from eoffice.audit.leaf import Proven

FORMAT: Final = "eoffice-evidence/1"
README_NAME: Final = "DOC-TRUOC.txt"
MANIFEST: Final = "manifest.json"
METADATA: Final = "metadata.json"
HISTORY: Final = "history.json"
ENTRY: Final = "log/entry.json"
INCLUSION: Final = "log/inclusion.json"
CHECKPOINT: Final = "log/checkpoint.txt"
KEY: Final = "log/key.pub"
CONTENT: Final = "content/"
TRUST: Final = "trust/"

#: Of format 1; it never changes, because verification compares it.
README: Final = """\
GÓI BẰNG CHỨNG CỦA VĂN PHÒNG ĐIỆN TỬ

Gói này chứng minh một văn bản hoặc sổ điện tử đã được ký, đóng dấu và nộp lưu, mà không cần
truy cập hệ thống đã tạo ra nó.

Cách kiểm tra trên máy bất kỳ, không cần mạng:

    eoffice verify TÊN-GÓI.zip --trust THƯ-MỤC-TIN-CẬY

Thư mục tin cậy chứa chứng thư gốc (*.pem) và khóa công khai của nhật ký (log.pub) do người kiểm
tra tự nhận từ nguồn mình tin; chứng thư và khóa nằm trong gói chỉ để tham khảo.

Trong gói có:

    content/             tệp PDF đã ký, đúng từng byte như trong kho lưu trữ;
                         mở được bằng mọi phần mềm đọc PDF
    metadata.json        thông tin mô tả: tên, số, ký hiệu, năm học, đơn vị
    history.json         quá trình xử lý, mỗi sự kiện kèm chứng minh trong nhật ký
    log/entry.json       sự kiện nộp lưu, có mã băm SHA-256 của tệp và của thông tin mô tả
    log/inclusion.json   chứng minh sự kiện đó nằm trong nhật ký (RFC 9162)
    log/checkpoint.txt   đầu cây nhật ký có chữ ký Ed25519
    log/key.pub          khóa công khai của nhật ký
    trust/               chứng thư gốc
    manifest.json        danh mục thành phần và mã băm

Chỉ cần một byte bất kỳ của gói bị thay đổi, lệnh trên sẽ nói chỗ nào bị thay đổi.
"""

_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_FILE_RIGHTS: Final = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a package is made of."""

    description: Description
    content: bytes
    entry: Proven
    history: tuple[Proven, ...]
    #: The signed head under which entry and history are proved.
    checkpoint: str
    log: Verifier
    #: Root certificates (DER).
    anchors: tuple[bytes, ...]


def build(contents: Contents) -> bytes:
    """The package. The same contents always give the same bytes."""
    return archive(members_of(contents))


def members_of(contents: Contents) -> dict[str, bytes]:
    """Name and bytes of every member."""
    about = contents.description
    name = rules.file_name(about.title, about.number_notation)
    entry = contents.entry
    members = {
        README_NAME: README.encode(),
        f"{CONTENT}{name}.pdf": contents.content,
        METADATA: about.canonical(),
        HISTORY: leaf.canonical([_event(one) for one in contents.history]),
        ENTRY: entry.leaf,
        INCLUSION: leaf.canonical(
            {"index": entry.index, "size": entry.size, "path": [one.hex() for one in entry.path]}
        ),
        CHECKPOINT: contents.checkpoint.encode(),
        KEY: f"{contents.log}\n".encode(),
    }
    for number, anchor in enumerate(sorted(contents.anchors), start=1):
        pem = x509.load_der_x509_certificate(anchor).public_bytes(Encoding.PEM)
        members[f"{TRUST}{number:02}.pem"] = pem
    return members | {MANIFEST: manifest(members)}


def manifest(members: Mapping[str, bytes]) -> bytes:
    """Lists every member but itself."""
    listed: list[leaf.Json] = [
        {"name": name, "sha256": sha256(members[name]).hexdigest(), "size": len(members[name])}
        for name in sorted(members)
        if name != MANIFEST
    ]
    return leaf.canonical({"format": FORMAT, "members": listed})


def archive(members: Mapping[str, bytes]) -> bytes:
    """The one ZIP file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(members, key=_order):
            info = zipfile.ZipInfo(name, _FIXED_DATE)
            info.create_system = _UNIX
            info.external_attr = _FILE_RIGHTS
            made.writestr(info, members[name])
    return file.getvalue()


def _order(name: str) -> tuple[bool, bool, str]:
    return name != README_NAME, name != MANIFEST, name


def _event(proven: Proven) -> leaf.Json:
    return {
        "leaf": json.loads(proven.leaf),
        "index": proven.index,
        "path": [one.hex() for one in proven.path],
    }
