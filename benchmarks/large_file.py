"""One step with a large file in a process of its own; prints its largest resident memory in MB.

    python -m benchmarks.large_file sign|verify PKI_DIRECTORY FILE

`sign` signs the file in place (B-B), `verify` judges it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eoffice.embedded import pki as trust_services
from eoffice.signing import pades
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.signing import papers


def main(step: str, pki_directory: Path, file: Path) -> None:
    pki = trust_services.load(pki_directory)
    if step == "sign":
        _sign(pki, file)
    else:
        _verify(pki, file)
    print(_peak_mb())


def _sign(pki: trust_services.Pki, place: Path) -> None:
    store = cast.key_store(pki, cast.DIRECTOR)
    with place.open("r+b") as file, store.open(cast.PIN) as key:
        prepared = pades.prepare(
            file,
            field="signature_person",
            identity=key.identity,
            purpose=pades.Purpose.APPROVE,
            capacity="Giám đốc",
            unit="Sở Giáo dục và Đào tạo",
            signed_at=papers.SIGNED_AT,
        )
        value = key.sign(prepared.signed_attributes, prepared.mechanism)
        pades.finish(file, prepared, value, timestamp_url=None)


def _verify(pki: trust_services.Pki, place: Path) -> None:
    trust = TrustStore.from_directory(pki.trust_directory)
    with place.open("rb") as file:
        found = verify_pdf(file, trust=trust, at=papers.READ_AT)
    # Without a network nothing says whether the certificate was revoked; the content is whole.
    assert found.verdict in (Finding.UNVERIFIABLE, Finding.INTACT), found
    assert found.signatures, found


def _peak_mb() -> float:
    """Of this program alone; `ru_maxrss` begins with what the process was before it."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
    return int(peak) / 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
