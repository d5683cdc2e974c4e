"""The button “Ký bằng máy này” in a real browser, with the real office, program and token.

The page finds the program on the same computer, hands it one pass, and shows how far it is and how
it went. The PIN is typed in the program's own terminal. No other page gets the program to sign.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from eoffice import clock, db
from eoffice.signing.devices import pages
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.states import RequestState
from tests import browser
from tests import pki as test_pki
from tests.agent import stage
from tests.agent.stage import Laptop, asked_to_sign, paired, plugged_in, requests
from tests.conftest import owner_transaction
from tests.routing.test_look import sign_in_once
from tests.signing import softhsm, test_ceremony
from tests.signing.test_ceremony import Desk

pki = test_ceremony.pki
desk = test_ceremony.desk
DOCUMENTS = 3
#: Gives the program a terminal of its own, as a person has it.
TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
#: Chromium takes the office for one on the net and asks its user before it calls a program here.
ON_THE_NET = "--ip-address-space-overrides=127.0.0.1:{port}=public"
#: What a page may try; gives the status and the answer, or what the browser says.
CALL = """async ([url, mode, pass]) => {
  try {
    const answer = await fetch(url, { method: "POST", mode, body: JSON.stringify({ pass }) });
    return [answer.status, await answer.text()];
  } catch (failure) {
    return [-1, failure.name];
  }
}"""
#: Colours that fade from one to the next have the contrast of neither.
SETTLED = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"
#: Looks like a pass, and is none.
NO_PASS = "0" * 43

pytestmark = pytest.mark.skipif(not softhsm.is_installed(), reason="SoftHSM2 is not installed")


@dataclass
class Terminal:
    """The window in which `eoffice-agent serve` runs."""

    process: subprocess.Popen[bytes]
    seen: bytearray = field(default_factory=bytearray)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def read(self) -> None:
        assert self.process.stdout is not None
        while chunk := os.read(self.process.stdout.fileno(), 4096):
            with self._changed:
                self.seen += chunk
                self._changed.notify_all()

    def shows(self, text: str, times: int = 1) -> None:
        """Waits until it does."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.text.count(text) >= times, 30), self.text

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    @property
    def text(self) -> str:
        return self.seen.decode(errors="replace")


@contextmanager
def serving(laptop: Laptop, port: int) -> Iterator[Terminal]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", TERMINAL),
            *(sys.executable, "-m", laptop.program, "serve", "--port", str(port)),
        ],
        env=laptop.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    terminal = Terminal(process)
    reader = threading.Thread(target=terminal.read)
    reader.start()
    try:
        terminal.shows("Đang chờ trang")
        yield terminal
    finally:
        process.terminate()
        process.communicate(timeout=15)
        reader.join(15)


