"""Asking the authorities whether certificates were revoked, within bounds of time and size.

Ask only about certificates whose chain ends at a trust anchor: the addresses stand in the
certificates, and those of a stranger's file could point anywhere. Even so only public hosts are
called, and those of this network that the operator has named.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import Final

from asn1crypto import crl, ocsp, x509
from cryptography import x509 as parsed
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp as requests

from eoffice.errors import Unavailable
from eoffice.settings import revocation_hosts
from eoffice.signing import asking
from eoffice.signing.chains import Evidence
from eoffice.signing.kept_answers import KeptAnswers

#: For one question, and for one list: national ones reach some megabytes.
TIMEOUT_S: Final = 10.0
LIST_TIMEOUT_S: Final = 30.0
LARGEST_RESPONSE_BYTES: Final = 256 * 1024
LARGEST_LIST_BYTES: Final = 20 * 1024 * 1024
#: No authority names more of a kind; whoever does keeps us busy.
MOST_ADDRESSES: Final = 4


class RevocationUnavailable(Unavailable):
    """No authority says whether a certificate was revoked."""


class RevocationDesk:
    """Asks for one job and remembers what it was told. Not for sharing between threads."""

    def __init__(self, *, within_s: float | None = None, kept: KeptAnswers | None = None) -> None:
        """`within_s`: seconds for all questions together, from the first one on; `kept`: where
        what is answered is kept for others."""
        self._kept = kept
        self._told: dict[tuple[str, bytes], bytes] = {}
        self._within_s = within_s
        self._until: float | None = None

    def _left_s(self, longest_s: float) -> float:
        """What is left for the next question; not above zero where the time is over."""
        if self._within_s is None:
            return longest_s
        if self._until is None:
            self._until = time.monotonic() + self._within_s
        return min(longest_s, self._until - time.monotonic())

    def ask(self, path: Sequence[x509.Certificate]) -> Evidence:
        """Revocation data for every certificate of a path that runs from its anchor downwards.

        OCSP first, the revocation list where that fails. The answers are not judged here.
        Raises RevocationUnavailable: for one of them neither answered.
        """
        found = Evidence(certificates=tuple(path))
        for issuer, certificate in pairwise(path):
            told = self._ask_about(certificate, issuer)
            if self._kept is not None:
                self._kept.keep(issuer, certificate, told)
            found = found.and_also(told)
        return found

    def _ask_about(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Evidence:
        for url in islice(certificate.ocsp_urls, MOST_ADDRESSES):
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
        for url in islice(_list_addresses(certificate), MOST_ADDRESSES):
            answer = self._send(url, b"")
            if answer is not None and (listed := _list(answer)) is not None:
                return Evidence(crls=(listed,))
        return Evidence()

    def _send(self, url: str, question: bytes) -> bytes | None:
        """A POST with a question, a GET without; None where nobody answers."""
        if (url, question) in self._told:
            return self._told[url, question]
        is_list = not question
        left_s = self._left_s(LIST_TIMEOUT_S if is_list else TIMEOUT_S)
        if left_s <= 0:
            return None
        try:
            answer = asking.ask(
                url,
                question,
                "application/ocsp-request",
                within_s=left_s,
                largest_bytes=LARGEST_LIST_BYTES if is_list else LARGEST_RESPONSE_BYTES,
                inside=revocation_hosts(),
            )
        except asking.NoAnswer:
            return None
        self._told[url, question] = answer
        return answer


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
