"""Running a program on content of strangers: bounded in memory, time and what it may know.

Parsers of PDF and Word files abort, hang or eat memory on hostile input (a nested Flate bomb of
3.6 KB takes 3 GiB). Each runs in a child of its own that can be lost. The child sees none of the
process's environment, where secrets are.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_LIMITED_EXEC: Final = Path(__file__).with_name("limited_exec.py")
MEBIBYTE: Final = 1 << 20


class ChildFailed(Exception):
    """The program died, was killed at a limit, or said no."""


def run(
    command: Sequence[str],
    *,
    content: bytes = b"",
    memory_mib: int = 1536,
    seconds: int = 20,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> bytes:
    """What the program writes to its standard output when it is given `content`.

    `seconds` bounds both processor time and, doubled, the time on the wall; then the program and
    all that it started are killed. Raises ChildFailed.
    """
    limited = (sys.executable, "-I", "-S", str(_LIMITED_EXEC), str(memory_mib * MEBIBYTE))
    with subprocess.Popen(
        [*limited, str(seconds), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", **(environment or {})},
        cwd=directory,
        start_new_session=True,
    ) as child:
        try:
            answer, complaint = child.communicate(content, timeout=2 * seconds)
        except subprocess.TimeoutExpired as timeout:
            raise ChildFailed(f"killed after {2 * seconds} s") from timeout
        finally:
            _kill_session(child.pid)
    if child.returncode != 0:
        last = complaint.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
        raise ChildFailed(f"exit {child.returncode}: {last[0][:200]}")
    return answer


def _kill_session(leader: int) -> None:
    """End the child and whatever it started; nothing is left when it already ended."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
