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
from typing import Final

from eoffice.archive import package_verification
from eoffice.archive.package_verification import PackageVerdict, Recheck
from eoffice.audit import log_key, receipt
from eoffice.audit.checkpoint import CheckpointInvalid, Verifier
from eoffice.clock import vietnam_time
from eoffice.signing import verdict as verdicts
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.trust import TrustStore, TrustUnreadable
from eoffice.signing.verdict import Finding, Json, SignatureVerdict, TimeSource, Verdict

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
_FIELD_NAME = re.compile(r"“(?:subject_)?([A-Za-z0-9_]+)”")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is said about one file."""

    verdict: Finding
    reason: str
    signatures: tuple[SignatureVerdict, ...] = ()
    #: Further faults, as whole sentences.
    faults: tuple[str, ...] = ()


def verify_paths(
    paths: Sequence[Path],
    *,
    trust_dir: Path,
    at: datetime,
    as_json: bool,
    log_key_file: Path | None = None,
    recheck: Recheck | None = None,
) -> tuple[str, int]:
    """The text to print and the exit code, for signed PDFs and evidence packages.

    `trust_dir` holds root certificates (*.pem) and the public key of the log (log.pub), unless
    `log_key_file` names another. `recheck` computes the data of registers anew.
    """
    try:
        trust = TrustStore.from_directory(trust_dir)
        log = _trusted_log(trust_dir, log_key_file)
    except (TrustUnreadable, CheckpointInvalid, OSError) as failure:
        checked = [Checked(Finding.UNVERIFIABLE, str(failure)) for _ in paths]
    else:
        checked = [_check(path, trust, log, at, recheck) for path in paths]
    pairs = list(zip(paths, checked, strict=True))
    text = _as_json(pairs) if as_json else "\n\n".join(_as_text(path, one) for path, one in pairs)
    return text, verdicts.exit_code(one.verdict for one in checked)


def check(
    data: bytes,
    *,
    trust: TrustStore,
    log: Verifier | None,
    at: datetime,
    recheck: Recheck | None = None,
) -> Checked:
    """The verdict about the bytes of a PDF, a package or a receipt, whichever they are."""

    def judge(pdf: bytes) -> Verdict:
        return verify_pdf_bounded(pdf, trust=trust, at=at)

    if receipt.looks_like_receipt(data):
        judged = receipt.verify(data, log)
        return Checked(_OF_RECEIPT[judged.outcome], judged.reason)
    if not data.startswith(b"%PDF-") and package_verification.looks_like_package(data):
        found = package_verification.verify(data, judge=judge, log_key=log, recheck=recheck)
        return _of_package(found)
    said = judge(data)
    # A file that is known to be changed or invalid needs no second reason, and one without
    # signatures says nothing that could be wrong.
    is_open = said.verdict in (Finding.INTACT, Finding.UNVERIFIABLE) and said.signatures
    differences = recheck(data) if recheck is not None and is_open else ()
    if differences:
        reason = f"Số liệu trong sổ không khớp khi tính lại: {differences[0]}"
        return Checked(Finding.INVALID, reason, said.signatures, differences)
    return Checked(said.verdict, said.reason, said.signatures)


def in_words(change: str) -> str:
    """A change after signing, with the field called as people call it."""
    return _FIELD_NAME.sub(lambda name: f"“{_FIELD_WORDS.get(name[1], name[1])}”", change)


def _trusted_log(trust_dir: Path, log_key_file: Path | None) -> Verifier | None:
    if log_key_file is not None:
        return Verifier.parse(log_key_file.read_text(encoding="utf-8"))
    return log_key.published(trust_dir)


def _check(
    path: Path, trust: TrustStore, log: Verifier | None, at: datetime, recheck: Recheck | None
) -> Checked:
    try:
        data = path.read_bytes()
    except OSError as failure:
        return Checked(Finding.UNVERIFIABLE, f"Không đọc được tệp: {failure.strerror}.")
    return check(data, trust=trust, log=log, at=at, recheck=recheck)


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
    lines += (f"    Sau khi ký: {in_words(change)}" for change in signature.changes)
    return lines
