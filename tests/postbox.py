"""A mail server on this machine, and what it took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from eoffice import settings
from eoffice.embedded import ports


@dataclass
class Postbox:
    """What the mail server took."""

    messages: list[EmailMessage] = field(default_factory=list)
    is_refusing: bool = False

    async def handle_DATA(  # noqa: N802 -- aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.is_refusing:
            return "451 try later"
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@contextmanager
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """The office sends its mail here as long as this is open."""
    found = Postbox()
    port = ports.free_port()
    controller = Controller(found, hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    monkeypatch.setenv("EOFFICE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("EOFFICE_MAIL_FROM", "van-phong@sgddt.example.vn")
    settings.settings.cache_clear()
    yield found
    controller.stop()
