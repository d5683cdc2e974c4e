"""Asking the authorities whether certificates were revoked, within bounds of time and size.

Ask only about certificates whose chain ends at a trust anchor: the addresses stand in the
certificates, and those of a stranger's file could point anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import httpx
from asn1crypto import crl, ocsp, x509
from cryptography import x509 as parsed
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp as requests

from eoffice.errors import Unavailable
from eoffice.signing import tls
from eoffice.signing.chains import Evidence

TIMEOUT_S = 10.0
#: National revocation lists reach some megabytes.
LARGEST_ANSWER_BYTES = 20 * 1024 * 1024


class RevocationUnavailable(Unavailable):
    """No authority says whether a certificate was revoked."""


class RevocationDesk:
    """Asks for one job and remembers what it was told. Not for sharing between threads."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, bytes], bytes] = {}

    def ask(self, path: Sequence[x509.Certificate]) -> Evidence:
        """Revocation data for every certificate of a path that runs from its anchor downwards.

        OCSP first, the revocation list where that fails. The answers are not judged here.
        Raises RevocationUnavailable: for one of them neither answered.
        """
        found = Evidence(certificates=tuple(path))
        for issuer, certificate in pairwise(path):
            found = found.and_also(self._ask_about(certificate, issuer))
        return found

    def _ask_about(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        for url in certificate.ocsp_urls:
            answer = self._send(url, _ocsp_request(certificate, issuer))
            if answer is not None and (response := _ocsp_response(answer)) is not None:
                found = Evidence(ocsp_responses=(response,))
                # "Revoked since" in an OCSP response does not count as "good before" for the
                # validation library; the list does.
                return found.and_also(self._listed(certificate)) if _revokes(response) else found
        listed = self._listed(certificate)
        if listed.crls:
            return listed
        raise RevocationUnavailable(
            "Không hỏi được cơ quan chứng thực về tình trạng thu hồi của chứng thư số. "
            "Hãy thử lại sau ít phút."
        )

    def _listed(self, certificate: x509.Certificate) -> Evidence:
        for url in _list_addresses(certificate):
            answer = self._send(url, b"")
            if answer is not None and (listed := _list(answer)) is not None:
                return Evidence(crls=(listed,))
        return Evidence()

    def _send(self, url: str, question: bytes) -> bytes | None:
        """A POST with a question, a GET without; None where nobody answers."""
        if (url, question) in self._told:
            return self._told[url, question]
        if not url.startswith(("http://", "https://")):
            return None
        body = bytearray()
        try:
            with httpx.stream(
                "POST" if question else "GET",
                url,
                content=question or None,
                headers={"Content-Type": "application/ocsp-request"} if question else {},
                timeout=TIMEOUT_S,
                verify=tls.recognised(),
                trust_env=False,
            ) as response:
                response.raise_for_status()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER_BYTES:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        self._told[url, question] = bytes(body)
        return bytes(body)


def _ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    # SHA-1 only names the certificate; it is the one hash that all responders know (RFC 5019).
    name = hashes.SHA1()  # noqa: S303
    builder = requests.OCSPRequestBuilder().add_certificate(
        parsed.load_der_x509_certificate(certificate.dump()),
        parsed.load_der_x509_certificate(issuer.dump()),
        name,
    )
    return builder.build().public_bytes(serialization.Encoding.DER)


def _ocsp_response(answer: bytes) -> ocsp.OCSPResponse | None:
    try:
        response = ocsp.OCSPResponse.load(answer, strict=True)
        if response["response_status"].native != "successful":
            return None
        statuses = response.response_data["responses"]
        known = all(one["cert_status"].name != "unknown" for one in statuses)
    except (ValueError, TypeError, KeyError):
        return None
    return response if known else None


def _revokes(response: ocsp.OCSPResponse) -> bool:
    return any(one["cert_status"].name == "revoked" for one in response.response_data["responses"])


def _list(answer: bytes) -> crl.CertificateList | None:
    try:
        listed = crl.CertificateList.load(answer, strict=True)
        listed["tbs_cert_list"]["this_update"].native  # noqa: B018 - parses
    except (ValueError, TypeError, KeyError):
        return None
    return listed


def _list_addresses(certificate: x509.Certificate) -> Iterable[str]:
    for point in certificate.crl_distribution_points:
        if point.url:
            yield point.url
