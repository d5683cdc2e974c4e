"""Mail as it is written and sent. Adapter: SMTP, never the database."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from eoffice.alerts.states import AWAITS_NAMES
from eoffice.alerts.waiting import Item
from eoffice.errors import Unavailable
from eoffice.settings import SettingMissing, settings

TIMEOUT_S: Final = 20
#: Lines of one mail; the rest is on the desk.
MOST_LINES: Final = 40
_FOOT: Final = """
———
Thư tự động của văn phòng điện tử. Đổi cách nhận hoặc thôi nhận:
{base}/account/alerts
"""


class MailNotSent(Unavailable):
    """The mail server did not take the mail."""


def news(to: str, items: Sequence[Item], *, today: date, base_url: str, key: UUID) -> EmailMessage:
    """What awaits, one line each with its page; no more than the desk shows.

    `key` makes the Message-ID: a mail that is sent twice is one mail for the receiver.
    """
    shown = items[:MOST_LINES]
    lines: list[str] = []
    for awaits, name in AWAITS_NAMES.items():
        of_kind = [each for each in shown if each.awaits is awaits]
        if of_kind:
            lines += ["", f"{name} ({len(of_kind)})"]
            lines += [_line(each, today, base_url) for each in of_kind]
    if len(items) > len(shown):
        lines += ["", f"và {len(items) - len(shown)} việc khác: {base_url}/"]
    late = sum(each.due_on is not None and each.due_on < today for each in items)
    said = f"{len(items)} việc chờ bạn" + (f", {late} việc quá hạn" if late else "")
    return _message(to, said, f"{said}.\n" + "\n".join(lines) + "\n", base_url, key)


def code(to: str, digits: str, *, base_url: str, key: UUID) -> EmailMessage:
    """The mail that proves an address."""
    text = (
        f"Mã xác nhận địa chỉ nhận thông báo: {digits}\n\n"
        f"Nhập mã tại {base_url}/account/alerts trong vòng 30 phút. Nếu bạn không yêu cầu, hãy bỏ "
        "qua thư này.\n"
    )
    return _message(to, f"{digits} là mã xác nhận của bạn", text, base_url, key)


def send(message: EmailMessage) -> None:
    """Hand one mail to the server of the settings. Raises MailNotSent, SettingMissing."""
    url = settings().smtp_url
    if not url:
        raise SettingMissing("Chưa đặt biến môi trường EOFFICE_SMTP_URL.")
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    try:
        with _connected(parts.scheme, host, port) as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (smtplib.SMTPException, OSError) as failure:
        raise MailNotSent(f"Máy chủ thư không nhận thư ({type(failure).__name__}).") from failure


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """smtps: encrypted from the start; smtp: STARTTLS, except on this machine itself."""
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT_S)
    if host not in ("127.0.0.1", "localhost", "::1"):
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _message(to: str, subject: str, text: str, base_url: str, key: UUID) -> EmailMessage:
    message = EmailMessage()
    sender = settings().mail_from
    message["From"] = Address("Văn phòng điện tử", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text + _FOOT.format(base=base_url))
    return message


def _line(item: Item, today: date, base_url: str) -> str:
    until = ""
    if item.due_on is not None:
        until = f" (hạn {item.due_on:%d/%m/%Y}" + (", đã quá hạn)" if item.due_on < today else ")")
    return f"- {item.subject}{until}\n  {base_url}{item.path}"
