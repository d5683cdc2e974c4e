"""An e-mail message taken apart: who wrote, what about, and which files are worth keeping.

Programs that write mail break every rule there is, so nothing here fails: a header that cannot be
decoded is shown as it stands, a charset that does not exist is guessed. The older parser of the
standard library is used on purpose: it does not judge headers.
"""

from __future__ import annotations

import email
import email.policy
import email.utils
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from html.parser import HTMLParser
from typing import Final

from eoffice.mailroom.states import AttachmentKind
from eoffice.mailroom.uploads import plain_name

MOST_PARTS: Final = 100
MOST_TEXT: Final = 50_000
LARGEST_PART: Final = 25 << 20
#: A small picture without a name of its own decorates a signature.
DECORATION_BYTES: Final = 60_000
_SIGNATURES: Final = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "text/vcard",
        "text/x-vcard",
    }
)
_PROGRAMS: Final = re.compile(
    r"\.(exe|com|scr|pif|bat|cmd|msi|js|jse|vbs|vbe|wsf|hta|ps1|lnk|jar|iso|img|reg|cpl)$",
    re.IGNORECASE,
)
_DECORATION: Final = re.compile(r"^(image\d{1,4}|outlook-[\w-]*|logo)\.", re.IGNORECASE)
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,250}>")
#: Tried in turn where the declared charset does not fit; the last takes every byte.
_CHARSETS: Final = ("utf-8", "cp1258", "latin-1")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the message."""

    name: str
    kind: AttachmentKind
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    message_id: str
    #: SHA-256 of sender, subject and body, without the lines that servers on the way add.
    digest: str
    sender_name: str
    sender_address: str
    subject: str
    #: None where the message does not say it, or not in a way that can be read.
    sent_at: datetime | None
    text: str
    parts: tuple[Part, ...]
    #: What was not kept and why, whole sentences.
    left_out: tuple[str, ...]


def letter(raw: bytes) -> Letter:
    """A message, whatever it is."""
    message = email.message_from_bytes(_bounded(raw), policy=email.policy.compat32)
    sender_name, sender_address = email.utils.parseaddr(_header(message, "From"))
    subject = " ".join(_header(message, "Subject").split())
    found_id = _MESSAGE_ID.search(str(message.get("Message-ID", "")))
    sorted_out = _Sorted()
    for part in _leaves(message):
        sorted_out.take(part)
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1]
    told = "\n".join((sender_address, subject)).encode("utf-8", "surrogatepass")
    return Letter(
        message_id="" if found_id is None else _plain(found_id[0]),
        digest=hashlib.sha256(told + b"\n" + body).hexdigest(),
        sender_name=_plain(sender_name)[:200],
        sender_address=_plain(sender_address)[:254].lower(),
        subject=_plain(subject)[:500],
        sent_at=_instant(_header(message, "Date")),
        text=sorted_out.text,
        parts=tuple(sorted_out.parts),
        left_out=tuple(sorted_out.left_out),
    )


class _Sorted:
    """Leaves of a message on their piles."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.left_out: list[str] = []
        self._plain: str | None = None
        self._html: str | None = None

    @property
    def text(self) -> str:
        return (self._plain if self._plain is not None else self._html or "")[:MOST_TEXT]

    def take(self, part: Message) -> None:
        kind = part.get_content_type()
        name = _file_name(part)
        content = _content(part)
        if not name and kind == "text/plain" and self._plain is None:
            self._plain = _plain(_text(part, content))
        elif not name and kind == "text/html" and self._html is None:
            self._html = _plain(_without_tags(_text(part, content)))
        elif kind in _SIGNATURES:
            self.left_out.append(f"Chữ ký hoặc danh thiếp kèm thư: {name or kind}.")
        elif _is_decoration(part, kind, name, content):
            self.left_out.append(f"Ảnh chèn trong thư: {name or kind}.")
        elif _PROGRAMS.search(name) or content.startswith(b"MZ"):
            self.left_out.append(f"Tệp chương trình, không nhận: {name or kind}.")
        elif len(content) > LARGEST_PART:
            self.left_out.append(f"Tệp lớn hơn {LARGEST_PART >> 20} MB: {name or kind}.")
        elif len(self.parts) >= MOST_PARTS:
            self.left_out.append(f"Thư có quá nhiều tệp, không nhận thêm: {name or kind}.")
        elif content:
            shown = plain_name(name) if name else f"phần {len(self.parts) + 1}"
            self.parts.append(Part(shown, _kind_of(shown, content), content))


def _kind_of(name: str, content: bytes) -> AttachmentKind:
    head = content[:1024].lstrip(b"\xef\xbb\xbf \r\n\t")
    if b"%PDF-" in content[:1024]:
        return AttachmentKind.DOCUMENT
    is_xml = head.startswith(b"<")
    if is_xml and (name.lower().endswith(".edxml") or b"edxml" in content[:4096].lower()):
        return AttachmentKind.EXCHANGE
    return AttachmentKind.FILE


def _is_decoration(part: Message, kind: str, name: str, content: bytes) -> bool:
    if not kind.startswith("image/"):
        return False
    if part.get("Content-ID") is not None and part.get_content_disposition() != "attachment":
        return True
    nameless = not name or _DECORATION.match(name) is not None
    return nameless and len(content) <= DECORATION_BYTES


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold something; a forwarded message is one file."""
    waiting = [message]
    seen = 0
    while waiting and seen < 10 * MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        payload = part.get_payload()
        inner = payload if isinstance(payload, list) else []
        if part.get_content_maintype() == "multipart" and inner:
            waiting[:0] = [each for each in inner if isinstance(each, Message)]
        else:
            yield part


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        return bytes(inner[0].as_bytes())
    return b""


def _file_name(part: Message) -> str:
    """RFC 2231, encoded words where they are not allowed, and names in the wrong place."""
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, TypeError):
        name = ""
    name = _decoded(name)
    if not name and part.get_content_type() == "message/rfc822":
        name = "thư chuyển tiếp.eml"
    return " ".join(name.split())


def _header(message: Message, name: str) -> str:
    return _decoded(str(message.get(name, "")))


def _decoded(text: str) -> str:
    try:
        pieces = decode_header(text)
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return text
    return "".join(
        piece if isinstance(piece, str) else _guessed(piece, charset) for piece, charset in pieces
    )


def _text(part: Message, content: bytes) -> str:
    charset = part.get_content_charset()
    return _guessed(content[: 4 * MOST_TEXT], charset)


def _guessed(content: bytes, charset: str | None) -> str:
    for each in (charset, *_CHARSETS):
        if not each or each == "unknown-8bit":
            continue
        try:
            return content.decode(each)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _instant(text: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return None


def _plain(text: str) -> str:
    """Letters that a database and a page take."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(each for each in whole if each in "\n\t" or each.isprintable()).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("script", "style", "head"):
            self._silent += 1
        elif tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head"):
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _without_tags(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _bounded(raw: bytes) -> bytes:
    """The message, or its head alone where parts are nested beyond all reason."""
    if raw.lower().count(b"boundary=") > MOST_PARTS:
        return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0] + b"\n\n"
    return raw
