"""People in front of browsers; every page that they look at is photographed and examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response

from eoffice.demo import load
from tests import browser
from tests.scenarios.running import Running

WIDTHS = (360, 1280)


@dataclass(slots=True)
class Album:
    """The pages that were looked at, in their order, and what was wrong with them."""

    office: Running
    chromium: Browser
    pages: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def person(self, login: str) -> Person:
        """Somebody who signs in at a machine of their own."""
        found = self.stranger(login)
        found.open("/sign-in")
        found.enter(login=login, password=load.read_access(self.office.var).password)
        found.send("Đăng nhập")
        return found

    def stranger(self, name: str) -> Person:
        """Somebody who has not signed in."""
        page = browser.tab(self.chromium, base_url=self.office.base_url)
        page.context.set_default_timeout(30_000)
        found = Person(self, name, page)
        page.on("console", found.hear)
        page.on("pageerror", lambda error: found.fault(f"script: {error}"))
        page.on("request", found.check_host)
        page.on("response", found.check_status)
        return found


@dataclass
class Person:
    """One person, one browser."""

    album: Album
    name: str
    page: Page
    #: Answers that are part of the story: a wrong PIN is refused.
    expected: frozenset[int] = frozenset()

    def open(self, path: str) -> None:
        self.page.goto(path)

    def enter(self, **values: str) -> None:
        """Type into the fields of these names."""
        for name, value in values.items():
            self.field(name).fill(value)

    def field(self, name: str) -> Locator:
        return self.page.locator(f"#f-{name}")

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()

    def send(self, label: str) -> None:
        """Press the button of a form, and wait for the page that answers."""
        with self.page.expect_navigation():
            self.press(label)

    def send_and_agree(self, label: str) -> None:
        """Press a button that asks once more before its form is sent."""
        self.press(label)
        asked = self.page.get_by_role("dialog")
        with self.page.expect_navigation():
            asked.get_by_role("button", name=label, exact=True).click()

    def follow(self, label: str) -> None:
        self.page.get_by_role("link", name=label, exact=True).first.click()

    def unfold(self, label: str) -> None:
        """Open a part of the page that is folded away."""
        self.page.locator("summary", has_text=label).first.click()

    def reads(self, text: str) -> None:
        """Wait until the page says so."""
        self.page.get_by_text(text).first.wait_for()

    @contextmanager
    def refused_with(self, status: int) -> Iterator[None]:
        self.expected = frozenset({status})
        yield
        self.page.wait_for_load_state("load")
        self.expected = frozenset()

    def look(self, name: str) -> None:
        """Photograph the page on a phone and on a desk, and have it examined."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        title = f"{len(self.album.pages) + 1:02}-{name}"
        self.album.pages.append(title)
        height = self.page.viewport_size["height"] if self.page.viewport_size else 800
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": height})
            browser.screenshot(self.page, f"story-{title}-{width}")
            self._examine(browser.assert_fits, f"{title}, {width} px")
        self._examine(browser.assert_no_serious, title)

    def leave(self) -> None:
        self.page.context.close()

    def fault(self, text: str) -> None:
        self.album.faults.append(f"{self.name} at {self.page.url}: {text}")

    def hear(self, message: ConsoleMessage) -> None:
        # The browser's own note of a refused request; `check_status` judges those.
        is_note = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not is_note:
            self.fault(f"console: {message.text}")

    def check_host(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and not self._is_ours(request.url):
            self.fault(f"asks another host: {request.url}")

    def check_status(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.fault(f"{response.request.method} {response.url}: {response.status}")

    def _examine(self, examination: Callable[[Page], None], where: str) -> None:
        try:
            examination(self.page)
        except AssertionError as fault:
            self.fault(f"{where}: {fault}")

    def _is_ours(self, url: str) -> bool:
        return url.startswith(f"{self.album.office.base_url}/")
