"""The package of a pupil as a file: fixed members, a manifest, one ZIP with the same bytes always.

Pure: bytes in, bytes out. The sealed cover carries the manifest inside, and the manifest the
SHA-256 of every other member, so the one signature of the cover stands for all of them.

    README.txt  manifest.json  cover.pdf  data.json  books/<year>.json  reports/<year>.pdf
    reports/<year>.xml

The last one, the data of a report book under the school's seal, only where the school made it.
"""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from eoffice.audit import leaf
from eoffice.errors import Invalid, TooLarge

FORMAT: Final = "eoffice-pupil-transfer/1"
README_NAME: Final = "README.txt"
MANIFEST: Final = "manifest.json"
COVER: Final = "cover.pdf"
DATA: Final = "data.json"
BOOKS: Final = "books/"
REPORTS: Final = "reports/"
LARGEST_BYTES: Final = 60 * 1024 * 1024
MOST_MEMBERS: Final = 64

README: Final = """\
HỒ SƠ CHUYỂN TRƯỜNG CỦA HỌC SINH

cover.pdf      phiếu hồ sơ, có chữ ký số của nhà trường; tệp manifest.json nằm bên trong
manifest.json  danh mục các tệp với mã băm SHA-256
data.json      lý lịch, cha mẹ, quá trình học, kết quả đến ngày chuyển (lược đồ kèm phần mềm)
books/         các dòng của học sinh trong sổ lớp đã khóa của những năm học trước
reports/       học bạ từng năm học, đã ký số và đóng dấu; nếu có, dữ liệu XML có con dấu số

Trường tiếp nhận đưa nguyên tệp ZIP này vào trang "Tiếp nhận học sinh" để kiểm tra và tiếp nhận.
Hồ sơ có dữ liệu cá nhân: chỉ giao cho trường tiếp nhận và gia đình học sinh.
"""

_NAME: Final = re.compile(
    r"README\.txt|manifest\.json|cover\.pdf|data\.json"
    r"|(?:books/\d{4}-\d{4}(?:-\d{1,2})?\.json|reports/\d{4}-\d{4}(?:-\d{1,2})?\.(?:pdf|xml))"
)
_REQUIRED: Final = (README_NAME, MANIFEST, COVER, DATA)
_FIXED_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_FILE_RIGHTS: Final = 0o100644 << 16
#: What `zipfile` raises for files that are not as they should be.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    KeyError,
    ValueError,
    OverflowError,
    OSError,
)


class NotAPackage(Invalid):
    """The file is no package of a pupil."""


class PackageTooLarge(TooLarge):
    """The file is larger than any package of a pupil."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What could be read of a package, and what of it is not as it was made."""

    package_id: str
    members: Mapping[str, bytes]
    #: Name of the member ("" for the whole) and a whole sentence.
    faults: tuple[tuple[str, str], ...]


def manifest(package_id: str, members: Mapping[str, bytes]) -> bytes:
    """Lists every member but itself and the cover, which holds the manifest."""
    listed = [
        Member(name, sha256(content).hexdigest(), len(content))
        for name, content in sorted(members.items())
        if name not in (MANIFEST, COVER)
    ]
    return manifest_of(package_id, listed)


def manifest_of(package_id: str, members: list[Member]) -> bytes:
    listed: list[leaf.Json] = [
        {"name": one.name, "sha256": one.sha256, "size": one.size} for one in members
    ]
    return leaf.canonical({"format": FORMAT, "package_id": package_id, "members": listed})


def listed(content: bytes) -> tuple[str, tuple[Member, ...]]:
    """The package's identifier and members as a manifest names them. Raises NotAPackage."""
    try:
        found = json.loads(content)
        members = tuple(
            Member(_text(one["name"]), _text(one["sha256"]), int(one["size"]))
            for one in found["members"]
        )
        package_id = _text(found["package_id"])
        if found["format"] != FORMAT or manifest_of(package_id, list(members)) != content:
            raise ValueError("not as the manifest is written")
    except (ValueError, TypeError, KeyError, RecursionError) as failure:
        raise NotAPackage("Danh mục manifest.json của hồ sơ không đọc được.") from failure
    return package_id, members


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


def opened(data: bytes) -> Opened:
    """Members and faults; nothing is unfolded, since a package holds its members as they are.

    Raises PackageTooLarge, and NotAPackage for whatever is not even a damaged package.
    """
    if len(data) > LARGEST_BYTES:
        raise PackageTooLarge(
            f"Tệp lớn hơn {LARGEST_BYTES // 1024**2} MB nên không phải là hồ sơ chuyển trường."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            infos = file.infolist()
            names = [info.filename for info in infos]
            if MANIFEST not in names or COVER not in names or len(infos) > MOST_MEMBERS:
                raise NotAPackage(_NOT_OURS)
            if sum(info.file_size for info in infos) > len(data) or len(set(names)) != len(names):
                raise NotAPackage(f"{_NOT_OURS} Thư mục của tệp ZIP không đúng.")
            members, faults = _read(file, infos)
    except _BROKEN as broken:
        raise NotAPackage(_NOT_OURS) from broken
    package_id = ""
    if MANIFEST in members:
        try:
            package_id, wanted = listed(members[MANIFEST])
        except NotAPackage as refusal:
            faults.append((MANIFEST, refusal.detail))
        else:
            faults += _compared(members, wanted)
    faults += [(name, f"Thiếu tệp “{name}”.") for name in _REQUIRED if name not in members]
    if not faults and archive(members) != data:
        faults.append(("", "Cấu trúc của tệp ZIP không phải như khi hồ sơ được lập."))
    return Opened(package_id, members, tuple(dict.fromkeys(faults)))


_NOT_OURS: Final = (
    "Tệp này không phải là hồ sơ chuyển trường: cần nguyên tệp ZIP mà trường chuyển đi đã giao."
)


def _read(
    file: zipfile.ZipFile, infos: list[zipfile.ZipInfo]
) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    members: dict[str, bytes] = {}
    faults: list[tuple[str, str]] = []
    for info in infos:
        # A name leads nowhere: members are kept under their digest. A strange one is a fault.
        if not _NAME.fullmatch(info.filename):
            faults.append((info.filename[:80], f"Có tệp lạ “{info.filename[:80]}”."))
        elif info.compress_type != zipfile.ZIP_STORED:
            faults.append((info.filename, f"Tệp “{info.filename}” đã bị thay đổi cách lưu."))
        else:
            try:
                members[info.filename] = file.read(info)
            except _BROKEN:
                faults.append((info.filename, f"Tệp “{info.filename}” đã bị thay đổi."))
    return members, faults


def _compared(members: Mapping[str, bytes], wanted: tuple[Member, ...]) -> list[tuple[str, str]]:
    by_name = {one.name: one for one in wanted}
    present = members.keys() - {MANIFEST, COVER}
    faults = [(n, f"Thiếu tệp “{n}”.") for n in sorted(by_name.keys() - present)]
    faults += [(n, f"Có tệp lạ “{n}”.") for n in sorted(present - by_name.keys())]
    faults += [
        (n, f"Tệp “{n}” đã bị thay đổi: mã băm khác với danh mục.")
        for n in sorted(present & by_name.keys())
        if sha256(members[n]).hexdigest() != by_name[n].sha256
    ]
    return faults


def xml_of(report: str) -> str:
    """The member with the sealed data of a report book: "reports/2024-2025.xml"."""
    return report.removesuffix(".pdf") + ".xml"


def _order(name: str) -> tuple[int, str]:
    first = (README_NAME, MANIFEST, COVER, DATA)
    return (first.index(name) if name in first else len(first), name)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value
