"""Evidence records with the authorities of here: made, renewed, and what they prove (RFC 4998).

What is known about the authority of a time-stamp goes into the time-stamp itself (RFC 5652, 5.1:
certificates and revocation information are not signed), so a record needs nothing beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from asn1crypto import cms, core, crl, ocsp

from eoffice import clock
from eoffice.signing import (
    chains,
    evidence_records,
    lasting,
    policy,
    signed_pdf,
    timestamps,
)
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.evidence_records import RecordBroken, Stamp
from eoffice.signing.lasting import AHEAD, Lasts
from eoffice.signing.timestamps import Authority
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict

_NOT_GENUINE: Final = "Một dấu thời gian trong hồ sơ bằng chứng không phải do chứng thư của nó ký."
_NOT_BELIEVED: Final = (
    "Dấu thời gian ngày {day} trong hồ sơ bằng chứng không còn được tin cậy: chứng thư hết hạn, bị "
    "thu hồi, không thuộc chứng thư gốc nào được tin cậy, hoặc thuật toán đã yếu."
)


class RecordNotBelieved(RecordBroken):
    """The record leads to a time-stamp that proves nothing today."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Records in the order of what was asked, and until when they prove what they prove."""

    records: tuple[bytes, ...]
    digest: str
    lasts: Lasts


def recorded(
    hashes: Sequence[bytes],
    digest: str,
    *,
    before: Sequence[bytes] = (),
    trust: TrustStore,
    timestamp_url: str,
    at: datetime,
) -> Recorded:
    """One time-stamp for all of these files; `before` are their records of an older hash, if any.

    Raises TimestampUnavailable, RevocationUnavailable.
    """
    stamp = _stamp(trust, timestamp_url, at)
    made = (
        evidence_records.renewed_hashes(before, hashes, digest, stamp=stamp)
        if before
        else evidence_records.stamped(hashes, digest, stamp=stamp)
    )
    return _with_end(made, digest, trust)


def renewed(
    records: Sequence[bytes], *, trust: TrustStore, timestamp_url: str, at: datetime
) -> Recorded:
    """One more time-stamp for all of them, of the same hash. Raises what `recorded` does."""
    stamp = _stamp(trust, timestamp_url, at)
    (digest,) = {evidence_records.digests(record)[-1] for record in records}
    return _with_end(evidence_records.renewed_stamp(records, stamp=stamp), digest, trust)


def digest_for(at: datetime) -> str:
    """The hash of new records. Raises ValueError: the policy has none that lasts."""
    return policy.current().digest_for_timestamp(until=at + AHEAD)


def proven_since(
    record: bytes, hashes: Mapping[str, bytes], *, trust: TrustStore, at: datetime
) -> datetime:
    """Since when the record proves that the file is there; `hashes` as in `evidence_records.times`.

    Each time-stamp must be believed when the next one was made, the last one at `at`.
    Raises RecordBroken, RecordNotBelieved.
    """
    moment = at
    for stamp in reversed(evidence_records.times(record, hashes)):
        token = cms.ContentInfo.load(stamp.token)["content"]
        if not timestamps.is_genuine(token):
            raise RecordNotBelieved(_NOT_GENUINE)
        stamped_at = signed_pdf.stamped_at(token)
        if stamped_at > moment or not _is_believed(token, trust, stamped_at, until=moment):
            day = f"{clock.vietnam_time(stamped_at):%d/%m/%Y}"
            raise RecordNotBelieved(_NOT_BELIEVED.format(day=day))
        moment = stamped_at
    return moment


def _is_believed(
    token: cms.SignedData, trust: TrustStore, stamped_at: datetime, *, until: datetime
) -> bool:
    """It was good when it was made, as its authority said then; and neither did its certificate end
    by `until`, nor is a revocation known, nor have its algorithms fallen."""
    own, others = signed_pdf.certificates_in(token)
    known = _evidence_in(token).with_certificates(others)

    def standing(at: datetime) -> chains.Standing:
        purpose = chains.Purpose.TIMESTAMP
        return chains.judge(own, known, trust=trust, at=at, purpose=purpose).standing

    return (
        standing(stamped_at) is chains.Standing.GOOD
        and standing(until) in _NOT_ENDED
        and all(each.until >= until for each in lasting.ends_of_algorithms(token))
    )


#: Nobody is asked again, so that the answer of then is old by now is no fault.
_NOT_ENDED: Final = frozenset({chains.Standing.GOOD, chains.Standing.NO_REVOCATION_DATA})


def verify_with_record(
    file: bytes | BinaryIO,
    record: bytes,
    hashes: Mapping[str, bytes],
    *,
    trust: TrustStore,
    at: datetime,
) -> Verdict:
    """What is to be said of a signed PDF that a record proves to be old: it is judged as of then.

    A record that proves nothing makes it unverifiable, and says why.
    """
    try:
        since = proven_since(record, hashes, trust=trust, at=at)
    except RecordBroken as broken:
        return Verdict(Finding.UNVERIFIABLE, broken.detail)
    found = verify_pdf_bounded(file, trust=trust, at=since)
    if found.verdict is not Finding.INTACT:
        return found
    day = f"{clock.vietnam_time(since):%d/%m/%Y}"
    said = f"{found.reason} Hồ sơ bằng chứng chứng minh tệp có đúng như thế từ ngày {day}."
    return Verdict(found.verdict, said, found.signatures)


def _stamp(trust: TrustStore, timestamp_url: str, at: datetime) -> Stamp:
    def ask(digest: bytes, name: str) -> bytes:
        authority = Authority(timestamp_url, trust=trust)
        token = asyncio.run(authority.async_timestamp(digest, name))
        known = lasting.gathered_about(
            [(token["content"], chains.Purpose.TIMESTAMP)],
            chains.Evidence(),
            trust=trust,
            at=at,
        )
        return _with_evidence(token, known)

    return ask


def _with_evidence(token: cms.ContentInfo, known: chains.Evidence) -> bytes:
    """The token with what a verifier will need about its authority. Its signature stays right."""
    signed = token["content"]
    held = {one.dump() for one in signed["certificates"]}
    more = [cms.CertificateChoices("certificate", each) for each in known.certificates]
    signed["certificates"] = cms.CertificateSet(
        [*signed["certificates"], *(each for each in more if each.dump() not in held)]
    )
    answers = [cms.RevocationInfoChoice("crl", each) for each in known.crls]
    answers += [
        cms.RevocationInfoChoice(
            "other", {"other_rev_info_format": "ocsp_response", "other_rev_info": each}
        )
        for each in known.ocsp_responses
    ]
    if answers:
        signed["crls"] = cms.RevocationInfoChoices(answers)
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _evidence_in(token: cms.SignedData) -> chains.Evidence:
    lists: list[crl.CertificateList] = []
    answers: list[ocsp.OCSPResponse] = []
    given = token["crls"]
    for each in [] if isinstance(given, core.Void) else given:
        if each.name == "crl":
            lists.append(each.chosen)
        elif each.chosen["other_rev_info_format"].native == "ocsp_response":
            answers.append(ocsp.OCSPResponse.load(each.chosen["other_rev_info"].dump()))
    return chains.Evidence((), tuple(answers), tuple(lists))


def _with_end(records: Sequence[bytes], digest: str, trust: TrustStore) -> Recorded:
    token = evidence_records.last_token(records[0])
    found = lasting.token_lasts(token, _evidence_in(token), trust=trust)
    if found is None:
        raise RecordNotBelieved(_NOT_GENUINE)
    return Recorded(tuple(records), digest, found)
