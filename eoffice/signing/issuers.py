"""Issuers that a signer's store does not hold, fetched from where the certificates say (RFC 5280,
4.2.2.1), once, when a key is put on record: a signature carries its chain for as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID

from eoffice.signing import asking

WITHIN_S: Final = 10.0
LARGEST_ANSWER_BYTES: Final = 64 * 1024
#: Of issuers above a holder; no authority of the country has more than two.
MOST: Final = 5


def completed(
    certificate: bytes, chain: Sequence[bytes], *, inside: frozenset[str]
) -> tuple[bytes, ...]:
    """The issuers of a certificate upwards as far as they are known or can be had; all DER.

    What nobody answers, or answers with another certificate, is left out: whether the chain leads
    to an anchor is judged elsewhere. `inside` as in `asking.ask`.
    """
    found: list[bytes] = []
    below = x509.load_der_x509_certificate(certificate)
    held = [x509.load_der_x509_certificate(each) for each in chain]
    while len(found) < MOST and below.issuer != below.subject:
        above = next((each for each in held if _has_issued(each, below)), None)
        above = above or next(
            (each for each in _fetched(below, inside) if _has_issued(each, below)), None
        )
        if above is None:
            break
        found.append(above.public_bytes(Encoding.DER))
        below = above
    return tuple(found)


def _has_issued(above: x509.Certificate, below: x509.Certificate) -> bool:
    try:
        below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _fetched(below: x509.Certificate, inside: frozenset[str]) -> Iterable[x509.Certificate]:
    for url in _addresses(below):
        try:
            answer = asking.ask(
                url, within_s=WITHIN_S, largest_bytes=LARGEST_ANSWER_BYTES, inside=inside
            )
        except asking.NoAnswer:
            continue
        yield from _read(answer)


def _addresses(below: x509.Certificate) -> Iterable[str]:
    try:
        access = below.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return
    for each in access:
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS and isinstance(
            each.access_location, x509.UniformResourceIdentifier
        ):
            yield each.access_location.value


def _read(answer: bytes) -> Iterable[x509.Certificate]:
    """One certificate, or several in a CMS (RFC 5280, 4.2.2.1)."""
    for load in (
        lambda data: [x509.load_der_x509_certificate(data)],
        pkcs7.load_der_pkcs7_certificates,
        x509.load_pem_x509_certificates,
    ):
        try:
            return load(answer)
        except ValueError:
            continue
    return ()
