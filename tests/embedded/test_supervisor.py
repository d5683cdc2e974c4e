"""Programs run as long as their supervisor, are started again when they end, and leave nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.embedded import supervisor as supervising
from eoffice.embedded.failures import AlreadyRunning, CrashLoop, DidNotStart, LibraryMissing
from eoffice.embedded.supervisor import Patience, Program, Supervisor
from tests.embedded import programs
from tests.embedded.programs import eventually, is_alive

HASTY = Patience(first_pause_s=0.01, longest_pause_s=0.02, ends_to_give_up=3)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "var", signals=False, patience=HASTY) as running:
        yield running


def running_id(supervisor: Supervisor, name: str) -> int:
    process_id = supervisor.process_id(name)
    assert process_id is not None
    return process_id


def test_a_started_program_is_ready_logged_and_noted(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(programs.python("web", programs.SLEEPER, tmp_path / "ready"))

    process_id = running_id(supervisor, "web")
    noted = (supervisor.var / "run" / "web.pid").read_text().splitlines()[0]
    assert noted == str(process_id)
    assert "hello from the program" in (supervisor.var / "log" / "web.log").read_text()


def test_a_killed_program_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(programs.python("web", programs.SLEEPER, tmp_path / "ready"))
    first = running_id(supervisor, "web")

    programs.kill(first)

    assert eventually(lambda: supervisor.process_id("web") not in {first, None})


def test_what_a_killed_program_left_ends_before_the_next_one_starts(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(programs.python("worker", programs.PARENT, tmp_path / "ready"))
    child = int((tmp_path / "ready.child").read_text())
    assert is_alive(child)

    programs.kill(running_id(supervisor, "worker"))

    assert eventually(lambda: not is_alive(child))


def test_a_program_that_keeps_ending_stops_everything_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start(programs.python("web", programs.SHORT_LIVED, tmp_path / "ready"))

    with pytest.raises(CrashLoop, match=r"3 lần liên tiếp(.|\n)*I give up"):
        supervisor.run_until_stopped()


def test_a_program_that_ends_while_it_starts_is_reported_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    program = programs.python("web", programs.FAILING, tmp_path / "never", title="Trang web")

    with pytest.raises(DidNotStart, match=r"Trang web không khởi động được(.|\n)*configuration"):
        supervisor.start(program)


def test_a_program_that_never_gets_ready_is_ended_and_reported(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    argv = (sys.executable, "-I", "-c", programs.SLEEPER, str(tmp_path / "made"))
    program = Program("web", argv, is_ready=lambda: False, ready_within_s=1.0)

    with pytest.raises(DidNotStart, match="hello from the program"):
        supervisor.start(program)

    assert supervisor.process_id("web") is None


def test_a_start_that_fails_only_for_a_moment_is_tried_again(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    obstacle = tmp_path / "obstacle"
    code = (
        "import pathlib, sys, time\n"
        f"obstacle = pathlib.Path({str(obstacle)!r})\n"
        "if not obstacle.exists():\n"
        "    obstacle.touch()\n"
        "    sys.exit('still in use')\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(600)\n"
    )

    supervisor.start(
        programs.python("postgres", code, tmp_path / "ready", retry_first_start_s=30.0)
    )

    assert supervisor.process_id("postgres") is not None


def test_a_program_that_is_not_installed_is_named(supervisor: Supervisor) -> None:
    program = Program("store", ("/nowhere/weed",), lambda: True, title="Kho lưu trữ tệp")

    with pytest.raises(LibraryMissing, match="Kho lưu trữ tệp vì máy này thiếu /nowhere/weed"):
        supervisor.start(program)


def test_a_library_that_is_not_installed_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    said = "weed: error while loading shared libraries: libz.so.1: cannot open shared object file"
    program = programs.python("web", f"raise SystemExit({said!r})", tmp_path / "never")

    with pytest.raises(LibraryMissing, match=r"thiếu libz\.so\.1\."):
        supervisor.start(program)


def test_stopping_ends_the_last_started_first(tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import pathlib, signal, sys, time\n"
        "name = sys.argv[1]\n"
        "def end(*_):\n"
        f"    with open({str(order)!r}, 'a') as out: out.write(pathlib.Path(name).name + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "pathlib.Path(name).touch()\n"
        "while True: time.sleep(0.1)\n"
    )
    with Supervisor(tmp_path / "var", signals=False) as supervisor:
        for name in ("database", "broker", "web"):
            supervisor.start(programs.python(name, code, tmp_path / name))

    assert order.read_text() == "web broker database "


def test_stopping_leaves_no_process_however_stubborn(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "var", signals=False) as supervisor:
        supervisor.start(programs.python("parent", programs.PARENT, tmp_path / "parent"))
        supervisor.start(
            programs.python("stubborn", programs.STUBBORN, tmp_path / "stub", stop_within_s=0.3)
        )
        members = [running_id(supervisor, name) for name in ("parent", "stubborn")]
        members.append(int((tmp_path / "parent.child").read_text()))

    assert eventually(lambda: not any(is_alive(member) for member in members))
    assert list((tmp_path / "var" / "run").glob("*.pid")) == []


def test_one_program_can_be_stopped_alone(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(programs.python("once", programs.SLEEPER, tmp_path / "ready"))
    process_id = running_id(supervisor, "once")

    supervisor.stop("once")

    assert not is_alive(process_id)


def test_a_second_supervisor_of_the_same_directory_is_refused(supervisor: Supervisor) -> None:
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        Supervisor(supervisor.var, signals=False).__enter__()


def test_what_a_killed_supervisor_left_is_ended_at_the_next_start(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "run").mkdir(parents=True)
    argv = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(argv, start_new_session=True) as left:
        started = supervising.started_at(left.pid)
        (var / "run" / "web.pid").write_text(f"{left.pid}\n{started}\n")
        collector = threading.Thread(target=left.wait)
        collector.start()

        with Supervisor(var, signals=False):
            collector.join(programs.WITHIN_S)

    assert left.returncode == -signal.SIGTERM


def test_another_process_that_got_the_same_id_is_left_alone(tmp_path: Path) -> None:
    var = tmp_path / "var"
    (var / "run").mkdir(parents=True)
    (var / "run" / "web.pid").write_text(f"{os.getpid()}\n1\n")

    with Supervisor(var, signals=False):
        assert not (var / "run" / "web.pid").exists()


def test_a_log_is_cut_when_it_grew_too_long(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (supervising.LOG_BYTES + 1))

    supervising.bound_log(log)

    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").stat().st_size == supervising.LOG_BYTES + 1


#: A supervisor of its own process, with one program that has a child.
OFFICE = """
import sys
from pathlib import Path
from eoffice.embedded.supervisor import Supervisor
from tests.embedded import programs
home = Path(sys.argv[1])
with Supervisor(home / "var") as supervisor:
    supervisor.start(programs.python("parent", programs.PARENT, home / "ready"))
    (home / "up").write_text(str(supervisor.process_id("parent")))
    supervisor.run_until_stopped()
print("stopped in order")
"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", OFFICE, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    ) as process:
        assert eventually((tmp_path / "up").exists)
        time.sleep(0.05)
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(
    office: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    members = [int((tmp_path / name).read_text()) for name in ("up", "ready.child")]

    office.send_signal(number)

    said, _ = office.communicate(timeout=programs.WITHIN_S)
    assert said.endswith("stopped in order\n")
    assert office.returncode == 0
    assert eventually(lambda: not any(is_alive(member) for member in members))


def test_programs_end_with_a_supervisor_that_was_killed(
    office: subprocess.Popen[str], tmp_path: Path
) -> None:
    members = [int((tmp_path / name).read_text()) for name in ("up", "ready.child")]

    office.kill()

    assert eventually(lambda: not any(is_alive(member) for member in members))
