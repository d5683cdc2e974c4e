"""Whom we trust: the roots of the certificate authorities, given by the operator.

In Vietnam there are two worlds, the Government Cipher Committee's for public bodies and the
national root's for everybody else; both are files in one directory, as are roots of time-stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


class TrustUnreadable(Exception):
    """The directory with the trust anchors is missing, or a file in it is no certificate."""


@dataclass(frozen=True, slots=True)
class TrustStore:
    #: Root certificates (DER), in no order.
    anchors: tuple[bytes, ...]

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """All certificates in `*.pem`. An empty directory trusts nobody. Raises TrustUnreadable."""
        if not directory.is_dir():
            raise TrustUnreadable(f"Không có thư mục chứng thư gốc {directory}.")
        anchors: list[bytes] = []
        for file in sorted(directory.glob("*.pem")):
            try:
                found = x509.load_pem_x509_certificates(file.read_bytes())
            except ValueError as failure:
                raise TrustUnreadable(f"{file} không phải là chứng thư số.") from failure
            anchors += (one.public_bytes(Encoding.DER) for one in found)
        return cls(tuple(anchors))
