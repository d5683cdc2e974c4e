"""The command `eoffice`: what people and scripts type.

Each command has its module below `eoffice.commands`, which is imported when the command is called:
`eoffice verify` must answer at once on a machine that has neither database nor broker, and each
process of the office loads only what it runs.

On a machine where `scripts/start` has run, the settings come from `var/eoffice.env.json`, unless
the environment already names a database.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from pathlib import Path

import click
import structlog

from eoffice.settings import ENVIRONMENT_FILE, SettingMissing

#: Command -> module that has it as `command`, and whether it works with the running office.
COMMANDS: dict[str, tuple[str, bool]] = {
    "up": ("eoffice.commands.up", False),
    "serve": ("eoffice.commands.serve", True),
    "worker": ("eoffice.commands.worker", True),
    "beat": ("eoffice.commands.beat", True),
    "relay": ("eoffice.commands.relay", True),
    "set-up": ("eoffice.commands.set_up", True),
    "key": ("eoffice.commands.key", True),
    "migrate": ("eoffice.commands.migrate", True),
    "doctor": ("eoffice.commands.doctor", True),
    "backup": ("eoffice.commands.backup", True),
    "restore": ("eoffice.commands.restore", True),
    "audit": ("eoffice.commands.audit", True),
    "witness": ("eoffice.commands.witness", False),
    "verify": ("eoffice.commands.verify", False),
    "trust": ("eoffice.commands.trust", False),
    "demo": ("eoffice.commands.demo", True),
}


class Commands(click.Group):
    """Knows the names of all commands and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, needs_settings = COMMANDS[cmd_name]
        if needs_settings:
            _load_environment()
        command: click.Command = importlib.import_module(module).command
        return command


@click.group(cls=Commands)
def main() -> None:
    """Văn phòng điện tử của ngành giáo dục."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def run() -> None:
    """The entry point: a missing setting is a sentence, not a traceback."""
    try:
        main()
    except SettingMissing as missing:
        click.echo(str(missing), err=True)
        sys.exit(2)


def _load_environment() -> None:
    """Settings of the machine that `scripts/start` runs, where the environment names none."""
    if "DATABASE_URL" in os.environ:
        return
    file = Path(os.environ.get("EOFFICE_VAR", "var")) / ENVIRONMENT_FILE
    if file.exists():
        os.environ.update(json.loads(file.read_text(encoding="utf-8")))
