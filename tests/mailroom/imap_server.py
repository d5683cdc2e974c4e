"""A real IMAP server (Dovecot) on loopback with one user, in a directory of its own."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "vanthu@senhong.example"
PASSWORD = "hoa sen Tháp Mười"
PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True, slots=True)
class ImapServer:
    port: int
    directory: Path

    @property
    def maildir(self) -> Path:
        return self.directory / "mail"

    def deliver(self, name: str, raw: bytes) -> None:
        """A message arrives, as a mail server puts it into a Maildir."""
        for part in ("new", "cur", "tmp"):
            (self.maildir / part).mkdir(parents=True, exist_ok=True)
            self._give(self.maildir / part)
        self._give(self.maildir)
        file = self.maildir / "tmp" / name
        file.write_bytes(raw)
        self._give(file)
        file.rename(self.maildir / "new" / name)

    def forget_uids(self) -> None:
        """What a restored backup does: the same messages under a new UIDVALIDITY."""
        for file in self.maildir.glob("dovecot*"):
            file.unlink()
        time.sleep(1.1)  # UIDVALIDITY is made of the second.

    def empty(self) -> None:
        shutil.rmtree(self.maildir, ignore_errors=True)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, *_account())


@contextmanager
def running(directory: Path) -> Iterator[ImapServer]:
    assert PROGRAM is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ImapServer(port, directory)
    user, group = _account()
    (directory / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n", encoding="utf-8")
    (directory / "run").mkdir()
    (directory / "state").mkdir()
    file = directory / "dovecot.conf"
    file.write_text(_CONFIGURATION.format(directory=directory, port=port, user=user, group=group))
    if os.geteuid() == 0:
        shutil.chown(directory, user, group)
        directory.chmod(0o755)
    with subprocess.Popen(
        [PROGRAM, "-F", "-c", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(port, process, directory)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], directory: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                if connection.recv(10).startswith(b"* OK"):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    log = directory / "log"
    raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else ''}")


def _account() -> tuple[str, str]:
    """Root lets somebody without rights read the mail; everybody else does it themselves."""
    if os.geteuid() == 0:
        return "nobody", grp.getgrgid(65534).gr_name
    return getpass.getuser(), grp.getgrgid(os.getegid()).gr_name


_CONFIGURATION = """
protocols = imap
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{directory}/mail
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
mailbox_list_index = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={directory}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
