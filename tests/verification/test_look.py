"""The public pages in a real browser: readable for all, and fitting, at 1280 and 360 px."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route

from tests import browser
from tests.archive.room import Room
from tests.signing.papers import Dispatch
from tests.verification.test_codes import story

STRANGER = ""


def answered_by(room: Room, page: Page, posted: dict[str, httpx.Response]) -> None:
    """The browser's requests are answered by the application, or by what was posted before."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        got = posted.get(path) or room.page(STRANGER, path)
        headers = {
            name: value
            for name, value in got.headers.items()
            if name.lower() not in {"content-encoding", "content-length"}
        }
        route.fulfill(status=got.status_code, headers=headers, body=got.content)

    page.route("**/*", answer)


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_have_no_serious_fault_and_fit(room: Room, dispatch: Dispatch, width: int) -> None:
    touched = bytearray(dispatch.archived)
    touched[len(touched) // 3] ^= 1
    files = {"intact": dispatch.archived, "changed": bytes(touched)}
    posted = {
        f"/shown/{name}": room.send(
            STRANGER,
            "/verification",
            {},
            seen_on="/verification",
            files={"file": (f"quyet-dinh-khen-thuong-{name}.pdf", content)},
        )
        for name, content in files.items()
    }
    _, code = story(room)
    of_code = f"/v/{code}"
    posted["/shown/compared"] = room.send(
        STRANGER, of_code, {}, seen_on=of_code, files={"file": ("a.pdf", dispatch.archived)}
    )
    paths = {"desk": "/verification", "code": of_code, **{path[7:]: path for path in posted}}
    with browser.opened() as chromium:
        page = browser.tab(chromium, width=width, base_url="http://testserver.local")
        answered_by(room, page, posted)
        for name, path in paths.items():
            page.goto(path)
            browser.assert_fits(page)
            browser.assert_no_serious(page)
            browser.screenshot(page, f"verification-{name}-{width}")
        page.context.close()
