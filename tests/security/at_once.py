"""Several people who press the same button at the same moment, each in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from eoffice.errors import Refusal

T = TypeVar("T")


def at_once(steps: Sequence[Callable[[], T]]) -> list[T | Refusal]:
    """What each of the steps gave, or the refusal that it met; they begin together.

    Whatever else a step raises is a bug and ends the test.
    """
    start = threading.Barrier(len(steps))

    def take(step: Callable[[], T]) -> T | Refusal:
        start.wait(timeout=30)
        try:
            return step()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(steps)) as people:
        return list(people.map(take, steps))


def refusals(found: Sequence[object]) -> list[str]:
    """Names of the refusals among the answers, sorted."""
    return sorted(type(one).__name__ for one in found if isinstance(one, Refusal))
