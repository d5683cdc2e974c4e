"""Who may read the log. Pure."""

from __future__ import annotations

from eoffice.errors import NotAllowed
from eoffice.web.principal import Principal

#: Positions whose holders read the log of their agency and of the units below it.
READERS = frozenset({"operator"})


class LogClosed(NotAllowed):
    """Only operators read the audit log."""


def require_reader(who: Principal) -> None:
    """Raises LogClosed."""
    if who.position_kind not in READERS:
        raise LogClosed("Chỉ quản trị hệ thống được xem nhật ký kiểm toán.")
