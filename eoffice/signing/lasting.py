"""What keeps a signed PDF believable for decades (PAdES B-LTA, ETSI EN 319 142-1, 5.4 and 5.5).

    make_lasting   appends what a verifier will need about each signature, and a time-stamp
    renew          the same about that time-stamp, and a new one, before the old one weakens

Both work in place on a file that the caller opened for reading and writing, like `pades`; where one
of them raises, the copy is of no use any more. What the earlier time-stamps prove is not asked
about again: by the time of a renewal their signers' authorities may be gone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from asn1crypto import cms
from pyhanko.pdf_utils import misc
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from eoffice.errors import Conflict
from eoffice.signing import chains, pades, policy, signed_pdf
from eoffice.signing.kept_answers import KeptAnswers
from eoffice.signing.mechanisms import DIGEST
from eoffice.signing.pades import NotSignable
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.timestamps import Authority
from eoffice.signing.trust import TrustStore

#: How long before a time-stamp weakens it is renewed: time enough for a year without any.
AHEAD: Final = timedelta(days=400)

_Subject = tuple[cms.SignedData, chains.Purpose]


class Lapsed(Conflict):
    """The last time-stamp cannot be renewed any more: nothing proves what it proved."""


@dataclass(frozen=True, slots=True)
class Lasts:
    """Until when a file can be believed as it is, and what ends then."""

    until: datetime
    because: str

    def is_due(self, at: datetime) -> bool:
        """Whether it is to be renewed by now."""
        return at >= self.until - AHEAD


def make_lasting(file: BinaryIO, *, trust: TrustStore, timestamp_url: str, at: datetime) -> None:
    """Make every signature verifiable for decades and without a network: level B-LTA.

    Adds chains and revocation data of all signatures and time-stamps, then a time-stamp over the
    whole file. A file that already ends with one stays as it is, so a retry does no harm.
    Signers whom no trust anchor vouches for are left as they are: nobody can be asked about them.
    Raises RevocationUnavailable, TimestampUnavailable: call again later. So it is too where the
    clock was moved, or an answer ran out, between the answers and the time-stamp over them.
    Raises NotSignable: not a PDF, or not one to which something can be appended.
    """
    if ends_with_timestamp(file):
        return
    _append(file, _everything, DIGEST, trust=trust, timestamp_url=timestamp_url, at=at)


def renew(
    file: BinaryIO,
    *,
    trust: TrustStore,
    timestamp_url: str,
    at: datetime,
    digest: str | None = None,
) -> None:
    """Append a further time-stamp over a file that ends with one.

    `digest` is its hash; where None, one that the policy believes for years to come. What the
    predecessor's authority says of it by now is kept beside. Not idempotent: each call appends one
    more. Raises Lapsed: the last time-stamp's certificate has ended or was revoked, or one of its
    algorithms is not believed any more; and what `make_lasting` raises.
    """
    if not ends_with_timestamp(file):
        raise NotSignable("Tệp chưa có dấu thời gian lưu trữ để gia hạn.")
    _require_not_lapsed(PdfFileReader(file), chains.Evidence(), trust, at)
    _append(
        file,
        _last_timestamp,
        digest or policy.current().digest_for_timestamp(until=at + AHEAD),
        trust=trust,
        timestamp_url=timestamp_url,
        at=at,
        before=_require_not_lapsed,
    )


def lasts(file: BinaryIO, *, trust: TrustStore) -> Lasts | None:
    """The end of the last time-stamp: of its certificate, of one above it, or of its algorithms.

    None where the file does not end with a time-stamp of a known authority.
    """
    if not ends_with_timestamp(file):
        return None
    reader = PdfFileReader(file)
    stored = signed_pdf.stored_evidence(reader)
    return token_lasts(_last(reader).signed_data, stored, trust=trust)


def token_lasts(
    token: cms.SignedData, evidence: chains.Evidence, *, trust: TrustStore
) -> Lasts | None:
    """The end of a time-stamp: of its certificate, of one above it, or of its algorithms.

    None where no known authority vouches for it.
    """
    own, others = signed_pdf.certificates_in(token)
    found = chains.judge(
        own,
        evidence.with_certificates(others),
        trust=trust,
        at=signed_pdf.stamped_at(token),
        purpose=chains.Purpose.TIMESTAMP,
    )
    if not found.path:
        return None
    ends = [
        Lasts(each.not_valid_after, "Chứng thư số của dấu thời gian lưu trữ hết hạn.")
        for each in (*found.path, own)
    ]
    ends.extend(ends_of_algorithms(token))
    return min(ends, key=lambda each: each.until)


def ends_of_algorithms(token: cms.SignedData) -> Iterator[Lasts]:
    """What is not believed at all by now has ended when it was used."""
    for algorithm, bits in _algorithms(token):
        why = f"Thuật toán {algorithm} của dấu thời gian lưu trữ thôi được tin cậy."
        try:
            until = policy.current().ends(algorithm, policy.Use.TIMESTAMP, bits=bits)
        except ValueError:
            until = signed_pdf.stamped_at(token)
        if until is not None:
            yield Lasts(until, why)


def _algorithms(token: cms.SignedData) -> Iterator[tuple[str, int]]:
    """Names as the policy has them, and the length of the key: all that a token rests on."""
    (signer,) = token["signer_infos"]
    own, _ = signed_pdf.certificates_in(token)
    yield signed_pdf.imprint(token)["hash_algorithm"]["algorithm"].native, 0
    yield signer["digest_algorithm"]["algorithm"].native, 0
    scheme = signer["signature_algorithm"].signature_algo
    yield _SCHEMES.get(scheme, scheme), 0
    yield policy.key_in(own.dump())


#: What asn1crypto calls them, and what `mechanisms.Family` does.
_SCHEMES: Final = {"rsassa_pkcs1v15": "rsa-pkcs1", "rsassa_pss": "rsa-pss"}


def ends_with_timestamp(file: BinaryIO) -> bool:
    """Whether a time-stamp covers everything that there is. Raises NotSignable."""
    try:
        size_bytes = file.seek(0, os.SEEK_END)
        return any(
            _closes_file(one, size_bytes) for one in signed_pdf.signatures(PdfFileReader(file))
        )
    except (misc.PdfError, ValueError, TypeError, KeyError) as failure:
        raise NotSignable(_NO_PDF) from failure


_NO_PDF: Final = "Không bổ sung được dữ liệu xác minh lâu dài vì tệp không phải PDF hợp lệ."


def _append(
    file: BinaryIO,
    subjects: Callable[[Sequence[EmbeddedPdfSignature]], Iterable[_Subject]],
    digest: str,
    *,
    trust: TrustStore,
    timestamp_url: str,
    at: datetime,
    before: Callable[[PdfFileReader, chains.Evidence, TrustStore, datetime], None] | None = None,
) -> None:
    """One revision with what is known of the subjects, one with a time-stamp over it.

    `before` is asked with what was gathered, before anything is written.
    """
    try:
        writer = pades.writer_of(file)
        signatures = list(signed_pdf.signatures(writer.prev))
        authority = Authority(timestamp_url, trust=trust)
        next_token = asyncio.run(authority.async_dummy_response(digest))
        gathered = gathered_about(
            [(next_token["content"], chains.Purpose.TIMESTAMP), *subjects(signatures)],
            signed_pdf.stored_evidence(writer.prev),
            trust=trust,
            at=at,
        )
        if before is not None:
            before(writer.prev, gathered, trust, at)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=gathered.certificates,
            ocsps=gathered.ocsp_responses,
            crls=gathered.crls,
        )
        asyncio.run(
            PdfTimeStamper(authority).async_timestamp_pdf(
                writer,
                digest,
                bytes_reserved=pades.RESERVED_DIGITS,
                in_place=True,
                chunk_size=pades.CHUNK_BYTES,
            )
        )
    except (misc.PdfError, ValueError, TypeError, KeyError) as failure:
        raise NotSignable(_NO_PDF) from failure
    _require_lasting(file, trust)


def _everything(signatures: Sequence[EmbeddedPdfSignature]) -> Iterable[_Subject]:
    for signature in signatures:
        is_stamp = signed_pdf.is_timestamp(signature)
        kind = chains.Purpose.TIMESTAMP if is_stamp else chains.Purpose.SIGNATURE
        yield signature.signed_data, kind
        for token in signed_pdf.signature_timestamps(signature):
            yield token, chains.Purpose.TIMESTAMP


def _last_timestamp(signatures: Sequence[EmbeddedPdfSignature]) -> Iterable[_Subject]:
    yield signatures[-1].signed_data, chains.Purpose.TIMESTAMP


def gathered_about(
    subjects: Iterable[_Subject], stored: chains.Evidence, *, trust: TrustStore, at: datetime
) -> chains.Evidence:
    """What a verifier will need about every certificate of these.

    A certificate about which the file already holds enough is not asked about again.
    """
    desk = RevocationDesk(kept=KeptAnswers.configured())
    gathered = chains.Evidence()
    for signed_data, purpose in subjects:
        own, others = signed_pdf.certificates_in(signed_data)
        evidence = stored.and_also(gathered).with_certificates(others)
        chain = chains.judge(own, evidence, trust=trust, at=at, purpose=purpose, revocation=False)
        if not chain.path:
            continue
        known = chains.judge(own, evidence, trust=trust, at=at, purpose=purpose)
        if known.standing in {chains.Standing.GOOD, chains.Standing.REVOKED}:
            continue
        answers = desk.ask(chain.path)
        told = chains.judge(own, evidence.and_also(answers), trust=trust, at=at, purpose=purpose)
        if told.standing is chains.Standing.NO_REVOCATION_DATA:
            raise RevocationUnavailable(
                "Cơ quan chứng thực trả lời không đầy đủ về tình trạng thu hồi của chứng thư số. "
                "Hãy thử lại sau ít phút."
            )
        gathered = gathered.and_also(answers)
    return gathered


def _require_not_lapsed(
    reader: PdfFileReader, gathered: chains.Evidence, trust: TrustStore, at: datetime
) -> None:
    """Nothing proves that a token is older than the revocation of its certificate, or than the day
    on which its algorithms fell. Raises Lapsed."""
    token = _last(reader).signed_data
    own, others = signed_pdf.certificates_in(token)
    found = chains.judge(
        own,
        signed_pdf.stored_evidence(reader).and_also(gathered).with_certificates(others),
        trust=trust,
        at=at,
        purpose=chains.Purpose.TIMESTAMP,
    )
    are_believed = all(each.until > at for each in ends_of_algorithms(token))
    is_good = found.standing in {chains.Standing.GOOD, chains.Standing.NO_REVOCATION_DATA}
    if not is_good or not are_believed:
        raise Lapsed(
            "Dấu thời gian lưu trữ sau cùng đã hết hạn, bị thu hồi hoặc dùng thuật toán không còn "
            "được tin cậy nên không gia hạn được nữa. Tệp được giữ nguyên; hãy lập biên bản và báo "
            "người quản lý lưu trữ."
        )


def _require_lasting(file: BinaryIO, trust: TrustStore) -> None:
    """The file must tell of its last time-stamp that it was good at its own time."""
    reader = PdfFileReader(file)
    token = _last(reader).signed_data
    own, others = signed_pdf.certificates_in(token)
    found = chains.judge(
        own,
        signed_pdf.stored_evidence(reader).with_certificates(others),
        trust=trust,
        at=signed_pdf.stamped_at(token),
        purpose=chains.Purpose.TIMESTAMP,
    )
    if found.standing is chains.Standing.NO_REVOCATION_DATA:
        raise RevocationUnavailable(
            "Dữ liệu thu hồi không còn hiệu lực vào lúc cấp dấu thời gian. Hãy thử lại sau ít phút."
        )


def _last(reader: PdfFileReader) -> EmbeddedPdfSignature:
    return list(signed_pdf.signatures(reader))[-1]


def _closes_file(signature: EmbeddedPdfSignature, size_bytes: int) -> bool:
    """Whether this is a time-stamp over everything that there is."""
    _, _, start, length = (int(one) for one in signature.byte_range)
    return signed_pdf.is_timestamp(signature) and start + length == size_bytes
