"""Signatures that were made and that the office has not answered for yet.

Each lies in a file of its own, readable by its owner alone, from before it is sent until the office
has taken or refused it: a line that is lost costs no second PIN. Such a value is good for one
prepared file of one request, which only the office has whole; it is no key.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from eoffice.agent_program import keeping

_FOLDER: Final = "made"


@dataclass(frozen=True, slots=True)
class Made:
    """What the token has signed for one request."""

    request_id: str
    title: str
    value: bytes


def keep(made: Made) -> None:
    """On disk when this returns, in the place of an earlier one for the same request."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {
        "request_id": made.request_id,
        "title": made.title,
        "value": base64.b64encode(made.value).decode(),
    }
    file = _file(made.request_id)
    part = file.with_suffix(".part")
    # Made anew, not opened: a file that somebody laid there before would keep its own rights.
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def forget(request_id: str) -> None:
    """The office has answered for it. Idempotent."""
    _file(request_id).unlink(missing_ok=True)


def forget_all() -> int:
    """What was made under a pairing that is over; how many."""
    files = sorted(_folder().glob("*"))
    for each in files:
        each.unlink(missing_ok=True)
    return sum(each.suffix == ".json" for each in files)


def kept() -> tuple[Made, ...]:
    """What is still to be sent, the oldest request first. What cannot be read is left out: its
    request waits at the office and can be signed again."""
    found = []
    for each in sorted(_folder().glob("*.json")):
        try:
            content = json.loads(each.read_text(encoding="utf-8"))
            found.append(
                Made(
                    str(UUID(content["request_id"])),
                    str(content["title"]),
                    base64.b64decode(content["value"], validate=True),
                )
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return tuple(found)


def _folder() -> Path:
    return keeping.home() / _FOLDER


def _file(request_id: str) -> Path:
    return _folder() / f"{UUID(request_id)}.json"
