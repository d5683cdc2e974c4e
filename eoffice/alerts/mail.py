"""Mail that tells people what awaits them, as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from email.message import EmailMessage
from typing import Final
from uuid import UUID

from eoffice import mailing
from eoffice.alerts.states import AWAITS_NAMES
from eoffice.alerts.waiting import Item

#: Lines of one mail; the rest is on the desk.
MOST_LINES: Final = 40
_FOOT: Final = """
———
Thư tự động của văn phòng điện tử. Đổi cách nhận hoặc thôi nhận:
{base}/account/alerts
"""


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
    text = f"{said}.\n" + "\n".join(lines) + "\n"
    return mailing.letter(to, said, text + _FOOT.format(base=base_url), key=key)


def code(to: str, digits: str, *, base_url: str, key: UUID) -> EmailMessage:
    """The mail that proves an address."""
    text = (
        f"Mã xác nhận địa chỉ nhận thông báo: {digits}\n\n"
        f"Nhập mã tại {base_url}/account/alerts trong vòng 30 phút. Nếu bạn không yêu cầu, hãy bỏ "
        "qua thư này.\n"
    )
    subject = f"{digits} là mã xác nhận của bạn"
    return mailing.letter(to, subject, text + _FOOT.format(base=base_url), key=key)


def _line(item: Item, today: date, base_url: str) -> str:
    until = ""
    if item.due_on is not None:
        until = f" (hạn {item.due_on:%d/%m/%Y}" + (", đã quá hạn)" if item.due_on < today else ")")
    return f"- {item.subject}{until}\n  {base_url}{item.path}"
