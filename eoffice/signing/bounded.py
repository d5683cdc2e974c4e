"""Verification in a child process with limits of time and memory, for files from outside.

A small file can unpack to gigabytes or send a parser in circles; the child then ends, and the
verdict says that the file cannot be checked. The child gets neither settings nor secrets.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from collections.abc import Set
from datetime import datetime
from pathlib import Path

from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.signing.verification import FILLABLE, verify_pdf

CPU_S = 30
MEMORY_BYTES = 1536 * 1024 * 1024
#: Longer than the processor time: with `online` the child waits for authorities.
WALL_S = 90

_PACKAGES = Path(__file__).parents[2]


def verify_pdf_bounded(
    data: bytes,
    *,
    trust: TrustStore,
    at: datetime,
    online: bool = False,
    fillable: Set[str] = FILLABLE,
    cpu_s: int = CPU_S,
    memory_bytes: int = MEMORY_BYTES,
    wall_s: float = WALL_S,
) -> Verdict:
    """The same as `verify_pdf`, whatever the file does. Costs about a second to start."""
    order = {
        "anchors": [base64.b64encode(one).decode("ascii") for one in trust.anchors],
        "at": at.isoformat(),
        "online": online,
        "fillable": sorted(fillable),
        "cpu_s": cpu_s,
        "memory_bytes": memory_bytes,
    }
    environment = {"PYTHONPATH": str(_PACKAGES), "PATH": os.defpath, "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "eoffice.signing.bounded"],
            input=json.dumps(order).encode("ascii") + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=wall_s,
            check=True,
        )
        return Verdict.from_json(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError):
        return Verdict(
            Finding.UNVERIFIABLE,
            "Tệp quá phức tạp hoặc bị hỏng nên không kiểm tra được trong giới hạn cho phép.",
        )


def _limit(cpu_s: int, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """The child: an order on the first line of standard input, then the file."""
    order = json.loads(sys.stdin.buffer.readline())
    _limit(order["cpu_s"], order["memory_bytes"])
    verdict = verify_pdf(
        sys.stdin.buffer.read(),
        trust=TrustStore(tuple(base64.b64decode(one) for one in order["anchors"])),
        at=datetime.fromisoformat(order["at"]),
        online=order["online"],
        fillable=frozenset(order["fillable"]),
    )
    json.dump(verdict.to_json(), sys.stdout)


if __name__ == "__main__":
    main()
