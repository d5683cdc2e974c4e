"""A gateway through a directory that both sides reach (a network share, a synchronised folder).

Below the directory each side has a folder of its own, named after it, from which it collects. A
message appears in one rename and under one name, so nobody reads half of one, and nobody reads one
twice once it was put aside.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from eoffice.exchange.gateway import MOST_FETCHED, GatewayRefused, GatewayUnavailable, Parcel, Told
from eoffice.exchange.safe_xml import LARGEST_BYTES

_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")
_ENDING: Final = ".edxml"
_UNAVAILABLE: Final = "Không đọc hoặc ghi được thư mục trao đổi. Hãy kiểm tra ổ đĩa dùng chung."


class FolderGateway:
    def __init__(self, directory: Path, *, ours: str, theirs: str) -> None:
        """`ours`, `theirs`: how the two sides are called; folder names are made from them."""
        self._inbox = directory / _folder(ours)
        self._outbox = directory / _folder(theirs)

    def send(self, parcel: Parcel) -> None:
        name = _file_name(parcel.message_id)
        try:
            self._outbox.mkdir(parents=True, exist_ok=True)
            if (self._outbox / "taken" / name).exists() or (self._outbox / name).exists():
                return
            _write_whole(self._outbox / name, parcel.content)
        except OSError as failure:
            raise GatewayUnavailable(_UNAVAILABLE) from failure

    def tell(self, told: Told) -> None:
        self.send(told.parcel)

    def fetch(self) -> Sequence[Parcel]:
        try:
            if not self._inbox.is_dir():
                return []
            files = sorted(
                (each for each in self._inbox.glob(f"*{_ENDING}") if not each.is_symlink()),
                key=lambda each: (each.stat().st_mtime_ns, each.name),
            )
            return [
                Parcel(each.name.removesuffix(_ENDING), each.read_bytes())
                for each in files[:MOST_FETCHED]
                if each.stat().st_size <= LARGEST_BYTES
            ]
        except OSError as failure:
            raise GatewayUnavailable(_UNAVAILABLE) from failure

    def acknowledge(self, message_id: str) -> None:
        """Put aside in `taken`, where it says for ever that it came."""
        name = _file_name(message_id)
        try:
            taken = self._inbox / "taken"
            taken.mkdir(parents=True, exist_ok=True)
            (self._inbox / name).replace(taken / name)
        except FileNotFoundError:
            return
        except OSError as failure:
            raise GatewayUnavailable(_UNAVAILABLE) from failure


def _folder(name: str) -> str:
    """Identifiers may hold anything; two of them never share a folder."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "_", name).strip(".") or "_"
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _file_name(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise GatewayRefused("Mã thông điệp có ký tự không đặt tên tệp được.")
    return message_id + _ENDING


def _write_whole(file: Path, content: bytes) -> None:
    """There completely or not at all, also after a crash."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    with unfinished.open("wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    unfinished.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
