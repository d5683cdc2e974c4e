"""The test authorities of pyHanko's corpus, which signed its files: their word, on any day.

The corpus holds the keys of its authorities but no answers of theirs, for its own tests make them
when they run. So do these: lists that revoke nobody, signed with the authority's own key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import crl
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from eoffice.signing.gathering_certificates import Evidence
from eoffice.signing.revocation import RevocationDesk, RevocationUnavailable
from eoffice.signing.trust import TrustStore

#: Of all its keys that have one (`certomancer.yml`).
_PASSWORD = b"secret"
_WITH_OWN_DIGEST = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)
_SIGNS = (*_WITH_OWN_DIGEST, rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)
_LASTS = timedelta(days=7)


class CorpusAuthorities:
    """Keys by what they sign with, from a folder of them."""

    def __init__(self, keys: Path) -> None:
        self._keys: dict[bytes, CertificateIssuerPrivateKeyTypes] = {}
        for file in sorted(keys.rglob("*.key.pem")):
            key = _key(file)
            if key is not None:
                public = key.public_key()
                der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                self._keys[der] = key

    def roots(self, certificates: Sequence[asn1.Certificate]) -> TrustStore:
        """Whom a reader of a file trusts: the corpus's own roots, and who signed for themselves."""
        found = [
            one.dump()
            for one in certificates
            if one.subject == one.issuer and (one.public_key.dump() in self._keys or not one.ca)
        ]
        return TrustStore.of(*dict.fromkeys(found))

    def desk(self, at: datetime) -> RevocationDesk:
        return _Desk(self._keys, at)


class _Desk(RevocationDesk):
    """Answers for the authorities whose keys it has."""

    def __init__(self, keys: dict[bytes, CertificateIssuerPrivateKeyTypes], at: datetime) -> None:
        super().__init__()
        self._keys, self._at = keys, at

    def ask(self, path: Sequence[asn1.Certificate]) -> Evidence:
        return Evidence(tuple(path), crls=tuple(self._list(issuer) for issuer in path[:-1]))

    def _list(self, issuer: asn1.Certificate) -> crl.CertificateList:
        key = self._keys.get(issuer.public_key.dump())
        if key is None:
            raise RevocationUnavailable("Kho tệp thử không có khóa của cơ quan chứng thực này.")
        name = x509.load_der_x509_certificate(issuer.dump()).subject
        builder = x509.CertificateRevocationListBuilder().issuer_name(name)
        builder = builder.last_update(self._at).next_update(self._at + _LASTS)
        made = builder.sign(key, None if isinstance(key, _WITH_OWN_DIGEST) else hashes.SHA256())
        return crl.CertificateList.load(made.public_bytes(Encoding.DER))


def _key(file: Path) -> CertificateIssuerPrivateKeyTypes | None:
    """None for keys that sign no certificates."""
    for password in (None, _PASSWORD):
        try:
            key = load_pem_private_key(file.read_bytes(), password)
        except (TypeError, ValueError):
            continue
        return key if isinstance(key, _SIGNS) else None
    return None
