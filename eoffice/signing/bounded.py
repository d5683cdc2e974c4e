"""Verification in a child process with limits of time and memory, for files from outside.

A small file can unpack to gigabytes or send a parser in circles; the child then ends, and the
verdict says that the file cannot be checked. The child gets neither settings nor secrets.
"""

from __future__ import annotations

import gc
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from eoffice.settings import REVOCATION_HOSTS
from eoffice.signing import kept_answers, policy
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.signing.verification import FILLABLE, verify_pdf

CPU_S = 30
MEMORY_BYTES = 1536 * 1024 * 1024
#: Longer than the processor time: with `online` the child waits for authorities.
WALL_S = 90

_PACKAGES = Path(__file__).parents[2]


def verify_pdf_bounded(
    given: bytes | BinaryIO,
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
        "trust": trust.to_json(),
        "at": at.isoformat(),
        "online": online,
        "fillable": sorted(fillable),
        "cpu_s": cpu_s,
        "memory_bytes": memory_bytes,
    }
    environment = {"PYTHONPATH": str(_PACKAGES), "PATH": os.defpath, "PYTHONUTF8": "1"}
    for name in (policy.VARIABLE, REVOCATION_HOSTS, kept_answers.VARIABLE):
        if value := os.environ.get(name):
            environment[name] = value
    try:
        with _on_disk(given) as file:
            done = subprocess.run(
                [sys.executable, "-m", "eoffice.signing.bounded", str(file.fileno())],
                input=json.dumps(order).encode("ascii"),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                pass_fds=[file.fileno()],
                timeout=wall_s,
                check=True,
            )
        return Verdict.from_json(json.loads(done.stdout))
    except (subprocess.SubprocessError, ValueError):
        return Verdict(
            Finding.UNVERIFIABLE,
            "Tệp quá phức tạp hoặc bị hỏng nên không kiểm tra được trong giới hạn cho phép.",
        )


@contextmanager
def _on_disk(given: bytes | BinaryIO) -> Iterator[BinaryIO]:
    """A file that a child can inherit; it shares its position with ours."""
    if not isinstance(given, bytes | io.BytesIO):
        try:
            yield given
        finally:
            # The child has moved the position, of which a buffer here knows nothing: going to the
            # end is the one move that asks the system and throws the buffer away.
            given.seek(0, os.SEEK_END)
        return
    with tempfile.TemporaryFile() as file:
        file.write(given if isinstance(given, bytes) else given.getbuffer())
        file.flush()
        yield file


def _limit(cpu_s: int, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """The child: an order on standard input, the file behind a descriptor."""
    order = json.load(sys.stdin)
    _limit(order["cpu_s"], order["memory_bytes"])
    # What was imported stays: to look through it again and again costs a tenth of the time.
    gc.freeze()
    verdict = verify_pdf(
        os.fdopen(int(sys.argv[1]), "rb"),
        trust=TrustStore.from_json(order["trust"]),
        at=datetime.fromisoformat(order["at"]),
        online=order["online"],
        fillable=frozenset(order["fillable"]),
    )
    json.dump(verdict.to_json(), sys.stdout)


if __name__ == "__main__":
    main()
