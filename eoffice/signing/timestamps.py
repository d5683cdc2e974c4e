"""Time-stamp authorities (RFC 3161) over HTTP: asked in their order until one answers rightly.

What an authority sends is examined before it is believed: a time-stamp that our own verifier would
not accept is worse than none, for nobody would notice before it is needed. An authority that has
failed several times in a row is left alone for a while, so that its silence does not cost every
signature ten seconds.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from asn1crypto import cms, core, tsp, x509
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from eoffice import clock
from eoffice.errors import Unavailable
from eoffice.signing import asking, chains
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.trust import TrustStore

log = structlog.get_logger()

TIMEOUT_S: Final = 10.0
#: Tokens are 1 to 8 KB; what does not fit into a signature's reserved space is of no use.
LARGEST_RESPONSE_BYTES: Final = 64 * 1024
#: So many failures in a row, and an authority is left alone for so long.
MOST_FAILURES: Final = 3
RESTS: Final = timedelta(seconds=60)
#: An authority whose clock differs more from the office's is wrong, or the office is.
LARGEST_SKEW: Final = timedelta(minutes=5)

_WEAK: Final = frozenset({"md5", "sha1"})
_QUERY: Final = "application/timestamp-query"


class TimestampUnavailable(Unavailable):
    """No time-stamp authority answers, or none with a time-stamp."""


class _Fault(Exception):
    """Why an answer is of no use: words for the operator."""


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp that was examined."""

    #: The token itself (CMS ContentInfo), DER.
    der: bytes
    #: The address that gave it.
    address: str
    stamped_at: datetime
    #: End of the authority's certificate.
    valid_until: datetime
    #: What those who come before this one did, as they are named in TimestampUnavailable.
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """One authority, as `eoffice doctor` finds it."""

    #: Without path and query, in which some operators have a password.
    name: str
    #: None where it did not answer rightly.
    token: Token | None
    #: What was wrong; empty otherwise.
    fault: str
    took_s: float
    #: It has failed so often in this process that signatures do not wait for it.
    rests: bool


@dataclass(frozen=True, slots=True)
class Authorities:
    """The authorities of a setting, in their order."""

    addresses: tuple[str, ...]
    #: Where given, only who leads to one of these roots is believed.
    trust: TrustStore | None = None
    #: For one answer of one of them, as a whole.
    within_s: float = TIMEOUT_S

    def stamp(self, digest: bytes, algorithm: str) -> Token:
        """A time-stamp over a digest by the first authority that gives one that is right.

        One that rests is not asked. Asking again is harmless: each answer is a new token.
        Raises TimestampUnavailable, with what each of them did.
        """
        found: list[str] = []
        names = _names(self.addresses)
        for address in self.addresses:
            record = _record(address)
            if record.is_resting(clock.now()):
                found.append(f"{names[address]}: không trả lời đúng nhiều lần, đang tạm nghỉ")
                continue
            try:
                token = self._ask(address, digest, algorithm)
            except _Fault as fault:
                record.note(failed=True, now=clock.now())
                found.append(f"{names[address]}: {fault}")
                log.warning("timestamps.failed", authority=names[address], fault=str(fault))
            else:
                record.note(failed=False, now=clock.now())
                return replace(token, passed_over=tuple(found))
        log.error("timestamps.unavailable", authorities=len(found))
        raise TimestampUnavailable(
            "Chưa có máy chủ dấu thời gian nào cấp được dấu thời gian "
            f"({'; '.join(found) or 'chưa khai báo máy chủ nào'})."
        )

    def examine(self) -> tuple[Examined, ...]:
        """Ask each of them once, resting or not, and leave its record as it is."""
        digest = hashlib.sha256(secrets.token_bytes(16)).digest()
        names = _names(self.addresses)
        found = []
        for address in self.addresses:
            rests = _record(address).is_resting(clock.now())
            begun = time.monotonic()
            token, fault = None, ""
            try:
                token = self._ask(address, digest, "sha256")
            except _Fault as failure:
                fault = str(failure)
            took_s = time.monotonic() - begun
            found.append(Examined(names[address], token, fault, took_s, rests))
        return tuple(found)

    def _ask(self, address: str, digest: bytes, algorithm: str) -> Token:
        """One authority, once."""
        nonce = secrets.randbits(63) | 1 << 62
        question = tsp.TimeStampReq(
            {
                "version": "v1",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": algorithm},
                    "hashed_message": digest,
                },
                "nonce": nonce,
                "cert_req": True,
            }
        ).dump()
        try:
            answer = asking.ask(
                address,
                question,
                _QUERY,
                within_s=self.within_s,
                largest_bytes=LARGEST_RESPONSE_BYTES,
                inside=None,
            )
        except asking.NoAnswer as failure:
            raise _Fault(str(failure)) from failure
        try:
            return _examined(address, answer, digest, algorithm, nonce, self.trust)
        except (ValueError, TypeError, KeyError, IndexError, SignatureValidationError) as failure:
            raise _Fault("trả lời không đọc được") from failure


