"""`eoffice-agent` that does not wait between two attempts: `python -m tests.agent.hurried`."""

from __future__ import annotations

import sys
from unittest import mock

from eoffice.agent_program.__main__ import run

if __name__ == "__main__":
    with mock.patch("time.sleep"):
        sys.exit(run())
