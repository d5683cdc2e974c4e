"""Samples, figures, and the table and file in which they are told."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Peer:
    """What the figure is held against: the bare work below it, measured in the same run."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    unit: str
    value: float
    peer: Peer
    #: How many were measured, and what each sample is.
    samples: str

    @property
    def ratio(self) -> float:
        return self.value / self.peer.value if self.peer.value else float("nan")


@dataclass(slots=True)
class Samples:
    """Durations in seconds, in the order in which they were taken."""

    seconds: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds.append(time.perf_counter() - begun)

    @property
    def median_ms(self) -> float:
        return self.percentile_ms(50)

    def percentile_ms(self, percent: int) -> float:
        """The nearest sample at or above; of few samples the 95th percentile is the slowest."""
        ordered = sorted(self.seconds)
        place = min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))
        return ordered[place] * 1000

    @property
    def per_second(self) -> float:
        return len(self.seconds) / sum(self.seconds)


def repeated(work: Callable[[], object], *, times: int, warm_up: int = 1) -> Samples:
    """Do the work again and again; the first runs are not counted."""
    for _ in range(warm_up):
        work()
    samples = Samples()
    for _ in range(times):
        with samples.one():
            work()
    return samples


def tell(name: str, figures: Sequence[Figure], *, took_s: float, load_before: float) -> Path:
    """Print the table and write the file; returns the file."""
    rows = [("figure", "value", "unit", "peer or limit", "value", "ratio", "samples")]
    rows += [
        (
            each.name,
            _number(each.value),
            each.unit,
            each.peer.name,
            _number(each.peer.value),
            _number(each.ratio),
            each.samples,
        )
        for each in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{name}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    file = Path(os.environ.get("EOFFICE_VAR", "var")) / "benchmarks" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "benchmark": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took_s": round(took_s, 1),
        "machine": machine(load_before),
        "figures": [{**asdict(each), "ratio": each.ratio} for each in figures],
    }
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"  -> {file}")
    return file


def machine(load_before: float) -> dict[str, object]:
    """What somebody needs to compare figures of two machines."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(memory / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {
            name: version(name)
            for name in ("litestar", "granian", "sqlalchemy", "psycopg", "pyhanko", "typst")
        },
        "commit": _commit(),
        #: Mean number of runnable processes in the minute before: above `processors`, others
        #: were using the machine too.
        "load_before": load_before,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
