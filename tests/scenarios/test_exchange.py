"""Two complete offices exchange a document each way by edXML, with its statuses, over HTTP.

Each has its own database, store, certificates and directory. While the first sends, the other's
programs are killed, and its own worker too: nothing is lost, and nothing is doubled. At the end the
first takes its document back, and hears that the other agrees.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from eoffice.demo import dispatch_960, load
from eoffice.demo.client import Desk
from eoffice.demo.client import sign_in as desk_of
from eoffice.settings import Settings
from tests import services
from tests.scenarios import running as offices
from tests.scenarios.running import ROOT, Running, running

pytestmark = pytest.mark.scenario

WITHIN_S = 600
TOKENS = {"H20": "token-of-the-first-office", "H41": "token-of-the-second-office"}


@dataclass(frozen=True)
class Office:
    """One of the two, with what its people know."""

    running: Running
    province: str
    organ_id: str
    name: str

    def desk(self, login: str) -> Desk:
        access = load.read_access(self.running.var)
        return desk_of(self.running.client(login), login, access.password)

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every message of this office."""
        return self.partner_script("")

    def partner_script(self, entry: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.scenarios.exchange_partner", entry],
            cwd=ROOT,
            env=offices.environment(self.running.var) | self.running.settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return found


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Office, Office]]:
    """Two provinces that know each other, trust each other's authorities, and must sign."""
    with services.scratch_directory() as directory:
        with running(directory / "one" / "var") as one, running(directory / "two" / "var") as two:
            first, second = _in_province(one, "H20"), _in_province(two, "H41")
            _introduce(first, second)
            _introduce(second, first)
            yield first, second


def _in_province(office: Running, province: str) -> Office:
    """The demo province under the identifiers of another one."""
    settings = Settings.from_environment(office.settings)
    assert settings.owner_database_url is not None
    url = settings.owner_database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as connection:
        connection.execute(
            "update units set organ_id = replace(organ_id, 'H20', %s) where organ_id is not null",
            (province,),
        )
        found = connection.execute(
            "select organ_id, name from units where kind = 'department'"
        ).fetchone()
    assert found is not None
    return Office(office, province, *found)


def _introduce(us: Office, them: Office) -> None:
    secrets = us.running.var / "secrets"
    secrets.mkdir(exist_ok=True)
    secrets.chmod(0o700)
    pin = load.read_access(us.running.var).pin
    ours, theirs = TOKENS[us.province], TOKENS[them.province]
    for name, secret in (("OUT", ours), ("IN", theirs), ("SEAL", pin)):
        file = secrets / name
        file.write_text(secret)
        file.chmod(0o600)
    trusted = Settings.from_environment(them.running.settings).trust_directory
    for root in trusted.glob("*.pem"):
        own = Settings.from_environment(us.running.settings).trust_directory
        (own / f"{them.province}-{root.name}").write_bytes(root.read_bytes())
    us.partner_script(
        json.dumps(
            {
                "organ_id": them.organ_id,
                "name": f"{them.name} ({them.province})",
                "gateway": "http",
                "address": them.running.base_url,
                "outgoing_secret": "OUT",
                "incoming_secret": "IN",
                "seal_secret": "SEAL",
                "signer_name": them.name,
                "requires_signature": True,
            }
        )
    )


def issue(us: Office, them: Office, key: str, *, before_issue: Callable[[], None]) -> str:
    """A dispatch to the other province from draft to issue; its identifier."""
    pin = {"pin": load.read_access(us.running.var).pin}
    writer, head, clerk, director = map(
        us.desk, ("chuyenvien.cntt", "truongphong.cntt", "vanthu", "giamdoc")
    )
    organisation = clerk.post(
        "/api/v1/organisations",
        f"{key}-organisation",
        {"name": them.name, "organ_id": them.organ_id, "channel": "exchange"},
    )
    made = writer.post(
        "/api/v1/documents",
        f"{key}-draft",
        {"type": "dispatch", "text": dispatch_960.text(corrected=True)},
    )
    document = f"/api/v1/documents/{made['id']}"
    writer.put(f"{document}/choice", {"recipients": [{"organisation_id": organisation["id"]}]})
    writer.post(f"{document}/submission", f"{key}-submit")
    head.post(f"{document}/approval", f"{key}-approve")
    clerk.post(f"{document}/form-check", f"{key}-form")
    director.post(f"{document}/signature", f"{key}-sign", pin)
    clerk.post(f"{document}/number", f"{key}-number")
    clerk.post(f"{document}/seal", f"{key}-seal", pin)
    before_issue()
    clerk.post(f"{document}/issuance", f"{key}-issue")
    return str(made["id"])


