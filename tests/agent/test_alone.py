"""The program needs little, knows where drivers lie, and reads an office's answers strictly."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from eoffice.agent_program import tokens
from eoffice.agent_program.office import Office, OfficeRefuses, OfficeUnreachable
from eoffice.agent_program.tokens import TokenTrouble

#: Run where nothing else has been imported: what the program brings with it, by its first name.
WHAT_IT_LOADS = """
import sys
for absent in ("litestar", "sqlalchemy", "pyhanko", "cryptography", "msgspec", "httpx"):
    sys.modules[absent] = None
before = set(sys.modules)
from eoffice.agent_program import (
    __main__, batch, examining, keeping, loopback, made, office, tokens
)
found = {
    name.partition(".")[0]
    for name, module in sys.modules.items()
    if name not in before and getattr(module, "__file__", None)
}
print(*sorted(found - set(sys.stdlib_module_names)))
"""
REQUEST = {
    "id": "0190a2b3-0000-7000-8000-000000000001",
    "title": "Công văn",
    "capacity": "ký",
    "agency": "Sở",
    "expires_at": "2018-08-14T00:00:00Z",
    "sha256": "0" * 64,
    "place_start": 1,
    "place_end": 2,
    "mechanism": "rsa-pss-sha256",
    "document_digest": "",
    "signed_attributes": "",
    "certificate": "",
}


def test_the_program_runs_with_two_libraries_and_nothing_of_the_office() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WHAT_IT_LOADS],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    loaded = {each for each in done.stdout.split() if not each.startswith("_cython")}
    assert loaded == {"asn1crypto", "eoffice", "pkcs11"}


@pytest.mark.parametrize(
    ("platform", "kind"),
    [("darwin", PurePosixPath), ("linux", PurePosixPath), ("win32", PureWindowsPath)],
)
def test_each_system_has_places_of_drivers(
    platform: str,
    kind: type[PurePosixPath] | type[PureWindowsPath],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.path.expandvars", lambda path: path.replace("%SystemRoot%", "C:\\W"))
    monkeypatch.setenv("ProgramFiles", "C:\\P")
    places = tokens.usual(platform)
    assert len(places) >= 3
    assert len(set(places)) == len(places)
    for each in places:
        assert kind(each.replace("%ProgramFiles%", "C:\\P")).is_absolute()


def test_the_places_of_drivers_say_that_they_are_from_memory() -> None:
    known = json.loads(Path(tokens.__file__).with_name("libraries.json").read_text("utf-8"))
    assert "from memory" in known["note"]
    assert "--library" in known["note"]


def test_a_library_that_is_named_is_used_instead_of_the_known_ones(tmp_path: Path) -> None:
    own = tmp_path / "own.so"
    own.touch()
    assert tokens.libraries(str(own)) == (own,)
    with pytest.raises(TokenTrouble, match="--library"):
        tokens.libraries(str(tmp_path / "absent.so"))


@contextmanager
def answering(status: int, body: object) -> Iterator[Office]:
    """An office that answers everything with this."""
    content = json.dumps(body).encode()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Office(f"http://127.0.0.1:{server.server_address[1]}", "token")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "body",
    [
        [REQUEST | {"id": "../../.ssh/authorized_keys"}],
        [REQUEST | {"place_start": None}],
        [REQUEST | {"certificate": "?"}],
        [REQUEST | {"certificate": 7}],
        [{}],
        ["x"],
        7,
        None,
    ],
)
def test_an_answer_that_is_no_list_of_requests_is_not_used(body: object) -> None:
    with answering(200, body) as office, pytest.raises(OfficeUnreachable, match="không đọc được"):
        office.to_sign()


def test_a_title_cannot_command_the_terminal() -> None:
    with answering(200, [REQUEST | {"title": "Công\x1b[2J văn\r\nKý"}]) as office:
        (found,) = office.to_sign()
    assert found.title == "Công [2J văn  Ký"


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [{"id": REQUEST["id"]}],
        [{"id": "x", "taken": True, "detail": ""}],
        [{"id": "0190a2b3-0000-7000-8000-000000000002", "taken": True, "detail": ""}],
        {},
        None,
    ],
)
def test_what_was_taken_is_said_of_each_signature_or_not_believed(answer: object) -> None:
    with answering(200, answer) as office, pytest.raises(OfficeUnreachable):
        office.bring({str(REQUEST["id"]): b"value"})


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_an_office_that_could_not_is_asked_again_later(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    with answering(status, {"detail": "Hãy thử lại sau."}) as office:
        with pytest.raises(OfficeUnreachable, match="thử lại sau"):
            office.to_sign()
    assert waited == [1.0, 3.0, 9.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_an_office_that_says_no_is_not_asked_again(status: int) -> None:
    with answering(status, {"detail": "Không."}) as office:
        with pytest.raises(OfficeRefuses, match="Không") as refused:
            office.to_sign()
    assert refused.value.status == status


CALLS: dict[str, Callable[[Office], Any]] = {
    "pair": lambda office: office.pair(
        code="x", name="x", certificate=b"", chain=(), mechanism="x", proof=b""
    ),
    "pass": lambda office: office.shown_by("x"),
}


@pytest.mark.parametrize("call", sorted(CALLS))
@pytest.mark.parametrize("body", [{}, [], None, {"valid": True, "requests": ["../x"]}])
def test_any_other_answer_is_read_strictly_too(call: str, body: object) -> None:
    with answering(200, body) as office, pytest.raises(OfficeUnreachable):
        CALLS[call](office)
