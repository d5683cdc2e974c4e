"""A program that runs on content of strangers is bounded and knows nothing of the office."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from eoffice.files import bounded
from eoffice.files.bounded import ChildFailed


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", program)


def test_it_answers_what_it_is_given() -> None:
    echo = python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])")
    assert bounded.run(echo, content=b"abc") == b"cba"


def test_it_does_not_see_the_environment_of_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EOFFICE_SECRET_KEY", "geheim")
    seen = json.loads(bounded.run(python("import os, json; print(json.dumps(dict(os.environ)))")))
    assert "EOFFICE_SECRET_KEY" not in seen


def test_too_much_memory_ends_it() -> None:
    with pytest.raises(ChildFailed, match="MemoryError"):
        bounded.run(python("x = b'1' * (1 << 30)"), memory_mib=256)


def test_too_much_work_ends_it() -> None:
    with pytest.raises(ChildFailed):
        bounded.run(python("while True: pass"), seconds=1)


def test_waiting_without_working_ends_it_and_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    with pytest.raises(ChildFailed, match="killed"):
        bounded.run(python(program), seconds=1)
    # The signal was sent; on a busy machine it takes a moment to be obeyed.
    for _ in range(100):
        if not _is_running(int(note.read_text())):
            break
        time.sleep(0.05)
    assert not _is_running(int(note.read_text()))


def test_its_complaint_is_told() -> None:
    with pytest.raises(ChildFailed, match="exit 1: ValueError: no"):
        bounded.run(python("raise ValueError('no')"))


def _is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    # A killed orphan waits for its new parent to bury it.
    return status.rpartition(")")[2].split()[0] != "Z" and os.getpid() != pid
