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

_POLICY = "1.3.6.1.4.1.4146.2.3"


@dataclass(frozen=True, slots=True)
class TrustServices:
    """The loaded keys of one PKI. Reads the revocations anew at each answer; safe for threads."""

    directory: Path
    authorities: Mapping[str, issue.Entity]
    ocsp_responder: issue.Entity
    timestamp_authority: issue.Entity

    @classmethod
    def load(cls, directory: Path) -> Self:
        return cls(
            directory,
            {name: issue.entity(directory, name) for name in ("root", "issuing", "tsa-root")},
            issue.entity(directory, "ocsp"),
            issue.entity(directory, "tsa"),
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
        if authority == "issuing":
            for serial, since in issue.revocations(self.directory).items():
                if since is not None and since <= at:
                    builder = builder.add_revoked_certificate(
                        x509.RevokedCertificateBuilder()
                        .serial_number(serial)
                        .revocation_date(since)
                        .build()
                    )
        signed = builder.sign(issuer.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

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

    def timestamp(self, request: bytes, *, at: datetime) -> bytes:
        """A time-stamp response (RFC 3161) over the digest in the request.

        Raises ValueError: not a time-stamp request.
        """
        asked = tsp.TimeStampReq.load(request)
        certificate = _asn1(self.timestamp_authority.certificate)
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
        digest_algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
        signature_algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("message_digest", hashlib.sha256(content).digest()),
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
                "signature": _ecdsa(self.timestamp_authority, attributes.dump()),
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


def _ecdsa(signer: issue.Entity, data: bytes) -> bytes:
    if not isinstance(signer.key, ec.EllipticCurvePrivateKey):
        raise TypeError("OCSP and time-stamps are signed with P-256 for speed")
    return signer.key.sign(data, ec.ECDSA(hashes.SHA256()))
