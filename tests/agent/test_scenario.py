"""A director whose key never leaves her USB token signs forty documents at her own computer.

Two processes: the office, and `eoffice-agent` with a software token. The program is paired by a
code, asked for the PIN once, and survives that the office is restarted between the asking and the
signing. What lies, comes twice or is somebody else's is refused.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from eoffice import clock, db
from eoffice.desk import tasks as desk_tasks
from eoffice.documents.model import Document
from eoffice.documents.states import State
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.signing.model import KeyStoreKind, SignatureRequest, SigningKey
from eoffice.signing.requests.states import RequestState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import browser
from tests.agent.stage import Laptop, paired, plugged_in, requests
from tests.conftest import owner_transaction
from tests.desk.signing_stage import begun, offered, read, work
from tests.signing import softhsm, test_ceremony
from tests.signing.test_ceremony import Desk
from tests.signing.test_faults import later

pki = test_ceremony.pki
desk = test_ceremony.desk
DOCUMENTS = 40

pytestmark = pytest.mark.skipif(not softhsm.is_installed(), reason="SoftHSM2 is not installed")


@pytest.fixture
def laptop(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    return plugged_in(desk, tmp_path, monkeypatch, documents=DOCUMENTS)


def asked(laptop: Laptop, address: str, path: str, body: object) -> tuple[int, Any]:
    """As a program that lies would ask, with the token of the device."""
    answer = httpx.post(
        f"{address}/api/v1/devices{path}",
        json=body,
        headers={"Authorization": f"Bearer {laptop.kept['token']}"},
        timeout=30,
    )
    return answer.status_code, answer.json()


def prepared_is(request_id: UUID, sha256: str) -> None:
    """As only the owner of the database could write it."""
    with owner_transaction() as session:
        session.execute(
            update(SignatureRequest)
            .where(SignatureRequest.id == request_id)
            .values(prepared_sha256=sha256)
        )


def test_forty_documents_two_processes_one_pin_and_a_restart(desk: Desk, laptop: Laptop) -> None:
    director = desk.cast.director
    with browser.served("tests.agent.stage:app") as address:
        paired(desk, laptop, address)
        assert laptop.run("list").stdout.strip() == "Không có gì chờ bạn ký."
    with db.system_transaction() as session:
        (store,) = session.scalars(
            select(SigningKey.store).where(
                SigningKey.holder_person_id == director.person_id, SigningKey.retired_at.is_(None)
            )
        )
    assert store is KeyStoreKind.AGENT

    batch_id = begun(director, offered(director), pin="")
    work()
    assert "eoffice-agent" in read(director, batch_id).items[0].said
    for _ in range(DOCUMENTS // 10 - 1):
        work()
    assert list(requests().values()) == [RequestState.REQUESTED] * DOCUMENTS

    # The office was restarted; what it asked for is all in its database and its store.
    with browser.served("tests.agent.stage:app") as address:
        laptop.moved_to(address)
        wrong = laptop.run("sign", "--yes", pin="000000")
        assert wrong.returncode == 2
        assert "PIN không đúng" in wrong.stderr
        assert set(requests().values()) == {RequestState.REQUESTED}

        done = laptop.run("sign", "--yes")
        assert done.returncode == 0, done.stderr
        assert f"Đã gửi {DOCUMENTS} chữ ký." in done.stdout
        assert set(requests().values()) == {RequestState.VALUED}

        first = str(next(iter(requests())))
        status, answers = asked(
            laptop, address, "/values", {"values": [{"id": first, "value": "AAAA"}]}
        )
        assert (status, answers[0]["taken"]) == (200, False)
        assert asked(laptop, address, "/passes", {"given": "x"}) == (
            200,
            {"valid": False, "requests": []},
        )

    desk_tasks.go_on_with_signatures()
    assert set(requests().values()) == {RequestState.SIGNED}
    with db.system_transaction() as session:
        states = set(session.scalars(select(Document.state)))
        contents = session.scalars(
            select(SignatureRequest.result_sha256).order_by(SignatureRequest.id)
        ).all()
    assert states == {State.SIGNED}
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    for sha256 in (contents[0], contents[-1]):
        assert sha256 is not None
        pdf = configured.store().get(Sha256.parse(sha256))
        found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
        assert found.verdict is Finding.INTACT, found.reason


def test_a_device_that_lies_signs_nothing_and_what_nobody_signs_expires(
    desk: Desk, laptop: Laptop
) -> None:
    director = desk.cast.director
    with browser.served("tests.agent.stage:app") as address:
        paired(desk, laptop, address)
        begun(director, offered(director)[:2], pin="")
        work()
        one, other = requests()
        listed = laptop.run("list").stdout
        assert str(one) in listed

        def brought(request_id: UUID, value: str) -> str:
            status, answers = asked(
                laptop, address, "/values", {"values": [{"id": str(request_id), "value": value}]}
            )
            assert status == 200
            assert answers[0]["taken"] is False
            detail: str = answers[0]["detail"]
            return detail

        assert "không khớp" in brought(one, "AAAA")
        assert "base64" in brought(one, "?")
        assert "Không có yêu cầu ký này" in brought(UUID(int=0), "AAAA")
        # The file of one under the name of the other: the program itself does not sign that.
        with db.system_transaction() as session:
            genuine = session.get_one(SignatureRequest, other).prepared_sha256
            another = session.get_one(SignatureRequest, one).prepared_sha256
        prepared_is(other, another)
        refused = laptop.run("sign", "--yes", "--only", str(other))
        assert refused.returncode == 1
        assert "KHÔNG KÝ" in refused.stderr
        prepared_is(other, genuine)

        refused = laptop.run("refuse", str(one), "Sai thể thức.")
        assert refused.returncode == 0
        assert requests() == {one: RequestState.DECLINED, other: RequestState.REQUESTED}
        later(timedelta(hours=24))
        assert requests()[other] is RequestState.EXPIRED
        assert laptop.run("list").stdout.strip() == "Không có gì chờ bạn ký."
