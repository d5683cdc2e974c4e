"""What can be said about a signed PDF, by anybody who has the file and the trust anchors.

No database, and no network unless asked for. The time model is that of a shell: the outermost
time-stamp is judged today, everything inside it at the moment which that time-stamp proves, and so
on inwards; a certificate that has long expired was good if it was good then (ETSI EN 319 102-1,
5.6.2). Whatever the file is, the answer is a verdict; `bounded` adds limits of time and memory.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import cms, x509
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.clock import VIETNAM
from eoffice.signing import chains, conclusions, integrity, signed_pdf, verdict
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.conclusions import BROKEN_STAMP, WRONG, Conclusion, concluded, conclusion
from eoffice.signing.integrity import MALFORMED, Integrity, State
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import (
    Finding,
    Indication,
    Level,
    SignatureVerdict,
    TimeSource,
    TimestampVerdict,
    Verdict,
)

#: Text fields that may be filled between the signatures of a document: the clerk's number and date.
FILLABLE = frozenset({"number_notation", "issued_on"})

_PADES = "/ETSI.CAdES.detached"
_KNOWN_FORMS = frozenset({_PADES, "/adbe.pkcs7.detached", "/ETSI.RFC3161"})
_WEAK_DIGESTS = frozenset({"md5", "sha1"})
_SMALLEST_RSA_BITS = 2048

#: The library explains every file that it dislikes on the log; the verdict says it already.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko").propagate = False
logging.getLogger("pyhanko_certvalidator").propagate = False


@dataclass(frozen=True, slots=True)
class _Case:
    """What one verification knows."""

    trust: TrustStore
    at: datetime
    evidence: Evidence
    desk: RevocationDesk | None

    def judge(
        self,
        certificate: x509.Certificate,
        others: Iterable[x509.Certificate],
        *,
        at: datetime,
        purpose: Purpose,
    ) -> Standing:
        evidence = self.evidence.with_certificates(others)
        found = chains.judge(certificate, evidence, trust=self.trust, at=at, purpose=purpose)
        if found.standing is not Standing.NO_REVOCATION_DATA or self.desk is None:
            return found.standing
        chain = chains.judge(
            certificate, evidence, trust=self.trust, at=at, purpose=purpose, revocation=False
        )
        try:
            told = self.desk.ask(chain.path)
        except RevocationUnavailable:
            return found.standing
        return chains.judge(
            certificate, evidence.and_also(told), trust=self.trust, at=at, purpose=purpose
        ).standing


@dataclass(frozen=True, slots=True)
class _Examined:
    """One signature or time-stamp of the file; `signature` is None where it cannot be read."""

    field: str
    signature: EmbeddedPdfSignature | None
    integrity: Integrity | None

    @property
    def is_timestamp(self) -> bool:
        return self.signature is not None and signed_pdf.is_timestamp(self.signature)

    @property
    def revision(self) -> int:
        return int(self.signature.signed_revision) if self.signature is not None else -1


def verify_pdf(
    data: bytes,
    *,
    trust: TrustStore,
    at: datetime,
    online: bool = False,
    fillable: Set[str] = FILLABLE,
) -> Verdict:
    """The verdict about a file at `at`.

    `online` allows asking authorities about revocation, and only about certificates whose chain
    ends at a trust anchor; without it only what the file carries counts. Text fields other than
    `fillable` must not be filled after a signature; after the last one none, unless it certifies
    the document and leaves them open.
    """
    try:
        reader = _open(data)
        is_encrypted = reader.encrypted
    except MALFORMED:
        return _unreadable(data, "Tệp không phải là tệp PDF đọc được, hoặc đã hỏng.")
    if is_encrypted:
        return _unreadable(b"", "Tệp PDF có mật khẩu nên không kiểm tra được.")
    try:
        examined = _examine(reader, data)
        found = [one.signature for one in examined if one.signature is not None]
        alterations = integrity.alterations(data, reader, found) if found or not examined else ()
        evidence = _stored_evidence(reader)
    except MALFORMED:
        return _unreadable(data, "Tệp PDF hỏng nên không đọc được các chữ ký trong tệp.")
    case = _Case(trust, at, evidence, RevocationDesk() if online else None)
    stamps, proofs = _judge_timestamps(case, examined)
    people = [one for one in examined if not one.is_timestamp]
    signatures = [
        _judge_signature(
            case,
            one,
            proof=_proof_for(one, proofs, at),
            later=[other for other in examined if other.revision > one.revision],
            fillable=fillable,
            is_last=one is people[-1],
        )
        for one in people
    ]
    return verdict.fold(signatures, stamps, alterations=alterations)


def _open(data: bytes) -> PdfFileReader:
    """Some programs write files that break the standard in ways that hide nothing; the second
    parser in `integrity` has the last word about them."""
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=True)
        if not reader.xrefs.hybrid_xrefs_present:
            return reader
    except PdfError:
        pass
    return PdfFileReader(io.BytesIO(data), strict=False)


def _unreadable(data: bytes, reason: str) -> Verdict:
    if integrity.is_visibly_altered(data):
        altered = "Tệp đã bị sửa hoặc hỏng sau khi ký, đến mức không đọc được các chữ ký nữa."
        return Verdict(Finding.CHANGED, altered)
    return Verdict(Finding.UNVERIFIABLE, reason)


def _stored_evidence(reader: PdfFileReader) -> Evidence:
    """Damaged evidence proves nothing; whether it was damaged afterwards, the digests tell."""
    try:
        return signed_pdf.stored_evidence(reader)
    except MALFORMED:
        return Evidence()


def _examine(reader: PdfFileReader, data: bytes) -> list[_Examined]:
    """All signatures and time-stamps, oldest first; unreadable ones before all others."""
    found = [_examine_one(reader, data, *one) for one in signed_pdf.filled_fields(reader)]
    return sorted(found, key=lambda one: one.revision)


def _examine_one(
    reader: PdfFileReader, data: bytes, name: str, field: DictionaryObject
) -> _Examined:
    try:
        signature = EmbeddedPdfSignature(reader, field, name)
        if str(signature.sig_object.get("/SubFilter")) not in _KNOWN_FORMS:
            return _Examined(name, None, None)
        return _Examined(name, signature, integrity.examine(signature, data))
    except MALFORMED:
        return _Examined(name, None, None)


# Time


@dataclass(frozen=True, slots=True)
class _Proof:
    """Everything up to `revision` existed at `stamped_at`, says a time-stamp that we believe."""

    revision: int
    stamped_at: datetime


def _judge_timestamps(
    case: _Case, examined: Sequence[_Examined]
) -> tuple[list[TimestampVerdict], list[_Proof]]:
    """Judge the file's time-stamps from the outermost inwards, each at what the next one proves."""
    verdicts: list[TimestampVerdict] = []
    proofs: list[_Proof] = []
    known_at = case.at
    for one in reversed([each for each in examined if each.is_timestamp]):
        judged = _judge_timestamp(case, one, known_at)
        verdicts.insert(0, judged)
        if judged.verdict is Finding.INTACT and judged.stamped_at is not None:
            known_at = judged.stamped_at
            proofs.insert(0, _Proof(one.revision, known_at))
    return verdicts, proofs


