"""Signatures and verifications per CPU-second, and the memory that a large file takes.

CPU time of this process (`process_time`), so that others on the machine matter little. Peers, all
in the same run: one raw signature of the same key, pyHanko with its own signer, EU DSS signing in
one thread after its compiler has warmed up (its process, as ours is counted; and the thread alone,
without its collector of garbage), and pdfsig.
"""

from __future__ import annotations

import gc
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
import typst
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, fields, signers

from benchmarks.figures import Figure, Peer
from benchmarks.signing import trust_services
from eoffice import clock
from eoffice.embedded.pki import Pki
from eoffice.printing import pdf_fields
from eoffice.printing.pdf_fields import Kind, Placeholder
from eoffice.printing.typesetting import FONTS
from eoffice.signing import pades, verification
from eoffice.signing.keys.contract import KeySession, KeyStore
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.mechanisms import Mechanism
from eoffice.signing.timestamps import Authority
from tests import dss
from tests import pki as cast
from tests.signing import papers, softhsm

SMALL_BYTES = 200_000
MIDDLE_BYTES = 2_000_000
LARGE_BYTES = 250 * 1024 * 1024
TIMES = 200
SLOW_TIMES = 20
#: Pages of text that make about 200 KB.
_PAGES = 40
_FIELD = "signature_person"
_PIECE_BYTES = 10 * 1024 * 1024
_ROOT = Path(__file__).parents[1]


def measure() -> Sequence[Figure]:
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as name:
        directory = Path(name)
        with (
            cast.office_clock(directory / "clock.json", papers.SIGNED_AT),
            trust_services(directory / "pki") as pki,
        ):
            files = {"200 KB": paper(SMALL_BYTES), "2 MB": paper(MIDDLE_BYTES)}
            return [
                *_signing(pki, files, directory),
                *_verifying(pki, files["200 KB"], directory),
                *_memory(pki, directory),
            ]


# Signing


def _signing(pki: Pki, files: Mapping[str, bytes], directory: Path) -> Iterator[Figure]:
    stores: dict[str, KeyStore] = {"PKCS#12": cast.key_store(pki, cast.DIRECTOR)}
    if softhsm.is_installed():
        token = directory / "token"
        token.mkdir()
        library = softhsm.make_token(pki, (cast.DIRECTOR,), token)
        stores["PKCS#11"] = Pkcs11KeyStore(
            library, token=softhsm.TOKEN, key=cast.DIRECTOR.label, chain=_chain(pki)
        )
    of_dss = _of_dss(pki, files, directory)
    for of_key, store in stores.items():
        with store.open(cast.PIN) as key:
            raw = per_cpu_second(partial(key.sign, bytes(100), Mechanism.RSA_PSS_SHA256), TIMES)
            for size, pdf in files.items():
                ours = per_cpu_second(partial(sign, key, pdf, None), TIMES)
                stamped = per_cpu_second(partial(sign, key, pdf, pki.timestamp_url), SLOW_TIMES)
                peers = {"raw RSA-2048, the same key": raw}
                if of_key == "PKCS#12":
                    peers |= {
                        "pyHanko, SimpleSigner": _of_library(pki, pdf, None),
                        **of_dss.get(size, {}),
                    }
                for peer, value in peers.items():
                    yield _rate(f"sign B-B, {size}, {of_key}", ours, peer, value, TIMES)
                if of_key == "PKCS#12":
                    peer, value = "pyHanko, SimpleSigner", _of_library(pki, pdf, pki.timestamp_url)
                else:
                    peer, value = "raw RSA-2048, the same key", raw
                yield _rate(f"sign B-T, {size}, {of_key}", stamped, peer, value, SLOW_TIMES)


def sign(key: KeySession, pdf: bytes, timestamp_url: str | None) -> bytes:
    """One signature from the file in memory to the file in memory."""
    file = io.BytesIO(pdf)
    prepared = pades.prepare(
        file,
        field=_FIELD,
        identity=key.identity,
        purpose=pades.Purpose.APPROVE,
        capacity="Giám đốc",
        unit="Sở Giáo dục và Đào tạo",
        signed_at=papers.SIGNED_AT,
    )
    value = key.sign(prepared.signed_attributes, prepared.mechanism)
    pades.finish(file, prepared, value, timestamp_url=timestamp_url)
    return file.getvalue()


