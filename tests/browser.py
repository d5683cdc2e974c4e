"""A browser for tests of pages: Debian's Chromium, screenshots, and axe-core's findings.

with browser.opened() as chromium:               one browser for many pages
    page = browser.tab(chromium, width=360)      a fresh person: own cookies
    page.goto(...)
    browser.screenshot(page, "desk-360")
    browser.assert_no_serious(page)

with browser.served("tests.web.sample:sample_app") as address:    on a free port
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERIOUS = ("serious", "critical")
HEIGHTS = {1280: 800, 360: 740}


@contextmanager
def opened(*further: str) -> Iterator[Browser]:
    """Chromium without a window, with further arguments; skipped where there is none."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *further])
        try:
            yield browser
        finally:
            browser.close()


def tab(
    browser: Browser,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    headers: dict[str, str] | None = None,
    base_url: str | None = None,
    script: bool = True,
) -> Page:
    """A page with its own cookies, as of one person on one machine, in Vietnamese."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 800)},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        color_scheme=scheme,
        extra_http_headers=headers,
        base_url=base_url,
        java_script_enabled=script,
        accept_downloads=True,
    )
    context.set_default_timeout(15_000)
    return context.new_page()


def screenshot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page where EOFFICE_SCREENSHOTS names a folder.

    Whoever looks asks for them; for a run that nobody looks at they are a good part of its time.
    """
    if not (where := os.environ.get("EOFFICE_SCREENSHOTS")):
        return
    folder = Path(where)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=whole)


def assert_no_serious(page: Page) -> None:
    """axe-core finds nothing serious or critical on the page as it is now."""
    found: dict[str, Any] = Axe().run(page).response
    faults = [
        f"{violation['id']}: {violation['help']}\n  "
        + "\n  ".join(f"{node['target']} {node['failureSummary']}" for node in violation["nodes"])
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
    ]
    assert not faults, f"{page.url}\n" + "\n".join(faults)


def assert_fits(page: Page) -> None:
    """Nothing makes the whole page scroll sideways."""
    over = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert over <= 0, f"{page.url} is {over} px too wide"


@contextmanager
def served(factory: str) -> Iterator[str]:
    """Serve the application that a function makes, "package.module:function"; its address.

    By the real server in a process of its own, which ends with the block.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "granian", factory, "--factory", "--interface", "asgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "error"),
    ]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)
    # Ten seconds on an idle machine, several times that beside other offices.
    until = time.monotonic() + 120
    try:
        while not _answers(port):
            assert process.poll() is None, "the application did not start"
            assert time.monotonic() < until, "the application did not start in time"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            # The server does not hear of it while it starts.
            process.kill()
            process.wait(15)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