def _judge_timestamp(case: _Case, one: _Examined, known_at: datetime) -> TimestampVerdict:
    signature, whole = one.signature, one.integrity
    if signature is None or whole is None:
        return conclusions.unreadable_timestamp(one.field)
    try:
        return _judge_readable_timestamp(case, signature, whole, known_at)
    except MALFORMED:
        return conclusions.unreadable_timestamp(one.field)


def _judge_readable_timestamp(
    case: _Case, signature: EmbeddedPdfSignature, whole: Integrity, known_at: datetime
) -> TimestampVerdict:
    judged = TimestampVerdict(
        field=signature.field_name,
        authority=_name(signature.signer_cert),
        verdict=Finding.INTACT,
        reason="Dấu thời gian hợp lệ.",
        indication=Indication.PASSED,
        stamped_at=signed_pdf.stamped_at(signature.signed_data),
        covers_whole_file=whole.covers_whole_file,
    )
    if whole.state is not State.INTACT:
        return concluded(judged, WRONG[whole.state])
    if whole.filled_fields:
        return concluded(judged, WRONG[State.REVISED])
    standing = _token_standing(case, signature.signed_data, known_at)
    return concluded(judged, conclusion(standing, is_time_proven=False, of_stamp=True))


def _token_standing(case: _Case, token: cms.SignedData, known_at: datetime) -> Standing:
    """The standing of a token's authority when it stamped, for a token known at `known_at`.

    A token that turns up after its authority's certificate has expired proves nothing: by then its
    key may be in anybody's hands. The same after a revocation.
    """
    own, others = signed_pdf.certificates_in(token)
    stamped_at = signed_pdf.stamped_at(token)
    if _is_weak_token(token, own):
        return Standing.WEAK_ALGORITHM
    if known_at > own.not_valid_after:
        return Standing.EXPIRED
    if stamped_at > known_at:
        return Standing.NOT_YET_VALID
    later = case.judge(own, others, at=known_at, purpose=Purpose.TIMESTAMP)
    if later is Standing.REVOKED:
        return later
    return case.judge(own, others, at=stamped_at, purpose=Purpose.TIMESTAMP)


