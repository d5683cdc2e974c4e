"""How far a scan and an e-mail message are; tables of states, no database."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class ScanState(StrEnum):
    #: For the reader of pages to begin.
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    #: The reader could not make anything of it; the document itself is kept.
    UNREADABLE = "unreadable"
    #: The machine has no reader of pages; the document itself is kept.
    UNAVAILABLE = "unavailable"
    #: Became an incoming document.
    TAKEN = "taken"
    DISCARDED = "discarded"


class MailState(StrEnum):
    NEW = "new"
    #: Became an incoming document, or went to the exchange.
    TAKEN = "taken"
    #: No document: an invitation to a sale, a greeting.
    PUT_ASIDE = "put_aside"


class MailboxSecurity(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class AttachmentKind(StrEnum):
    #: A PDF that can be the incoming document.
    DOCUMENT = "document"
    #: An edXML message.
    EXCHANGE = "exchange"
    FILE = "file"


class NotOpenAnyMore(Conflict):
    """The scan or the message was dealt with before."""


SCAN_NAMES: Final = {
    ScanState.WAITING: "Chờ nhận dạng",
    ScanState.READING: "Đang nhận dạng",
    ScanState.READ: "Đã nhận dạng",
    ScanState.UNREADABLE: "Không nhận dạng được",
    ScanState.UNAVAILABLE: "Không có bộ nhận dạng",
    ScanState.TAKEN: "Đã tiếp nhận",
    ScanState.DISCARDED: "Đã bỏ",
}
MAIL_NAMES: Final = {
    MailState.NEW: "Mới",
    MailState.TAKEN: "Đã tiếp nhận",
    MailState.PUT_ASIDE: "Để ngoài",
}
SECURITY_NAMES: Final = {
    MailboxSecurity.TLS: "TLS ngay từ đầu (cổng 993)",
    MailboxSecurity.STARTTLS: "STARTTLS (cổng 143)",
    MailboxSecurity.NONE: "Không mã hóa, chỉ trong máy này",
}
#: While the pages are read; a page that shows it asks again.
IN_WORK: Final = frozenset({ScanState.WAITING, ScanState.READING})
#: The clerk can make an incoming document of it, with or without words.
OPEN: Final = frozenset(
    {
        ScanState.WAITING,
        ScanState.READING,
        ScanState.READ,
        ScanState.UNREADABLE,
        ScanState.UNAVAILABLE,
    }
)


def check_open(state: ScanState | MailState) -> None:
    """Raises NotOpenAnyMore."""
    if state in OPEN or state is MailState.NEW:
        return
    raise NotOpenAnyMore("Việc này đã được xử lý trước đó. Hãy xem lại danh sách.")