def of_setting(text: str, *, trust: TrustStore | None = None) -> Authorities:
    """The authorities whose addresses stand in `text`, separated by blanks."""
    return Authorities(tuple(dict.fromkeys(text.split())), trust)


def stamp(text: str, digest: bytes, algorithm: str) -> Token:
    """The same as `of_setting(text).stamp(…)`."""
    return of_setting(text).stamp(digest, algorithm)


# Who keeps failing


@dataclass(slots=True)
class _Record:
    """How an address has behaved lately in this process."""

    failures: int = 0
    rests_since: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_resting(self, now: datetime) -> bool:
        with self.lock:
            since = self.rests_since
        # A clock that was set back ends the rest: nobody would live to see its end.
        return since is not None and since <= now < since + RESTS

    def note(self, *, failed: bool, now: datetime) -> None:
        with self.lock:
            self.failures = self.failures + 1 if failed else 0
            self.rests_since = now if self.failures >= MOST_FAILURES else None


_records: dict[str, _Record] = {}
_records_lock = threading.Lock()


def _record(address: str) -> _Record:
    with _records_lock:
        return _records.setdefault(address, _Record())


def forget() -> None:
    """For tests: every authority is as if it had never been asked."""
    with _records_lock:
        _records.clear()


class Authority(TimeStamper):
    """The authorities of a setting as the PDF library wants one.

    Who answered first is asked first from then on: what was found out about that one's certificate
    is to serve for the time-stamp too that comes in the end.
    """

    def __init__(self, text: str, *, trust: TrustStore | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.authorities = of_setting(text, trust=trust)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Blocks, although its name says otherwise: our callers are synchronous."""
        asked = self.authorities
        token = asked.stamp(message_digest, md_algorithm)
        ordered = dict.fromkeys((token.address, *asked.addresses))
        self.authorities = replace(asked, addresses=tuple(ordered))
        return cms.ContentInfo.load(token.der)


# What they answer


def _examined(
    address: str,
    answer: bytes,
    digest: bytes,
    algorithm: str,
    nonce: int,
    trust: TrustStore | None,
) -> Token:
    response = tsp.TimeStampResp.load(answer, strict=True)
    if len(core.Sequence.load(answer)) == 1:  # A status alone; RFC 3161, 2.4.2.
        raise _Fault("từ chối cấp dấu thời gian")
    info = response["time_stamp_token"]
    token = info["content"]
    content = token["encap_content_info"]["content"]
    stated = content.parsed
    imprint = stated["message_imprint"]
    if (
        imprint["hashed_message"].native != digest
        or imprint["hash_algorithm"]["algorithm"].native != algorithm
    ):
        raise _Fault("cấp dấu cho nội dung khác")
    if stated["nonce"].native != nonce:
        raise _Fault("trả lời cho câu hỏi khác")
    stamped_at: datetime = stated["gen_time"].native
    if abs(stamped_at - clock.now()) > LARGEST_SKEW:
        raise _Fault(f"giờ lệch quá {int(LARGEST_SKEW.total_seconds()) // 60} phút")
    (signer,) = token["signer_infos"]
    certificate = _signer(token, signer)
    _require_signed(bytes(content), signer, certificate)
    usage = certificate.extended_key_usage_value
    if usage is None or usage.native != ["time_stamping"]:
        raise _Fault("chứng thư không phải của máy chủ dấu thời gian")
    if not certificate.not_valid_before <= stamped_at <= certificate.not_valid_after:
        raise _Fault("chứng thư đã hết hạn hoặc chưa có hiệu lực")
    if trust is not None:
        _require_believed(token, certificate, trust, stamped_at)
    return Token(info.dump(), address, stamped_at, certificate.not_valid_after)


def _require_believed(
    token: cms.SignedData, certificate: x509.Certificate, trust: TrustStore, at: datetime
) -> None:
    """Nobody is asked about revocation here: whoever keeps the proof for long does that."""
    beside = (one.chosen for one in token["certificates"])
    known = Evidence(tuple(one for one in beside if isinstance(one, x509.Certificate)))
    found = chains.judge(
        certificate, known, trust=trust, at=at, purpose=Purpose.TIMESTAMP, revocation=False
    )
    if found.standing is Standing.UNKNOWN_ISSUER:
        raise _Fault("không thuộc chứng thư gốc nào được tin cậy cho dấu thời gian")
    if found.standing is not Standing.GOOD:
        raise _Fault("chuỗi chứng thư không hợp lệ hoặc dùng thuật toán yếu")


def _signer(token: cms.SignedData, signer: cms.SignerInfo) -> x509.Certificate:
    who = signer["sid"]
    for choice in token["certificates"]:
        found = choice.chosen
        if not isinstance(found, x509.Certificate):
            continue
        if who.name == "issuer_and_serial_number":
            named = who.chosen
            if (found.issuer, found.serial_number) == (
                named["issuer"],
                named["serial_number"].native,
            ):
                return found
        elif found.key_identifier == who.chosen.native:
            return found
    raise _Fault("thiếu chứng thư của máy chủ dấu thời gian")


def is_genuine(token: cms.SignedData) -> bool:
    """Whether the certificate that a token names signed it. Who that is, is judged elsewhere."""
    try:
        (signer,) = token["signer_infos"]
        content = bytes(token["encap_content_info"]["content"])
        _require_signed(content, signer, _signer(token, signer))
    except (_Fault, ValueError, TypeError, KeyError):
        return False
    return True


def _require_signed(content: bytes, signer: cms.SignerInfo, certificate: x509.Certificate) -> None:
    """RFC 5652, 5.4 and 5.6; RFC 5816 for the certificate that the attributes name."""
    digest = signer["digest_algorithm"]["algorithm"].native
    if digest in _WEAK:
        raise _Fault("dùng hàm băm yếu")
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    same, right = validate_sig_integrity(
        signer, certificate, "tst_info", hashlib.new(digest, content).digest()
    )
    if not (same and right and _is_named(certificate.dump(), attributes)):
        raise _Fault("chữ ký trên dấu thời gian không đúng")


def _is_named(certificate: bytes, attributes: Mapping[str, Any]) -> bool:
    if "signing_certificate_v2" in attributes:
        first = attributes["signing_certificate_v2"][0]["certs"][0]
        name = first["hash_algorithm"]["algorithm"].native
    else:
        # RFC 3161 knew no other hash; here it only names the certificate.
        first = attributes["signing_certificate"][0]["certs"][0]
        name = "sha1"
    return bool(hashlib.new(name, certificate).digest() == first["cert_hash"].native)


def _names(addresses: tuple[str, ...]) -> dict[str, str]:
    """How people are told which one: its host, and which of them where several are on one."""
    hosts = {one: urlsplit(one).hostname or "máy chủ không rõ" for one in addresses}
    told = list(hosts.values())
    return {
        one: f"{host} (địa chỉ thứ {place})" if told.count(host) > 1 else host
        for place, (one, host) in enumerate(hosts.items(), 1)
    }
