"""Checking an evidence package with nothing but the file and what the reader trusts."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from eoffice.archive import package
from eoffice.audit import checkpoint, leaf, merkle
from eoffice.audit.checkpoint import Checkpoint, CheckpointInvalid, Verifier
from eoffice.clock import vietnam_time
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict

#: Says of a PDF what differs when its own data are computed anew, as whole sentences.
Recheck: TypeAlias = Callable[[bytes], tuple[str, ...]]
#: Says what is to be said about the signatures of a PDF.
Judge: TypeAlias = Callable[[bytes], Verdict]

_MOST_MEMBERS: Final = 1000
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
_REQUIRED: Final = (
    package.README_NAME,
    package.MANIFEST,
    package.METADATA,
    package.HISTORY,
    package.ENTRY,
    package.INCLUSION,
    package.CHECKPOINT,
    package.KEY,
)


@dataclass(frozen=True, slots=True)
class InLog:
    """Where the log has the ingest, and what the log said when."""

    index: int
    head: Checkpoint


@dataclass(frozen=True, slots=True)
class PackageVerdict:
    verdict: Finding
    #: A whole Vietnamese sentence.
    reason: str
    #: Everything that is wrong, as whole sentences.
    faults: tuple[str, ...] = ()
    #: About the document itself; None where it cannot be told what it was.
    content: Verdict | None = None
    #: metadata.json, as far as the log vouches for it.
    description: Mapping[str, Any] | None = None
    in_log: InLog | None = None


def looks_like_package(data: bytes) -> bool:
    """Whether a file is, or was before it was damaged, an evidence package or another ZIP."""
    return data.startswith(b"PK\x03\x04") or package.FORMAT.encode() in data


def verify_package(
    path: Path,
    *,
    trust: TrustStore,
    log_key: Verifier | None,
    at: datetime,
    recheck: Recheck | None = None,
) -> PackageVerdict:
    """The verdict about a package at `at`, offline. Raises OSError when it cannot be read.

    `log_key` is the log that the reader trusts; without it nothing in the package can be believed
    that its signatures do not show. `recheck` computes the data of registers anew.
    """
    return verify(
        path.read_bytes(),
        judge=lambda pdf: verify_pdf_bounded(pdf, trust=trust, at=at),
        log_key=log_key,
        recheck=recheck,
    )


def verify(
    data: bytes, *, judge: Judge, log_key: Verifier | None, recheck: Recheck | None = None
) -> PackageVerdict:
    """The same for bytes, with whatever judges the document."""
    members, broken = _read(data)
    if not members and not broken:
        return PackageVerdict(
            Finding.UNVERIFIABLE, "Tệp ZIP này không phải là gói bằng chứng của văn phòng điện tử."
        )
    faults = broken + _faults_of_members(members)
    if not faults and package.archive(members) != data:
        faults = (
            "Cấu trúc của gói (đầu mục, thư mục ZIP hoặc phần giữa các thành phần) đã bị thay đổi.",
        )
    content = _content(members)
    said = judge(content[1]) if content is not None and _is_logged(members, content[1]) else None
    if faults:
        return PackageVerdict(Finding.CHANGED, _changed_reason(faults, said), faults, said)
    assert content is not None, "a package without content has faults"
    return _judge_bound(members, content[1], said, log_key, recheck)


def _read(data: bytes) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The members that can be read, and what is wrong with the rest.

    Neither for a file that is whole and something else.
    """
    ours = package.FORMAT.encode() in data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            infos = file.infolist()
            names = [info.filename for info in infos]
            ours = ours or package.MANIFEST in names
            if not ours:
                return {}, ()
            if len(infos) > _MOST_MEMBERS or len(set(names)) != len(names):
                return {}, ("Thư mục ZIP của gói đã bị thay đổi.",)
            if sum(info.file_size for info in infos) > len(data):
                return {}, ("Thư mục ZIP của gói đã bị thay đổi: kích thước không khớp.",)
            return _read_members(file, infos)
    except _BROKEN:
        return {}, (("Cấu trúc ZIP của gói đã bị hỏng nên không mở được.",) if ours else ())


