"""A clerk in a browser: opens pages and sends their forms, files included."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import httpx
from litestar.testing import TestClient

from eoffice import db
from eoffice.web.principal import Principal
from tests.cast import sign_in

File = tuple[str, tuple[str, bytes, str]]


class Browser:
    """One person; `page` is what was shown last."""

    def __init__(self, client: TestClient, who: Principal, at: datetime) -> None:  # type: ignore[type-arg]
        self._client = client
        with db.system_transaction() as session:
            self._cookie = f"session={sign_in(session, who, at)}"
        self.page = ""

    def get(self, path: str) -> httpx.Response:
        response = self._client.get(path, headers={"cookie": self._cookie})
        self.page = response.text
        return response

    def send(self, path: str, *files: File, **fields: str | Sequence[str]) -> httpx.Response:
        """Send the form of the page that posts to `path`, without following where it leads."""
        found = re.search(
            rf'action="{re.escape(path)}".*?name="_token" value="([^"]+)".*?name="_key" '
            r'value="([^"]+)"',
            self.page,
            re.DOTALL,
        )
        assert found, f"the page has no form for {path}"
        response = self._client.post(
            path,
            data={"_token": found[1], "_key": found[2], **fields},
            files=list(files) or None,
            headers={"cookie": self._cookie},
        )
        if response.status_code != 303:
            self.page = response.text
        return response
