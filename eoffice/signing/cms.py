"""The signature as it stands in the file: CMS SignedData (RFC 5652) with the attributes of PAdES
(ETSI EN 319 122-1, 5.1–5.2; EN 319 142-1, 6.3), written as DER.

    signed_attributes(signatory, digest)   the bytes that a key signs
    envelope(signatory, attributes, …)     the signature with certificates and time-stamp around it

Everything that is the same for every signature of a key is encoded once and kept (`signatory`).
A library that builds a tree of objects and serialises it costs fifty times the RSA operation;
here a signature is a concatenation. The tests compare the bytes with those of such a library.
Pure: no key, no clock, no network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import x509

from eoffice.signing.mechanisms import Mechanism, algorithm_identifier, digest_algorithm

_INTEGER_1 = b"\x02\x01\x01"
_OCTET_STRING, _SEQUENCE, _SET = 0x04, 0x30, 0x31
#: [0], [1] and [4] EXPLICIT or IMPLICIT of a constructed value.
_TAG_0, _TAG_1, _TAG_4 = 0xA0, 0xA1, 0xA4

# Object identifiers in DER: RFC 5652, 4, 5, 11.1, 11.2; RFC 5035, 3; RFC 3161, A.
_DATA = bytes.fromhex("06092a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("060b2a864886f70d010910022f")
_SIGNATURE_TIME_STAMP = bytes.fromhex("060b2a864886f70d010910020e")


@dataclass(frozen=True, slots=True)
class Signatory:
    """What is the same in every signature of one certificate with one mechanism; all of it DER."""

    identifier: bytes
    digest_algorithm: bytes
    signature_algorithm: bytes
    #: The signed attributes but for the digest of the content.
    attributes: tuple[bytes, ...]
    certificates: bytes


@lru_cache(maxsize=256)
def signatory(certificate: bytes, chain: tuple[bytes, ...], mechanism: Mechanism) -> Signatory:
    """Certificates are DER; roots among `chain` are left out, for a verifier has its own.

    Raises ValueError: `certificate` is none.
    """
    parsed = x509.Certificate.load(certificate)
    issuer = parsed.issuer.dump()
    serial = parsed["tbs_certificate"]["serial_number"].dump()
    digest = digest_algorithm(mechanism).dump()
    signature = algorithm_identifier(mechanism).dump()
    names_of_issuer = _tlv(_SEQUENCE, _tlv(_TAG_4, issuer))
    # RFC 5035: the hash is SHA-256 where none is named, and must not be named then (DER).
    reference = _tlv(
        _SEQUENCE,
        _tlv(_OCTET_STRING, hashlib.sha256(certificate).digest()),
        _tlv(_SEQUENCE, names_of_issuer, serial),
    )
    others = (one for one in chain if x509.Certificate.load(one).self_signed == "no")
    return Signatory(
        identifier=_tlv(_SEQUENCE, issuer, serial),
        digest_algorithm=digest,
        signature_algorithm=signature,
        attributes=(
            _attribute(_CONTENT_TYPE, _DATA),
            _attribute(_SIGNING_CERTIFICATE_V2, _tlv(_SEQUENCE, _tlv(_SEQUENCE, reference))),
        ),
        certificates=_set_of(_TAG_0, {certificate, *others}),
    )


def signed_attributes(who: Signatory, document_digest: bytes) -> bytes:
    """The attributes as they are signed: a SET OF in the order of DER (RFC 5652, 5.4)."""
    digest = _attribute(_MESSAGE_DIGEST, _tlv(_OCTET_STRING, document_digest))
    return _set_of(_SET, (*who.attributes, digest))


def envelope(
    who: Signatory, attributes: bytes, signature: bytes, *, timestamp: bytes | None
) -> bytes:
    """A ContentInfo with one signer and no content: what goes into a PDF's /Contents.

    `attributes` are those that were signed; `timestamp` is a token over `signature` (RFC 3161).
    """
    unsigned = (
        b"" if timestamp is None else _tlv(_TAG_1, _attribute(_SIGNATURE_TIME_STAMP, timestamp))
    )
    signer = _tlv(
        _SEQUENCE,
        _INTEGER_1,
        who.identifier,
        who.digest_algorithm,
        # In the structure they are [0] IMPLICIT, signed they are a SET (RFC 5652, 5.4).
        bytes((_TAG_0,)) + attributes[1:],
        who.signature_algorithm,
        _tlv(_OCTET_STRING, signature),
        unsigned,
    )
    signed_data = _tlv(
        _SEQUENCE,
        _INTEGER_1,
        _tlv(_SET, who.digest_algorithm),
        _tlv(_SEQUENCE, _DATA),
        who.certificates,
        _tlv(_SET, signer),
    )
    return _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(_TAG_0, signed_data))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return _tlv(_SEQUENCE, kind, _tlv(_SET, value))


def _set_of(tag: int, members: Iterable[bytes]) -> bytes:
    """X.690, 11.6: the members of a set are in the order of their encodings."""
    return _tlv(tag, *sorted(members))


def _tlv(tag: int, *parts: bytes) -> bytes:
    """Tag, length in the shortest form (X.690, 10.1), value."""
    value = b"".join(parts)
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + value
