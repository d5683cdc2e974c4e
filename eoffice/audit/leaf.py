"""An event as the bytes that stand in the tree, and back. Pure values.

Canonical JSON: UTF-8, keys in the order of their code points, no blanks, nothing escaped that need
not be, no fractions. Times are UTC with six decimals. Whoever has these bytes needs neither the
database nor this program to compute their place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

VERSION = 1


@dataclass(frozen=True, slots=True)
class Proven:
    """An event with everything that proves its place without the database."""

    leaf: bytes
    index: int
    #: Of the tree under whose head it is proved.
    size: int
    path: tuple[bytes, ...]


def canonical(value: Json) -> bytes:
    """Raises TypeError for a fraction, which two programs might write differently."""
    _refuse_fractions(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def instant(at: datetime) -> str:
    """2018-08-13T01:15:00.000000Z"""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _refuse_fractions(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("fractions have no canonical form: keep them as text")
    if isinstance(value, Mapping):
        for one in value.values():
            _refuse_fractions(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _refuse_fractions(one)
