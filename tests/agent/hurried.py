"""`eoffice-agent` that does not wait between two attempts: `python -m tests.agent.hurried`."""

from __future__ import annotations

import sys
import time

from eoffice.agent_program.__main__ import run


def _no_pause(_seconds: float) -> None:
    pass


if __name__ == "__main__":
    time.sleep = _no_pause
    sys.exit(run())
