"""`eoffice serve`: the web server."""

from __future__ import annotations

import click
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from eoffice.settings import settings


@click.command("serve")
def command() -> None:
    """Chạy máy chủ web."""
    chosen = settings()
    Granian(
        "eoffice.app:make",
        factory=True,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        # Metrics are counted in one process, and the handlers run in threads.
        workers=1,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()
