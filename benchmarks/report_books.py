"""Report books of a province: parts set, signed and sealed here, told for 300,000 of them.

Processor time of this process alone, each part another pupil's, as the worker makes them: data,
XML, pages, fields; then homeroom teacher, principal and seal, each with the key opened by its PIN
and a time-stamp from a process of its own. Neither database nor object store; the year's end of a
whole office is `year_end`. `EOFFICE_BENCHMARK_PARTS=100` measures 100 in place of 3,000.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

import typst
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from benchmarks.figures import Figure, Peer
from benchmarks.signing import trust_services
from eoffice.embedded.pki import Pki
from eoffice.printing import typesetting
from eoffice.registers.kinds import rendering, table
from eoffice.registers.kinds.report_part import ReportPart
from eoffice.registers.kinds.table import RegisterKind
from eoffice.reports import sources
from eoffice.signing.appearance import Handwriting, Seal
from eoffice.signing.pades import Purpose
from tests import pki as cast
from tests.registers import register_cast
from tests.signing import papers

PARTS: Final = int(os.environ.get("EOFFICE_BENCHMARK_PARTS", "3000"))
OF_A_PROVINCE: Final = 300_000
#: The bare work is much the same for every part.
MOST_OF_PEER: Final = 200


@dataclass(slots=True)
class _Spent:
    """Seconds of processor time of all parts so far, by step."""

    setting: float = 0.0
    signing: float = 0.0
    sealing: float = 0.0
    pages: int = 0
    bytes_unsigned: int = 0
    bytes_sealed: int = 0
    began: float = field(default_factory=time.perf_counter)


def measure() -> Sequence[Figure]:
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as directory:
        office_clock = Path(directory) / "clock.json"
        with (
            cast.office_clock(office_clock, papers.SIGNED_AT),
            trust_services(Path(directory) / "pki") as pki,
        ):
            # Fonts, forms and keys are read once by every worker.
            _make(next(parts()), pki, _Spent())
            spent = _Spent()
            for number, part in enumerate(islice(parts(), PARTS), start=1):
                _make(part, pki, spent)
                if number % 500 == 0:
                    print(f"  {number} of {PARTS}", flush=True)
            return list(_figures(spent, time.perf_counter() - spent.began))


def parts(*, first: int = 1) -> Iterator[ReportPart]:
    """Pupil after pupil of class after class, from this class on; no two are the same."""
    for seed in count(first):
        register = register_cast.roll_book_of(seed=seed)
        for place in range(len(register.pupils)):
            yield register_cast.report_part_of(register, place=place)


def _make(part: ReportPart, pki: Pki, spent: _Spent) -> None:
    begun = time.process_time()
    made = sources.make(part, None, made_at=register_cast.MADE_AT)
    set_at = time.process_time()
    pdf = made.pdf
    for place, who in (("homeroom", cast.TEACHER), ("principal", cast.DIRECTOR)):
        pdf = papers.sign(pki, pdf, place, who, appearance=Handwriting(who.common_name))
    signed_at = time.process_time()
    seal = Seal(part.school.name, "Ủy ban nhân dân tỉnh Đồng Tháp", papers.SIGNED_AT)
    pdf = papers.sign(
        pki, pdf, "school_seal", cast.SEAL, purpose=Purpose.SEAL, appearance=seal, capacity="Dấu"
    )
    spent.setting += set_at - begun
    spent.signing += signed_at - set_at
    spent.sealing += time.process_time() - signed_at
    spent.pages += made.page_count
    spent.bytes_unsigned += len(made.pdf)
    spent.bytes_sealed += len(pdf)


def _figures(spent: _Spent, wall_s: float) -> Iterator[Figure]:
    samples = f"{PARTS} different, mean"
    peers = min(PARTS, MOST_OF_PEER)
    bare_page = _bare_pages(peers)
    raw = _raw_signature(peers)
    steps = {
        f"set, {spent.pages / PARTS:.1f} pages, data and XML inside": (
            spent.setting,
            Peer("the same pages, typst alone", 1 / bare_page),
        ),
        "signed by two people": (spent.signing, Peer("two raw RSA-2048 signatures", 1 / (2 * raw))),
        "sealed": (spent.sealing, Peer("one raw RSA-2048 signature", 1 / raw)),
    }
    for name, (seconds, peer) in steps.items():
        yield Figure(f"parts {name}", "parts/s per core", PARTS / seconds, peer, samples)
    yield Figure(
        "pages set",
        "pages/s per core",
        spent.pages / spent.setting,
        Peer("the same pages, typst alone", spent.pages / PARTS / bare_page),
        samples,
    )
    whole = spent.setting + spent.signing + spent.sealing
    least = bare_page + 3 * raw
    all_of_it = Peer("pages by typst alone and three raw signatures", 1 / least)
    yield Figure("parts set, signed, sealed", "parts/s per core", PARTS / whole, all_of_it, samples)
    yield Figure(
        f"{OF_A_PROVINCE:,} parts, from {PARTS}",
        "hours of one core",
        whole / PARTS * OF_A_PROVINCE / 3600,
        Peer("pages by typst alone and three raw signatures", least * OF_A_PROVINCE / 3600),
        "extrapolated",
    )
    yield Figure(
        "part with three signatures",
        "KiB",
        spent.bytes_sealed / PARTS / 1024,
        Peer("unsigned", spent.bytes_unsigned / PARTS / 1024),
        samples,
    )
    yield Figure(
        "processor time of this process in all of it",
        "s",
        whole,
        Peer("wall, with the time-stamp authority and inventing pupils", wall_s),
        samples,
    )


def _bare_pages(times: int) -> float:
    """Seconds of one part's pages from its sheets by the typesetter: no data inside, no fields."""
    kind = table.BY_KIND[RegisterKind.REPORT_PART]
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(typesetting.FONTS)])
    # Of other pupils: the typesetter remembers what it has set.
    sheets = [
        rendering.laid_out(table.data_of(kind, part, made_at=register_cast.MADE_AT))
        for part in islice(parts(first=1_000_000), times)
    ]
    begun = time.process_time()
    for one in sheets:
        # The stubs of the library know paths and bytes only; it takes names with bytes too.
        given: Any = {
            "main.typ": (rendering.FORMS / kind.form).read_bytes(),
            "register.typ": (rendering.FORMS / "register.typ").read_bytes(),
            "fields.typ": (typesetting.FORMS / "fields.typ").read_bytes(),
            "data.json": json.dumps(one).encode(),
            rendering.DATA_FILE: b"{}",
            rendering.XML_FILE: b"<register/>",
        }
        typst.compile(given, font_paths=fonts, format="pdf", pdf_standards="a-3b", pdf_tags=False)
    return (time.process_time() - begun) / times


def _raw_signature(times: int) -> float:
    """Seconds of one signature over a few bytes, with a key that is open."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    begun = time.process_time()
    for _ in range(times):
        key.sign(b"part of a report book", pss, hashes.SHA256())
    return (time.process_time() - begun) / times