def _of_library(pki: Pki, pdf: bytes, timestamp_url: str | None) -> float:
    """pyHanko as its manual shows it, with the same key, field, algorithm and authority."""
    load: Any = SimpleSigner.load_pkcs12
    signer = load(
        str(pki.key_file(cast.DIRECTOR.label)), passphrase=cast.PIN.encode(), prefer_pss=True
    )
    told = PdfSignatureMetadata(
        field_name=_FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    stamper = Authority(timestamp_url) if timestamp_url else None

    def once() -> None:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signers.sign_pdf(writer, told, signer, timestamper=stamper, existing_fields_only=True)

    return per_cpu_second(once, SLOW_TIMES)


def _of_dss(pki: Pki, files: Mapping[str, bytes], directory: Path) -> dict[str, dict[str, float]]:
    """By size: signatures per CPU-second of DSS's process, and of its signing thread alone.

    Empty where DSS cannot be had.
    """
    places = []
    for number, pdf in enumerate(files.values()):
        place = directory / f"plain-{number}.pdf"
        place.write_bytes(pdf)
        places.append(str(place))
    key = str(pki.key_file(cast.DIRECTOR.label))
    try:
        told = dss.run("Sign.java", key, cast.PIN, str(TIMES // 4), *places)
    except dss.DssMissing as missing:
        print(f"without EU DSS: {missing}", file=sys.stderr)
        return {}
    found: dict[str, dict[str, float]] = {}
    for size, line in zip(files, told.splitlines(), strict=True):
        thread_ms, process_ms = map(float, line.split())
        found[size] = {
            "EU DSS 6.3": 1000 / process_ms,
            "EU DSS 6.3, its thread alone": 1000 / thread_ms,
        }
    return found


# Verifying


def _verifying(pki: Pki, pdf: bytes, directory: Path) -> Iterator[Figure]:
    trust = papers.trust(pki)
    with cast.key_store(pki, cast.DIRECTOR).open(cast.PIN) as key:
        plain, stamped = sign(key, pdf, None), sign(key, pdf, pki.timestamp_url)
    levels = {"B-B": plain, "B-T": stamped, "B-LTA": papers.archive(pki, stamped)}
    life = papers.whole_life(pki)
    levels |= {"B-LTA, two signatures, one page": life.archived}
    at = clock.now()
    # As the process does that verifies what comes from outside (`signing.bounded`).
    gc.freeze()
    for level, signed in levels.items():
        file = directory / "signed.pdf"
        file.write_bytes(signed)
        ours = per_cpu_second(
            partial(verification.verify_pdf, signed, trust=trust, at=at), SLOW_TIMES
        )
        peers = {"to reach: 100 ms": 10.0}
        if shutil.which("pdfsig"):
            peers["pdfsig, without chain"] = _of_pdfsig(file)
        for peer, value in peers.items():
            yield _rate(f"verify {level}", ours, peer, value, SLOW_TIMES, what="verifications")


def _of_pdfsig(file: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(SLOW_TIMES):
        subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return SLOW_TIMES / took


# Memory


def _memory(pki: Pki, directory: Path) -> Iterator[Figure]:
    large = directory / "large.pdf"
    large.write_bytes(paper(LARGE_BYTES))
    limit = Peer("to reach", 150.0)
    for step in ("sign", "verify"):
        peak = _peak_mb(step, pki.directory, large)
        size = large.stat().st_size / 2**20
        yield Figure(f"memory to {step}", "MB at most", peak, limit, f"a file of {size:.0f} MB")


def _peak_mb(step: str, pki_directory: Path, file: Path) -> float:
    """The largest resident memory of a process that does this step alone."""
    command = [sys.executable, "-m", "benchmarks.large_file", step, str(pki_directory), str(file)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=dict(os.environ), cwd=_ROOT
    )
    return float(done.stdout)


# Paper


def paper(size_bytes: int) -> bytes:
    """Pages of text of about 200 KB; what is more is a scan that is attached to them."""
    words = " ".join(f"học sinh {number * 7919 % 99991} điểm môn" for number in range(130))
    body = "\n#pagebreak()\n".join(f"Trang {page}. {words}" for page in range(1, _PAGES + 1))
    pages = typst.compile(
        (
            '#set page(width: 210mm, height: 297mm)\n#set text(font: "Tinos", lang: "vi")\n' + body
        ).encode(),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)]),
        format="pdf",
        timestamp=int(papers.SIGNED_AT.timestamp()),
    )
    page = pdf_fields.add_fields(pages, [Placeholder(_FIELD, Kind.SIGNATURE, 1, 330, 500, 0, 0)])
    missing = size_bytes - len(page)
    if missing <= 0:
        return page
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(page)) as file:
        for number, start in enumerate(range(0, missing, _PIECE_BYTES)):
            scan = os.urandom(min(_PIECE_BYTES, missing - start))
            file.Root[f"/Scan{number}"] = file.make_stream(scan)
        file.save(out, compress_streams=False)
    return out.getvalue()


# Measuring


def per_cpu_second(work: Callable[[], object], times: int) -> float:
    """How often the work can be done in a second of CPU time of this process; warmed up."""
    for _ in range(max(2, times // 10)):
        work()
    # What was thrown away before is not collected at the expense of what is measured.
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        work()
    return times / (time.process_time() - begun)


def _rate(
    name: str, ours: float, peer: str, value: float, times: int, *, what: str = "signatures"
) -> Figure:
    return Figure(name, f"{what}/CPU-s", ours, Peer(peer, value), f"{times}, {1000 / ours:.2f} ms")


def _chain(pki: Pki) -> tuple[bytes, ...]:
    return cast.key_store(pki, cast.DIRECTOR).identity().chain
