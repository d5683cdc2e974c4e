"""What `eoffice verify` does: says of files whether they are intact, without the office's database.

Exit codes: 0 all intact; 1 any changed or invalid; 2 any that cannot be checked, among them files
that cannot be read and files without a signature.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from eoffice.archive import package_verification, records
from eoffice.archive.package_verification import PackageVerdict, Recheck
from eoffice.audit import log_key, receipt
from eoffice.audit.checkpoint import CheckpointInvalid, Verifier
from eoffice.clock import vietnam_time
from eoffice.signing import verdict as verdicts
from eoffice.signing import xades
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.content import Content
from eoffice.signing.trust import TrustStore, TrustUnreadable
from eoffice.signing.verdict import Finding, Json, SignatureVerdict, TimeSource, Verdict
from eoffice.signing.xades_bounded import verify_xml_bounded

WORDS: Final[dict[Finding, str]] = {
    Finding.INTACT: "NGUYÊN VẸN",
    Finding.CHANGED: "ĐÃ BỊ THAY ĐỔI",
    Finding.INVALID: "KHÔNG HỢP LỆ",
    Finding.UNVERIFIABLE: "KHÔNG KIỂM TRA ĐƯỢC",
    Finding.UNSIGNED: "KHÔNG CÓ CHỮ KÝ",
}
#: What the JSON says of a signature, and nothing else.
_FIELDS: Final = (
    "field",
    "signer",
    "capacity",
    "unit",
    "verdict",
    "indication",
    "level",
    "signed_at",
    "time_source",
    "covers_whole_file",
    "changes",
)
#: Fields of our forms as people call them; the JSON keeps their names.
_FIELD_WORDS: Final[dict[str, str]] = {
    "number_notation": "số, ký hiệu",
    "issued_on": "ngày ban hành",
    "signature_person": "chữ ký của người ký",
    "signature_seal": "con dấu của cơ quan",
    "homeroom": "giáo viên chủ nhiệm",
    "principal": "hiệu trưởng",
    "school_seal": "con dấu của nhà trường",
}
_OF_RECEIPT: Final = {
    receipt.Outcome.INTACT: Finding.INTACT,
    receipt.Outcome.CHANGED: Finding.CHANGED,
    receipt.Outcome.UNKNOWN_KEY: Finding.UNVERIFIABLE,
}
_PDF: Final = b"%PDF-"
#: Behind the mark of the byte order, an element, a comment or an instruction.
_XML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[?!A-Za-z_]")
_XML_BEGINS_WITHIN: Final = 1024
#: Registers have some megabytes. What is larger is taken for one where it has attachments, or
#: streams of objects in which they could stand.
_LARGEST_REGISTER_BYTES: Final = 64 * 1024 * 1024
_MAY_HOLD_DATA: Final = re.compile(rb"/EmbeddedFile|/ObjStm")
_FIELD_NAME = re.compile(r"“(?:subject_)?([A-Za-z0-9_]+)”")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is said about one file."""

    verdict: Finding
    reason: str
    signatures: tuple[SignatureVerdict, ...] = ()
    #: Further faults, as whole sentences.
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What is said about all files of one call."""

    pairs: tuple[tuple[Path, Checked], ...]

    @property
    def exit_code(self) -> int:
        return verdicts.exit_code(one.verdict for _, one in self.pairs)

    @property
    def text(self) -> str:
        return "\n\n".join(_as_text(path, one) for path, one in self.pairs)

    @property
    def json(self) -> str:
        return _as_json(self.pairs)


def verify_paths(
    paths: Sequence[Path],
    *,
    trust_dir: Path,
    at: datetime,
    as_json: bool,
    log_key_file: Path | None = None,
    recheck: Recheck | None = None,
) -> tuple[str, int]:
    """The text to print and the exit code; see `results`."""
    found = results(paths, trust_dir=trust_dir, at=at, log_key_file=log_key_file, recheck=recheck)
    return found.json if as_json else found.text, found.exit_code


def results(
    paths: Sequence[Path],
    *,
    trust_dir: Path,
    at: datetime,
    log_key_file: Path | None = None,
    recheck: Recheck | None = None,
    record: bytes | None = None,
) -> Result:
    """The verdicts about signed PDFs, signed XML, evidence packages and receipts.

    `trust_dir` holds root certificates (*.pem) and the public key of the log (log.pub), unless
    `log_key_file` names another. `recheck` computes the data of registers anew. `record` is an
    evidence record (RFC 4998) that proves since when the PDF is there.
    """
    try:
        trust = TrustStore.from_directory(trust_dir)
        log = _trusted_log(trust_dir, log_key_file)
    except (TrustUnreadable, CheckpointInvalid, OSError) as failure:
        checked = [Checked(Finding.UNVERIFIABLE, str(failure)) for _ in paths]
    else:
        checked = [_check(path, trust, log, at, recheck, record) for path in paths]
    return Result(tuple(zip(paths, checked, strict=True)))


def check(
    given: bytes | BinaryIO,
    *,
    trust: TrustStore,
    log: Verifier | None,
    at: datetime,
    recheck: Recheck | None = None,
    record: bytes | None = None,
) -> Checked:
    """The verdict about a PDF, signed XML, a package or a receipt, whichever it is.

    A PDF that is given as a file on disk is not in memory as a whole, however large it is.
    """

    def judge(pdf: bytes | BinaryIO) -> Verdict:
        if record is not None:
            whole = Content.of(pdf)
            return records.judged(whole.read(0, whole.size_bytes), record, trust=trust, at=at)
        return verify_pdf_bounded(pdf, trust=trust, at=at)

    content = Content.of(given)
    if content.read(0, len(_PDF)) != _PDF:
        if _XML.match(content.read(0, _XML_BEGINS_WITHIN)):
            data = content.read(0, min(content.size_bytes, xades.LARGEST_BYTES + 1))
            found_xml = verify_xml_bounded(data, trust=trust, at=at).verdict
            return Checked(found_xml.verdict, found_xml.reason, found_xml.signatures)
        data = content.read(0, content.size_bytes)
        if receipt.looks_like_receipt(data):
            judged = receipt.verify(data, log)
            return Checked(_OF_RECEIPT[judged.outcome], judged.reason)
        if package_verification.looks_like_package(data):
            found = package_verification.verify(data, judge=judge, log_key=log, recheck=recheck)
            return _of_package(found)
    said = judge(given)
    # A file that is known to be changed or invalid needs no second reason, and one without
    # signatures says nothing that could be wrong.
    is_open = said.verdict in (Finding.INTACT, Finding.UNVERIFIABLE) and said.signatures
    differences: tuple[str, ...] = ()
    if recheck is not None and is_open and _may_be_a_register(content):
        differences = recheck(content.read(0, content.size_bytes))
    if differences:
        reason = f"Số liệu trong sổ không khớp khi tính lại: {differences[0]}"
        return Checked(Finding.INVALID, reason, said.signatures, differences)
    return Checked(said.verdict, said.reason, said.signatures)


def _may_be_a_register(content: Content) -> bool:
    return content.size_bytes <= _LARGEST_REGISTER_BYTES or content.has(_MAY_HOLD_DATA)


def in_words(change: str) -> str:
    """A change after signing, with the field called as people call it."""
    return _FIELD_NAME.sub(lambda name: f"“{_FIELD_WORDS.get(name[1], name[1])}”", change)


def _trusted_log(trust_dir: Path, log_key_file: Path | None) -> Verifier | None:
    if log_key_file is not None:
        return Verifier.parse(log_key_file.read_text(encoding="utf-8"))
    return log_key.published(trust_dir)


def _check(
    path: Path,
    trust: TrustStore,
    log: Verifier | None,
    at: datetime,
    recheck: Recheck | None,
    record: bytes | None,
) -> Checked:
    try:
        with path.open("rb") as file:
            return check(file, trust=trust, log=log, at=at, recheck=recheck, record=record)
    except OSError as failure:
        return Checked(Finding.UNVERIFIABLE, f"Không đọc được tệp: {failure.strerror}.")


def _of_package(found: PackageVerdict) -> Checked:
    signatures = found.content.signatures if found.content is not None else ()
    return Checked(found.verdict, found.reason, signatures, found.faults)


def _as_json(checked: Sequence[tuple[Path, Checked]]) -> str:
    return json.dumps([_said(path, one) for path, one in checked], ensure_ascii=False, indent=1)


def _said(path: Path, checked: Checked) -> dict[str, Json]:
    signatures = [one.to_json() for one in checked.signatures]
    return {
        "path": str(path),
        "verdict": checked.verdict.value,
        "reason": checked.reason,
        "signatures": [{name: one[name] for name in _FIELDS} for one in signatures],
    }


def _as_text(path: Path, checked: Checked) -> str:
    lines = [f"{path}: {WORDS[checked.verdict]}", f"  {checked.reason}"]
    lines += (f"  - {fault}" for fault in checked.faults if fault not in checked.reason)
    for signature in checked.signatures:
        lines += _signature_lines(signature)
    return "\n".join(lines)


def _signature_lines(signature: SignatureVerdict) -> list[str]:
    """Who signed, in which capacity, when, and whether that holds."""
    who = " · ".join(
        part for part in (signature.signer, signature.capacity, signature.unit) if part
    )
    lines = [f"  * {who}: {WORDS[signature.verdict].lower()}"]
    if signature.signed_at is not None:
        proof = (
            "có dấu thời gian"
            if signature.time_source is TimeSource.TIMESTAMP
            else "theo đồng hồ của người ký"
        )
        at = vietnam_time(signature.signed_at)
        lines.append(
            f"    Ký lúc {at:%H:%M:%S ngày %d/%m/%Y} ({proof}), mức {signature.level.value}"
        )
    if signature.verdict is not Finding.INTACT:
        lines.append(f"    {signature.reason}")
    lines.append(f"    Chỉ dẫn ETSI EN 319 102-1: {signature.indication.value}")
    told = signature.certificate
    if told is not None:
        dates = (
            f"{vietnam_time(told.valid_from):%d/%m/%Y}–{vietnam_time(told.valid_until):%d/%m/%Y}"
        )
        chain = " ← ".join(told.issuers)
        lines.append(f"    Chứng thư số ({dates}) do {chain} cấp. {told.revocation}")
        if told.trusted_root:
            lines.append(f"    Gốc tin cậy: {told.trusted_root}")
    lines += (f"    {warning}" for warning in signature.warnings)
    lines += (f"    Sau khi ký: {in_words(change)}" for change in signature.changes)
    return lines
