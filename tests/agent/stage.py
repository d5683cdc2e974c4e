"""An office with a director whose key is on a token, and her computer with the program on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice import clock, db
from eoffice.documents.model import DocumentVersion
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Claim, Promise
from eoffice.people.authentication import Authentication
from eoffice.signing.devices import actions as devices
from eoffice.signing.devices import http, pages
from eoffice.signing.devices import tasks as device_tasks
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.states import RequestState
from eoffice.web import application
from tests import pki as test_pki
from tests.desk.signing_stage import OnDisk, begun, offered, work
from tests.signing import softhsm
from tests.signing.test_ceremony import Desk, awaiting_signature

#: Where the program listens instead of its own port, for tests that run beside each other.
LOOPBACK = "TESTS_LOOPBACK"


def app() -> application.Application:
    """For the server: what devices and their page ask of it."""
    configured.use(OnDisk(Path(os.environ["TESTS_OBJECTS"])))
    vars(pages)["LOOPBACK"] = os.environ.get(LOOPBACK, pages.LOOPBACK)
    return application.make(
        [http.router, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@dataclass(frozen=True, slots=True)
class Laptop:
    """The director's computer, with the token plugged in."""

    home: Path
    token: Path
    #: Or `tests.agent.hurried`, where a lost line is part of the test.
    program: str = "eoffice.agent_program"

    def run(self, *arguments: str, pin: str = test_pki.PIN) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", self.program, *arguments],
            env={**self.environment, "EOFFICE_AGENT_PIN": pin},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "EOFFICE_AGENT_HOME": str(self.home),
            "SOFTHSM2_CONF": str(self.token / "softhsm2.conf"),
        }

    @property
    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "pairing.json").read_text("utf-8"))
        return found

    def moved_to(self, address: str) -> None:
        """The office of the tests has another port after each start."""
        file = self.home / "pairing.json"
        file.write_text(json.dumps({**self.kept, "origin": address}), "utf-8")


def plugged_in(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, documents: int
) -> Laptop:
    """The computer, not paired yet; so many documents wait for the director."""
    found = Laptop(tmp_path / "home", tmp_path / "token")
    found.token.mkdir()
    program = (sys.executable, "-m", "tests.agent.plugged")
    subprocess.run(
        [*program, str(desk.pki.directory), str(found.token), "director"], check=True, timeout=120
    )
    objects = tmp_path / "objects"
    objects.mkdir()
    monkeypatch.setenv("TESTS_OBJECTS", str(objects))
    store = OnDisk(objects)
    for _ in range(documents - 1):
        awaiting_signature(desk.cast)
    with db.system_transaction() as session:
        for sha256 in session.scalars(select(DocumentVersion.content_sha256)):
            assert sha256 is not None
            (objects / sha256).write_bytes(desk.store.get(Sha256.parse(sha256)))
    configured.use(store)
    return found


def paired(desk: Desk, laptop: Laptop, address: str) -> None:
    director = desk.cast.director
    with db.transaction(director.acting) as session:
        code = devices.offer(session, for_seal=False, by=director, at=clock.now())
    done = laptop.run("pair", address, code.lower(), "--library", str(softhsm.LIBRARY))
    assert done.returncode == 0, done.stderr
    assert "Trần Thanh Liêm" in done.stdout
    with db.system_transaction() as session:
        (row,) = session.execute(
            select(Promise.id, Promise.payload).where(Promise.task == devices.REGISTER)
        )
    device_tasks.register_key(Claim(row.id, row.payload, 1), clock.now())
    again = laptop.run("pair", address, code, "--library", str(softhsm.LIBRARY))
    assert again.returncode == 2
    assert "đã dùng" in again.stderr


def requests() -> dict[UUID, RequestState]:
    with db.system_transaction() as session:
        return dict(session.execute(select(SignatureRequest.id, SignatureRequest.state)).all())


def asked_to_sign(desk: Desk) -> list[UUID]:
    """The director has pressed *Ký* for everything; the requests wait for her computer."""
    begun(desk.cast.director, offered(desk.cast.director), pin="")
    work()
    return list(requests())
