"""What authorities said about revocation, kept for verifying where none can be asked.

One list of each issuer and one OCSP response of each certificate, the newest, as files. They are
believed for what their signatures are worth, like those in a signed file: whoever can write the
directory can hide an answer, but not make one up.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from asn1crypto import crl, ocsp, x509

from eoffice.errors import Unavailable
from eoffice.signing.gathering_certificates import Evidence

VARIABLE: Final = "EOFFICE_REVOCATION_CACHE"
#: National lists reach some megabytes.
LARGEST_BYTES: Final = 20 * 1024 * 1024


class NothingKept(Unavailable):
    """No answer about one of these certificates was kept."""


class KeptAnswers:
    """The answers in one directory. Safe for several processes: a file is replaced as a whole."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @classmethod
    def configured(cls) -> Self | None:
        """None where the operator names no directory."""
        named = os.environ.get(VARIABLE, "")
        return cls(Path(named)) if named else None

    def about(self, path: Sequence[x509.Certificate]) -> Evidence:
        """What was kept about every certificate of a path that runs from its anchor downwards.

        Raises NothingKept: nothing about one of them.
        """
        found = Evidence(certificates=tuple(path))
        for issuer, certificate in pairwise(path):
            answers = self._about(issuer, certificate)
            if not answers.crls and not answers.ocsp_responses:
                raise NothingKept("Chưa lưu trả lời nào của cơ quan chứng thực về chứng thư này.")
            found = found.and_also(answers)
        return found

    def keep(self, issuer: x509.Certificate, certificate: x509.Certificate, told: Evidence) -> None:
        """Idempotent; an older answer does not take the place of a newer one."""
        for response in told.ocsp_responses:
            self._put(self._response(certificate), response.dump())
        for listed in told.crls:
            before = self._list(issuer)
            if before is None or _updated(before) <= _updated(listed):
                self._put(self._list_file(issuer), listed.dump())

    def _about(self, issuer: x509.Certificate, certificate: x509.Certificate) -> Evidence:
        listed = self._list(issuer)
        response = _read(self._response(certificate))
        try:
            responses = () if response is None else (ocsp.OCSPResponse.load(response, strict=True),)
        except ValueError:
            responses = ()
        return Evidence((), responses, () if listed is None else (listed,))

    def _list(self, issuer: x509.Certificate) -> crl.CertificateList | None:
        data = _read(self._list_file(issuer))
        try:
            found = None if data is None else crl.CertificateList.load(data, strict=True)
            if found is not None:
                _updated(found)
        except (ValueError, TypeError, KeyError):
            return None
        return found

    def _list_file(self, issuer: x509.Certificate) -> Path:
        named = hashlib.sha256(issuer.subject.dump() + issuer.public_key.dump()).hexdigest()
        return self._directory / f"{named}.crl"

    def _response(self, certificate: x509.Certificate) -> Path:
        return self._directory / f"{hashlib.sha256(certificate.dump()).hexdigest()}.ocsp"

    def _put(self, file: Path, data: bytes) -> None:
        """A directory that cannot be written keeps nothing; that is no reason not to sign."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._directory, delete=False) as part:
                part.write(data)
            Path(part.name).chmod(0o644)
            Path(part.name).replace(file)
        except OSError:
            return


def _updated(listed: crl.CertificateList) -> datetime:
    found: datetime = listed["tbs_cert_list"]["this_update"].native
    return found


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_BYTES + 1)
    except OSError:
        return None
    return data if len(data) <= LARGEST_BYTES else None
