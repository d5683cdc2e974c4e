"""The end of the supervisor, however it comes, is the end of its programs.

Runs alone, on the standard library: `python -I -S guard.py`. It reads lines `+PID SIGNAL` and
`-PID` from the supervisor through a pipe. When the pipe closes, the supervisor is gone: the
process groups that are still named get their signal, then, after a bounded time, SIGKILL.

Chosen over PR_SET_PDEATHSIG because that reaches only the direct child and is tied to the life of
the thread that made it; pools of worker processes would stay behind.
"""

from __future__ import annotations

import os
import signal
import sys
import time

PATIENCE_S = 6.0


def send(group: int, number: int) -> bool:
    """Whether anybody in the group was still there to get the signal."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(groups: dict[int, int]) -> None:
    """Ask all groups at once, wait, insist."""
    for group, number in groups.items():
        send(group, number)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and any(send(group, 0) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        words = line[1:].split()
        if line.startswith("+"):
            groups[int(words[0])] = int(words[1])
        else:
            groups.pop(int(words[0]), None)
    end(groups)


if __name__ == "__main__":
    main()
