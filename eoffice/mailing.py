"""Mail that leaves the office: a letter, and the server that takes it. Never the database."""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from eoffice.errors import Unavailable
from eoffice.settings import SettingMissing, settings

TIMEOUT_S: Final = 20


class MailNotSent(Unavailable):
    """The mail server did not take the mail."""


def letter(
    to: str, subject: str, text: str, *, key: UUID, sender: str = "Văn phòng điện tử"
) -> EmailMessage:
    """A plain letter that no machine answers.

    `key` makes the Message-ID: a mail that is sent twice is one mail for the receiver.
    """
    message = EmailMessage()
    address = settings().mail_from
    message["From"] = Address(sender, addr_spec=address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Message-ID"] = f"<{key}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


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
