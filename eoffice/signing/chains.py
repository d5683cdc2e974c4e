"""Whether one certificate was good at a moment, by the rules of `judging_certificates`.

For callers that hold a certificate and no signed file. Nothing here asks the network; `revocation`
does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from eoffice.signing import policy
from eoffice.signing.evidence import Purpose, Standing
from eoffice.signing.gathering_certificates import Evidence, Pool
from eoffice.signing.judging_certificates import Certificates
from eoffice.signing.trust import TrustStore

__all__ = ["Evidence", "Judgement", "Purpose", "Standing", "judge", "load_certificates"]


@dataclass(frozen=True, slots=True)
class Judgement:
    standing: Standing
    #: From the trust anchor down to the certificate; empty where no chain was found.
    path: tuple[x509.Certificate, ...] = ()


def judge(
    certificate: x509.Certificate,
    evidence: Evidence,
    *,
    trust: TrustStore,
    at: datetime,
    purpose: Purpose,
    revocation: bool = True,
) -> Judgement:
    """The standing of a certificate at `at`. With `revocation=False` only the chain is looked at.

    A certificate that cannot be read has an unknown issuer.
    """
    pool = Pool(trust)
    place = pool.add(certificate)
    if place is None:
        return Judgement(Standing.UNKNOWN_ISSUER)
    pool.add_all(evidence)
    case = Certificates(pool.known(), pool.anchors, policy=policy.current(), now=at)
    asked = case.judged if revocation else case.chain
    found = asked(place, at=at, purpose=purpose)
    return Judgement(found.standing, tuple(pool.certificates[one] for one in found.path))


def load_certificates(ders: Sequence[bytes]) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for der in ders]
