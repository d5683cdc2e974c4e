"""Whether a certificate was good at a moment: its chain, its purpose and its revocation.

Adapter over pyhanko-certvalidator. Nothing here asks the network; `revocation` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from itertools import pairwise

from asn1crypto import core, crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors

from eoffice.signing.trust import TrustStore

_EXPIRED_CERTIFICATES_STAY = "2.5.29.60"


class Standing(Enum):
    """What a certificate was at a moment."""

    GOOD = auto()
    #: No chain to a trust anchor.
    UNKNOWN_ISSUER = auto()
    #: There is a chain, but a rule of it is broken.
    BROKEN_CHAIN = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    REVOKED = auto()
    #: Nothing says whether it was revoked.
    NO_REVOCATION_DATA = auto()
    #: The certificate is for another purpose, such as a time-stamp authority's.
    WRONG_PURPOSE = auto()
    WEAK_ALGORITHM = auto()


class Purpose(Enum):
    SIGNATURE = auto()
    TIMESTAMP = auto()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Certificates and revocation data, from a file or fetched for it."""

    certificates: tuple[x509.Certificate, ...] = ()
    ocsp_responses: tuple[ocsp.OCSPResponse, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()

    def with_certificates(self, more: Iterable[x509.Certificate]) -> Evidence:
        return Evidence((*self.certificates, *more), self.ocsp_responses, self.crls)

    def and_also(self, other: Evidence) -> Evidence:
        return Evidence(
            self.certificates + other.certificates,
            self.ocsp_responses + other.ocsp_responses,
            self.crls + other.crls,
        )


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
    """The standing of a certificate at `at`.

    Revocation data that is younger than `at` counts: it says when a certificate was revoked, so
    what was good later was good at `at`. It counts as long as the certificate itself ran: what an
    authority says after its end proves nothing, unless it says revoked (RFC 5280, 3.3: expired
    certificates leave the list). With `revocation=False` only the chain is looked at.
    """
    if not _is_for(certificate, purpose):
        return Judgement(Standing.WRONG_PURPOSE)
    try:
        path = asyncio.run(_validate(certificate, evidence, trust, at, revocation))
        if revocation and (of_their_time := _said_in_time(path, evidence)) != evidence:
            path = asyncio.run(_validate(certificate, of_their_time, trust, at, revocation))
    except errors.PathBuildingError:
        return Judgement(Standing.UNKNOWN_ISSUER)
    except errors.InvalidCertificateError:
        # The library refuses a self-signed certificate that is no anchor with this.
        is_own_issuer = certificate.self_signed != "no"
        return Judgement(Standing.UNKNOWN_ISSUER if is_own_issuer else Standing.BROKEN_CHAIN)
    except errors.RevokedError:
        return Judgement(Standing.REVOKED)
    except errors.NotYetValidError:
        return Judgement(Standing.NOT_YET_VALID)
    except errors.ExpiredError:
        return Judgement(Standing.EXPIRED)
    except errors.InsufficientRevinfoError:
        # The library looks at revocation of the upper certificates before the dates of the lower.
        plain = judge(certificate, evidence, trust=trust, at=at, purpose=purpose, revocation=False)
        if plain.standing is not Standing.GOOD:
            return plain
        if _was_revoked(certificate, evidence, trust=trust, at=at, purpose=purpose):
            return Judgement(Standing.REVOKED)
        return Judgement(Standing.NO_REVOCATION_DATA)
    except errors.DisallowedAlgorithmError:
        return Judgement(Standing.WEAK_ALGORITHM)
    except (errors.ValidationError, ValueError, TypeError, KeyError, NotImplementedError):
        # Certificates come from whoever made the file; the library meets odd ones with these.
        return Judgement(Standing.BROKEN_CHAIN)
    return Judgement(Standing.GOOD, path)


async def _validate(
    certificate: x509.Certificate,
    evidence: Evidence,
    trust: TrustStore,
    at: datetime,
    revocation: bool,
) -> tuple[x509.Certificate, ...]:
    context = ValidationContext(
        trust_roots=load_certificates(trust.anchors),
        other_certs=list(evidence.certificates),
        moment=at,
        crls=list(evidence.crls) if revocation else [],
        ocsps=list(evidence.ocsp_responses) if revocation else [],
        revocation_mode="require" if revocation else "soft-fail",
        retroactive_revinfo=True,
    )
    path = await CertificateValidator(certificate, validation_context=context).async_validate_path()
    return tuple(path.iter_certs(include_root=True))


def _was_revoked(
    certificate: x509.Certificate,
    evidence: Evidence,
    *,
    trust: TrustStore,
    at: datetime,
    purpose: Purpose,
) -> bool:
    """Whether a list that ran out before `at` revoked the certificate: that does not run out."""
    for one in evidence.crls:
        said_at = one["tbs_cert_list"]["this_update"].native
        if said_at < at and _lists(one, certificate.serial_number):
            then = Evidence(evidence.certificates, crls=(one,))
            found = judge(certificate, then, trust=trust, at=said_at, purpose=purpose)
            if found.standing is Standing.REVOKED:
                return True
    return False


def _said_in_time(path: Sequence[x509.Certificate], evidence: Evidence) -> Evidence:
    """Without what an authority said about a certificate of this path after its end."""
    lists, responses = list(evidence.crls), list(evidence.ocsp_responses)
    for issuer, certificate in pairwise(path):
        ended = certificate.not_valid_after
        lists = [
            one
            for one in lists
            if one.issuer != issuer.subject
            or one["tbs_cert_list"]["this_update"].native <= ended
            or _lists(one, certificate.serial_number)
            or _keeps_expired(one, ended)
        ]
        responses = [
            one for one in responses if not _calls_good_after(one, certificate.serial_number, ended)
        ]
    return Evidence(evidence.certificates, tuple(responses), tuple(lists))


def _lists(listed: crl.CertificateList, serial: int) -> bool:
    entries = listed["tbs_cert_list"]["revoked_certificates"]
    return any(entry["user_certificate"].native == serial for entry in entries)


def _keeps_expired(listed: crl.CertificateList, ended: datetime) -> bool:
    """ISO/IEC 9594-8, expiredCertsOnCRL: since when expired certificates stay on the list."""
    for extension in listed["tbs_cert_list"]["crl_extensions"]:
        if extension["extn_id"].dotted == _EXPIRED_CERTIFICATES_STAY:
            since = core.GeneralizedTime.load(bytes(extension["extn_value"].native)).native
            return bool(since <= ended)
    return False


def _calls_good_after(response: ocsp.OCSPResponse, serial: int, ended: datetime) -> bool:
    """Whether a response says "good" of this certificate after its end.

    RFC 6960, 4.4.4: an archive cutoff before the end says that the authority still knew.
    """
    for one in response.response_data["responses"]:
        if (
            one["cert_id"]["serial_number"].native == serial
            and one["cert_status"].name == "good"
            and one["this_update"].native > ended
        ):
            cutoff = one.archive_cutoff_value
            return cutoff is None or bool(cutoff.native > ended)
    return False


def _is_for(certificate: x509.Certificate, purpose: Purpose) -> bool:
    """RFC 3161, 2.3: a time-stamp authority's certificate is for nothing else."""
    extended = certificate.extended_key_usage_value
    purposes = set(extended.native) if extended is not None else set()
    if purpose is Purpose.TIMESTAMP:
        return "time_stamping" in purposes
    if purposes == {"time_stamping"} or purposes == {"ocsp_signing"}:
        return False
    usage = certificate.key_usage_value
    return usage is None or bool(set(usage.native) & {"digital_signature", "non_repudiation"})


def load_certificates(ders: Sequence[bytes]) -> list[x509.Certificate]:
    return [x509.Certificate.load(der) for der in ders]
