"""What was made of documents for readers: pictures, words, kept for a while on this machine's disk.

Everything is named by the digest of the document's bytes, so it is never wrong, only absent; it
may be deleted at any time. Who may read is decided before anybody comes here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

MOST_BYTES: Final = 512 << 20
#: Nothing stays longer than this behind the newest: what is destroyed leaves no pictures.
LONGEST_IDLE_S: Final = 24 * 3600


class Leaves:
    """A directory of files, least recently used first out; shared by threads and processes."""

    def __init__(self, directory: Path, most_bytes: int = MOST_BYTES) -> None:
        self._directory = directory
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._put_bytes = most_bytes  # The first file that is put sweeps what was left.

    def get(self, name: str) -> bytes | None:
        path = self._directory / name
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content

    def put(self, name: str, content: bytes) -> None:
        """Keep it, if the disk lets us; what cannot be kept is made again."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._directory, delete=False) as part:
                part.write(content)
            Path(part.name).replace(self._directory / name)
        except OSError:
            return
        with self._lock:
            self._put_bytes += len(content)
            if self._put_bytes < self._most_bytes // 8:
                return
            self._put_bytes = 0
        self._sweep()

    @contextmanager
    def lent(self, name: str, directory: Path, lent_name: str) -> Iterator[bool]:
        """The file under a second name in `directory`, where sweeping does not reach it; whether
        it is there."""
        place = directory / lent_name
        try:
            place.hardlink_to(self._directory / name)
            os.utime(self._directory / name)
        except FileNotFoundError:
            yield place.exists()
            return
        except OSError:
            # Another file system: a second copy for as long as it is needed.
            content = self.get(name)
            if content is not None:
                place.write_bytes(content)
        yield place.exists()

    def _sweep(self) -> None:
        """Down to seven eighths of what may be kept, and nothing that was idle for too long."""
        files: list[tuple[float, int, Path]] = []
        for path in self._directory.iterdir():
            try:
                found = path.stat()
            except OSError:
                continue
            files.append((found.st_mtime, found.st_size, path))
        newest = max((at for at, _, _ in files), default=0.0)
        total = sum(size for _, size, _ in files)
        for at, size, path in sorted(files):
            if total <= self._most_bytes * 7 // 8 and newest - at < LONGEST_IDLE_S:
                return
            path.unlink(missing_ok=True)
            total -= size
