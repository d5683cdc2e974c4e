"""A file in the object store that somebody brought along with a step."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.objects.sha256 import Sha256


@dataclass(frozen=True, slots=True)
class KeptFile:
    name: str
    media_type: str
    size_bytes: int
    sha256: Sha256
