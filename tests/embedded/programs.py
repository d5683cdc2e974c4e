"""Small real programs for the supervisor to keep, and ways to look at processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from eoffice.embedded.supervisor import Program

#: How long a test waits for something that must happen; nothing is asserted about the time.
WITHIN_S = 30.0


def python(name: str, code: str, ready_file: Path, **particulars: object) -> Program:
    """A program in Python that is ready once it has made the file."""
    argv = (sys.executable, "-I", "-c", code, str(ready_file))
    return Program(name, argv, ready_file.exists, **particulars)  # type: ignore[arg-type]


SLEEPER = """
import pathlib, sys, time
print("hello from the program", flush=True)
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
"""

#: Ignores the polite signal.
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPER

#: Leaves a child behind that would outlive it.
PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-I", "-c", "import time; time.sleep(600)"])
made = pathlib.Path(sys.argv[1])
made.with_suffix(".child").write_text(str(child.pid))
made.touch()
time.sleep(600)
"""

#: Ends at once, with a word about why.
FAILING = """
print("cannot find my configuration", flush=True)
raise SystemExit(3)
"""

#: Gets ready, then ends.
SHORT_LIVED = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).touch()
time.sleep(0.2)
print("I give up", flush=True)
"""


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold in reasonable time."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def is_alive(process_id: int) -> bool:
    """Whether the process runs; a zombie that nobody collected does not."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def kill(process_id: int) -> None:
    os.kill(process_id, signal.SIGKILL)