def kill(office: Office, *programs: str) -> None:
    for program in programs:
        process_id = office.running.process_id(program)
        if process_id is not None:
            os.kill(process_id, signal.SIGKILL)


def wait_until(is_so: Callable[[], bool], what: Callable[[], object]) -> None:
    until = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < until, what()
        time.sleep(0.5)


def arrived(office: Office) -> list[dict[str, Any]]:
    """Deliveries from outside before the clerk of the department."""
    items = office.desk("vanthu").get("/api/v1/deliveries", limit="200")["items"]
    return [each for each in items if "CNTTTBTV" in json.dumps(each, ensure_ascii=False)]


def told(office: Office) -> Counter[str]:
    """Statuses that came back to this office, and how often each."""
    return Counter(
        each["status"]
        for each in office.log
        if each["direction"] == "in" and each["kind"] == "status" and each["state"] == "done"
    )


def _there_and_back(
    us: Office, them: Office, *, receivers: tuple[str, ...], senders: tuple[str, ...]
) -> str:
    """A dispatch, its arrival and its registration; programs die before each of the two ways."""
    key = f"exchange-{us.province}"
    document_id = issue(us, them, key, before_issue=lambda: kill(them, *receivers))
    kill(us, "worker")
    wait_until(lambda: told(us)["01"] == 1, lambda: (us.log, them.log))

    (delivery,) = arrived(them)
    clerk = them.desk("vanthu")
    clerk.post(f"/api/v1/deliveries/{delivery['id']}/opening", f"{key}-open")
    kill(us, *senders)
    clerk.post(f"/api/v1/deliveries/{delivery['id']}/registration", f"{key}-register")
    kill(them, "worker")

    wait_until(lambda: told(us)["03"] == 1, lambda: (us.log, them.log))
    assert told(us) == {"01": 1, "03": 1}
    assert len(arrived(them)) == 1
    return document_id


def _taken_back(us: Office, them: Office, document_id: str) -> None:
    """The sender recalls, and their clerk agrees; workers and a relay die on the way."""
    key = f"recall-{us.province}"
    reason = {"reason": "Phụ lục kèm theo sai số liệu."}
    us.desk("giamdoc").post(f"/api/v1/documents/{document_id}/withdrawal", key, reason)
    kill(us, "worker")
    kill(them, "worker", "relay")
    wait_until(
        lambda: [each["state"] for each in arrived(them)] == ["recalled"],
        lambda: (us.log, them.log),
    )
    clerk = them.desk("vanthu")
    (asking,) = clerk.get("/api/v1/exchange/log", needing="true")["items"]
    kill(them, "worker")
    clerk.post(f"/api/v1/exchange/log/{asking['id']}/answer", f"{key}-answer", {"agrees": True})
    wait_until(lambda: told(us)["15"] == 1, lambda: (us.log, them.log))


def test_a_document_and_its_statuses_go_both_ways_while_programs_die(
    both: tuple[Office, Office],
) -> None:
    first, second = both
    document_id = _there_and_back(first, second, receivers=("web", "worker"), senders=("web",))
    _there_and_back(second, first, receivers=("postgres",), senders=("worker",))

    for office in both:
        sent = [each for each in office.log if each["direction"] == "out"]
        came = [each for each in office.log if each["direction"] == "in"]
        assert Counter((each["kind"], each["state"]) for each in sent) == {
            ("document", "sent"): 1,
            ("status", "sent"): 2,
        }
        assert Counter((each["kind"], each["state"]) for each in came) == {
            ("document", "done"): 1,
            ("status", "done"): 2,
        }
        assert {each["signature"] for each in came} == {"valid"}

    _taken_back(first, second, document_id)

    assert told(first) == {"01": 1, "03": 1, "15": 1}
