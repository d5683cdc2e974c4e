"""What one dispatch costs from the director's signature to the archive, with real keys.

Peers: one raw RSA-2048 signature, and one round trip to the time-stamp authority of the demo, which
runs in a process of its own on loopback; a real one is tens of milliseconds farther away.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from benchmarks.figures import Figure, Peer, repeated
from eoffice import clock
from eoffice.embedded import ports
from eoffice.embedded.pki import Pki, materialise
from eoffice.signing import verification
from eoffice.signing.timestamps import Authority
from tests import pki as cast
from tests.signing import papers

TIMES = 10
STARTS_WITHIN_S = 20.0


def measure() -> Sequence[Figure]:
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as directory:
        office_clock = Path(directory) / "clock.json"
        with (
            cast.office_clock(office_clock, papers.SIGNED_AT),
            trust_services(Path(directory) / "pki") as pki,
        ):
            return _measured(pki)


def _measured(pki: Pki) -> Sequence[Figure]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    authority = Authority(pki.timestamp_url)

    def stamp() -> None:
        asyncio.run(authority.async_timestamp(bytes(32), "sha256"))

    raw = repeated(lambda: key.sign(b"dispatch", pss, hashes.SHA256()), times=50)
    trip = repeated(stamp, times=TIMES)
    signature = Peer("raw RSA-2048 signature", raw.median_ms)
    round_trip = Peer("time-stamp round trip", trip.median_ms)
    both = Peer("two of each", 2 * (raw.median_ms + trip.median_ms))

    life = papers.whole_life(pki)
    trust = papers.trust(pki)
    steps = {
        "certify (open PKCS#12, prepare, sign, time-stamp)": (
            repeated(lambda: papers.certify(pki, life.plain), times=TIMES),
            round_trip,
        ),
        "fill in number and date": (
            repeated(lambda: papers.fill(life.certified), times=TIMES),
            signature,
        ),
        "seal": (repeated(lambda: papers.seal(pki, life.numbered), times=TIMES), round_trip),
        "certify + number + seal": (
            repeated(
                lambda: papers.seal(pki, papers.fill(papers.certify(pki, life.plain))), times=TIMES
            ),
            both,
        ),
        "archive (revocation data, second time-stamp)": (
            repeated(lambda: papers.archive(pki, life.sealed), times=TIMES),
            round_trip,
        ),
        "verify the archived file, no network": (
            repeated(
                lambda: verification.verify_pdf(life.archived, trust=trust, at=clock.now()),
                times=TIMES,
            ),
            signature,
        ),
    }
    return [
        Figure(name, "ms", samples.median_ms, peer, f"{TIMES}, median; one page")
        for name, (samples, peer) in steps.items()
    ]


@contextmanager
def trust_services(directory: Path) -> Iterator[Pki]:
    pki = materialise(directory, cast.CAST, port=ports.free_port())
    command = (sys.executable, "-m", "eoffice.embedded.pki", str(directory))
    with subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(pki.ready_url)
            yield pki
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(url)
        time.sleep(0.05)
