"""`eoffice demo`: plays the main story against the running system and checks every fact in it."""

from __future__ import annotations

import sys

import click

from eoffice.demo import load, story
from eoffice.settings import settings


@click.command("demo")
def command() -> None:
    """Chơi lại câu chuyện chính qua giao diện HTTP của hệ thống đang chạy, kiểm tra từng việc."""
    try:
        access = load.read_access(settings().var)
    except load.NoDemo as missing:
        click.echo(missing.detail, err=True)
        sys.exit(1)
    sys.exit(story.play(access, settings().base_url))
