"""Fetching new messages from an IMAP server; nothing on the server is changed.

Messages are known by UIDVALIDITY and UID (RFC 3501, 2.3.1.1): as long as the former stays, a
message keeps its UID and later ones have higher ones.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from eoffice.mailroom.states import MailboxSecurity

TIMEOUT_S: Final = 20.0
#: A message larger than this is announced without its files.
LARGEST_MESSAGE: Final = 50 << 20
#: In one run; the next one goes on.
MOST_MESSAGES: Final = 25
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxFailure(Exception):
    """The server cannot be reached, does not let us in, or speaks nonsense; in words."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look, and how far it was read."""

    host: str
    port: int
    security: MailboxSecurity
    user_name: str
    folder: str
    uid_validity: int | None
    last_uid: int


@dataclass(frozen=True, slots=True)
class Fetched:
    uid_validity: int
    uid: int
    raw: bytes
    #: The message was too large: `raw` is its head alone.
    is_cut: bool


def new_messages(place: Place, password: str) -> Iterator[Fetched]:
    """What came since the last look, oldest first, at most MOST_MESSAGES. Raises MailboxFailure.

    After a change of UIDVALIDITY everything is new; who keeps them knows them by their identifiers.
    """
    try:
        with _connected(place, password) as server:
            _ok(server.select(_quoted(place.folder), readonly=True), "Không mở được thư mục thư.")
            validity = int(server.response("UIDVALIDITY")[1][0] or 0)
            last = place.last_uid if validity == place.uid_validity else 0
            for uid in _uids_after(server, last)[:MOST_MESSAGES]:
                raw, is_cut = _message(server, uid)
                yield Fetched(validity, uid, raw, is_cut)
    except ssl.SSLError as failure:
        raise MailboxFailure("Không lập được kết nối bảo mật với máy chủ thư.") from failure
    except (imaplib.IMAP4.error, OSError, ValueError, TypeError, IndexError) as failure:
        raise MailboxFailure(
            "Không nhận được thư: máy chủ thư không trả lời, từ chối đăng nhập hoặc trả lời sai."
        ) from failure


@contextmanager
def _connected(place: Place, password: str) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    if place.security is MailboxSecurity.TLS:
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            place.host, place.port, ssl_context=context, timeout=TIMEOUT_S
        )
    else:
        server = imaplib.IMAP4(place.host, place.port, timeout=TIMEOUT_S)
    try:
        if place.security is MailboxSecurity.STARTTLS:
            server.starttls(context)
        _log_in(server, place.user_name, password)
        yield server
    finally:
        server.shutdown()


def _log_in(server: imaplib.IMAP4, user_name: str, password: str) -> None:
    """By SASL PLAIN where the server knows it: a password may have any letters there."""
    said = b"\0".join((b"", user_name.encode(), password.encode()))
    try:
        if "AUTH=PLAIN" in server.capabilities:
            server.authenticate("PLAIN", lambda _: said)
        else:
            server.login(user_name, password)
    except (imaplib.IMAP4.error, UnicodeEncodeError) as failure:
        raise MailboxFailure(
            "Máy chủ thư từ chối đăng nhập: kiểm tra tên đăng nhập và mật khẩu."
        ) from failure


def _uids_after(server: imaplib.IMAP4, last: int) -> list[int]:
    found = _ok(server.uid("SEARCH", f"UID {last + 1}:*"), "Không tìm được thư mới.")
    numbers = sorted(int(each) for line in found if line for each in line.split())
    # "n:*" names the last message even where n is beyond it.
    return [uid for uid in numbers if uid > last]


def _message(server: imaplib.IMAP4, uid: int) -> tuple[bytes, bool]:
    said = _ok(server.uid("FETCH", str(uid), "(RFC822.SIZE)"), "Không đọc được thư.")
    size = _SIZE.search(b" ".join(each for each in said if isinstance(each, bytes)))
    is_cut = size is None or int(size[1]) > LARGEST_MESSAGE
    wanted = "(BODY.PEEK[HEADER])" if is_cut else "(BODY.PEEK[])"
    found = _ok(server.uid("FETCH", str(uid), wanted), "Không đọc được thư.")
    raw = next(each[1] for each in found if isinstance(each, tuple))
    return bytes(raw), is_cut


def _ok(answer: tuple[str, Sequence[Any]], words: str) -> list[Any]:
    kind, found = answer
    if kind != "OK":
        raise MailboxFailure(words)
    return list(found)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
