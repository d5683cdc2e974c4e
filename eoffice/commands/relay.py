"""`eoffice relay`: carries promises to the broker and keeps the audit log in order."""

from __future__ import annotations

import click

from eoffice import relay, worker


@click.command("relay")
def command() -> None:
    """Chuyển việc đã hứa từ cơ sở dữ liệu sang hàng đợi."""
    relay.run(worker.make(slices=()))
