"""A test PKI for the tests: made once a run, served on loopback by a thread, at the office clock.

`trust_services` starts it; `office_clock` sets what time it is for it and for the office.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from eoffice import clock
from eoffice.embedded.pki import KeyKind, Pki, Subject, materialise
from eoffice.embedded.pki.issue import Era
from eoffice.embedded.pki.server import TrustServer
from eoffice.settings import REVOCATION_HOSTS
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore

PIN = "246810"
_DEPARTMENT = "Sở Giáo dục và Đào tạo Đồng Tháp"
_SCHOOL = "Trường THCS Thống Linh"

DIRECTOR = Subject(
    "director", "Trần Thanh Liêm", _DEPARTMENT, PIN, "Giám đốc", key=KeyKind.RSA_2048
)
SEAL = Subject("seal", _DEPARTMENT, _DEPARTMENT, PIN, key=KeyKind.RSA_2048)
TEACHER = Subject("teacher", "Nguyễn Thị Ánh Tuyết", _SCHOOL, PIN, "Giáo viên")
#: A certificate of five years, as authorities issue them; long over when the archive is read.
SHORT_LIVED = Subject(
    "short-lived",
    "Lê Văn Năm Năm",
    _SCHOOL,
    PIN,
    not_before=datetime(2016, 1, 1, tzinfo=UTC),
    not_after=datetime(2021, 1, 1, tzinfo=UTC),
)
REVOKED = Subject(
    "revoked", "Phạm Thị Thu Hồi", _SCHOOL, PIN, revoked_at=datetime(2018, 6, 1, tzinfo=UTC)
)
EXPIRED = Subject(
    "expired",
    "Võ Văn Hết Hạn",
    _SCHOOL,
    PIN,
    not_before=datetime(2015, 1, 1, tzinfo=UTC),
    not_after=datetime(2018, 1, 1, tzinfo=UTC),
)
STRANGER = Subject("stranger", "Đỗ Người Lạ", "Không rõ", PIN, recognised=False)

CAST = (DIRECTOR, SEAL, TEACHER, SHORT_LIVED, REVOKED, EXPIRED, STRANGER)


_USUAL = Era()


@contextmanager
def trust_services(directory: Path, *more: Subject, era: Era = _USUAL) -> Iterator[Pki]:
    """The PKI with `CAST` and further subjects, served until the block ends.

    From then on this process may ask authorities on its own machine about revocation.
    """
    os.environ.setdefault(REVOCATION_HOSTS, "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pki = materialise(directory, [*CAST, *more], port=port, era=era)
    with TrustServer(directory, pki.port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield pki
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def office_clock(file: Path, at: datetime) -> Iterator[None]:
    """For this process it is `at` within the block, and time goes on from there."""
    before = os.environ.get(clock.CLOCK_FILE)
    clock.set_office_clock(file, at)
    os.environ[clock.CLOCK_FILE] = str(file)
    try:
        yield
    finally:
        if before is None:
            del os.environ[clock.CLOCK_FILE]
        else:
            os.environ[clock.CLOCK_FILE] = before


def key_store(pki: Pki, subject: Subject) -> Pkcs12KeyStore:
    return Pkcs12KeyStore(pki.key_file(subject.label))
