"""Which files of tests go first when several processes share them.

A process takes whole files. A file of minutes that is taken last leaves the other processes idle,
so the longest come first. Those that mostly wait (an office that starts again after a kill) stand
between those that compute, because two offices at a time are enough for one machine.
"""

from __future__ import annotations

from pathlib import Path

#: Longest by measurement (`pytest --durations=400`), waiting and computing in turn.
FILES = (
    "tests/scenarios/test_kill9.py",
    "tests/registers/test_batch_signing.py",
    "tests/scenarios/test_story.py",
    "tests/desk/test_signing_look.py",
    "tests/registers/test_signatures.py",
    "tests/scenarios/test_browser.py",
    "tests/desk/test_look.py",
    "tests/filing/test_transfer_look.py",
    "tests/scenarios/test_exchange.py",
    "tests/documents/test_look.py",
    "tests/filing/test_case_look.py",
    "tests/scenarios/test_start.py",
    "tests/marks/test_look.py",
    "tests/routing/test_look.py",
    "tests/filing/test_hold_look.py",
    "tests/routing/test_killed.py",
    "tests/security/test_sessions.py",
    "tests/filing/test_closing_signatures.py",
    "tests/filing/test_closing_notes.py",
)
#: Folders whose tests set, sign and seal whole books.
FOLDERS = ("registers", "reports", "transfers", "extracts", "rolls")


def place(file: Path) -> int:
    """Smaller is earlier; the path is relative to the project. Equal places keep their order."""
    name = file.as_posix()
    if name in FILES:
        return FILES.index(name)
    if file.stem.endswith("_look"):
        return len(FILES)
    return len(FILES) + (1 if file.parent.name in FOLDERS else 2)
