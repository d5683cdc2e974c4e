"""How the story speaks to the office: over HTTP, as one person, and never giving up too early.

Every POST carries an idempotency key that is made of the step's name, so a request whose answer
was lost (a killed server, a broken line) is sent again without doing anything twice, and a second
run of the whole story finds its own answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

#: How long the story waits for something that a worker does, or for a server that restarts.
PATIENCE_S = 120.0

T = TypeVar("T")


class StoryFailed(Exception):
    """A step did not do what it should have; the text says which and what came instead."""


@dataclass(slots=True)
class Desk:
    """One signed-in person with a program; `calls` collects what was sent."""

    http: httpx.Client
    login: str
    token: str
    calls: list[str] = field(default_factory=list)

    def get(self, path: str, **query: str) -> Any:
        """The JSON that the office answers. Raises StoryFailed on a refusal."""
        return self._send("GET", path, params=query).json()

    def get_bytes(self, path: str) -> bytes:
        return self._send("GET", path).content

    def post(self, path: str, key: str, body: Mapping[str, object] | None = None) -> Any:
        """Take a step once, however often it is sent."""
        content = dict(body or {})
        answer = self._send("POST", path, key=key, json=content)
        while answer.status_code == httpx.codes.ACCEPTED:
            self._concluded(path, answer.headers["Location"])
            # It may have been a part of the step, such as the seal on an appendix.
            answer = self._try("POST", path, key=key, json=content)
            if answer.status_code == httpx.codes.CONFLICT:
                return self.get(path.rpartition("/")[0])
        return answer.json() if answer.content else None

    def _concluded(self, path: str, request: str) -> None:
        """Wait until a signature is on record. Raises StoryFailed: it will not be."""
        found = self.wait_for(
            request, lambda each: each["state"] not in ("requested", "valued"), "chữ ký hoàn tất"
        )
        if found["state"] != "signed":
            raise StoryFailed(f"POST {path} ({self.login}) không thành: {found['failure']}")

    def was_answered(self, path: str, key: str) -> bool:
        """Whether a POST without content was done under this key, and its answer is still kept.

        Only for a step that the office refuses when it is taken a second time.
        """
        answer = self._try("POST", path, key=key, json={})
        return answer.is_success and answer.headers.get("Idempotent-Replayed") == "true"

    def put(self, path: str, body: Mapping[str, object]) -> Any:
        answer = self._send("PUT", path, json=dict(body))
        return answer.json() if answer.content else None

    def upload(
        self, path: str, key: str, name: str, content: bytes, media_type: str, part: str = "file"
    ) -> Any:
        answer = self._send("POST", path, key=key, files={part: (name, content, media_type)})
        return answer.json() if answer.content else None

    def refused(self, path: str, key: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The problem document with which the office refuses a step. Raises if it does not."""
        answer = self._try("POST", path, key=key, json=dict(body))
        if answer.is_success:
            raise StoryFailed(
                f"POST {path} lẽ ra phải bị từ chối nhưng được trả lời: {answer.text}"
            )
        problem: dict[str, Any] = answer.json()
        return problem

    def wait_for(self, path: str, is_done: Callable[[Any], bool], what: str, **query: str) -> Any:
        """Ask again until the answer satisfies; raises StoryFailed when patience runs out."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = self.get(path, **query)
            if is_done(found):
                return found
            if time.monotonic() > deadline:
                raise StoryFailed(f"Chờ quá lâu: {what}. Lần trả lời cuối: {str(found)[:500]}")
            time.sleep(0.3)

    def _send(self, method: str, path: str, key: str = "", **rest: Any) -> httpx.Response:
        answer = self._try(method, path, key=key, **rest)
        if not answer.is_success:
            raise StoryFailed(
                f"{method} {path} ({self.login}) bị trả lời {answer.status_code}: "
                f"{answer.text[:800]}"
            )
        return answer

    def _try(self, method: str, path: str, key: str = "", **rest: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        self.calls.append(f"{method} {path} ({self.login})")
        return patiently(lambda: self.http.request(method, path, headers=headers, **rest))


def patiently(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send until somebody answers: a server that is being restarted is waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = send()
            if answer.status_code not in (502, 503):
                return answer
            failure = answer.text[:300]
        except httpx.TransportError as error:
            failure = f"{type(error).__name__}: {error}"
        if time.monotonic() > deadline:
            raise StoryFailed(f"Hệ thống không trả lời: {failure}")
        time.sleep(0.3)


def sign_in(http: httpx.Client, login: str, password: str) -> Desk:
    """Sign in as a program does. Raises StoryFailed."""
    answer = patiently(
        lambda: http.post("/api/v1/session", json={"login": login, "password": password})
    )
    if not answer.is_success:
        raise StoryFailed(f"Không đăng nhập được với tài khoản {login}: {answer.text[:500]}")
    return Desk(http, login, str(answer.json()["token"]))
