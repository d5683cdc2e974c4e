"""Which signature algorithm is used with which key, and whether a signature value is right.

Circular 15/2025/TT-BKHCN demands of new signing software RSASSA-PSS with at least 2048 bits or
ECDSA with at least 256 bits, and a hash of the SHA-2 family. PKCS#1 v1.5 remains as a setting for
remote services and readers that know nothing else.
"""

from __future__ import annotations

from enum import StrEnum

from asn1crypto import algos
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from eoffice.errors import Invalid

#: Everything is hashed with SHA-256.
DIGEST = "sha256"
SALT_BYTES = 32
SMALLEST_RSA_BITS = 2048
SMALLEST_CURVE_BITS = 256


class Mechanism(StrEnum):
    RSA_PSS_SHA256 = "rsa-pss-sha256"
    RSA_PKCS1_SHA256 = "rsa-pkcs1-sha256"
    ECDSA_SHA256 = "ecdsa-sha256"


class RsaScheme(StrEnum):
    """How RSA keys sign; elliptic keys are not touched by it."""

    PSS = "pss"
    PKCS1 = "pkcs1"


class KeyNotSuitable(Invalid):
    """The certificate's key is of a kind or length that may not sign."""


def mechanism_for(certificate: bytes, scheme: RsaScheme = RsaScheme.PSS) -> Mechanism:
    """The mechanism for the key in a certificate (DER).

    Raises KeyNotSuitable: neither RSA of 2048 bits nor an elliptic curve of 256.
    """
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA_BITS:
        return Mechanism.RSA_PSS_SHA256 if scheme is RsaScheme.PSS else Mechanism.RSA_PKCS1_SHA256
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= SMALLEST_CURVE_BITS:
        return Mechanism.ECDSA_SHA256
    raise KeyNotSuitable(
        "Khóa trong chứng thư số không đủ mạnh hoặc thuộc loại không được dùng để ký "
        "(cần RSA từ 2048 bit hoặc ECDSA từ 256 bit). Hãy dùng chứng thư số khác."
    )


def algorithm_identifier(mechanism: Mechanism) -> algos.SignedDigestAlgorithm:
    """The mechanism as CMS names it."""
    match mechanism:
        case Mechanism.ECDSA_SHA256:
            return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        case Mechanism.RSA_PKCS1_SHA256:
            return algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
        case Mechanism.RSA_PSS_SHA256:
            digest = algos.DigestAlgorithm({"algorithm": DIGEST})
            mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest})
            return algos.SignedDigestAlgorithm(
                {
                    "algorithm": "rsassa_pss",
                    "parameters": algos.RSASSAPSSParams(
                        {
                            "hash_algorithm": digest.copy(),
                            "mask_gen_algorithm": mask,
                            "salt_length": SALT_BYTES,
                        }
                    ),
                }
            )


def pss() -> padding.PSS:
    return padding.PSS(padding.MGF1(hashes.SHA256()), SALT_BYTES)


def is_signed_by(certificate: bytes, signature: bytes, data: bytes, mechanism: Mechanism) -> bool:
    """Whether `signature` over `data` was made with the key of the certificate (DER)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if mechanism is Mechanism.ECDSA_SHA256 and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
            return True
        if isinstance(key, rsa.RSAPublicKey) and mechanism is not Mechanism.ECDSA_SHA256:
            chosen = pss() if mechanism is Mechanism.RSA_PSS_SHA256 else padding.PKCS1v15()
            key.verify(signature, data, chosen, hashes.SHA256())
            return True
    except InvalidSignature:
        return False
    return False