@pytest.fixture
def laptop(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Laptop:
    return plugged_in(desk, tmp_path, monkeypatch, documents=DOCUMENTS)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where the program will listen, and where the page expects it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
    monkeypatch.setenv(stage.LOOPBACK, f"http://127.0.0.1:{found}")
    return found


def page_of(chromium: Browser, desk: Desk, address: str) -> Page:
    with db.system_transaction() as session:
        token = sign_in_once(session, desk.cast.director, clock.now())
    page = browser.tab(chromium, base_url=address)
    page.context.add_cookies([{"name": "session", "value": token, "url": address}])
    page.goto(f"{pages.HERE}/signing")
    return page


def looked_at(page: Page, name: str) -> None:
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": browser.HEIGHTS[width]})
        page.evaluate(SETTLED)
        browser.screenshot(page, f"local-signer-{name}-{width}")
        browser.assert_fits(page)
        browser.assert_no_serious(page)


def called(page: Page, url: str, given: str = NO_PASS, *, mode: str = "cors") -> list[Any]:
    answer: list[Any] = page.evaluate(CALL, [url, mode, given])
    return answer


def test_the_page_finds_the_program_which_asks_for_the_pin_and_signs(
    desk: Desk, laptop: Laptop, port: int
) -> None:
    with browser.served("tests.agent.stage:app") as address, browser.opened() as chromium:
        paired(desk, laptop, address)
        _, second, _ = asked_to_sign(desk)
        page = page_of(chromium, desk, address)
        button = page.get_by_role("button", name="Ký bằng máy này")
        status = page.locator("[data-local-signer] [role=status]")
        button.click()
        expect(status).to_contain_text("Chưa gọi được eoffice-agent")
        looked_at(page, "absent")

        with serving(laptop, port) as terminal:
            button.click()
            expect(status).to_contain_text("Hãy nhập mã PIN ở cửa sổ của chương trình")
            terminal.shows("Mã PIN của thiết bị ký số:")
            looked_at(page, "pin")
            terminal.type("000000")
            expect(status).to_contain_text("Mã PIN không đúng")
            looked_at(page, "wrong-pin")

            # Somebody else holds the second request for a while.
            with owner_transaction() as session, page.expect_request("**/sign") as sent:
                session.execute(
                    select(SignatureRequest.id)
                    .where(SignatureRequest.id == second)
                    .with_for_update()
                )
                button.click()
                terminal.shows("Mã PIN của thiết bị ký số:", 2)
                terminal.type(test_pki.PIN)
                expect(status).to_have_text("Đang ký 1 trên 3…")
                looked_at(page, "progress")
            expect(page.get_by_text("Không có gì chờ ký trên máy của bạn.")).to_be_visible()
            expect(status).to_have_text("Đã gửi 3 chữ ký.")
            looked_at(page, "done")
            assert list(requests().values()) == [RequestState.VALUED] * DOCUMENTS

            used = json.loads(sent.value.post_data or "")["pass"]
            again = called(page, f"http://127.0.0.1:{port}/sign", used)
            assert again[0] == 403
            assert "Trang đã cũ" in json.loads(again[1])["detail"]
        assert test_pki.PIN not in terminal.text


def test_no_other_page_gets_the_program_to_ask_for_a_pin(
    desk: Desk, laptop: Laptop, port: int
) -> None:
    program = f"http://127.0.0.1:{port}/sign"
    with browser.served("tests.agent.stage:app") as address, browser.opened() as chromium:
        paired(desk, laptop, address)
        asked_to_sign(desk)
        page = page_of(chromium, desk, address)
        with serving(laptop, port) as terminal:
            # The page itself may call the program, and nothing else beside the office.
            assert called(page, program)[0] == 403
            refused: list[str] = []
            page.on("console", lambda message: refused.append(message.text))
            elsewhere = address.replace("127.0.0.1", "localhost")
            assert called(page, elsewhere) == [-1, "TypeError"]
            # Another page of the office may not call the program.
            page.goto(pages.HERE)
            assert called(page, program) == [-1, "TypeError"]
            assert sum("Content Security Policy" in each for each in refused) >= 2

            # A stranger's page, also where it asks for no answer, is not obeyed.
            page.route(
                "http://stranger.example/",
                lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"),
            )
            page.goto("http://stranger.example/")
            assert called(page, program) == [-1, "TypeError"]
            called(page, program, mode="no-cors")
            assert "PIN" not in terminal.text
        assert list(requests().values()) == [RequestState.REQUESTED] * DOCUMENTS


def test_an_office_on_the_net_reaches_the_program_once_its_user_has_let_it(
    desk: Desk, laptop: Laptop, port: int
) -> None:
    with browser.served("tests.agent.stage:app") as address:
        paired(desk, laptop, address)
        asked_to_sign(desk)
        public = ON_THE_NET.format(port=address.rpartition(":")[2])
        with browser.opened(public) as chromium, serving(laptop, port) as terminal:
            page = page_of(chromium, desk, address)
            button = page.get_by_role("button", name="Ký bằng máy này")
            status = page.locator("[data-local-signer] [role=status]")
            button.click()
            expect(status).to_contain_text("cho trình duyệt gọi nó nếu được hỏi")
            assert "PIN" not in terminal.text
            page.context.grant_permissions(["local-network-access"], origin=address)
            button.click()
            terminal.shows("Mã PIN của thiết bị ký số:")
            terminal.type(test_pki.PIN)
            expect(status).to_have_text("Đã gửi 3 chữ ký.")
        assert list(requests().values()) == [RequestState.VALUED] * DOCUMENTS
