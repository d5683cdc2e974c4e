"""`eoffice beat`: starts what happens by the calendar; one process in the whole system."""

from __future__ import annotations

import click

from eoffice import worker


@click.command("beat")
def command() -> None:
    """Chạy lịch việc định kỳ (một tiến trình duy nhất trong cả hệ thống)."""
    worker.make().start(["beat", "--loglevel=WARNING"])
