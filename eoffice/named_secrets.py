"""Secrets by name: a row holds the name, the environment or a file of the machine the secret.

The secret NAME is the environment variable EOFFICE_SECRET_NAME, or else the first line of the file
`secrets/NAME` below the directory of this machine, which only the office's account may read.
"""

from __future__ import annotations

import os
import re
import stat
from typing import Final

from eoffice.errors import Invalid, Unavailable
from eoffice.settings import settings

_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
_LONGEST: Final = 4096
#: EOFFICE_SECRET_KEY is the key of the office itself: no row leads to it.
_RESERVED: Final = frozenset({"KEY"})


class SecretNameWrong(Invalid):
    """What was entered is not the name of a secret."""


class SecretMissing(Unavailable):
    """No secret has this name on this machine, or its file is open to others."""


def checked(name: str, *, field: str, what: str) -> str:
    """The name, trimmed; empty stays empty. `what` it names: "mật khẩu".

    Raises SecretNameWrong, which does not repeat what was typed: it may be the secret itself.
    """
    trimmed = name.strip()
    if trimmed and not _is_name(trimmed):
        words = f"Nhập tên của {what} (chữ hoa, số, gạch dưới), không nhập chính {what}."
        raise SecretNameWrong(words, fields={field: words})
    return trimmed


def needed(name: str, *, field: str, what: str) -> str:
    """As `checked`, and there has to be a name. Raises SecretNameWrong."""
    found = checked(name, field=field, what=what)
    if not found:
        words = f"Nhập tên của {what}."
        raise SecretNameWrong(words, fields={field: words})
    return found


def read(name: str) -> str:
    """Raises SecretMissing, which names the name only."""
    missing = SecretMissing(
        f"Máy chủ chưa có khóa bí mật hoặc mật khẩu tên {name}. Đặt biến môi trường "
        f"EOFFICE_SECRET_{name} hoặc tệp secrets/{name} chỉ tài khoản của hệ thống đọc được."
    )
    if not _is_name(name):
        raise missing
    if found := os.environ.get(f"EOFFICE_SECRET_{name}", ""):
        return found
    file = settings().var / "secrets" / name
    try:
        with file.open(encoding="utf-8") as lines:
            is_open = stat.S_IMODE(os.fstat(lines.fileno()).st_mode) & 0o077
            found = lines.readline(_LONGEST).strip()
    except (OSError, UnicodeDecodeError) as failure:
        raise missing from failure
    if is_open or not found:
        raise missing
    return found


def _is_name(name: str) -> bool:
    return name not in _RESERVED and _NAME.fullmatch(name) is not None
