"""`eoffice up`: the whole office on this machine; `scripts/start` calls it."""

from __future__ import annotations

import sys

import click

from eoffice import machine


@click.command("up")
@click.option("--reset", is_flag=True, help="Xóa toàn bộ dữ liệu trên máy này và bắt đầu lại.")
def command(reset: bool) -> None:
    """Chạy cả văn phòng trên máy này (scripts/start)."""
    sys.exit(machine.up(reset=reset))
