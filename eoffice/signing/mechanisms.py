"""Signature algorithms: their names, and whether a signature value is right.

Which of them signs with which key, and which are still believed, is data (`policy`).
"""

from __future__ import annotations

from enum import StrEnum

from asn1crypto import algos
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from eoffice.errors import Invalid

#: What files are hashed with where nothing else is asked for, and certificates and tokens always.
DIGEST = "sha256"


class Family(StrEnum):
    """How a signature value is made from a hash."""

    RSA_PSS = "rsa-pss"
    RSA_PKCS1 = "rsa-pkcs1"
    ECDSA = "ecdsa"


class Mechanism(StrEnum):
    """Family and hash. The hash of the file and that of the signature are one."""

    RSA_PSS_SHA256 = "rsa-pss-sha256"
    RSA_PSS_SHA384 = "rsa-pss-sha384"
    RSA_PSS_SHA512 = "rsa-pss-sha512"
    RSA_PKCS1_SHA256 = "rsa-pkcs1-sha256"
    RSA_PKCS1_SHA384 = "rsa-pkcs1-sha384"
    RSA_PKCS1_SHA512 = "rsa-pkcs1-sha512"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ECDSA_SHA512 = "ecdsa-sha512"

    @property
    def family(self) -> Family:
        return Family(self.value.rpartition("-")[0])

    @property
    def digest(self) -> str:
        """ "sha256", "sha384", "sha512": the names of hashlib and of asn1crypto."""
        return self.value.rpartition("-")[2]


class RsaScheme(StrEnum):
    """How RSA keys sign; elliptic keys are not touched by it."""

    PSS = "pss"
    PKCS1 = "pkcs1"


class KeyNotSuitable(Invalid):
    """The certificate's key is of a kind or length that may not sign."""


_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def digest_algorithm(mechanism: Mechanism) -> algos.DigestAlgorithm:
    """The hash as CMS names it, with NULL as parameters (RFC 5754, 2: a verifier accepts both)."""
    return algos.DigestAlgorithm({"algorithm": mechanism.digest})


def algorithm_identifier(mechanism: Mechanism) -> algos.SignedDigestAlgorithm:
    """The mechanism as CMS names it (RFC 4055, 5754)."""
    match mechanism.family:
        case Family.ECDSA:
            return algos.SignedDigestAlgorithm({"algorithm": f"{mechanism.digest}_ecdsa"})
        case Family.RSA_PKCS1:
            return algos.SignedDigestAlgorithm({"algorithm": f"{mechanism.digest}_rsa"})
        case Family.RSA_PSS:
            digest = digest_algorithm(mechanism)
            mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest})
            return algos.SignedDigestAlgorithm(
                {
                    "algorithm": "rsassa_pss",
                    "parameters": algos.RSASSAPSSParams(
                        {
                            "hash_algorithm": digest.copy(),
                            "mask_gen_algorithm": mask,
                            "salt_length": salt_bytes(mechanism),
                        }
                    ),
                }
            )


def hash_of(mechanism: Mechanism) -> hashes.HashAlgorithm:
    return _HASHES[mechanism.digest]


def salt_bytes(mechanism: Mechanism) -> int:
    """RFC 4055, 3.1: as long as the hash."""
    return hash_of(mechanism).digest_size


def pss(mechanism: Mechanism) -> padding.PSS:
    return padding.PSS(padding.MGF1(hash_of(mechanism)), salt_bytes(mechanism))


def is_signed_by(certificate: bytes, signature: bytes, data: bytes, mechanism: Mechanism) -> bool:
    """Whether `signature` over `data` was made with the key of the certificate (DER)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    chosen = hash_of(mechanism)
    try:
        match mechanism.family:
            case Family.ECDSA if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, ec.ECDSA(chosen))
            case Family.RSA_PSS if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, pss(mechanism), chosen)
            case Family.RSA_PKCS1 if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), chosen)
            case _:
                return False
    except InvalidSignature:
        return False
    return True