def _proof_for(one: _Examined, proofs: Sequence[_Proof], at: datetime) -> datetime:
    """The earliest moment at which something is proven to have existed; `at` without a proof."""
    return min((p.stamped_at for p in proofs if p.revision > one.revision), default=at)


# Signatures


def _judge_signature(
    case: _Case,
    one: _Examined,
    *,
    proof: datetime,
    later: Sequence[_Examined],
    fillable: Set[str],
    is_last: bool,
) -> SignatureVerdict:
    signature, whole = one.signature, one.integrity
    if signature is None or whole is None:
        return conclusions.unreadable_signature(one.field)
    try:
        time = _time_of(case, signature, proof)
        judged = _described(signature, whole, time, later)
        if whole.state is not State.INTACT:
            return concluded(judged, WRONG[whole.state])
        forbidden = _forbidden_fields(signature, whole, fillable, is_last=is_last)
        if forbidden:
            named = ", ".join(f"“{name}”" for name in sorted(forbidden))
            return concluded(
                judged,
                Conclusion(
                    Finding.CHANGED,
                    f"Ô {named} bị điền hoặc sửa sau khi ký.",
                    Indication.CONSTRAINTS_FAILURE,
                ),
            )
        if time.is_broken:
            return concluded(judged, BROKEN_STAMP)
        standing = _signer_standing(case, signature, time)
        judged = concluded(judged, conclusion(standing, is_time_proven=time.is_stamped))
        return replace(judged, level=_level(case, signature, time, later, proof))
    except MALFORMED:
        return conclusions.unreadable_signature(one.field)


def _forbidden_fields(
    signature: EmbeddedPdfSignature, whole: Integrity, fillable: Set[str], *, is_last: bool
) -> Set[str]:
    """Filled fields that the office does not know, or that nobody has signed since.

    Only a certifying signature that expressly allows filling may be the last one before it.
    """
    filled = set(whole.filled_fields)
    awaits_filling = signature.docmdp_level is MDPPerm.FILL_FORMS
    return filled if is_last and not awaits_filling else filled - fillable


@dataclass(frozen=True, slots=True)
class _Time:
    """When a signature is taken to have been made."""

    #: The moment at which the signer's certificate is judged.
    best: datetime
    claimed: datetime | None
    #: A time-stamp over the signature itself says so.
    is_stamped: bool
    #: A time-stamp over the whole file says that it existed at `best`.
    is_covered: bool
    #: There is a time-stamp, but of something else.
    is_broken: bool

    @property
    def source(self) -> TimeSource:
        if self.is_stamped or self.is_covered:
            return TimeSource.TIMESTAMP
        return TimeSource.CLAIMED if self.claimed is not None else TimeSource.NONE

    @property
    def shown(self) -> datetime | None:
        return self.best if self.source is TimeSource.TIMESTAMP else self.claimed


def _time_of(case: _Case, signature: EmbeddedPdfSignature, proof: datetime) -> _Time:
    value = signature.signer_info["signature"].native
    tokens = list(signed_pdf.signature_timestamps(signature))
    stamped = [
        signed_pdf.stamped_at(token)
        for token in tokens
        if _token_standing(case, token, proof) is Standing.GOOD
    ]
    is_covered = proof < case.at
    return _Time(
        best=min([*stamped, proof]),
        claimed=_claimed_at(signature),
        is_stamped=bool(stamped),
        is_covered=is_covered,
        is_broken=not all(integrity.timestamp_is_over(token, value) for token in tokens),
    )


def _claimed_at(signature: EmbeddedPdfSignature) -> datetime | None:
    try:
        claimed = signature.self_reported_timestamp
    except MALFORMED:
        return None
    if claimed is not None and claimed.tzinfo is None:
        return claimed.replace(tzinfo=VIETNAM)
    return claimed


