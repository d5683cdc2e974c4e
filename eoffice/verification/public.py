"""Verifying a file that anybody brings: nothing is kept, and nobody can take all of the machine.

The file stands in a temporary file without a name, which is gone with the answer; what reads it is
a child process with limits of its own. Of who asked, only how often is known, in memory.
"""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, BinaryIO, Final, cast

from eoffice import clock
from eoffice.archive import verify_command
from eoffice.archive.verification_report import Subject
from eoffice.audit import log_key
from eoffice.errors import Invalid, TooLarge, TooManyRequests, Unavailable
from eoffice.settings import settings
from eoffice.signing.content import PIECE_BYTES, Content
from eoffice.signing.trust import TrustStore
from eoffice.verification import rules
from eoffice.web.forms import Form

#: A package holds one document and little else.
LARGEST_BYTES: Final = 64 * 2**20
BODY: Final = LARGEST_BYTES + 2**20
#: Verifications of one process at the same time; each has a child process.
AT_ONCE: Final = 4
#: Of so many places the process remembers how often they asked.
_MOST_PLACES: Final = 10_000


class TooOften(TooManyRequests):
    """One place has had as many files checked as a period allows."""


class Busy(Unavailable):
    """As many files are being checked as the machine allows."""


class Gate:
    """Counts verifications by where they come from, and how many run at once.

    For one process; several processes allow as many times more. Safe between threads.
    """

    def __init__(self, *, at_once: int = AT_ONCE, most_places: int = _MOST_PLACES) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(at_once)
        self._asked: OrderedDict[str, tuple[datetime, ...]] = OrderedDict()
        self._most_places = most_places

    @contextmanager
    def admitted(self, source: str, *, at: datetime) -> Iterator[None]:
        """While one file of `source` is checked. Raises TooOften, Busy; a file that is turned
        away because others are being checked does not count.
        """
        with self._lock:
            free_at = rules.free_again(self._asked.get(source, ()), at=at)
        if free_at is not None:
            moment = clock.vietnam_time(free_at)
            raise TooOften(
                f"Đã kiểm tra {rules.MOST_IN_A_PERIOD} tệp trong"
                f" {rules.PERIOD.total_seconds() / 60:.0f} phút từ nơi này."
                f" Hãy thử lại sau {moment:%H:%M}."
            )
        if not self._places.acquire(blocking=False):
            raise Busy("Đang có nhiều tệp được kiểm tra cùng lúc. Hãy thử lại sau ít phút.")
        try:
            self._note(source, at)
            yield
        finally:
            self._places.release()

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._asked.clear()

    def _note(self, source: str, at: datetime) -> None:
        with self._lock:
            before = rules.still_counting(self._asked.pop(source, ()), at=at)
            self._asked[source] = (*before, at)
            while len(self._asked) > self._most_places:
                self._asked.popitem(last=False)


#: That of this process.
GATE: Final = Gate()


def checked(form: Form, *, source: str, at: datetime) -> Subject:
    """What is to be said about the file that was sent as `file`.

    Raises Invalid, TooLarge, TooOften, Busy.
    """
    with sent(form) as (name, file), GATE.admitted(source, at=at):
        return Subject.of(name, file, _judged(file, at=at))


def digest(form: Form, *, source: str, at: datetime) -> str:
    """SHA-256 of the file that was sent, in hexadecimal. Raises what `checked` raises."""
    with sent(form) as (_, file), GATE.admitted(source, at=at):
        content = Content.of(file)
        return content.digest("sha256", (0, content.size_bytes)).hex()


@contextmanager
def sent(form: Form) -> Iterator[tuple[str, BinaryIO]]:
    """Name and content of the file that was sent, as long as it is looked at.

    Raises Invalid, TooLarge.
    """
    upload = form.file("file")
    if upload is None:
        raise Invalid(
            "Chưa chọn tệp để kiểm tra.",
            fields={"file": "Hãy chọn một tệp."},
        )
    with tempfile.TemporaryFile() as file:
        _copy(upload.file, cast("IO[bytes]", file))
        yield upload.filename, cast("BinaryIO", file)


def _copy(given: IO[bytes], to: IO[bytes]) -> None:
    given.seek(0)
    size = 0
    while piece := given.read(PIECE_BYTES):
        size += len(piece)
        if size > LARGEST_BYTES:
            raise TooLarge(f"Tệp lớn hơn {LARGEST_BYTES // 2**20} MB nên không kiểm tra ở đây.")
        to.write(piece)
    to.flush()


def _judged(file: BinaryIO, *, at: datetime) -> verify_command.Checked:
    directory = settings().trust_directory
    return verify_command.check(
        file,
        trust=TrustStore.from_directory(directory),
        log=log_key.published(directory),
        at=at,
    )
