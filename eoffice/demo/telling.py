"""How the story is told: steps with what was done and what was checked, on screen and as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from eoffice import clock
from eoffice.demo import client
from eoffice.demo.client import Desk, StoryFailed
from eoffice.demo.load import Access


@dataclass(slots=True)
class Step:
    """One step of the story, as `story.json` has it."""

    step: str
    did: str
    checked: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(slots=True)
class Telling:
    """The story so far, and everybody who takes part in it."""

    access: Access
    http: httpx.Client
    folder: Path
    steps: list[Step] = field(default_factory=list)
    #: Everything that was asked of the office and of its commands, in order.
    calls: list[str] = field(default_factory=list)
    _desks: dict[str, Desk] = field(default_factory=dict)

    def desk(self, login: str) -> Desk:
        """Somebody's desk; they sign in at their first appearance on this day of the clock."""
        if login not in self._desks:
            self._desks[login] = client.sign_in(self.http, login, self.access.password)
            self._desks[login].calls = self.calls
        return self._desks[login]

    def set_clock(self, at: datetime) -> None:
        """Go to another day; everybody has to sign in again then."""
        clock.set_office_clock(self.access.var / "clock.json", at)
        self._desks.clear()

    @contextmanager
    def step(self, name: str, did: str) -> Iterator[Step]:
        """One step: its progress line, the calls made in it, and its checks."""
        made = Step(name, did)
        self.steps.append(made)
        print(f"{len(self.steps):>3}. {did} …", end="", flush=True)
        before = len(self.calls)
        begun = time.monotonic()
        try:
            yield made
        finally:
            made.seconds = round(time.monotonic() - begun, 2)
            made.calls += self.calls[before:]
        print(f" {len(made.checked)} điều đã kiểm tra, {made.seconds:.1f} giây", flush=True)

    def keep(self, name: str, content: bytes) -> Path:
        """Leave a file of the story in its folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def made_once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A file that an earlier run has left, or a new one: Excel files bear their own time, and
        an upload that is repeated has to have the same bytes."""
        file = self.folder / name
        if not file.exists():
            self.keep(name, make())
        return file.read_bytes()

    def keep_json(self, name: str, content: object) -> Path:
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str)
        return self.keep(name, (text + "\n").encode())

    def write(self) -> None:
        """story.json, also of a story that failed half-way."""
        self.keep_json("story.json", [asdict(step) for step in self.steps])


def check(step: Step, fact: str, holds: object, seen: object = "") -> None:
    """Put a fact on record as checked; raises StoryFailed where it does not hold."""
    if not holds:
        raise StoryFailed(f"Không đúng: {fact}. Thấy: {str(seen)[:500]}")
    step.checked.append(fact)


def problem_of(answer: Mapping[str, object]) -> str:
    """What a refusal says, for comparing."""
    return f"{answer.get('title', '')}: {answer.get('detail', '')}"


def complain(text: str) -> None:
    print(f"\nLỖI: {text}", file=sys.stderr, flush=True)
