"""Who may read the log. Pure."""

from __future__ import annotations

from eoffice.errors import NotAllowed

#: Positions whose holders read the log of their agency and of the units below it.
READERS = frozenset({"operator"})


class LogClosed(NotAllowed):
    """Only operators read the audit log."""


def require_reader(position_kind: str) -> None:
    """Raises LogClosed."""
    if position_kind not in READERS:
        raise LogClosed("Chỉ quản trị hệ thống được xem nhật ký kiểm toán.")
