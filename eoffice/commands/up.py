"""`eoffice up`: the whole office on this machine; `scripts/start` calls it."""

from __future__ import annotations

import logging
import sys

import click
import structlog

from eoffice import machine


@click.command("up")
@click.option("--reset", is_flag=True, help="Xóa toàn bộ dữ liệu trên máy này và bắt đầu lại.")
def command(reset: bool) -> None:
    """Chạy cả văn phòng trên máy này (scripts/start)."""
    # The terminal is for people: what each program says is in its log below var/log.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.exit(machine.up(reset=reset))