def _read_members(
    file: zipfile.ZipFile, infos: list[zipfile.ZipInfo]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    members, faults = {}, []
    for info in infos:
        if info.compress_type != zipfile.ZIP_STORED:
            faults.append(f"Đầu mục của thành phần “{info.filename}” đã bị thay đổi.")
            continue
        try:
            members[info.filename] = file.read(info)
        except _BROKEN:
            faults.append(f"Thành phần “{info.filename}” đã bị thay đổi.")
    return members, tuple(faults)


def _faults_of_members(members: Mapping[str, bytes]) -> tuple[str, ...]:
    """What does not fit the manifest: missing, extra and changed members, by name."""
    if package.MANIFEST not in members:
        return ("Thiếu danh mục thành phần manifest.json.",)
    try:
        listed = {one["name"]: one["sha256"] for one in _json(members[package.MANIFEST])["members"]}
    except (ValueError, TypeError, KeyError, RecursionError):
        return ("Danh mục thành phần manifest.json đã bị thay đổi: không đọc được.",)
    present = members.keys() - {package.MANIFEST}
    faults = [f"Thiếu thành phần “{name}”." for name in sorted(listed.keys() - present, key=str)]
    faults += [f"Có thành phần lạ “{name}”." for name in sorted(present - listed.keys())]
    faults += [
        f"Thành phần “{name}” đã bị thay đổi."
        for name in sorted(present & listed.keys())
        if sha256(members[name]).hexdigest() != listed[name]
    ]
    faults += [f"Thiếu thành phần “{name}”." for name in _REQUIRED if name not in members]
    if _content(members) is None:
        faults.append("Gói phải có đúng một tệp trong thư mục content.")
    if members.get(package.README_NAME, b"") != package.README.encode():
        faults.append(f"Thành phần “{package.README_NAME}” đã bị thay đổi.")
    if not faults and package.manifest(members) != members[package.MANIFEST]:
        faults.append("Danh mục thành phần manifest.json đã bị thay đổi.")
    return tuple(dict.fromkeys(faults))


def _content(members: Mapping[str, bytes]) -> tuple[str, bytes] | None:
    found = [(name, one) for name, one in members.items() if name.startswith(package.CONTENT)]
    return found[0] if len(found) == 1 else None


def _is_logged(members: Mapping[str, bytes], content: bytes) -> bool:
    """Whether the leaf in the package names this content, whatever else was touched."""
    return sha256(content).hexdigest().encode() in members.get(package.ENTRY, b"")


def _changed_reason(faults: tuple[str, ...], content: Verdict | None) -> str:
    said = "Gói đã bị thay đổi. " + " ".join(faults[:3])
    if len(faults) > 3:
        said += f" Còn {len(faults) - 3} chỗ khác."
    if content is not None and content.verdict is Finding.INTACT:
        said += " Riêng tệp văn bản trong gói vẫn còn nguyên."
    return said


def _judge_bound(
    members: Mapping[str, bytes],
    content: bytes,
    said: Verdict | None,
    log_key: Verifier | None,
    recheck: Recheck | None,
) -> PackageVerdict:
    """The package is whole; does it prove what it says?"""
    try:
        faults = _unbound(members, content)
        mine = Verifier.parse(members[package.KEY].decode())
    except (ValueError, TypeError, KeyError, RecursionError, CheckpointInvalid):
        return PackageVerdict(
            Finding.INVALID, "Gói không đúng định dạng: phần nhật ký không đọc được."
        )
    if faults or said is None:
        return PackageVerdict(Finding.CHANGED, _changed_reason(faults, said), faults, said)
    if log_key is None:
        return PackageVerdict(
            Finding.UNVERIFIABLE,
            "Chưa có khóa công khai của nhật ký (log.pub) trong thư mục tin cậy nên không kiểm tra"
            f" được việc nộp lưu. {said.reason}",
            content=said,
        )
    if mine != log_key:
        return PackageVerdict(
            Finding.UNVERIFIABLE,
            f"Gói thuộc nhật ký {mine.origin}, không phải nhật ký tin cậy {log_key.origin}."
            f" {said.reason}",
            content=said,
        )
    try:
        in_log = _proved(members, log_key)
    except (
        CheckpointInvalid,
        merkle.ProofInvalid,
        ValueError,
        TypeError,
        KeyError,
        RecursionError,
    ) as failure:
        why = str(failure) if isinstance(failure, CheckpointInvalid) else _NOT_PROVED
        return PackageVerdict(Finding.INVALID, why, (why,), said)
    return _concluded(_json(members[package.METADATA]), in_log, said, content, recheck)


_NOT_PROVED = "Chứng minh trong gói không khớp với đầu cây nhật ký đã ký."


#: Events that vouch for what an entry is: the ingest, and each renewal of its time-stamp.
_DESCRIBES: Final = frozenset({"archive.ingested", "archive.renewed"})


def _unbound(members: Mapping[str, bytes], content: bytes) -> tuple[str, ...]:
    """What the leaf of the ingest does not vouch for."""
    event = _json(members[package.ENTRY])
    details = event["details"]
    faults = []
    if leaf.canonical(event) != members[package.ENTRY] or event["action"] not in _DESCRIBES:
        faults.append("Sự kiện nộp lưu trong log/entry.json đã bị thay đổi.")
    if details["content_sha256"] != sha256(content).hexdigest():
        faults.append("Tệp văn bản không phải là tệp đã nộp lưu.")
    if details["metadata_sha256"] != sha256(members[package.METADATA]).hexdigest():
        faults.append("Thông tin mô tả trong metadata.json không phải là thông tin đã nộp lưu.")
    if event["object"]["id"] != _json(members[package.METADATA])["entry_id"]:
        faults.append("Sự kiện nộp lưu thuộc về một hồ sơ khác.")
    return tuple(faults)


def _proved(members: Mapping[str, bytes], log_key: Verifier) -> InLog:
    """Checks head, ingest and history. Raises CheckpointInvalid, ProofInvalid and what JSON may."""
    head = checkpoint.opened(members[package.CHECKPOINT].decode(), log_key)
    inclusion = _json(members[package.INCLUSION])
    if inclusion["size"] != head.size:
        raise merkle.ProofInvalid("the proof is for another head")
    index = _require_included(members[package.ENTRY], inclusion, head)
    written = {"index": index, "size": head.size, "path": inclusion["path"]}
    if leaf.canonical(written) != members[package.INCLUSION]:
        raise merkle.ProofInvalid("the proof says more than a proof")
    _require_history(members, head)
    return InLog(index, head)


def _require_history(members: Mapping[str, bytes], head: Checkpoint) -> None:
    """Every event is in the log, is about this document or its entry, and comes in its order.

    That none was left out is not proved: only whoever has the whole log can say that.
    """
    about = _json(members[package.METADATA])
    subjects = (
        {"kind": about["kind"], "id": about["source_id"]},
        {"kind": "archive_entry", "id": about["entry_id"]},
    )
    history = _json(members[package.HISTORY])
    before = -1
    for event in history:
        index = _require_included(leaf.canonical(event["leaf"]), event, head)
        if index <= before or event["leaf"]["object"] not in subjects:
            raise merkle.ProofInvalid("an event of something else, or not in its place")
        before = index
    written = [{name: event[name] for name in ("leaf", "index", "path")} for event in history]
    if leaf.canonical(written) != members[package.HISTORY]:
        raise merkle.ProofInvalid("the history says more than its events")


def _require_included(leaf_bytes: bytes, proof: Mapping[str, Any], head: Checkpoint) -> int:
    """The place of the leaf under the head. Raises ProofInvalid."""
    index = proof["index"]
    path = [bytes.fromhex(one) for one in proof["path"]]
    # JSON knows more than numbers, and bytes.fromhex more than one way to write a byte.
    if type(index) is not int or [one.hex() for one in path] != proof["path"]:
        raise merkle.ProofInvalid("not a proof as the log writes it")
    merkle.verify_inclusion(index, head.size, merkle.leaf_hash(leaf_bytes), path, head.root)
    return index


def _concluded(
    description: Mapping[str, Any],
    in_log: InLog,
    said: Verdict,
    content: bytes,
    recheck: Recheck | None,
) -> PackageVerdict:
    head = in_log.head
    logged = (
        f"Việc nộp lưu là sự kiện thứ {in_log.index + 1} trong {head.size} sự kiện của nhật ký"
        f" {head.origin}, đầu cây ký lúc {vietnam_time(head.at):%H:%M ngày %d/%m/%Y}."
    )
    differences = recheck(content) if recheck is not None else ()
    if differences:
        return PackageVerdict(
            Finding.INVALID,
            f"Số liệu trong sổ không khớp khi tính lại: {differences[0]}",
            differences,
            said,
            description,
            in_log,
        )
    reason = (
        f"Gói nguyên vẹn. {said.reason} {logged}"
        if said.verdict is Finding.INTACT
        else f"{said.reason} {logged}"
    )
    return PackageVerdict(said.verdict, reason, (), said, description, in_log)


def _json(data: bytes) -> Any:
    return json.loads(data)
