"""Whether a certificate may sign now: asked before a key is, so that nobody makes a signature that
every reader would refuse.

A certificate signs while it runs, for what it was issued, with a key that the policy knows, under a
root that this office trusts for signatures, and not after its revocation. Where no authority
answers in time, the policy says whether that is a refusal; a signature that is let through is
judged with the answers that are gathered later.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from asn1crypto import x509

from eoffice.clock import vietnam_time
from eoffice.errors import Unavailable
from eoffice.signing import chains, policy
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.evidence import CertificateFact
from eoffice.signing.gathering_x509 import UNREADABLE, certificate_fact
from eoffice.signing.kept_answers import KeptAnswers
from eoffice.signing.mechanisms import KeyNotSuitable
from eoffice.signing.policy import Policy
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.trust import TrustStore, TrustUnreadable

#: How long an answer about revocation is not asked for again. A batch is one question.
GOOD_FOR: Final = timedelta(minutes=5)
#: The same where nobody answered: each question costs its whole time then.
SILENT_FOR: Final = timedelta(minutes=1)
_MOST_REMEMBERED: Final = 4096
_SIGNING_USAGES: Final = frozenset({"digital_signature", "non_repudiation"})
#: Purposes beside which signing documents has no place.
_OTHER_PURPOSES: Final = frozenset({"time_stamping", "ocsp_signing", "server_auth", "code_signing"})
_RENEW: Final = "Hãy gia hạn hoặc đăng ký chứng thư số mới rồi ký lại."
_ASK_OPERATOR: Final = "Hãy dùng chứng thư số khác hoặc báo quản trị viên."


class CertificateNotUsable(KeyNotSuitable):
    """The certificate must not sign now."""


class CertificateOver(CertificateNotUsable):
    """The certificate has ended."""


class CertificateNotBegun(CertificateNotUsable):
    """The certificate does not run yet."""


class CertificateRevoked(CertificateNotUsable):
    """The certificate, or one above it, was revoked."""


class CertificateForOtherUse(CertificateNotUsable):
    """The certificate was issued for something else than signing documents."""


class CertificateNotTrusted(CertificateNotUsable):
    """No root that this office trusts vouches for the certificate."""


class RevocationUnknown(Unavailable):
    """Nobody says whether the certificate was revoked, and the policy wants to know."""


class TrustNotSet(Unavailable):
    """The office's own trust anchors or policy cannot be read."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of a certificate that may sign."""

    holder: str
    ends_at: datetime
    ends_soon: bool
    #: False: nobody could be asked in time.
    is_revocation_known: bool
    #: What the signer should know, as whole sentences.
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Answers:
    """What was found out about revocation a short while ago, for the threads of one process."""

    _known: dict[bytes, tuple[datetime, Standing]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, question: bytes, at: datetime) -> Standing | None:
        with self._lock:
            found = self._known.get(question)
        if found is None:
            return None
        asked_at, standing = found
        holds = GOOD_FOR if standing is Standing.GOOD else SILENT_FOR
        return standing if timedelta() <= at - asked_at <= holds else None

    def put(self, question: bytes, at: datetime, standing: Standing) -> None:
        """Keeps what is good or unknown. What was refused is asked about each time."""
        if standing not in (Standing.GOOD, Standing.NO_REVOCATION_DATA):
            return
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[question] = at, standing


@dataclass(frozen=True, slots=True)
class Requirements:
    """By whose word a certificate is usable."""

    trust: TrustStore
    policy: Policy
    #: None: nobody is asked about revocation.
    desk: RevocationDesk | None
    answers: Answers | None = None

    def check(self, certificate: bytes, chain: Sequence[bytes], *, at: datetime) -> Note:
        """What `require_usable` says."""
        return require_usable(
            certificate,
            chain,
            trust=self.trust,
            policy=self.policy,
            at=at,
            desk=self.desk,
            answers=self.answers,
        )


_ANSWERS: Final = Answers()


def of_office(trust_directory: Path) -> Requirements:
    """By an office's roots and the policy of this process. Raises TrustNotSet."""
    try:
        trust = TrustStore.from_directory(trust_directory)
        rules = policy.current()
    except (TrustUnreadable, policy.PolicyUnreadable) as failure:
        raise TrustNotSet(
            f"Chưa ký được: {failure} Hãy báo quản trị viên (xem docs/operations.md)."
        ) from failure
    desk = RevocationDesk(within_s=rules.before_signing.ask_within_s, kept=KeptAnswers.configured())
    return Requirements(trust, rules, desk, _ANSWERS)


