"""The line breaks, an answer is lost, the file is another: nothing is doubled or signed blindly.

The office and the program are real; between them lies a line that does what a test tells it.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from eoffice import clock, db
from eoffice.outbox import Promise
from eoffice.people import accounts
from eoffice.signing.devices import queries as devices
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.actions import CONCLUDE
from eoffice.signing.requests.states import RequestState
from tests import browser
from tests import pki as test_pki
from tests.agent import line
from tests.agent.line import Fault
from tests.agent.stage import Laptop, asked_to_sign, paired, plugged_in, requests
from tests.signing import softhsm, test_ceremony
from tests.signing.test_ceremony import Desk

pki = test_ceremony.pki
desk = test_ceremony.desk
DOCUMENTS = 3
#: Whoever asks for a PIN with this one is refused by the token.
WRONG = "000000"

pytestmark = pytest.mark.skipif(not softhsm.is_installed(), reason="SoftHSM2 is not installed")


@pytest.fixture
def laptop(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    found = plugged_in(desk, tmp_path, monkeypatch, documents=DOCUMENTS)
    return replace(found, program="tests.agent.hurried")


def made(laptop: Laptop) -> dict[UUID, bytes]:
    """What lies at the computer and was not sent."""
    found = {}
    for each in sorted((laptop.home / "made").iterdir()):
        content = json.loads(each.read_text("utf-8"))
        found[UUID(content["request_id"])] = base64.b64decode(content["value"])
    return found


def taken() -> dict[UUID, bytes | None]:
    with db.system_transaction() as session:
        return dict(session.execute(select(SignatureRequest.id, SignatureRequest.value)).all())


def concluding() -> int:
    """How often the worker was asked to conclude one."""
    with db.system_transaction() as session:
        return session.scalars(select(func.count()).where(Promise.task == CONCLUDE)).one()


def all_are(state: RequestState) -> bool:
    return list(requests().values()) == [state] * DOCUMENTS


def test_a_file_that_was_altered_is_not_signed_and_a_line_that_breaks_costs_no_second_pin(
    desk: Desk, laptop: Laptop
) -> None:
    with browser.served("tests.agent.stage:app") as address, line.to(address) as between:
        paired(desk, laptop, between.address)
        first, *_ = asked_to_sign(desk)

        for fault, why in (
            (Fault.FILE_ALTERED, "không phải tệp mà yêu cầu nêu"),
            (Fault.FILE_AND_LIST_ALTERED, "Giá trị băm của tệp không khớp"),
        ):
            between.fault = fault
            refused = laptop.run("sign", "--yes", pin=WRONG)
            assert refused.returncode == 1
            assert refused.stderr.count("KHÔNG KÝ") == DOCUMENTS
            assert why in refused.stderr
        assert not (laptop.home / "made").exists()
        assert all_are(RequestState.REQUESTED)

        between.fault, between.whole_for = Fault.CUT, 1
        broken = laptop.run("sign", "--yes")
        assert broken.returncode == 1
        assert "Đã gửi 1 chữ ký. 2 chữ ký đã làm nhưng chưa gửi được" in broken.stdout
        kept = made(laptop)
        assert len(kept) == 2
        assert {each: requests()[each] for each in kept} == dict.fromkeys(
            kept, RequestState.REQUESTED
        )
        for each in (laptop.home / "made").iterdir():
            assert each.stat().st_mode & 0o777 == 0o600
            assert test_pki.PIN.encode() not in each.read_bytes()
        assert (laptop.home / "made").stat().st_mode & 0o777 == 0o700

        still = laptop.run("sign", "--yes", pin=WRONG)
        assert still.returncode == 2
        assert "2 chữ ký đã làm vẫn ở trên máy này" in still.stderr
        assert made(laptop) == kept

        between.fault = None
        assert "2 chữ ký đã làm" in laptop.run("list").stdout
        mended = laptop.run("sign", "--yes", pin=WRONG)
        assert mended.returncode == 0, mended.stderr
        assert "Đã gửi 2 chữ ký làm lần trước." in mended.stdout
        assert made(laptop) == {}
        found = taken()
        assert {each: found[each] for each in kept} == kept
        assert found[first] is not None
        assert all_are(RequestState.VALUED)
        assert concluding() == DOCUMENTS


def test_an_answer_that_is_lost_doubles_nothing(desk: Desk, laptop: Laptop) -> None:
    with browser.served("tests.agent.stage:app") as address, line.to(address) as between:
        paired(desk, laptop, between.address)
        first, *_ = asked_to_sign(desk)
        between.fault = Fault.ANSWER_LOST
        lost = laptop.run("sign", "--yes")
        assert "Đã gửi 0 chữ ký. 3 chữ ký đã làm nhưng chưa gửi được" in lost.stdout
        kept = made(laptop)
        assert set(kept) == set(requests())
        # The office has taken the first, four times, as one.
        # The program hears nothing of it, so on a busy machine the office may still be at it.
        expected = {**dict.fromkeys(kept), first: kept[first]}
        patience = time.monotonic() + 30
        while taken() != expected and time.monotonic() < patience:
            time.sleep(0.2)
        assert taken() == expected
        assert concluding() == 1

        between.fault = None
        done = laptop.run("sign", "--yes", pin=WRONG)
        assert done.returncode == 0, done.stderr
        assert "Đã gửi 3 chữ ký làm lần trước." in done.stdout
        assert taken() == kept
        assert concluding() == DOCUMENTS


def test_what_was_refused_or_made_by_a_retired_device_is_not_sent_later(
    desk: Desk, laptop: Laptop
) -> None:
    director = desk.cast.director
    with browser.served("tests.agent.stage:app") as address, line.to(address) as between:
        paired(desk, laptop, between.address)
        first, second, third = asked_to_sign(desk)
        between.fault = Fault.CUT
        laptop.run("sign", "--yes")
        assert set(made(laptop)) == {first, second, third}

        assert laptop.run("refuse", str(first), "Sai thể thức.").returncode == 0
        assert set(made(laptop)) == {second, third}
        with db.transaction(director.acting) as session:
            (one,) = devices.devices(session, director, at=clock.now())
            accounts.revoke_token(session, one.token_id, by=director, at=clock.now())

        between.fault = None
        retired = laptop.run("sign", "--yes")
        assert retired.returncode == 2
        assert "không còn nhận máy này" in retired.stderr
        assert made(laptop) == {}
        assert requests() == {
            first: RequestState.DECLINED,
            second: RequestState.REQUESTED,
            third: RequestState.REQUESTED,
        }
        assert set(taken().values()) == {None}
