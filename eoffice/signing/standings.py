"""How certificates and time-stamp tokens stand in the verification of a signed XML document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import cms, x509

from eoffice.signing import judging, policy
from eoffice.signing.evidence import WITH_OWN_DIGEST, Purpose, Source, Standing
from eoffice.signing.gathering import token_fact
from eoffice.signing.gathering_certificates import Pool
from eoffice.signing.gathering_x509 import certificate_fact
from eoffice.signing.judging_certificates import Certificates, Judged
from eoffice.signing.policy import Strength, Use
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import CertificateFacts


@dataclass(frozen=True, slots=True)
class Case:
    """What one verification knows; it learns when an authority is asked."""

    trust: TrustStore
    at: datetime
    #: None: nobody is asked.
    desk: RevocationDesk | None
    pool: Pool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pool", Pool(self.trust))

    def judged(
        self,
        certificate: x509.Certificate,
        others: Iterable[x509.Certificate],
        *,
        at: datetime,
        purpose: Purpose,
    ) -> Judged:
        """An authority is asked only where nothing else tells of revocation."""
        place = self.pool.add(certificate)
        if place is None:
            return Judged(Standing.UNKNOWN_ISSUER)
        for other in others:
            self.pool.add(other)
        found = self.certificates().judged(place, at=at, purpose=purpose)
        is_open = found.standing is Standing.NO_REVOCATION_DATA and not found.was_asked
        if not is_open or self.desk is None:
            return found
        self.pool.mark_asked(place)
        try:
            told = self.desk.ask([self.pool.certificates[one] for one in found.path])
        except RevocationUnavailable:
            return Judged(found.standing, found.path, was_asked=True)
        self.pool.add_all(told, Source.ASKED)
        return self.certificates().judged(place, at=at, purpose=purpose)

    def certificates(self) -> Certificates:
        return Certificates(
            self.pool.known(), self.pool.anchors, policy=policy.current(), now=self.at
        )


def of_token(case: Case, token: cms.SignedData, known_at: datetime) -> Standing:
    """The standing of a token's authority when it stamped (`judging.standing_of_token`).

    Raises one of MALFORMED.
    """
    fact = token_fact(token, case.pool, is_right=True)
    own = case.pool.certificates[fact.authority]
    for moment in (known_at, fact.stamped_at):
        case.judged(own, (), at=moment, purpose=Purpose.TIMESTAMP)
    return judging.standing_of_token(case.certificates(), fact, known_at)


def facts(case: Case, judged: Judged, certificate: x509.Certificate) -> CertificateFacts:
    """What people may read about a signer's certificate. It was judged in this case."""
    place = case.pool.add(certificate)
    assert place is not None
    return judging.facts_for_people(case.certificates(), place, judged)


def strength(
    case: Case, certificate: x509.Certificate, digests: Iterable[str], *, proven_at: datetime
) -> Strength:
    """What digests and the key of a signature are worth (`policy`)."""
    own = certificate_fact(certificate.dump())
    told = () if own.key in WITH_OWN_DIGEST else digests
    return case.certificates().strength(told, own, use=Use.SIGNATURE, proven_at=proven_at)