def require_usable(
    certificate: bytes,
    chain: Sequence[bytes],
    *,
    trust: TrustStore,
    policy: Policy,
    at: datetime,
    purpose: Purpose = Purpose.SIGNATURE,
    desk: RevocationDesk | None,
    answers: Answers | None = None,
) -> Note:
    """Refuse a certificate (DER) that must not sign at `at`, and say what is known of another.

    `chain` are issuers (DER), in any order; the network is asked once at most, for a short time.
    Raises CertificateNotUsable (its subclasses), KeyNotSuitable, RevocationUnknown.
    """
    try:
        own = certificate_fact(certificate)
    except UNREADABLE as failure:
        said = f"Không đọc được chứng thư số dùng để ký. {_ASK_OPERATOR}"
        raise CertificateNotUsable(said) from failure
    _require_dates(own, at)
    _require_usage(own)
    policy.mechanism_for(certificate, compatibility=True)
    evidence = Evidence(tuple(chains.load_certificates(chain)))
    signer = x509.Certificate.load(certificate)
    found = chains.judge(signer, evidence, trust=trust, at=at, purpose=purpose, revocation=False)
    _require_chain(own, found.standing)
    standing = _revocation(signer, evidence, found.path, trust, at, purpose, desk, answers)
    if standing is Standing.REVOKED:
        raise CertificateRevoked(
            f"Chứng thư số của {own.subject}, hoặc của cơ quan cấp, đã bị thu hồi nên không ký "
            f"được nữa. {_RENEW}"
        )
    is_known = standing is Standing.GOOD
    if not is_known and not policy.before_signing.may_sign_unknown:
        raise RevocationUnknown(
            f"Chưa hỏi được cơ quan chứng thực xem chứng thư số của {own.subject} có bị thu hồi "
            "hay không, nên chưa ký. Hãy thử lại sau ít phút."
        )
    soon = own.not_after - at <= timedelta(days=policy.before_signing.warn_days)
    return Note(
        holder=own.subject,
        ends_at=own.not_after,
        ends_soon=soon,
        is_revocation_known=is_known,
        warnings=_warnings(own, is_known=is_known, ends_soon=soon),
    )


def _require_dates(own: CertificateFact, at: datetime) -> None:
    if at > own.not_after:
        raise CertificateOver(
            f"Chứng thư số của {own.subject} đã hết hạn {_moment(own.not_after)}. {_RENEW}"
        )
    if at < own.not_before:
        raise CertificateNotBegun(
            f"Chứng thư số của {own.subject} chỉ có hiệu lực từ {_moment(own.not_before)}. "
            "Hãy ký từ lúc đó, hoặc kiểm tra lại đồng hồ của máy chủ."
        )


def _require_usage(own: CertificateFact) -> None:
    """RFC 5280, 4.2.1.3 and 4.2.1.12."""
    usages, purposes = own.usages, set(own.purposes or ())
    if own.is_ca:
        said = "là chứng thư của cơ quan chứng thực"
    elif usages is not None and not set(usages) & _SIGNING_USAGES:
        said = "không được cấp để ký số"
    elif purposes and purposes <= _OTHER_PURPOSES:
        said = "được cấp cho việc khác, không phải để ký văn bản"
    else:
        return
    raise CertificateForOtherUse(f"Chứng thư số của {own.subject} {said}. {_ASK_OPERATOR}")


def _require_chain(own: CertificateFact, standing: Standing) -> None:
    match standing:
        case Standing.GOOD:
            return
        case Standing.UNKNOWN_ISSUER:
            said = f"do “{own.issuer}” cấp, không thuộc hệ thống chứng thực mà cơ quan tin cậy"
        case Standing.EXPIRED | Standing.NOT_YET_VALID:
            said = f"do “{own.issuer}” cấp, mà chứng thư của cơ quan cấp không còn hiệu lực"
        case Standing.WEAK_ALGORITHM:
            said = "dùng thuật toán mật mã đã yếu"
        case Standing.WRONG_PURPOSE:
            said = "không được cấp để ký số"
        case _:
            said = f"do “{own.issuer}” cấp, với chuỗi chứng thực không hợp lệ"
    raise CertificateNotTrusted(f"Chứng thư số của {own.subject} {said}. {_ASK_OPERATOR}")


def _revocation(
    signer: x509.Certificate,
    evidence: Evidence,
    path: Sequence[x509.Certificate],
    trust: TrustStore,
    at: datetime,
    purpose: Purpose,
    desk: RevocationDesk | None,
    answers: Answers | None,
) -> Standing:
    # Under other roots it is another question.
    question = hashlib.sha256(b"".join(one.sha256 for one in path)).digest()
    if answers is not None and (told := answers.get(question, at)) is not None:
        return told
    if desk is None:
        return Standing.NO_REVOCATION_DATA
    known = evidence
    # The signer's own first: that the authority above is silent must not hide a revocation.
    for pair in reversed(list(pairwise(path))):
        with suppress(RevocationUnavailable):
            known = known.and_also(desk.ask(pair))
    standing = chains.judge(signer, known, trust=trust, at=at, purpose=purpose).standing
    if answers is not None:
        answers.put(question, at, standing)
    return standing


def _warnings(own: CertificateFact, *, is_known: bool, ends_soon: bool) -> tuple[str, ...]:
    said = []
    if ends_soon:
        said.append(ending_soon(own.subject, own.not_after))
    if not is_known:
        said.append(
            f"Chưa hỏi được cơ quan chứng thực xem chứng thư số của {own.subject} có bị thu hồi "
            "hay không; việc này được kiểm tra lại khi lưu trữ."
        )
    return tuple(said)


def ending_soon(holder: str, ends_at: datetime) -> str:
    """What a holder is told in the last weeks of a certificate."""
    day = f"{vietnam_time(ends_at):%d/%m/%Y}"
    return f"Chứng thư số của {holder} hết hạn ngày {day}. Hãy gia hạn trước ngày đó."


def _moment(at: datetime) -> str:
    return f"ngày {vietnam_time(at):%d/%m/%Y} lúc {vietnam_time(at):%H:%M}"