def _described(
    signature: EmbeddedPdfSignature,
    whole: Integrity,
    time: _Time,
    later: Sequence[_Examined],
) -> SignatureVerdict:
    certificate = signature.signer_cert
    said = verdict.read_statement(str(signature.sig_object.get("/Reason", "")))
    capacity, unit = said or ("", _organisation(certificate))
    return SignatureVerdict(
        field=signature.field_name,
        signer=_name(certificate),
        capacity=capacity,
        unit=unit,
        verdict=Finding.INTACT,
        reason="Chữ ký hợp lệ; nội dung nguyên vẹn từ khi ký.",
        indication=Indication.PASSED,
        level=_plain_level(signature),
        signed_at=time.shown,
        time_source=time.source,
        covers_whole_file=whole.covers_whole_file,
        changes=_changes(whole, later),
        warnings=tuple(_warnings(signature, time)),
    )


def _changes(whole: Integrity, later: Sequence[_Examined]) -> tuple[str, ...]:
    said = [f"Điền ô “{name}”." for name in whole.filled_fields]
    said += [f"Ký tại ô “{one.field}”." for one in later if not one.is_timestamp]
    if any(one.is_timestamp for one in later):
        said.append("Bổ sung dữ liệu xác minh và dấu thời gian lưu trữ.")
    if whole.state is State.REVISED:
        said.append("Nội dung hoặc hình thức của tệp bị sửa theo cách mà chữ ký không cho phép.")
    return tuple(said)


def _warnings(signature: EmbeddedPdfSignature, time: _Time) -> Iterable[str]:
    if _is_weak(signature):
        yield (
            "Chữ ký dùng thuật toán mật mã đã yếu theo chuẩn hiện nay "
            f"({signature.md_algorithm.upper()}); điều đó không có nghĩa là chữ ký giả."
        )
    if time.source is TimeSource.CLAIMED:
        yield "Thời gian ký do máy của người ký tự khai, chưa được dấu thời gian nào xác nhận."


def _is_weak(signature: EmbeddedPdfSignature) -> bool:
    return signature.md_algorithm in _WEAK_DIGESTS or _is_weak_key(signature.signer_cert)


def _is_weak_token(token: cms.SignedData, own: x509.Certificate) -> bool:
    """Whoever finds a collision of the imprint or of the token has it stamp anything."""
    (signer,) = token["signer_infos"]
    used = {
        signed_pdf.imprint(token)["hash_algorithm"]["algorithm"].native,
        signer["digest_algorithm"]["algorithm"].native,
    }
    named = signer["signature_algorithm"]
    # The plain names of RSA and ECDSA leave the hash to the digest algorithm (RFC 5754, 3).
    if named["algorithm"].native not in ("rsassa_pkcs1v15", "ecdsa"):
        used.add(named.hash_algo)
    return bool(used & _WEAK_DIGESTS) or _is_weak_key(own)


def _is_weak_key(certificate: x509.Certificate) -> bool:
    key = certificate.public_key
    return bool(key.algorithm == "rsa" and key.bit_size < _SMALLEST_RSA_BITS)


def _signer_standing(case: _Case, signature: EmbeddedPdfSignature, time: _Time) -> Standing:
    own, others = signed_pdf.certificates_in(signature.signed_data)
    standing = case.judge(own, others, at=time.best, purpose=Purpose.SIGNATURE)
    if standing is Standing.GOOD and _is_weak(signature):
        return Standing.WEAK_ALGORITHM
    return standing


def _plain_level(signature: EmbeddedPdfSignature) -> Level:
    if str(signature.sig_object.get("/SubFilter")) != _PADES:
        return Level.NOT_PADES
    has_token = any(True for _ in signed_pdf.signature_timestamps(signature))
    return Level.B_T if has_token else Level.B_B


def _level(
    case: _Case,
    signature: EmbeddedPdfSignature,
    time: _Time,
    later: Sequence[_Examined],
    proof: datetime,
) -> Level:
    plain = _plain_level(signature)
    if plain is Level.NOT_PADES:
        return plain
    offline = replace(case, desk=None)
    if _signer_standing(offline, signature, time) is not Standing.GOOD:
        return plain
    if proof < case.at and any(one.is_timestamp for one in later):
        return Level.B_LTA
    return Level.B_LT if plain is Level.B_T else plain


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name", ""))


def _organisation(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("organization_name", ""))
