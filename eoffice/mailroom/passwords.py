"""Passwords of mailboxes by name: a row holds the name, the environment or a file the password.

The password NAME is the environment variable EOFFICE_SECRET_NAME, or else the first line of the
file `secrets/NAME` below the directory of this machine, which only the office's account may read.
"""

from __future__ import annotations

import os
import re
import stat
from typing import Final

from eoffice.errors import Invalid
from eoffice.settings import settings

_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
_LONGEST: Final = 4096


class PasswordNameWrong(Invalid):
    """What was entered is not the name of a password."""


class PasswordMissing(Exception):
    """No password has this name on this machine, or its file is open to others."""


def checked_name(name: str) -> str:
    """The name, trimmed. Raises PasswordNameWrong, which does not repeat what was typed."""
    trimmed = name.strip()
    if not _NAME.fullmatch(trimmed):
        words = "Nhập tên của mật khẩu (chữ hoa, số, gạch dưới), không nhập chính mật khẩu."
        raise PasswordNameWrong(words, fields={"password_name": words})
    return trimmed


def read(name: str) -> str:
    """Raises PasswordMissing, which names the name only."""
    found = os.environ.get(f"EOFFICE_SECRET_{name}", "") or _from_file(name)
    if not found:
        raise PasswordMissing(f"Máy chủ chưa có mật khẩu tên {name}.")
    return found


def _from_file(name: str) -> str:
    if not _NAME.fullmatch(name):
        return ""
    try:
        with (settings().var / "secrets" / name).open(encoding="utf-8") as lines:
            if stat.S_IMODE(os.fstat(lines.fileno()).st_mode) & 0o077:
                return ""
            return lines.readline(_LONGEST).strip()
    except (OSError, UnicodeDecodeError):
        return ""
