"""Under which account a service runs, and what that account may reach.

PostgreSQL refuses to run as root. Started by root, it therefore runs as `postgres` or `nobody`,
who often may not enter a checkout below a private home. The rights of directories that belong to
the user are never changed for it.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    user_id: int
    group_id: int

    def may_enter(self, directory: Path) -> bool:
        """Whether every directory on the way, as far as it exists, lets this account through."""
        whole = directory.resolve()
        return all(self._has_search_right(step) for step in (whole, *whole.parents))

    def _has_search_right(self, directory: Path) -> bool:
        try:
            status = directory.stat()
        except FileNotFoundError:
            return True
        if status.st_uid == self.user_id:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.group_id:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def unprivileged() -> Account | None:
    """The account to drop to; None where this process is not root and everything runs as its user.

    Raises KeyError where root has neither an account `postgres` nor `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise KeyError("postgres")
