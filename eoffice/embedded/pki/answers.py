"""What the trust services answer, as bytes; the time of the answer is an argument.

OCSP responses are put together by hand because the ready-made builder writes the machine's time
as `producedAt`, and here the office clock rules.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from asn1crypto import algos, cms, core, ocsp, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from eoffice.embedded.pki import issue

#: How long an answer may be used; a CRL of the roots changes hardly ever.
FRESH_FOR = timedelta(days=7)


class Fault(StrEnum):
    """What a time-stamp authority can do wrong; every client must notice."""

    REFUSES = "refuses"
    REJECTS = "rejects"
    GARBAGE = "garbage"
    LARGE = "large"
    OTHER_NONCE = "other-nonce"
    OTHER_CONTENT = "other-content"
    CLOCK_WRONG = "clock-wrong"
    NO_AUTHORITY = "no-authority"
    WITHOUT_CERTIFICATE = "without-certificate"
    VALUE_WRONG = "value-wrong"
    WEAK_DIGEST = "weak-digest"
    #: Its certificate is over.
    ENDED = "ended"
    #: Right in all, but no root vouches for it.
    UNKNOWN = "unknown"
    #: Takes the question and hangs up.
    SILENT = "silent"
    #: Answers in drops, each in good time.
    SLOW = "slow"


_TIMESTAMP_AUTHORITIES = ("tsa", "tsa-2", "tsa-ended", "tsa-unknown")
_POLICY = "1.3.6.1.4.1.4146.2.3"


@dataclass(frozen=True, slots=True)
class TrustServices:
    """The loaded keys of one PKI. Reads the revocations anew at each answer; safe for threads."""

    directory: Path
    authorities: Mapping[str, issue.Entity]
    ocsp_responder: issue.Entity
    #: By name: tsa and tsa-2 are right; with the key of the others faults are made.
    timestamp_authorities: Mapping[str, issue.Entity]

    @classmethod
    def load(cls, directory: Path) -> Self:
        return cls(
            directory,
            {name: issue.entity(directory, name) for name in ("root", "issuing", "tsa-root")},
            issue.entity(directory, "ocsp"),
            {name: issue.entity(directory, name) for name in _TIMESTAMP_AUTHORITIES},
        )

    def crl(self, authority: str, *, at: datetime) -> bytes:
        """The revocation list of root, issuing or tsa-root. Raises KeyError for another name."""
        issuer = self.authorities[authority]
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(at)
            .next_update(at + FRESH_FOR)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        )
        for serial, since in self._revoked(authority).items():
            if since is not None and since <= at:
                builder = builder.add_revoked_certificate(
                    x509.RevokedCertificateBuilder()
                    .serial_number(serial)
                    .revocation_date(since)
                    .build()
                )
        signed = builder.sign(issuer.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

    def _revoked(self, authority: str) -> Mapping[int, datetime | None]:
        match authority:
            case "issuing":
                return issue.revocations(self.directory)
            case "tsa-root":
                return dict(issue.revoked_timestamp_authorities(self.directory))
        return {}

    def certificate(self, authority: str) -> bytes:
        """The certificate (DER) of root, issuing or tsa-root. Raises KeyError for another name."""
        certificate = self.authorities[authority].certificate
        return certificate.public_bytes(serialization.Encoding.DER)

    def ocsp_response(self, request: bytes, *, at: datetime) -> bytes:
        """Good, revoked or unknown for each certificate asked for; never "good" for a stranger.

        Raises ValueError: not an OCSP request.
        """
        asked = ocsp.OCSPRequest.load(request)
        known = issue.revocations(self.directory)
        answers = [
            {
                "cert_id": one["req_cert"],
                "cert_status": self._status(one["req_cert"], known, at),
                "this_update": at,
                "next_update": at + FRESH_FOR,
            }
            for one in asked["tbs_request"]["request_list"]
        ]
        responder = _asn1(self.ocsp_responder.certificate)
        data = ocsp.ResponseData(
            {
                "responder_id": ocsp.ResponderId("by_key", responder.public_key.sha1),
                "produced_at": at,
                "responses": answers,
            }
        )
        if (nonce := asked.nonce_value) is not None:
            data["response_extensions"] = [
                {"extn_id": "nonce", "critical": False, "extn_value": nonce.copy()}
            ]
        basic = ocsp.BasicOCSPResponse(
            {
                "tbs_response_data": data,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signature": _ecdsa(self.ocsp_responder, data.dump()),
                "certs": [responder],
            }
        )
        response = ocsp.OCSPResponse(
            {
                "response_status": "successful",
                "response_bytes": {
                    "response_type": "basic_ocsp_response",
                    "response": basic,
                },
            }
        )
        return bytes(response.dump())

    def _status(
        self, asked: ocsp.CertId, known: Mapping[int, datetime | None], at: datetime
    ) -> ocsp.CertStatus:
        issuer = _asn1(self.authorities["issuing"].certificate)
        algorithm = asked["hash_algorithm"]["algorithm"].native
        ours = (
            asked["issuer_name_hash"].native
            == hashlib.new(algorithm, issuer.subject.dump()).digest()
        )
        serial = asked["serial_number"].native
        if not ours or serial not in known:
            return ocsp.CertStatus("unknown", core.Null())
        since = known[serial]
        if since is not None and since <= at:
            return ocsp.CertStatus(
                "revoked", {"revocation_time": since, "revocation_reason": "key_compromise"}
            )
        return ocsp.CertStatus("good", core.Null())

    def timestamp(self, request: bytes, *, at: datetime, by: str = "tsa") -> bytes:
        """A time-stamp response (RFC 3161) over the digest in the request.

        Raises ValueError: not a time-stamp request. Raises KeyError: no such authority.
        """
        return self._stamped(tsp.TimeStampReq.load(request), self.timestamp_authorities[by], at)

    def faulty_timestamp(self, request: bytes, fault: Fault, *, at: datetime) -> bytes:
        """The same with one thing wrong, which whoever asked must find."""
        asked = tsp.TimeStampReq.load(request)
        signer = self.timestamp_authorities["tsa"]
        digest = "sha256"
        match fault:
            case Fault.REJECTS:
                return bytes.fromhex("30053003020102")  # PKIStatus rejection, and no token
            case Fault.GARBAGE:
                return b"no such thing"
            case Fault.LARGE:
                return bytes(1024 * 1024)
            case Fault.OTHER_NONCE:
                asked["nonce"] = asked["nonce"].native - 1
            case Fault.OTHER_CONTENT:
                asked["message_imprint"]["hashed_message"] = bytes(32)
            case Fault.CLOCK_WRONG:
                at -= timedelta(minutes=6)
            case Fault.NO_AUTHORITY:
                signer = self.ocsp_responder
            case Fault.WITHOUT_CERTIFICATE:
                asked["cert_req"] = False
            case Fault.WEAK_DIGEST:
                digest = "sha1"
            case Fault.ENDED:
                signer = self.timestamp_authorities["tsa-ended"]
            case Fault.UNKNOWN:
                signer = self.timestamp_authorities["tsa-unknown"]
            case Fault.VALUE_WRONG | Fault.REFUSES | Fault.SILENT | Fault.SLOW:
                pass
        answer = self._stamped(asked, signer, at, digest=digest)
        return answer[:-1] + bytes([answer[-1] ^ 1]) if fault is Fault.VALUE_WRONG else answer

    def _stamped(
        self, asked: tsp.TimeStampReq, by: issue.Entity, at: datetime, *, digest: str = "sha256"
    ) -> bytes:
        certificate = _asn1(by.certificate)
        statement = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": at,
            "tsa": asn1.GeneralName(name="directory_name", value=certificate.subject),
        }
        if asked["nonce"].native is not None:
            statement["nonce"] = asked["nonce"].native
        content = tsp.TSTInfo(statement).dump()
        digest_algorithm = algos.DigestAlgorithm({"algorithm": digest})
        signature_algorithm = algos.SignedDigestAlgorithm({"algorithm": f"{digest}_ecdsa"})
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.new(digest, content).digest()),
                _attribute(
                    "signing_certificate_v2",
                    tsp.SigningCertificateV2(
                        {"certs": [{"cert_hash": hashlib.sha256(certificate.dump()).digest()}]}
                    ),
                ),
                _attribute(
                    "cms_algorithm_protection",
                    cms.CMSAlgorithmProtection(
                        {
                            "digest_algorithm": digest_algorithm,
                            "signature_algorithm": signature_algorithm,
                        }
                    ),
                ),
            ]
        )
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {
                                "issuer": certificate.issuer,
                                "serial_number": certificate.serial_number,
                            }
                        )
                    }
                ),
                "digest_algorithm": digest_algorithm,
                "signed_attrs": attributes,
                "signature_algorithm": signature_algorithm,
                "signature": _ecdsa(by, attributes.dump(), digest),
            }
        )
        token = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest_algorithm],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [certificate] if asked["cert_req"].native else [],
                "signer_infos": [signer],
            }
        )
        response = tsp.TimeStampResp(
            {
                "status": {"status": "granted"},
                "time_stamp_token": cms.ContentInfo(
                    {"content_type": "signed_data", "content": token}
                ),
            }
        )
        return bytes(response.dump())


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _ecdsa(signer: issue.Entity, data: bytes, digest: str = "sha256") -> bytes:
    if not isinstance(signer.key, ec.EllipticCurvePrivateKey):
        raise TypeError("OCSP and time-stamps are signed with P-256 for speed")
    # SHA-1 is for the fault that clients must notice.
    by = hashes.SHA1() if digest == "sha1" else hashes.SHA256()  # noqa: S303
    return signer.key.sign(data, ec.ECDSA(by))
